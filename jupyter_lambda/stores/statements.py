"""Named SQL: each ``.sql`` file holds statements that begin with a ``-- name: x`` line.

Stores load their file once, when they are imported, and refer to a statement by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def load_statements(noun: str) -> Mapping[str, str]:
    """The statements of ``sql/<noun>.sql`` by name, in the order of the file."""
    text = (resources.files("jupyter_lambda.stores") / "sql" / f"{noun}.sql").read_text("utf-8")
    _, *parts = _NAME.split(text)
    return {
        name: body.strip().removesuffix(";")
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }
