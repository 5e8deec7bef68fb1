"""One run in progress: what is queued, what is out, what is settled, and how it is going."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter, deque
from collections.abc import Iterable

from jupyter_lambda.bell import Bell
from jupyter_lambda.invoke.dispatcher import Held, Settlement, Ticket
from jupyter_lambda.model.function import Function
from jupyter_lambda.model.invocation import Codec, Outcome
from jupyter_lambda.model.run import ItemResult, Run, RunProgress
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.stores.rows import AttemptRow

_WINDOW_US = 2_000
_WINDOW_MAX = 128
_WINDOW_MAX_BYTES = 1 << 20
_PREFETCH_BELOW_US = 100_000
"""Faster than this, the next event waits at the environment while one runs."""
_OVERHEAD_US = 20.0
_SAMPLES = 1_000


class ActiveRun:
    """The in-memory half of a run; the store holds the durable half.

    ``queue`` holds items that are to be sent, with their payload where it is in memory. The
    window of an environment is sized by time: about 2 ms of estimated work, doubling from one.
    """

    def __init__(self, run: Run, function: Function, codec: Codec, *, first_sequence: int) -> None:
        self.run = run
        self.function = function
        self.codec = codec
        self.queue: deque[tuple[int, bytes | None]] = deque()
        self.queued_bytes = 0
        self.environments: dict[Held, float] = {}
        """Environments held, each with the moment since which it is."""
        self.attempts: dict[int, int] = {}
        """Next attempt number of the items that are not at their first."""
        self.bounces: Counter[int] = Counter()
        self.out = 0
        self.ok = 0
        self.failures: Counter[str] = Counter()
        self.cancelled = 0
        self.cancelling = False
        self.billed_duration_ms = 0
        self.memory_mb_ms = 0
        self.requests = 0
        self.lost = 0
        self.bell = Bell(first_sequence)
        self.feeding = asyncio.Lock()
        self.fed_at_s = 0.0
        """When the client last showed that it is still feeding."""
        self.room = asyncio.Event()
        self._estimate_us: float | None = None
        self._samples_us: deque[int] = deque(maxlen=_SAMPLES)

    # -- what is to be sent -------------------------------------------------------------------

    def enqueue(self, items: Iterable[tuple[int, bytes | None]]) -> None:
        for item, payload in items:
            self.queue.append((item, payload))
            self.queued_bytes += len(payload or b"")

    def requeue(self, ticket: Ticket) -> None:
        """It never started: back to the front."""
        self.queue.appendleft((ticket.item, ticket.payload))
        self.queued_bytes += len(ticket.payload)

    def window_of(self, environment: Held) -> int:
        """How many events the environment may hold now; grows towards the target."""
        if self._estimate_us is None:
            return 1
        least = 2 if self._estimate_us < _PREFETCH_BELOW_US else 1
        target = max(least, min(_WINDOW_MAX, int(_WINDOW_US / self._estimate_us)))
        environment.window = min(target, environment.window * 2)
        return environment.window

    def take_for(self, environment: Held) -> list[tuple[int, bytes]]:
        """Items that fill the environment's window; none while it is more than half full.

        Ends before an item whose payload is not in memory: ``Runs`` loads it first.
        """
        held = len(environment.inflight)
        if held and held * 2 > environment.window:
            return []
        taken: list[tuple[int, bytes]] = []
        budget_bytes = _WINDOW_MAX_BYTES - sum(len(t.payload) for t in environment.inflight)
        room = self.window_of(environment) - held
        while self.queue and len(taken) < room and (budget_bytes > 0 or not (held or taken)):
            item, payload = self.queue[0]
            if payload is None:
                break
            self.queue.popleft()
            size = len(payload)
            self.queued_bytes -= size
            budget_bytes -= size
            taken.append((item, payload))
        return taken

    # -- what came of it ----------------------------------------------------------------------

    def observe(self, settlement: Settlement) -> None:
        """Learn how long this function takes."""
        measured_us = settlement.duration_us + _OVERHEAD_US
        previous = self._estimate_us
        self._estimate_us = measured_us if previous is None else previous * 0.8 + measured_us * 0.2
        self._samples_us.append(settlement.duration_us)

    def count(self, result: ItemResult) -> None:
        """An item's outcome is committed."""
        if result.outcome is Outcome.OK:
            self.ok += 1
        elif result.outcome is Outcome.CANCELLED:
            self.cancelled += 1
        else:
            self.failures[result.error_type or "Runtime.Unknown"] += 1

    def bill(self, attempt: AttemptRow) -> None:
        """An attempt is committed."""
        self.requests += 1
        self.lost += attempt.outcome == Outcome.LOST
        self.billed_duration_ms += attempt.billed_duration_ms
        self.memory_mb_ms += attempt.billed_duration_ms * attempt.memory_mb

    @property
    def settled_items(self) -> int:
        return self.ok + self.cancelled + self.failures.total()

    @property
    def backlog(self) -> int:
        return self.run.accepted - self.settled_items

    def usage(self) -> Usage:
        """What the run has used so far."""
        return Usage(
            requests=self.requests,
            billed_duration_ms=self.billed_duration_ms,
            memory_mb_ms=self.memory_mb_ms,
            failures=self.failures.total(),
            lost=self.lost,
        )

    @property
    def p50_us(self) -> int | None:
        return int(statistics.median(self._samples_us)) if self._samples_us else None

    def progress(self) -> RunProgress:
        unsettled = self.backlog
        running = min(self.out, len(self.environments))
        return RunProgress(
            run=self.run,
            queued=max(0, unsettled - running),
            running=running,
            ok=self.ok,
            failures=dict(self.failures),
            cancelled=self.cancelled,
        )
