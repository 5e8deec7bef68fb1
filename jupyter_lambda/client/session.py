"""A session with one service: its verbs, one method each.

A service that has ended is started again before a request that certainly did not reach the last
one; what may have been carried out is never silently repeated.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jupyter_lambda.client import connection
from jupyter_lambda.client.function import Function
from jupyter_lambda.client.home import default_home
from jupyter_lambda.client.run import Run
from jupyter_lambda.client.transport import NotSentError, Response
from jupyter_lambda.errors import ServiceUnavailable, Unauthorized
from jupyter_lambda.model.function import FunctionConfiguration

if TYPE_CHECKING:
    from jupyter_lambda.capture.package import Package

DEFAULT_MEMORY_MB = 256
DEFAULT_TIMEOUT_S = 30
_FOLLOW_WAIT_S = 20

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deploy did: ``created``, ``updated`` or ``unchanged``."""

    change: str
    function: Function
    package: Package


@dataclass(frozen=True, slots=True)
class Answer:
    """A synchronous invocation's answer as it came."""

    body: bytes
    error: bool
    report: Json
    request_id: str


class Session:
    """Talks to the service of one home."""

    def __init__(self, found: connection.Connection, *, start: bool = True) -> None:
        self._connection = found
        self._start = start
        self._reconnecting = threading.Lock()

    @property
    def home(self) -> Path:
        return self._connection.home

    @property
    def url(self) -> str:
        return self._connection.url

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """One request to the service, started again first if it has ended."""
        used = self._connection
        try:
            return used.transport.request(method, path, body, headers=headers)
        except (NotSentError, Unauthorized):
            # Unauthorized: a later service listens at the port of ours. Nothing was done there.
            if not self._start:
                raise
        except ServiceUnavailable:
            if method != "GET" or not self._start:
                raise
        with self._reconnecting:
            if self._connection is used:
                self._connection = connection.connect(self.home)
        return self._connection.transport.request(method, path, body, headers=headers)

    def _get(self, path: str, **query: Any) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        return self.call("GET", f"{path}?{urlencode(given)}" if given else path).json()

    def post(self, path: str, content: Json) -> Any:
        return self.call("POST", path, json.dumps(content).encode()).json()

    # -- the service --------------------------------------------------------------------------

    def status(self) -> Json:
        answer: Json = self._get("/v1/status")
        return answer

    def overview(self) -> Json:
        answer: Json = self._get("/v1/overview")
        return answer

    def stop(self) -> None:
        """End the service and wait until it has; what is unfinished goes on at its next start."""
        stopped = self._connection
        stopped.transport.request("POST", "/v1/shutdown")
        connection.await_end(stopped)

    # -- functions ----------------------------------------------------------------------------

    def deploy(
        self,
        package: Package,
        *,
        name: str,
        memory: int = DEFAULT_MEMORY_MB,
        timeout: int = DEFAULT_TIMEOUT_S,
        env: Mapping[str, str] | None = None,
        description: str = "",
        source: str = "api",
    ) -> Deployment:
        """Create or update a function; the same code and configuration change nothing.

        Args:
            memory: MB, 128 to 10,240.
            timeout: seconds, 1 to 900.

        Raises:
            InvalidParameterValue: a setting that AWS would refuse.
        """
        python = package.manifest["python"]
        configuration = FunctionConfiguration(
            name=name,
            handler=package.handler,
            memory_mb=memory,
            timeout_s=timeout,
            environment=dict(env or {}),
            description=description,
            runtime=f"python{python}",
            preload=package.preload,
        )
        answer = self.call(
            "PUT",
            f"/v1/functions/{name}",
            json.dumps(
                {
                    "configuration": {
                        "handler": configuration.handler,
                        "memory_mb": memory,
                        "timeout_s": timeout,
                        "environment": configuration.environment,
                        "description": description,
                        "runtime": configuration.runtime,
                        "preload": list(configuration.preload),
                    },
                    "zip_base64": base64.b64encode(package.zip_bytes).decode(),
                    "manifest": package.manifest,
                    "source": source,
                }
            ).encode(),
        ).json()
        # The labels of cells may be newer than those that the service keeps.
        described = answer["function"] | {"manifest": package.manifest}
        return Deployment(answer["change"], Function(self, described), package)

    def functions(self) -> list[Function]:
        return [Function(self, content) for content in self._get("/v1/functions")["functions"]]

    def get(self, name: str) -> Function:
        """The function of that name, whoever made it.

        Raises:
            ResourceNotFound: there is none.
        """
        return Function(self, self.describe(name))

    def describe(self, name: str) -> Json:
        content: Json = self._get(f"/v1/functions/{quote(name, safe='')}")
        return content

    def delete(self, name: str) -> None:
        self.call("DELETE", f"/v1/functions/{quote(name, safe='')}")

    def invoke_raw(
        self, name: str, payload: bytes, content_type: str, *, report: bool = True
    ) -> Answer:
        """One synchronous invocation, bytes in and bytes out.

        Args:
            report: whether the answer is to have the attempt's usage record.

        Raises:
            RequestTooLarge: the payload is over AWS's limit (JSON) or ours (pickle).
            ServiceUnavailable: the service ended in the middle; whether it ran is unknown.
        """
        response = self.call(
            "POST",
            f"/v1/functions/{quote(name, safe='')}/invocations",
            payload,
            headers={
                "Content-Type": content_type,
                "X-Jupyter-Lambda-Report": "wanted" if report else "no",
            },
        )
        headers = response.headers
        return Answer(
            response.body,
            "x-amz-function-error" in headers,
            json.loads(headers.get("x-jupyter-lambda-report", "{}")),
            headers["x-amzn-requestid"],
        )

    # -- runs ---------------------------------------------------------------------------------

    def runs(self, function: str | None = None, limit: int = 50) -> list[Run]:
        answer = self._get("/v1/runs", function=function, limit=limit)
        return [Run(self, content) for content in answer["runs"]]

    def run(self, run_id: str) -> Run:
        """The run of that id, from whichever kernel it was started.

        Raises:
            ResourceNotFound: there is none.
        """
        return Run(self, self.run_progress(run_id))

    def run_progress(self, run_id: str, *, after: int = 0, wait_s: float = 0) -> Json:
        path = f"/v1/runs/{quote(run_id, safe='')}"
        answer: Json = self._get(path, after=after, wait_s=wait_s)
        return answer

    # -- telemetry ----------------------------------------------------------------------------

    def usage(
        self,
        function: str | None = None,
        run: str | None = None,
        request_id: str | None = None,
        month: str | None = None,
    ) -> Json:
        """What a function, a run, a call or a month used and costs."""
        answer: Json = self._get(
            "/v1/usage", function=function, run=run, request_id=request_id, month=month
        )
        return answer

    def invocations(
        self, function: str | None = None, run: str | None = None, limit: int = 50
    ) -> list[Json]:
        answer = self._get("/v1/invocations", function=function, run=run, limit=limit)
        rows: list[Json] = answer["invocations"]
        return rows

    def logs(
        self,
        function: str | None = None,
        run: str | None = None,
        request_id: str | None = None,
        limit: int = 1_000,
    ) -> list[Json]:
        """The newest lines, oldest first."""
        answer = self._get(
            "/v1/logs", function=function, run=run, request_id=request_id, limit=limit
        )
        lines: list[Json] = answer["lines"]
        return lines

    def follow_logs(
        self,
        function: str | None = None,
        run: str | None = None,
        request_id: str | None = None,
        after: int | None = None,
    ) -> Iterator[Json]:
        """Lines as they arrive, for ever: those past ``after``, or those past now."""
        scope = {"function": function, "run": run, "request_id": request_id}
        position = after
        if position is None:
            position = self._get("/v1/logs", limit=1)["next"]
        while True:
            page = self._get("/v1/logs", after=position, wait_s=_FOLLOW_WAIT_S, **scope)
            yield from page["lines"]
            position = page["next"]


_chosen: list[Session] = []
_choosing = threading.Lock()


def connect(
    home: Path | str | None = None, *, start: bool = True, workers: int | None = None
) -> Session:
    """Pick the service of ``home``, starting it if need be, for this and all later calls."""
    session = Session(connection.connect(home, start=start, workers=workers), start=start)
    with _choosing:
        _chosen[:] = [session]
    return session


def prepare() -> None:
    """Let the default home's service start while something else is done, if it is the next to
    be used."""
    if not _chosen:
        connection.prepare(default_home().expanduser().resolve())


def current() -> Session:
    """The session in use; the first use connects to the default home's service."""
    with _choosing:
        session = _chosen[0] if _chosen else None
    return session or connect()


def existing() -> Session | None:
    """A session with the service in use, else with the default home's; None if it does not run.

    Starts nothing, and leaves the session in use as it is.
    """
    with _choosing:
        home = _chosen[0].home if _chosen else default_home().expanduser().resolve()
    found = connection.find(home)
    return None if found is None else Session(found, start=False)
