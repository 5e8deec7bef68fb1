from __future__ import annotations

import pytest

from jupyter_lambda.notebook.markup import Tone
from jupyter_lambda.notebook.table import Cell, Facts, Lines, Page, Sentence, Shown, Table

TABLE = Table("Things", ("name", ">size"), [("a", "1"), ("long", Cell("1,000", Tone.BAD))], [1])


def test_table_lines_its_columns_up() -> None:
    assert repr(TABLE).splitlines() == ["Things", "name   size", "a         1", "long  1,000"]


def test_table_renders_the_same_content_as_html() -> None:
    rendered = TABLE._repr_html_()
    assert rendered.count("<tr") == 3
    assert "text-align:right" in rendered
    assert "1,000" in rendered


def test_table_becomes_a_data_frame() -> None:
    pytest.importorskip("pandas")
    assert TABLE.to_pandas().to_dict("list") == {"name": ["a", "long"], "size": ["1", "1,000"]}


def test_empty_table_says_so() -> None:
    table = Table("Things", ("name",), [], [], "none yet")
    assert repr(table) == "Things: none yet"
    assert "none yet" in table._repr_html_()


def test_facts_hang_further_lines_under_the_value() -> None:
    assert repr(Facts("Service", [("home", "/x"), ("pool", "a\nb")])).splitlines() == [
        "Service",
        "home  /x",
        "pool  a",
        "      b",
    ]


def test_page_puts_its_parts_under_each_other() -> None:
    page = Page([Sentence("first"), Lines([Cell("second")], []), TABLE])
    assert repr(page).startswith("first\n\nsecond\n\nThings\n")
    assert page._repr_html_().index("first") < page._repr_html_().index("second")


@pytest.mark.parametrize(
    "shown",
    [
        Table("<x>", ("<x>",), [("<x>",)], None),
        Facts("<x>", [("<x>", "<x>")]),
        Lines([Cell("<x>")], None),
        Lines([], None, "<x>"),
        Sentence("<x>"),
    ],
)
def test_html_of_everything_is_escaped(shown: Shown) -> None:
    assert "&lt;x&gt;" in shown._repr_html_()
    assert "<x>" not in shown._repr_html_()
