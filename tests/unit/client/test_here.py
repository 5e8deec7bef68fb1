"""A handler called in this process, by the rules of the pool."""

from __future__ import annotations

import pytest

from jupyter_lambda.client.here import call_here


def with_context(event, context):
    return event, context.function_name, context.get_remaining_time_in_millis() > 0


def with_keys(w, h=2):
    return w * h


def whole(x):
    return x


@pytest.mark.parametrize(
    ("handler", "args", "kwargs", "result"),
    [
        (with_context, (1,), {}, (1, "f", True)),
        (with_keys, ({"w": 3, "h": 4},), {}, 12),
        (with_keys, (3, 4), {}, 12),
        (with_keys, (), {"w": 5}, 10),
        (whole, ([1],), {}, [1]),
        (whole, ({"x": 1},), {}, 1),
        (whole, ({"y": 1},), {}, {"y": 1}),
        (len, ([1, 2],), {}, 2),
    ],
)
def test_call_here_takes_arguments_or_an_event(handler, args, kwargs, result):
    assert call_here(handler, "f", args, kwargs) == result


def test_context_that_is_given_is_passed_on():
    assert call_here(lambda event, context: context, "f", (1, "mine"), {}) == "mine"
