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
_CHILD_EXITS = "waitid" in dir(os)


def main(control_fd: int, modules: list[str]) -> NoReturn:
    """Import ``modules``, then serve fork requests until the agent hangs up."""
    control = socket.socket(fileno=control_fd)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _noted)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _tell(control, {"preloaded": modules, "error": _preload(modules), "pid": os.getpid()})
    children: set[int] = set()
    while True:
        readable, _, _ = select.select([control.fileno(), wake_read], [], [])
        if wake_read in readable:
            _drain(wake_read)
            _report_exits(control, children)
        if control.fileno() in readable:
            request, descriptors = _receive(control)
            if request is None:
                _end(children)
            elif "reap" in request:
                _reap(int(request["reap"]), children)
            else:
                pid = os.fork()
                if pid == 0:
                    control.close()
                    os.close(wake_read)
                    os.close(wake_write)
                    _become_environment(request, descriptors)
                for descriptor in descriptors:
                    os.close(descriptor)
                children.add(pid)
                _tell(control, {"forked": request["environment"], "pid": pid})


def _noted(_number: int, _frame: object) -> None:
    """SIGCHLD only has to wake the loop; the wake-up descriptor does that."""


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


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        return


def _report_exits(control: socket.socket, children: set[int]) -> None:
    for pid in list(children):
        if not _CHILD_EXITS:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                children.discard(pid)
                _tell(control, {"exited": pid, "status": os.waitstatus_to_exitcode(status)})
            continue
        state = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if state is not None:
            killed = state.si_code in (os.CLD_KILLED, os.CLD_DUMPED)
            status = -state.si_status if killed else state.si_status
            children.discard(pid)
            _tell(control, {"exited": pid, "status": status})


def _reap(pid: int, children: set[int]) -> None:
    """The agent has seen the exit: end what the environment left in its group, free the id."""
    children.discard(pid)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def _end(children: set[int]) -> NoReturn:
    for pid in children:
        try:
            os.killpg(pid, signal.SIGKILL)
        except OSError:
            continue
    os._exit(0)


def _become_environment(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
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
