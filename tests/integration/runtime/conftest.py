"""A real host agent in a process of its own, and a peer that speaks frames to it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import select
import socket
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from jupyter_lambda.runtime import frames

PATIENCE_S = 20.0


@dataclass
class Answer:
    outcome: int
    duration_us: int
    body: Any


class Peer:
    """What the service is to an agent, frame by frame."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port
        self.sock = socket.create_connection(("127.0.0.1", port))
        self._reader = frames.FrameReader()
        self._pending: list[tuple[int, int, bytes]] = []
        self.seen: list[tuple[int, int, bytes]] = []
        self._ticket = 0

    def hello(self, token: str = "secret") -> None:
        self.sock.sendall(frames.pack_json(frames.HELLO, 0, {"token": token}))

    def deploy(self, source: str) -> str:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("lambda_function.py", textwrap.dedent(source))
        package = buffer.getvalue()
        digest = hashlib.sha256(package).hexdigest()
        self.sock.sendall(frames.pack(frames.CODE, 0, digest.encode() + package))
        return digest

    def start(self, number: int, digest: str, **changes: Any) -> None:
        spec = {
            "name": "probe",
            "version": "$LATEST",
            "arn": "arn:aws:lambda:us-east-1:000000000000:function:probe",
            "region": "us-east-1",
            "runtime": "python3.11",
            "handler": "lambda_function.handler",
            "memory_mb": 128,
            "code_sha256": digest,
            "preload": [],
            "log_stream": "2026/01/01/[$LATEST]00",
            "variables": {},
        }
        self.sock.sendall(frames.pack_json(frames.START, number, spec | changes))

    def send(self, number: int, event: Any, timeout_s: float = 5.0) -> int:
        self._ticket += 1
        head = frames.INVOKE_HEAD.pack(
            self._ticket, os.urandom(16), int(timeout_s * 1000), frames.CODEC_JSON, 0
        )
        self.sock.sendall(frames.pack(frames.INVOKE, number, head + json.dumps(event).encode()))
        return self._ticket

    def next(self, *kinds: int) -> tuple[int, int, bytes]:
        """The next frame, of one of ``kinds`` if any are given; others are kept in ``seen``."""
        while True:
            while not self._pending:
                if not select.select([self.sock], [], [], PATIENCE_S)[0]:
                    raise TimeoutError("the agent said nothing")
                data = self.sock.recv(1 << 20)
                if not data:
                    raise EOFError("the agent hung up")
                self._pending += self._reader.feed(data)
            frame = self._pending.pop(0)
            self.seen.append(frame)
            if not kinds or frame[0] in kinds:
                return frame

    def answer(self) -> Answer:
        _, _, frame = self.next(frames.RESULT)
        head = frames.RESULT_HEAD.unpack_from(frame, frames.HEADER_BYTES)
        body = frame[frames.HEADER_BYTES + frames.RESULT_HEAD.size :]
        return Answer(head[1], head[3], json.loads(body) if body else None)

    def call(self, number: int, event: Any, timeout_s: float = 5.0) -> Answer:
        self.send(number, event, timeout_s)
        return self.answer()

    def ended(self) -> dict[str, Any]:
        return frames.json_of(self.next(frames.ENDED)[2])

    def logs(self) -> str:
        start = frames.HEADER_BYTES + frames.LOG_HEAD.size
        return "".join(f[start:].decode() for kind, _, f in self.seen if kind == frames.LOG)


def spawn_agent(token: str = "secret") -> tuple[subprocess.Popen[bytes], int]:
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_lambda.runtime.agent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"HOST_SECRET": "do-not-tell"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"token": token, "bind": "127.0.0.1"}).encode() + b"\n")
    process.stdin.flush()
    return process, json.loads(process.stdout.readline())["port"]


@pytest.fixture
def agent() -> Iterator[Peer]:
    process, port = spawn_agent()
    peer = Peer(process, port)
    peer.hello()
    peer.next(frames.WELCOME)
    yield peer
    peer.sock.close()
    assert process.stdin is not None
    process.stdin.close()
    process.wait(PATIENCE_S)


@pytest.fixture
def environment(agent: Peer) -> Callable[[str], Peer]:
    """Deploys source and starts environment number 1 of it."""

    def begin(source: str, **changes: Any) -> Peer:
        agent.start(1, agent.deploy(source), **changes)
        return agent

    return begin
