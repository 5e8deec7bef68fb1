"""Python values as payload bytes and back.

Plain pickle where it suffices, cloudpickle where an object belongs to ``__main__``: the worker has
no such module, so what is defined in a notebook must travel by value.
"""

from __future__ import annotations

import pickle
from typing import Any

from jupyter_lambda.errors import InvalidRequestContent, RequestTooLarge, ServiceFault
from jupyter_lambda.model import quotas

CONTENT_TYPE = "application/x-python-pickle"
_MAIN = b"__main__"


def dump_event(event: Any, where: str = "the event") -> bytes:
    """The event's payload.

    Raises:
        InvalidRequestContent: it cannot be pickled; the message names ``where`` it stood.
        RequestTooLarge: it is over the limit.
    """
    try:
        payload = pickle.dumps(event, protocol=5)
        by_value = _MAIN in payload
    except Exception:  # noqa: BLE001 - any object's own code may raise anything here
        by_value = True
    if by_value:
        import cloudpickle

        try:
            payload = cloudpickle.dumps(event, protocol=5)
        except Exception as error:
            raise InvalidRequestContent(
                f"{where} cannot be pickled: {type(error).__name__}: {error}. Pass plain data, "
                "and open files, locks and connections inside the function"
            ) from error
    if len(payload) > quotas.RUN_ITEM_MAX_BYTES:
        raise RequestTooLarge(
            f"{where} has {len(payload)} bytes when pickled; the limit is "
            f"{quotas.RUN_ITEM_MAX_BYTES}. Write it to a file and pass the path"
        )
    return payload


def load_result(payload: bytes | memoryview) -> Any:
    """The handler's result.

    Raises:
        ServiceFault: it cannot be read here, such as for a module that is not installed.
    """
    try:
        return pickle.loads(payload)
    except Exception as error:
        raise ServiceFault(
            f"the result arrived and cannot be unpickled here: {type(error).__name__}: {error}"
        ) from error
