"""Import statements made from live objects."""

from __future__ import annotations

import collections
import json
import math
import random
import types
import typing
import xml.dom.minidom

import pytest

from jupyter_lambda.capture.imports import (
    import_by_identity,
    import_module,
    import_object,
    star_names,
    submodules_read,
)


@pytest.mark.parametrize(
    ("name", "module", "statement"),
    [
        ("json", json, "import json"),
        ("js", json, "import json as js"),
        ("minidom", xml.dom.minidom, "import xml.dom.minidom as minidom"),
        ("made", types.ModuleType("made"), None),
        ("json", types.ModuleType("json"), None),
    ],
)
def test_import_module_only_writes_what_would_give_the_same_module(name, module, statement):
    assert import_module(name, module) == statement


@pytest.mark.parametrize(
    ("name", "value", "statement"),
    [
        ("floor", math.floor, "from math import floor"),
        ("OD", collections.OrderedDict, "from collections import OrderedDict as OD"),
        ("dumps", json.dumps, "from json import dumps"),
        ("decode", json.JSONDecoder, "from json import JSONDecoder as decode"),
        ("Optional", typing.Optional, "from typing import Optional"),
        ("whole", int, "from builtins import int as whole"),
    ],
)
def test_import_object_takes_the_shortest_public_path(name, value, statement):
    assert import_object(name, value, "__main__")[0] == statement


class Mine: ...


@pytest.mark.parametrize(
    "value", [Mine(), 3, lambda: 1, json.JSONDecoder().decode, collections.Counter()]
)
def test_import_object_gives_none_for_what_no_module_binds(value):
    assert import_object("x", value, "__main__") is None


def test_import_object_leaves_definitions_of_the_home_module():
    assert import_object("Mine", Mine, home=__name__) is None


def test_import_by_identity_finds_bound_methods_that_a_module_offers():
    assert import_by_identity("random", random.random, "__main__") == (
        "from random import random",
        "random",
    )
    assert import_by_identity("draw", random.random, "__main__") == (
        "from random import random as draw",
        "random",
    )
    assert import_by_identity("x", object(), "__main__") is None


def test_submodules_read_follows_attributes_that_are_modules():
    reads = {"xml.dom.minidom.parse", "xml.unknown", "other.dom", "xml"}
    assert list(submodules_read("xml", xml, sorted(reads))) == ["xml.dom", "xml.dom.minidom"]


def test_star_names_follows_the_module_s_own_list():
    assert "floor" in star_names("math")
    assert "__name__" not in star_names("math")
    assert star_names("json") == set(json.__all__)
    assert star_names("no_such_module_anywhere") is None
