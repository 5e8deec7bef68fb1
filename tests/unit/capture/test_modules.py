"""Where modules come from, and the local ones that are shipped."""

from __future__ import annotations

import importlib.util

import pytest

from jupyter_lambda.capture.modules import Home, Modules, distributions_of, home_of, local_files
from jupyter_lambda.errors import CaptureError


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder on the module path, as the notebook's own is."""
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/', 1)}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        importlib.invalidate_caches()
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("top", "home"),
    [
        ("json", Home.STANDARD),
        ("builtins", Home.STANDARD),
        ("_pickle", Home.STANDARD),
        ("numpy", Home.INSTALLED),
        ("dateutil", Home.INSTALLED),
        ("jupyter_lambda", Home.INSTALLED),
        ("no_such_module_anywhere", Home.MISSING),
    ],
)
def test_home_of_knows_who_provides_a_module(top, home):
    assert home_of(top) is home


def test_home_of_a_module_beside_the_notebook_is_local(beside):
    beside(local_one="x = 1")
    assert home_of("local_one") is Home.LOCAL


def test_distributions_of_finds_a_distribution_of_another_name():
    ((name, version),) = distributions_of("dateutil")
    assert name == "python-dateutil"
    assert version[0].isdigit()


def test_modules_ship_a_local_module_with_what_it_imports_in_turn(beside):
    beside(
        local_two="def f():\n    import local_three\n",
        local_three="import numpy\nfrom local_package import deep\n",
        local_package____init__="",
        local_package__deep="from . import sibling\n",
        local_package__sibling="import json\n",
    )
    modules = Modules()
    modules.need("local_two.anything")
    assert sorted(modules.shipped) == ["local_package", "local_three", "local_two"]
    assert sorted(modules.shipped["local_package"]) == [
        "local_package/__init__.py",
        "local_package/deep.py",
        "local_package/sibling.py",
    ]
    assert list(modules.distributions()) == ["numpy"]
    assert modules.missing == set()


def test_local_files_hold_data_but_no_caches_or_hidden_files(beside):
    folder = beside(local_package____init__="") / "local_package"
    for name in ("table.csv", ".secret", "__pycache__/x.pyc", "old.pyc"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("1")
    assert sorted(local_files("local_package")) == [
        "local_package/__init__.py",
        "local_package/table.csv",
    ]


def test_local_files_refuse_a_large_package(beside):
    folder = beside(local_package____init__="") / "local_package"
    (folder / "data.bin").write_bytes(bytes(1_200_000))
    with pytest.raises(CaptureError, match=r"'local_package' has 1\.2 MB .* limit is 1\.0 MB"):
        local_files("local_package")


def test_local_files_refuse_the_name_of_the_generated_file(beside):
    beside(lambda_function="")
    with pytest.raises(CaptureError, match=r"'lambda_function' .* its name is taken"):
        local_files("lambda_function")


def test_local_files_refuse_a_compiled_extension(beside):
    folder = beside(local_one="")
    suffix = importlib.machinery.EXTENSION_SUFFIXES[0]
    (folder / f"local_fast{suffix}").write_bytes(b"\x7fELF")
    importlib.invalidate_caches()
    with pytest.raises(CaptureError, match="compiled extension"):
        local_files("local_fast")


@pytest.mark.parametrize(
    "cell",
    [
        "import local_tool\ndef area(event):\n    return local_tool.f(event)",
        "from local_tool import f\ndef area(event):\n    return f(event)",
        "def area(event):\n    from local_tool import f\n    return f(event)",
        "def area(event):\n    return local_tool.f(event)",
        "def area(event):\n    return short(event)",
        "def area(event):\n    return THING.f(event)",
    ],
)
def test_local_module_travels_however_it_is_reached(beside, notebook, worker, cell):
    beside(
        local_tool="import local_more\ndef f(x):\n    return local_more.STEP + x\n"
        "class Thing:\n    def f(self, x):\n        return f(x)\n",
        local_more="STEP = 10\n",
    )
    notebook.run("import local_tool\nfrom local_tool import f as short\nTHING = local_tool.Thing()")
    package = notebook.package(cell)
    assert worker(package).call(1) == 11
    shipped = {row.name for row in package.report.rows if row.kind == "module"}
    assert shipped == {"local_tool", "local_more"}
    assert "local_tool" not in package.preload
