"""Runs over HTTP: fed in batches, followed by long polls, read in pages."""

from __future__ import annotations

import struct

from jupyter_lambda.errors import InvalidParameterValue, InvalidRequestContent
from jupyter_lambda.invoke.attempts import OUTCOME_CODES
from jupyter_lambda.model.invocation import Codec
from jupyter_lambda.rest.base import PAGE_MAX, ApiHandler
from jupyter_lambda.stores.results import ResultOrder

_LENGTH = struct.Struct("<I")
_RESULT = struct.Struct("<IB16sI")


class RunsHandler(ApiHandler):
    def get(self) -> None:
        limit = self.number("limit", 50, PAGE_MAX)
        self.reply({"runs": self.view.runs(self.optional("function"), limit)})

    async def post(self) -> None:
        body = self.json_body()
        if not isinstance(body.get("function"), str):
            raise InvalidParameterValue("function is missing: the name of the function to run")
        try:
            codec = Codec(body.get("codec", Codec.JSON))
        except ValueError as error:
            raise InvalidParameterValue(
                f"codec must be one of {', '.join(Codec)}; got {body.get('codec')!r}"
            ) from error
        run = await self.service.runs.create(self.service.functions.get(body["function"]), codec)
        self.reply(self.view.run(run.run_id), 201)


class RunHandler(ApiHandler):
    async def get(self, run_id: str) -> None:
        active = self.service.runs.active.get(run_id)
        if active is not None:
            await active.bell.wait(self.number("after", 0), self.patience_s())
        self.reply(self.view.run(run_id))


class ItemsHandler(ApiHandler):
    async def post(self, run_id: str) -> None:
        payloads = cut(self.request.body)
        self.reply({"accepted": await self.service.runs.accept(run_id, payloads)})


class PayloadHandler(ApiHandler):
    def get(self, run_id: str, item: str) -> None:
        self.service.run_store.get(run_id)
        (payload,) = self.service.run_store.inputs(run_id, [int(item)])
        self.set_header("Content-Type", "application/octet-stream")
        self.finish(payload)


class CloseHandler(ApiHandler):
    async def post(self, run_id: str) -> None:
        error = self.json_body().get("error")
        await self.service.runs.close_input(run_id, None if error is None else str(error))
        self.reply(self.view.run(run_id))


class RetryHandler(ApiHandler):
    async def post(self, run_id: str) -> None:
        error_types = self.json_body().get("error_types")
        if error_types is not None and not (
            isinstance(error_types, list) and all(isinstance(name, str) for name in error_types)
        ):
            raise InvalidParameterValue("error_types must be a list of error types, or null")
        function = self.service.functions.get(self.service.run_store.get(run_id).function_name)
        await self.service.runs.retry(run_id, error_types, function)
        self.reply(self.view.run(run_id))


class CancelHandler(ApiHandler):
    async def post(self, run_id: str) -> None:
        await self.service.runs.cancel(run_id)
        self.reply(self.view.run(run_id))


class ResultsHandler(ApiHandler):
    """Settled items as packed records: by item, the failures alone, or as they were settled."""

    def get(self, run_id: str) -> None:
        page = self.service.run_store.results(
            run_id,
            order=self._order(),
            start=self.number("start", 0),
            limit=self.number("limit", 1_000, PAGE_MAX) or 1,
        )
        parts: list[bytes] = []
        for result in page.results:
            code = OUTCOME_CODES[result.outcome]
            payload = result.payload
            parts += (_RESULT.pack(result.item, code, result.request_id, len(payload)), payload)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("X-Jupyter-Lambda-Position", str(page.following))
        if not page.at_end:
            self.set_header("X-Jupyter-Lambda-Next", str(page.following))
        self.finish(b"".join(parts))

    def _order(self) -> ResultOrder:
        if self.optional("order") == "settled":
            return ResultOrder.AS_SETTLED
        failed = self.optional("outcome") == "failed"
        return ResultOrder.FAILURES if failed else ResultOrder.BY_ITEM


def cut(body: bytes) -> list[bytes]:
    """Length-prefixed payloads, cut apart."""
    payloads: list[bytes] = []
    position = 0
    while position < len(body):
        try:
            (length,) = _LENGTH.unpack_from(body, position)
        except struct.error as error:
            raise InvalidRequestContent("the batch ends inside a length prefix") from error
        position += _LENGTH.size
        if position + length > len(body):
            raise InvalidRequestContent(f"the batch ends inside item {len(payloads)}")
        payloads.append(body[position : position + length])
        position += length
    return payloads
