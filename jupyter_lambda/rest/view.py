"""Resources as the API shows them: model objects joined with usage, cost and what runs now."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_lambda import __version__
from jupyter_lambda.invoke.active_run import ActiveRun
from jupyter_lambda.model.function import Function
from jupyter_lambda.model.invocation import Attempt
from jupyter_lambda.model.run import RunProgress
from jupyter_lambda.model.usage import Usage
from jupyter_lambda.rest import wire
from jupyter_lambda.rest.wire import Json
from jupyter_lambda.service import LambdaService
from jupyter_lambda.stores.scope import EVERYTHING, Scope
from jupyter_lambda.telemetry.billing import amount_text, list_cost, monthly_bill
from jupyter_lambda.telemetry.metering import usage_of
from jupyter_lambda.telemetry.prices import load_prices


class View:
    """Renders for one service."""

    def __init__(self, service: LambdaService) -> None:
        self._service = service
        self._prices = load_prices()

    @property
    def month(self) -> str:
        return f"{self._service.clock.now():%Y-%m}"

    def status(self) -> Json:
        service = self._service
        return {
            "pid": service.pid,
            "url": service.url,
            "home": str(service.settings.home),
            "version": __version__,
            "started_at": wire.when(service.started_at),
            "functions": service.function_store.count(),
            "running": sum(self._running_by_function().values()),
            "queued": service.frontend.queued
            + sum(len(active.queue) for active in service.runs.active.values()),
            "runs": len(service.runs.active),
            "idle_timeout_s": service.settings.idle_timeout_s,
            "pool": self._pool(),
        }

    def _pool(self) -> Json:
        service = self._service
        return {
            "kind": "embedded",
            "state": service.pool.state,
            "detail": service.pool.detail,
            "scheduler": service.pool.scheduler,
            "workers": [
                {
                    "name": site.host.name,
                    "address": host.where.address,
                    "pid": host.where.pid,
                    "host": host.where.agent_host,
                    "threads": site.threads,
                    "memory_mb": site.capacity_mb,
                    "environments": len(site.environments),
                    "running": sum(1 for e in site.environments.values() if e.inflight),
                    "starter": host.where.starter,
                }
                for name, site in service.dispatcher.assignment.sites.items()
                if (host := service.dispatcher.hosts.get(name)) is not None
            ],
        }

    def _running_by_function(self) -> dict[str, int]:
        running = dict(self._service.frontend.running)
        for active in self._service.runs.active.values():
            name = active.run.function_name
            running[name] = running.get(name, 0) + active.progress().running
        return running

    def functions(self) -> list[Json]:
        functions = self._service.function_store.all()
        usage = self._service.usage.usage_by_function(self.month)
        last = self._service.usage.last_attempts()
        running = self._running_by_function()
        return [self._function(f, usage, last, running) for f in functions]

    def function(self, function: Function) -> Json:
        shown = self._function(
            function,
            self._service.usage.usage_by_function(self.month),
            self._service.usage.last_attempts(),
            self._running_by_function(),
        )
        return shown | {"manifest": function.manifest}

    def _function(
        self,
        function: Function,
        usage: dict[str, Usage],
        last: dict[str, Attempt],
        running: dict[str, int],
    ) -> Json:
        used = usage.get(function.name, Usage())
        latest = last.get(function.name)
        return wire.function_json(function) | {
            "running": running.get(function.name, 0),
            "last": None if latest is None else self.attempt(latest),
            "usage": {
                "requests": used.requests,
                "failures": used.failures,
                "gb_seconds": amount_text(used.gb_seconds),
                "billed_duration_ms": used.billed_duration_ms,
                "cost_usd": amount_text(list_cost(used, self._prices).total_usd),
            },
        }

    def attempt(self, attempt: Attempt) -> Json:
        return wire.attempt_json(attempt, list_cost(usage_of([attempt]), self._prices))

    def attempts(self, attempts: Iterable[Attempt]) -> list[Json]:
        return [self.attempt(attempt) for attempt in attempts]

    def run(self, run_id: str) -> Json:
        active = self._service.runs.active.get(run_id)
        if active is not None:
            return self._active_run(active)
        return self._settled_run(self._service.run_store.progress(run_id))

    def runs(self, function: str | None, limit: int) -> list[Json]:
        active = self._service.runs.active
        return [
            self._active_run(active[progress.run.run_id])
            if progress.run.run_id in active
            else self._settled_run(progress)
            for progress in self._service.run_store.newest(function, limit)
        ]

    def _active_run(self, active: ActiveRun) -> Json:
        usage = active.usage()
        return wire.run_json(
            active.progress(),
            usage,
            list_cost(usage, self._prices),
            p50_us=active.p50_us,
            sequence=active.bell.sequence,
        )

    def _settled_run(self, progress: RunProgress) -> Json:
        run_id = progress.run.run_id
        usage = self._service.usage.usage(Scope(run_id=run_id))
        return wire.run_json(
            progress,
            usage,
            list_cost(usage, self._prices),
            p50_us=self._service.usage.median_duration_us(run_id),
            # Past every sequence that a follower of the active run can have seen.
            sequence=1 << 52,
        )

    def usage(
        self,
        scope: Scope = EVERYTHING,
        *,
        month: str | None = None,
    ) -> Json:
        narrowed = scope != EVERYTHING
        chosen = month or (None if narrowed else self.month)
        used = self._service.usage.usage(scope, month=chosen)
        shown = wire.usage_json(used, list_cost(used, self._prices))
        if narrowed or chosen is None:
            return shown
        bill = monthly_bill(chosen, used, self._prices)
        return wire.usage_json(used, bill.cost) | {"bill": wire.bill_json(bill)}

    def overview(self) -> Json:
        return {
            "status": self.status(),
            "functions": self.functions(),
            "runs": self.runs(None, 20),
            "invocations": self.attempts(self._service.usage.recent(limit=50)),
            "usage": self.usage(),
        }
