"""A cell's text, parsed: the first stage of ``package_cell``.

Guarantees that what follows works on Python that parses. Whatever the notebook would have
translated before running it (magics, ``!`` commands, ``?`` help) is refused here by line,
because a worker has no notebook to translate it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jupyter_lambda.capture.sourcemap import CellOrigin
from jupyter_lambda.errors import CellSyntaxError

_MAGIC = re.compile(
    r"""\s*(?:
        %{1,2}\w+ | !{1,2} | \?{1,2}\S            # %magic  !command  ?help
      | [\w.,\s]+=\s*(?:%\w+|!)                   # name = %magic, name = !command
      | .*\?{1,2}\s*$                             # help?
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that parses. ``lines`` have no line ends; line N of the text is ``lines[N - 1]``."""

    source: str
    lines: tuple[str, ...]
    tree: ast.Module
    origin: CellOrigin


def parse_cell(source: str, origin: CellOrigin) -> Cell:
    """Parse a cell's text.

    Raises:
        CellSyntaxError: it is not Python; the message has the line, its text and a caret.
    """
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = tuple(text.split("\n"))
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise syntax_error(error, lines, origin) from None
    except ValueError as error:  # a null character
        raise CellSyntaxError(f"{origin.label} does not parse: {error}") from None
    return Cell(text, lines, tree, origin)


def syntax_error(
    error: SyntaxError, lines: tuple[str, ...], origin: CellOrigin, *, cell_line: int | None = None
) -> CellSyntaxError:
    """The error in terms of the cell; ``cell_line`` is the line of the text, if not the error's."""
    number = cell_line or error.lineno or 1
    line = lines[number - 1] if 0 < number <= len(lines) else (error.text or "")
    shown = number + origin.first_line - 1
    if _MAGIC.match(line):
        return CellSyntaxError(
            f"{origin.label}, line {shown}: {line.strip()!r} is a notebook command; magics, "
            "! commands and ? help are not available where the function runs. Move the line "
            "to a cell of its own, or write it in Python."
        )
    column = error.offset or 1
    caret = "\n    " + " " * max(column - 1, 0) + "^" if cell_line is None else ""
    return CellSyntaxError(
        f"{origin.label}, line {shown} does not parse: {error.msg}\n    {line}{caret}"
    )


def without_lines(cell: Cell, dropped: Collection[int]) -> Cell:
    """The cell with some of its lines emptied, so that all others keep their numbers."""
    lines = tuple(
        "" if number in dropped else line for number, line in enumerate(cell.lines, start=1)
    )
    return parse_cell("\n".join(lines), cell.origin) if dropped else cell


def future_imports(cell: Cell) -> tuple[set[str], set[int]]:
    """The ``__future__`` features of a cell and the lines that import them."""
    features: set[str] = set()
    lines: set[int] = set()
    for statement in cell.tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            features.update(alias.name for alias in statement.names)
            lines.update(range(statement.lineno, (statement.end_lineno or statement.lineno) + 1))
    return features, lines


def read_before_bound(tree: ast.Module) -> set[str]:
    """Names that the top-level code reads before it binds them, as ``df`` in ``df = df.head()``.

    What they mean is in the notebook, although the cell binds them too.
    """
    early: set[str] = set()
    bound: set[str] = set()
    for statement in tree.body:
        loaded, stored = _own_names(statement)
        early |= loaded - bound
        if isinstance(statement, _BINDS_INSIDE):
            early -= stored - bound
        bound |= stored
    return early & bound


_BINDS_INSIDE = (
    ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.TryStar,
    ast.Match, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef,
)  # fmt: skip


def _own_names(node: ast.AST) -> tuple[set[str], set[str]]:
    """What a statement loads and stores itself; the inside of functions is left out."""
    loaded: set[str] = set()
    stored: set[str] = set()
    if isinstance(node, ast.Name):
        (stored if isinstance(node.ctx, ast.Store) else loaded).add(node.id)
    elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        loaded.add(node.target.id)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        stored.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        stored.add(node.name)
    for child in _executed_children(node):
        inner_loaded, inner_stored = _own_names(child)
        loaded |= inner_loaded
        stored |= inner_stored
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        return loaded - stored, set()
    return loaded, stored


def _executed_children(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [default for default in node.args.kw_defaults if default is not None]
        return [*node.decorator_list, *node.args.defaults, *defaults]
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases]
    return () if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)
