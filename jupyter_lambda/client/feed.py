"""Events into a run: read in the caller's thread, sent by another in batches as they gather.

While one batch is on its way the next gathers, so batches grow with the speed of the iterator and
a slow one is never held up. The service delays its answer while its backlog is full; that stops
the reading too. A batch whose answer was lost is compared with what the run holds before it is
sent again, so that no event is taken twice.
"""

from __future__ import annotations

import contextlib
import struct
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jupyter_lambda.client.codec import CONTENT_TYPE, dump_event
from jupyter_lambda.client.progress import OnProgress
from jupyter_lambda.client.run import Run
from jupyter_lambda.errors import LambdaError, RunInputError, ServiceUnavailable

if TYPE_CHECKING:
    from jupyter_lambda.client.session import Session

_LENGTH = struct.Struct("<I")
_BATCH_MAX_ITEMS = 4_000
_BATCH_MAX_BYTES = 4 << 20
_HEARTBEAT_S = 15.0
_SHOW_EVERY_S = 0.25
_RESENDS = 5


class Feeder:
    """The sending thread and the batch that gathers for it."""

    def __init__(self, session: Session, run_id: str) -> None:
        self.sent = 0
        self.error: LambdaError | None = None
        self._session = session
        self._run_id = run_id
        self._gathered: list[bytes] = []
        self._gathered_bytes = 0
        self._changed = threading.Condition()
        self._ending = False
        self._thread = threading.Thread(target=self._send_all, daemon=True)
        self._thread.start()

    def put(self, payload: bytes, patience_s: float) -> bool:
        """Hand an event over; False when there was no room for it within ``patience_s``."""
        with self._changed:
            full = self._changed.wait_for(self._has_room, patience_s)
            if not full:
                return False
            self._gathered.append(payload)
            self._gathered_bytes += len(payload)
            if len(self._gathered) == 1:
                self._changed.notify_all()
            return True

    def _has_room(self) -> bool:
        return self.error is not None or (
            len(self._gathered) < _BATCH_MAX_ITEMS and self._gathered_bytes < _BATCH_MAX_BYTES
        )

    def finish(self, patience_s: float | None = None) -> bool:
        """No more events will come; whether all that were put have been sent by now."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join(patience_s)
        return not self._thread.is_alive()

    def _send_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._gathered or self._ending, _HEARTBEAT_S)
                batch, self._gathered, self._gathered_bytes = self._gathered, [], 0
                ending = self._ending
                self._changed.notify_all()
            try:
                if batch or not ending:
                    self._send(batch)
            except LambdaError as error:
                with self._changed:
                    self.error = error
                    self._changed.notify_all()
                return
            if ending and not batch:
                return

    def _send(self, batch: list[bytes]) -> None:
        """Send a batch, or the silent word that we are still here."""
        before = self.sent
        path = f"/v1/runs/{self._run_id}/items"
        for attempt in range(_RESENDS):
            remaining = batch[self.sent - before :]
            try:
                body = b"".join(part for p in remaining for part in (_LENGTH.pack(len(p)), p))
                self.sent = self._session.call("POST", path, body).json()["accepted"]
                return
            except ServiceUnavailable:
                if attempt + 1 == _RESENDS:
                    raise
                self.sent = self._session.run_progress(self._run_id)["accepted"]
                if self.sent - before >= len(batch):
                    return


class _IteratorRaisedError(Exception):
    """What the caller's iterator raised is the cause."""


def feed(session: Session, name: str, events: Iterable[Any], on_progress: OnProgress | None) -> Run:
    """Start a run of the function and feed it all events."""
    iterator = _guarded(iter(events))
    content = session.post("/v1/runs", {"function": name, "codec": CONTENT_TYPE})
    run = Run(session, content)
    feeder = Feeder(session, run.id)
    try:
        _feed_all(run, feeder, iterator, on_progress)
    except KeyboardInterrupt:
        run.close_input("interrupted while it was fed")
        sys.stderr.write(
            f"\ninterrupted: the input of run {run.id} ends here, what it holds goes on; "
            f'get it back with jl.run("{run.id}")\n'
        )
        raise
    except _IteratorRaisedError as ended:
        cause = ended.__cause__
        reason = f"{type(cause).__name__}: {cause}"
        told = _keep_what_came(run, feeder, reason)
        raise RunInputError(
            f"the input iterator raised {reason} at item {feeder.sent}; {told}",
            run_id=run.id,
            accepted=feeder.sent,
        ) from cause
    except LambdaError as error:
        if feeder.error is None:
            error.add_note(_keep_what_came(run, feeder, error.message))
        else:
            _close_as_far_as_possible(run, error)
        raise
    except BaseException as error:
        _keep_what_came(run, feeder, f"{type(error).__name__}: {error}")
        raise
    run.close_input(None)
    return run


def _close_as_far_as_possible(run: Run, error: LambdaError) -> None:
    """The sending failed, so this may fail too; the run's lease then ends its input."""
    with contextlib.suppress(LambdaError):
        run.close_input(f"the inputs could not be sent: {error.message}")


def _guarded(iterator: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from iterator
    except Exception as error:
        raise _IteratorRaisedError from error


def _feed_all(
    run: Run, feeder: Feeder, iterator: Iterator[Any], on_progress: OnProgress | None
) -> None:
    shown_s = time.monotonic()
    for count, event in enumerate(iterator):
        payload = dump_event(event, f"item {count}")
        while not feeder.put(payload, _SHOW_EVERY_S):
            _show(run, on_progress)
            shown_s = time.monotonic()
        if feeder.error is not None:
            raise feeder.error
        if on_progress is not None and time.monotonic() - shown_s > _SHOW_EVERY_S:
            _show(run, on_progress)
            shown_s = time.monotonic()
    while not feeder.finish(_SHOW_EVERY_S):
        _show(run, on_progress)
    if feeder.error is not None:
        raise feeder.error


def _keep_what_came(run: Run, feeder: Feeder, reason: str) -> str:
    """The inputs end early: what came before is sent and goes on. Where to find it, in words."""
    feeder.finish()
    run.close_input(reason)
    return (
        f'run {run.id} holds the {feeder.sent} items before it, which go on; see jl.run("{run.id}")'
    )


def _show(run: Run, on_progress: OnProgress | None) -> None:
    if on_progress is not None:
        on_progress(run.progress())
