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
_LOOK_EVERY_S = 0.01
_ALREADY_RUNNING = 75
_LOG_TAIL_BYTES = 2_000


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
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        answer = transport.request("GET", "/v1/status", timeout_s=10).json()
    except LambdaError:
        return None
    # A later process may listen at the port of one that was killed.
    return Connection(home, content["url"], pid, transport) if answer.get("pid") == pid else None


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
    return _await(chosen, spawn(chosen, workers=workers))


def spawn(home: Path, *, workers: int | None = None) -> subprocess.Popen[bytes]:
    """Start a service that outlives us; what it says goes to the home's log file."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [*module_command("jupyter_lambda.serve"), "--home", str(home)]
    if workers is not None:
        command += ["--workers", str(workers)]
    with open(home / LOG_FILE, "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | import_environment(),
            start_new_session=True,
            cwd="/",
        )


def _await(home: Path, process: subprocess.Popen[bytes]) -> Connection:
    """Wait until the service answers: ours, or the one that was faster."""
    deadline_s = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline_s:
        if (home / CONNECTION_FILE).exists():
            found = find(home)
            if found is not None:
                return found
        if process.poll() not in (None, 0, _ALREADY_RUNNING):
            raise ServiceUnavailable(
                f"the Lambda service for {home} ended with status {process.returncode} while it "
                f"started. The end of {home / LOG_FILE}:\n{_log_tail(home)}"
            )
        time.sleep(_LOOK_EVERY_S)
    raise ServiceUnavailable(
        f"the Lambda service for {home} did not answer within {START_PATIENCE_S:.0f} s. "
        f"The end of {home / LOG_FILE}:\n{_log_tail(home)}"
    )


def _log_tail(home: Path) -> str:
    try:
        return (home / LOG_FILE).read_bytes()[-_LOG_TAIL_BYTES:].decode("utf-8", "replace")
    except OSError:
        return "(there is no log)"
