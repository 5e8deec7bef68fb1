"""Where progress goes while a run is waited for: nowhere, unless a door has set a reporter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Progress = dict[str, Any]
OnProgress = Callable[[Progress], None]
MakeReporter = Callable[[], OnProgress]

_makers: list[MakeReporter] = []


def set_reporter(make: MakeReporter | None) -> None:
    """From now on, each wait shows its progress through a reporter of its own."""
    _makers[:] = [] if make is None else [make]


def reporter() -> OnProgress | None:
    return _makers[0]() if _makers else None
