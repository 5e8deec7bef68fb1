"""The listener of one service: its socket, its connection file, and its idle end."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
import signal
import socket
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from jupyter_lambda import __version__
from jupyter_lambda.clock import SystemClock
from jupyter_lambda.model import quotas
from jupyter_lambda.placement.starter import Starter
from jupyter_lambda.rest.app import make_application
from jupyter_lambda.rest.presence import Presence
from jupyter_lambda.service import LambdaService, Settings

logger = logging.getLogger("jupyter_lambda")

CONNECTION_FILE = "service.json"
_IDLE_LOOK_S = 1.0


def write_connection_file(home: Path, content: dict[str, object]) -> None:
    """Write it whole, readable by its owner alone, in one rename."""
    target = home / CONNECTION_FILE
    draft = home / f"{CONNECTION_FILE}.{os.getpid()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
    draft.replace(target)


async def serve(settings: Settings, *, port: int, starter: Starter) -> None:
    """Run the service until it is asked to stop or has been idle for its time."""
    clock = SystemClock()
    token = secrets.token_hex(24)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with LambdaService.open(settings, clock, starter) as service:
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
        logger.info("stopping")


async def _end_when_idle(service: LambdaService, presence: Presence, ended: asyncio.Event) -> None:
    limit_s = service.settings.idle_timeout_s
    while limit_s and not ended.is_set():
        await asyncio.sleep(min(_IDLE_LOOK_S, limit_s / 4))
        if not service.busy and presence.idle_s() > limit_s:
            logger.info("idle for %.0f s with nothing to do: ending", limit_s)
            ended.set()
