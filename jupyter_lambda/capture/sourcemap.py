"""From lines of the generated file back to the cell or the script they were written in.

``generate`` records where each run of lines came from; the map is kept in the package's manifest
(never in the zip: labels such as ``Cell In[5]`` change with every run, and must not change the
digest). ``map_stack_trace`` rewrites AWS's stack trace entries with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

GENERATED_FILE = "lambda_function.py"
_ENTRY = re.compile(
    r'(?P<indent>\s*)File "(?P<path>[^"]*)",? [lL]ine (?P<line>\d+)(?P<rest>.*)', re.DOTALL
)

LabelOf = Callable[[str], str | None]
"""Gives the label of a cell's file name, such as ``Cell In[5]``; ``None`` for a real file."""


@dataclass(frozen=True, slots=True)
class CellOrigin:
    """Where a cell's text is shown to its author.

    Attributes:
        label: what tracebacks call it, such as ``Cell In[5]``.
        filename: the file name under which the kernel compiled the cell.
        first_line: the line of the cell that holds the first line of the text: 2 when the
            author also sees a ``%%lambda`` line above it.
    """

    label: str
    filename: str
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of generated lines that were copied from one place, line by line."""

    line: int
    lines: int
    file: str
    label: str
    cell_line: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def label_for(filename: str, label_of: LabelOf | None = None) -> str:
    """The words that stand before ``, line N`` in a traceback: a cell's label or ``File "..."``."""
    label = label_of(filename) if label_of else None
    return label or f'File "{filename}"'


def map_stack_trace(entries: Sequence[str], manifest: dict[str, Any]) -> list[str]:
    """AWS ``stackTrace`` entries in terms of the cells and files that their author knows.

    Entries of lines that the packager wrote itself are left out: they tell the author nothing.
    Those of other files stay as they are.
    """
    mapped = (_map_entry(entry, manifest) for entry in entries)
    return [entry for entry in mapped if entry is not None]


def _map_entry(entry: str, manifest: dict[str, Any]) -> str | None:
    match = _ENTRY.match(entry)
    if match is None:
        return entry
    place = _original(match["path"], int(match["line"]), manifest)
    if place is None:
        written_by_us = match["path"].rpartition("/")[2] == GENERATED_FILE
        return None if written_by_us and manifest.get("source_map") else entry
    label, line = place
    return f"{match['indent']}{label}, line {line}{match['rest']}"


def _original(path: str, line: int, manifest: dict[str, Any]) -> tuple[str, int] | None:
    if path.rpartition("/")[2] == GENERATED_FILE:
        for segment in manifest.get("source_map", ()):
            offset = line - segment["line"]
            if 0 <= offset < segment["lines"]:
                return segment["label"], segment["cell_line"] + offset
        return None
    label = manifest.get("captured_files", {}).get(path)
    return (label, line) if label else None
