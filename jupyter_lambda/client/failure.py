"""From AWS's error object to the exception a caller sees, in terms of the defining cell."""

from __future__ import annotations

import json
from typing import Any

from jupyter_lambda.errors import FunctionError


def function_error(
    body: bytes, *, function_name: str, manifest: dict[str, Any], request_id: str = ""
) -> FunctionError:
    # Not before it is needed: importing capture costs more than a whole invocation.
    from jupyter_lambda.capture import map_stack_trace

    content = json.loads(body)
    return FunctionError(
        str(content.get("errorType", "Runtime.Unknown")),
        str(content.get("errorMessage", "")),
        stack_trace=map_stack_trace(content.get("stackTrace") or [], manifest),
        request_id=content.get("requestId") or request_id,
        function_name=function_name,
    )
