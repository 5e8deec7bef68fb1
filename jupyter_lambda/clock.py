"""Time and ids, injected everywhere: the one module that may read the machine's clocks.

Schedules, deadlines, retries and idle reaping ask a ``Clock``; tests hand in a
``ManualClock`` and move it by hand.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall time, aware, in UTC."""

    def monotonic_s(self) -> float:
        """Seconds on a clock that never goes back."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class ManualClock:
    """A clock that stands still until ``advance`` is called."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def epoch_us(moment: datetime) -> int:
    """Whole microseconds since 1970 in UTC, without the rounding of a float."""
    return (moment - _EPOCH) // _MICROSECOND


def from_epoch_us(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def format_uuid(raw: bytes) -> str:
    """Sixteen bytes as the hyphenated UUID text in which AWS shows request ids."""
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def parse_uuid(text: str) -> bytes:
    """The sixteen bytes of a UUID text.

    Raises:
        ValueError: the text is not a UUID.
    """
    raw = bytes.fromhex(text.replace("-", ""))
    if len(raw) != 16:
        raise ValueError(f"{text!r} is not a UUID: it has {len(raw)} bytes, not 16")
    return raw


def new_request_id() -> bytes:
    """Sixteen random bytes with the version and variant bits of UUID 4."""
    raw = bytearray(os.urandom(16))
    raw[6] = (raw[6] & 0x0F) | 0x40
    raw[8] = (raw[8] & 0x3F) | 0x80
    return bytes(raw)


def new_run_id() -> str:
    """Twelve hexadecimal digits, enough for a person to paste."""
    return os.urandom(6).hex()
