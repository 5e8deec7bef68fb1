"""Runs a package as a worker would: a clean interpreter, ``python -I``, the package dir alone."""

from __future__ import annotations

import ast
import itertools
import json
import linecache
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from jupyter_lambda.capture import CellOrigin, Package, package_cell

_RUNNER = """
import json, sys, traceback
sys.path.insert(0, sys.argv[1])
import importlib
module = importlib.import_module("lambda_function")
handler = getattr(module, sys.argv[2])
outcomes = []
for event in json.loads(sys.argv[3]):
    try:
        outcomes.append({"result": handler(event, None)})
    except Exception as error:
        stack = traceback.format_list(traceback.extract_tb(error.__traceback__))
        outcomes.append({"error": type(error).__name__, "message": str(error), "stack": stack})
print(json.dumps(outcomes))
"""


class Worker:
    """One package, unpacked into a folder of its own."""

    def __init__(self, package: Package, folder: Path) -> None:
        self.folder = folder
        self._handler = package.handler.partition(".")[2]
        with zipfile.ZipFile(BytesIO(package.zip_bytes)) as archive:
            archive.extractall(folder)

    def outcomes(self, *events: Any) -> list[dict[str, Any]]:
        command = [sys.executable, "-I", "-c", _RUNNER]
        done = subprocess.run(
            [*command, str(self.folder), self._handler, json.dumps(events)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd="/",
            check=False,
        )
        assert done.returncode == 0, done.stderr
        outcomes: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
        return outcomes

    def call(self, event: Any = None) -> Any:
        (outcome,) = self.outcomes(event)
        assert "result" in outcome, outcome
        return outcome["result"]

    def error(self, event: Any = None) -> dict[str, Any]:
        (outcome,) = self.outcomes(event)
        assert "error" in outcome, outcome
        return outcome


class Notebook:
    """A kernel's namespace: each cell is compiled under its own file name, as ipykernel does."""

    def __init__(self, pid: int = 4242) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        self._pid = pid
        self._numbers = itertools.count(1)
        self._labels: dict[str, str] = {}

    def run(self, source: str) -> None:
        filename, _ = self._register(source)
        exec(compile(source, filename, "exec", dont_inherit=True), self.namespace)

    def run_by_statement(self, source: str) -> dict[str, Any]:
        """Run a cell as IPython does, each statement compiled alone."""
        filename, _ = self._register(source)
        for statement in ast.parse(source).body:
            module = ast.Module(body=[statement], type_ignores=[])
            exec(compile(module, filename, "exec", dont_inherit=True), self.namespace)
        return self.namespace

    def package(self, source: str, *, name: str = "area", first_line: int = 1) -> Package:
        filename, label = self._register(source)
        return package_cell(
            source,
            self.namespace,
            name=name,
            cell=CellOrigin(label, filename, first_line),
            label_of=self.label_of,
        )

    def label_of(self, filename: str) -> str | None:
        return self._labels.get(filename)

    def _register(self, source: str) -> tuple[str, str]:
        number = next(self._numbers)
        filename = f"/tmp/ipykernel_{self._pid}/{abs(hash(source))}{number}.py"
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        self._labels[filename] = f"Cell In[{number}]"
        return filename, self._labels[filename]


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def worker(tmp_path: Path) -> Callable[[Package], Worker]:
    numbers = itertools.count()

    def unpack(package: Package) -> Worker:
        folder = tmp_path / f"package{next(numbers)}"
        folder.mkdir()
        return Worker(package, folder)

    return unpack
