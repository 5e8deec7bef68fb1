"""Notebooks whose handlers must give on a worker what they give in the notebook."""

from __future__ import annotations

import pytest

SCENARIOS = {
    "recursion": (
        [
            """\
def f(n):
    return 1 if n < 2 else n * f(n - 1)
""",
        ],
        """\
def area(event, context):
    return f(event)
""",
        5,
        120,
    ),
    "decorators": (
        [
            """\
import functools
def double(f):
    @functools.wraps(f)
    def inner(*a):
        return 2 * f(*a)
    return inner
""",
            """\
@double
@double
def f(x):
    return x
""",
        ],
        """\
def area(event, context):
    return f(event)
""",
        1,
        4,
    ),
    "decorator without wraps": (
        [
            """\
def double(f):
    def inner(*a):
        return 2 * f(*a)
    return inner
""",
            """\
@double
def f(x):
    return x
""",
        ],
        """\
def area(event, context):
    return f(event)
""",
        1,
        2,
    ),
    "defaults": (
        [
            """\
BASE = 10
def f(x, y=BASE, *, z=BASE * 2):
    return x + y + z
""",
        ],
        """\
def area(event, context):
    return f(event)
""",
        1,
        31,
    ),
    "inheritance": (
        [
            """\
class A:
    def who(self):
        return 'A' + self.more()
""",
            """\
class B(A):
    def who(self):
        return 'B' + super().who()
    def more(self):
        return helper()
""",
            """\
def helper():
    return isinstance(B(), A) and '!'
""",
        ],
        """\
def area(event, context):
    return B().who()
""",
        None,
        "BA!",
    ),
    "closure": (
        [
            """\
def adder(n):
    def add(x):
        return x + n
    return add
add3 = adder(3)
""",
        ],
        """\
def area(event, context):
    return add3(event)
""",
        1,
        4,
    ),
    "loop-defined functions keep their own defaults": (
        [
            """\
fs = []
for i in range(3):
    def f(x, i=i):
        return x * i
    fs.append(f)
""",
        ],
        """\
def area(event, context):
    return [g(event) for g in fs]
""",
        2,
        [0, 2, 4],
    ),
    "global statement": (
        [
            """\
total = 5
def bump():
    global total
    total += 1
    return total
""",
        ],
        """\
def area(event, context):
    bump()
    return bump() + total
""",
        None,
        14,
    ),
    "comprehension scopes": (
        [
            """\
K = 3
xs = [1, 2]
""",
        ],
        """\
def area(event, context):
    return [[K * x for x in xs], {x: K for x in xs} and sum(K for _ in xs), (lambda: K)()]
""",
        None,
        [[3, 6], 6, 3],
    ),
    "annotations": (
        [
            "class Row: pass",
            """\
from typing import Optional
import collections as c
""",
        ],
        """\
def area(event: 'Row', context: Optional[c.OrderedDict] = None) -> Row:
    return 1
""",
        None,
        1,
    ),
    "imports inside functions": (
        [
            """\
def f():
    import json
    from math import floor as fl
    return fl(2.5), json
""",
        ],
        """\
def area(event, context):
    return f()[0]
""",
        None,
        2,
    ),
    "module attributes and builtins": (
        [],
        """\
def area(event, context):
    return [__name__, len(__file__) > 5, max(1, 2), __doc__]
""",
        None,
        ["lambda_function", True, 2, None],
    ),
    "submodules": (
        [
            """\
import xml.dom.minidom
import os.path
import concurrent.futures as cf
""",
        ],
        """\
def area(event, context):
    return [xml.dom.minidom.__name__, os.path.sep, cf.ThreadPoolExecutor.__name__]
""",
        None,
        ["xml.dom.minidom", "/", "ThreadPoolExecutor"],
    ),
    "assigned lambda": (
        [
            "f = lambda n: 1 if n < 2 else n * f(n - 1)  # factorial",
        ],
        """\
def area(event, context):
    return f(event)
""",
        5,
        120,
    ),
    "lambda inside an expression": (
        [
            """\
K = 2
OPS = {'times': lambda x: helper(x) * K}
def helper(x):
    return x + 1
""",
        ],
        """\
def area(event, context):
    return OPS['times'](event)
""",
        1,
        4,
    ),
    "function without source": (
        [
            """\
exec('def made(x):\\n    return x + START')
START = 1
""",
        ],
        """\
def area(event, context):
    return made(event)
""",
        1,
        2,
    ),
    "enum member is the one of the class in the file": (
        [
            """\
import enum
class Color(enum.Enum):
    RED = 1
    BLUE = 2
MINE = Color.BLUE
""",
        ],
        """\
def area(event, context):
    return [MINE is Color.BLUE, MINE.value]
""",
        None,
        [True, 2],
    ),
    "class without a class statement": (
        [
            """\
from collections import namedtuple
Pair = namedtuple('Pair', 'a b')
P = Pair(1, 2)
""",
        ],
        """\
def area(event, context):
    return [isinstance(P, Pair), P.a + Pair(3, 4).b]
""",
        None,
        [True, 5],
    ),
    "nested class": (
        [
            """\
class Outer:
    class Inner:
        v = 1
I = Outer.Inner()
""",
        ],
        """\
def area(event, context):
    return isinstance(I, Outer.Inner)
""",
        None,
        True,
    ),
    "two names of one list": (
        [
            """\
A = [1]
B = A
""",
        ],
        """\
def area(event, context):
    A.append(2)
    return B
""",
        None,
        [1, 2],
    ),
    "two names of one function": (
        [
            """\
def f():
    return 1
g = f
""",
        ],
        """\
def area(event, context):
    return g() + f() if g is f else 0
""",
        None,
        2,
    ),
    "function under another name": (
        [
            """\
def f():
    return 1
g = f
del f
""",
        ],
        """\
def area(event, context):
    return g()
""",
        None,
        1,
    ),
    "cached function": (
        [
            """\
import functools
@functools.lru_cache(maxsize=None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
""",
        ],
        """\
def area(event, context):
    return [fib(event), fib.cache_info().misses > 0]
""",
        30,
        [832040, True],
    ),
    "metaclass that calls helpers while the class is made": (
        [
            """\
class Meta(type):
    def __new__(m, n, b, d):
        d['tag'] = label(n)
        return super().__new__(m, n, b, d)
def label(n):
    return n.lower() + SUFFIX
SUFFIX = '?'
class Thing(metaclass=Meta):
    pass
""",
        ],
        """\
def area(event, context):
    return Thing.tag
""",
        None,
        "thing?",
    ),
    "logger": (
        [
            """\
import logging
log = logging.getLogger('mine')
""",
        ],
        """\
def area(event, context):
    return log.name
""",
        None,
        "mine",
    ),
    "generic class": (
        [
            """\
from typing import TypeVar, Generic
T = TypeVar('T')
class Box(Generic[T]):
    def __init__(self, v: T):
        self.v = v
""",
        ],
        """\
def area(event, context):
    return Box[int](event).v
""",
        3,
        3,
    ),
    "bound methods of modules and star imports": (
        [
            """\
from random import random
from math import *
from operator import itemgetter as get
""",
        ],
        """\
def area(event, context):
    return [0 <= random() < 1, floor(pi), get(0)([7])]
""",
        None,
        [True, 3, 7],
    ),
    "definitions that need one another at once": (
        [
            """\
class Point:
    pass
class Line:
    start = Point()
def f(line=Line()):
    return isinstance(line.start, Point)
""",
        ],
        """\
def area(event, context):
    return f()
""",
        None,
        True,
    ),
    "indented definition with a long string": (
        [
            """\
if True:
    def f():
        return '''a
  b'''
""",
        ],
        """\
def area(event, context):
    return f()
""",
        None,
        "a\n  b",
    ),
}  # id: (cells that were run, the packaged cell, event, result)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=SCENARIOS)
def test_closure_gives_the_result_that_the_notebook_would_give(notebook, worker, scenario):
    cells, cell, event, expected = scenario
    for source in cells:
        notebook.run(source)
    package = notebook.package(cell)
    assert worker(package).call(event) == expected
    assert package.report.warnings == ()
