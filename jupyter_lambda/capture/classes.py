"""The ``class`` statement of a live class, found and proven.

A class does not know its file, so the statement is looked for where its methods are, then in its
module's file and in the cells, the latest first. It is taken only when it describes the live
class: the same bases, the code of each method, the plain values, and no attribute beyond. A class
that was changed after its definition therefore has no source, and travels by value.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import linecache
from collections.abc import Iterator
from types import CodeType, FunctionType, MemberDescriptorType
from typing import Any

from jupyter_lambda.capture.source import (
    FUTURE_FLAG,
    Definition,
    SourceFile,
    codes_of,
    codes_of_file,
    definition_of,
    is_rewritten,
    lambda_target,
    read_file,
    same_code,
    written_literally,
)


def find_class(cls: type, namespace: dict[str, Any]) -> Definition | None:
    """The statement of a class defined at the top level of a cell or script, or ``None``."""
    if "." in cls.__qualname__:
        return None
    for filename in dict.fromkeys([*_files_of_methods(cls), *_files_to_search(cls)]):
        file = read_file(filename)
        if file is None:
            continue
        for node in reversed(file.classes.get(cls.__name__, [])):
            if _describes(node, cls, file, namespace):
                future = _has_text_annotations(node, cls)
                return definition_of(node, filename, file, future=future)
    return None


def _files_of_methods(cls: type) -> Iterator[str]:
    """The files of functions that the class body itself defined."""
    for name in vars(cls):
        function = _method(cls, name)
        if function is not None:
            yield function.__code__.co_filename


def _files_to_search(cls: type) -> Iterator[str]:
    """Where a class without methods may stand: its module's file, or any cell, latest first."""
    filename = getattr(inspect.getmodule(cls), "__file__", None)
    if filename:
        yield filename
    mark = f"class {cls.__name__}"
    for name, entry in reversed(list(linecache.cache.items())):
        # Files have a modification time; the text of a cell was put there by the kernel.
        lines = entry[2] if len(entry) == 4 and entry[1] is None else []
        if any(mark in line for line in lines):
            yield name


def _method(cls: type, name: str) -> FunctionType | None:
    """The function that a ``def`` in the class body made, under any decorators."""
    member: Any = vars(cls).get(name)
    member = getattr(member, "fget", None) or getattr(member, "__func__", member)
    if callable(member):
        member = inspect.unwrap(member)
    own = isinstance(member, FunctionType) and member.__qualname__ == f"{cls.__qualname__}.{name}"
    return member if own else None


def _describes(node: ast.ClassDef, cls: type, file: SourceFile, namespace: dict[str, Any]) -> bool:
    if not _same_bases(node, cls, namespace):
        return False
    flags = FUTURE_FLAG if _has_text_annotations(node, cls) else 0
    alone = codes_of(ast.Module(body=[node], type_ignores=[]), flags)
    codes = [*alone, *codes_of_file(file.text, flags)]
    stated: set[str] = set()
    for statement in node.body:
        name = _stated_name(statement)
        if name is None:
            continue
        stated.add(name)
        if not _same_member(statement, name, cls, codes):
            return False
    return not _is_plain(node, cls) or _has_nothing_else(node, cls, stated)


def _stated_name(statement: ast.stmt) -> str | None:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return statement.name
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    return lambda_target(statement) if isinstance(statement, ast.Assign) else None


def _same_member(statement: ast.stmt, name: str, cls: type, codes: list[CodeType]) -> bool:
    members = vars(cls)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        function = _method(cls, name)
        if function is None:
            return bool(statement.decorator_list) and name in members
        code = function.__code__
        return is_rewritten(code) or any(same_code(candidate, code) for candidate in codes)
    if isinstance(statement, ast.AnnAssign):
        annotated = name in _annotations(cls)
        return annotated and _same_value(statement.value, members.get(name))
    known = name in members or name in getattr(cls, "_member_map_", ()) or type(cls) is not type
    value = statement.value if isinstance(statement, ast.Assign) else None
    return known and _same_value(value, members.get(name))


def _annotations(cls: type) -> dict[str, Any]:
    try:
        return inspect.get_annotations(cls)
    except NameError:  # Python 3.14 evaluates them only now
        return {}


def _same_value(expression: ast.expr | None, member: Any) -> bool:
    """Unequal plain values of one type tell two versions apart; anything else may be the same."""
    if expression is None or not written_literally(expression):
        return True
    stated = ast.literal_eval(expression)
    live = getattr(member, "value", member)
    return type(live) is not type(stated) or bool(live == stated)


def _same_bases(node: ast.ClassDef, cls: type, namespace: dict[str, Any]) -> bool:
    if not node.bases and not node.decorator_list:
        return cls.__bases__ == (object,)
    names = {base.__name__ for base in cls.__mro__}
    for expression in node.bases:
        base = _resolve(expression, namespace)
        if base is None and _last_name(expression) not in names:
            return False
        if isinstance(base, type) and base not in cls.__mro__:
            return False
    return True


def _resolve(expression: ast.expr, namespace: dict[str, Any]) -> Any:
    """What a base ``B`` or ``a.B`` is now; ``None`` for names that are gone, and calls."""
    if isinstance(expression, ast.Name):
        return namespace.get(expression.id, getattr(builtins, expression.id, None))
    if isinstance(expression, ast.Attribute):
        return getattr(_resolve(expression.value, namespace), expression.attr, None)
    if isinstance(expression, ast.Subscript):
        return _resolve(expression.value, namespace)
    return None


def _last_name(expression: ast.expr) -> str:
    """``B`` of ``B``, ``a.B`` and ``a.B[T]``."""
    if isinstance(expression, ast.Subscript):
        return _last_name(expression.value)
    return str(getattr(expression, "attr", getattr(expression, "id", "")))


def _is_plain(node: ast.ClassDef, cls: type) -> bool:
    """No metaclass, decorator or base that adds attributes of its own."""
    if type(cls) is not type or node.decorator_list or node.keywords:
        return False
    if any("__init_subclass__" in vars(base) for base in cls.__mro__[1:-1]):
        return False
    stated = [_last_name(base) for base in node.bases] or ["object"]
    return stated == [base.__name__ for base in cls.__bases__]


def _has_nothing_else(node: ast.ClassDef, cls: type, stated: set[str]) -> bool:
    """No attribute was set from outside since the class statement ran."""
    extra = {
        name
        for name, value in vars(cls).items()
        if name not in stated
        and not (name.startswith("__") and name.endswith("__"))
        and not isinstance(value, MemberDescriptorType)
    }
    bound = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    imported = {
        alias.asname or alias.name.partition(".")[0]
        for part in ast.walk(node)
        if isinstance(part, (ast.Import, ast.ImportFrom))
        for alias in part.names
    }
    return extra <= bound | imported


def _has_text_annotations(node: ast.ClassDef, cls: type) -> bool:
    """Whether the class was compiled under ``from __future__ import annotations``."""
    for name in vars(cls):
        function = _method(cls, name)
        if function is not None and function.__code__.co_filename != "<string>":
            return bool(function.__code__.co_flags & FUTURE_FLAG)
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            written = isinstance(statement.annotation, ast.Constant)
            return isinstance(_annotations(cls).get(statement.target.id), str) and not written
    return False
