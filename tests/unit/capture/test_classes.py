"""Finding the statement of live classes, and proving that it is theirs."""

from __future__ import annotations

import dataclasses

import pytest

from jupyter_lambda.capture.classes import find_class


def lines(definition):
    return None if definition is None else "\n".join(definition.lines)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("class K:\n    x = 1", "class K:\n    x = 2"),
        ("class K(ValueError): ...", "class K(KeyError): ..."),
        ("class K:\n    a: int", "class K:\n    b: int"),
        ("class K:\n    def f(self): ...", "class K:\n\n    def f(self): ..."),
        (
            "import enum\nclass K(enum.Enum):\n    A = 1",
            "import enum\nclass K(enum.Enum):\n    A = 2",
        ),
    ],
)
def test_find_class_tells_two_versions_apart(notebook, earlier, later):
    notebook.run(earlier)
    first = notebook.namespace["K"]
    notebook.run(later)
    second = notebook.namespace["K"]
    assert lines(find_class(first, notebook.namespace)) in earlier
    assert lines(find_class(second, notebook.namespace)) in later


@pytest.mark.parametrize(
    "change",
    ["K.x = 2", "K.g = lambda self: 1", "K.f = lambda self: 2", "K.y = 3"],
)
def test_find_class_does_not_describe_a_class_that_was_changed(notebook, change):
    notebook.run("class K:\n    x = 1\n    def f(self):\n        return 1")
    assert find_class(notebook.namespace["K"], notebook.namespace) is not None
    notebook.run(change)
    assert find_class(notebook.namespace["K"], notebook.namespace) is None


@pytest.mark.parametrize(
    "source",
    [
        "import dataclasses\n@dataclasses.dataclass(slots=True)\nclass K:\n    x: int = 1",
        "import enum\nclass K(enum.Flag):\n    A = enum.auto()\n    B = enum.auto()",
        "import typing\nclass K(typing.NamedTuple):\n    a: int\n    b: str = 'x'",
        "import typing\nclass K(typing.TypedDict, total=False):\n    a: int",
        "import typing\nclass K(typing.Protocol):\n    def f(self) -> int: ...",
        "import abc\nclass K(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...",
        "class K:\n    for i in range(3):\n        y = i\n    import os",
        "class K:\n    __slots__ = ('a',)\n    @property\n    def p(self):\n        return 1",
        "class B:\n    def __init_subclass__(cls):\n        cls.extra = 1\nclass K(B): ...",
        "class K:\n    'doc'\n    class Inner: ...\n    @classmethod\n    def make(cls): ...",
        "class K: a, b = 1, 2",
    ],
)
def test_find_class_knows_every_kind_of_class(notebook, source):
    notebook.run(source)
    assert lines(find_class(notebook.namespace["K"], notebook.namespace)) in source


def test_find_class_does_not_look_inside_functions(notebook):
    notebook.run("class K: ...\ndef f():\n    class K: ...\n    return K\ninner = f()")
    assert find_class(notebook.namespace["inner"], notebook.namespace) is None


def test_find_class_takes_classes_of_real_files():
    @dataclasses.dataclass
    class Local: ...

    assert find_class(Local, globals()) is None
    assert lines(find_class(Thing, globals())) == "class Thing:\n    KEY = 1"


class Thing:
    KEY = 1
