"""The transitive definitions that a handler needs, each in the form in which it will travel.

Starts from the names that the handler reads and follows them through the namespace of the
notebook or script. Every name becomes one ``Item``: an import statement, a literal, the source of
a function or class, or a pickled asset. Nothing else of the namespace is looked at, so large or
unpicklable values that are not used cost nothing.
"""

from __future__ import annotations

import ast
import builtins
import types
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from jupyter_lambda.capture import imports, pickling
from jupyter_lambda.capture.decorators import unwrapped
from jupyter_lambda.capture.definition import Block, NotFaithfulError, Written, write_definition
from jupyter_lambda.capture.literals import render_literal
from jupyter_lambda.capture.modules import Modules
from jupyter_lambda.capture.names import Names, dotted_reads, find_imports, scan_code
from jupyter_lambda.capture.refusals import check_remote_name, too_large, unpicklable
from jupyter_lambda.capture.report import By, Capture, Kind, format_bytes
from jupyter_lambda.model import quotas

_MODULE_ATTRIBUTES = frozenset(vars(types.ModuleType("module"))) | {
    "__annotations__",
    "__builtins__",
    "__cached__",
    "__file__",
    "__path__",
}
_HIDDEN_BUILTINS = frozenset({"exit", "quit"})
_SHELL_PACKAGES = ("IPython", "ipykernel")
_ATOMS = (int, float, complex, str, bytes, tuple, frozenset, range, type(None), type(Ellipsis))
"""Values whose identity means nothing, so that two names may get two copies."""


@dataclass(frozen=True, slots=True)
class Item:
    """One name of the generated module."""

    name: str
    capture: Capture
    blocks: tuple[Block, ...]
    eager: frozenset[str] = frozenset()
    """Names that must be bound before this one."""
    lazy: frozenset[str] = frozenset()
    """Names that must be bound before a function of this one is called."""
    asset: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    """A piece of code whose names are still to be followed."""

    title: str
    names: Names
    trees: tuple[ast.AST, ...] = ()


@dataclass(slots=True)
class Closure:
    """Collects the items. ``follow`` tells it what a piece of code reads; ``finish`` does the rest.

    Attributes:
        namespace: the globals of the notebook or script.
        home: the name of the module whose definitions are copied, mostly ``__main__``.
        bound: names that the cell itself binds; they are not taken from the namespace.
    """

    namespace: dict[str, Any]
    home: str
    bound: frozenset[str] = frozenset()
    modules: Modules = field(default_factory=Modules)
    items: dict[str, Item] = field(default_factory=dict)
    submodules: set[str] = field(default_factory=set)
    """Submodules that are reached by attribute and have to be imported for that."""
    asset_modules: set[str] = field(default_factory=set)
    """Modules that are imported by loading assets."""
    future_annotations: bool = False
    warnings: list[str] = field(default_factory=list)
    undefined: dict[str, str] = field(default_factory=dict)
    """Names that are read and defined nowhere, with who reads them."""
    captured_files: dict[str, str] = field(default_factory=dict)
    """The real file of code that travels by value, by what tracebacks will call it."""
    knows_all_names: bool = True
    """False when a star import may bind any name."""
    _waiting: deque[_Reader] = field(default_factory=deque)
    _open: list[str] = field(default_factory=list)
    _same_object: dict[int, str] = field(default_factory=dict)
    _assigned_later: set[str] = field(default_factory=set)

    def follow(self, title: str, names: Names, *trees: ast.AST) -> None:
        """Capture what a piece of code reads, and all that this needs in turn.

        Raises:
            CaptureError: a value that cannot or should not be shipped.
        """
        self._waiting.append(_Reader(title, names, trees))
        while self._waiting:
            self._follow_one(self._waiting.popleft())

    def _follow_one(self, reader: _Reader) -> None:
        names = reader.names
        self._assigned_later |= names.assigned_global
        for name in sorted(names.eager | names.lazy):
            self.require(name, reader.title)
        for name in sorted(names.optional):
            if isinstance(self.namespace.get(name), (type, types.FunctionType, types.ModuleType)):
                self.require(name, reader.title)
        reads = {read for tree in reader.trees for read in dotted_reads(tree)}
        for name in sorted({read.partition(".")[0] for read in reads} - self.bound):
            value = self.namespace.get(name)
            if isinstance(value, types.ModuleType) and name in self.items:
                self.submodules.update(imports.submodules_read(name, value, reads))
        self._warn_of_our_methods(reads, reader.title)
        for tree in reader.trees:
            for module in sorted(find_imports(tree).modules):
                self.modules.need(module)

    def _warn_of_our_methods(self, reads: set[str], reader: str) -> None:
        """``f.map`` inside a handler: there, ``f`` is the plain function."""
        for name, attribute in sorted({tuple(read.split(".")[:2]) for read in reads}):
            value = self.namespace.get(name)
            inner = unwrapped(value)
            if inner is not value and not hasattr(inner, attribute) and name not in self.bound:
                self.warnings.append(
                    f"{reader} uses {name}.{attribute}, but where it runs {name!r} is the plain "
                    f"function; use jupyter_lambda.get({name!r}).{attribute} instead"
                )

    def require(self, name: str, reader: str) -> None:
        """Make sure that the generated module binds ``name``, if anything here does."""
        if name in self.items or name in self._open or name in self.bound:
            return
        if name in _MODULE_ATTRIBUTES:
            return
        if name in self.namespace:
            value = unwrapped(self.namespace[name])
            if _is_of_shell(value) and (hasattr(builtins, name) or name in _HIDDEN_BUILTINS):
                return  # the shell's own ``open`` or ``exit``: a worker has Python's
        elif hasattr(builtins, name):
            value = getattr(builtins, name)
            if not _is_of_shell(value):
                return
        else:
            self.undefined.setdefault(name, reader)
            return
        check_remote_name(name, reader)
        self.capture(name, value, reader)

    def capture(self, name: str, value: Any, reader: str) -> None:
        """Bind ``name`` to ``value`` in the generated module."""
        self._open.append(name)
        item = self._item_of(name, value, reader)
        self._open.pop()
        self.items[name] = item
        if not isinstance(value, _ATOMS):
            self._same_object.setdefault(id(value), name)
        if item.capture.by is By.VALUE and item.capture.bytes > quotas.CAPTURE_WARN_BYTES:
            self.warnings.append(
                f"{name!r} adds {format_bytes(item.capture.bytes)} to the package; every new "
                "environment loads it. Pass it in the event, or load it inside the function, "
                "if not every call needs it."
            )

    def undefined_warnings(self) -> list[str]:
        """One warning for each name that only a call would miss."""
        return [
            f"{reader} reads {name!r}, which is defined nowhere: a call that gets there will "
            "raise NameError"
            for name, reader in sorted(self.undefined.items())
            if self.knows_all_names and name not in self._assigned_later
        ]

    def _item_of(self, name: str, value: Any, reader: str) -> Item:
        imported = self._import_of(name, value)
        if imported is not None:
            return self._import_item(name, *imported)
        first = self._same_object.get(id(value))
        if first is not None:
            capture = self.items[first].capture
            again = Capture(name, capture.kind, 0, capture.by, f"the same object as {first}")
            return Item(name, again, _written(f"{name} = {first}"), frozenset({first}))
        literal = render_literal(value)
        if literal is not None:
            return _value_item(name, Kind.CONSTANT, literal, len(literal.encode()))
        try:
            written = write_definition(name, value, self.namespace)
        except NotFaithfulError as reason:
            return self._pickled_item(name, value, reader, str(reason))
        if written is None:
            return self._pickled_item(name, value, reader, "")
        return self._source_item(name, written)

    def _import_of(self, name: str, value: Any) -> tuple[str, str] | None:
        """An import statement and its module, for modules and what other modules define."""
        if isinstance(value, types.ModuleType):
            statement = imports.import_module(name, value)
            return (statement, value.__name__) if statement else None
        found = imports.import_object(name, value, self.home)
        if found is None and callable(value) and not isinstance(value, (type, types.FunctionType)):
            # Such as ``random.random``: its pickle would carry the generator's state along.
            found = imports.import_by_identity(name, value, self.home)
        return found

    def _import_item(self, name: str, statement: str, module: str) -> Item:
        self.modules.need(module)
        capture = Capture(name, Kind.IMPORT, 0, By.REFERENCE, statement)
        return Item(name, capture, _written(statement))

    def _source_item(self, name: str, written: Written) -> Item:
        kind = Kind.CLASS if written.is_class else Kind.FUNCTION
        names = written.names
        # What a definition needs at once cannot wait for the cell, which comes after it.
        self.bound -= names.eager
        self.future_annotations |= written.future_annotations
        self._waiting.append(_Reader(f"{kind} {name!r}", names, (written.tree,)))
        return Item(
            name,
            Capture(name, kind, len(written.text.encode()), By.SOURCE),
            written.blocks,
            frozenset(names.eager - {name}),
            frozenset(names.lazy | names.optional),
        )

    def _pickled_item(self, name: str, value: Any, reader: str, reason: str) -> Item:
        needs = Names()

        def read_code(code: types.CodeType) -> None:
            self.captured_files.setdefault(captured_file(name), code.co_filename)
            read, imported = scan_code(code)
            needs.lazy |= read
            for module in sorted(imported):
                self.modules.need(module)

        scope = pickling.Scope(
            self.namespace, self.home, lambda obj: self._reference(obj, value), read_code
        )
        try:
            data = pickling.dump(
                value, scope, filename=captured_file(name), limit=quotas.CAPTURE_MAX_BYTES
            )
        except pickling.TooLargeError as error:
            raise too_large(name, value, reader, error.size) from None
        except pickling.UnpicklableError as error:
            found = imports.import_by_identity(name, value, self.home)
            if found is not None:
                return self._import_item(name, *found)
            raise unpicklable(name, value, reader, error, reason=reason) from None
        self._waiting.append(_Reader(f"{name!r}", needs))
        self._need_modules_of(scope)
        code = isinstance(value, (type, types.FunctionType))
        return _value_item(
            name,
            Kind.PICKLE if code else Kind.ASSET,
            f'__captured__("{name}")',
            len(data),
            detail=reason,
            asset=data,
            eager=frozenset(scope.references),
            lazy=frozenset(needs.lazy),
        )

    def _need_modules_of(self, scope: pickling.Scope) -> None:
        for module in sorted(scope.imports - {self.home, "__main__", "builtins"}):
            self.modules.need(module)
            self.asset_modules.add(module)

    def _reference(self, obj: Any, root: Any) -> str | None:
        """The name under which the generated module will have a function or class."""
        if obj is root:
            return None
        own = obj.__module__ == self.home or getattr(obj, "__globals__", None) is self.namespace
        first, *rest = obj.__qualname__.split(".")
        if not own or first in self.bound or first in self._open or first not in self.namespace:
            return None
        found = unwrapped(self.namespace[first])
        for attribute in rest:
            found = getattr(found, attribute, None)
        if found is not obj:
            return None
        self.require(first, f"{self._open[-1]!r}")
        return str(obj.__qualname__)


def captured_file(name: str) -> str:
    """What tracebacks call the code of a function that travels by value."""
    return f"<captured {name}>"


def _value_item(
    name: str,
    kind: Kind,
    expression: str,
    size: int,
    *,
    detail: str = "",
    asset: bytes | None = None,
    eager: frozenset[str] = frozenset(),
    lazy: frozenset[str] = frozenset(),
) -> Item:
    capture = Capture(name, kind, size, By.VALUE, detail)
    return Item(name, capture, _written(f"{name} = {expression}"), eager, lazy, asset)


def _written(line: str) -> tuple[Block, ...]:
    return (Block((line,)),)


def _is_of_shell(value: Any) -> bool:
    if isinstance(value, types.FunctionType):
        module = value.__globals__.get("__name__")  # ``__module__`` is copied by functools.wraps
    else:
        module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0] in _SHELL_PACKAGES
