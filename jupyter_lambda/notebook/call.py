"""``%lambda invoke``: one call whose output is seen, live when it takes long.

The call is made in a thread and this one prints, since only what the cell's own thread prints is
sure to land in the cell. Until the answer names the request, only a function that nobody else
is running can be followed; otherwise the lines are shown when the call has ended.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any

from jupyter_lambda.client.codec import CONTENT_TYPE, dump_event, load_result
from jupyter_lambda.client.failure import function_error
from jupyter_lambda.client.session import Answer, Session
from jupyter_lambda.notebook import figures

Json = dict[str, Any]
_LOOK_EVERY_S = 0.5
_LOGGED_ERROR = "[ERROR] "


def invoke_showing_output(session: Session, name: str, event: Any) -> Any:
    """The handler's result; its output goes to ours, followed by what the call took.

    Raises:
        FunctionError: the handler failed.
    """
    content = session.describe(name)
    payload = dump_event(event)
    seen = _last_sequence(session.logs(function=name, limit=1))
    future = _call(session, name, payload)
    while not _done_within(future, _LOOK_EVERY_S):
        if not content["running"]:
            seen = _print(session.logs(function=name, limit=200), after=seen)
    answer = future.result()
    lines = session.logs(request_id=answer.request_id)
    if answer.error:
        # The runtime logs the traceback too; the error that we raise tells it in terms of the cell.
        _print((line for line in lines if not line["text"].startswith(_LOGGED_ERROR)), after=seen)
        raise function_error(
            answer.body,
            function_name=name,
            manifest=content["manifest"],
            request_id=answer.request_id,
        )
    _print(lines, after=seen)
    print(summary(answer.report))
    return load_result(answer.body)


def summary(report: Json) -> str:
    """What one call took: ``12.3 ms (init 101 ms) · billed 114 ms · 38/256 MB · $0.00000067``."""
    init = report["init_duration_ms"]
    pieces = [
        figures.duration(report["duration_ms"])
        + (f" (init {figures.duration(init)})" if init is not None else ""),
        f"billed {report['billed_duration_ms']:,} ms",
        f"{report['max_memory_used_mb']}/{report['memory_mb']} MB",
        figures.money(report["cost_usd"]),
        f"request {report['request_id']}",
    ]
    return " · ".join(pieces)


def _call(session: Session, name: str, payload: bytes) -> Future[Answer]:
    future: Future[Answer] = Future()

    def call() -> None:
        try:
            future.set_result(session.invoke_raw(name, payload, CONTENT_TYPE))
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            future.set_exception(error)

    threading.Thread(target=call, daemon=True, name=f"jupyter-lambda-invoke-{name}").start()
    return future


def _done_within(future: Future[Answer], patience_s: float) -> bool:
    try:
        future.exception(patience_s)
    except TimeoutError:
        return False
    return True


def _print(lines: Iterable[Json], *, after: int) -> int:
    """Print the handler's lines past a sequence; the last sequence that was seen."""
    last = after
    for line in lines:
        if line["sequence"] <= after:
            continue
        last = line["sequence"]
        if line["stream"] != "platform":
            stream = sys.stderr if line["stream"] == "stderr" else sys.stdout
            text = line["text"]
            stream.write(text if text.endswith("\n") else text + "\n")
    return last


def _last_sequence(lines: list[Json]) -> int:
    return lines[-1]["sequence"] if lines else 0
