"""HTML that stands by itself: safe by default, inline styles, the theme's colours with fallbacks.

A notebook is closed, reopened, exported and read without our CSS or JavaScript; so everything is
in the elements. Text is escaped unless it is ``Html`` already.
"""

from __future__ import annotations

from enum import StrEnum
from html import escape


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


class Tone(StrEnum):
    """What a piece of text means, by colour; the words beside it say the same."""

    PLAIN = ""
    OK = "color:var(--jp-success-color1,#2e7d32)"
    BAD = "color:var(--jp-error-color1,#d32f2f)"
    WARN = "color:var(--jp-warn-color0,#b26a00)"
    MUTED = "opacity:.65"


LINE = "1px solid var(--jp-border-color2,rgba(128,128,128,.35))"
MONO = "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px)"


def element(name: str, *children: str, style: str = "", title: str = "") -> Html:
    """``<name style title>children</name>``; children that are not ``Html`` are escaped."""
    attributes = "".join(
        f' {attribute}="{escape(value)}"'
        for attribute, value in (("style", style), ("title", title))
        if value
    )
    return Html(f"<{name}{attributes}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    return Html("".join(c if isinstance(c, Html) else escape(c) for c in children))


def toned(text: str, tone: Tone) -> Html:
    return element("span", text, style=str(tone)) if tone else join(text)


def code(text: str) -> Html:
    return element("code", text, style="white-space:nowrap" if len(text) < 40 else "")


def scrolling(*children: str, height_em: int = 28) -> Html:
    """Preformatted lines that scroll when there are many."""
    style = (
        f"max-height:{height_em}em;overflow:auto;margin:4px 0;padding:6px 8px;border:{LINE};"
        f"border-radius:3px;white-space:pre-wrap;line-height:1.35;{MONO}"
    )
    return element("pre", *children, style=style)


def folded(summary: str, content: Html, *, unfolded: bool = False) -> Html:
    """Content that a reader opens and closes by its summary."""
    shown = element("summary", summary, style="cursor:pointer")
    name = "details open" if unfolded else "details"
    return Html(f'<{name} style="margin:4px 0">{shown}{content}</details>')
