"""What every handler shares: the token, the error shape, presence, JSON in and out."""

from __future__ import annotations

import hmac
import json
import logging
from typing import Any

from tornado.web import HTTPError, RequestHandler

from jupyter_lambda.clock import format_uuid, new_request_id, parse_uuid
from jupyter_lambda.errors import (
    InvalidParameterValue,
    LambdaError,
    ResourceNotFound,
    ServiceFault,
    Unauthorized,
)
from jupyter_lambda.rest.presence import Presence
from jupyter_lambda.rest.view import View
from jupyter_lambda.service import LambdaService
from jupyter_lambda.stores.scope import Scope

logger = logging.getLogger(__name__)
LONG_POLL_MAX_S = 60.0
PAGE_MAX = 10_000
_NUMBER_END = 1 << 62


class ApiHandler(RequestHandler):
    """A request that has shown the token."""

    service: LambdaService
    view: View
    presence: Presence
    _arrived = False

    def initialize(
        self, *, service: LambdaService, view: View, presence: Presence, token: str
    ) -> None:
        self.service = service
        self.view = view
        self.presence = presence
        self._token = token

    def prepare(self) -> None:
        given = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise Unauthorized(
                "the service's token is missing or wrong; it is in the connection file of its home"
            )
        if "X-Jupyter-Lambda-Passive" not in self.request.headers:
            self._arrived = True
            self.presence.arrive()

    def compute_etag(self) -> None:
        """Nothing here is cached; a digest of each page would be for nobody."""

    def on_finish(self) -> None:
        self._depart()

    def on_connection_close(self) -> None:
        self._depart()

    def _depart(self) -> None:
        if self._arrived:
            self._arrived = False
            self.presence.leave()

    def set_default_headers(self) -> None:
        self.set_header("x-amzn-RequestId", format_uuid(new_request_id()))
        self.set_header("Content-Type", "application/json")
        self.clear_header("Server")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        if isinstance(error, HTTPError):
            shown: LambdaError = (
                ResourceNotFound(f"no such path: {self.request.method} {self.request.path}")
                if status_code in (404, 405)
                else InvalidParameterValue(error.log_message or error.reason or "bad request")
            )
        elif isinstance(error, LambdaError):
            shown = error
            self.set_status(error.http_status)
        else:
            shown = ServiceFault("the service failed on this request; its log has the traceback")
            self.set_status(500)
        self.set_header("x-amzn-ErrorType", shown.code)
        self.finish(json.dumps(shown.to_wire()))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, LambdaError | HTTPError):
            logger.error("%s %s", self.request.method, self.request.path, exc_info=(typ, value, tb))

    def reply(self, content: dict[str, Any], status: int = 200) -> None:
        self.set_status(status)
        self.finish(json.dumps(content))

    def json_body(self) -> dict[str, Any]:
        try:
            content = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise InvalidParameterValue(f"the request's body is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise InvalidParameterValue("the request's body must be a JSON object")
        return content

    def number(self, name: str, default: int, maximum: int | None = None) -> int:
        text = self.get_query_argument(name, str(default))
        try:
            value = int(text)
        except ValueError as error:
            raise InvalidParameterValue(f"{name} must be a whole number; got {text!r}") from error
        if not 0 <= value < _NUMBER_END:
            raise InvalidParameterValue(f"{name} must be from 0 to {_NUMBER_END - 1}; got {value}")
        return value if maximum is None else min(value, maximum)

    def patience_s(self) -> float:
        text = self.get_query_argument("wait_s", "0")
        try:
            return min(max(float(text), 0.0), LONG_POLL_MAX_S)
        except ValueError as error:
            raise InvalidParameterValue(f"wait_s must be a number; got {text!r}") from error

    def scope(self) -> Scope:
        """What the request is about, from ``function``, ``run`` and ``request_id``."""
        request_id = self.optional("request_id")
        try:
            raw = None if request_id is None else parse_uuid(request_id)
        except ValueError as error:
            raise InvalidParameterValue(f"request_id: {error}") from error
        return Scope(
            function_name=self.optional("function"), run_id=self.optional("run"), request_id=raw
        )

    def optional(self, name: str) -> str | None:
        return self.get_query_argument(name, "") or None


class UnknownHandler(ApiHandler):
    """Any path that the API does not have."""

    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)
