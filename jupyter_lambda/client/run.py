"""A run as its caller holds it: followed, read, retried and cancelled by its id."""

from __future__ import annotations

import json
import struct
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from jupyter_lambda.client.codec import CONTENT_TYPE, load_result
from jupyter_lambda.client.failure import function_error
from jupyter_lambda.client.progress import OnProgress, reporter
from jupyter_lambda.clock import format_uuid
from jupyter_lambda.errors import FunctionError, InvalidParameterValue, ResourceNotFound

if TYPE_CHECKING:
    from jupyter_lambda.client.session import Session

Json = dict[str, Any]
_RESULT = struct.Struct("<IB16sI")
_OK = 0
_PAGE_ITEMS = 5_000
_WAIT_S = 20.0
_SHOW_EVERY_S = 0.25
SETTLED = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that failed: its number, and why."""

    item: int
    error: FunctionError
    run: Run = field(repr=False)

    @property
    def event(self) -> Any:
        """The input of the item, as it was sent."""
        return self.run.event(self.item)


@dataclass(frozen=True, slots=True)
class Settled:
    """An item with its outcome: a result, or an error."""

    item: int
    result: Any = None
    error: FunctionError | None = None


class Run:
    """A durable map. Everything it holds is on the service; this is a handle by its id."""

    def __init__(self, session: Session, content: Json) -> None:
        self._session = session
        self._content = content
        self._manifest: Json | None = None

    @property
    def id(self) -> str:
        return str(self._content["id"])

    @property
    def function_name(self) -> str:
        return str(self._content["function"])

    @property
    def state(self) -> str:
        """``open``, ``running``, ``succeeded``, ``failed`` or ``cancelled``, as of now."""
        return str(self.progress()["state"])

    @property
    def described(self) -> Json:
        """What the service last said of it."""
        return self._content

    def progress(self) -> Json:
        """Counts by outcome, durations and cost, as of now."""
        if self._content["state"] not in SETTLED:
            self._content = self._session.run_progress(self.id)
        return self._content

    @property
    def cost(self) -> Decimal:
        """Dollars at list price, so far."""
        return Decimal(self.progress()["cost_usd"])

    def wait(
        self, timeout_s: float | None = None, *, on_progress: OnProgress | None = None
    ) -> Json:
        """Until each item is settled. Interrupting the wait leaves the run going.

        Raises:
            TimeoutError: it is not settled after ``timeout_s`` seconds; it goes on.
        """
        show = on_progress or reporter()
        try:
            return self._wait(timeout_s, show)
        except KeyboardInterrupt:
            sys.stderr.write(
                f'\ndetached: run {self.id} goes on; get it back with jl.run("{self.id}")\n'
            )
            raise

    def _wait(self, timeout_s: float | None, show: OnProgress | None) -> Json:
        began_s = time.monotonic()
        shown_s = 0.0
        patience_s = _WAIT_S if show is None else _SHOW_EVERY_S
        content = self._session.run_progress(self.id)
        while content["state"] not in SETTLED:
            now_s = time.monotonic()
            left_s = None if timeout_s is None else began_s + timeout_s - now_s
            if left_s is not None and left_s <= 0:
                raise TimeoutError(f"run {self.id} is not settled after {timeout_s} s; it goes on")
            if show is not None and now_s - shown_s >= _SHOW_EVERY_S:
                show(content)
                shown_s = now_s
            content = self._session.run_progress(
                self.id,
                after=content["sequence"],
                wait_s=patience_s if left_s is None else min(patience_s, left_s),
            )
        self._content = content
        if show is not None:
            show(content)
        return content

    def results(self, errors: Literal["raise", "skip", "return"] = "raise") -> list[Any]:
        """The results in the order of the events, when all are settled.

        Args:
            errors: ``raise`` the first failure, ``skip`` failed items, or ``return`` their
                ``FunctionError`` in their place.

        Raises:
            FunctionError: an item failed and ``errors`` is ``raise``; notes count the failures.
        """
        if errors not in ("raise", "skip", "return"):
            raise InvalidParameterValue(
                f'errors must be "raise", "skip" or "return"; got {errors!r}'
            )
        content = self.wait()
        results: list[Any] = []
        for settled in self._settled():
            if settled.error is None:
                results.append(settled.result)
            elif errors == "raise":
                raise self._summarised(settled, content)
            elif errors == "return":
                results.append(settled.error)
        return results

    def _summarised(self, first: Settled, content: Json) -> FunctionError:
        error = first.error
        assert error is not None
        failures: dict[str, int] = content["failures"]
        kinds = [f"{count} {name}" for name, count in failures.items()]
        if content["cancelled"]:
            kinds.append(f"{content['cancelled']} cancelled")
        error.add_note(
            f"item {first.item} of run {self.id}; {content['ok']} of {content['accepted']} items "
            f"are ok, the others are: {', '.join(kinds)}. "
            'See run.failed, run.retry(), or run.results(errors="skip")'
        )
        return error

    @property
    def failed(self) -> list[Failure]:
        """The items that have failed so far, in order, with their errors."""
        return [
            Failure(settled.item, settled.error, self)
            for settled in self._settled(failures_only=True)
            if settled.error is not None
        ]

    def as_completed(self) -> Iterator[Settled]:
        """Each item as soon as it is settled, in the order in which they are."""
        position = 0
        content = self._session.run_progress(self.id)
        while True:
            page = self._page(f"order=settled&start={position}&limit={_PAGE_ITEMS}")
            yield from self._cut(page.body, failures_only=False)
            position = int(page.headers.get("x-jupyter-lambda-position", position))
            if page.body:
                continue
            if content["state"] in SETTLED:
                return
            content = self._session.run_progress(self.id, after=content["sequence"], wait_s=_WAIT_S)

    def event(self, item: int) -> Any:
        """The input of an item, as it was sent."""
        response = self._session.call("GET", f"/v1/runs/{self.id}/items/{item}/payload")
        return load_result(response.body) if self._pickled else json.loads(response.body)

    def retry(self, error_types: Sequence[str] | str | None = None) -> Run:
        """Send the failed and cancelled items again, with the function as it is now.

        Args:
            error_types: only items with these, such as ``"Sandbox.Timedout"``; all if None.
        """
        wanted = [error_types] if isinstance(error_types, str) else error_types
        content = {"error_types": None if wanted is None else list(wanted)}
        self._content = self._session.post(f"/v1/runs/{self.id}/retry", content)
        self._manifest = None
        return self

    def cancel(self) -> Run:
        """Queued items are cancelled, running ones killed; what is settled stays."""
        self._content = self._session.post(f"/v1/runs/{self.id}/cancel", {})
        return self

    def close_input(self, error: str | None) -> None:
        """No more events come; ``error`` says why they ended early."""
        self._content = self._session.post(f"/v1/runs/{self.id}/close", {"error": error})

    def logs(self, limit: int = 1_000) -> list[Json]:
        """The newest lines of all its invocations, oldest first."""
        return self._session.logs(run=self.id, limit=limit)

    def usage(self) -> Json:
        """What it used and what that costs."""
        return self._session.usage(run=self.id)

    # -- results ------------------------------------------------------------------------------

    @property
    def _pickled(self) -> bool:
        return str(self._content["codec"]) == CONTENT_TYPE

    def _page(self, query: str) -> Any:
        return self._session.call("GET", f"/v1/runs/{self.id}/results?{query}")

    def _settled(self, *, failures_only: bool = False) -> Iterator[Settled]:
        start: str | None = "0"
        chosen = "&outcome=failed" if failures_only else ""
        while start is not None:
            page = self._page(f"start={start}&limit={_PAGE_ITEMS}{chosen}")
            yield from self._cut(page.body, failures_only=failures_only)
            start = page.headers.get("x-jupyter-lambda-next")

    def _cut(self, body: bytes, *, failures_only: bool) -> Iterator[Settled]:
        position, end = 0, len(body)
        view = memoryview(body)
        pickled = self._pickled
        while position < end:
            item, code, request_id, length = _RESULT.unpack_from(body, position)
            position += _RESULT.size
            payload = view[position : position + length]
            position += length
            if code != _OK:
                yield Settled(item, error=self._error(bytes(payload), request_id))
            elif not failures_only:
                yield Settled(item, load_result(payload) if pickled else json.loads(bytes(payload)))

    def _error(self, body: bytes, request_id: bytes) -> FunctionError:
        if self._manifest is None:
            try:
                self._manifest = self._session.describe(self.function_name)["manifest"]
            except ResourceNotFound:
                self._manifest = {}
        return function_error(
            body,
            function_name=self.function_name,
            manifest=self._manifest or {},
            request_id=format_uuid(request_id) if any(request_id) else "",
        )

    def __repr__(self) -> str:
        content = self._content
        failed = sum(content["failures"].values())
        return (
            f"<Run {self.id} of {self.function_name}: {content['state']}, {content['ok']} of "
            f"{content['accepted']} ok, {failed} failed>"
        )
