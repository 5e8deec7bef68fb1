"""What a handler prints, tagged with the invocation that printed it.

``print`` and ``logging`` go through ``OutputStream`` as LOG frames, one per line, so that they
arrive while the handler still runs and survive its death. Bytes written to file descriptors 1 and
2 directly (C code, child processes) take a pipe that the agent reads.
"""

from __future__ import annotations

import io
import logging
import time
from collections.abc import Callable

CHUNK_CHARACTERS = 65_536


class OutputStream(io.TextIOBase):
    """A text stream that hands each whole line to ``emit(stream, text)``."""

    def __init__(self, stream: int, emit: Callable[[int, str], None]) -> None:
        self._stream = stream
        self._emit = emit
        self._partial = ""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream

    @property
    def buffer(self) -> io.FileIO:
        """For those who write bytes: straight to the descriptor, which the agent reads."""
        return io.FileIO(self._stream, "w", closefd=False)

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        held = self._partial + text
        cut = held.rfind("\n") + 1
        if len(held) - cut > CHUNK_CHARACTERS:
            cut = len(held)
        if cut:
            self._emit(self._stream, held[:cut])
        self._partial = held[cut:]
        return len(text)

    def flush(self) -> None:
        if self._partial:
            held, self._partial = self._partial, ""
            self._emit(self._stream, held)


class LambdaLogFormatter(logging.Formatter):
    """AWS's text format: ``[LEVEL]<tab>time<tab>request id<tab>message``."""

    def __init__(self, request_id: Callable[[], str]) -> None:
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S",
        )
        self.converter = time.gmtime
        self._request_id = request_id

    def format(self, record: logging.LogRecord) -> str:
        record.aws_request_id = self._request_id()
        return super().format(record)


def preset_logging(stream: io.TextIOBase, request_id: Callable[[], str]) -> None:
    """Give the root logger the one handler that AWS's runtime gives it."""
    handler = logging.StreamHandler(stream)
    handler.terminator = ""
    handler.setFormatter(LambdaLogFormatter(request_id))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
