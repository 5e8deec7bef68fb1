"""Constants as source."""

from __future__ import annotations

import enum
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_lambda.capture.literals import canonical_order, render_literal

ATOMS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
    | st.complex_numbers(allow_nan=False)
)  # fmt: skip
HASHABLE = st.deferred(
    lambda: ATOMS | st.tuples(HASHABLE, HASHABLE) | st.frozensets(HASHABLE, max_size=3)
)
VALUES = st.deferred(
    lambda: (
        HASHABLE
        | st.sets(HASHABLE, max_size=4)
        | st.lists(VALUES, max_size=4)
        | st.dictionaries(HASHABLE, VALUES, max_size=4)
    )
)


def typed(value):
    """The value with all its types, since ``1 == True == 1.0``."""
    if isinstance(value, (list, tuple)):
        return type(value), [typed(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return type(value), {repr(typed(item)) for item in value}
    if isinstance(value, dict):
        return dict, [(typed(key), typed(item)) for key, item in value.items()]
    return type(value), repr(value)


@given(VALUES)
def test_render_literal_gives_back_the_value_and_its_types(value):
    text = render_literal(value)
    if text is not None:
        assert typed(eval(text)) == typed(value)


@given(st.sets(st.text() | st.integers() | st.tuples(st.integers(), st.text())))
def test_canonical_order_depends_on_the_elements_alone(elements):
    backwards = list(elements)[::-1]
    assert canonical_order(elements) == canonical_order(backwards)
    assert set(canonical_order(elements)) == elements


class Level(enum.IntEnum):
    HIGH = 1


class Text(str):
    __slots__ = ()


LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value",
    [Level.HIGH, Text("a"), [Level.HIGH], LOOP, "x" * 1001, b"x" * 1001, 10**5000, object(),
     {1: object()}, {(1, object)}, list(range(2000)), [["x" * 500], "y" * 600], int],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_render_literal_leaves_other_values_to_the_pickler(value):
    assert render_literal(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.inf, 'float("inf")'),
        (-0.0, "-0.0"),
        (set(), "set()"),
        (frozenset({2, 1}), "frozenset({1, 2})"),
        ((1,), "(1,)"),
        (range(3), "range(0, 3)"),
        (..., "Ellipsis"),
        ({10, 9, -1}, "{-1, 9, 10}"),
        ({"b": 1, "a": 2}, "{'b': 1, 'a': 2}"),
    ],
)
def test_render_literal_writes(value, text):
    assert render_literal(value) == text
