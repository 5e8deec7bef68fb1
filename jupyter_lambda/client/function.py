"""A function as its caller holds it: called here, invoked there, mapped over many events."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from jupyter_lambda.client.codec import CONTENT_TYPE, dump_event, load_result
from jupyter_lambda.client.failure import function_error
from jupyter_lambda.client.feed import feed
from jupyter_lambda.client.progress import OnProgress, reporter
from jupyter_lambda.client.run import Run
from jupyter_lambda.errors import InvalidParameterValue

if TYPE_CHECKING:
    from jupyter_lambda.client.session import Session

Json = dict[str, Any]
_SUBMIT_THREADS = 32


class Function:
    """A deployed function.

    Calling it runs the local definition here; ``invoke``, ``submit`` and ``map`` run it on the
    pool.
    """

    def __init__(
        self, session: Session, content: Json, local: Callable[..., Any] | None = None
    ) -> None:
        self._session = session
        self._content = content
        self.local = local
        self.__name__ = str(content["name"])
        self.__doc__ = getattr(local, "__doc__", None) or content.get("description") or None

    @property
    def name(self) -> str:
        return str(self._content["name"])

    @property
    def configuration(self) -> Json:
        """What the service says of it now: configuration, revision, last result, usage."""
        self._content = self._session.describe(self.name)
        return self._content

    @property
    def described(self) -> Json:
        """What the service said of it when it was got or deployed."""
        return self._content

    @property
    def manifest(self) -> Json:
        if "manifest" not in self._content:
            self._content = self._session.describe(self.name)
        manifest: Json = self._content["manifest"]
        return manifest

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the local definition in this process.

        Raises:
            InvalidParameterValue: the function was not defined in this process.
        """
        if self.local is None:
            raise InvalidParameterValue(
                f"{self.name!r} has no definition in this process; "
                f"use {self.name}.invoke(event) to run it on the pool"
            )
        return self.local(*args, **kwargs)

    def invoke(self, event: Any = None) -> Any:
        """Run it once on the pool and return its result.

        Raises:
            FunctionError: the handler failed; it has the remote traceback, in terms of the cell.
            InvalidRequestContent, RequestTooLarge: the event cannot be sent.
            WorkerLost: the worker ended in the middle.
        """
        answer = self._session.invoke_raw(self.name, dump_event(event), CONTENT_TYPE)
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
        return _submitters().submit(self.invoke, event)

    def map(self, events: Iterable[Any], *, on_progress: OnProgress | None = None) -> Run:
        """Run it once for each event; the run is durable and has an id from the start.

        Events are read in this thread, no faster than the service takes them, so an endless
        iterator never fills the memory. Returns when all are accepted.

        Raises:
            RunInputError: the iterator raised; what it had yielded is in the run and runs.
            InvalidRequestContent: an event cannot be pickled; those before it are in the run.
        """
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
        content = self._content
        return (
            f"<Function {self.name}, revision {content['revision']}, "
            f"{content['memory_mb']} MB, {content['timeout_s']} s>"
        )


_pool: list[ThreadPoolExecutor] = []
_making = threading.Lock()


def _submitters() -> ThreadPoolExecutor:
    with _making:
        if not _pool:
            _pool.append(ThreadPoolExecutor(_SUBMIT_THREADS, "jupyter-lambda-submit"))
        return _pool[0]
