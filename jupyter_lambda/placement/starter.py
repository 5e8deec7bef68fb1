"""The starter host: an agent of the service's own, launched before anything else is even imported.

It answers the first invocations while the service comes up and Dask's cluster after it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from jupyter_lambda.interpreter import import_environment, module_command
from jupyter_lambda.runtime.passing import passed_on


@dataclass(frozen=True, slots=True)
class Starter:
    """A launched agent, which may not listen yet; its standard input is its lifeline."""

    process: subprocess.Popen[bytes]
    token: str

    def announced_port(self) -> int | None:
        """Wait for the agent to listen; None when it ended instead. Blocks."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return int(json.loads(line)["port"]) if line else None

    def let_go(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()


SCRATCH = "workers"
"""Where in the home the workers and their agents keep what lives no longer than they do."""


def launch(home: Path) -> Starter:
    """Start the agent of a home that we hold; returns at once.

    What agents that were killed have left there is removed first.
    """
    scratch = home / SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    token = os.urandom(16).hex()
    process = subprocess.Popen(
        module_command("jupyter_lambda.runtime.agent"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=scrubbed_environment(),
    )
    assert process.stdin is not None
    process.stdin.write(
        json.dumps({"token": token, "bind": "127.0.0.1", "work": str(scratch)}).encode() + b"\n"
    )
    process.stdin.flush()
    return Starter(process, token)


def scrubbed_environment() -> dict[str, str]:
    """Of our environment only what an interpreter needs to start and to import us."""
    return {name: os.environ[name] for name in passed_on()} | import_environment()
