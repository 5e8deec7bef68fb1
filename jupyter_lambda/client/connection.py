"""Find the service of a home, or start it.

Two programs may find none at the same moment and both start one: the home's lock lets one of the
two live, and both end up with its connection file.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_lambda.client.home import default_home
from jupyter_lambda.client.transport import Transport
from jupyter_lambda.errors import LambdaError, ServiceUnavailable
from jupyter_lambda.interpreter import import_environment, module_command

CONNECTION_FILE = "service.json"
LOG_FILE = "service.log"
START_PATIENCE_S = 60.0
END_PATIENCE_S = 20.0
_LOOK_EVERY_S = 0.01
_PROBE_S = 3.0
_ALREADY_RUNNING = 75
_LOG_TAIL_BYTES = 2_000
_LOG_MAX_BYTES = 1 << 20
_RESPAWN_PAUSE_S = 0.5

_started: list[tuple[subprocess.Popen[bytes], Path]] = []
"""Services that we started, with their homes, so that one that ends is reaped."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A service that has answered."""

    home: Path
    url: str
    pid: int
    transport: Transport


def find(home: Path) -> Connection | None:
    """The live service of the home, or None."""
    try:
        content = json.loads((home / CONNECTION_FILE).read_text(encoding="utf-8"))
        transport = Transport(content["url"], content["token"])
        pid = int(content["pid"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    try:
        answer = transport.request("GET", "/v1/status", timeout_s=_PROBE_S).json()
    except (LambdaError, ValueError):
        return None
    # A later process may listen at the port of one that was killed.
    return Connection(home, content["url"], pid, transport) if answer.get("pid") == pid else None


def prepare(home: Path) -> None:
    """Begin to start the home's service if it seems to have none; returns at once.

    For whoever has work to do before the first call; ``connect`` then waits for what is left.
    """
    if not (home / CONNECTION_FILE).exists():
        spawn(home)


def connect(
    home: Path | str | None = None, *, start: bool = True, workers: int | None = None
) -> Connection:
    """The service of the home, started if there is none.

    Raises:
        ServiceUnavailable: there is none and ``start`` is false, or it does not come up.
    """
    chosen = Path(home).expanduser().resolve() if home else default_home().expanduser().resolve()
    found = find(chosen)
    if found is not None:
        return found
    if not start:
        raise ServiceUnavailable(
            f"no Lambda service runs for {chosen}; start one with `jupyter lambda serve`"
        )
    return _start(chosen, workers=workers)


def _start(home: Path, *, workers: int | None) -> Connection:
    """Start one until one answers: ours, or the one that was faster.

    A home may still be held by a service that is about to end; then ours leaves, and is started
    again.
    """
    deadline_s = time.monotonic() + START_PATIENCE_S
    ours = next((p for p, of in _started if of == home and p.poll() is None), None)
    process, log_from = (ours, 0) if ours is not None else spawn(home, workers=workers)
    while time.monotonic() < deadline_s:
        found = find(home) if (home / CONNECTION_FILE).exists() else None
        if found is not None:
            return found
        status = process.poll()
        if status == _ALREADY_RUNNING or (status is not None and status < 0):
            time.sleep(_RESPAWN_PAUSE_S)
            found = find(home)
            if found is not None:
                return found
            process, log_from = spawn(home, workers=workers)
        elif status is not None:
            raise ServiceUnavailable(
                f"the Lambda service for {home} ended with status {status} while it started. "
                f"It said, in {home / LOG_FILE}:\n{_log_since(home, log_from)}"
            )
        time.sleep(_LOOK_EVERY_S)
    raise ServiceUnavailable(
        f"the Lambda service for {home} did not answer within {START_PATIENCE_S:.0f} s. "
        f"It said, in {home / LOG_FILE}:\n{_log_since(home, log_from)}"
    )


def spawn(home: Path, *, workers: int | None = None) -> tuple[subprocess.Popen[bytes], int]:
    """Start a service that outlives us, and say from which byte on the home's log is its."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ServiceUnavailable(
            f"the home {home} cannot be used: {error}. Set JUPYTER_LAMBDA_HOME to a directory "
            "on a local disk that you can write to"
        ) from error
    command = [*module_command("jupyter_lambda.serve"), "--home", str(home)]
    if workers is not None:
        command += ["--workers", str(workers)]
    log_path = home / LOG_FILE
    if log_path.exists() and log_path.stat().st_size > _LOG_MAX_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
    _started[:] = [(process, of) for process, of in _started if process.poll() is None]
    with open(log_path, "ab") as log:
        log_from = log.tell()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | import_environment(),
            start_new_session=True,
            cwd="/",
        )
    _started.append((process, home))
    return process, log_from


def await_end(found: Connection) -> None:
    """Wait until a service that was asked to stop is gone.

    Raises:
        ServiceUnavailable: it is still there after ``END_PATIENCE_S``.
    """
    deadline_s = time.monotonic() + END_PATIENCE_S
    while _lives(found.pid):
        if time.monotonic() > deadline_s:
            raise ServiceUnavailable(
                f"the Lambda service (pid {found.pid}) was asked to stop and is still running "
                f"after {END_PATIENCE_S:.0f} s"
            )
        time.sleep(_LOOK_EVERY_S)


def _lives(pid: int) -> bool:
    for process, _ in _started:
        if process.pid == pid:
            return process.poll() is None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _log_since(home: Path, position: int) -> str:
    try:
        content = (home / LOG_FILE).read_bytes()[position:]
    except OSError:
        return "(nothing)"
    return content[-_LOG_TAIL_BYTES:].decode("utf-8", "replace") or "(nothing)"
