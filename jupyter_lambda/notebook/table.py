"""What a command gives back: an object that a terminal prints, a notebook renders, code reads.

``repr`` is the text, ``_repr_html_`` the same as HTML, and ``json`` what the service answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from jupyter_lambda.notebook.markup import LINE, Html, Tone, element, join, scrolling, toned


class Shown:
    """Base of everything that is shown: text and HTML of the same content."""

    json: Any

    def text(self) -> str:
        raise NotImplementedError

    def html(self) -> Html:
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        return str(element("div", self.html(), style="line-height:1.45"))


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell: a text and what it means."""

    text: str
    tone: Tone = Tone.PLAIN


Row = Sequence[str | Cell]

_LONG_CHARACTERS = 40
_NAME = "text-align:left;vertical-align:top;padding:1px 14px 1px 0;opacity:.75"
_VALUE = "text-align:left;vertical-align:top;padding:1px 0;white-space:pre-wrap"


@dataclass(frozen=True, repr=False)
class Table(Shown):
    """Rows under named columns. A column whose name begins with ``>`` is aligned to the right."""

    title: str
    columns: tuple[str, ...]
    rows: list[Row]
    json: Any
    empty: str = "nothing yet"

    def text(self) -> str:
        if not self.rows:
            return f"{self.title}: {self.empty}" if self.title else self.empty
        names = [name.removeprefix(">") for name in self.columns]
        lines = [names, *([_cell(value).text for value in row] for row in self.rows)]
        widths = [max(len(line[n]) for line in lines) for n in range(len(names))]
        shown = [
            "  ".join(
                value.rjust(width) if column.startswith(">") else value.ljust(width)
                for column, value, width in zip(self.columns, line, widths, strict=True)
            ).rstrip()
            for line in lines
        ]
        return "\n".join([self.title, *shown] if self.title else shown)

    def html(self) -> Html:
        title = element("div", element("b", self.title)) if self.title else Html()
        if not self.rows:
            return join(title, element("div", self.empty, style=Tone.MUTED))
        head = element("tr", *(self._heading(column) for column in self.columns))
        body = [
            element("tr", *map(self._data, self.columns, row), style="background:none")
            for row in self.rows
        ]
        style = "border-collapse:collapse;margin:2px 0 8px 0"
        return join(
            title,
            element("table", element("thead", head), element("tbody", *body), style=style),
        )

    def to_pandas(self) -> Any:
        """The rows as a DataFrame of what is shown."""
        import pandas as pd

        names = [name.removeprefix(">") for name in self.columns]
        return pd.DataFrame([[_cell(v).text for v in row] for row in self.rows], columns=names)

    @staticmethod
    def _heading(column: str) -> Html:
        side = "right" if column.startswith(">") else "left"
        style = (
            f"text-align:{side};padding:2px 10px 2px 0;border-bottom:{LINE};opacity:.75;"
            "white-space:nowrap"
        )
        return element("th", column.removeprefix(">"), style=style)

    @staticmethod
    def _data(column: str, value: str | Cell) -> Html:
        cell = _cell(value)
        side = "right" if column.startswith(">") else "left"
        wrap = "normal" if len(cell.text) > _LONG_CHARACTERS else "nowrap"
        style = f"text-align:{side};padding:2px 10px 2px 0;vertical-align:top;white-space:{wrap}"
        return element("td", toned(cell.text, cell.tone), style=style)


@dataclass(frozen=True, repr=False)
class Facts(Shown):
    """Names and values, one a line."""

    title: str
    pairs: list[tuple[str, str | Cell]]
    json: Any = None

    def text(self) -> str:
        width = max((len(name) for name, _ in self.pairs), default=0)
        hanging = "\n" + " " * (width + 2)
        lines = [
            f"{name:<{width}}  {_cell(value).text.replace(chr(10), hanging)}".rstrip()
            for name, value in self.pairs
        ]
        return "\n".join([self.title, *lines] if self.title else lines)

    def html(self) -> Html:
        title = element("div", element("b", self.title)) if self.title else Html()
        rows = [
            element(
                "tr",
                element("td", name, style=_NAME),
                element(
                    "td",
                    toned(_cell(value).text, _cell(value).tone),
                    style=_VALUE,
                ),
                style="background:none",
            )
            for name, value in self.pairs
        ]
        style = "border-collapse:collapse;margin:2px 0 8px 0"
        return join(title, element("table", element("tbody", *rows), style=style))


@dataclass(frozen=True, repr=False)
class Lines(Shown):
    """Log lines, oldest first."""

    lines: list[Cell]
    json: Any
    empty: str = "no lines yet"

    def text(self) -> str:
        return "\n".join(line.text for line in self.lines) or self.empty

    def html(self) -> Html:
        if not self.lines:
            return element("div", self.empty, style=Tone.MUTED)
        return scrolling(*(join(toned(line.text, line.tone), "\n") for line in self.lines))


@dataclass(frozen=True, repr=False)
class Sentence(Shown):
    """One line of words."""

    words: str
    tone: Tone = Tone.PLAIN
    json: Any = None

    def text(self) -> str:
        return self.words

    def html(self) -> Html:
        return element("div", toned(self.words, self.tone))


@dataclass(frozen=True, repr=False)
class Page(Shown):
    """Several parts, one under the other."""

    parts: list[Shown] = field(default_factory=list)
    json: Any = None

    def text(self) -> str:
        return "\n\n".join(part.text() for part in self.parts)

    def html(self) -> Html:
        return join(*(part.html() for part in self.parts))


def _cell(value: str | Cell) -> Cell:
    return value if isinstance(value, Cell) else Cell(value)
