"""The agent's record of one execution environment: what it runs, its deadline, its exit.

States: starting (no process id yet, or INIT in progress), ready, dying (killed, waiting for the
exit to be confirmed). Idle ready environments are stopped (SIGSTOP) and continued for the next
event, as AWS freezes them.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import time
from collections import deque
from typing import Any

from . import frames
from .channel import Channel
from .marshaller import error_object
from .nursery import Zygote, kill_group

INIT_MAX_S = 10.0
FREEZE_AFTER_S = 0.002
LOG_MAX_BYTES = 4 << 20


class OutputPipe:
    """The reading end of an environment's file descriptor 1 or 2."""

    def __init__(self, descriptor: int, stream: int, environment: Environment) -> None:
        self.descriptor = descriptor
        self.stream = stream
        self.environment = environment


class Environment:
    """One environment as its host agent sees it."""

    def __init__(
        self,
        number: int,
        spec: dict[str, Any],
        *,
        zygote: Zygote,
        temporary: str,
        sock: socket.socket,
        selector: selectors.BaseSelector,
    ) -> None:
        self.number = number
        self.spec = spec
        self.zygote = zygote
        self.temporary = temporary
        self.channel = Channel(sock, selector, self)
        self.pipes: list[OutputPipe] = []
        self.pid: int | None = None
        self.ready = False
        self.dying: str | None = None
        """Why it was killed: ``stopped``, ``timeout``, ``orphaned`` or ``zygote lost``."""
        self.frozen = False
        self.inflight: deque[tuple[int, float, bytes]] = deque()
        """Ticket, timeout in seconds and request id of the events sent to it, oldest first."""
        self.head_started_s = 0.0
        self.deadline_s: float | None = None
        self.log_bytes = 0
        self.log_dropped_bytes = 0

    def accept(self, frame: bytes, now_s: float) -> None:
        """Hand an INVOKE frame on to the process."""
        ticket, request_id, timeout_ms, _, _ = frames.INVOKE_HEAD.unpack_from(
            frame, frames.HEADER_BYTES
        )
        self.inflight.append((ticket, timeout_ms / 1000, request_id))
        if len(self.inflight) == 1:
            self._begin_head(now_s)
        if self.frozen and self.pid is not None:
            self.frozen = False
            kill_group(self.pid, signal.SIGCONT)
        self.channel.queue(frame)

    def _begin_head(self, now_s: float) -> None:
        self.head_started_s = now_s
        self.log_bytes = self.log_dropped_bytes = 0
        grace_s = 0.0 if self.ready else INIT_MAX_S
        self.deadline_s = now_s + self.inflight[0][1] + grace_s

    def become_ready(self, now_s: float) -> None:
        self.ready = True
        if self.inflight:
            self._begin_head(now_s)

    def settle(self, ticket: int, now_s: float) -> bool:
        """The process answered; False for a ticket that is not the one in progress."""
        if not self.inflight or self.inflight[0][0] != ticket:
            return False
        self.inflight.popleft()
        self.deadline_s = None
        if self.inflight:
            self._begin_head(now_s)
        return True

    def kill(self, reason: str) -> None:
        self.dying = self.dying or reason
        self.deadline_s = None
        if self.pid is not None:
            kill_group(self.pid, signal.SIGKILL)

    def fail_head(self, outcome: int, error_type: str, message: str, now_s: float) -> bytes:
        """A RESULT frame for the event in progress, which the process can no longer answer."""
        ticket, timeout_s, request_id = self.inflight.popleft()
        elapsed_s = max(0.0, now_s - self.head_started_s)
        if outcome == frames.OUTCOME_TIMEOUT:
            elapsed_s = timeout_s
        text = frames.uuid_text(request_id)
        body = error_object(error_type, f"RequestId: {text} Error: {message}", request_id=text)
        head = frames.RESULT_HEAD.pack(ticket, outcome, 0, int(elapsed_s * 1_000_000), 0)
        return frames.pack(frames.RESULT, self.number, head + body)

    def take_log(self, frame: bytes) -> bool:
        """Whether a LOG frame may pass: an invocation's output is bounded, the rest counted."""
        if self.log_bytes + len(frame) > LOG_MAX_BYTES:
            self.log_dropped_bytes += len(frame) - frames.HEADER_BYTES - frames.LOG_HEAD.size
            return False
        self.log_bytes += len(frame)
        return True

    def dropped_note(self, ticket: int) -> bytes | None:
        """A LOG frame that says how much output was dropped, if any was."""
        if not self.log_dropped_bytes:
            return None
        text = (
            f"[output over {LOG_MAX_BYTES} bytes in one invocation: "
            f"{self.log_dropped_bytes} bytes dropped]\n"
        )
        return log_frame(self.number, ticket, frames.STDERR, text)

    def exit_message(self, status: int) -> str:
        if status < 0:
            return f"Runtime exited with error: signal: {_signal_words(-status)}"
        if status == 0:
            return "Runtime exited without providing a reason"
        return f"Runtime exited with error: exit status {status}"

    def discard_files(self) -> None:
        remove_tree(self.temporary)


def log_frame(number: int, ticket: int, stream: int, text: str) -> bytes:
    head = frames.LOG_HEAD.pack(ticket, stream, time.time_ns() // 1000)
    return frames.pack(frames.LOG, number, head + text.encode("utf-8", "replace"))


def ended_frame(number: int, reason: str, status: int) -> bytes:
    body = json.dumps({"reason": reason, "status": status}).encode()
    return frames.pack(frames.ENDED, number, body)


def make_temporary(work: str, number: int) -> str:
    """The environment's private TMPDIR; the literal /tmp is not redirected at this level."""
    folder = os.path.join(work, f"environment-{number}")
    os.mkdir(folder, 0o700)
    return folder


def remove_tree(folder: str) -> None:
    # Not before it is needed: it drags every compression library in, and the first call waits.
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def environment_variables(spec: dict[str, Any], temporary: str, task_root: str) -> dict[str, str]:
    """What the function finds in ``os.environ``: AWS's reserved variables and its own.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html.
    """
    name = spec["name"]
    numeric = {
        key: value
        for key, value in os.environ.items()
        if key.endswith("_NUM_THREADS") or key.startswith("OPENBLAS_")
    }
    variables = {
        "LANG": "en_US.UTF-8",
        "LC_CTYPE": "C.UTF-8",
        "PATH": os.environ.get("PATH", os.defpath),
        "TMPDIR": temporary,
        "HOME": temporary,
        "TZ": ":UTC",
        **numeric,
        **spec.get("variables", {}),
        "_HANDLER": spec["handler"],
        "AWS_DEFAULT_REGION": spec["region"],
        "AWS_REGION": spec["region"],
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{spec['runtime']}",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec["version"],
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec["memory_mb"]),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": spec["log_stream"],
        "LAMBDA_TASK_ROOT": task_root,
    }
    library_path = os.environ.get("LD_LIBRARY_PATH")
    return variables | ({"LD_LIBRARY_PATH": library_path} if library_path else {})


def _signal_words(number: int) -> str:
    words = {
        "SIGKILL": "killed",
        "SIGSEGV": "segmentation fault",
        "SIGABRT": "aborted",
        "SIGTERM": "terminated",
    }
    try:
        name = signal.Signals(number).name
    except ValueError:
        return str(number)
    return words.get(name, name)
