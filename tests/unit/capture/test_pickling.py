"""Values by value: bounded, stable, and in terms of the generated module."""

from __future__ import annotations

import io
import pickle

import pytest

from jupyter_lambda.capture.pickling import (
    Scope,
    TooLargeError,
    UnpicklableError,
    buffer_bytes,
    dump,
)

SHAPES = """
import enum, typing
class Plain:
    def __init__(self, x):
        self.x = x
class Color(enum.Enum):
    RED = 1
T = typing.TypeVar("T")
def top(x):
    return later(x)
lam = lambda x: x + OFFSET
value = [Plain(1), Color.RED, T, lam, {"b", "a", "c"}]
"""


def scope(namespace, reference=lambda obj: None):
    read = set()
    made = Scope(namespace, "__main__", reference, lambda code: read.update(code.co_names))
    return made, read


def run(source):
    namespace = {"__name__": "__main__"}
    exec(compile(source, "/tmp/ipykernel_77/1.py", "exec"), namespace)
    return namespace


def load(data, module_globals):
    class Reader(pickle.Unpickler):
        def persistent_load(self, reference):
            if reference == ("globals",):
                return module_globals
            return {"set": set, "frozenset": frozenset}[reference[0]](reference[2])

    return Reader(io.BytesIO(data)).load()


def test_dump_is_the_same_for_equal_values_of_two_runs():
    dumps = []
    for _ in range(2):
        namespace = run(SHAPES)
        made, _ = scope(namespace)
        dumps.append(dump(namespace["value"], made, filename="<captured value>", limit=10**6))
    assert dumps[0] == dumps[1]
    assert b"ipykernel" not in dumps[0]


def test_dump_runs_functions_in_the_module_that_loads_them():
    namespace = run(SHAPES)
    made, read = scope(namespace)
    data = dump(namespace["lam"], made, filename="<captured lam>", limit=10**6)
    assert read == {"OFFSET"}
    module_globals = {"OFFSET": 41}
    function = load(data, module_globals)
    assert function(1) == 42
    assert function.__globals__ is module_globals
    assert function.__code__.co_filename == "<captured lam>"


def test_dump_refers_to_what_the_module_defines():
    namespace = run(SHAPES)

    def reference(obj):
        return obj.__qualname__ if obj is namespace["Plain"] else None

    made, _ = scope(namespace, reference)
    data = dump(namespace["Plain"](5), made, filename="<x>", limit=10**6)
    assert made.references == {"Plain"}
    other = type("Plain", (), {})
    loaded = load(data, {"Plain": other})
    assert type(loaded) is other
    assert loaded.x == 5


def test_dump_tells_which_modules_loading_will_import():
    import collections
    import decimal

    made, _ = scope({})
    dump([decimal.Decimal(1), collections.Counter, io], made, filename="<x>", limit=10**6)
    assert made.imports >= {"decimal", "collections", "io"}


@pytest.mark.parametrize(
    "value",
    [
        {"b", "a"},
        frozenset({1, (2, "x")}),
        {"deep": [{"q", "p"}, {1.5, None}]},
        {object, "mixed"},
        set(),
    ],
)
def test_dump_keeps_sets(value):
    made, _ = scope({})
    loaded = load(dump(value, made, filename="<x>", limit=10**6), {})
    assert loaded == value
    assert type(loaded) is type(value)


def test_dump_keeps_a_set_that_is_reached_twice_one_set():
    shared = {"a"}
    made, _ = scope({})
    data = dump([shared, shared], made, filename="<x>", limit=10**6)
    references = []

    class Reader(pickle.Unpickler):
        def persistent_load(self, reference):
            references.append(reference)

    Reader(io.BytesIO(data)).load()
    assert references == [("set", 0, ["a"])] * 2


class Endless:
    """A value whose pickle would never end, to show that writing stops."""

    def __reduce__(self):
        return (list, (), None, self.items())

    def items(self):
        self.made = 0
        while True:
            self.made += 1
            yield bytes(100_000)


def test_dump_stops_at_the_limit():
    value = Endless()
    made, _ = scope({})
    with pytest.raises(TooLargeError) as caught:
        dump(value, made, filename="<x>", limit=1_000_000)
    assert 1_000_000 < caught.value.size < 1_300_000
    assert value.made < 50


def test_dump_measures_a_block_of_memory_without_copying_it():
    import numpy as np

    strided = np.broadcast_to(np.zeros(1), (10**9, 10))
    made, _ = scope({})
    with pytest.raises(TooLargeError) as caught:
        dump(strided, made, filename="<x>", limit=10**6)
    assert caught.value.size == 8 * 10**10


@pytest.mark.parametrize(
    ("value", "size"), [(b"abc", 3), (bytearray(5), 5), ("text", 0), ([1], 0), (io, 0)]
)
def test_buffer_bytes_knows_blocks_only(value, size):
    assert buffer_bytes(value) == size


class Broken:
    def __reduce__(self):
        raise RuntimeError("no way")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Broken(), "no way"),
        ([open("/dev/null")], "open file"),  # noqa: SIM115
        ((x for x in "a"), "generator"),
    ],
    ids=["raises", "file", "generator"],
)
def test_dump_gives_the_reason_why_a_value_cannot_be_pickled(value, words):
    made, _ = scope({})
    with pytest.raises(UnpicklableError, match=words):
        dump(value, made, filename="<x>", limit=10**6)


def test_dump_keeps_generic_aliases():
    namespace = run(SHAPES)
    made, _ = scope(namespace)
    variable = namespace["T"]
    data = dump(list[variable], made, filename="<x>", limit=10**6)
    assert repr(load(data, {})) == "list[~T]"
