"""The service's end of the stream to one host agent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from jupyter_lambda.runtime import frames

Frame = tuple[int, int, bytes]
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class HostAddress:
    """Where an agent listens and what its worker offers."""

    name: str
    address: str
    """The Dask worker's address, or ``local`` for the starter host."""
    agent_host: str
    agent_port: int
    pid: int
    threads: int
    memory_mb: int
    starter: bool = False


class HostListener(Protocol):
    def frames_arrived(self, host: Host, received: list[Frame]) -> None:
        """Whole frames from a host, in the order in which it sent them."""

    def host_lost(self, host: Host) -> None:
        """The stream broke: what the host held has an unknown outcome."""


class Host(asyncio.Protocol):
    """One connected host agent. Frames leave in one write per turn of the event loop."""

    def __init__(self, where: HostAddress, token: str, listener: HostListener) -> None:
        self.where = where
        self.name = where.name
        self.lost = False
        self.code_sent: set[str] = set()
        self._token = token
        self._listener = listener
        self._reader = frames.FrameReader()
        self._outgoing: list[bytes] = []
        self._unsent: deque[memoryview] = deque()
        self._paused = False
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    async def connect(self) -> None:
        """Open the stream and show the token.

        Raises:
            OSError: nobody listens there.
        """
        await self._loop.create_connection(
            lambda: self, self.where.agent_host, self.where.agent_port
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=_CHUNK_BYTES)
        transport.write(frames.pack_json(frames.HELLO, 0, {"token": self._token}))

    def data_received(self, data: bytes) -> None:
        try:
            received = self._reader.feed(data)
        except frames.FrameError:
            self.close()
            return
        if received:
            self._listener.frames_arrived(self, received)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.lost:
            self.lost = True
            self._listener.host_lost(self)

    def send(self, *parts: bytes) -> None:
        """Queue one frame, whole or in its parts."""
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing += parts

    def send_json(self, kind: int, environment: int, content: dict[str, Any]) -> None:
        self.send(frames.pack_json(kind, environment, content))

    def send_code(self, sha256: str, load: Callable[[], bytes]) -> None:
        """Give the agent the package once."""
        if sha256 not in self.code_sent:
            self.code_sent.add(sha256)
            self.send(frames.pack(frames.CODE, 0, sha256.encode() + load()))

    def _flush(self) -> None:
        self._unsent.append(memoryview(b"".join(self._outgoing)))
        self._outgoing.clear()
        self._write()

    def _write(self) -> None:
        """Hand the transport no more than it can take: what it has to buffer it moves about."""
        while self._unsent and not self._paused and self._transport is not None and not self.lost:
            data = self._unsent.popleft()
            if len(data) > _CHUNK_BYTES:
                self._unsent.appendleft(data[_CHUNK_BYTES:])
            self._transport.write(data[:_CHUNK_BYTES])

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._write()

    def close(self) -> None:
        """Hang up; the agent ends its environments. The listener hears of it."""
        if self._transport is not None:
            self._transport.close()
