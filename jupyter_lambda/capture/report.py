"""What a package took from the notebook, so that a person can judge it before it ships.

Made by ``closure`` and ``package``, shown by the magics and stored in the manifest. Rows carry
no label of a cell and no path, so they are the same when the same code is packaged again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a captured name is in the package."""

    FUNCTION = "function"
    CLASS = "class"
    IMPORT = "import"
    MODULE = "module"
    """A local module that is not installed; its source files are in the package."""
    CONSTANT = "constant"
    """A small value, written as a literal."""
    ASSET = "asset"
    """Any other value, pickled."""
    PICKLE = "pickle"
    """A function or class whose source cannot be had, or does not tell all of it."""


class By(StrEnum):
    """How it travels."""

    SOURCE = "source"
    VALUE = "value"
    REFERENCE = "reference"
    """By its import path; the worker must have the distribution."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One row of the report."""

    name: str
    kind: Kind
    bytes: int
    by: By
    detail: str = ""
    """Why a function travels by value, or which import statement was written."""

    def to_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": str(self.kind),
            "bytes": self.bytes,
            "by": str(self.by),
        }


@dataclass(frozen=True, slots=True)
class CaptureReport:
    """All rows, and what the author should know before the function is deployed."""

    rows: tuple[Capture, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def frozen_names(self) -> tuple[str, ...]:
        """Names whose values are those of the moment of the deploy."""
        return tuple(row.name for row in self.rows if row.by is By.VALUE)

    @property
    def bytes(self) -> int:
        return sum(row.bytes for row in self.rows)

    def text(self) -> str:
        """The report for a terminal: one line per name, then notes and warnings."""
        width = max((len(row.name) for row in self.rows), default=0)
        lines = [
            f"{row.name:<{width}}  {row.kind:<8}  {format_bytes(row.bytes):>9}  "
            f"by {row.by:<9}  {row.detail}".rstrip()
            for row in self.rows
        ]
        if self.frozen_names:
            names = ", ".join(self.frozen_names)
            lines.append(f"captured at deploy, later changes need a new deploy: {names}")
        lines.extend(f"warning: {warning}" for warning in self.warnings)
        return "\n".join(lines)


def format_bytes(size: int) -> str:
    """``950 B``, ``36.9 kB``, ``20.0 MB``: decimal units, as the limits are given."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.1f} kB"
    return f"{size / 1_000_000:.1f} MB"
