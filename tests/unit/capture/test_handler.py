"""The handler rule, and how an event becomes arguments."""

from __future__ import annotations

import functools

import pytest

from jupyter_lambda.capture import CellOrigin, package_function
from jupyter_lambda.capture.cell import parse_cell
from jupyter_lambda.capture.handler import Style, find_handler, handler_of_callable
from jupyter_lambda.capture.names import scan
from jupyter_lambda.errors import HandlerNotFound

ORIGIN = CellOrigin("Cell In[1]", "<cell>")


def choose(source, name="area"):
    cell = parse_cell(source, ORIGIN)
    handler = find_handler(cell, scan(cell.source, cell.tree), name)
    return handler.name, handler.style.name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def a(event, context): ...\ndef area(x): ...\ndef b(event): ...", ("area", "KEYS")),
        ("def a(event, context): ...\ndef b(event, context): ...", ("b", "EVENT_AND_CONTEXT")),
        ("def a(event): ...\ndef handler(e, c): ...", ("a", "EVENT")),
        ("def a(_event, _context): ...\ndef b(x): ...", ("a", "EVENT_AND_CONTEXT")),
        ("def handler(e, c): ...\ndef b(x): ...", ("handler", "EVENT_AND_CONTEXT")),
        ("def lambda_handler(e): ...\ndef b(x): ...", ("lambda_handler", "EVENT")),
        ("handler = lambda e, c: 1\ndef b(x): ...", ("handler", "EVENT_AND_CONTEXT")),
        ("from x import lambda_handler", ("lambda_handler", "EVENT_AND_CONTEXT")),
        ("def f(x, y=1): ...", ("f", "KEYS")),
        ("def f(x): ...\ndef g(y): ...\ng(2)", ("g", "KEYS")),
        ("def f(x): ...\nf(event['x'])", ("lambda_handler", "BODY")),
        ("def f(): ...", ("f", "NOTHING")),
        ("def f(*args): ...", ("f", "KEYS")),
        ("class A: ...\nA()", ("lambda_handler", "BODY")),
        ("x = event['a']", ("lambda_handler", "BODY")),
        ("print('hello')", ("lambda_handler", "BODY")),
        ("g = lambda: event", ("lambda_handler", "BODY")),
        ("def f(event, extra=1): ...", ("f", "EVENT")),
        ("def f(event, context=None): ...", ("f", "EVENT_AND_CONTEXT")),
        ("def f(event, *rest): ...", ("f", "EVENT_AND_CONTEXT")),
        ("def f(event, other): ...", ("f", "EVENT_AND_CONTEXT")),
        ("class A:\n    def area(self, event): ...\ndef b(x): ...", ("b", "KEYS")),
    ],
)
def test_find_handler_follows_the_precedence(source, expected):
    assert choose(source) == expected


def test_find_handler_reads_hyphens_of_the_name_as_underscores():
    assert choose("def my_area(x): ...\ndef b(event): ...", "my-area") == ("my_area", "KEYS")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "Cell In[1] has no code: looked for a top-level def named 'area'"),
        ("# nothing\n\n", "has no code"),
        ("x = 1\nimport os", "has no handler: looked for"),
        ("class A:\n    def f(self, event): ...", "has no handler"),
        ("async def area(event, context): ...", "'area' is an async function"),
        ("def area(event):\n    yield 1", "'area' is a generator function"),
        ("await f(event)", "awaits at its top level"),
        ("yield event", "yields at its top level"),
        ("def area(event, context, table): ...", "needs more than an event and a context: table"),
        ("def area(event, *, table): ...", "needs more than an event and a context: table"),
    ],
)
def test_find_handler_says_what_it_looked_for_or_why_not(source, words):
    with pytest.raises(HandlerNotFound) as caught:
        choose(source)
    assert words in str(caught.value)


def test_find_handler_allows_an_inner_generator():
    assert choose("def area(event):\n    def g():\n        yield 1\n    return list(g())") == (
        "area",
        "EVENT",
    )


@pytest.mark.parametrize(
    ("function", "style"),
    [
        (lambda event, context: 1, Style.EVENT_AND_CONTEXT),
        (lambda event: 1, Style.EVENT),
        (lambda x, y=2: 1, Style.KEYS),
        (lambda: 1, Style.NOTHING),
        (functools.partial(pow, 2), Style.KEYS),
        (print, Style.KEYS),
        (dict, Style.EVENT),
    ],
)
def test_handler_of_callable_reads_the_signature(function, style):
    assert handler_of_callable(function, "f").style is style


def test_handler_of_callable_refuses_coroutines():
    async def area(event): ...

    with pytest.raises(HandlerNotFound, match="does not await"):
        package_function(area, name="area")
