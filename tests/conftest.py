"""Fixtures that start real services, each in a home of its own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_lambda.client import connection
from jupyter_lambda.client.session import Session
from jupyter_lambda.errors import LambdaError

PATIENCE_S = 30.0


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Any]:
    """Looks at a condition until it holds, and gives its value."""

    def look(condition: Callable[[], Any], patience_s: float = PATIENCE_S) -> Any:
        deadline_s = time.monotonic() + patience_s
        while not (value := condition()):
            assert time.monotonic() < deadline_s, f"not within {patience_s} s: {condition}"
            time.sleep(0.01)
        return value

    return look


@pytest.fixture(scope="session")
def alive() -> Callable[[int], bool]:
    def look(pid: int) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state != "Z"

    return look


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose service, if a test starts one, is ended with the test."""
    home = tmp_path / "home"
    monkeypatch.setenv("JUPYTER_LAMBDA_HOME", str(home))
    yield home
    end_service(home)


@pytest.fixture
def session(home: Path) -> Session:
    """A session with a service of two workers, which may still be starting its cluster."""
    return Session(connection.connect(home, workers=2))


@pytest.fixture(scope="module")
def shared_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One service for all tests of a module."""
    home = tmp_path_factory.mktemp("shared") / "home"
    yield Session(connection.connect(home, workers=2))
    end_service(home)


def end_service(home: Path) -> None:
    found = connection.find(home)
    if found is None:
        return
    try:
        found.transport.request("POST", "/v1/shutdown", timeout_s=10)
    except LambdaError:
        os.kill(found.pid, signal.SIGKILL)
    connection.await_end(found)
