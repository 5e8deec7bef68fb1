"""A live function or class as source text that, executed again, gives the same thing.

Refuses (``NotFaithfulError``) whenever the text alone would give something else: closures over
variables, defaults that were computed from a loop variable, names that are gone by now. The
caller then sends the object by value.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import types
from dataclasses import dataclass
from typing import Any

from jupyter_lambda.capture import source as sources
from jupyter_lambda.capture.classes import find_class
from jupyter_lambda.capture.decorators import own_decorator_lines, unwrapped
from jupyter_lambda.capture.names import Names, find_imports, scan
from jupyter_lambda.capture.source import Definition, lambda_target, written_literally


class NotFaithfulError(Exception):
    """Why an object cannot travel as source."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines copied from a file, or, with ``filename`` empty, written by the packager."""

    lines: tuple[str, ...]
    filename: str = ""
    first_line: int = 1


@dataclass(frozen=True, slots=True)
class Written:
    """A definition that is ready to be emitted."""

    blocks: tuple[Block, ...]
    tree: ast.Module
    names: Names
    is_class: bool
    future_annotations: bool

    @property
    def text(self) -> str:
        return "\n".join(line for block in self.blocks for line in block.lines)


def write_definition(name: str, value: Any, namespace: dict[str, Any]) -> Written | None:
    """The source that binds ``name`` to ``value``; ``None`` for what is no definition at all.

    Raises:
        NotFaithfulError: it is a function or class, but the source would not give the same.
    """
    if isinstance(value, type):
        return _write_class(name, value, namespace)
    function = _defined_function(name, value)
    if function is None:
        return None
    definition = sources.find_function(function)
    if definition is None:
        raise NotFaithfulError("its source cannot be found")
    decorated = value is not function
    if decorated and not _foreign_decorators(definition, namespace):
        raise NotFaithfulError("it was wrapped by a call, not by a decorator")
    if function.__closure__:
        raise NotFaithfulError("it keeps variables of the function around it")
    if function.__dict__ and not _foreign_decorators(definition, namespace):
        raise NotFaithfulError("attributes were set on it after its definition")
    _check_name(name, definition)
    _check_defaults(definition, function, namespace)
    return _write(definition, namespace)


def keep_lines(
    lines: tuple[str, ...], first_line: int, filename: str, dropped: set[int]
) -> list[Block]:
    """The lines as blocks of consecutive ones, without those whose numbers are ``dropped``."""
    blocks: list[Block] = []
    start = 0
    for index in range(len(lines) + 1):
        if index == len(lines) or first_line + index in dropped:
            if index > start:
                blocks.append(Block(lines[start:index], filename, first_line + start))
            start = index + 1
    return blocks


def _write_class(name: str, cls: type, namespace: dict[str, Any]) -> Written:
    definition = find_class(cls, namespace)
    if definition is None:
        raise NotFaithfulError("its source cannot be found, or it was changed after its definition")
    _check_name(name, definition)
    return _write(definition, namespace)


def _defined_function(name: str, value: Any) -> types.FunctionType | None:
    """The function that the ``def`` statement made, under any decorators."""
    if not callable(value):
        return None
    if len(getattr(value, "registry", ())) > 1 and hasattr(value, "dispatch"):
        raise NotFaithfulError("functions were registered with it after its definition")
    inner = inspect.unwrap(value)
    if inner is not value:
        return inner if isinstance(inner, types.FunctionType) else None
    if not isinstance(value, types.FunctionType):
        return None
    for cell in value.__closure__ or ():
        held = _content(cell)
        # A decorator without functools.wraps: the original sits in the wrapper's closure.
        if isinstance(held, types.FunctionType) and held.__qualname__ == name:
            return held
    return value


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _foreign_decorators(definition: Definition, namespace: dict[str, Any]) -> bool:
    own = own_decorator_lines(definition.decorators, namespace)
    return any(decorator.lineno not in own for decorator in definition.decorators)


def _check_name(name: str, definition: Definition) -> None:
    node = definition.node
    defined = lambda_target(node) if isinstance(node, ast.Assign) else node.name
    if defined != name:
        raise NotFaithfulError(f"it was defined under another name, {defined!r}")
    first, last = definition.lines[0], definition.lines[-1]
    before = first[: node.col_offset].strip()
    after = last.encode()[node.end_col_offset or 0 :].decode(errors="replace").strip()
    if isinstance(node, ast.Assign) and (before or (after and not after.startswith("#"))):
        raise NotFaithfulError("it shares its line with other statements")


def _check_defaults(
    definition: Definition, function: types.FunctionType, namespace: dict[str, Any]
) -> None:
    node = definition.node.value if isinstance(definition.node, ast.Assign) else definition.node
    if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return
    live = dict(zip(_trailing(node.args), function.__defaults__ or (), strict=False))
    stated = dict(zip(_trailing(node.args), node.args.defaults, strict=False))
    for argument, expression in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
        if expression is not None:
            stated[argument.arg] = expression
    live.update(function.__kwdefaults__ or {})
    for parameter, expression in stated.items():
        if parameter not in live or not _gives(expression, live[parameter], namespace):
            raise NotFaithfulError(f"the default of {parameter!r} was computed when it was defined")


def _trailing(arguments: ast.arguments) -> list[str]:
    in_order = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
    return in_order[len(in_order) - len(arguments.defaults) :]


def _gives(expression: ast.expr, live: Any, namespace: dict[str, Any]) -> bool:
    """Whether the expression, evaluated anew, stands for the live default."""
    if written_literally(expression):
        stated = ast.literal_eval(expression)
        # A list or dict may have been filled since: it is the function's own store.
        return isinstance(live, (list, dict, set)) or (type(live), live) == (type(stated), stated)
    if isinstance(expression, ast.Name):
        return bool(namespace.get(expression.id, getattr(builtins, expression.id, None)) is live)
    for node in ast.walk(expression):
        if isinstance(node, ast.Name) and not _is_definition(node.id, namespace):
            return False
    return True


def _is_definition(name: str, namespace: dict[str, Any]) -> bool:
    value = unwrapped(namespace.get(name, getattr(builtins, name, None)))
    return isinstance(value, types.ModuleType) or callable(value)


def _write(definition: Definition, namespace: dict[str, Any]) -> Written:
    dropped = own_decorator_lines(definition.decorators, namespace)
    blocks = keep_lines(definition.lines, definition.first_line, definition.filename, dropped)
    if definition.indented:
        # Dedenting would change strings that span lines; an enclosing block does not.
        blocks.insert(0, Block(("if True:",)))
    text = "\n".join(line for block in blocks for line in block.lines)
    tree = ast.parse(text)
    if find_imports(tree).relative:
        raise NotFaithfulError("it has a relative import")
    names = scan(text, tree, future_annotations=definition.future_annotations)
    for name in names.eager - names.bound:
        if name not in namespace and not hasattr(builtins, name):
            raise NotFaithfulError(f"its definition needs {name!r}, which is gone")
    return Written(
        tuple(blocks),
        tree,
        names,
        isinstance(definition.node, ast.ClassDef),
        definition.future_annotations,
    )
