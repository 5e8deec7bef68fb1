"""Our own decorators and the objects that they make."""

from __future__ import annotations

import ast
import functools
import types

import pytest

from jupyter_lambda.capture.decorators import own_decorator_lines, unwrapped


class Ours:
    def __init__(self, inner=None):
        if inner is not None:
            self.__wrapped__ = inner


Ours.__module__ = "jupyter_lambda.client.function"


def ours(**options):
    return Ours


ours.__module__ = "jupyter_lambda"


def theirs(function):
    return function


theirs.__module__ = "jupyter_lambda_of_somebody_else"


def test_unwrapped_takes_the_local_definition_of_a_deployed_function():
    deployed = Ours()
    deployed.local = theirs
    assert unwrapped(deployed) is theirs
    deployed.local = None
    assert unwrapped(deployed) is deployed


def test_unwrapped_takes_the_function_out_of_our_objects():
    assert unwrapped(Ours(Ours(theirs))) is theirs


@pytest.mark.parametrize("value", [theirs, 1, functools.wraps(theirs)(lambda: 1), Ours()])
def test_unwrapped_leaves_everything_else(value):
    assert unwrapped(value) is value


@pytest.mark.parametrize(
    ("decorators", "lines"),
    [
        ("@jl.function(memory=1)", {1}),
        ("@jl.function", {1}),
        ("@deep.jl.function(\n  memory=1,\n)", {1, 2, 3}),
        ("@short()", {1}),
        ("@preset", {1}),
        ("@made", {1}),
        ("@theirs\n@short()\n@theirs", {2}),
        ("@theirs", set()),
        ("@unknown.thing()", set()),
        ("@(lambda f: f)", set()),
        ("@table['x']", set()),
    ],
)
def test_own_decorator_lines_finds_ours_by_what_the_name_means(decorators, lines):
    jl = types.SimpleNamespace(function=ours)
    namespace = {
        "jl": jl,
        "deep": types.SimpleNamespace(jl=jl),
        "short": ours,
        "preset": functools.partial(ours, memory=2),
        "made": Ours(),
        "theirs": theirs,
        "table": {"x": theirs},
    }
    tree = ast.parse(f"{decorators}\ndef f(): ...")
    assert own_decorator_lines(tree.body[0].decorator_list, namespace) == lines
