"""A real Jupyter server in a process of its own; all that it writes goes into scratch folders."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKEN = "a-token-of-the-tests"
START_PATIENCE_S = 60.0
END_PATIENCE_S = 20.0
QUIET = '{"fetchNews": "false", "checkForUpdates": false}'


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Jupyter:
    """Where the server listens, where its notebooks are, and what it has logged."""

    url: str
    notebooks: Path
    log: Path
    process: subprocess.Popen[bytes]

    def ask(self, path: str, *, method: str = "GET", token: str | None = TOKEN) -> Answer:
        headers = {"Authorization": f"token {token}"} if token else {}
        body = b"{}" if method == "POST" else None
        request = urllib.request.Request(
            f"{self.url}jupyter-lambda/api/{path}", data=body, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=90) as response:
                return Answer(response.status, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(END_PATIENCE_S)


@contextmanager
def running(application: str, scratch: Path, home: Path) -> Iterator[Jupyter]:
    """Run ``jupyterlab`` or ``jupyter_server`` for the service of ``home``; end it at the end."""
    notebooks = scratch / "notebooks"
    notebooks.mkdir(parents=True)
    settings = scratch / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(QUIET)
    command = [
        *(sys.executable, "-m", application, "--no-browser", "--allow-root"),
        *("--ServerApp.port=0", f"--IdentityProvider.token={TOKEN}"),
        *(f"--ServerApp.root_dir={notebooks}", "--ServerApp.allow_unauthenticated_access=False"),
        *(["--LabApp.expose_app_in_browser=True"] if application == "jupyterlab" else []),
    ]
    log = scratch / "jupyter.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=_environment(scratch, home)
        )
    try:
        yield Jupyter(_await_url(scratch / "runtime", process, log), notebooks, log, process)
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(END_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(scratch: Path, home: Path) -> dict[str, str]:
    return os.environ | {
        "IPYTHONDIR": str(scratch / "ipython"),
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTER_LAMBDA_HOME": str(home),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces"),
    }


def _await_url(runtime: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    """The address in the file that the server writes, once it answers there."""
    deadline_s = time.monotonic() + START_PATIENCE_S
    while time.monotonic() < deadline_s:
        for path in runtime.glob("jpserver-*.json"):
            try:
                url = str(json.loads(path.read_text())["url"])
                with urllib.request.urlopen(f"{url}api", timeout=10):
                    return url
            except (ValueError, OSError):
                continue
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the Jupyter server did not start:\n{log.read_text()}")
