"""The handler rule: which function of a cell Lambda calls, and how an event becomes its arguments.

Precedence, first match wins; only ``def`` at the cell's top level count:

1. the ``def`` that has the function's own name (hyphens read as underscores);
2. the last ``def`` whose first parameter is ``event``;
3. ``handler`` or ``lambda_handler``, however the cell binds it;
4. the cell's body, when it reads a free ``event`` (inside of functions only if the cell also
   ends in an expression);
5. the last ``def`` of any kind, its parameters filled from the event's keys;
6. the cell's body, when it uses ``event`` at all or ends in an expression.

In the body form the cell becomes the body of a function with ``event`` and ``context`` in scope,
and its last expression is the result.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from jupyter_lambda.capture.cell import Cell
from jupyter_lambda.capture.names import Names
from jupyter_lambda.errors import HandlerNotFound

HANDLER_NAMES = ("handler", "lambda_handler")
_CONTEXT_NAMES = ("context", "ctx")

Def = ast.FunctionDef | ast.AsyncFunctionDef


class Style(Enum):
    """How the handler is called."""

    EVENT_AND_CONTEXT = auto()
    EVENT = auto()
    KEYS = auto()
    """The event's keys are the keyword arguments."""
    NOTHING = auto()
    """The function takes no parameters; the event is ignored."""
    BODY = auto()


@dataclass(frozen=True, slots=True)
class Parameters:
    """A signature, from source or from a live function."""

    positional_only: tuple[str, ...] = ()
    positional: tuple[str, ...] = ()
    keyword_only: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    any_positional: bool = False
    any_keyword: bool = False

    @property
    def in_order(self) -> tuple[str, ...]:
        return self.positional_only + self.positional

    @property
    def names(self) -> tuple[str, ...]:
        return self.in_order + self.keyword_only


@dataclass(frozen=True, slots=True)
class Handler:
    """The choice: a name of the generated module and the way to call it."""

    name: str
    style: Style
    parameters: Parameters = Parameters()


def find_handler(cell: Cell, names: Names, function_name: str) -> Handler:
    """Apply the handler rule to a cell.

    Raises:
        HandlerNotFound: nothing qualifies, or what qualifies cannot be a handler.
    """
    wanted = function_name.replace("-", "_")
    defs = [node for node in cell.tree.body if isinstance(node, Def)]
    named = [node for node in defs if node.name == wanted]
    event_first = [node for node in defs if _takes_event(parameters_of_def(node))]
    if named or event_first:
        return _from_def((named or event_first)[-1])
    for conventional in HANDLER_NAMES:
        matching = [node for node in defs if node.name == conventional]
        if matching:
            return _from_def(matching[-1])
        if conventional in names.bound:
            return Handler(conventional, Style.EVENT_AND_CONTEXT)
    has_result = bool(cell.tree.body) and isinstance(cell.tree.body[-1], ast.Expr)
    if "event" in names.eager or (has_result and "event" in names.lazy):
        return _from_body(cell)
    if defs:
        return _from_def(defs[-1])
    if has_result or "event" in names.lazy:
        return _from_body(cell)
    raise HandlerNotFound(_not_found(cell, wanted))


def _not_found(cell: Cell, wanted: str) -> str:
    what = "has no code" if not cell.tree.body else "has no handler"
    return (
        f"{cell.origin.label} {what}: looked for a top-level def named {wanted!r}, a def whose "
        "first parameter is 'event', a def named 'handler' or 'lambda_handler', any other def, "
        "and a body that uses 'event' or ends in an expression. Write for example: "
        f"def {wanted}(event, context): ..."
    )


def handler_of_callable(function: Callable[..., Any], name: str) -> Handler:
    """The way to call a live function, bound to ``name`` in the generated module.

    Raises:
        HandlerNotFound: it is a coroutine function or a generator function.
    """
    target = inspect.unwrap(function)
    if inspect.iscoroutinefunction(target) or inspect.isasyncgenfunction(target):
        raise HandlerNotFound(_ASYNC.format(name=name))
    if inspect.isgeneratorfunction(target):
        raise HandlerNotFound(_GENERATOR.format(name=name))
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # many built-in functions have none
        return Handler(name, Style.EVENT)
    parameters = parameters_of_signature(signature)
    return _choose_style(name, parameters)


def parameters_of_def(node: Def) -> Parameters:
    arguments = node.args
    in_order = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]
    split = len(arguments.posonlyargs)
    required = in_order[: len(in_order) - len(arguments.defaults)]
    keyword_only = [argument.arg for argument in arguments.kwonlyargs]
    required += [
        name
        for name, default in zip(keyword_only, arguments.kw_defaults, strict=True)
        if default is None
    ]
    return Parameters(
        positional_only=tuple(in_order[:split]),
        positional=tuple(in_order[split:]),
        keyword_only=tuple(keyword_only),
        required=frozenset(required),
        any_positional=arguments.vararg is not None,
        any_keyword=arguments.kwarg is not None,
    )


def parameters_of_signature(signature: inspect.Signature) -> Parameters:
    by_kind: dict[Any, list[str]] = {}
    for parameter in signature.parameters.values():
        by_kind.setdefault(parameter.kind, []).append(parameter.name)
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return Parameters(
        positional_only=tuple(by_kind.get(inspect.Parameter.POSITIONAL_ONLY, ())),
        positional=tuple(by_kind.get(inspect.Parameter.POSITIONAL_OR_KEYWORD, ())),
        keyword_only=tuple(by_kind.get(inspect.Parameter.KEYWORD_ONLY, ())),
        required=frozenset(
            parameter.name
            for parameter in signature.parameters.values()
            if parameter.default is parameter.empty and parameter.kind not in variable
        ),
        any_positional=inspect.Parameter.VAR_POSITIONAL in by_kind,
        any_keyword=inspect.Parameter.VAR_KEYWORD in by_kind,
    )


_ASYNC = (
    "handler {name!r} is an async function: Lambda's Python runtime does not await handlers. "
    "Write a plain def that calls asyncio.run(...)."
)
_GENERATOR = (
    "handler {name!r} is a generator function: its result could not be sent back. "
    "Return a list instead of yielding."
)


def _from_def(node: Def) -> Handler:
    if isinstance(node, ast.AsyncFunctionDef):
        raise HandlerNotFound(_ASYNC.format(name=node.name))
    if any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in _own_code(node.body)):
        raise HandlerNotFound(_GENERATOR.format(name=node.name))
    return _choose_style(node.name, parameters_of_def(node))


def _from_body(cell: Cell) -> Handler:
    for part in _own_code(cell.tree.body):
        if isinstance(part, (ast.Await, ast.AsyncFor, ast.AsyncWith)):
            raise HandlerNotFound(
                f"{cell.origin.label} awaits at its top level: Lambda's Python runtime does not "
                "await handlers. Call asyncio.run(...) instead."
            )
        if isinstance(part, (ast.Yield, ast.YieldFrom)):
            raise HandlerNotFound(
                f"{cell.origin.label} yields at its top level: end it with a value instead."
            )
    return Handler("lambda_handler", Style.BODY)


def _own_code(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """All nodes that run in the same frame as the statements."""
    waiting: list[ast.AST] = list(statements)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))


def _takes_event(parameters: Parameters) -> bool:
    return bool(parameters.in_order) and parameters.in_order[0].strip("_") == "event"


def _takes_context_second(parameters: Parameters) -> bool:
    in_order = parameters.in_order
    return len(in_order) > 1 and in_order[1].strip("_") in _CONTEXT_NAMES


def _choose_style(name: str, parameters: Parameters) -> Handler:
    if not parameters.names and not parameters.any_positional and not parameters.any_keyword:
        return Handler(name, Style.NOTHING, parameters)
    if not (_takes_event(parameters) or name in HANDLER_NAMES):
        return Handler(name, Style.KEYS, parameters)
    required = [parameter for parameter in parameters.in_order if parameter in parameters.required]
    excess = required[2:] + [key for key in parameters.keyword_only if key in parameters.required]
    if excess:
        raise HandlerNotFound(
            f"handler {name!r} needs more than an event and a context: {', '.join(excess)}. "
            "Give these parameters defaults, or take them from the event."
        )
    both = len(required) == 2 or parameters.any_positional or _takes_context_second(parameters)
    return Handler(name, Style.EVENT_AND_CONTEXT if both else Style.EVENT, parameters)
