"""The routes of the service's API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tornado.web import Application

from jupyter_lambda.rest import functions, runs, telemetry
from jupyter_lambda.rest.base import UnknownHandler
from jupyter_lambda.rest.presence import Presence
from jupyter_lambda.rest.view import View
from jupyter_lambda.service import LambdaService

_NAME = r"([^/]+)"
_RUN = r"([^/]+)"


def make_application(
    service: LambdaService, presence: Presence, *, token: str, stop: Callable[[], None]
) -> Application:
    """The tornado application; every route demands the token."""
    shared: dict[str, Any] = {
        "service": service,
        "view": View(service),
        "presence": presence,
        "token": token,
    }
    routes = [
        (r"/v1/status", telemetry.StatusHandler),
        (r"/v1/overview", telemetry.OverviewHandler),
        (r"/v1/changes", telemetry.ChangesHandler),
        (r"/v1/logs", telemetry.LogsHandler),
        (r"/v1/invocations", telemetry.AttemptsHandler),
        (r"/v1/usage", telemetry.UsageHandler),
        (r"/v1/shutdown", telemetry.ShutdownHandler),
        (r"/v1/functions", functions.FunctionsHandler),
        (rf"/v1/functions/{_NAME}", functions.FunctionHandler),
        (rf"/v1/functions/{_NAME}/code", functions.CodeHandler),
        (rf"/v1/functions/{_NAME}/invocations", functions.InvocationsHandler),
        (r"/v1/runs", runs.RunsHandler),
        (rf"/v1/runs/{_RUN}", runs.RunHandler),
        (rf"/v1/runs/{_RUN}/items", runs.ItemsHandler),
        (rf"/v1/runs/{_RUN}/items/([0-9]+)/payload", runs.PayloadHandler),
        (rf"/v1/runs/{_RUN}/close", runs.CloseHandler),
        (rf"/v1/runs/{_RUN}/retry", runs.RetryHandler),
        (rf"/v1/runs/{_RUN}/cancel", runs.CancelHandler),
        (rf"/v1/runs/{_RUN}/results", runs.ResultsHandler),
    ]
    return Application(
        [(path, handler, shared) for path, handler in routes],
        stop=stop,
        default_handler_class=UnknownHandler,
        default_handler_args=shared,
    )
