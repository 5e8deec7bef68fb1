"""A change counter that long polls wait on."""

from __future__ import annotations

import asyncio

_COALESCE_S = 0.05


class Bell:
    """Rings count at once; those who wait are woken at most once per ``_COALESCE_S``.

    ``topics`` names what has changed, each with the count at which it last did. The first count
    is given, so that a later service can start past all that an earlier one has told.
    """

    def __init__(self, first: int = 1) -> None:
        self.sequence = first
        self._topics: dict[str, int] = {}
        self._waiting: list[asyncio.Future[None]] = []
        self._scheduled = False

    def ring(self, topic: str = "") -> None:
        self.sequence += 1
        self._topics[topic] = self.sequence
        if self._waiting and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_later(_COALESCE_S, self._wake)

    async def wait(self, after: int, wait_s: float) -> int:
        """The count, as soon as it is past ``after`` or when ``wait_s`` is over."""
        if self.sequence <= after and wait_s > 0:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                await asyncio.wait_for(waiting, wait_s)
            except TimeoutError:
                self._waiting.remove(waiting)
        return self.sequence

    def topics_after(self, after: int) -> list[str]:
        return sorted(topic for topic, count in self._topics.items() if count > after)

    def _wake(self) -> None:
        self._scheduled = False
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)
