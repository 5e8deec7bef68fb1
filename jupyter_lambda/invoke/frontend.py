"""Single invocations: routed to one revision, given an environment, answered when recorded.

When no host has room, invocations wait in the order in which they came; a run's environments are
not taken from it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from jupyter_lambda.clock import Clock, new_request_id
from jupyter_lambda.errors import (
    InvalidParameterValue,
    RequestTooLarge,
    ServiceUnavailable,
    WorkerLost,
)
from jupyter_lambda.invoke.attempts import attempt_row, lost_settlement, unstartable_settlement
from jupyter_lambda.invoke.dispatcher import Dispatcher, Held, Settlement, Ticket
from jupyter_lambda.invoke.recorder import Recorder
from jupyter_lambda.model import quotas
from jupyter_lambda.model.function import Function
from jupyter_lambda.model.invocation import Attempt, Codec, Outcome, Source
from jupyter_lambda.runtime import frames
from jupyter_lambda.runtime.marshaller import error_object

_MAX_BOUNCES = 3
CODECS = {Codec.JSON: frames.CODEC_JSON, Codec.PICKLE: frames.CODEC_PICKLE}


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """The answer to a synchronous invocation, and its usage record."""

    attempt: Attempt
    body: bytes


@dataclass(eq=False, slots=True)
class Invocation:
    """One synchronous invocation on its way; the holder of its environment."""

    frontend: Frontend
    function: Function
    request_id: bytes
    payload: bytes
    codec: Codec
    answer: asyncio.Future[InvocationResult]
    bounces: int = 0

    @property
    def run_id(self) -> None:
        return None

    def begin(self, environment: Held) -> None:
        ticket = Ticket(
            number=self.frontend.dispatcher.next_number(),
            request_id=self.request_id,
            holder=self,
            function=self.function,
            environment=environment,
            payload=self.payload,
        )
        self.frontend.dispatcher.send(ticket, codec=CODECS[self.codec])

    def settled(self, ticket: Ticket, settlement: Settlement) -> None:
        self.frontend.dispatcher.give_back(ticket.environment)
        self.frontend.record(self, ticket, _within_limits(settlement, self.codec))

    def returned(self, ticket: Ticket) -> None:
        self.bounces += not ticket.environment.ready
        if self.bounces < _MAX_BOUNCES:
            self.frontend.place(self)
        else:
            self.frontend.record(self, ticket, unstartable_settlement())

    def lost(self, ticket: Ticket) -> None:
        self.frontend.record(self, ticket, lost_settlement())


def _within_limits(settlement: Settlement, codec: Codec) -> Settlement:
    """AWS's limit on a buffered response holds for its callers; ours is the run item's."""
    limit = quotas.SYNC_RESPONSE_MAX_BYTES if codec is Codec.JSON else quotas.RUN_ITEM_MAX_BYTES
    if len(settlement.body) <= limit:
        return settlement
    body = error_object(
        "Function.ResponseSizeTooLarge",
        f"Response payload size exceeded maximum allowed payload size ({limit} bytes).",
    )
    return Settlement(
        frames.OUTCOME_ERROR,
        settlement.started_us,
        settlement.duration_us,
        settlement.init_us,
        settlement.peak_kb,
        body,
    )


class Frontend:
    """Takes single invocations."""

    def __init__(self, *, dispatcher: Dispatcher, recorder: Recorder, clock: Clock) -> None:
        self.dispatcher = dispatcher
        self._recorder = recorder
        self._clock = clock
        self._waiting: deque[Invocation] = deque()
        self.running: dict[str, int] = {}
        """Invocations in progress by function name."""

    @property
    def queued(self) -> int:
        return len(self._waiting)

    async def invoke(self, function: Function, payload: bytes, codec: Codec) -> InvocationResult:
        """Run the function once and give its answer, after the attempt is committed.

        Raises:
            RequestTooLarge: the payload is over the limit of its codec.
            InvalidParameterValue: the function needs more memory than any worker has.
            WorkerLost: the worker ended in the middle; the attempt is recorded, not billed.
        """
        self._check(function, payload, codec)
        invocation = Invocation(
            self,
            function,
            new_request_id(),
            payload,
            codec,
            asyncio.get_running_loop().create_future(),
        )
        name = function.name
        self.running[name] = self.running.get(name, 0) + 1
        try:
            self.place(invocation)
            result = await invocation.answer
        finally:
            self.running[name] -= 1
        if result.attempt.outcome is Outcome.LOST:
            raise WorkerLost(
                f"the worker ended while it ran {name!r} (request {result.attempt.request_id}); "
                "the outcome is unknown and nothing is billed; invoke it again if that is safe"
            )
        return result

    def _check(self, function: Function, payload: bytes, codec: Codec) -> None:
        limit = quotas.SYNC_PAYLOAD_MAX_BYTES if codec is Codec.JSON else quotas.RUN_ITEM_MAX_BYTES
        if len(payload) > limit:
            raise RequestTooLarge(
                f"{len(payload)} byte payload is too large for the RequestResponse invocation "
                f"type (limit {limit} bytes)"
            )
        check_fits(function, self.dispatcher)

    def place(self, invocation: Invocation) -> None:
        """Give it an environment now, or let it wait for its turn."""
        environment = (
            None if self._waiting else self.dispatcher.take(invocation.function, for_run=False)
        )
        if environment is None:
            self._waiting.append(invocation)
        else:
            invocation.begin(environment)

    def serve_waiting(self) -> None:
        """Capacity may have come free."""
        while self._waiting:
            if self.dispatcher.unavailable is not None and not self.dispatcher.hosts:
                answer = self._waiting.popleft().answer
                if not answer.done():
                    answer.set_exception(no_pool(self.dispatcher.unavailable))
                continue
            environment = self.dispatcher.take(self._waiting[0].function, for_run=False)
            if environment is None:
                return
            self._waiting.popleft().begin(environment)

    def record(self, invocation: Invocation, ticket: Ticket, settlement: Settlement) -> None:
        row = attempt_row(ticket, settlement, source=Source.SYNC, run_id=None, clock=self._clock)
        self._recorder.attempt(row)
        result = InvocationResult(row.to_attempt(), settlement.body)

        def answer() -> None:
            if not invocation.answer.done():
                invocation.answer.set_result(result)

        self._recorder.after_commit(answer)


def no_pool(reason: str) -> ServiceUnavailable:
    return ServiceUnavailable(
        f"the pool has no worker and could not be started: {reason}. See service.log in the "
        "service's home; `jupyter lambda stop` and the next call start it anew"
    )


def check_fits(function: Function, dispatcher: Dispatcher) -> None:
    """Refuse what could wait for ever."""
    if dispatcher.unavailable is not None and not dispatcher.hosts:
        raise no_pool(dispatcher.unavailable)
    largest_mb = dispatcher.assignment.largest_site_mb()
    memory_mb = function.configuration.memory_mb
    if largest_mb and memory_mb > largest_mb:
        raise InvalidParameterValue(
            f"{function.name!r} asks for {memory_mb} MB and the largest worker offers "
            f"{largest_mb} MB: lower its memory, or start the service with fewer workers"
        )
