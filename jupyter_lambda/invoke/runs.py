"""Durable maps: inputs in with back-pressure, events out to the run's environments, outcomes kept.

An item is accepted when its input is committed; it is settled when its result is. Between the
two, whatever dies, it is sent again: execution is at least once, results and bills exactly once
per attempt.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from jupyter_lambda.clock import Clock, epoch_us, new_request_id, new_run_id
from jupyter_lambda.errors import RequestTooLarge, ResourceConflict
from jupyter_lambda.invoke.active_run import ActiveRun
from jupyter_lambda.invoke.attempts import (
    OUTCOMES,
    attempt_row,
    error_type_of,
    lost_settlement,
    unstartable_settlement,
)
from jupyter_lambda.invoke.dispatcher import Dispatcher, Held, Settlement, Ticket
from jupyter_lambda.invoke.frontend import CODECS, check_fits
from jupyter_lambda.invoke.recorder import Recorder
from jupyter_lambda.model import quotas
from jupyter_lambda.model.function import Function
from jupyter_lambda.model.invocation import Codec, Outcome, Source
from jupyter_lambda.model.run import ItemResult, Run, RunState, final_state
from jupyter_lambda.stores.rows import AttemptRow
from jupyter_lambda.stores.runs import RunStore

BACKLOG_MAX_ITEMS = 50_000
BACKLOG_MAX_BYTES = 128 << 20
FEED_LEASE_S = 60.0
QUANTUM_S = 0.25
_MAX_LOST = 3
_MAX_BOUNCES = 3
_LOAD_AHEAD = 256
_CANCELLED_BODY = json.dumps(
    {
        "errorType": "Sandbox.Cancelled",
        "errorMessage": "Cancelled before it started",
        "stackTrace": [],
    }
).encode()


@dataclass(eq=False, slots=True)
class RunTickets:
    """The holder of one run's tickets."""

    runs: Runs
    active: ActiveRun

    @property
    def run_id(self) -> str:
        return self.active.run.run_id

    def settled(self, ticket: Ticket, settlement: Settlement) -> None:
        self.active.out -= 1
        self.active.observe(settlement)
        self.runs.record(self.active, ticket, settlement)

    def returned(self, ticket: Ticket) -> None:
        active = self.active
        active.out -= 1
        active.environments.pop(ticket.environment, None)
        active.bounces[ticket.item] += not ticket.environment.ready
        if active.cancelling:
            self.runs.record_cancelled(active, [ticket.item])
        elif active.bounces[ticket.item] >= _MAX_BOUNCES:
            self.runs.record(active, ticket, unstartable_settlement())
        else:
            active.requeue(ticket)

    def lost(self, ticket: Ticket) -> None:
        active = self.active
        active.out -= 1
        active.environments.pop(ticket.environment, None)
        if ticket.attempt >= _MAX_LOST or active.cancelling:
            self.runs.record(active, ticket, lost_settlement())
        else:
            self.runs.record_attempt(active, ticket, lost_settlement())
            active.attempts[ticket.item] = ticket.attempt + 1
            active.requeue(ticket)


class Runs:
    """Every run in progress, and the way to those that are settled."""

    def __init__(
        self,
        *,
        dispatcher: Dispatcher,
        recorder: Recorder,
        store: RunStore,
        clock: Clock,
    ) -> None:
        self.active: dict[str, ActiveRun] = {}
        self.on_change: Callable[[], None] = lambda: None
        self._dispatcher = dispatcher
        self._recorder = recorder
        self._store = store
        self._clock = clock
        self._finishing: set[asyncio.Task[None]] = set()
        self._steering = asyncio.Lock()
        """Held while a run is retried or finished, which must not overlap."""

    # -- the client's verbs -------------------------------------------------------------------

    async def create(self, function: Function, codec: Codec) -> Run:
        check_fits(function, self._dispatcher)
        run = Run(
            run_id=new_run_id(),
            function_name=function.name,
            revision=function.revision,
            code_sha256=function.code_sha256,
            state=RunState.OPEN,
            created_at=self._clock.now(),
            codec=codec,
        )
        await asyncio.wrap_future(self._store.create(run))
        active = ActiveRun(run, function, codec, first_sequence=self._first_sequence())
        active.fed_at_s = self._clock.monotonic_s()
        self.active[run.run_id] = active
        self.on_change()
        return run

    async def accept(self, run_id: str, payloads: Sequence[bytes]) -> int:
        """Commit inputs, after waiting while the backlog is full; the total accepted so far.

        An empty batch only shows that the client is still feeding.

        Raises:
            ResourceConflict: the run takes no inputs any more.
            RequestTooLarge: one of the payloads is over the limit of a run item.
        """
        active = self._fed(run_id)
        for position, payload in enumerate(payloads):
            if len(payload) > quotas.RUN_ITEM_MAX_BYTES:
                raise RequestTooLarge(
                    f"item {active.run.accepted + position} has {len(payload)} bytes; the limit "
                    f"of a run's item is {quotas.RUN_ITEM_MAX_BYTES}"
                )
        async with active.feeding:
            while payloads and (
                active.backlog >= BACKLOG_MAX_ITEMS or active.queued_bytes >= BACKLOG_MAX_BYTES
            ):
                active.room.clear()
                await active.room.wait()
                self._fed(run_id)
            first = active.run.accepted
            if payloads:
                await asyncio.wrap_future(self._store.append_items(run_id, first, payloads))
                active.run = replace(active.run, accepted=first + len(payloads))
                active.enqueue(zip(range(first, first + len(payloads)), payloads, strict=True))
            active.fed_at_s = self._clock.monotonic_s()
        if active.cancelling:
            self._cancel_queued(active)
        self.pump()
        return active.run.accepted

    def _fed(self, run_id: str) -> ActiveRun:
        active = self.active.get(run_id)
        if active is None:
            state = self._store.get(run_id).state
            raise ResourceConflict(f"run {run_id} is {state} and takes no more inputs")
        if active.cancelling or active.run.input_closed:
            raise ResourceConflict(f"the input of run {run_id} is closed")
        return active

    async def close_input(self, run_id: str, error: str | None) -> None:
        """No more inputs; closing twice is no error."""
        active = self.active.get(run_id)
        if active is None:
            self._store.get(run_id)
            return
        if active.run.input_closed:
            return
        await asyncio.wrap_future(self._store.close_input(run_id, error))
        state = RunState.RUNNING
        active.run = replace(active.run, input_closed=True, input_error=error, state=state)
        active.room.set()
        await self._finish_if_settled(active)
        active.bell.ring()
        self.on_change()

    async def cancel(self, run_id: str) -> None:
        """Queued items are cancelled, running ones killed; a settled run stays as it is."""
        active = self.active.get(run_id)
        if active is None:
            self._store.get(run_id)
            return
        active.cancelling = True
        active.room.set()
        self._cancel_queued(active)
        for environment in list(active.environments):
            self._dispatcher.stop(environment)
        await self.close_input(run_id, active.run.input_error)

    async def retry(
        self, run_id: str, error_types: Iterable[str] | None, function: Function
    ) -> int:
        """Send the failed items again, under the function's revision of now; how many."""
        async with self._steering:
            return await self._retry(run_id, error_types, function)

    async def _retry(
        self, run_id: str, error_types: Iterable[str] | None, function: Function
    ) -> int:
        active = self.active.get(run_id) or self._reactivate(run_id, function)
        wanted = None if error_types is None else sorted(set(error_types))
        cleared = await asyncio.wrap_future(self._store.clear_results(run_id, error_types=wanted))
        if not cleared:
            return 0
        check_fits(function, self._dispatcher)
        await asyncio.wrap_future(
            self._store.set_revision(run_id, function.revision, function.code_sha256)
        )
        active.run = replace(
            active.run, revision=function.revision, code_sha256=function.code_sha256
        )
        active.function = function
        self.active[run_id] = active
        self._recount(active)
        active.cancelling = False
        active.attempts |= self._store.next_attempts(run_id, cleared)
        active.bounces = Counter()
        active.enqueue((item, None) for item in cleared)
        running = RunState.RUNNING if active.run.input_closed else RunState.OPEN
        await self._set_state(active, running)
        self.pump()
        return len(cleared)

    def _reactivate(self, run_id: str, function: Function) -> ActiveRun:
        run = self._store.get(run_id)
        active = ActiveRun(run, function, run.codec, first_sequence=self._first_sequence())
        self._recount(active)
        return active

    def _recount(self, active: ActiveRun) -> None:
        progress = self._store.progress(active.run.run_id)
        active.ok, active.cancelled = progress.ok, progress.cancelled
        active.failures = Counter(progress.failures)

    def recover(self, run: Run, function: Function) -> None:
        """Take up a run that an earlier service left unsettled."""
        active = ActiveRun(run, function, run.codec, first_sequence=self._first_sequence())
        self._recount(active)
        items = self._store.unsettled_items(run.run_id)
        active.attempts = self._store.next_attempts(run.run_id, items)
        active.enqueue((item, None) for item in items)
        active.fed_at_s = self._clock.monotonic_s()
        self.active[run.run_id] = active

    async def settle_recovered(self) -> None:
        for active in list(self.active.values()):
            await self._finish_if_settled(active)

    async def close_abandoned(self) -> None:
        """Close the input of runs whose client has stopped feeding without a word."""
        now_s = self._clock.monotonic_s()
        for active in list(self.active.values()):
            silent = now_s - active.fed_at_s > FEED_LEASE_S and not active.feeding.locked()
            if silent and not active.run.input_closed:
                await self.close_input(active.run.run_id, "the client that fed this run went away")

    def _first_sequence(self) -> int:
        """Past every sequence that an earlier service has told of a run."""
        return epoch_us(self._clock.now()) // 1000

    # -- the loop -----------------------------------------------------------------------------

    def pump(self) -> None:
        """Fill the environments of every run that has something queued, fairly."""
        wanting = [active for active in self.active.values() if active.queue]
        if not wanting:
            self._release_drained()
            return
        slots = sum(site.threads for site in self._dispatcher.assignment.sites.values())
        share = max(1, slots // len(wanting))
        hungry = any(not active.environments for active in wanting)
        now_s = self._clock.monotonic_s()
        for active in wanting:
            held = len(active.environments)
            for environment, since_s in list(active.environments.items()):
                if environment.ending:
                    continue
                yields = hungry and (held > share or now_s - since_s > QUANTUM_S)
                if not yields:
                    self._top_up(active, environment)
                elif not environment.inflight:
                    held -= 1
        self._release_drained()
        self._widen(wanting, now_s)

    def _widen(self, wanting: list[ActiveRun], now_s: float) -> None:
        """Give free places to the runs that hold the fewest environments."""
        while wanting:
            active = min(wanting, key=lambda candidate: len(candidate.environments))
            environment = self._dispatcher.take(active.function, for_run=True)
            if environment is None:
                wanting.remove(active)
                continue
            active.environments[environment] = now_s
            self._top_up(active, environment)
            if not active.queue:
                wanting.remove(active)

    def _top_up(self, active: ActiveRun, environment: Held) -> None:
        self._load_ahead(active)
        codec = CODECS[active.codec]
        for item, payload in active.take_for(environment):
            ticket = Ticket(
                number=self._dispatcher.next_number(),
                request_id=new_request_id(),
                holder=RunTickets(self, active),
                function=active.function,
                environment=environment,
                item=item,
                attempt=active.attempts.get(item, 1),
                payload=payload,
            )
            active.out += 1
            self._dispatcher.send(ticket, codec=codec)

    def _load_ahead(self, active: ActiveRun) -> None:
        """Read inputs back that are not in memory: after a restart or a retry."""
        queue = active.queue
        if not queue or queue[0][1] is not None:
            return
        items: list[int] = []
        while queue and queue[0][1] is None and len(items) < _LOAD_AHEAD:
            items.append(queue.popleft()[0])
        payloads = self._store.inputs(active.run.run_id, items)
        queue.extendleft(reversed(list(zip(items, payloads, strict=True))))
        active.queued_bytes += sum(map(len, payloads))

    def _release_drained(self) -> None:
        for active in self.active.values():
            for environment in [e for e in active.environments if not e.inflight]:
                del active.environments[environment]
                self._dispatcher.give_back(environment)

    # -- outcomes -----------------------------------------------------------------------------

    def record(self, active: ActiveRun, ticket: Ticket, settlement: Settlement) -> None:
        """An item's outcome and its attempt go to the journal together."""
        outcome = OUTCOMES[settlement.outcome]
        self._recorder.result(
            ItemResult(
                run_id=active.run.run_id,
                item=ticket.item,
                attempt=ticket.attempt,
                outcome=outcome,
                request_id=ticket.request_id,
                payload=settlement.body,
                error_type=None if outcome is Outcome.OK else error_type_of(settlement.body),
            )
        )
        self.record_attempt(active, ticket, settlement)

    def record_attempt(self, active: ActiveRun, ticket: Ticket, settlement: Settlement) -> None:
        self._recorder.attempt(
            attempt_row(
                ticket,
                settlement,
                source=Source.RUN,
                run_id=active.run.run_id,
                clock=self._clock,
            )
        )

    def record_cancelled(self, active: ActiveRun, items: Iterable[int]) -> None:
        for item in items:
            self._recorder.result(
                ItemResult(
                    run_id=active.run.run_id,
                    item=item,
                    attempt=active.attempts.get(item, 1),
                    outcome=Outcome.CANCELLED,
                    request_id=bytes(16),
                    payload=_CANCELLED_BODY,
                    error_type="Sandbox.Cancelled",
                )
            )

    def _cancel_queued(self, active: ActiveRun) -> None:
        items = [item for item, _ in active.queue]
        active.queue.clear()
        active.queued_bytes = 0
        self.record_cancelled(active, items)

    def committed(self, results: list[ItemResult], attempts: list[AttemptRow]) -> None:
        """A group is in the journal: count it, make room, tell who waits."""
        for attempt in attempts:
            billed = self.active.get(attempt.run_id) if attempt.run_id else None
            if billed is not None:
                billed.bill(attempt)
        touched: dict[str, ActiveRun] = {}
        for result in results:
            active = self.active.get(result.run_id)
            if active is not None:
                active.count(result)
                touched[result.run_id] = active
        for active in touched.values():
            active.room.set()
            active.bell.ring()
            if active.run.input_closed and not active.backlog:
                finishing = asyncio.get_running_loop().create_task(self._finish_if_settled(active))
                self._finishing.add(finishing)
                finishing.add_done_callback(self._finishing.discard)

    async def _finish_if_settled(self, active: ActiveRun) -> None:
        async with self._steering:
            run_id = active.run.run_id
            if (
                not active.run.input_closed
                or active.backlog
                or self.active.get(run_id) is not active
            ):
                return
            state = final_state(failed=active.failures.total(), cancelled=active.cancelled)
            await self._set_state(active, state)
            del self.active[run_id]

    async def _set_state(self, active: ActiveRun, state: RunState) -> None:
        finished_at = self._clock.now() if state.settled else None
        run_id = active.run.run_id
        await asyncio.wrap_future(self._store.set_state(run_id, state, finished_at))
        active.run = replace(active.run, state=state, finished_at=finished_at)
        active.bell.ring()
        self.on_change()
