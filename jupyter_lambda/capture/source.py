"""The source of live functions and classes, found and proven.

Works for notebook cells (the kernel registers their text in ``linecache``), scripts and imported
modules alike. A definition is only returned when compiling it again gives the live object's code,
so a file that was edited since, or a cell that was run in two versions, never ships the wrong text.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import functools
import inspect
import linecache
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

_FUTURE = __future__.annotations.compiler_flag

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign


@dataclass(frozen=True, slots=True)
class Definition:
    """The statement that defines a function or a class.

    ``lines`` are whole lines with their own indentation, the first of them is line
    ``first_line`` of ``filename``.
    """

    node: Node
    filename: str
    lines: tuple[str, ...]
    first_line: int
    future_annotations: bool

    @property
    def indented(self) -> bool:
        return self.node.col_offset > 0

    @property
    def decorators(self) -> list[ast.expr]:
        return [] if isinstance(self.node, ast.Assign) else self.node.decorator_list


@dataclass(frozen=True, slots=True)
class _File:
    text: str
    lines: tuple[str, ...]
    by_line: dict[int, list[Node]]
    """Functions, and assignments of a lambda, by the first line that their code reports."""
    classes: dict[str, list[ast.ClassDef]]
    """Top-level classes by name."""


def find_function(function: FunctionType) -> Definition | None:
    """The ``def`` (or ``name = lambda``) of a function; ``None`` when it cannot be proven."""
    code = function.__code__
    file = _read_file(code.co_filename)
    if file is None:
        return None
    for node in file.by_line.get(code.co_firstlineno, ()):
        if _defines(node, function) and _compiles_to(node, code, file.text):
            return _definition(node, code.co_filename, file, bool(code.co_flags & _FUTURE))
    return None


def find_class(cls: type) -> Definition | None:
    """The ``class`` statement of a class defined at the top level of a cell or script."""
    if "." in cls.__qualname__:
        return None
    filenames = list(_files_of_methods(cls)) or list(_files_to_search(cls))
    for filename in filenames:
        file = _read_file(filename)
        if file is None:
            continue
        for node in reversed(file.classes.get(cls.__name__, [])):
            if _describes(node, cls):
                return _definition(node, filename, file, _has_text_annotations(node, cls))
    return None


def written_literally(node: ast.expr) -> bool:
    """Whether an expression is a constant that gives the same value everywhere."""
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _definition(node: Node, filename: str, file: _File, future: bool) -> Definition:  # noqa: FBT001
    first = _first_line(node)
    last = node.end_lineno or node.lineno
    return Definition(node, filename, file.lines[first - 1 : last], first, future)


def _first_line(node: Node) -> int:
    decorators = [] if isinstance(node, ast.Assign) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _read_file(filename: str) -> _File | None:
    if not filename.startswith("<"):
        linecache.checkcache(filename)
    lines = linecache.getlines(filename)
    return _parse("".join(lines)) if lines else None


@functools.lru_cache(maxsize=128)
def _parse(text: str) -> _File | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    by_line: dict[int, list[Node]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            by_line.setdefault(_first_line(node), []).append(node)
    classes: dict[str, list[ast.ClassDef]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef):
            classes.setdefault(statement.name, []).append(statement)
        elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda):
            by_line.setdefault(statement.value.lineno, []).append(statement)
    return _File(text, tuple(text.split("\n")), by_line, classes)


def _defines(node: Node, function: FunctionType) -> bool:
    if isinstance(node, ast.Assign):
        return function.__code__.co_name == "<lambda>" and lambda_target(node) is not None
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and (
        node.name == function.__code__.co_name
    )


def lambda_target(node: ast.Assign) -> str | None:
    """``f`` in ``f = lambda ...``."""
    target = node.targets[0]
    return target.id if len(node.targets) == 1 and isinstance(target, ast.Name) else None


def _compiles_to(node: Node, code: CodeType, text: str) -> bool:
    if any(name.startswith("@py") for name in code.co_names):
        return True  # pytest rewrote the assertions of this function; its text is the author's
    flags = code.co_flags & _FUTURE
    # A notebook compiles each statement alone, Python a whole file; the code differs slightly,
    # since calls on names that the same text imports are compiled in another way.
    alone = _codes(ast.Module(body=[node], type_ignores=[]), flags)
    return _is_among(code, alone) or _is_among(code, _codes_of_file(text, flags))


def _is_among(code: CodeType, candidates: tuple[CodeType, ...]) -> bool:
    return any(candidate.replace(co_flags=code.co_flags) == code for candidate in candidates)


@functools.lru_cache(maxsize=32)
def _codes_of_file(text: str, flags: int) -> tuple[CodeType, ...]:
    return _codes(text, flags)


def _codes(source: str | ast.Module, flags: int) -> tuple[CodeType, ...]:
    """All code objects that compiling the source makes."""
    try:
        module = compile(source, "<proof>", "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return ()
    found: list[CodeType] = [module]
    for code in found:
        found.extend(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return tuple(found)


def _files_of_methods(cls: type) -> Iterator[str]:
    """The files of functions that the class body itself defined."""
    seen: set[str] = set()
    for name, value in vars(cls).items():
        raw: Any = getattr(value, "fget", None) or getattr(value, "__func__", value)
        function = inspect.unwrap(raw) if callable(raw) else raw
        if not isinstance(function, FunctionType):
            continue
        code = function.__code__
        if function.__qualname__ != f"{cls.__qualname__}.{name}" or code.co_filename in seen:
            continue
        if linecache.getlines(code.co_filename):
            seen.add(code.co_filename)
            yield code.co_filename


def _files_to_search(cls: type) -> Iterator[str]:
    """Where a class without methods may stand: its module's file, or any cell, latest first."""
    module = inspect.getmodule(cls)
    filename = getattr(module, "__file__", None)
    if filename:
        yield filename
    mark = f"class {cls.__name__}"
    for name, entry in reversed(list(linecache.cache.items())):
        # Files have a modification time; the text of a cell was put there by the kernel.
        lines = entry[2] if len(entry) == 4 and entry[1] is None else []
        if any(mark in line for line in lines):
            yield name


def _describes(node: ast.ClassDef, cls: type) -> bool:
    """Whether the statement agrees with the live class in bases, members and plain values."""
    if not _same_bases(node, cls):
        return False
    members = vars(cls)
    stated: set[str] = set()
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            stated.add(statement.name)
            if not _same_method(statement, members.get(statement.name)):
                return False
        elif isinstance(statement, ast.Assign) and lambda_target(statement):
            name = lambda_target(statement) or ""
            stated.add(name)
            if not _same_value(statement.value, members.get(name)):
                return False
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            stated.add(statement.target.id)
            if statement.target.id not in members.get("__annotations__", {statement.target.id}):
                return False
    plain = type(cls) is type and not node.decorator_list
    return not plain or _has_nothing_else(node, cls, stated)


def _same_bases(node: ast.ClassDef, cls: type) -> bool:
    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
    known = {base.__name__ for base in cls.__mro__}
    return all(name in known or not hasattr(builtins, name) for name in names)


def _same_method(statement: ast.stmt, member: Any) -> bool:
    if not isinstance(member, FunctionType) or isinstance(statement, ast.ClassDef):
        return member is not None
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return True
    if statement.decorator_list:
        return True
    return member.__code__.co_firstlineno == statement.lineno


def _same_value(expression: ast.expr, member: Any) -> bool:
    if not written_literally(expression):
        return True
    stated = ast.literal_eval(expression)
    live = getattr(member, "value", member)
    return type(live) is not type(stated) or bool(live == stated)


def _has_nothing_else(node: ast.ClassDef, cls: type, stated: set[str]) -> bool:
    """No attribute was set from outside since the class statement ran."""
    extra = {
        name
        for name in vars(cls)
        if name not in stated and not (name.startswith("__") and name.endswith("__"))
    }
    if not extra or any("__init_subclass__" in vars(base) for base in cls.__mro__[1:-1]):
        return True
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
    for value in vars(cls).values():
        if isinstance(value, FunctionType) and value.__code__.co_filename != "<string>":
            return bool(value.__code__.co_flags & _FUTURE)
    live = vars(cls).get("__annotations__", {})
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            written = isinstance(statement.annotation, ast.Constant)
            return isinstance(live.get(statement.target.id), str) and not written
    return False
