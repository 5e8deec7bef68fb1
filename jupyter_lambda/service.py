"""The Lambda service: everything that owns state, opened, wired together and closed here.

Doors (REST, and through it magics, panel and CLI) call its parts; nothing else chooses which
store, which pool or which clock is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jupyter_lambda.bell import Bell
from jupyter_lambda.clock import Clock, epoch_us
from jupyter_lambda.control.functions import Functions
from jupyter_lambda.errors import ResourceNotFound
from jupyter_lambda.invoke.dispatcher import Dispatcher
from jupyter_lambda.invoke.frontend import Frontend
from jupyter_lambda.invoke.recorder import Recorder
from jupyter_lambda.invoke.runs import Runs
from jupyter_lambda.model.run import ItemResult
from jupyter_lambda.placement.host import Host
from jupyter_lambda.placement.pool import Pool, PoolState
from jupyter_lambda.placement.starter import SCRATCH, Starter
from jupyter_lambda.stores.code import CodeStore
from jupyter_lambda.stores.database import Database
from jupyter_lambda.stores.functions import FunctionStore
from jupyter_lambda.stores.journal import Journal
from jupyter_lambda.stores.logs import LogStore
from jupyter_lambda.stores.rows import AttemptRow, LogRow
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.spool import Spool
from jupyter_lambda.stores.usage import UsageStore

logger = logging.getLogger(__name__)

HOUSEKEEPING_S = 5.0
ENVIRONMENT_IDLE_S = 300.0


@dataclass(frozen=True, slots=True)
class Settings:
    """How one service is run. ``idle_timeout_s`` of 0 keeps it up for ever."""

    home: Path
    workers: int
    idle_timeout_s: float = 600.0

    @classmethod
    def create(
        cls, home: Path, *, workers: int | None = None, idle_timeout_s: float | None = None
    ) -> Settings:
        usable = (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        )
        default = cls(home, workers or usable or 1)
        return default if idle_timeout_s is None else cls(home, default.workers, idle_timeout_s)


class LambdaService:
    """One per home. Open it with ``LambdaService.open``."""

    def __init__(self, settings: Settings, clock: Clock, starter: Starter) -> None:
        home = settings.home
        self.settings = settings
        self.clock = clock
        self.started_at: datetime = clock.now()
        self.pid = os.getpid()
        self.url = ""
        self.database = Database(home / "state.db")
        self.database.start()
        self.code = CodeStore(home / "code")
        self.function_store = FunctionStore(self.database)
        spool = Spool(home / "spool")
        self.run_store = RunStore(self.database, spool)
        self.usage = UsageStore(self.database)
        self.logs = LogStore(self.database)
        self.changes = Bell(epoch_us(clock.now()) // 1000)
        self.recorder = Recorder(self.database, Journal(spool))
        self.dispatcher = Dispatcher(
            clock=clock, load_code=self.code.get, record_line=self.recorder.line
        )
        self.functions = Functions(store=self.function_store, code=self.code, clock=clock)
        self.frontend = Frontend(dispatcher=self.dispatcher, recorder=self.recorder, clock=clock)
        self.runs = Runs(
            dispatcher=self.dispatcher,
            recorder=self.recorder,
            store=self.run_store,
            clock=clock,
        )
        self.pool = Pool(
            workers=settings.workers,
            scratch=str(settings.home / SCRATCH),
            starter=starter,
            listener=self.dispatcher,
            on_host=self._host_joined,
        )
        self._housekeeping: asyncio.Task[None] | None = None
        self._wire()

    def _wire(self) -> None:
        self.recorder.on_commit = self._committed
        self.dispatcher.on_capacity = self._capacity_changed
        self.dispatcher.on_pool_change = lambda: self.changes.ring("pool")
        self.pool.on_change = self._pool_changed
        self.functions.on_change = self._functions_changed
        self.runs.on_change = lambda: self.changes.ring("runs")

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls, settings: Settings, clock: Clock, starter: Starter
    ) -> AsyncIterator[LambdaService]:
        """Start the pool, recover what an earlier service left, and close all at the end."""
        service = cls(settings, clock, starter)
        try:
            service.pool.start()
            await service._recover()
            service._housekeeping = asyncio.create_task(service._keep_house())
            yield service
        finally:
            await service._close()

    async def _recover(self) -> None:
        await asyncio.wrap_future(self.function_store.forget_revisions())
        await asyncio.to_thread(self.code.delete_unreferenced, self.function_store.code_digests())
        await asyncio.to_thread(self.run_store.sweep_spool)
        for function in self.function_store.all():
            self.dispatcher.preload(function.configuration.preload)
        for run in self.run_store.unsettled():
            try:
                function = self.function_store.get_revision(run.function_name, run.revision)
            except ResourceNotFound:
                logger.exception("run %s: its function's revision is gone", run.run_id)
                continue
            logger.info("taking up run %s of %s", run.run_id, run.function_name)
            self.runs.recover(run, function)
        await self.runs.settle_recovered()

    async def _close(self) -> None:
        if self._housekeeping is not None:
            self._housekeeping.cancel()
        await self.pool.close()
        await self.recorder.drained()
        await asyncio.to_thread(self.database.close)

    # -- wiring -------------------------------------------------------------------------------

    def _pool_changed(self) -> None:
        failed = self.pool.state is PoolState.FAILED
        self.dispatcher.unavailable = self.pool.detail if failed else None
        if failed:
            self.frontend.serve_waiting()
        self.changes.ring("pool")

    def _host_joined(self, host: Host) -> None:
        self.dispatcher.host_joined(host)
        if self.pool.state is PoolState.READY:
            self._drain_starter()

    def _drain_starter(self) -> None:
        """Once the cluster's hosts are there, the starter takes no more and then ends."""
        sites = self.dispatcher.assignment.sites
        starter = sites.get("starter")
        if starter is None or len(sites) <= self.settings.workers:
            return
        starter.draining = True

    def _capacity_changed(self) -> None:
        self.frontend.serve_waiting()
        self.runs.pump()

    def _functions_changed(self) -> None:
        functions = self.function_store.all()
        for function in functions:
            self.dispatcher.preload(function.configuration.preload)
        current = {function.revision_id for function in functions}
        for environment in self.dispatcher.assignment.idle_of_other_keys(current):
            self.dispatcher.stop(environment)
        self.changes.ring("functions")

    def _committed(
        self, results: list[ItemResult], attempts: list[AttemptRow], lines: list[LogRow]
    ) -> None:
        self.runs.committed(results, attempts)
        if attempts:
            self.pool.first_call_answered()
            self.changes.ring("invocations")
        if lines:
            self.changes.ring("logs")

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_S)
            try:
                await self.tidy()
            except Exception:
                logger.exception("housekeeping failed; going on")

    async def tidy(self) -> None:
        """End environments idle for long, the drained starter, and runs nobody feeds."""
        idle_since_s = self.clock.monotonic_s() - ENVIRONMENT_IDLE_S
        for environment in self.dispatcher.assignment.idle_before(idle_since_s):
            self.dispatcher.stop(environment)
        self._drain_starter()
        starter = self.dispatcher.assignment.sites.get("starter")
        if starter is not None and starter.draining and not starter.busy:
            await self.pool.end_starter()
        await self.runs.close_abandoned()

    @property
    def busy(self) -> bool:
        """Whether something is running or queued, so that it must not end by itself."""
        return bool(self.runs.active or self.frontend.queued or any(self.frontend.running.values()))
