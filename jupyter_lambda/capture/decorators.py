"""Our own decorators and wrappers, which must not travel: on a worker there is only the function.

``@jl.function(...)`` turns a function into an object of this package that holds the function as
``local`` (or, as decorators do, as ``__wrapped__``). Its line is taken out of the emitted source,
under whatever name it was imported, and the object is replaced by the function wherever it is
captured.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from typing import Any

_PACKAGE = "jupyter_lambda"


def unwrapped(value: Any) -> Any:
    """The function inside one of our own objects; any other value unchanged."""
    while is_ours(value):
        inner = getattr(value, "__wrapped__", None) or getattr(value, "local", None)
        if inner is None:
            return value
        value = inner
    return value


def is_ours(value: Any) -> bool:
    """Whether a value is an object of this package, such as a deployed function or a run."""
    return _is_from_package(type(value))


def own_decorator_lines(decorators: Sequence[ast.expr], namespace: dict[str, Any]) -> set[int]:
    """The lines, as numbered in the tree, that hold our own decorators."""
    lines: set[int] = set()
    for decorator in decorators:
        if _is_from_package(_decorating_object(decorator, namespace)):
            lines.update(range(decorator.lineno, (decorator.end_lineno or decorator.lineno) + 1))
    return lines


def _decorating_object(decorator: ast.expr, namespace: dict[str, Any]) -> Any:
    expression = decorator
    while isinstance(expression, ast.Call):
        expression = expression.func
    attributes: list[str] = []
    while isinstance(expression, ast.Attribute):
        attributes.append(expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return None
    found = namespace.get(expression.id)
    for attribute in reversed(attributes):
        found = getattr(found, attribute, None)
    while isinstance(found, functools.partial):
        found = found.func
    return found


def _is_from_package(value: Any) -> bool:
    module = getattr(value, "__module__", None)
    return isinstance(module, str) and (module == _PACKAGE or module.startswith(_PACKAGE + "."))
