"""A notebook cell becomes a versioned, sandboxed, metered function on a Dask pool.

Public names are loaded when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_lambda.client.decorator import function
    from jupyter_lambda.client.function import Function
    from jupyter_lambda.client.run import Run
    from jupyter_lambda.client.session import Session, connect
    from jupyter_lambda.client.verbs import functions, get, run, runs, status, stop, usage
    from jupyter_lambda.errors import (
        CaptureError,
        FunctionError,
        InvalidParameterValue,
        LambdaError,
        ResourceNotFound,
        RunInputError,
        ServiceUnavailable,
        WorkerLost,
    )

__version__ = "0.1.0"

_HOMES = {
    "connect": "client.session",
    "Session": "client.session",
    "function": "client.decorator",
    "Function": "client.function",
    "Run": "client.run",
    "functions": "client.verbs",
    "get": "client.verbs",
    "run": "client.verbs",
    "runs": "client.verbs",
    "status": "client.verbs",
    "stop": "client.verbs",
    "usage": "client.verbs",
    "CaptureError": "errors",
    "FunctionError": "errors",
    "InvalidParameterValue": "errors",
    "LambdaError": "errors",
    "ResourceNotFound": "errors",
    "RunInputError": "errors",
    "ServiceUnavailable": "errors",
    "WorkerLost": "errors",
}

__all__ = [
    "CaptureError",
    "Function",
    "FunctionError",
    "InvalidParameterValue",
    "LambdaError",
    "ResourceNotFound",
    "Run",
    "RunInputError",
    "ServiceUnavailable",
    "Session",
    "WorkerLost",
    "connect",
    "function",
    "functions",
    "get",
    "run",
    "runs",
    "status",
    "stop",
    "usage",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


def load_ipython_extension(ipython: Any) -> None:
    """``%load_ext jupyter_lambda``: the ``%lambda`` and ``%%lambda`` magics."""
    from jupyter_lambda.notebook.magics import load

    load(ipython)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-lambda"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from jupyter_lambda.server.extension import LambdaExtension

    return [{"module": "jupyter_lambda.server.extension", "app": LambdaExtension}]
