"""A non-blocking socket with frames in and buffered bytes out, for the agent's one loop.

Writes are collected and leave in one ``send`` at the end of a turn of the loop, so a burst of
events costs one system call.
"""

from __future__ import annotations

import selectors
import socket

from .frames import FrameReader

_READ_BYTES = 1 << 18


class Channel:
    """One peer of the agent: the service, or an execution environment."""

    def __init__(
        self, sock: socket.socket, selector: selectors.BaseSelector, owner: object
    ) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.closed = False
        self._selector = selector
        self._owner = owner
        self._reader = FrameReader()
        self._outgoing: list[bytes] = []
        self._unsent = memoryview(b"")
        self._writing = False
        selector.register(sock, selectors.EVENT_READ, owner)

    def read(self) -> tuple[list[tuple[int, int, bytes]], bool]:
        """Frames that are whole by now, and whether the peer has closed its end."""
        try:
            data = self.sock.recv(_READ_BYTES)
        except BlockingIOError:
            return [], False
        except OSError:
            return [], True
        return (self._reader.feed(data), False) if data else ([], True)

    def has_more(self) -> bool:
        """Whether a read would give something now: bytes, or the end."""
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def queue(self, frame: bytes) -> None:
        self._outgoing.append(frame)

    def flush(self) -> None:
        """Send what is queued as far as the peer takes it now."""
        if self.closed:
            return
        while self._unsent or self._outgoing:
            if not self._unsent:
                self._unsent = memoryview(b"".join(self._outgoing))
                self._outgoing.clear()
            try:
                sent = self.sock.send(self._unsent)
            except BlockingIOError:
                break
            except OSError:
                # The peer is gone; its end shows on the reading side, where it is handled.
                self._unsent = memoryview(b"")
                self._outgoing.clear()
                break
            self._unsent = self._unsent[sent:]
        self._watch_writable(wanted=bool(self._unsent))

    def _watch_writable(self, *, wanted: bool) -> None:
        if wanted != self._writing:
            self._writing = wanted
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
            self._selector.modify(self.sock, events, self._owner)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._selector.unregister(self.sock)
            self.sock.close()
