"""The quickstart runs without a browser, tells what it did, and says what it cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_lambda import ServiceUnavailable, demo
from jupyter_lambda.client.session import connect

DEMO_TIMEOUT_S = 300
DAYS = 365
FAILED_AT_FIRST = 27
"""Twenty-five days with a departure at 2400, two without weather."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "home"
    try:
        connect(tmp_path / "home", start=False).stop()
    except ServiceUnavailable:
        return


def test_demo_runs_every_day_of_the_year_and_shows_the_bill(home: Path, tmp_path: Path) -> None:
    executed = tmp_path / "executed.ipynb"
    command = [sys.executable, "-m", "jupyter_lambda.demo"]
    finished = subprocess.run(
        [*command, "--home", str(home), "--output", str(executed)],
        capture_output=True,
        text=True,
        timeout=DEMO_TIMEOUT_S,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert f"{DAYS} of {DAYS} ok, {FAILED_AT_FIRST} retried" in finished.stdout
    assert re.search(rf"of which {FAILED_AT_FIRST} failed", finished.stdout)
    assert re.search(r"list price +\$0\.000\d{3}\n +free tier +-\$0\.000\d{3}\n", finished.stdout)

    cells = {cell["id"]: cell for cell in json.loads(executed.read_text())["cells"]}
    for cell in ("queue", "define-function"):
        assert f"Cell In[{cells[cell]['execution_count']}]" in _text(cells["show-failures"])
    chart = cells["draw-calendar"]["outputs"][0]["data"]["application/vnd.vegalite.v5+json"]
    assert len(chart["data"]["values"]) == DAYS


def test_demo_shows_the_traceback_of_a_failing_cell_and_fails(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text(_notebook("divide", "1 / 0"))
    monkeypatch.setattr(demo, "find_notebook", lambda: broken)
    assert demo.main(["--home", str(home)]) == 1
    told = capsys.readouterr()
    assert "1/1  divide" in told.out
    assert "cell 1 of 1 (divide) failed" in told.err
    assert "ZeroDivisionError" in told.err


def _text(cell: dict[str, object]) -> str:
    return json.dumps(cell["outputs"])


def _notebook(name: str, source: str) -> str:
    cell = {
        "cell_type": "code",
        "id": name,
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
