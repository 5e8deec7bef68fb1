"""Live functions as packages: decorated, by value, from scripts and from modules."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import zipfile

import pytest

from jupyter_lambda.capture import map_stack_trace, package_function
from jupyter_lambda.errors import CaptureError


class OurFunction:
    """As the decorator's object: it has the function as ``__wrapped__``."""

    def __init__(self, function):
        functools.update_wrapper(self, function)

    def __call__(self, *arguments):
        return self.__wrapped__(*arguments)


OurFunction.__module__ = "jupyter_lambda.client.function"


def decorate(**options):
    return OurFunction


decorate.__module__ = "jupyter_lambda.client.function"


@pytest.fixture
def decorated(notebook):
    notebook.namespace["jl"] = type("jl", (), {"function": staticmethod(decorate)})
    notebook.namespace["lam"] = decorate
    return notebook


def packaged(notebook, name):
    return package_function(notebook.namespace[name], name=name, label_of=notebook.label_of)


@pytest.mark.parametrize("decorator", ["@jl.function(memory=256,\n    timeout=3)", "@lam()"])
def test_package_function_leaves_our_decorator_out(decorated, worker, decorator):
    decorated.run(
        f"import functools\ndef twice(f):\n    @functools.wraps(f)\n    def inner(*a, **k):\n"
        f"        return 2 * f(*a, **k)\n    return inner\n"
        f"@twice\n{decorator}\n@twice\ndef area(w, h=2):\n    return w * h / w\n"
    )
    # Ours stands in the middle here, so that the outer decorator wraps our object.
    package = packaged(decorated, "area")
    assert "@lam" not in package.source
    assert "@jl" not in package.source
    assert worker(package).call({"w": 3}) == 8.0
    line = 8 + decorator.count("\n") + 3
    trace = map_stack_trace(worker(package).error({"w": 0})["stack"], package.manifest)
    assert trace[-1].startswith(f"  Cell In[1], line {line}, in area")


def test_package_function_follows_itself_and_other_decorated_functions(decorated, worker):
    decorated.run(
        "@jl.function()\ndef f(n):\n    return 1 if n < 2 else n * f(n - 1)\n"
        "@lam()\ndef area(event, context):\n    return f(event) + 1\n"
    )
    package = packaged(decorated, "area")
    assert package.handler == "lambda_function.area"
    assert worker(package).call(4) == 25


def test_package_function_finds_decorated_functions_inside_values(decorated, worker):
    decorated.run(
        "@lam()\ndef f(n):\n    return n + 1\nSTEPS = {'f': f}\n"
        "@lam()\ndef area(event, context):\n    return [STEPS['f'](event), STEPS['f'] is f]\n"
    )
    assert worker(packaged(decorated, "area")).call(4) == [5, True]


def test_package_function_warns_of_methods_that_the_plain_function_has_not(decorated):
    decorated.run(
        "@lam()\ndef f(n):\n    return n\n"
        "@lam()\ndef area(event, context):\n    return f.map(event), f.__name__\n"
    )
    (warning,) = packaged(decorated, "area").report.warnings
    assert "function 'area' uses f.map, but where it runs 'f' is the plain function" in warning


def test_package_function_keeps_closure_values_of_a_loop(decorated, worker):
    decorated.run(
        "def make(i):\n    @jl.function()\n    def area(x):\n        return x * i\n"
        "    return area\n"
        "fs = [make(i) for i in range(3)]"
    )
    packages = [package_function(f, name="area") for f in decorated.namespace["fs"]]
    assert [worker(package).call(2) for package in packages] == [0, 2, 4]
    assert len({package.sha256 for package in packages}) == 3


def test_package_function_keeps_defaults_of_a_loop(decorated, worker):
    decorated.run(
        "fs = []\nfor i in range(2):\n    @jl.function()\n    def area(x, i=i):\n"
        "        return x + i\n    fs.append(area)"
    )
    packages = [package_function(f, name="area") for f in decorated.namespace["fs"]]
    assert [worker(package).call({"x": 5}) for package in packages] == [5, 6]


@pytest.mark.parametrize(
    ("expression", "event", "expected"),
    [
        ("lambda x: x + K", 1, 11),
        ("lambda event, context: event", [1], [1]),
        ("functools.partial(pow, 2)", {"exp": 3}, 8),
        ("functools.partial(helper, y=5)", {"x": 1}, 16),
        ("Adder(4)", {"x": 1}, 15),
        ("Adder(4).add", {"x": 1}, 15),
        ("len", [1, 2], 2),
        ("math.floor", 2.5, 2),
        ("Adder.static", {"x": 2}, 4),
    ],
)
def test_package_function_takes_anything_that_can_be_called(
    notebook, worker, expression, event, expected
):
    notebook.run(
        "import functools, math\nK = 10\ndef helper(x, y):\n    return x + y + K\n"
        "class Adder:\n    def __init__(self, n):\n        self.n = n\n"
        "    def __call__(self, x):\n        return self.add(x)\n"
        "    def add(self, x):\n        return helper(x, self.n)\n"
        "    @staticmethod\n    def static(x):\n        return 2 * x\n"
        f"thing = {expression}"
    )
    if "partial(pow" in expression:
        event = {"exp": 3}
    assert worker(packaged(notebook, "thing")).call(event) == expected


def test_package_function_refuses_what_cannot_be_called():
    with pytest.raises(CaptureError, match="'area' is a int, which cannot be called"):
        package_function(3, name="area")


SCRIPT = """\
import functools
import helpers
from helpers import double as twice

SCALE = 3

class Base:
    factor = SCALE

class Thing(Base):
    def get(self):
        return twice(self.factor) + helpers.one()

def area(event, context):
    return Thing().get() / event

if __name__ == "__main__":
    import sys
    from jupyter_lambda.capture import package_function
    package = package_function(area, name="area")
    with open(sys.argv[1], "wb") as file:
        file.write(package.zip_bytes)
    print(package.manifest["source_map"][-1]["label"])
    print(package.report.text())
"""


def test_package_function_works_from_a_script_with_a_module_beside_it(tmp_path, worker):
    (tmp_path / "helpers.py").write_text(
        "def double(x):\n    return 2 * x\ndef one():\n    return 1\n"
    )
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "out.zip")],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f'File "{script}"')
    assert "helpers" in done.stdout
    assert "local module, 1 file shipped" in done.stdout
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        archive.extractall(folder)
    check = (
        "import sys; sys.path.insert(0, sys.argv[1]); import lambda_function; "
        "print(lambda_function.area(1, None))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", check, str(folder)],
        capture_output=True, text=True, timeout=60, check=True, cwd="/",
    )  # fmt: skip
    assert ran.stdout == "7.0\n"


_WITHOUT_SOURCE = """
import sys
from jupyter_lambda.capture import package_function
K = 2
class Point:
    def __init__(self, x):
        self.x = x
ORIGIN = Point(1)
def helper(p):
    return isinstance(p, Point) and isinstance(ORIGIN, Point) and p.x * K + ORIGIN.x
def area(x):
    return helper(Point(x))
package = package_function(area, name="area")
with open(sys.argv[1], "wb") as file:
    file.write(package.zip_bytes)
print(package.report.text())
"""


def test_package_function_works_where_there_is_no_source(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_SOURCE, str(tmp_path / "out.zip")],
        capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    if sys.version_info < (3, 13):  # from then on Python keeps the text of ``-c``
        assert "its source cannot be found" in done.stdout
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        archive.extractall(tmp_path / "unpacked")
    check = (
        "import sys; sys.path.insert(0, sys.argv[1]); import lambda_function; "
        "print(lambda_function.lambda_handler({'x': 20}, None))"
    )
    ran = subprocess.run(
        [sys.executable, "-I", "-c", check, str(tmp_path / "unpacked")],
        capture_output=True, text=True, timeout=60, check=True, cwd="/",
    )  # fmt: skip
    assert ran.stdout == "41\n"


def test_package_function_copies_from_the_function_s_own_module(tmp_path, worker, monkeypatch):
    (tmp_path / "own_module.py").write_text(
        "import own_other\nLIMIT = 4\ndef helper(x):\n    return own_other.add(x, LIMIT)\n"
        "def area(event, context):\n    return helper(event)\n"
    )
    (tmp_path / "own_other.py").write_text("def add(x, y):\n    return x + y\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import own_module

    package = package_function(own_module.area, name="area")
    assert "def helper" in package.source
    assert {row.name: str(row.kind) for row in package.report.rows}["own_other"] == "module"
    assert worker(package).call(1) == 5
