"""A handler called in this process, by the rules by which the pool calls it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jupyter_lambda.clock import format_uuid, new_request_id
from jupyter_lambda.model.function import function_arn
from jupyter_lambda.runtime.context import LambdaContext

Handler = Callable[..., Any]
_LOCAL_TIMEOUT_S = 900


def call_here(handler: Handler, name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """With the arguments as given where they fit, else as the one event.

    ``area({"w": 2})`` calls ``area(event, context)`` with a context, and ``area(w, h)`` with the
    keys of the event, as the pool does.
    """
    try:
        signature = inspect.signature(handler)
    except (TypeError, ValueError):  # many built-in functions have none
        return handler(*args, **kwargs)
    event = args[0] if len(args) == 1 and not kwargs else None
    parameters = list(signature.parameters)
    if isinstance(event, dict) and list(event) == parameters and parameters != ["event"]:
        return handler(**event)
    if _fits(signature, args, kwargs):
        return handler(*args, **kwargs)
    if len(args) == 1 and not kwargs:
        if parameters[:1] == ["event"]:
            return handler(event, local_context(name))
        if isinstance(event, dict):
            return handler(**event)
    return handler(*args, **kwargs)


def local_context(name: str) -> LambdaContext:
    """The context of a call that has no environment: its name, an id, and plenty of time."""
    context = LambdaContext(
        aws_request_id=format_uuid(new_request_id()),
        invoked_function_arn=function_arn(name),
        deadline_monotonic_s=time.monotonic() + _LOCAL_TIMEOUT_S,
    )
    context.function_name = name
    context.function_version = "$LATEST"
    return context


def _fits(signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True
