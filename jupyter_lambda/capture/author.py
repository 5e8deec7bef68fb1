"""The author's own part of the generated file: a cell's code, as a module or as a body.

Between ``handler``, which chose the form, and ``generate``, which writes what the code needs above
it. Captures what the code reads; the lines themselves stay as they were written.
"""

from __future__ import annotations

import ast

from jupyter_lambda.capture.adapter import wrap_body
from jupyter_lambda.capture.cell import Cell, read_before_bound, syntax_error
from jupyter_lambda.capture.closure import Closure
from jupyter_lambda.capture.definition import Block
from jupyter_lambda.capture.handler import Handler, Style
from jupyter_lambda.capture.imports import star_names
from jupyter_lambda.capture.names import Names, find_imports, scan
from jupyter_lambda.errors import CaptureError

_TITLE = "the cell"


def author_blocks(cell: Cell, handler: Handler, names: Names, closure: Closure) -> list[Block]:
    """The cell's own code, after everything that it reads has been captured.

    Raises:
        CaptureError: what it reads cannot or should not be shipped, or is certain to be missing.
        CellSyntaxError: in the body form, what a function cannot contain.
    """
    early = read_before_bound(cell.tree) & closure.namespace.keys()
    if handler.style is Style.BODY:
        return _as_body(cell, handler, names, closure, early=early)
    closure.bound = frozenset(names.bound - early)
    _bind_star_names(cell.tree, closure)
    closure.follow(_TITLE, Names(early | names.eager, names.lazy, names.optional), cell.tree)
    _refuse_undefined(cell, closure, names)
    blank = len(cell.lines) - len("\n".join(cell.lines).lstrip("\n").split("\n"))
    return [Block(cell.lines[blank:], cell.origin.filename, cell.origin.first_line + blank)]


def _as_body(
    cell: Cell, handler: Handler, names: Names, closure: Closure, *, early: set[str]
) -> list[Block]:
    """The cell as a function; ``early`` names start each call with the captured value."""
    split, body = wrap_body(cell.lines, cell.tree)
    parameters = ["event", "context", *(f"{name}={name}" for name in sorted(early))]
    head = [f"def {handler.name}({', '.join(parameters)}):"]
    shared = sorted(names.assigned_global & names.bound)
    head += [f"    global {', '.join(shared)}"] if shared else []
    text = "\n".join([*cell.lines[:split], *head, *body])
    try:
        tree = ast.parse(text)
        wrapped = scan(text, tree, future_annotations=closure.future_annotations)
    except SyntaxError as error:
        line = max((error.lineno or 1) - len(head), 1)
        raise syntax_error(error, cell.lines, cell.origin, cell_line=line) from None
    closure.bound = frozenset(wrapped.bound)
    _bind_star_names(tree, closure)
    closure.follow(_TITLE, wrapped, tree)
    first = cell.origin.first_line
    return [
        Block(cell.lines[:split], cell.origin.filename, first),
        Block(("", "", *head) if split else tuple(head)),
        Block(tuple(body), cell.origin.filename, first + split),
    ]


def _bind_star_names(tree: ast.Module, closure: Closure) -> None:
    for module in find_imports(tree).star:
        bound = star_names(module)
        closure.knows_all_names &= bound is not None
        closure.bound |= bound or set()


def _refuse_undefined(cell: Cell, closure: Closure, names: Names) -> None:
    """Code at the cell's top level that cannot but raise NameError is refused at once."""
    if not closure.knows_all_names:
        return
    missing = closure.undefined.keys() & names.eager
    simple = (ast.Assign, ast.Expr, ast.AugAssign, ast.AnnAssign)
    for statement in cell.tree.body:
        for node in ast.walk(statement) if isinstance(statement, simple) else ():
            if isinstance(node, ast.Name) and node.id in missing:
                raise CaptureError(
                    f"{cell.origin.label}, line {node.lineno + cell.origin.first_line - 1} reads "
                    f"{node.id!r} as soon as the function is loaded, but it is defined nowhere. "
                    "Define it in the notebook, or read it inside the function."
                )


def import_time_warnings(cell: Cell, handler: Handler) -> list[str]:
    """A call below the definitions, meant as a quick test, also runs on the worker."""
    last = cell.tree.body[-1]
    if handler.style is Style.BODY or not isinstance(last, ast.Expr):
        return []
    if isinstance(last.value, ast.Constant):
        return []
    line = last.lineno + cell.origin.first_line - 1
    return [
        f"line {line} ({ast.unparse(last)[:60]}) is outside of the handler: it runs each time an "
        "environment starts, before the first event"
    ]
