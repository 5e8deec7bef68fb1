"""Small constants as Python literals, so that a generated file can be read and compared.

Only values of exactly the built-in types qualify: a subclass, an enum member or a NumPy scalar
would come back as something else. Sets are written in sorted order, because their own order
changes with the hash seed of the process.
"""

from __future__ import annotations

import math
from collections.abc import Collection

LITERAL_MAX_BYTES = 1_000
_ATOMS = (type(None), bool, type(Ellipsis), int, complex, str, bytes)
_INTEGER_MAX_BITS = 4_096
_DEPTH_MAX = 20


class _NotLiteralError(Exception):
    """The value is too large, too deep or not made of plain types."""


def render_literal(value: object) -> str | None:
    """The value as an expression of at most ``LITERAL_MAX_BYTES``, or ``None``."""
    try:
        text = _render(value, depth=0)
    except _NotLiteralError:
        return None
    return text if len(text.encode("utf-8", "surrogatepass")) <= LITERAL_MAX_BYTES else None


def canonical_order(values: Collection[object]) -> list[object] | None:
    """The elements in an order that depends on their values alone; ``None`` when there is none."""
    values = list(values)
    if {type(value) for value in values} in ({str}, {bytes}, {int}):
        return sorted(values)  # type: ignore[type-var]
    keyed: list[tuple[str, str, object]] = []
    for value in values:
        if not _is_atomic(value):
            return None
        keyed.append((type(value).__name__, _sort_text(value), value))
    return [value for _, _, value in sorted(keyed, key=lambda entry: entry[:2])]


def _is_atomic(value: object) -> bool:
    kind = type(value)
    if kind is tuple:
        return all(map(_is_atomic, value))  # type: ignore[call-overload]
    return kind in _ATOMS or kind is float


def _sort_text(value: object) -> str:
    if type(value) is int:
        # Shifted and of fixed width, everyday numbers sort as numbers do.
        return f"{value + 2**63:020d}" if value.bit_length() < 64 else hex(value)
    return repr(value)


def _render(value: object, depth: int) -> str:
    kind = type(value)
    if depth > _DEPTH_MAX:
        raise _NotLiteralError
    if kind in _ATOMS:
        return _render_atom(value)
    if kind is float:
        return _render_float(value)  # type: ignore[arg-type]
    if kind is range:
        return repr(value)
    if kind in (list, tuple, dict, set, frozenset):
        if len(value) > LITERAL_MAX_BYTES:  # type: ignore[arg-type]
            raise _NotLiteralError
        return _render_container(value, depth + 1)
    raise _NotLiteralError


def _render_atom(value: object) -> str:
    if isinstance(value, int) and value.bit_length() > _INTEGER_MAX_BITS:
        raise _NotLiteralError
    if isinstance(value, (str, bytes)) and len(value) > LITERAL_MAX_BYTES:
        raise _NotLiteralError
    if isinstance(value, complex):
        return f"complex({_render_float(value.real)}, {_render_float(value.imag)})"
    return repr(value)


def _render_float(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        return f'float("{value}")'
    return repr(value)


def _render_container(value: object, depth: int) -> str:
    if type(value) is dict:
        pairs = (f"{_render(k, depth)}: {_render(v, depth)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (set, frozenset)):
        return _render_set(value, depth)
    items = [_render(item, depth) for item in value]  # type: ignore[attr-defined]
    if type(value) is tuple:
        return f"({items[0]},)" if len(items) == 1 else "(" + ", ".join(items) + ")"
    return "[" + ", ".join(items) + "]"


def _render_set(value: set[object] | frozenset[object], depth: int) -> str:
    ordered = canonical_order(value)
    if ordered is None:
        raise _NotLiteralError
    inside = ", ".join(_render(item, depth) for item in ordered)
    if type(value) is frozenset:
        return f"frozenset({{{inside}}})" if inside else "frozenset()"
    return f"{{{inside}}}" if inside else "set()"
