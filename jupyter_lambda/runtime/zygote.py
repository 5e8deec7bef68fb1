"""A zygote: a fresh, single-threaded interpreter that forks execution environments on request.

The agent executes it with a scrubbed environment, it imports its module set once, and each fork
shares those pages. It never runs user code and never opens a connection. It is the parent of its
environments, so it alone can tell their exit status; it holds a dead child unreaped until the
agent has acknowledged the exit, so that a process id the agent signals can never be another's.

Control socket, agent to zygote: u32 length + JSON, with three descriptors on a fork request
(environment socket, stdout, stderr). Zygote to agent: one JSON object a line.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from typing import Any, NoReturn

from . import runner

LENGTH = struct.Struct("<I")
_HAS_PIDFD = hasattr(os, "pidfd_open")
_LOOK_EVERY_MS = 50


def main(control_fd: int, modules: list[str]) -> NoReturn:
    """Import ``modules``, then serve fork requests until the agent hangs up."""
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _tell(control, {"preloaded": modules, "error": _preload(modules), "pid": os.getpid()})
    children = Children()
    children.poll.register(control, select.POLLIN)
    while True:
        for pid, status in children.await_events():
            _tell(control, {"exited": pid, "status": status})
        if children.heard(control):
            request, descriptors = _receive(control)
            if request is None:
                children.end()
            elif "reap" in request:
                children.reap(int(request["reap"]))
            else:
                pid = os.fork()
                if pid == 0:
                    control.close()
                    children.forget()
                    _become_environment(request, descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                children.add(pid)
                _tell(control, {"forked": request["environment"], "pid": pid})


class Children:
    """The environments that this zygote has forked, watched for their exit.

    Each has a pidfd in the poll set: unlike SIGCHLD it is silent when one is frozen or thawed,
    which happens around every lone invocation. Where there are none, exits are looked for.
    """

    def __init__(self) -> None:
        self.poll = select.poll()
        self._pids: dict[int, int] = {}
        """By pidfd, or by the negative process id where there are no pidfds."""
        self._ready: list[int] = []

    def add(self, pid: int) -> None:
        if _HAS_PIDFD:
            descriptor = os.pidfd_open(pid)
            self._pids[descriptor] = pid
            self.poll.register(descriptor, select.POLLIN)
        else:
            self._pids[-pid] = pid

    def await_events(self) -> list[tuple[int, int]]:
        """Wait; the exits among what happened, as process id and status (negative signal)."""
        patience_ms = None if _HAS_PIDFD or not self._pids else _LOOK_EVERY_MS
        self._ready = [descriptor for descriptor, _ in self.poll.poll(patience_ms)]
        watched = self._ready if _HAS_PIDFD else list(self._pids)
        exits = []
        for descriptor in watched:
            pid = self._pids.get(descriptor)
            status = None if pid is None else _exit_of(pid)
            if pid is not None and status is not None:
                self._drop(descriptor)
                exits.append((pid, status))
        return exits

    def heard(self, control: socket.socket) -> bool:
        return control.fileno() in self._ready

    def _drop(self, descriptor: int) -> None:
        del self._pids[descriptor]
        if _HAS_PIDFD:
            self.poll.unregister(descriptor)
            os.close(descriptor)

    def forget(self) -> None:
        """In a fork: the others' descriptors are not its own."""
        if _HAS_PIDFD:
            for descriptor in self._pids:
                os.close(descriptor)

    @staticmethod
    def reap(pid: int) -> None:
        """The agent has seen the exit: end what the environment left in its group, free the id."""
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)

    def end(self) -> NoReturn:
        """The agent is gone: so is everything that it had asked for."""
        for pid in self._pids.values():
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
        os._exit(0)


def _exit_of(pid: int) -> int | None:
    """The exit status of a child, which stays unreaped; None while it lives."""
    if not hasattr(os, "waitid"):
        ended, status = os.waitpid(pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if ended else None
    state = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if state is None:
        return None
    killed = state.si_code in (os.CLD_KILLED, os.CLD_DUMPED)
    return -state.si_status if killed else state.si_status


def _preload(modules: list[str]) -> str | None:
    """Import the set; the text of what failed, or None. Threads make a fork unsafe."""
    try:
        for name in modules:
            importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - a library's import may raise anything
        return f"{type(error).__name__}: {error}"
    threads = _thread_count()
    if threads > 1:
        return f"importing {', '.join(modules)} started {threads - 1} threads"
    gc.collect()
    gc.freeze()
    return None


def _thread_count() -> int:
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return 1


def _receive(control: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    try:
        head, descriptors, _, _ = socket.recv_fds(control, LENGTH.size, 3)
        if len(head) < LENGTH.size:
            return None, []
        (length,) = LENGTH.unpack(head)
        body = b""
        while len(body) < length:
            chunk = control.recv(length - len(body))
            if not chunk:
                return None, []
            body += chunk
    except OSError:
        return None, []
    return json.loads(body), list(descriptors)


def _tell(control: socket.socket, content: dict[str, Any]) -> None:
    try:
        control.sendall(json.dumps(content).encode() + b"\n")
    except OSError:
        # The agent is gone; the next read of the control socket ends us with our children.
        return


def _become_environment(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    status = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        runner.main(request, *descriptors)
        status = 0
    except SystemExit as leave:
        status = _exit_status(leave)
    except BaseException:  # noqa: BLE001 - a forked child must never return into the loop
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _exit_status(leave: SystemExit) -> int:
    if leave.code is None:
        return 0
    return leave.code & 0xFF if isinstance(leave.code, int) else 1


if __name__ == "__main__":
    main(int(sys.argv[1]), [name for name in sys.argv[2].split(",") if name])
