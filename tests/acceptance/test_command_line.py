"""The same functions from a terminal: ``jupyter lambda`` against the real service."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_lambda import cli
from jupyter_lambda.capture import CellOrigin, package_cell
from jupyter_lambda.client.session import Session

AREA = """
def area(event, context):
    print("side", event)
    if event == 13:
        raise KeyError("unlucky")
    return {"area": event * event}
"""

Finished = subprocess.CompletedProcess[str]
Command = Callable[..., Finished]


@pytest.fixture
def command(shared_session: Session) -> Command:
    """Runs ``jupyter lambda`` with the function of ``AREA`` deployed."""
    origin = CellOrigin("Cell In[1]", "<cell>")
    shared_session.deploy(package_cell(AREA, {}, name="area", cell=origin), name="area")

    def run(*words: str, stdin: str = "") -> Finished:
        verb, *rest = words
        return subprocess.run(
            [
                *(sys.executable, "-m", "jupyter_lambda.cli"),
                *(verb, "--home", str(shared_session.home), *rest),
            ],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_invoke_prints_the_result_as_json(command: Command) -> None:
    finished = command("invoke", "area", "4")
    assert (finished.returncode, json.loads(finished.stdout)) == (cli.OK, {"area": 16})
    assert json.loads(command("invoke", "area", "-", stdin="5").stdout) == {"area": 25}


def test_failing_function_ends_with_its_traceback(command: Command) -> None:
    finished = command("invoke", "area", "13")
    assert finished.returncode == cli.FUNCTION_FAILED
    assert finished.stdout == ""
    assert "KeyError: 'unlucky'" in finished.stderr
    assert "Cell In[1], line 5, in area" in finished.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["invoke", "nowhere"], "nowhere"),
        (["invoke", "area", "{x"], "'{x' is not JSON"),
        (["map", "area", "/nowhere.jsonl"], "cannot be read"),
        (["run", "nowhere"], "nowhere"),
        (["logs", "nowhere"], "no function, no run and no request id"),
        (["cost", "--month", "May"], "YYYY-MM"),
    ],
)
def test_wrong_request_is_told_in_one_line(command: Command, words: list[str], told: str) -> None:
    finished = command(*words)
    assert finished.returncode == cli.INVALID
    assert finished.stderr.startswith("jupyter lambda: ")
    assert told in finished.stderr
    assert "Traceback" not in finished.stderr


def test_map_prints_a_result_for_each_line_and_can_be_retried(
    command: Command, tmp_path: Path
) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("1\n13\n\n3\n")
    mapped = command("map", "area", str(events))
    assert mapped.returncode == cli.FUNCTION_FAILED
    assert [json.loads(line) for line in mapped.stdout.splitlines()] == [
        {"area": 1},
        None,
        {"area": 9},
    ]
    assert "area · 2/3 ok · 1 failed (1 KeyError)" in mapped.stderr
    run_id = mapped.stderr.rstrip().rpartition("jupyter lambda retry ")[2]
    assert command("retry", run_id).returncode == cli.FUNCTION_FAILED
    shown = command("run", run_id, "--json")
    assert (shown.returncode, json.loads(shown.stdout)["failures"]) == (
        cli.FUNCTION_FAILED,
        {"KeyError": 1},
    )
    assert command("cancel", run_id).returncode == cli.OK
    assert "side 13" in command("logs", run_id).stdout
    assert "requests         4" in command("cost", run_id).stdout


def test_views_are_text_and_json(command: Command) -> None:
    command("invoke", "area", "2")
    listed = json.loads(command("list", "--json").stdout)
    assert [function["name"] for function in listed] == ["area"]
    assert "free tier" in command("cost").stdout
    assert "arn:aws:lambda" in command("show", "area").stdout
    assert json.loads(command("status", "--json").stdout)["functions"] == 1


def test_logs_follow_what_comes(command: Command, shared_session: Session) -> None:
    command("invoke", "area", "2")
    following = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_lambda.cli", "logs", "area", "-f"),
            *("--home", str(shared_session.home)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None
    try:
        while "side 2" not in following.stdout.readline():
            assert following.poll() is None
        shared_session.get("area").invoke(77)
        while "side 77" not in following.stdout.readline():
            assert following.poll() is None
    finally:
        following.terminate()
        following.wait()
        following.stdout.close()
