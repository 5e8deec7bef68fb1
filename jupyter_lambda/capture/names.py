"""Which global names a piece of source reads, and when.

A name is *eager* when it is read while the piece itself is executed (a decorator, a default, a
base class, a class body), *lazy* when it is read only once a function is called, *optional* when
it is read by nobody but tools that look at annotations. ``closure`` captures them all;
``generate`` needs the difference to put definitions into a working order. Scoping is the
compiler's own (``symtable``), so comprehensions, closures, ``global`` and name mangling are right.
"""

from __future__ import annotations

import ast
import dis
import symtable
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType

_COMPREHENSIONS = frozenset({"listcomp", "setcomp", "dictcomp", "genexpr"})
_GLOBAL_OPERATIONS = frozenset(
    {"LOAD_GLOBAL", "STORE_GLOBAL", "DELETE_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"}
)
_WITHOUT_ANNOTATIONS = "from __future__ import annotations\n"
_ANNOTATIONS_ARE_LAZY = sys.version_info >= (3, 14)


@dataclass(slots=True)
class Names:
    """The global names of one piece of source."""

    eager: set[str] = field(default_factory=set)
    lazy: set[str] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    """Bound by the piece at its top level."""
    assigned_global: set[str] = field(default_factory=set)
    """Assigned by a function through a ``global`` statement."""


def scan(source: str, tree: ast.Module, *, future_annotations: bool = False) -> Names:
    """The names of ``source``, which parses to ``tree``.

    Raises:
        SyntaxError: scopes that contradict one another, which parsing alone does not find.
    """
    annotated = _read(source)
    names = _read(source if _has_future_imports(tree) else _WITHOUT_ANNOTATIONS + source)
    names.bound.discard("annotations")
    names.bound |= annotated.bound
    if not (future_annotations or _ANNOTATIONS_ARE_LAZY):
        names.eager |= annotated.eager
    names.lazy -= names.eager
    everywhere = annotated.eager | annotated.lazy | annotated.optional | set(_quoted_names(tree))
    names.optional |= everywhere
    names.optional -= names.eager | names.lazy
    return names


def _has_future_imports(tree: ast.Module) -> bool:
    return any(isinstance(s, ast.ImportFrom) and s.module == "__future__" for s in tree.body)


def _read(source: str) -> Names:
    names = Names()
    _visit(symtable.symtable(source, "<piece>", "exec"), names, eager=True)
    return names


def _visit(table: symtable.SymbolTable, names: Names, *, eager: bool) -> None:
    kind = str(table.get_type())
    read = names.eager if eager else names.lazy
    for symbol in table.get_symbols():
        name = symbol.get_name()
        binds = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
        if kind == "module":
            if binds:
                names.bound.add(name)
            elif symbol.is_referenced():
                read.add(name)
        elif symbol.is_global():
            if symbol.is_referenced() or binds:
                read.add(name)
            if binds:
                names.assigned_global.add(name)
        elif kind == "class" and binds and symbol.is_referenced():
            # ``x = x`` in a class body reads the global while the class has no ``x`` yet.
            names.optional.add(name)
    for child in table.get_children():
        at_once = child.get_type() == "class" or child.get_name() in _COMPREHENSIONS
        _visit(child, names, eager=eager and at_once)


def _quoted_names(tree: ast.Module) -> Iterator[str]:
    """The names inside annotations that are written as text, such as ``"Point"``."""
    for node in ast.walk(tree):
        annotation: ast.expr | None = None
        if isinstance(node, (ast.arg, ast.AnnAssign)):
            annotation = node.annotation
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            annotation = node.returns
        if annotation is None:
            continue
        for part in ast.walk(annotation):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield from _names_in_text(part.value)


def _names_in_text(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id


@dataclass(slots=True)
class Imports:
    """The modules that a piece of source imports, as dotted names."""

    modules: set[str] = field(default_factory=set)
    initial: set[str] = field(default_factory=set)
    """Those imported while the piece itself is executed, so before the first event."""
    star: set[str] = field(default_factory=set)
    relative: bool = False


def find_imports(tree: ast.AST) -> Imports:
    """All imports of a tree, also those inside functions."""
    found = Imports()
    _collect_imports(tree, found, initial=True)
    return found


def _collect_imports(node: ast.AST, found: Imports, *, initial: bool) -> None:
    for child in ast.iter_child_nodes(node):
        modules: set[str] = set()
        if isinstance(child, ast.Import):
            modules = {alias.name for alias in child.names}
        elif isinstance(child, ast.ImportFrom):
            found.relative = found.relative or child.level > 0
            if child.module and not child.level:
                modules = {child.module}
                if any(alias.name == "*" for alias in child.names):
                    found.star.add(child.module)
        elif isinstance(child, ast.stmt) or not isinstance(child, ast.expr):
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef))
            _collect_imports(child, found, initial=initial and not inside)
        found.modules |= modules
        if initial:
            found.initial |= modules


def dotted_reads(tree: ast.AST) -> set[str]:
    """Every ``a.b.c`` that starts at a plain name, in its longest form."""
    found: set[str] = set()
    for node in ast.walk(tree):
        parts: list[str] = []
        current = node
        while isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        if parts and isinstance(current, ast.Name):
            found.add(".".join([current.id, *reversed(parts)]))
    return found


def scan_code(code: CodeType) -> tuple[set[str], set[str]]:
    """The global names and the modules that compiled code reads and imports."""
    read: set[str] = set()
    imported: set[str] = set()
    for instruction in dis.get_instructions(code):
        if instruction.opname in _GLOBAL_OPERATIONS:
            read.add(instruction.argval)
        elif instruction.opname == "IMPORT_NAME" and instruction.argval:
            imported.add(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            inner_read, inner_imported = scan_code(constant)
            read |= inner_read
            imported |= inner_imported
    return read, imported
