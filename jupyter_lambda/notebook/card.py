"""The output card of ``%%lambda``: what was deployed, what it took along, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_lambda.capture import CaptureReport, Package
from jupyter_lambda.capture.report import Capture, format_bytes
from jupyter_lambda.notebook.markup import (
    LINE,
    Html,
    Tone,
    code,
    element,
    folded,
    join,
    scrolling,
    toned,
)
from jupyter_lambda.notebook.table import Shown, Table

Json = dict[str, Any]
_ROWS_UNFOLDED = 8
_CHANGE_TONES = {"created": Tone.OK, "updated": Tone.OK, "dry run": Tone.WARN}


@dataclass(frozen=True, repr=False)
class Card(Shown):
    """What a cell became. ``change`` is the service's word, or ``dry run``."""

    name: str
    change: str
    revision: int | None
    memory_mb: int
    timeout_s: int
    environment: tuple[str, ...]
    package: Package

    @property
    def json(self) -> Json:
        return {
            "name": self.name,
            "change": self.change,
            "revision": self.revision,
            "sha256": self.package.sha256,
            "manifest": self.package.manifest,
        }

    def _settings(self) -> list[str]:
        revision = f"revision {self.revision}" if self.revision else "nothing deployed"
        pieces = [
            revision,
            f"sha256 {self.package.sha256[:12]}",
            f"{self.memory_mb:,} MB",
            f"{self.timeout_s} s",
            format_bytes(len(self.package.zip_bytes)),
        ]
        return pieces + ([f"env {', '.join(self.environment)}"] if self.environment else [])

    def _next(self) -> str:
        if self.revision is None:
            return f"without --dry-run this cell deploys {self.name}"
        if not self.name.isidentifier():
            return f'%lambda invoke {self.name} PAYLOAD  ·  jl.get("{self.name}")'
        return f"{self.name}.invoke(event)  ·  {self.name}.map(events)  ·  %lambda logs {self.name}"

    def text(self) -> str:
        report = self.package.report
        lines = [f"λ {self.name}  {self.change}  ·  {' · '.join(self._settings())}"]
        if report.rows:
            lines += ["captured:", *("  " + line for line in report.text().splitlines())]
        else:
            lines += ["captured: nothing", *(f"warning: {w}" for w in report.warnings)]
        lines.append(self._next())
        if self.revision is None:
            lines += ["", "lambda_function.py:", self.package.source]
        return "\n".join(lines)

    def html(self) -> Html:
        report = self.package.report
        head = element(
            "div",
            element("b", f"λ {self.name}"),
            "  ",
            toned(self.change, _CHANGE_TONES.get(self.change, Tone.MUTED)),
            toned("  ·  " + " · ".join(self._settings()), Tone.MUTED),
            style="white-space:pre-wrap",
        )
        parts = [head, *(_warning(text) for text in report.warnings)]
        parts.append(_captured(report))
        if self.revision is None:
            parts.append(folded("lambda_function.py", scrolling(self.package.source)))
        parts.append(element("div", toned("next: ", Tone.MUTED), code(self._next())))
        style = (
            f"border:{LINE};border-left:4px solid var(--jp-brand-color1,#1976d2);"
            "border-radius:3px;padding:6px 12px;margin:4px 0;max-width:820px"
        )
        return element("div", *parts, style=style)


def _warning(text: str) -> Html:
    return element("div", toned(f"warning: {text}", Tone.WARN))


def _captured(report: CaptureReport) -> Html:
    if not report.rows:
        return element("div", "captured: nothing", style=Tone.MUTED)
    table = Table(
        "",
        ("name", "kind", ">size", "travels by", "detail"),
        [_row(row) for row in report.rows],
        None,
    )
    parts = [table.html()]
    if report.frozen_names:
        names = ", ".join(report.frozen_names)
        words = f"captured at deploy, later changes need a new deploy: {names}"
        parts.append(element("div", words, style=Tone.MUTED))
    noun = "name" if len(report.rows) == 1 else "names"
    summary = f"captured {len(report.rows)} {noun}, {format_bytes(report.bytes)}"
    return folded(summary, join(*parts), unfolded=len(report.rows) <= _ROWS_UNFOLDED)


def _row(row: Capture) -> tuple[str, ...]:
    size = format_bytes(row.bytes) if row.bytes else ""
    return row.name, str(row.kind), size, str(row.by), row.detail
