"""The service's process: one per home, found through its connection file, ending when idle.

``python -m jupyter_lambda.serve`` is what the client spawns; ``jupyter lambda serve`` runs the
same in the foreground. The lock file decides between two that start at the same moment: the loser
leaves quietly, and whoever spawned it finds the winner's connection file.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from jupyter_lambda import __version__
from jupyter_lambda.client.home import default_home
from jupyter_lambda.clock import SystemClock
from jupyter_lambda.model import quotas
from jupyter_lambda.rest.app import make_application
from jupyter_lambda.rest.presence import Presence
from jupyter_lambda.service import LambdaService, Settings

logger = logging.getLogger("jupyter_lambda")

LOCK_FILE = "service.lock"
CONNECTION_FILE = "service.json"
ALREADY_RUNNING = 75
"""Exit status of the one that found the home taken (EX_TEMPFAIL)."""
_IDLE_LOOK_S = 1.0


class HomeTakenError(Exception):
    """Another service holds this home."""


@contextlib.contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the home's lock; the kernel lets go of it however we end.

    Raises:
        HomeTakenError: another process holds it.
    """
    import fcntl

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(home / LOCK_FILE, "a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HomeTakenError(str(home)) from error
        yield


def write_connection_file(home: Path, content: dict[str, object]) -> None:
    """Write it whole, readable by its owner alone, in one rename."""
    target = home / CONNECTION_FILE
    draft = home / f"{CONNECTION_FILE}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    draft.replace(target)


async def serve(settings: Settings, *, port: int) -> None:
    """Run the service until it is asked to stop or has been idle for its time."""
    clock = SystemClock()
    token = secrets.token_hex(24)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with LambdaService.open(settings, clock) as service:
        presence = Presence(clock)
        application = make_application(service, presence, token=token, stop=ended.set)
        server = HTTPServer(
            application, max_body_size=quotas.RUN_ITEM_MAX_BYTES * 2, max_buffer_size=1 << 30
        )
        sockets = bind_sockets(port, "127.0.0.1", family=socket.AF_INET)
        server.add_sockets(sockets)
        url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
        service.url = url
        write_connection_file(
            settings.home,
            {
                "url": url,
                "token": token,
                "pid": os.getpid(),
                "version": __version__,
                "started_at": service.started_at.isoformat(),
            },
        )
        logger.info("serving %s at %s with %d workers", settings.home, url, settings.workers)
        idle = asyncio.create_task(_end_when_idle(service, presence, ended))
        await ended.wait()
        idle.cancel()
        (settings.home / CONNECTION_FILE).unlink(missing_ok=True)
        server.stop()
        presence.dismiss()
        logger.info("stopping")


async def _end_when_idle(service: LambdaService, presence: Presence, ended: asyncio.Event) -> None:
    limit_s = service.settings.idle_timeout_s
    while limit_s and not ended.is_set():
        await asyncio.sleep(min(_IDLE_LOOK_S, limit_s / 4))
        if not service.busy and presence.idle_s() > limit_s:
            logger.info("idle for %.0f s with nothing to do: ending", limit_s)
            ended.set()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="jupyter lambda serve", description="Run the Lambda service in the foreground."
    )
    parser.add_argument("--home", type=Path, default=None, help="state directory")
    parser.add_argument("--port", type=int, default=0, help="loopback port; any free one if 0")
    parser.add_argument("--workers", type=int, default=None, help="Dask workers; one per core")
    parser.add_argument(
        "--idle-timeout-s",
        type=float,
        default=None,
        help="end after this many seconds without clients and work; 0 never does (default 600)",
    )
    options = parser.parse_args(argv)
    if options.workers is not None and options.workers < 1:
        parser.error("--workers must be 1 or more")
    if not hasattr(os, "fork"):
        sys.stderr.write(
            "jupyter_lambda: execution environments need fork(), which this system lacks; "
            "on Windows run the service in WSL 2\n"
        )
        return 1
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
    home = (options.home or default_home()).expanduser().resolve()
    settings = Settings.create(home, workers=options.workers, idle_timeout_s=options.idle_timeout_s)
    try:
        with hold(home):
            asyncio.run(serve(settings, port=options.port))
    except HomeTakenError:
        sys.stderr.write(f"a Lambda service already runs for {home}\n")
        return ALREADY_RUNNING
    return 0


if __name__ == "__main__":
    sys.exit(main())
