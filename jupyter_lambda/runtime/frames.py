"""The frames that service, host agent and execution environment exchange.

One layout on both hops, so that the agent relays invocations and results without touching them::

    u32 length of the body | u8 kind | u32 environment id | body

Bodies of the frequent kinds are packed structures followed by the payload bytes; the rare ones are
JSON. A ticket is the service's own number of one dispatched event; it is answered exactly once.
"""

from __future__ import annotations

import json
import struct
from typing import Any

HEADER = struct.Struct("<IBI")
HEADER_BYTES = HEADER.size
MAX_BODY_BYTES = 1 << 30

# service -> agent
HELLO = 1  # JSON {"token"}; the first frame on a connection
CODE = 2  # 64 hexadecimal digits of SHA-256, then the zip
PRELOAD = 3  # JSON {"modules": [...]}: have a zygote with these ready
START = 4  # JSON specification of an environment
INVOKE = 5  # INVOKE_HEAD, metadata JSON, payload; relayed to the environment
STOP = 6  # end the environment at once

# agent -> service
WELCOME = 16  # JSON {"pid", "host", "python", "system"}
READY = 17  # INIT_US; the environment has been initialised
RESULT = 18  # RESULT_HEAD, then the result or the JSON error object
LOG = 19  # LOG_HEAD, then UTF-8 text
ENDED = 20  # JSON {"reason", "status"}; unanswered tickets were never started
PRELOADED = 21  # JSON {"modules", "error"}

INVOKE_HEAD = struct.Struct("<Q16sIBH")  # ticket, request id, timeout_ms, codec, metadata bytes
RESULT_HEAD = struct.Struct("<QBQQI")  # ticket, outcome, started (epoch us), duration_us, peak_kb
LOG_HEAD = struct.Struct("<QBQ")  # ticket (0 during INIT), stream, written (epoch us)
INIT_US = struct.Struct("<Q")
TICKET = struct.Struct("<Q")

CODEC_JSON = 0
CODEC_PICKLE = 1

OUTCOME_OK = 0
OUTCOME_ERROR = 1
OUTCOME_TIMEOUT = 2
OUTCOME_CRASH = 3
OUTCOME_LOST = 4
OUTCOME_CANCELLED = 5

STDOUT = 1
STDERR = 2


def pack(kind: int, environment: int, body: bytes) -> bytes:
    return HEADER.pack(len(body), kind, environment) + body


def pack_json(kind: int, environment: int, content: dict[str, Any]) -> bytes:
    return pack(kind, environment, json.dumps(content).encode())


def body_of(frame: bytes) -> bytes:
    return frame[HEADER_BYTES:]


def json_of(frame: bytes) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(frame[HEADER_BYTES:])
    return content


def uuid_text(raw: bytes) -> str:
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


class FrameError(Exception):
    """The peer sent something that is not a frame; the connection cannot go on."""


class FrameReader:
    """Cuts a byte stream into whole frames, header included."""

    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """Take bytes in; give ``(kind, environment, frame)`` for each frame that is now whole."""
        pending = self._pending
        pending += data
        frames: list[tuple[int, int, bytes]] = []
        position, available = 0, len(pending)
        while available - position >= HEADER_BYTES:
            length, kind, environment = HEADER.unpack_from(pending, position)
            if length > MAX_BODY_BYTES:
                raise FrameError(f"a frame of {length} bytes; the limit is {MAX_BODY_BYTES}")
            end = position + HEADER_BYTES + length
            if end > available:
                break
            frames.append((kind, environment, bytes(pending[position:end])))
            position = end
        if position:
            del pending[:position]
        return frames
