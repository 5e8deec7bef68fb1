"""``%%lambda`` on a cell: package it, run it here, deploy it, bind its name; all or nothing.

What cannot be packaged is neither run nor deployed, what fails here is not deployed, and what the
service refuses is taken back. A cell in the body form is not run here.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jupyter_lambda.capture import CellOrigin, Package, package_cell
from jupyter_lambda.capture.cell import parse_cell
from jupyter_lambda.capture.names import scan
from jupyter_lambda.client.decorator import cell_label
from jupyter_lambda.client.session import Session
from jupyter_lambda.model.function import FunctionConfiguration
from jupyter_lambda.notebook.card import Card

LINES_ABOVE = 1
"""The cell's first line is the magic's own."""


class NotebookCell:
    """A cell under the magic line, as the kernel compiles it and its tracebacks name it."""

    def __init__(self, shell: Any, line: str, source: str) -> None:
        self._shell = shell
        self._source = source
        # A comment stands for the magic's line, so that all others keep their numbers.
        self._text = f"# %%lambda {line}\n{source}"
        number = cell_number(shell)
        filename = shell.compile.cache(self._text, number)
        self._origin = CellOrigin(f"Cell In[{number}]", filename, LINES_ABOVE + 1)

    def package(self, name: str) -> Package:
        """Raises: CellSyntaxError, HandlerNotFound, CaptureError."""
        return package_cell(
            self._source,
            self._shell.user_ns,
            name=name,
            cell=self._origin,
            label_of=cell_label,
        )

    @contextmanager
    def defined_here(self, handler: str | None) -> Iterator[Callable[..., Any] | None]:
        """Run the cell in the kernel and give its handler; undo what it bound if the block fails.

        A cell in the body form is not run, and has no handler to call here.
        """
        if handler is None:
            yield None
            return
        parsed = parse_cell(self._source, self._origin)
        bound = scan(parsed.source, parsed.tree).bound
        namespace = self._shell.user_ns
        before = {name: namespace[name] for name in bound if name in namespace}
        self._run()
        try:
            yield namespace[handler]
        except BaseException:
            for name in bound:
                namespace.pop(name, None)
            namespace.update(before)
            raise

    def bind(self, name: str, function: Any) -> None:
        """Let the function's name stand for it, where the name can be a variable."""
        if name.isidentifier() and not keyword.iskeyword(name):
            self._shell.user_ns[name] = function

    def _run(self) -> None:
        """Execute it as the kernel would have, with its last expression displayed."""
        shell, filename = self._shell, self._origin.filename
        tree = shell.compile.ast_parse(self._text, filename)
        last: ast.Interactive | None = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Interactive([tree.body.pop()])
        exec(shell.compile(tree, filename, "exec"), shell.user_ns)
        if last is not None:
            exec(shell.compile(last, filename, "single"), shell.user_ns)


def cell_number(shell: Any) -> int:
    """The number of the cell that runs now. ``execution_count`` may be the next one's already."""
    return max(len(shell.history_manager.input_hist_parsed) - 1, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """What the magic's line asks for; checked when it is made.

    Raises:
        InvalidParameterValue: a setting that AWS would refuse.
    """

    name: str
    memory_mb: int
    timeout_s: int
    environment: dict[str, str]
    description: str

    def __post_init__(self) -> None:
        FunctionConfiguration(
            name=self.name,
            handler="lambda_function.handler",
            memory_mb=self.memory_mb,
            timeout_s=self.timeout_s,
            environment=self.environment,
            description=self.description,
        )


def dry_run(cell: NotebookCell, order: Order) -> Card:
    """What would be deployed."""
    return _card(order, cell.package(order.name), "dry run", None)


def make_function(connect: Callable[[], Session], cell: NotebookCell, order: Order) -> Card:
    """Package the cell, run it here, deploy it, and bind the function's name.

    A cell that fails here is not deployed; after a deploy that fails, the names that the cell
    binds mean what they meant before.
    """
    package = cell.package(order.name)
    with cell.defined_here(package.function) as local:
        deployment = connect().deploy(
            package,
            name=order.name,
            memory=order.memory_mb,
            timeout=order.timeout_s,
            env=order.environment,
            description=order.description,
            source="magic",
        )
    function = deployment.function
    function.local = local
    cell.bind(order.name, function)
    return _card(order, package, deployment.change, int(function.described["revision"]))


def _card(order: Order, package: Package, change: str, revision: int | None) -> Card:
    return Card(
        name=order.name,
        change=change,
        revision=revision,
        memory_mb=order.memory_mb,
        timeout_s=order.timeout_s,
        environment=tuple(order.environment),
        package=package,
    )
