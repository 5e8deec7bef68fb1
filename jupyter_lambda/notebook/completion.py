"""Tab after ``%lambda``: commands, then functions and runs of a service that already runs."""

from __future__ import annotations

from typing import Any

from jupyter_lambda.client.session import existing
from jupyter_lambda.errors import LambdaError
from jupyter_lambda.notebook.arguments import line_parser, verbs_of

_TAKE_FUNCTION = ("show", "invoke", "map", "logs", "runs", "cost", "rm")
_TAKE_RUN = ("run", "retry", "cancel", "logs", "cost")


class Completion:
    """IPython's ``complete_command`` hook."""

    def __call__(self, shell: Any, event: Any) -> list[str]:
        words = event.line.split()
        if event.line.endswith(" "):
            words.append("")
        if len(words) <= 2:
            return verbs_of(line_parser())
        return _names(words[1]) if len(words) == 3 else []


def _names(verb: str) -> list[str]:
    """Never starts a service, and stays silent when there is none."""
    session = existing()
    if session is None:
        return []
    names: list[str] = []
    try:
        if verb in _TAKE_FUNCTION:
            names += [function.name for function in session.functions()]
        if verb in _TAKE_RUN:
            names += [run.id for run in session.runs(limit=20)]
    except LambdaError:
        return []
    return names
