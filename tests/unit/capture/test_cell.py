"""Cells that do not parse, or are no Python at all."""

from __future__ import annotations

import pytest

from jupyter_lambda.capture import CellOrigin
from jupyter_lambda.capture.cell import parse_cell, read_before_bound
from jupyter_lambda.errors import CellSyntaxError


def message(source, first_line=1):
    with pytest.raises(CellSyntaxError) as caught:
        parse_cell(source, CellOrigin("Cell In[7]", "<cell>", first_line))
    return str(caught.value)


def test_parse_cell_points_at_the_error():
    assert message("x = 1\ndef f(:\n    pass") == (
        "Cell In[7], line 2 does not parse: invalid syntax\n    def f(:\n          ^"
    )


def test_parse_cell_counts_the_lines_that_the_author_sees():
    assert message("x = (", first_line=2).startswith("Cell In[7], line 2 does not parse: '('")


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!pip install x",
        "files = !ls",
        "a, b = !ls",
        "t = %timeit -o f()",
        "len?",
        "?len",
        "pd.DataFrame??",
        "%%time",
    ],
)
def test_parse_cell_names_the_notebook_command(line):
    text = message(f"x = 1\n{line}\ndef area(event): ...")
    assert text.startswith(f"Cell In[7], line 2: {line!r} is a notebook command")


def test_parse_cell_finds_a_command_inside_a_function():
    assert "line 2: '!ls' is a notebook command" in message("def area(event):\n    !ls\n")


@pytest.mark.parametrize("source", ["x = 5 % 3", "s = 'what?'", "a = (7\n %2)", "ok = x != y"])
def test_parse_cell_takes_python_that_looks_like_commands(source):
    assert parse_cell(source, CellOrigin("Cell In[7]", "<cell>")).lines[0]


def test_parse_cell_refuses_null_characters():
    assert "null bytes" in message("x = '\0'")


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_parse_cell_reads_any_line_end(end):
    cell = parse_cell(f"x = 1{end}y = 2", CellOrigin("Cell In[7]", "<cell>"))
    assert cell.lines == ("x = 1", "y = 2")


@pytest.mark.parametrize(
    ("source", "early"),
    [
        ("x = x + 1", {"x"}),
        ("x += 1", {"x"}),
        ("x = 1\nx += 1", set()),
        ("for i in range(3):\n    print(i)", set()),
        ("rows = rows.head()\nfor r in rows: ...", {"rows"}),
        ("with open(p) as f:\n    f.read()", set()),
        ("def f(x=y): ...\ny = 1", {"y"}),
        ("def f():\n    return y\ny = 1", set()),
        ("import os\nos.sep", set()),
        ("y = [x for x in y]", {"y"}),
        ("del z\nz = 1", {"z"}),
    ],
)
def test_read_before_bound_finds_names_that_mean_the_notebook_s(source, early):
    assert read_before_bound(parse_cell(source, CellOrigin("c", "f")).tree) == early
