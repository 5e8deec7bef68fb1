"""Between payload bytes and Python values, and from exceptions to AWS's error objects.

JSON is AWS's codec; pickle (protocol 5) serves callers that hold Python objects. Error objects are
JSON in either case, in the shape of aws-lambda-python-runtime-interface-client.
"""

from __future__ import annotations

import json
import pickle
import sys
import traceback
from types import FrameType, TracebackType
from typing import Any

from .frames import CODEC_JSON

TASK_ROOT = "/var/task"
MESSAGE_MAX_CHARACTERS = 65_536
_MODULE = b"lambda_function"
_ESCAPE_NON_ASCII = sys.version_info < (3, 12)


class MarshalError(Exception):
    """A value that cannot be written, or bytes that cannot be read; holds AWS's error type."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


def load_event(codec: int, payload: bytes) -> Any:
    """The handler's event. An empty JSON payload is ``{}``, as on AWS."""
    try:
        if codec == CODEC_JSON:
            return json.loads(payload) if payload else {}
        return pickle.loads(payload)
    except Exception as error:
        raise MarshalError(
            "Runtime.UnmarshalError", f"Unable to unmarshal input: {error}"
        ) from error


def dump_result(codec: int, result: Any) -> bytes:
    try:
        if codec == CODEC_JSON:
            text = json.dumps(result, default=_number, ensure_ascii=_ESCAPE_NON_ASCII)
            return text.encode()
        return _dump_pickle(result)
    except Exception as error:
        raise MarshalError(
            "Runtime.MarshalError", f"Unable to marshal response: {error}"
        ) from error


def _dump_pickle(result: Any) -> bytes:
    try:
        written = pickle.dumps(result, protocol=5)
    except (pickle.PicklingError, AttributeError, TypeError):
        written = b""
    if written and _MODULE not in written:
        return written
    # The caller has no module ``lambda_function``: what it defines must travel by value.
    import cloudpickle

    module = sys.modules.get(_MODULE.decode())
    if module is not None:
        cloudpickle.register_pickle_by_value(module)
    by_value: bytes = cloudpickle.dumps(result, protocol=5)
    return by_value


def _number(value: Any) -> Any:
    from decimal import Decimal

    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def error_object(
    error_type: str, message: str, *, request_id: str = "", stack_trace: list[str] | None = None
) -> bytes:
    content = {
        "errorMessage": message,
        "errorType": error_type,
        "requestId": request_id,
        "stackTrace": stack_trace or [],
    }
    return json.dumps(content, ensure_ascii=_ESCAPE_NON_ASCII).encode()


def exception_object(
    error: BaseException, *, request_id: str, task_root: str, below: FrameType | None
) -> bytes:
    """The error object of a handler's exception, without the frames of our own runner."""
    stack = format_stack(error.__traceback__, task_root=task_root, below=below)
    return error_object(
        type(error).__name__, _message(error), request_id=request_id, stack_trace=stack
    )


def _message(error: BaseException) -> str:
    try:
        text = str(error)
        cut = len(text) - MESSAGE_MAX_CHARACTERS
        return text if cut <= 0 else f"{text[:-cut]}… [{cut} characters cut]"
    except Exception as failure:  # noqa: BLE001 - user code in __str__
        return f"<the exception's own text failed: {type(failure).__name__}>"


def format_stack(
    trace: TracebackType | None, *, task_root: str, below: FrameType | None
) -> list[str]:
    """``traceback.format_list`` entries, with the package shown at ``/var/task``."""
    while trace is not None and below is not None and trace.tb_frame is not below:
        trace = trace.tb_next
    if trace is not None and below is not None:
        trace = trace.tb_next
    entries = traceback.format_list(traceback.extract_tb(trace))
    return [entry.replace(f'"{task_root}/', f'"{TASK_ROOT}/') for entry in entries]
