"""What a handler needs from the notebook, in the form in which it travels."""

from __future__ import annotations

import pytest

from jupyter_lambda.errors import CaptureError


def rows(package):
    return {row.name: (str(row.kind), str(row.by)) for row in package.report.rows}


def test_closure_leaves_unused_values_alone(notebook):
    notebook.run("import threading\nlock = threading.Lock()\nbig = bytes(50_000_000)\nused = 1")
    package = notebook.package("def area(event, context):\n    return used")
    assert rows(package) == {"used": ("constant", "value")}


@pytest.mark.parametrize(
    ("setup", "name", "remedy"),
    [
        ("import threading\nthing = threading.Lock()", "_thread.lock", "inside the function"),
        ("import sqlite3\nthing = sqlite3.connect(':memory:')", "sqlite3", "inside the function"),
        ("thing = (x for x in 'ab')", "generator", "list first"),
        ("thing = open('/dev/null')", "TextIOWrapper", "Open the file"),
        ("thing = open('/dev/null', 'rb')", "BufferedReader", "Open the file"),
        ("import socket\nthing = {'deep': [socket.socket()]}", "dict", "inside the function"),
    ],
)
def test_closure_names_the_variable_that_cannot_be_pickled(notebook, setup, name, remedy):
    notebook.run(setup)
    notebook.run("def helper():\n    return thing")
    with pytest.raises(CaptureError) as caught:
        notebook.package("def area(event, context):\n    return helper()")
    message = str(caught.value)
    assert "'thing'" in message
    assert "function 'helper'" in message
    assert name in message
    assert remedy in message


def test_closure_says_why_a_function_can_travel_in_no_way(notebook):
    notebook.run(
        "import functools\n@functools.singledispatch\ndef show(x):\n    return 1\n"
        "@show.register\ndef _(x: int):\n    return 2"
    )
    with pytest.raises(CaptureError, match=r"'show'.*were registered with it.*same cell"):
        notebook.package("def area(event):\n    return show(event)")


def test_closure_refuses_a_large_value_with_its_size_and_the_limit(notebook):
    notebook.run("table = bytearray(50_000_000)")
    with pytest.raises(CaptureError, match=r"'table' \(bytearray\).* 50\.0 MB; .* 20\.0 MB"):
        notebook.package("def area(event, context):\n    return len(table)")


def test_closure_refuses_a_large_array(notebook):
    notebook.run("import numpy as np\ntable = np.zeros((2500, 2500))")
    with pytest.raises(
        CaptureError, match=r"'table' \(numpy.ndarray\).* 50\.0 MB.*inside the func"
    ):
        notebook.package("def area(event, context):\n    return table.sum()")


def test_closure_warns_of_a_value_that_every_environment_must_load(notebook, worker):
    notebook.run("table = bytes(1_500_000)")
    package = notebook.package("def area(event, context):\n    return len(table)")
    assert worker(package).call() == 1_500_000
    (warning,) = package.report.warnings
    assert "'table' adds 1.5 MB" in warning


def test_closure_warns_of_a_name_that_is_defined_nowhere(notebook):
    notebook.run(
        "def helper():\n    return nowhere + later\ndef init():\n    global later\n    later = 1"
    )
    package = notebook.package("def area(event, context):\n    init()\n    return helper()")
    (warning,) = package.report.warnings
    assert "function 'helper' reads 'nowhere'" in warning


def test_closure_refuses_a_shell_command_in_a_helper(notebook):
    notebook.run("def helper():\n    return get_ipython().getoutput('ls')")
    notebook.namespace["get_ipython"] = lambda: None
    with pytest.raises(CaptureError, match="function 'helper' uses 'get_ipython'"):
        notebook.package("def area(event, context):\n    return helper()")


def test_closure_uses_python_s_own_open_in_place_of_the_shell_s(notebook, worker):
    from IPython.core.interactiveshell import _modified_open

    notebook.namespace["open"] = _modified_open
    package = notebook.package("def area(event, context):\n    return open.__module__")
    assert worker(package).call() in ("io", "_io")
    assert package.report.rows == ()


def test_closure_reports_how_each_name_travels(notebook):
    notebook.run(
        "import json\nfrom math import floor\nN = 1\ntable = list(range(1000))\n"
        "def plain():\n    return 1\nclass Thing:\n    pass\n"
        "def make(n):\n    return lambda: n\nmade = make(1)"
    )
    package = notebook.package(
        "def area(event, context):\n    return json, floor, N, table, plain, Thing, made"
    )
    assert rows(package) == {
        "N": ("constant", "value"),
        "Thing": ("class", "source"),
        "floor": ("import", "reference"),
        "json": ("import", "reference"),
        "made": ("pickle", "value"),
        "plain": ("function", "source"),
        "table": ("asset", "value"),
    }


def test_closure_prefers_the_live_class_when_it_was_changed(notebook, worker):
    notebook.run("class Thing:\n    def a(self):\n        return 1")
    notebook.run("Thing.b = lambda self: 2")
    package = notebook.package("def area(event, context):\n    return Thing().a() + Thing().b()")
    assert rows(package)["Thing"] == ("pickle", "value")
    assert worker(package).call() == 3


def test_closure_takes_the_latest_definition_of_a_name(notebook, worker):
    notebook.run("class Settings:\n    LEVEL = 1\ndef f():\n    return 1")
    notebook.run("class Settings:\n    LEVEL = 2\ndef f():\n    return 2")
    package = notebook.package("def area(event, context):\n    return [Settings.LEVEL, f()]")
    assert worker(package).call() == [2, 2]


def test_closure_does_not_trust_a_file_that_changed_since(notebook, worker, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("def f():\n    return 'old'\n")
    exec(compile(script.read_text(), str(script), "exec"), notebook.namespace)
    script.write_text("def f():\n    return 'new'\n")
    package = notebook.package("def area(event, context):\n    return f()")
    assert rows(package)["f"] == ("pickle", "value")
    assert worker(package).call() == "old"
