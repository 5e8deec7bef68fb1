"""The process inside an execution environment: INIT once, then one invocation after another.

Forked by a zygote. It blocks on its socket, runs the handler, and writes each result before it
looks at the next event, so a kill never loses a result that was ready. Deadlines are not its
business: the agent kills it from outside.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import resource
import signal
import socket
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any

from . import frames
from .context import LambdaContext
from .marshaller import (
    TASK_ROOT,
    MarshalError,
    dump_result,
    error_object,
    exception_object,
    format_stack,
    load_event,
)
from .output import CHUNK_CHARACTERS, OutputStream, preset_logging

Handler = Callable[[Any, LambdaContext], Any]
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class InitError(Exception):
    """INIT failed; holds the error object that the invocation answers with."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.body = body


def main(request: dict[str, Any], channel_fd: int, stdout_fd: int, stderr_fd: int) -> None:
    """Be the execution environment that ``request`` specifies until the agent hangs up."""
    _settle_process(channel_fd, stdout_fd, stderr_fd)
    try:
        Environment(socket.socket(fileno=channel_fd), request).serve()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _settle_process(channel_fd: int, stdout_fd: int, stderr_fd: int) -> None:
    os.setsid()
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (stdout_fd, 1), (stderr_fd, 2)):
        os.dup2(source, target)
    os.set_inheritable(channel_fd, False)
    os.closerange(3, channel_fd)
    os.closerange(channel_fd + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Environment:
    """One execution environment: its function, its channel and the invocation in progress."""

    def __init__(self, channel: socket.socket, spec: dict[str, Any]) -> None:
        self._channel = channel
        self._spec = spec
        self._number = int(spec["environment"])
        self._reader = frames.FrameReader()
        self._waiting: deque[bytes] = deque()
        self._ticket = 0
        self._request_id = ""
        self._baseline_kb = _peak_kb()
        self._task_root: str = spec["task_root"]
        self._sending = threading.Lock()
        os.register_at_fork(after_in_child=self._leave_to_child)

    def serve(self) -> None:
        self._enter_function()
        started = time.perf_counter_ns()
        try:
            handler = self._initialise()
        except InitError as failure:
            self._flush_output()
            self._send_ready(started)
            self._answer_with(failure.body)
            return
        self._flush_output()
        self._send_ready(started)
        while frame := self._next():
            self._invoke(handler, frame)

    # -- INIT ---------------------------------------------------------------------------------

    def _enter_function(self) -> None:
        """Set the process up as AWS's runtime does: environment, paths, output, logging."""
        os.environ.clear()
        os.environ.update(self._spec["environment_variables"])
        time.tzset()
        os.chdir(self._task_root)
        sys.path.insert(0, self._task_root)
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - lives with the process
        sys.stdout = OutputStream(frames.STDOUT, self._emit)
        sys.stderr = OutputStream(frames.STDERR, self._emit)
        preset_logging(sys.stdout, lambda: self._request_id)

    def _initialise(self) -> Handler:
        module_name, dot, function_name = self._spec["handler"].rpartition(".")
        if not dot:
            raise InitError(
                error_object(
                    "Runtime.MalformedHandlerName",
                    f"Bad handler '{function_name}': not enough values to unpack "
                    "(expected 2, got 1)",
                )
            )
        try:
            module = importlib.import_module(module_name.replace("/", "."))
        except ImportError as error:
            raise InitError(
                error_object(
                    "Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}"
                )
            ) from error
        except SyntaxError as error:
            entry = f'  File "{error.filename}" Line {error.lineno}\n    {error.text or ""}'
            raise InitError(
                error_object(
                    "Runtime.UserCodeSyntaxError",
                    f"Syntax error in module '{module_name}': {error}",
                    stack_trace=[entry.replace(self._task_root, TASK_ROOT)],
                )
            ) from error
        except Exception as error:
            self._print_error(error)
            raise InitError(
                exception_object(
                    error, request_id="", task_root=self._task_root, below=sys._getframe()
                )
            ) from error
        handler = getattr(module, function_name, None)
        if handler is None:
            raise InitError(
                error_object(
                    "Runtime.HandlerNotFound",
                    f"Handler '{function_name}' missing on module '{module_name}'",
                )
            )
        found: Handler = handler
        return found

    def _send_ready(self, started_ns: int) -> None:
        elapsed_us = (time.perf_counter_ns() - started_ns) // 1000
        self._send(frames.READY, frames.INIT_US.pack(elapsed_us))

    def _answer_with(self, error_body: bytes) -> None:
        """Answer what has been sent to us with the error of INIT, then end: INIT is not retried
        here, the next environment does that."""
        while True:
            frame = self._next()
            if frame is None:
                return
            ticket, *_ = frames.INVOKE_HEAD.unpack_from(frame, frames.HEADER_BYTES)
            self._send_result(ticket, frames.OUTCOME_ERROR, time.time_ns() // 1000, 0, error_body)
            if not self._waiting:
                return

    # -- INVOKE -------------------------------------------------------------------------------

    def _next(self) -> bytes | None:
        """The next INVOKE frame, or None when the agent has hung up."""
        while not self._waiting:
            data = self._channel.recv(1 << 18)
            if not data:
                return None
            self._waiting.extend(
                frame for kind, _, frame in self._reader.feed(data) if kind == frames.INVOKE
            )
        return self._waiting.popleft()

    def _invoke(self, handler: Handler, frame: bytes) -> None:
        head = frames.INVOKE_HEAD
        ticket, request_id, timeout_ms, codec, meta_bytes = head.unpack_from(
            frame, frames.HEADER_BYTES
        )
        start = frames.HEADER_BYTES + head.size
        metadata = json.loads(frame[start : start + meta_bytes]) if meta_bytes else {}
        payload = frame[start + meta_bytes :]
        self._ticket, self._request_id = ticket, frames.uuid_text(request_id)
        context = LambdaContext(
            aws_request_id=self._request_id,
            invoked_function_arn=metadata.get("invoked_function_arn", self._spec["arn"]),
            deadline_monotonic_s=time.monotonic() + timeout_ms / 1000,
        )
        started_us = time.time_ns() // 1000
        started_ns = time.perf_counter_ns()
        outcome, body = self._call(handler, codec, payload, context)
        self._flush_output()
        duration_us = (time.perf_counter_ns() - started_ns) // 1000
        self._send_result(ticket, outcome, started_us, duration_us, body)
        self._ticket, self._request_id = 0, ""

    def _call(
        self, handler: Handler, codec: int, payload: bytes, context: LambdaContext
    ) -> tuple[int, bytes]:
        request_id = context.aws_request_id
        try:
            return frames.OUTCOME_OK, dump_result(
                codec, handler(load_event(codec, payload), context)
            )
        except MarshalError as error:
            body = error_object(error.error_type, str(error), request_id=request_id)
        except Exception as error:  # noqa: BLE001 - the handler call's wall
            self._print_error(error)
            body = exception_object(
                error, request_id=request_id, task_root=self._task_root, below=sys._getframe()
            )
        except KeyboardInterrupt as error:
            body = error_object("KeyboardInterrupt", str(error), request_id=request_id)
        return frames.OUTCOME_ERROR, body

    def _print_error(self, error: BaseException) -> None:
        """The error goes to the function's log too, as AWS's runtime writes it."""
        stack = format_stack(error.__traceback__, task_root=self._task_root, below=sys._getframe(1))
        head = "".join(traceback.format_exception_only(error)).rstrip("\n")
        lines = "".join(["Traceback (most recent call last):\n", *stack]) if stack else ""
        sys.stdout.write(f"[ERROR] {head}\n{lines}")

    # -- towards the agent --------------------------------------------------------------------

    def _flush_output(self) -> None:
        sys.stdout.flush()
        sys.stderr.flush()

    def _emit(self, stream: int, text: str) -> None:
        head = frames.LOG_HEAD.pack(self._ticket, stream, time.time_ns() // 1000)
        for start in range(0, len(text), CHUNK_CHARACTERS):
            chunk = text[start : start + CHUNK_CHARACTERS].encode("utf-8", "replace")
            self._send(frames.LOG, head + chunk)

    def _send_result(
        self, ticket: int, outcome: int, started_us: int, duration_us: int, body: bytes
    ) -> None:
        own_kb = max(0, _peak_kb() - self._baseline_kb)
        head = frames.RESULT_HEAD.pack(ticket, outcome, started_us, duration_us, own_kb)
        self._send(frames.RESULT, head + body)

    def _send(self, kind: int, body: bytes) -> None:
        with self._sending:
            self._channel.sendall(frames.pack(kind, self._number, body))

    def _leave_to_child(self) -> None:
        """A process that the handler forks keeps the pipes, never the channel."""
        self._channel.close()
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _peak_kb() -> int:
    """The process's peak resident memory in KiB (``ru_maxrss`` is bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak
