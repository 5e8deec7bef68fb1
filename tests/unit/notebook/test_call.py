from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest

from jupyter_lambda.client.session import Answer
from jupyter_lambda.errors import FunctionError, ResourceNotFound
from jupyter_lambda.notebook.call import invoke_showing_output, summary

PLATFORM = [(1, "platform", "START\n"), (4, "platform", "REPORT\n")]


class OneCall:
    """A session that knows one function, whose call writes lines and then answers."""

    def __init__(self, attempt: Any, answer: bytes, *, error: bool = False) -> None:
        self.answer = Answer(answer, error, attempt, attempt["request_id"])
        self.lines: list[dict[str, Any]] = []
        self.may_end = threading.Event()
        self.may_end.set()
        self.looked = 0

    def write(self, *lines: tuple[int, str, str]) -> None:
        self.lines += [{"sequence": n, "stream": s, "text": text} for n, s, text in lines]

    def describe(self, name: str) -> dict[str, Any]:
        if name != "resize":
            raise ResourceNotFound(f"Function not found: {name}")
        return {"running": 0, "manifest": {}}

    def logs(self, function: str = "", request_id: str = "", limit: int = 0) -> list[Any]:
        if function and limit > 1:
            self.looked += 1
            self.may_end.set()
        return [] if function and limit == 1 else list(self.lines)

    def invoke_raw(self, name: str, payload: bytes, content_type: str) -> Answer:
        assert self.may_end.wait(10)
        return self.answer


def call(session: OneCall) -> Any:
    return invoke_showing_output(session, "resize", {"x": 1})  # type: ignore[arg-type]


def test_call_shows_output_and_what_it_took(
    make_attempt: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session = OneCall(make_attempt(), pickle.dumps(42))
    session.write(PLATFORM[0], (2, "stdout", "side 4\n"), (3, "stderr", "hm"), PLATFORM[1])
    assert call(session) == 42
    told = capsys.readouterr()
    assert told.out == f"side 4\n{summary(make_attempt())}\n"
    assert told.err == "hm\n"


def test_summary_has_duration_bill_memory_and_cost(make_attempt: Any) -> None:
    assert summary(make_attempt()).startswith(
        "12 ms (init 101 ms) · billed 114 ms · 38/256 MB · $0.00000067 · request 0f3a1c52"
    )


def test_long_call_shows_each_line_once_while_it_lasts(
    make_attempt: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session = OneCall(make_attempt(), pickle.dumps(None))
    session.may_end.clear()
    session.write(PLATFORM[0], (2, "stdout", "step 0\n"), (3, "stdout", "step 1\n"))
    call(session)
    assert session.looked == 1
    assert capsys.readouterr().out.startswith("step 0\nstep 1\n12 ms")


def test_failed_call_raises_the_error_and_leaves_the_logged_traceback_out(
    make_attempt: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    body = b'{"errorType": "KeyError", "errorMessage": "x", "stackTrace": []}'
    session = OneCall(make_attempt(), body, error=True)
    session.write((2, "stdout", "side 4\n"), (3, "stdout", "[ERROR] KeyError: x\nTraceback"))
    with pytest.raises(FunctionError, match="KeyError: x"):
        call(session)
    assert capsys.readouterr().out == "side 4\n"


def test_call_of_an_unknown_function_sends_nothing(make_attempt: Any) -> None:
    session = OneCall(make_attempt(), b"")
    with pytest.raises(ResourceNotFound):
        invoke_showing_output(session, "nowhere", None)  # type: ignore[arg-type]
