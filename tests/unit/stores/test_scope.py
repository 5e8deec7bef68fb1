from __future__ import annotations

import pytest

from jupyter_lambda.stores.scope import EVERYTHING, Scope


@pytest.mark.parametrize(
    ("scope", "where"),
    [
        (EVERYTHING, "TRUE"),
        (Scope(function_name="area"), "function_name = :function_name"),
        (
            Scope(function_name="area", run_id="aa"),
            "run_id = :run_id AND +function_name = :function_name",
        ),
        (
            Scope(function_name="area", request_id=b"x"),
            "request_id = :request_id AND +function_name = :function_name",
        ),
    ],
)
def test_scope_lets_the_narrowest_choose_the_index(scope: Scope, where: str) -> None:
    assert scope.where() == where
