"""A function as its caller holds it: called here, invoked there, mapped over many events."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from jupyter_lambda.client.codec import CONTENT_TYPE, dump_event, load_result
from jupyter_lambda.client.failure import function_error
from jupyter_lambda.client.feed import feed
from jupyter_lambda.client.here import Handler, call_here
from jupyter_lambda.client.progress import OnProgress, reporter
from jupyter_lambda.client.run import Run
from jupyter_lambda.errors import InvalidParameterValue

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from jupyter_lambda.client.session import Session

Json = dict[str, Any]
_SUBMIT_THREADS = 32


class Function:
    """A function of the service.

    Calling it runs the local definition here; ``invoke``, ``submit`` and ``map`` run it on the
    pool.
    """

    def __init__(
        self,
        session: Session | Callable[[], Session],
        content: Json | None,
        *,
        name: str = "",
        local: Handler | None = None,
        deploy: Callable[[], Json] | None = None,
    ) -> None:
        """Made by a session or a decorator.

        Args:
            session: the session, or what gives the one in use.
            content: what the service said of it; None while it is still to be deployed.
            deploy: deploys it and gives what the service says of it then; called once, before
                the first remote use.
        """
        self._session_or_source = session
        self._known = content
        self._deploy = deploy
        self._deploying = threading.Lock()
        self._name = name or str((content or {})["name"])
        self.local = local
        if local is not None:
            functools.update_wrapper(self, local)
        self.__name__ = self._name

    @property
    def _session(self) -> Session:
        given = self._session_or_source
        return given() if callable(given) else given

    @property
    def name(self) -> str:
        return self._name

    @property
    def configuration(self) -> Json:
        """What the service says of it now: configuration, revision, last result, usage."""
        self._ensure_deployed()
        self._known = self._session.describe(self.name)
        return self._known

    @property
    def described(self) -> Json:
        """What the service said of it when it was got or deployed."""
        self._ensure_deployed()
        assert self._known is not None
        return self._known

    @property
    def manifest(self) -> Json:
        content = self.described
        manifest: Json = (
            content["manifest"] if "manifest" in content else self.configuration["manifest"]
        )
        return manifest

    def _ensure_deployed(self) -> None:
        if self._deploy is not None:
            with self._deploying:
                if self._deploy is not None:
                    self._known = self._deploy()
                    self._deploy = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the local definition in this process, with its own arguments or with an event.

        Raises:
            InvalidParameterValue: the function was not defined in this process.
        """
        if self.local is None:
            raise InvalidParameterValue(
                f"{self.name!r} has no definition in this process; "
                f"use {self.name}.invoke(event) to run it on the pool"
            )
        return call_here(self.local, self.name, args, kwargs)

    def invoke(self, event: Any = None) -> Any:
        """Run it once on the pool and return its result.

        Raises:
            FunctionError: the handler failed; it has the remote traceback, in terms of the cell.
            InvalidRequestContent, RequestTooLarge: the event cannot be sent.
            WorkerLost: the worker ended in the middle.
        """
        self._ensure_deployed()
        answer = self._session.invoke_raw(self.name, dump_event(event), CONTENT_TYPE, report=False)
        if answer.error:
            raise function_error(
                answer.body,
                function_name=self.name,
                manifest=self.manifest,
                request_id=answer.request_id,
            )
        return load_result(answer.body)

    def submit(self, event: Any = None) -> Future[Any]:
        """Like ``invoke``, at once: the future has the result or the error."""
        self._ensure_deployed()
        return _submitters().submit(self.invoke, event)

    def map(self, events: Iterable[Any], *, on_progress: OnProgress | None = None) -> Run:
        """Run it once for each event; the run is durable and has an id from the start.

        Events are read in this thread, no faster than the service takes them, so an endless
        iterator never fills the memory. Returns when all are accepted.

        Raises:
            RunInputError: the iterator raised; what it had yielded is in the run and runs.
            InvalidRequestContent: an event cannot be pickled; those before it are in the run.
        """
        self._ensure_deployed()
        return feed(self._session, self.name, events, on_progress or reporter())

    def logs(self, limit: int = 1_000) -> list[Json]:
        """The newest lines of all its invocations, oldest first."""
        return self._session.logs(function=self.name, limit=limit)

    def usage(self) -> Json:
        """What it used and what that costs, over all time."""
        return self._session.usage(function=self.name)

    def delete(self) -> None:
        """Remove it from the service; its logs and usage stay."""
        self._session.delete(self.name)

    def __repr__(self) -> str:
        content = self._known
        if content is None:
            return f"<Function {self.name}, deployed at its first use>"
        return (
            f"<Function {self.name}, revision {content['revision']}, "
            f"{content['memory_mb']} MB, {content['timeout_s']} s>"
        )


def _requires_context(local: Callable[..., Any]) -> bool:
    """Whether it cannot be called without the second of a handler's two arguments."""
    try:
        parameters = list(inspect.signature(local).parameters.values())
    except (TypeError, ValueError):
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    required = [p for p in parameters if p.default is p.empty and p.kind in positional]
    return len(required) == 2 and required[1].name.strip("_") in ("context", "ctx")


_pool: list[ThreadPoolExecutor] = []
_making = threading.Lock()


def _submitters() -> ThreadPoolExecutor:
    with _making:
        if not _pool:
            from concurrent.futures import ThreadPoolExecutor

            _pool.append(ThreadPoolExecutor(_SUBMIT_THREADS, "jupyter-lambda-submit"))
        return _pool[0]
