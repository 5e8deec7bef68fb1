"""The hosts: a starter host at once, then one per worker of the embedded Dask cluster.

The starter host is an agent that the service starts itself, in tens of milliseconds; it answers
the first invocations while Dask's cluster comes up, and is drained once the cluster is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from jupyter_lambda.interpreter import module_command
from jupyter_lambda.placement.host import Host, HostAddress, HostListener
from jupyter_lambda.placement.starter import Starter, scrubbed_environment

logger = logging.getLogger(__name__)

_MEMORY_SHARE = 0.8
_RESTART_PAUSE_S = 1.0
_HOLD_BACK_S = 1.5
"""How long the cluster's start, which takes a core for a second, leaves the first call alone."""
_MAX_FAILURES = 5


class PoolState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


def machine_memory_mb() -> int:
    """Physical memory of this machine, in MiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1 << 20)


class Pool:
    """Starts the hosts, connects to them and tells ``on_host`` of each; restarts what dies."""

    def __init__(
        self,
        *,
        workers: int,
        scratch: str,
        starter: Starter,
        listener: HostListener,
        on_host: Callable[[Host], None],
    ) -> None:
        self.workers = workers
        self.state = PoolState.STARTING
        self.detail = ""
        self.scheduler: str | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._listener = listener
        self._on_host = on_host
        self._scratch = scratch
        self._token = starter.token
        self._starter: Starter | None = starter
        self._driver: asyncio.subprocess.Process | None = None
        self._called = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[None] | None = None
        self._connecting: set[asyncio.Task[None]] = set()

    @property
    def memory_mb_per_worker(self) -> int:
        return int(machine_memory_mb() * _MEMORY_SHARE / self.workers)

    def start(self) -> None:
        """Begin to start both kinds of host; returns at once."""
        self._starting = asyncio.create_task(self._join_starter())
        self._following = asyncio.create_task(self._keep_driver())

    async def _join_starter(self) -> None:
        assert self._starter is not None
        starter = self._starter
        port = await asyncio.to_thread(starter.announced_port)
        if port is None:
            logger.error("the starter host ended with status %s", starter.process.wait())
            return
        await self._connect(
            HostAddress(
                name="starter",
                address="local",
                agent_host="127.0.0.1",
                agent_port=port,
                pid=starter.process.pid,
                threads=self.workers,
                memory_mb=int(machine_memory_mb() * _MEMORY_SHARE / 2),
                starter=True,
            )
        )

    async def end_starter(self) -> None:
        """The cluster's hosts have taken over."""
        starter, self._starter = self._starter, None
        if starter is not None:
            starter.let_go()
            await asyncio.to_thread(starter.process.wait)

    def first_call_answered(self) -> None:
        """The cluster need not be held back any longer."""
        self._called.set()

    async def _keep_driver(self) -> None:
        """Run the pool driver, and again when it dies; not for ever when it never comes up."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._called.wait(), _HOLD_BACK_S)
        failures = 0
        while failures < _MAX_FAILURES:
            await asyncio.sleep(_RESTART_PAUSE_S * failures)
            came_up = await self._follow_driver()
            if self.state is PoolState.STOPPED:
                return
            failures = 1 if came_up else failures + 1
            logger.error("the pool driver ended; %s", self.detail or "no reason given")
        self.detail = self.detail or f"the pool driver ended {failures} times before it was ready"
        self._become(PoolState.FAILED)

    async def _follow_driver(self) -> bool:
        """Start one and heed it until it ends; whether its cluster had come up."""
        process = await asyncio.create_subprocess_exec(
            *module_command("jupyter_lambda.placement.dask_pool"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=scrubbed_environment(),
        )
        self._driver = process
        _write_line(
            process,
            {
                "token": self._token,
                "workers": self.workers,
                "memory_mb": self.memory_mb_per_worker,
                "scratch": self._scratch,
            },
        )
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self._heed(json.loads(line))
        await process.wait()
        came_up, self.scheduler = self.scheduler is not None, None
        if self.state is not PoolState.STOPPED:
            self._become(PoolState.STARTING)
        return came_up

    def _heed(self, message: dict[str, Any]) -> None:
        event = message.pop("event")
        if event == "host":
            connecting = asyncio.create_task(self._connect(HostAddress(**message["host"])))
            self._connecting.add(connecting)
            connecting.add_done_callback(self._connecting.discard)
        elif event == "ready":
            self.scheduler = message["scheduler"]
            self.detail = ""
            self._become(PoolState.READY)
        else:
            self.detail = message["detail"]

    def _become(self, state: PoolState) -> None:
        self.state = state
        self.on_change()

    async def _connect(self, where: HostAddress) -> None:
        host = Host(where, self._token, self._listener)
        try:
            await host.connect()
        except OSError as error:
            logger.warning("host %s at %s cannot be reached: %s", where.name, where.address, error)
            return
        self._on_host(host)

    async def close(self) -> None:
        self.state = PoolState.STOPPED
        await self.end_starter()
        if self._driver is not None:
            await _end(self._driver)
        if self._following is not None:
            self._following.cancel()


def _write_line(process: asyncio.subprocess.Process, content: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(content).encode() + b"\n")


async def _end(process: asyncio.subprocess.Process, patience_s: float = 8.0) -> None:
    """Let go of its lifeline; kill it when it does not end by itself."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), patience_s)
    except TimeoutError:
        process.kill()
        await process.wait()
