"""Functions and single invocations over HTTP."""

from __future__ import annotations

import base64
import binascii
import json

from jupyter_lambda.clock import parse_uuid
from jupyter_lambda.errors import InvalidParameterValue, InvalidRequestContent
from jupyter_lambda.model import quotas
from jupyter_lambda.model.function import FunctionConfiguration
from jupyter_lambda.model.invocation import Codec, Outcome
from jupyter_lambda.rest.base import ApiHandler
from jupyter_lambda.stores.scope import Scope
from jupyter_lambda.telemetry.transcript import newest_lines


class FunctionsHandler(ApiHandler):
    def get(self) -> None:
        self.reply({"functions": self.view.functions()})


class FunctionHandler(ApiHandler):
    def get(self, name: str) -> None:
        self.reply(self.view.function(self.service.functions.get(name)))

    async def put(self, name: str) -> None:
        body = self.json_body()
        result = await self.service.functions.put(
            _configuration(name, body.get("configuration")),
            _package(body.get("zip_base64")),
            manifest=body.get("manifest") or {},
            source=str(body.get("source", "api")),
        )
        shown = self.view.function(result.function)
        self.reply({"change": result.change, "function": shown})

    async def delete(self, name: str) -> None:
        await self.service.functions.delete(name)
        self.set_status(204)
        self.finish()


class CodeHandler(ApiHandler):
    def get(self, name: str) -> None:
        function = self.service.functions.get(name)
        self.set_header("Content-Type", "application/zip")
        self.finish(self.service.code.get(function.code_sha256))


class InvocationsHandler(ApiHandler):
    """A synchronous invocation: the answer is the handler's, or AWS's error object."""

    async def post(self, name: str) -> None:
        codec = codec_of(self.request.headers.get("Content-Type", Codec.JSON))
        payload = self.request.body
        if codec is Codec.JSON and payload:
            _check_json(payload)
        function = self.service.functions.get(name)
        result = await self.service.frontend.invoke(function, payload, codec)
        attempt = result.attempt
        self.set_header("X-Amzn-RequestId", attempt.request_id)
        self.set_header("X-Amz-Executed-Version", attempt.version)
        if self.request.headers.get("X-Jupyter-Lambda-Report") == "wanted":
            self.set_header("X-Jupyter-Lambda-Report", json.dumps(self.view.attempt(attempt)))
        if self.request.headers.get("X-Amz-Log-Type") == "Tail":
            self.set_header("X-Jupyter-Lambda-Log-Result", self._log_tail(attempt.request_id))
        if attempt.outcome is Outcome.OK:
            self.set_header("Content-Type", codec)
        else:
            self.set_header("X-Amz-Function-Error", "Unhandled")
        self.finish(result.body)

    def _log_tail(self, request_id: str) -> str:
        scope = Scope(request_id=parse_uuid(request_id))
        limit = quotas.LOG_TAIL_BYTES
        lines = newest_lines(self.service.logs.entries(scope, limit=limit), limit)
        text = "".join(line.text for line in lines).encode()
        return base64.b64encode(text[-quotas.LOG_TAIL_BYTES :]).decode()


def codec_of(content_type: str) -> Codec:
    """The codec of a media type; anything that is not pickle is taken as JSON, as AWS does."""
    return Codec.PICKLE if content_type.startswith(Codec.PICKLE) else Codec.JSON


def _check_json(payload: bytes) -> None:
    try:
        json.loads(payload)
    except ValueError as error:
        raise InvalidRequestContent(
            f"Could not parse request body into json: Could not parse payload into json: {error}"
        ) from error


def _configuration(name: str, given: object) -> FunctionConfiguration:
    if not isinstance(given, dict):
        raise InvalidParameterValue("configuration must be a JSON object")
    fields = dict(given)
    if "handler" not in fields:
        raise InvalidParameterValue("configuration.handler is missing")
    fields["preload"] = tuple(fields.get("preload", ()))
    try:
        return FunctionConfiguration(name=name, **fields)
    except TypeError as error:
        raise InvalidParameterValue(f"configuration: {error}") from error


def _package(given: object) -> bytes:
    if not isinstance(given, str):
        raise InvalidParameterValue("zip_base64 is missing")
    try:
        return base64.b64decode(given, validate=True)
    except binascii.Error as error:
        raise InvalidParameterValue(f"zip_base64 is not base64: {error}") from error
