"""The words in which a capture is refused: the variable, who reads it, the measure, the remedy."""

from __future__ import annotations

import io
import types
from typing import Any

from jupyter_lambda.capture.decorators import is_ours
from jupyter_lambda.capture.report import format_bytes
from jupyter_lambda.errors import CaptureError
from jupyter_lambda.model import quotas

_ONLY_IN_NOTEBOOK = frozenset({"get_ipython"})


def check_remote_name(name: str, reader: str) -> None:
    """Refuse what exists in a notebook only.

    Raises:
        CaptureError: the name is the shell itself.
    """
    if name in _ONLY_IN_NOTEBOOK:
        raise CaptureError(
            f"{reader} uses {name!r} (a magic or a ! command): there is no notebook where the "
            "function runs. Write that line in Python."
        )


def too_large(name: str, value: Any, reader: str, size: int) -> CaptureError:
    """The error for a value over ``quotas.CAPTURE_MAX_BYTES``."""
    at_least = "" if _is_block(value) else "at least "
    return CaptureError(
        f"variable {name!r} ({type_name(value)}), read by {reader}, has {at_least}"
        f"{format_bytes(size)}; the limit for a captured value is "
        f"{format_bytes(quotas.CAPTURE_MAX_BYTES)}. Load it inside the function, or pass the "
        "part that a call needs in the event."
    )


def unpicklable(
    name: str, value: Any, reader: str, error: BaseException, *, reason: str = ""
) -> CaptureError:
    """The error for a value that cannot leave this process.

    Args:
        reason: why a function or class could not travel as source instead.
    """
    what = f"variable {name!r} ({type_name(value)})"
    why = str(error)
    if reason:
        why = f"its source cannot be sent because {reason}, nor its value: {error}"
    return CaptureError(f"{what}, read by {reader}, cannot be captured: {why}. {_remedy(value)}")


def type_name(value: Any) -> str:
    kind = type(value)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def _is_block(value: Any) -> bool:
    return hasattr(value, "nbytes") or isinstance(value, (bytes, bytearray))


def _remedy(value: Any) -> str:
    if isinstance(value, io.IOBase):
        return "Open the file inside the function, or capture its content."
    if isinstance(value, types.GeneratorType):
        return "Turn it into a list first, or create it inside the function."
    if is_ours(value):
        return (
            "It belongs to the notebook; inside the function, ask jupyter_lambda.get(name) or "
            "jupyter_lambda.run(id) for it."
        )
    if isinstance(value, (type, types.FunctionType)):
        return "Define it in the same cell, or in a module beside the notebook."
    return "Create it inside the function, or pass what it is made from in the event."
