"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_lambda

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "jupyter_lambda").rglob("*.py"))
FILE_MAX_LINES = 500
FUNCTION_MAX_LINES = 60


@pytest.mark.parametrize(
    "command",
    [
        ["lint-imports", "--no-cache"],
        [sys.executable, "-m", "ruff", "check", "."],
        [sys.executable, "-m", "ruff", "format", "--check", "."],
        [sys.executable, "-m", "mypy"],
    ],
    ids=["layers", "lint", "format", "types"],
)
def test_code_passes(command: list[str]) -> None:
    folder = Path(sys.executable).parent
    if not command[0].startswith("/"):
        command = [str(folder / command[0]), *command[1:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_is_small_and_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says where in the flow it stands"
    assert text.count("\n") <= FILE_MAX_LINES
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_MAX_LINES
    ]
    assert not long


def test_public_names_are_these_and_can_be_had() -> None:
    assert jupyter_lambda.__all__ == [
        "CaptureError",
        "Function",
        "FunctionError",
        "InvalidParameterValue",
        "LambdaError",
        "ResourceNotFound",
        "Run",
        "RunInputError",
        "ServiceUnavailable",
        "Session",
        "WorkerLost",
        "connect",
        "function",
        "functions",
        "get",
        "run",
        "runs",
        "status",
        "stop",
        "usage",
    ]
    for name in jupyter_lambda.__all__:
        assert getattr(jupyter_lambda, name).__doc__


def test_importing_the_package_imports_next_to_nothing() -> None:
    program = "import sys, jupyter_lambda; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"IPython", "asyncio", "cloudpickle", "dask", "distributed", "tornado"}


def test_version_is_one() -> None:
    assert jupyter_lambda.__version__ == importlib.metadata.version("jupyter_lambda")
