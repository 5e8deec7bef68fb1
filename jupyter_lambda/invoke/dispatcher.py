"""Events out to environments, outcomes back: the switchboard of the data plane.

Holders (a single invocation, a run) take an environment, send it events under tickets and give it
back. For each ticket the holder hears exactly one of ``settled`` (an outcome), ``returned`` (the
event never started and must go elsewhere) or ``lost`` (the host is gone; the outcome is unknown).
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jupyter_lambda.clock import Clock
from jupyter_lambda.model.function import REGION, Function
from jupyter_lambda.placement.assignment import Assignment, Environment, Site
from jupyter_lambda.placement.host import Frame, Host
from jupyter_lambda.runtime import frames
from jupyter_lambda.stores.rows import LogRow
from jupyter_lambda.telemetry.report import log_stream_name

_HEAD = frames.HEADER_BYTES
_RESULT_BYTES = _HEAD + frames.RESULT_HEAD.size
_LOG_BYTES = _HEAD + frames.LOG_HEAD.size
_FATAL = (frames.OUTCOME_TIMEOUT, frames.OUTCOME_CRASH, frames.OUTCOME_CANCELLED)
"""Outcomes that end the environment."""
_STREAMS = {frames.STDOUT: "stdout", frames.STDERR: "stderr"}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What an environment answered."""

    outcome: int
    """One of ``frames.OUTCOME_*``."""
    started_us: int
    """Wall time on the worker, microseconds since the epoch; 0 when the agent answered."""
    duration_us: int
    init_us: int | None
    peak_kb: int
    body: bytes


class Holder(Protocol):
    """Who sent an event and waits for what becomes of it."""

    @property
    def run_id(self) -> str | None:
        """The run that the event belongs to, if any."""

    def settled(self, ticket: Ticket, settlement: Settlement) -> None: ...
    def returned(self, ticket: Ticket) -> None: ...
    def lost(self, ticket: Ticket) -> None: ...


@dataclass(eq=False, slots=True)
class Ticket:
    """One event on its way. ``request_id`` is the id of this attempt."""

    number: int
    request_id: bytes
    holder: Holder
    function: Function
    environment: Environment[Ticket]
    item: int = -1
    attempt: int = 1
    payload: bytes = b""


Held = Environment[Ticket]


class Dispatcher:
    """Knows every host, environment and ticket."""

    def __init__(
        self,
        *,
        clock: Clock,
        load_code: Callable[[str], bytes],
        record_line: Callable[[LogRow], None],
    ) -> None:
        self.assignment: Assignment[Ticket] = Assignment()
        self.hosts: dict[str, Host] = {}
        self.unavailable: str | None = None
        """Why no host will come, once the pool has given up."""
        self.on_capacity: Callable[[], None] = lambda: None
        self.on_pool_change: Callable[[], None] = lambda: None
        self._clock = clock
        self._load_code = load_code
        self._record_line = record_line
        self._numbers = itertools.count(1)
        self._tickets: dict[int, Ticket] = {}
        self._preloads: set[tuple[str, ...]] = set()

    # -- hosts --------------------------------------------------------------------------------

    def host_joined(self, host: Host) -> None:
        previous = self.hosts.get(host.name)
        if previous is not None:
            previous.close()
            self.host_lost(previous)
        self.hosts[host.name] = host
        self.assignment.add(
            Site(host=host, threads=host.where.threads, capacity_mb=host.where.memory_mb)
        )
        for modules in self._preloads:
            host.send_json(frames.PRELOAD, 0, {"modules": list(modules)})
        self.on_pool_change()
        self.on_capacity()

    def host_lost(self, host: Host) -> None:
        """Each event in progress has an unknown outcome; those behind it never started."""
        if self.hosts.get(host.name) is not host:
            return
        host.lost = True
        del self.hosts[host.name]
        site = self.assignment.remove(host.name)
        for environment in list(site.environments.values()) if site else []:
            self._abandon(environment, head_lost=True)
        self.on_pool_change()
        self.on_capacity()

    def preload(self, modules: tuple[str, ...]) -> None:
        """Have zygotes with this import set ready on every host, present and future."""
        if modules and modules not in self._preloads:
            self._preloads.add(modules)
            for host in self.hosts.values():
                host.send_json(frames.PRELOAD, 0, {"modules": list(modules)})

    # -- environments -------------------------------------------------------------------------

    def take(self, function: Function, *, for_run: bool) -> Held | None:
        """A warm environment or a new one; None when no host has room now."""
        warm = self.assignment.warm(function.revision_id, for_run=for_run)
        if warm is not None:
            return warm
        memory_mb = function.configuration.memory_mb
        placement = self.assignment.place(memory_mb, for_run=for_run)
        if placement is None:
            return None
        for idle in placement.evict:
            self.stop(idle)
        return self._start(function, placement.site, for_run=for_run)

    def _start(self, function: Function, site: Site[Ticket], *, for_run: bool) -> Held:
        host = self.hosts[site.host.name]
        configuration = function.configuration
        environment: Held = Environment(
            number=next(self._numbers),
            key=function.revision_id,
            site=site,
            memory_mb=configuration.memory_mb,
            log_stream=log_stream_name(self._clock.now(), function.version, os.urandom(16).hex()),
        )
        self.assignment.enter(environment, for_run=for_run)
        host.send_code(function.code_sha256, lambda: self._load_code(function.code_sha256))
        host.send_json(
            frames.START,
            environment.number,
            {
                "name": function.name,
                "version": function.version,
                "arn": function.arn,
                "region": REGION,
                "runtime": configuration.runtime,
                "handler": configuration.handler,
                "memory_mb": configuration.memory_mb,
                "code_sha256": function.code_sha256,
                "preload": list(configuration.preload),
                "log_stream": environment.log_stream,
                "variables": configuration.environment,
            },
        )
        return environment

    def give_back(self, environment: Held) -> None:
        self.assignment.release(environment, self._clock.monotonic_s())

    def stop(self, environment: Held) -> None:
        """End it at once; its event in progress is settled as cancelled by the agent."""
        self.assignment.begin_end(environment)
        host = self.hosts.get(environment.site.host.name)
        if host is not None:
            host.send(frames.pack(frames.STOP, environment.number, b""))

    # -- events -------------------------------------------------------------------------------

    def send(self, ticket: Ticket, *, codec: int, metadata: bytes = b"") -> None:
        """Hand the ticket's payload to its environment."""
        environment = ticket.environment
        environment.inflight.append(ticket)
        self._tickets[ticket.number] = ticket
        timeout_ms = ticket.function.configuration.timeout_s * 1000
        head = frames.INVOKE_HEAD.pack(
            ticket.number, ticket.request_id, timeout_ms, codec, len(metadata)
        )
        length = len(head) + len(metadata) + len(ticket.payload)
        frame = frames.HEADER.pack(length, frames.INVOKE, environment.number)
        self.hosts[environment.site.host.name].send(frame, head, metadata, ticket.payload)

    def next_number(self) -> int:
        return next(self._numbers)

    def frames_arrived(self, host: Host, received: list[Frame]) -> None:
        site = self.assignment.sites.get(host.name)
        if site is None:
            return
        for kind, number, frame in received:
            environment = site.environments.get(number)
            if environment is None:
                continue
            if kind == frames.RESULT:
                self._settle(environment, frame)
            elif kind == frames.LOG:
                self._log(environment, frame)
            elif kind == frames.READY:
                environment.ready = True
                (environment.init_us,) = frames.INIT_US.unpack_from(frame, _HEAD)
            elif kind == frames.ENDED:
                self._abandon(environment, head_lost=False)
        self.on_capacity()

    def _settle(self, environment: Held, frame: bytes) -> None:
        number, outcome, started_us, duration_us, peak_kb = frames.RESULT_HEAD.unpack_from(
            frame, _HEAD
        )
        ticket = self._tickets.get(number)
        if ticket is None or ticket.environment is not environment:
            return
        del self._tickets[number]
        environment.inflight.remove(ticket)
        init_us, environment.init_us = environment.init_us, None
        if outcome in _FATAL:
            self.assignment.begin_end(environment)
        ticket.holder.settled(
            ticket,
            Settlement(outcome, started_us, duration_us, init_us, peak_kb, frame[_RESULT_BYTES:]),
        )

    def _abandon(self, environment: Held, *, head_lost: bool) -> None:
        """The environment is gone: pass its unanswered tickets back."""
        self.assignment.leave(environment)
        remaining = list(environment.inflight)
        environment.inflight.clear()
        for position, ticket in enumerate(remaining):
            del self._tickets[ticket.number]
            if head_lost and position == 0:
                ticket.holder.lost(ticket)
            else:
                ticket.holder.returned(ticket)

    def _log(self, environment: Held, frame: bytes) -> None:
        number, stream, written_us = frames.LOG_HEAD.unpack_from(frame, _HEAD)
        ticket = self._tickets.get(number)
        if ticket is None and environment.inflight:
            # Printed during INIT: it belongs to the invocation that started the environment.
            ticket = environment.inflight[0]
        if ticket is None:
            return
        self._record_line(
            LogRow(
                request_id=ticket.request_id,
                attempt=ticket.attempt,
                function_name=ticket.function.name,
                version=ticket.function.version,
                run_id=ticket.holder.run_id,
                timestamp_us=written_us,
                stream=_STREAMS.get(stream, "stdout"),
                text=frame[_LOG_BYTES:].decode("utf-8", "replace"),
            )
        )
