from __future__ import annotations

from typing import Any

import pytest

from jupyter_lambda.errors import ResourceNotFound
from jupyter_lambda.notebook.scope import scope_of

REQUEST_ID = "0f3a1c52-7d5e-4d2f-9a54-3c2f1b0a9e77"


class Known:
    """A session with one function, one run, and the trace of a function that was removed."""

    def get(self, name: str) -> None:
        if name != "resize":
            raise ResourceNotFound(name)

    def run(self, run_id: str) -> None:
        if run_id != "5f2c81d09a3e":
            raise ResourceNotFound(run_id)

    def invocations(self, function: str, limit: int) -> list[Any]:
        return [{}] if function == "removed" else []


@pytest.mark.parametrize(
    ("word", "scope"),
    [
        ("resize", {"function": "resize"}),
        ("5f2c81d09a3e", {"run": "5f2c81d09a3e"}),
        (REQUEST_ID, {"request_id": REQUEST_ID}),
        ("removed", {"function": "removed"}),
    ],
)
def test_word_is_a_function_a_run_or_a_request(word: str, scope: dict[str, str]) -> None:
    assert scope_of(Known(), word) == scope  # type: ignore[arg-type]


def test_word_that_is_nothing_is_named() -> None:
    with pytest.raises(ResourceNotFound, match="'nothing' is no function, no run"):
        scope_of(Known(), "nothing")  # type: ignore[arg-type]
