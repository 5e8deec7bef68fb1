"""Live definitions as text, or the reason why not."""

from __future__ import annotations

import pytest

from jupyter_lambda.capture.definition import Block, NotFaithfulError, keep_lines, write_definition


def written(notebook, source, name="f"):
    notebook.run(source)
    return write_definition(name, notebook.namespace[name], notebook.namespace)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x, y=1, *, z=(2, 'a')): ...",
        "LIMIT = [1]\ndef f(x=LIMIT): ...",
        "import math\ndef f(x=math.pi, y=math.floor(2.5)): ...",
        "f = lambda x=1: x",
        "def f(seen=[]): ...\nf.__defaults__[0].append(1)",
        "class f: ...",
        "import functools\n@functools.lru_cache\ndef f(x): ...",
        "import contextlib\n@contextlib.contextmanager\ndef f():\n    yield",
        "def make():\n    def f(x):\n        return x\n    return f\nf = make()",
    ],
)
def test_write_definition_gives_the_statement(notebook, source):
    assert written(notebook, source).text.strip()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "def make(n):\n    def f(): n\n    return f\nf = make(1)",
            "keeps variables",
        ),
        ("for i in range(2):\n    def f(x=i): ...\ni = 7", "default of 'x' was computed"),
        ("n = 2\ndef f(*, x=n * 2): ...", "default of 'x' was computed"),
        ("def f(x=1): ...\nf.__defaults__ = (2,)", "default of 'x' was computed"),
        ("def f(x): ...\nf.calls = 0", "attributes were set"),
        ("g = lambda: 1\nf = g\ndel g", "under another name, 'g'"),
        ("x = 1; f = lambda: x", "shares its line"),
        ("exec('def f(): ...')", "source cannot be found"),
        ("class Base: ...\nclass f(Base): ...\ndel Base", "needs 'Base', which is gone"),
        ("deco = lambda g: g\n@deco\ndef f(): ...\ndel deco", "needs 'deco', which is gone"),
        ("import functools\ndef g(): ...\nf = functools.lru_cache(g)", "wrapped by a call"),
        ("def f():\n    from . import x", "relative import"),
        (
            "import functools\n@functools.singledispatch\ndef f(x): ...\n"
            "@f.register\ndef _(x: int): ...",
            "registered with it",
        ),
    ],
)
def test_write_definition_says_why_text_would_not_do(notebook, source, reason):
    with pytest.raises(NotFaithfulError, match=reason):
        written(notebook, source)


@pytest.mark.parametrize("source", ["f = 1", "f = [1]", "class A: ...\nf = A()", "f = print"])
def test_write_definition_is_for_definitions_only(notebook, source):
    assert written(notebook, source) is None


def test_write_definition_keeps_indentation_by_a_block_around_it(notebook):
    made = written(notebook, "if True:\n    def f():\n        return '''\n  x'''")
    assert [block.lines[0] for block in made.blocks] == ["if True:", "    def f():"]


def test_keep_lines_gives_the_runs_that_are_left():
    assert keep_lines(("a", "b", "c", "d", "e"), 10, "f.py", {10, 12, 13}) == [
        Block(("b",), "f.py", 11),
        Block(("e",), "f.py", 14),
    ]
    assert keep_lines(("a", "b"), 1, "f.py", set()) == [Block(("a", "b"), "f.py", 1)]
