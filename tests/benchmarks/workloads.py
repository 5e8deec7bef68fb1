"""The functions that every system runs, written as a Lambda handler is.

They are importable by name, so that each peer ships them the cheapest way it has: by reference.
"""

from __future__ import annotations

import time
from typing import Any

BURN_S = 0.010


def noop(event: dict[str, Any], context: object = None) -> int:
    """As little as a function can do and still be checked."""
    index: int = event["i"]
    return index


def burn(event: dict[str, Any], context: object = None) -> int:
    """Ten milliseconds of CPU time, however long the machine takes to grant them."""
    end = time.thread_time() + BURN_S
    while time.thread_time() < end:
        pass
    index: int = event["i"]
    return index


def reverse(event: bytes, context: object = None) -> bytes:
    """A payload of the same size back, and not the same object."""
    return event[::-1]
