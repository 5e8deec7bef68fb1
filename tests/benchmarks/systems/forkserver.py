"""multiprocessing's forkserver with numpy and pandas preloaded: the stdlib's own warm parent.

The first process, which waits for the server to import, is not a sample.
"""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext

from tests.benchmarks.systems.cold_process import ColdProcess


class PreloadedForkserver(ColdProcess):
    def open(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.benchmarks.frames"])
        _first_result_s(self._context)

    def cold_starts(self, samples: int) -> list[float]:
        return [_first_result_s(self._context) for _ in range(samples)]


def _first_result_s(context: ForkServerContext) -> float:
    started = time.perf_counter()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_total, args=(sender,))
    process.start()
    result: dict[str, int] = receiver.recv()
    elapsed = time.perf_counter() - started
    process.join()
    if result["pid"] != process.pid:
        raise AssertionError("the result came from another process than the one started")
    return elapsed


def _send_total(connection: Connection) -> None:
    from tests.benchmarks import frames

    connection.send(frames.total())
