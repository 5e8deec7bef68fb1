"""Relays the service's changes to whoever listens, and says when the service comes and goes.

One task per Jupyter server, started and stopped with the extension. While the service is up the
task waits on its long poll, passively, so that an idle service may still end; while it is down
the task only looks at the connection file. Several changes within ``COALESCE_S`` are one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_lambda.errors import LambdaError, ServiceUnavailable
from jupyter_lambda.server.upstream import Upstream

COALESCE_S = 0.25
POLL_S = 25
POLL_GRACE_S = 10
LOOK_S = 0.5
BACK_OFF_MIN_S = 1.0
BACK_OFF_MAX_S = 30.0
TOPICS = ("functions", "runs", "invocations", "pool")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What to tell: whether the service answers, and what to read again."""

    service: str
    """``up`` or ``down``."""
    topics: tuple[str, ...] = ()


class ChangeRelay:
    """Follows one service for as long as it lives, then waits for the next."""

    def __init__(self, upstream: Upstream, emit: Callable[[Change], None]) -> None:
        self._upstream = upstream
        self._emit = emit
        self._state: str | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._failures = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="jupyter_lambda change relay")

    async def stop(self) -> None:
        """Returns when the task has ended."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def look(self) -> None:
        """Look at the service now rather than when the back-off has passed."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            seen = self._upstream.stamp()
            try:
                await self._follow()
            except ServiceUnavailable:
                _log.debug("the Lambda service is down")
            except LambdaError as error:
                _log.warning("the Lambda service refused to tell its changes: %s", error)
            except Exception:  # noqa: BLE001 - the wall of this task: it outlives any answer
                _log.exception("relaying the changes of the Lambda service failed")
            self._tell_down()
            await self._wait_for_service(seen, self._back_off_s())

    async def _follow(self) -> None:
        """Relay the changes of the present service; returns when another took its place."""
        connection = self._upstream.connection()
        sequence = 0
        wait_s = 0
        while connection is not None and connection == self._upstream.connection():
            sequence, topics = await self._changes(sequence, wait_s)
            self._failures = 0
            if self._state != "up":
                topics = TOPICS
            if topics:
                self._tell(Change("up", tuple(topics)))
            wait_s = POLL_S
            await asyncio.sleep(COALESCE_S)

    async def _changes(self, after: int, wait_s: int) -> tuple[int, Sequence[str]]:
        body = await self._upstream.get(
            "/v1/changes",
            {"after": after, "wait_s": wait_s},
            passive=True,
            timeout_s=wait_s + POLL_GRACE_S,
        )
        answer = json.loads(body)
        return int(answer["sequence"]), [topic for topic in TOPICS if topic in answer["topics"]]

    def _back_off_s(self) -> float:
        self._failures += 1
        return min(BACK_OFF_MAX_S, BACK_OFF_MIN_S * 2.0 ** (self._failures - 1))

    async def _wait_for_service(self, seen: object, back_off_s: float) -> None:
        """Until the connection file is another than ``seen``, or it is time to try it again."""
        self._wake.clear()
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + back_off_s
        while not self._wake.is_set():
            present = self._upstream.stamp()
            if present is not None and (present != seen or loop.time() >= deadline_s):
                return
            await _first_of(self._wake, LOOK_S)

    def _tell_down(self) -> None:
        if self._state == "up":
            self._tell(Change("down"))

    def _tell(self, change: Change) -> None:
        self._state = change.service
        self._emit(change)


async def _first_of(event: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return
