"""The cell's own code in the generated file."""

from __future__ import annotations

import pytest

from jupyter_lambda.errors import CaptureError, CellSyntaxError


def own_code(notebook, cell):
    """The lines of the generated file that come from the cell, with the cell's line numbers."""
    package = notebook.package(cell)
    generated = package.source.split("\n")
    return {
        segment["cell_line"] + offset: generated[segment["line"] - 1 + offset]
        for segment in package.manifest["source_map"]
        for offset in range(segment["lines"])
    }


def test_author_blocks_keep_a_module_line_by_line(notebook):
    cell = "import os\n\nX = 1  # one\ndef area(event):\n    return X"
    assert own_code(notebook, cell) == dict(enumerate(cell.split("\n"), start=1))


def test_author_blocks_leave_leading_imports_of_a_body_outside(notebook):
    notebook.run("n = 1")
    package = notebook.package("import os\nn = n + event\nn")
    assert package.source.endswith(
        "import os\n\n\ndef lambda_handler(event, context, n=n):\n    n = n + event\n    return n\n"
    )
    assert own_code(notebook, "import os\nn = n + event\nn") == {
        1: "import os",
        2: "    n = n + event",
        3: "    return n",
    }


def test_author_blocks_follow_lazy_annotations_in_a_body(notebook):
    package = notebook.package(
        "from __future__ import annotations\ndef f(x: Nowhere):\n    return x\nf(event)"
    )
    assert package.report.warnings == ()


@pytest.mark.parametrize(
    "cell",
    [
        "X = nowhere\ndef area(event): ...",
        "def area(event): ...\narea.x = nowhere",
        "nowhere()\ndef area(event): ...",
        "X: int = nowhere\ndef area(event): ...",
    ],
)
def test_author_blocks_refuse_a_name_that_is_certain_to_be_missing(notebook, cell):
    with pytest.raises(CaptureError, match="reads 'nowhere' as soon as"):
        notebook.package(cell)


@pytest.mark.parametrize(
    ("cell", "line"),
    [("x = event\nnonlocal x\nx", 2), ("x = event\n\nfrom math import *\nx", 3)],
)
def test_author_blocks_name_the_line_of_what_a_body_cannot_contain(notebook, cell, line):
    with pytest.raises(CellSyntaxError, match=f"line {line} does not parse"):
        notebook.package(cell)
