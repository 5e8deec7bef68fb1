"""The host agent: one per worker, it owns the worker's execution environments.

A single-threaded loop between the service (one authenticated TCP connection), the zygotes and the
environments. It relays events and results, enforces deadlines by kill, freezes what is idle and
reports every exit. It decides nothing about placement: the service does.

Its lifeline is its standard input: when whoever started it ends, however abruptly, the agent ends
its environments, its zygotes and itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from typing import Any, NoReturn

from . import frames
from .channel import Channel
from .environments import (
    FREEZE_AFTER_S,
    Environment,
    OutputPipe,
    ended_frame,
    environment_variables,
    log_frame,
    make_temporary,
    remove_tree,
)
from .nursery import BASE, Nursery, Zygote, kill_group

_PIPE_READ_BYTES = 65_536


class Peer:
    """A connection that may become the service's, once it has shown the token."""

    def __init__(self, sock: socket.socket, selector: selectors.BaseSelector) -> None:
        self.channel = Channel(sock, selector, self)
        self.trusted = False


class Agent:
    """The loop and everything it watches."""

    def __init__(self, *, token: str, bind: str, work: str | None) -> None:
        self._token = token
        self._selector = selectors.DefaultSelector()
        self._work = _make_work(work)
        self._listener = socket.create_server((bind, 0), backlog=8)
        self._listener.setblocking(False)
        self._selector.register(self._listener, selectors.EVENT_READ, self._listener)
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, sys.stdin)
        self._service: Peer | None = None
        self._environments: dict[int, Environment] = {}
        self._by_pid: dict[int, Environment] = {}
        self._cooling: dict[Environment, float] = {}
        self._written: dict[Channel, None] = {}
        self._nursery = Nursery(self._selector, self._on_preloaded)

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def run(self) -> NoReturn:
        while True:
            for key, events in self._selector.select(self._patience_s()):
                self._dispatch(key.data, events)
            now_s = time.monotonic()
            self._enforce_deadlines(now_s)
            self._freeze_idle(now_s)
            for channel in self._written:
                channel.flush()
            self._written.clear()

    def _patience_s(self) -> float | None:
        moments = [
            environment.deadline_s
            for environment in self._environments.values()
            if environment.deadline_s is not None
        ]
        moments.extend(self._cooling.values())
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _dispatch(self, owner: object, events: int) -> None:
        """One ready descriptor. Its owner may have been closed earlier in the same turn."""
        if isinstance(owner, Environment | Peer):
            self._dispatch_channel(owner, events)
        elif isinstance(owner, OutputPipe):
            if owner in owner.environment.pipes:
                self._read_pipe(owner)
        elif isinstance(owner, Zygote):
            if owner.control.fileno() >= 0:
                self._read_zygote(owner)
        elif owner is self._listener:
            self._accept()
        elif not os.read(sys.stdin.fileno(), 4096):
            self.close()

    def _dispatch_channel(self, owner: Environment | Peer, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            owner.channel.flush()
        if events & selectors.EVENT_READ and not owner.channel.closed:
            if isinstance(owner, Environment):
                self._read_environment(owner)
            else:
                self._read_peer(owner)

    # -- the service --------------------------------------------------------------------------

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            sock, _ = self._listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Peer(sock, self._selector)

    def _read_peer(self, peer: Peer) -> None:
        try:
            received, ended = peer.channel.read()
        except frames.FrameError:
            received, ended = [], True
        for kind, number, frame in received:
            if peer.trusted:
                self._obey(kind, number, frame)
            elif kind == frames.HELLO and self._proves(frame):
                self._welcome(peer)
            else:
                ended = True
                break
        if ended:
            self._lose(peer)

    def _proves(self, frame: bytes) -> bool:
        try:
            token = str(frames.json_of(frame)["token"])
        except (ValueError, KeyError, TypeError):
            return False
        return hmac.compare_digest(token.encode(), self._token.encode())

    def _welcome(self, peer: Peer) -> None:
        if self._service is not None:
            self._lose(self._service)
        peer.trusted = True
        self._service = peer
        self._say(
            frames.pack_json(
                frames.WELCOME,
                0,
                {
                    "pid": os.getpid(),
                    "host": socket.gethostname(),
                    "python": sys.version.split()[0],
                    "system": sys.platform,
                },
            )
        )

    def _lose(self, peer: Peer) -> None:
        """The service hung up: what its environments still did can be told to nobody."""
        self._written.pop(peer.channel, None)
        peer.channel.close()
        if peer is self._service:
            self._service = None
            for environment in self._environments.values():
                environment.kill("orphaned")

    def _say(self, frame: bytes) -> None:
        if self._service is not None:
            self._service.channel.queue(frame)
            self._written[self._service.channel] = None

    def _obey(self, kind: int, number: int, frame: bytes) -> None:
        if kind == frames.INVOKE:
            environment = self._environments.get(number)
            # An environment that has just ended: its ENDED frame tells the service to go elsewhere.
            if environment is not None and environment.dying is None:
                self._cooling.pop(environment, None)
                environment.accept(frame, time.monotonic())
                self._written[environment.channel] = None
        elif kind == frames.START:
            self._start(number, frames.json_of(frame))
        elif kind == frames.STOP:
            environment = self._environments.get(number)
            if environment is not None:
                self._stop(environment)
        elif kind == frames.CODE:
            self._store_code(frames.body_of(frame))
        elif kind == frames.PRELOAD:
            self._nursery.prepare(tuple(frames.json_of(frame)["modules"]))

    def _stop(self, environment: Environment) -> None:
        """End it; the event it is working on is answered as cancelled, with the time it took."""
        if environment.ready and environment.inflight and environment.dying is None:
            cancelled = environment.fail_head(
                frames.OUTCOME_CANCELLED,
                "Sandbox.Cancelled",
                "Invocation cancelled",
                time.monotonic(),
            )
            self._say(cancelled)
        environment.kill("stopped")

    def _store_code(self, body: bytes) -> None:
        digest, package = body[:64].decode(), body[64:]
        if hashlib.sha256(package).hexdigest() != digest:
            return
        folder = self._code_folder(digest)
        if not os.path.isdir(folder):
            import zipfile

            with zipfile.ZipFile(io.BytesIO(package)) as archive:
                archive.extractall(folder)

    def _code_folder(self, digest: str) -> str:
        return os.path.join(self._work, "code", digest)

    # -- environments -------------------------------------------------------------------------

    def _start(self, number: int, spec: dict[str, Any]) -> None:
        task_root = self._code_folder(spec["code_sha256"])
        if not os.path.isdir(task_root):
            self._say(ended_frame(number, "no code", 0))
            return
        zygote = self._nursery.best_for(tuple(spec["preload"]))
        temporary = make_temporary(self._work, number)
        ours, theirs = socket.socketpair()
        environment = Environment(
            number,
            spec,
            zygote=zygote,
            temporary=temporary,
            sock=ours,
            selector=self._selector,
        )
        handed = [theirs.fileno()]
        for stream in (frames.STDOUT, frames.STDERR):
            reading, writing = os.pipe()
            os.set_blocking(reading, False)
            pipe = OutputPipe(reading, stream, environment)
            environment.pipes.append(pipe)
            self._selector.register(reading, selectors.EVENT_READ, pipe)
            handed.append(writing)
        self._environments[number] = environment
        zygote.request(
            {
                "environment": number,
                "handler": spec["handler"],
                "arn": spec["arn"],
                "task_root": task_root,
                "environment_variables": environment_variables(spec, temporary, task_root),
            },
            handed,
        )
        theirs.close()
        for writing in handed[1:]:
            os.close(writing)

    def _read_environment(self, environment: Environment) -> None:
        if environment.channel.closed:
            return
        try:
            received, ended = environment.channel.read()
        except frames.FrameError:
            received, ended = [], True
        now_s = time.monotonic()
        for pipe in list(environment.pipes):
            self._read_pipe(pipe)
        for kind, number, frame in received:
            if environment.dying is None and number == environment.number:
                self._relay(environment, kind, frame, now_s)
        if ended:
            self._written.pop(environment.channel, None)
            environment.channel.close()
            # The exit status follows from the zygote; a process that only hung up is killed.
            if environment.pid is not None:
                kill_group(environment.pid, signal.SIGKILL)

    def _relay(self, environment: Environment, kind: int, frame: bytes, now_s: float) -> None:
        if kind == frames.RESULT:
            (ticket,) = frames.TICKET.unpack_from(frame, frames.HEADER_BYTES)
            note = environment.dropped_note(ticket)
            if environment.settle(ticket, now_s):
                if note is not None:
                    self._say(note)
                self._say(frame)
                if not environment.inflight:
                    self._cooling[environment] = now_s + FREEZE_AFTER_S
        elif kind == frames.LOG:
            (ticket,) = frames.TICKET.unpack_from(frame, frames.HEADER_BYTES)
            current = environment.inflight[0][0] if environment.inflight else 0
            if ticket in (0, current) and environment.take_log(frame):
                self._say(frame)
        elif kind == frames.READY and not environment.ready:
            environment.become_ready(now_s)
            self._say(frame)
            if not environment.inflight:
                self._cooling[environment] = now_s + FREEZE_AFTER_S

    def _read_pipe(self, pipe: OutputPipe) -> None:
        try:
            data = os.read(pipe.descriptor, _PIPE_READ_BYTES)
        except BlockingIOError:
            return
        if not data:
            self._close_pipe(pipe)
            return
        environment = pipe.environment
        ticket = environment.inflight[0][0] if environment.inflight else 0
        frame = log_frame(environment.number, ticket, pipe.stream, data.decode("utf-8", "replace"))
        if environment.take_log(frame):
            self._say(frame)

    def _close_pipe(self, pipe: OutputPipe) -> None:
        if pipe in pipe.environment.pipes:
            pipe.environment.pipes.remove(pipe)
            self._selector.unregister(pipe.descriptor)
            os.close(pipe.descriptor)

    def _enforce_deadlines(self, now_s: float) -> None:
        for environment in list(self._environments.values()):
            if environment.deadline_s is None or environment.deadline_s > now_s:
                continue
            self._read_environment(environment)
            if environment.deadline_s is None or environment.deadline_s > now_s:
                continue
            timeout_s = environment.inflight[0][1]
            self._say(
                environment.fail_head(
                    frames.OUTCOME_TIMEOUT,
                    "Sandbox.Timedout",
                    f"Task timed out after {timeout_s:.2f} seconds",
                    now_s,
                )
            )
            environment.kill("timeout")

    def _freeze_idle(self, now_s: float) -> None:
        for environment, moment_s in list(self._cooling.items()):
            if moment_s > now_s:
                continue
            if environment.pid is None:
                # Its first words overtook the zygote's message; look again soon.
                self._cooling[environment] = now_s + FREEZE_AFTER_S
                continue
            del self._cooling[environment]
            if environment.dying is None:
                environment.frozen = True
                kill_group(environment.pid, signal.SIGSTOP)

    # -- zygotes ------------------------------------------------------------------------------

    def _read_zygote(self, zygote: Zygote) -> None:
        messages, ended = zygote.messages()
        for message in messages:
            if "preloaded" in message:
                self._nursery.preloaded(zygote, message["error"])
            elif "forked" in message:
                self._adopt(zygote, int(message["forked"]), int(message["pid"]))
            elif "exited" in message:
                self._bury(int(message["exited"]), int(message["status"]))
        if ended:
            orphans = [e for e in self._environments.values() if e.zygote is zygote]
            self._nursery.discard(zygote)
            for environment in orphans:
                environment.kill("zygote lost")
                self._finish(environment, -signal.SIGKILL)

    def _on_preloaded(self, zygote: Zygote, error: str | None) -> None:
        if zygote.modules != BASE:
            content = {"modules": list(zygote.modules), "error": error}
            self._say(frames.pack_json(frames.PRELOADED, 0, content))

    def _adopt(self, zygote: Zygote, number: int, pid: int) -> None:
        environment = self._environments[number]
        environment.pid = pid
        zygote.children[pid] = number
        self._by_pid[pid] = environment
        if environment.dying is not None:
            kill_group(pid, signal.SIGKILL)

    def _bury(self, pid: int, status: int) -> None:
        environment = self._by_pid[pid]
        self._drain(environment)
        self._finish(environment, status)
        environment.zygote.request({"reap": pid})

    def _drain(self, environment: Environment) -> None:
        """What the process wrote before it died still counts."""
        channel = environment.channel
        while not channel.closed and channel.has_more():
            self._read_environment(environment)
        for pipe in list(environment.pipes):
            self._read_pipe(pipe)

    def _finish(self, environment: Environment, status: int) -> None:
        if environment.inflight and environment.dying is None:
            message = environment.exit_message(status)
            self._say(
                environment.fail_head(
                    frames.OUTCOME_CRASH, "Runtime.ExitError", message, time.monotonic()
                )
            )
        self._say(ended_frame(environment.number, environment.dying or "exit", status))
        self._written.pop(environment.channel, None)
        environment.channel.close()
        for pipe in list(environment.pipes):
            self._close_pipe(pipe)
        self._cooling.pop(environment, None)
        self._environments.pop(environment.number, None)
        if environment.pid is not None:
            self._by_pid.pop(environment.pid, None)
            environment.zygote.children.pop(environment.pid, None)
        environment.discard_files()

    def close(self) -> NoReturn:
        self._nursery.close()
        remove_tree(self._work)
        os._exit(0)


def main() -> NoReturn:
    """Read ``{"token", "bind", "work"}`` from standard input; announce the port."""
    if not hasattr(os, "fork"):
        sys.exit("jupyter_lambda: execution environments need fork(); on Windows use WSL 2")
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = json.loads(_read_line(sys.stdin.fileno()))
    agent = Agent(token=config["token"], bind=config["bind"], work=config.get("work"))
    signal.signal(signal.SIGTERM, lambda *_: agent.close())
    sys.stdout.write(json.dumps({"port": agent.port, "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    try:
        agent.run()
    except Exception:  # noqa: BLE001 - the loop's wall: say why, then end everything
        traceback.print_exc()
        sys.stderr.flush()
    agent.close()


def _make_work(parent: str | None) -> str:
    """A folder of this agent's own, in the given one or where temporary files go."""
    if parent is None:
        import tempfile

        return tempfile.mkdtemp(prefix="jupyter-lambda-")
    folder = os.path.join(parent, f"agent-{os.getpid()}-{os.urandom(4).hex()}")
    os.makedirs(folder, 0o700)
    return folder


def _read_line(descriptor: int) -> bytes:
    """One line, byte by byte, so that nothing after it is buffered away from the lifeline."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(descriptor, 1)
        if not byte:
            break
        line += byte
    return bytes(line)


if __name__ == "__main__":
    main()
