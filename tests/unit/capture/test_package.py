"""Whole packages: their digests, their manifests, and what they do on a worker."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import zipfile
from io import BytesIO

import pytest

from jupyter_lambda.capture import map_stack_trace
from jupyter_lambda.errors import CaptureError, CellSyntaxError

SETUP = """\
import numpy as np
WORDS = {"b", "a", "c"}
MANY = {f"word {n}" for n in range(500)}
TABLE = np.arange(1000.0)
exec("class Hidden:\\n    def __init__(self):\\n        self.words = MANY")
THING = Hidden()
def adder(n):
    return lambda x: x + n
add = adder(3)
def helper(x):
    return add(x) + len(WORDS) + len(MANY) + TABLE[0] + len(THING.words)
"""
CELL = "def area(event, context):\n    return float(helper(event))"


def test_package_holds_the_file_the_assets_and_the_manifest(notebook):
    notebook.run(SETUP)
    package = notebook.package(CELL)
    with zipfile.ZipFile(BytesIO(package.zip_bytes)) as archive:
        assert archive.namelist() == [
            "assets/Hidden.pickle",
            "assets/MANY.pickle",
            "assets/TABLE.pickle",
            "assets/THING.pickle",
            "assets/add.pickle",
            "lambda_function.py",
            "manifest.json",
        ]
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("lambda_function.py").decode() == package.source
    assert package.sha256 == hashlib.sha256(package.zip_bytes).hexdigest()
    assert package.handler == manifest["handler"] == "lambda_function.area"
    assert package.preload == ("cloudpickle", "numpy")
    assert manifest["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert list(manifest["distributions"]) == ["cloudpickle", "numpy"]
    assert {row["name"] for row in manifest["captures"]} >= {"WORDS", "MANY", "helper"}
    assert manifest.items() <= package.manifest.items()


def test_package_runs_with_numpy_and_values_of_every_kind(notebook, worker):
    notebook.run(SETUP)
    assert worker(notebook.package(CELL)).call(1) == 1007.0


def test_package_is_the_same_when_all_cells_run_again(notebook):
    notebook.run(SETUP)
    first = notebook.package(CELL)
    notebook.run("unrelated = 1")
    notebook.run(SETUP)
    second = notebook.package(CELL)
    assert second.sha256 == first.sha256
    labels = [
        {segment["label"] for segment in package.manifest["source_map"]}
        for package in (first, second)
    ]
    assert labels == [{"Cell In[1]", "Cell In[2]"}, {"Cell In[4]", "Cell In[5]"}]


_OTHER_KERNEL = """
import importlib, sys
sys.path.insert(0, {root!r})
conftest = importlib.import_module("tests.unit.capture.conftest")
notebook = conftest.Notebook(pid={pid})
notebook.run({setup!r})
print(notebook.package({cell!r}).sha256)
"""


def test_package_is_the_same_in_another_kernel(request):
    digests = set()
    for pid in (1, 2):
        script = _OTHER_KERNEL.format(
            root=str(request.config.rootpath), pid=pid, setup=SETUP, cell=CELL
        )
        environment = {**os.environ, "PYTHONHASHSEED": str(pid)}
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True, text=True, env=environment, timeout=60, check=True,
        )  # fmt: skip
        digests.add(done.stdout)
    assert len(digests) == 1


@pytest.mark.parametrize(
    "change",
    ["WORDS.add('d')", "TABLE[0] = 1", "def helper(x):\n    return 2", "add = adder(4)"],
)
def test_package_changes_with_what_is_captured(notebook, change):
    notebook.run(SETUP)
    before = notebook.package(CELL).sha256
    notebook.run(change)
    assert notebook.package(CELL).sha256 != before


@pytest.mark.parametrize(
    ("cell", "function"),
    [("def area(x):\n    return x", "area"), ("def b(event): ...", "b"), ("event + 1", None)],
)
def test_package_tells_the_author_s_own_function(notebook, cell, function):
    assert notebook.package(cell).function == function


def test_package_tells_which_names_nothing_defines(notebook):
    notebook.run("def helper():\n    return later")
    assert notebook.package("def area(event):\n    return helper(), soon").undefined == (
        "later",
        "soon",
    )


def test_package_keeps_the_author_s_words(notebook):
    cell = "# why\ndef area(event, context):  # here\n\n    return  event   # odd  spacing\n\n"
    assert cell.rstrip() in notebook.package(cell).source


def test_package_leaves_out_empty_lines_above_the_cell_s_code(notebook, worker):
    package = notebook.package("\n\n\ndef area(event, context):\n    return 1 / event")
    assert package.source.count("\n\n\n") == 1
    trace = map_stack_trace(_as_on_aws(worker(package).error(0)["stack"]), package.manifest)
    assert trace[-1].startswith("  Cell In[1], line 5, in area")


def test_package_lifts_future_imports(notebook, worker):
    package = notebook.package(
        '"""Doc."""\nfrom __future__ import annotations\n\n'
        "def area(event: Nowhere, context):\n    return area.__annotations__"
    )
    assert worker(package).call() == {"event": "Nowhere"}


def test_package_knows_future_imports_of_earlier_cells(notebook, worker):
    notebook.run("from __future__ import annotations")
    package = notebook.package("def area(event: Nowhere, context):\n    return 1")
    assert worker(package).call() == 1


def test_package_refuses_a_name_that_loading_would_miss(notebook):
    with pytest.raises(CaptureError, match=r"Cell In\[1\], line 3 reads 'nowhere' as soon as"):
        notebook.package("x = nowhere + 1\ndef area(event): ...", first_line=3)


def test_package_only_warns_where_the_cell_may_be_careful(notebook):
    package = notebook.package(
        "try:\n    nowhere\nexcept NameError:\n    nowhere = 1\n"
        "def area(event):\n    return nowhere"
    )
    assert package.report.warnings == ()


def test_package_names_the_line_of_a_late_syntax_error(notebook):
    with pytest.raises(CellSyntaxError, match=r"Cell In\[1\], line 3 does not parse: 'return'"):
        notebook.package("def area(event):\n    pass\nreturn 1")


def test_package_warns_of_code_that_runs_when_an_environment_starts(notebook):
    package = notebook.package("def area(event):\n    return event\narea(3)", first_line=2)
    (warning,) = package.report.warnings
    assert warning.startswith("line 4 (area(3)) is outside of the handler")


def test_package_warns_of_modules_that_are_not_installed(notebook):
    package = notebook.package("def area(event):\n    import no_such_module_anywhere")
    assert package.report.warnings == (
        "module 'no_such_module_anywhere' is imported but not installed here",
    )


def test_package_needs_no_names_that_a_star_import_binds(notebook, worker):
    package = notebook.package("from math import *\nTWO = floor(2.5)\ndef area(x):\n    return TWO")
    assert worker(package).call(1) == 2
    assert package.report.warnings == ()


def test_package_takes_the_notebook_s_value_of_a_name_that_the_cell_binds_again(notebook, worker):
    notebook.run("rows = [3, 1, 2]")
    package = notebook.package("rows = sorted(rows)\ndef area(event):\n    return rows")
    assert worker(package).call() == [1, 2, 3]


def test_package_refuses_a_zip_over_the_limit(notebook):
    notebook.run("import os\na, b, c = (os.urandom(19_000_000) for _ in range(3))")
    with pytest.raises(CaptureError, match=r"57\.\d MB zipped; the limit is 52\.4 MB.*assets/a"):
        notebook.package("def area(event):\n    return a, b, c")


def test_package_is_fast(notebook):
    notebook.run("import math, json\nK = 2\ndef helper(x):\n    return math.floor(x) * K")
    cell = "def area(event, context):\n    return json.dumps(helper(event))"
    notebook.package(cell)
    best = min(_seconds(lambda: notebook.package(cell)) for _ in range(10))
    assert best < 0.02


def _seconds(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def test_stack_trace_points_into_the_cells(notebook, worker):
    notebook.run("\n\ndef helper(x):\n    return 1 / x\n")
    package = notebook.package(
        "import math\n\ndef area(event, context):\n    return helper(event)", first_line=2
    )
    trace = map_stack_trace(_as_on_aws(worker(package).error(0)["stack"]), package.manifest)
    assert [entry.splitlines()[:2] for entry in trace[-2:]] == [
        ["  Cell In[2], line 5, in area", "    return helper(event)"],
        ["  Cell In[1], line 4, in helper", "    return 1 / x"],
    ]


def test_stack_trace_points_into_the_body_of_a_cell(notebook, worker):
    package = notebook.package("import math\nfrom os import sep\nx = event\n\n1 / x")
    trace = map_stack_trace(_as_on_aws(worker(package).error(0)["stack"]), package.manifest)
    assert trace[-1].startswith("  Cell In[1], line 5, in lambda_handler\n")


def test_stack_trace_points_into_the_cell_of_a_function_that_travels_by_value(notebook, worker):
    notebook.run(
        "def make(n):\n    def inner(x):\n        return n / x\n    return inner\nf = make(1)"
    )
    package = notebook.package("def area(event, context):\n    return f(event)")
    trace = map_stack_trace(worker(package).error(0)["stack"], package.manifest)
    assert trace[-1].startswith("  Cell In[1], line 3, in inner")


def _as_on_aws(stack):
    return [f'  File "/var/task/lambda_function.py"{entry.split("lambda_function.py", 1)[1][1:]}'
            if "lambda_function.py" in entry else entry for entry in stack]  # fmt: skip
