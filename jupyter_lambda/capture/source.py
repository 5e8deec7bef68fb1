"""The source of live functions, found and proven.

Works for notebook cells (the kernel registers their text in ``linecache``), scripts and imported
modules alike. A definition is only returned when compiling it again gives the live object's code,
so a file that was edited since, or a cell that was run in two versions, never ships the wrong text.
``classes`` does the same for classes, on the files that are read here.
"""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
import linecache
from dataclasses import dataclass
from types import CodeType, FunctionType

FUTURE_FLAG = __future__.annotations.compiler_flag

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
class SourceFile:
    text: str
    lines: tuple[str, ...]
    by_line: dict[int, list[Node]]
    """Functions, and assignments of a lambda, by the first line that their code reports."""
    classes: dict[str, list[ast.ClassDef]]
    """Top-level classes by name."""


_PARAMETER_FLAGS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def find_function(function: FunctionType) -> Definition | None:
    """The ``def`` (or ``name = lambda``) of a function; ``None`` when it cannot be proven."""
    code = function.__code__
    file = read_file(code.co_filename)
    if file is None:
        return None
    for node in file.by_line.get(code.co_firstlineno, ()):
        if _defines(node, function) and _compiles_to(node, code, file.text):
            return definition_of(
                node, code.co_filename, file, future=bool(code.co_flags & FUTURE_FLAG)
            )
    return None


def written_literally(node: ast.expr) -> bool:
    """Whether an expression is a constant that gives the same value everywhere."""
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def definition_of(node: Node, filename: str, file: SourceFile, *, future: bool) -> Definition:
    first = _first_line(node)
    last = node.end_lineno or node.lineno
    return Definition(node, filename, file.lines[first - 1 : last], first, future)


def _first_line(node: Node) -> int:
    decorators = [] if isinstance(node, ast.Assign) else node.decorator_list
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def read_file(filename: str) -> SourceFile | None:
    if not filename.startswith("<"):
        linecache.checkcache(filename)
    lines = linecache.getlines(filename)
    return _parse("".join(lines)) if lines else None


@functools.lru_cache(maxsize=128)
def _parse(text: str) -> SourceFile | None:
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
    return SourceFile(text, tuple(text.split("\n")), by_line, classes)


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
    if is_rewritten(code):
        return True
    flags = code.co_flags & FUTURE_FLAG
    # A notebook compiles each statement alone, Python a whole file; the code differs slightly,
    # since calls on names that the same text imports are compiled in another way.
    alone = codes_of(ast.Module(body=[node], type_ignores=[]), flags)
    if any(same_code(candidate, code) for candidate in alone):
        return True
    beside = [c for c in codes_of_file(text, flags) if _same_place(c, code)]
    return len(beside) == 1 and same_code(beside[0], code)


def is_rewritten(code: CodeType) -> bool:
    """Whether pytest rewrote the assertions of a function; its text is still the author's."""
    return any(name.startswith("@py") for name in code.co_names)


def same_code(candidate: CodeType, code: CodeType) -> bool:
    """Equal but for what the compiler was told, such as future imports."""
    if (candidate.co_flags ^ code.co_flags) & _PARAMETER_FLAGS:
        return False
    return candidate.replace(co_flags=code.co_flags) == code


def _same_place(candidate: CodeType, code: CodeType) -> bool:
    return (candidate.co_firstlineno, candidate.co_name) == (code.co_firstlineno, code.co_name)


@functools.lru_cache(maxsize=32)
def codes_of_file(text: str, flags: int) -> tuple[CodeType, ...]:
    return codes_of(text, flags)


def codes_of(source: str | ast.Module, flags: int) -> tuple[CodeType, ...]:
    """All code objects that compiling the source makes."""
    try:
        module = compile(source, "<proof>", "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return ()
    found: list[CodeType] = [module]
    for code in found:
        found.extend(constant for constant in code.co_consts if isinstance(constant, CodeType))
    return tuple(found)
