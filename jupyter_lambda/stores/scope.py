"""Which part of the ledger and the log a question is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """All that is given must match; an empty scope is everything."""

    function_name: str | None = None
    run_id: str | None = None
    request_id: bytes | None = None

    def where(self) -> str:
        """A condition over the columns of the same names.

        The narrowest comes first and alone may choose an index: SQLite keeps no statistics here,
        and ``+`` is its way to take a column out of that choice.
        """
        columns = [name for name, value in self.parameters().items() if value is not None]
        if not columns:
            return "TRUE"
        first, *others = columns
        return " AND ".join([f"{first} = :{first}", *(f"+{name} = :{name}" for name in others)])

    def parameters(self) -> dict[str, Any]:
        """The values for ``where``, the narrowest first."""
        return {
            "request_id": self.request_id,
            "run_id": self.run_id,
            "function_name": self.function_name,
        }


EVERYTHING = Scope()
