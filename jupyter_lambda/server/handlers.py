"""What the panel asks of the Jupyter server, under ``<base url>/jupyter-lambda/api/``.

Each handler is authenticated and authorised by Jupyter (resource ``jupyter_lambda``), then asks
the service through ``Upstream``. Only the reads listed here pass: the page gets no other way to
the service. A service that is down is a normal answer of ``overview``, not an error.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from jupyter_lambda.errors import LambdaError, ServiceUnavailable
from jupyter_lambda.server.relay import ChangeRelay
from jupyter_lambda.server.upstream import Upstream

RESOURCE = "jupyter_lambda"
API = r"/jupyter-lambda/api"
READABLE = {
    "invocations": frozenset({"function", "run", "limit"}),
    "logs": frozenset({"function", "run", "request_id", "after", "limit"}),
}


@dataclass(frozen=True, slots=True)
class Door:
    """What the handlers of one Jupyter server share."""

    upstream: Upstream
    relay: ChangeRelay
    start_service: Callable[[Path], None]
    """Blocks until the service of this home answers; raises a ``LambdaError`` if it cannot."""


class LambdaHandler(ExtensionHandlerMixin, APIHandler):
    """Base: who may ask, and how our errors look to the page."""

    auth_resource = RESOURCE

    @property
    def door(self) -> Door:
        door: Door = self.settings["jupyter_lambda_door"]
        return door

    async def reply(self, answer: Awaitable[bytes]) -> None:
        """Send the JSON of ``answer`` on, or its error under our own status."""
        try:
            body = await answer
        except LambdaError as error:
            raise web.HTTPError(error.http_status, error.message) from error
        self.finish(body)


class OverviewHandler(LambdaHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        try:
            overview = await self.door.upstream.get("/v1/overview")
        except ServiceUnavailable as error:
            self.finish(json.dumps({"service": "down", "detail": error.message}))
        except LambdaError as error:
            raise web.HTTPError(502, error.message) from error
        else:
            self.finish(b'{"service": "up", "overview": ' + overview + b"}")


class ReadHandler(LambdaHandler):
    """One of the service's lists, narrowed by the same words as in its own API.

    Other words are ignored: JupyterLab adds the time to each address to get past caches.
    """

    @web.authenticated
    @authorized
    async def get(self, what: str) -> None:
        given = READABLE[what] & self.request.query_arguments.keys()
        query = {key: self.get_query_argument(key) for key in sorted(given)}
        await self.reply(self.door.upstream.get(f"/v1/{what}", query))


class StartHandler(LambdaHandler):
    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        await self.reply(self._start())

    async def _start(self) -> bytes:
        home = self.door.upstream.home
        await asyncio.get_running_loop().run_in_executor(None, self.door.start_service, home)
        self.door.relay.look()
        return b'{"service": "up"}'


class StopHandler(LambdaHandler):
    @web.authenticated
    @authorized("execute")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        await self.reply(self._stop())

    async def _stop(self) -> bytes:
        await self.door.upstream.post("/v1/shutdown", {})
        return b'{"service": "down"}'


def routes() -> list[tuple[str, type[LambdaHandler], dict[str, Any]]]:
    """Route, handler and its arguments; the names in ``READABLE`` need no escaping."""
    return [
        (rf"{API}/overview", OverviewHandler, {}),
        (rf"{API}/({'|'.join(READABLE)})", ReadHandler, {}),
        (rf"{API}/start", StartHandler, {}),
        (rf"{API}/stop", StopHandler, {}),
    ]
