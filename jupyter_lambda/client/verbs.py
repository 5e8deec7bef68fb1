"""The verbs of ``import jupyter_lambda as jl``, on the session in use."""

from __future__ import annotations

from typing import Any

from jupyter_lambda.client import session
from jupyter_lambda.client.function import Function
from jupyter_lambda.client.run import Run


def get(name: str) -> Function:
    """The function of that name, whoever made it."""
    return session.current().get(name)


def functions() -> list[Function]:
    """Every function on the service."""
    return session.current().functions()


def run(run_id: str) -> Run:
    """The run of that id, from whichever kernel it was started."""
    return session.current().run(run_id)


def runs(function: str | None = None, limit: int = 50) -> list[Run]:
    """The newest runs, of one function or of all."""
    return session.current().runs(function, limit)


def usage(
    function: str | None = None,
    run: str | None = None,
    request_id: str | None = None,
    month: str | None = None,
) -> dict[str, Any]:
    """What a function, a run, a call or a month (``YYYY-MM``; this one if nothing is given) used
    and costs."""
    return session.current().usage(function, run, request_id, month)


def status() -> dict[str, Any]:
    """Where the service is, its pool, and what runs."""
    return session.current().status()


def stop() -> None:
    """Ask the service to end."""
    session.current().stop()
