"""The pool driver: Dask's side of the pool, in a process of its own.

The only module that imports ``distributed``. It starts a LocalCluster, installs on every worker a
plugin that starts one host agent, and tells the service where the agents listen. Keeping Dask out
of the service's process keeps its event loop free of the scheduler and its first answer free of
Dask's import.

Standard input: one JSON line of settings; then it is the lifeline, whose end ends the cluster.
Standard output: one JSON object a line, ``{"event": "ready" | "host" | "failed", ...}``.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import logging
import os
import subprocess
import sys
import threading
import time
import zipfile
from typing import Any

import dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin

logger = logging.getLogger(__name__)

TOPIC = "jupyter-lambda-host"
_RESTART_PAUSE_S = 0.5
_WORKER_MEMORY_LIMIT = "1GiB"
"""For the Dask worker alone; environments are its grandchildren, which Dask does not see."""


class HostAgentPlugin(WorkerPlugin):
    """Starts the host agent beside a worker and announces it; ends it with the worker.

    Travels to the worker by value with the agent's source, so that the worker needs nothing of
    ours installed.
    """

    name = "jupyter-lambda-host-agent"

    def __init__(
        self, *, source: bytes, package: str, token: str, passed_on: list[str], memory_mb: int
    ) -> None:
        self._source = source
        self._package = package
        self._token = token
        self._passed_on = passed_on
        self._memory_mb = memory_mb
        self._agent: subprocess.Popen[bytes] | None = None

    def setup(self, worker: Worker) -> None:
        folder = os.path.join(
            worker.local_directory,
            "jupyter-lambda-" + hashlib.sha256(self._source).hexdigest()[:16],
        )
        with zipfile.ZipFile(io.BytesIO(self._source)) as archive:
            archive.extractall(folder)
        self._start(worker, folder)
        threading.Thread(target=self._keep, args=(worker, folder), daemon=True).start()

    def _start(self, worker: Worker, folder: str) -> None:
        bind = worker.address.split("://", 1)[1].rpartition(":")[0].strip("[]")
        program = (
            f"import sys; sys.path.insert(0, {folder!r}); "
            f"from {self._package}.agent import main; sys.path.pop(0); main()"
        )
        agent = subprocess.Popen(
            [sys.executable, "-P", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in self._passed_on if name in os.environ},
        )
        self._agent = agent
        assert agent.stdin is not None
        assert agent.stdout is not None
        config = {"token": self._token, "bind": bind, "work": worker.local_directory}
        agent.stdin.write(json.dumps(config).encode() + b"\n")
        agent.stdin.flush()
        announced = json.loads(agent.stdout.readline())
        host = {
            "name": str(worker.name),
            "address": worker.address,
            "agent_host": bind,
            "agent_port": announced["port"],
            "pid": os.getpid(),
            "threads": worker.state.nthreads,
            "memory_mb": self._memory_mb,
        }
        worker.log_event(TOPIC, {"host": host})

    def _keep(self, worker: Worker, folder: str) -> None:
        """Start the agent again when it dies under a worker that lives."""
        while (agent := self._agent) is not None:
            agent.wait()
            if self._agent is not agent:
                return
            time.sleep(_RESTART_PAUSE_S)
            try:
                self._start(worker, folder)
            except (OSError, ValueError):
                logger.exception("the host agent could not be started again; trying once more")

    def teardown(self, worker: Worker) -> None:
        agent, self._agent = self._agent, None
        if agent is not None and agent.stdin is not None:
            agent.stdin.close()
            agent.wait(5)


def _tell(**content: Any) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


async def _serve(settings: dict[str, Any], ended: asyncio.Event) -> None:
    from jupyter_lambda.placement.shipping import RUNTIME_PACKAGE, runtime_archive
    from jupyter_lambda.runtime.passing import passed_on

    plugin = HostAgentPlugin(
        source=runtime_archive(),
        package=RUNTIME_PACKAGE,
        token=settings["token"],
        passed_on=passed_on(),
        memory_mb=settings["memory_mb"],
    )
    async with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=settings["workers"],
            threads_per_worker=1,
            processes=True,
            memory_limit=_WORKER_MEMORY_LIMIT,
            dashboard_address="127.0.0.1:0",
            silence_logs=40,
            asynchronous=True,
        ) as cluster,
        Client(cluster, asynchronous=True) as client,  # type: ignore[no-untyped-call]
    ):
        client.subscribe_topic(TOPIC, lambda event: _tell(event="host", host=event[1]["host"]))
        await client.register_plugin(plugin)
        _tell(event="ready", scheduler=cluster.scheduler_address)
        await ended.wait()


async def _run(settings: dict[str, Any]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()

    def watch_lifeline() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=watch_lifeline, daemon=True).start()
    serving = asyncio.create_task(_serve(settings, ended))
    ending = asyncio.create_task(ended.wait())
    await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    # A cluster that does not close in time ends with us: its workers watch their nanny.
    await asyncio.wait_for(serving, timeout=10)


def main() -> None:
    # Unbuffered, so that the lifeline can be watched without the interpreter's own locks.
    with open(os.dup(sys.stdin.fileno()), "rb", buffering=0) as first:
        settings = json.loads(first.readline())
    # Halves the idle load of a worker and changes neither latency nor throughput.
    dask.config.set(
        {
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "1s",
            "temporary-directory": settings["scratch"],
        }
    )
    try:
        asyncio.run(_run(settings))
    except Exception as error:
        _tell(event="failed", detail=f"{type(error).__name__}: {error}")
        raise


if __name__ == "__main__":
    main()
