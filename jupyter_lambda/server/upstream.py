"""The Lambda service as the Jupyter server sees it: perhaps there, perhaps not.

``handlers`` and ``relay`` reach the service through here alone. The connection file is read again
whenever it has changed, so a service that was restarted is found by the next request; nothing is
started from here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.httputil import HTTPHeaders

from jupyter_lambda.errors import LambdaError, ServiceFault, ServiceUnavailable, from_wire

CONNECTION_FILE = "service.json"
CONNECT_TIMEOUT_S = 5.0
REQUEST_TIMEOUT_S = 15.0
MAX_REQUESTS = 20
NOT_RUNNING = "The Lambda service is not running."

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the service listens, as its connection file says."""

    url: str
    token: str = field(repr=False)
    pid: int


class Upstream:
    """Asks the service of one home, authenticated by the token of its connection file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._client = AsyncHTTPClient(force_instance=True, max_clients=MAX_REQUESTS)
        self._known: tuple[Stamp, Connection] | None = None

    def stamp(self) -> Stamp | None:
        """Identifies the connection file's present content; None when there is no file."""
        try:
            status = os.stat(self.home / CONNECTION_FILE)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def connection(self) -> Connection | None:
        """The service that the connection file names; whether it lives is not asked."""
        stamp = self.stamp()
        if stamp is None:
            self._known = None
            return None
        if self._known is None or self._known[0] != stamp:
            connection = self._read()
            if connection is None:
                return None
            self._known = (stamp, connection)
        return self._known[1]

    async def get(
        self,
        path: str,
        query: Mapping[str, str | int] | None = None,
        *,
        passive: bool = False,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> bytes:
        """The JSON body of the answer.

        ``passive`` requests do not count as a client: the service may end while one is open.

        Raises:
            ServiceUnavailable: there is no service, or it does not answer.
            LambdaError: what the service answered, if it refused.
        """
        where = f"{path}?{urlencode(query)}" if query else path
        return await self._ask("GET", where, passive=passive, timeout_s=timeout_s)

    async def post(self, path: str, content: Mapping[str, Any]) -> bytes:
        """Like ``get``, for a request that changes something."""
        return await self._ask("POST", path, body=json.dumps(content).encode())

    def close(self) -> None:
        self._client.close()

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        passive: bool = False,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> bytes:
        connection = self.connection()
        if connection is None:
            raise ServiceUnavailable(NOT_RUNNING)
        headers = HTTPHeaders({"Authorization": f"Bearer {connection.token}"})
        if passive:
            headers["X-Jupyter-Lambda-Passive"] = "1"
        if body is not None:
            headers["Content-Type"] = "application/json"
        request = HTTPRequest(
            connection.url.rstrip("/") + path,
            method=method,
            headers=headers,
            body=body,
            connect_timeout=CONNECT_TIMEOUT_S,
            request_timeout=timeout_s,
            follow_redirects=False,
        )
        try:
            response = await self._client.fetch(request)
        except HTTPClientError as error:
            raise _refusal(error) from error
        except OSError as error:
            raise ServiceUnavailable(NOT_RUNNING) from error
        return bytes(response.body)

    def _read(self) -> Connection | None:
        """None when the file is gone again or half a file, as while a service starts or ends."""
        try:
            content = json.loads((self.home / CONNECTION_FILE).read_bytes())
            return Connection(
                url=str(content["url"]), token=str(content["token"]), pid=int(content["pid"])
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _refusal(error: HTTPClientError) -> LambdaError:
    """What an answer other than 2xx means; tornado reports its own time-outs as 599."""
    if error.response is None or error.code == 599:
        return ServiceUnavailable("The Lambda service does not answer.")
    try:
        return from_wire(json.loads(error.response.body))
    except ValueError:
        return ServiceFault(f"The Lambda service answered {error.code} {error.message}.")
