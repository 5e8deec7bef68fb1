"""Calling what does not take ``(event, context)``, and cells without a function."""

from __future__ import annotations

import pytest

from jupyter_lambda.errors import CellSyntaxError

PLAIN = "def area(w, h=2, *, scale=1):\n    return w * h * scale"


@pytest.mark.parametrize(
    ("event", "expected"),
    [({"w": 3}, 6), ({"w": 3, "h": 5}, 15), ({"h": 1, "w": 3, "scale": 10}, 30)],
)
def test_adapter_maps_keys_to_parameters(notebook, worker, event, expected):
    assert worker(notebook.package(PLAIN)).call(event) == expected


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({}, "the event has no key w, which area(w, h, scale) needs"),
        ({"w": 1, "width": 2, "q": 0}, "the event has the key width, q, which area("),
        ([1, 2], "the event must be an object with the keys of area(w, h, scale), not list"),
    ],
)
def test_adapter_names_the_key_that_is_wrong(notebook, worker, event, words):
    outcome = worker(notebook.package(PLAIN)).error(event)
    assert outcome["error"] == "TypeError"
    assert words in outcome["message"]


@pytest.mark.parametrize(
    ("cell", "event", "expected"),
    [
        ("def square(x):\n    return x * x", 7, 49),
        ("def square(x):\n    return x * x", {"x": 7}, 49),
        ("def area(a, /, b, **more):\n    return [a, b, more]", {"a": 1, "b": 2, "c": 3},
         [1, 2, {"c": 3}]),
        ("def area(a, b=5, /):\n    return a + b", {"a": 1}, 6),
        ("def first(row):\n    return row['a']", {"a": 1, "b": 2}, 1),
        ("def whole(row):\n    return row", {}, {}),
        ("def named(row):\n    return row", {"row": 3}, 3),
        ("def usual(n=4):\n    return n", {}, 4),
        ("def usual(n=4):\n    return n", None, 4),
        ("def usual(n=4):\n    return n", 0, 0),
        ("def usual(n=4, m=5):\n    return n + m", None, 9),
        ("def once():\n    return 'ran'", {"any": "thing"}, "ran"),
        ("def area(event):\n    return event", [1], [1]),
        ("def lambda_handler(event):\n    return event", 1, 1),
        ("def keys(missing, key):\n    return missing + key", {"missing": 1, "key": 2}, 3),
        ("def event(x):\n    return x", {"x": 2}, 2),
        ("def área(ñ):\n    return ñ", {"ñ": 2}, 2),
    ],
)  # fmt: skip
def test_adapter_calls_every_kind_of_signature(notebook, worker, cell, event, expected):
    assert worker(notebook.package(cell)).call(event) == expected


BODIES = [
    ("", "event['x'] + 1", {"x": 1}, 2),
    (
        "",
        """\
# first
import math
from math import (
    floor,
)

r = event
floor(math.pi * r)""",
        2,
        6,
    ),
    ("K = 10", "y = event * K; y + 1", 2, 21),
    (
        "",
        """\
text = '''a
  b'''
text + event""",
        "c",
        "a\n  bc",
    ),
    (
        "",
        """\
v = event
text = f'''a
  {v}
z'''
text""",
        "c",
        "a\n  c\nz",
    ),
    (
        "",
        """\
x = event
x""",
        None,
        None,
    ),
    (
        "",
        """\
n = event
if n > 1:
    n = n * 2""",
        2,
        None,
    ),
    (
        "",
        """\
if event:
    return 'early'
'late'""",
        1,
        "early",
    ),
    (
        "",
        """\
if event:
    return 'early'
'late'""",
        0,
        "late",
    ),
    (
        "rows = [3, 1, 2]",
        """\
rows = sorted(rows)[: event]
rows""",
        2,
        [1, 2],
    ),
    (
        "n = 5",
        """\
n += event
n""",
        1,
        6,
    ),
    (
        "",
        """\
def double(x):
    return twice * x
twice = 2
[double(x) for x in event]""",
        [1, 2],
        [2, 4],
    ),
    (
        "",
        """\
count = 0
def bump():
    global count
    count += event
bump()
bump()
count""",
        3,
        6,
    ),
    (
        """\
def helper(x):
    return x + STEP
STEP = 1""",
        "helper(event)",
        1,
        2,
    ),
    (
        "",
        """\
é = event; (é,
  é)""",
        1,
        [1, 1],
    ),
    ("", "str(context)", None, "None"),
    (
        "",
        """\
import math; x = event
math.floor(x)""",
        2.5,
        2,
    ),
]  # what the notebook ran, the packaged cell, event, result


@pytest.mark.parametrize("body", BODIES, ids=[body[1].split("\n")[0] for body in BODIES])
def test_body_form_returns_the_last_expression(notebook, worker, body):
    setup, cell, event, expected = body
    notebook.run(setup)
    assert worker(notebook.package(cell)).call(event) == expected


def test_body_form_starts_each_call_with_the_captured_value(notebook, worker):
    notebook.run("rows = [1, 2, 3]")
    package = notebook.package("rows = rows[1:]\nlen(rows)")
    outcomes = worker(package).outcomes(1, 2, 3)
    assert [outcome["result"] for outcome in outcomes] == [2, 2, 2]


def test_body_form_refuses_what_a_function_cannot_contain(notebook):
    with pytest.raises(CellSyntaxError, match=r"line 2 does not parse: import \* only allowed"):
        notebook.package("x = event\nfrom math import *\npi")
