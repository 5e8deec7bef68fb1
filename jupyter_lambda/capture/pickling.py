"""Values that have no source form, written as pickles of protocol 5.

What the generated module defines anyway (functions and classes by source) is written as a
reference to it, so ``isinstance`` holds between a captured object and the class in the code, and
functions that travel by value run in the generated module's own globals. Equal values give equal
bytes wherever that is possible: sets are written in sorted order and cloudpickle's random class
ids are left out. Writing stops at the limit, so a value of 10 GB costs no more than one of 20 MB.
"""

from __future__ import annotations

import io
import logging
import operator
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cloudpickle
from cloudpickle import cloudpickle as internals

from jupyter_lambda.capture.decorators import unwrapped
from jupyter_lambda.capture.literals import canonical_order
from jupyter_lambda.errors import LambdaError

PROTOCOL = 5
_log = logging.getLogger(__name__)


class UnpicklableError(Exception):
    """The value, or something in it, cannot be pickled; the message is the pickler's own."""


class TooLargeError(Exception):
    """The pickle would pass the limit; ``size`` is what it has at least."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@dataclass(slots=True)
class Scope:
    """What a pickle may refer to.

    Attributes:
        namespace: the globals of the notebook or script.
        reference: gives the name under which the generated module has a function or class.
        needs: is told the code of every function that is written by value.
        imports: is told every module that loading the pickle will import.
    """

    namespace: dict[str, Any]
    home: str
    reference: Callable[[Any], str | None]
    needs: Callable[[types.CodeType], None]
    imports: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)


class _Globals:
    """Stands for the generated module's ``globals()``."""


_GLOBALS = _Globals()


class _Bounded:
    """A file that raises as soon as more than ``limit`` bytes are written."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._size += view.nbytes
        if self._size > self._limit:
            raise TooLargeError(self._size)
        self._parts.append(bytes(view))
        return view.nbytes

    def getvalue(self) -> bytes:
        return b"".join(self._parts)


def dump(value: Any, scope: Scope, *, filename: str, limit: int) -> bytes:
    """The pickle of a value.

    Args:
        filename: what tracebacks call the code of functions that are written by value.

    Raises:
        TooLargeError: it passes ``limit``.
        UnpicklableError: it has no pickle.
    """
    size = buffer_bytes(value)
    if size > limit:
        raise TooLargeError(size)
    file = _Bounded(limit)
    try:
        _Pickler(file, scope, filename).dump(value)
    except (TooLargeError, UnpicklableError, LambdaError):
        raise
    except Exception as error:  # the value's own ``__reduce__`` may raise anything
        _log.debug("a captured value cannot be pickled", exc_info=True)
        raise UnpicklableError(str(error) or type(error).__name__) from error
    return file.getvalue()


def buffer_bytes(value: Any) -> int:
    """The size of a value that is one block of memory, such as an array; else 0."""
    try:
        return memoryview(value).nbytes
    except (TypeError, ValueError, BufferError):
        return 0


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    def __init__(self, file: _Bounded, scope: Scope, filename: str) -> None:
        super().__init__(file, protocol=PROTOCOL)
        self._scope = scope
        self._filename = filename
        self._sets: dict[int, tuple[Any, int, list[object]]] = {}

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        kind = type(obj)
        if kind is set or kind is frozenset:
            return self._ordered_set(obj, kind.__name__)
        return ("globals",) if obj is _GLOBALS else None

    def _ordered_set(self, obj: Any, kind: str) -> tuple[Any, ...] | None:
        if id(obj) not in self._sets:
            ordered = canonical_order(obj)
            if ordered is None:
                return None
            # The set is kept, so that its id stays its own.
            self._sets[id(obj)] = (obj, len(self._sets), ordered)
        _, number, ordered = self._sets[id(obj)]
        return (kind, number, ordered)

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, types.FunctionType):
            return self._reduce_function(obj)
        if isinstance(obj, type):
            return self._reduce_class(obj)
        if isinstance(obj, types.CodeType):
            constructor, arguments = internals._code_reduce(obj)
            renamed = [self._filename if a == "<dynamic-code>" else a for a in arguments]
            return constructor, tuple(renamed)
        if isinstance(obj, typing.TypeVar):
            return self._without_tracker(internals._typevar_reduce(obj))
        inner = unwrapped(obj)
        if inner is not obj:
            return operator.getitem, ((inner,), 0)  # on a worker there is only the function
        if isinstance(obj, io.TextIOWrapper):
            # cloudpickle would silently send the content of a text file.
            raise UnpicklableError(f"cannot pickle an open file ({type(obj).__name__})")
        if isinstance(obj, types.ModuleType):
            self._scope.imports.add(obj.__name__)
        elif isinstance(obj, types.BuiltinFunctionType) and obj.__module__:
            self._scope.imports.add(obj.__module__)
        return NotImplemented

    def _reduce_function(self, function: types.FunctionType) -> Any:
        name = self._scope.reference(function)
        if name is not None:
            return self._refer(name)
        if function.__globals__ is not self._scope.namespace:
            reduced = super().reducer_override(function)
            if reduced is NotImplemented:
                self._scope.imports.add(function.__module__)
            return reduced
        self._scope.needs(function.__code__)
        make, arguments, state, *rest = self._dynamic_function_reduce(function)
        # The globals are the generated module's, where ``closure`` has put what the code needs.
        state[1]["__globals__"] = {}
        return make, (arguments[0], _GLOBALS, *arguments[2:]), state, *rest

    def _reduce_class(self, cls: type) -> Any:
        name = self._scope.reference(cls)
        if name is not None:
            return self._refer(name)
        if cls.__module__ == self._scope.home and cls.__module__ != "builtins":
            return self._without_tracker(internals._dynamic_class_reduce(cls))
        reduced = super().reducer_override(cls)
        if reduced is NotImplemented:
            self._scope.imports.add(cls.__module__)
        return self._without_tracker(reduced)

    def _refer(self, name: str) -> Any:
        self._scope.references.add(name.partition(".")[0])
        first, _, rest = name.partition(".")
        if not rest:
            return operator.getitem, (_GLOBALS, first)
        return operator.attrgetter(rest), (self._scope.namespace[first],)

    @staticmethod
    def _without_tracker(reduced: Any) -> Any:
        """Leave out the random id by which cloudpickle recognises a class it has seen."""
        if reduced is NotImplemented or reduced[0] not in _TRACKED:
            return reduced
        make, arguments, *rest = reduced
        last = -1 if make is internals._make_typevar else -2
        changed = list(arguments)
        changed[last] = None
        return make, tuple(changed), *rest


_TRACKED = (
    internals._make_skeleton_class,
    internals._make_skeleton_enum,
    internals._make_typevar,
)
