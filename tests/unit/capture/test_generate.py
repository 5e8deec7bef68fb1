"""The order of definitions, and the map of lines."""

from __future__ import annotations

import itertools

import pytest

from jupyter_lambda.capture.closure import Item
from jupyter_lambda.capture.definition import Block
from jupyter_lambda.capture.generate import Listing, placement, write_prelude
from jupyter_lambda.capture.report import By, Capture, Kind


def item(name, kind=Kind.FUNCTION, *, eager="", lazy="", text=None, asset=None):
    return Item(
        name,
        Capture(name, kind, 0, By.SOURCE),
        (Block((text or f"{name} = 1",)),),
        frozenset(eager.split()),
        frozenset(lazy.split()),
        asset,
    )


GRAPHS = {
    "chain": [("a", "b", ""), ("b", "c", ""), ("c", "", "")],
    "eager breaks the cycle": [("a", "", "b"), ("b", "a", "")],
    "what a called helper calls": [("a", "b", ""), ("b", "", "c"), ("c", "", "d"), ("d", "", "")],
    "mutual recursion": [("a", "", "b"), ("b", "", "a")],
    "names of others": [("a", "nowhere", "print"), ("b", "a", "")],
}


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_placement_puts_what_is_needed_at_once_first(graph):
    for order in itertools.permutations(graph):
        items = {name: item(name, eager=eager, lazy=lazy) for name, eager, lazy in order}
        placed = [each.name for each in placement(items)]
        assert sorted(placed) == sorted(items)
        for name, eager, _ in order:
            for needed in set(eager.split()) & items.keys():
                assert placed.index(needed) < placed.index(name)


def test_placement_puts_the_helpers_of_an_eager_call_before_it():
    items = {
        "table": item("table", eager="make"),
        "make": item("make", lazy="inner"),
        "inner": item("inner"),
    }
    assert [each.name for each in placement(items)] == ["inner", "make", "table"]


def test_prelude_sorts_imports_and_leaves_out_what_others_imply():
    listing = Listing()
    items = {
        "z": item("z", Kind.IMPORT, text="from z import z"),
        "os": item("os", Kind.IMPORT, text="import os"),
        "xml": item("xml", Kind.IMPORT, text="import xml"),
        "np": item("np", Kind.IMPORT, text="import numpy as np"),
        "taken": item("taken", Kind.CONSTANT, text="taken = 3"),
    }
    write_prelude(
        listing, items, {"xml.dom", "xml.dom.minidom", "numpy.linalg", "taken.sub"}, {"annotations"}
    )
    assert listing.lines[1:] == [
        "from __future__ import annotations",
        "",
        "import numpy as np",
        "import numpy.linalg",
        "import os",
        "import xml.dom.minidom",
        '__import__("taken.sub")',
        "from z import z",
        "",
        "",
        "taken = 3",
    ]


def test_prelude_has_the_loader_only_for_assets():
    with_asset, without = Listing(), Listing()
    write_prelude(with_asset, {"a": item("a", Kind.ASSET, asset=b"x")}, (), ())
    write_prelude(without, {"a": item("a", Kind.CONSTANT)}, (), ())
    assert "def __captured__(name):" in with_asset.lines
    assert without.lines[-1] == "a = 1"
    assert "__captured__" not in without.text


def test_listing_maps_copied_lines_only():
    listing = Listing({"cell.py": "Cell In[1]"}.get)
    listing.write(["# ours"])
    listing.copy(Block(("a", "b"), "cell.py", 7))
    listing.copy(Block(("if True:",)))
    listing.copy(Block(("c",), "script.py", 3), "elsewhere")
    listing.copy(Block((), "cell.py", 9))
    assert [segment.to_dict() for segment in listing.segments] == [
        {"line": 2, "lines": 2, "file": "cell.py", "label": "Cell In[1]", "cell_line": 7},
        {"line": 5, "lines": 1, "file": "script.py", "label": "elsewhere", "cell_line": 3},
    ]
    assert listing.text == "# ours\na\nb\nif True:\nc\n"
