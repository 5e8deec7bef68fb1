"""A run's progress as a line of words and as a bar, and the reporter of a terminal.

The words carry everything; colour and bar only repeat them. A run with failed items says so in
every form, and never looks complete.
"""

from __future__ import annotations

from typing import Any, TextIO

from jupyter_lambda.notebook import figures
from jupyter_lambda.notebook.markup import Html, Tone, code, element, toned

Json = dict[str, Any]
SETTLED = ("succeeded", "failed", "cancelled")
_BAR_COLOURS = (
    ("ok", "var(--jp-success-color1,#43a047)"),
    ("failed", "var(--jp-error-color1,#d32f2f)"),
    ("cancelled", "var(--jp-warn-color1,#f57c00)"),
    ("running", "var(--jp-brand-color2,#64b5f6)"),
)


def is_settled(run: Json) -> bool:
    return run["state"] in SETTLED


def failed_count(run: Json) -> int:
    return sum(run["failures"].values())


def progress_pieces(run: Json) -> list[tuple[str, Tone]]:
    """The parts of the line, each with what it means."""
    failed = failed_count(run)
    more = "" if run["input_closed"] else "+"
    complete = is_settled(run) and run["ok"] == run["accepted"]
    pieces = [
        (run["function"], Tone.PLAIN),
        (
            f"{run['ok']:,}/{run['accepted']:,}{more} ok",
            Tone.OK if complete else Tone.PLAIN,
        ),
    ]
    if failed:
        pieces.append((f"{failed:,} failed ({figures.failures(run['failures'])})", Tone.BAD))
    if run["cancelled"]:
        pieces.append((f"{run['cancelled']:,} cancelled", Tone.WARN))
    if run["input_error"]:
        pieces.append((f"input ended early: {run['input_error']}", Tone.WARN))
    if not is_settled(run):
        pieces.append((f"{run['running']:,} running", Tone.PLAIN))
        if run["queued"]:
            pieces.append((f"{run['queued']:,} queued", Tone.MUTED))
    if run["p50_ms"] is not None:
        pieces.append((f"p50 {figures.duration(run['p50_ms'])}", Tone.MUTED))
    pieces.append((figures.money(run["cost_usd"]), Tone.MUTED))
    return pieces


def progress_line(run: Json) -> str:
    """``resize · 812/1,000 ok · 3 failed (2 Sandbox.Timedout, 1 KeyError) · 16 running · …``"""
    return " · ".join(text for text, _ in progress_pieces(run))


def hint(run: Json) -> str:
    """The command that leads on from here."""
    if not is_settled(run):
        return f"%lambda run {run['id']}"
    return f"%lambda retry {run['id']}" if failed_count(run) or run["cancelled"] else ""


def progress_html(run: Json) -> Html:
    """The line over a bar. What it says of an unfinished run it says as of its last update."""
    pieces: list[str] = []
    for text, tone in progress_pieces(run):
        pieces += [" · ", toned(text, tone)] if pieces else [element("b", text)]
    follow_up = hint(run)
    if follow_up:
        words = "more: " if not is_settled(run) else "again: "
        pieces += [" ", toned(" · " + words, Tone.MUTED), code(follow_up)]
    return element("div", element("div", *pieces), bar_html(run), style="line-height:1.5")


def bar_html(run: Json) -> Html:
    total = max(run["accepted"], 1)
    counts = dict(run, failed=failed_count(run))
    parts = [
        element("div", style=f"width:{100 * counts[name] / total:.2f}%;background:{colour}")
        for name, colour in _BAR_COLOURS
        if counts[name] and not (name == "running" and is_settled(run))
    ]
    style = (
        "display:flex;height:6px;max-width:480px;margin:3px 0 6px 0;border-radius:3px;"
        "overflow:hidden;background:var(--jp-layout-color3,rgba(128,128,128,.3))"
    )
    return element("div", *parts, style=style)


class TerminalReporter:
    """Rewrites one line of a terminal; leaves the last one standing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def __call__(self, run: Json) -> None:
        line = progress_line(run)
        self._stream.write("\r" + line.ljust(self._width))
        self._width = len(line)
        if is_settled(run):
            self._stream.write("\n")
            self._width = 0
        self._stream.flush()


class LogReporter:
    """A line of its own for each tenth of the way: for files and pipes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._tenth = 0

    def __call__(self, run: Json) -> None:
        done = run["ok"] + failed_count(run) + run["cancelled"]
        tenth = 10 * done // max(run["accepted"], 1)
        if is_settled(run) or (run["input_closed"] and tenth > self._tenth):
            self._tenth = tenth
            self._stream.write(progress_line(run) + "\n")
            self._stream.flush()
