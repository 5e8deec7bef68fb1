"""``%lambda`` and ``%%lambda``: parse the line, call the client, show the answer.

One magic name, as a line and on a cell. Each command gives an object back, so that
``x = %lambda invoke area 3`` works as the line alone does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from IPython.display import display

from jupyter_lambda.client import session
from jupyter_lambda.client.function import Function
from jupyter_lambda.client.progress import set_reporter
from jupyter_lambda.client.run import Run
from jupyter_lambda.notebook import views
from jupyter_lambda.notebook.arguments import HelpShown, parse_cell_line, parse_line
from jupyter_lambda.notebook.call import invoke_showing_output
from jupyter_lambda.notebook.cell import NotebookCell, Order, cell_number, dry_run, make_function
from jupyter_lambda.notebook.completion import Completion
from jupyter_lambda.notebook.live import ProgressBoard
from jupyter_lambda.notebook.markup import Tone
from jupyter_lambda.notebook.payload import iterable, read_payload
from jupyter_lambda.notebook.progress import TerminalReporter, is_settled
from jupyter_lambda.notebook.scope import scope_of
from jupyter_lambda.notebook.table import Lines, Page, Sentence, Shown, Table
from jupyter_lambda.notebook.traceback import readable

Options = argparse.Namespace

NOT_RUNNING = Sentence("no Lambda service runs; it starts with the first function", Tone.WARN)


@magics_class
class LambdaMagics(Magics):
    """The magics of one shell."""

    @property
    def _namespace(self) -> dict[str, Any]:
        assert self.shell is not None
        namespace: dict[str, Any] = self.shell.user_ns
        return namespace

    @no_var_expand
    @line_cell_magic("lambda")  # type: ignore[arg-type]
    def lambda_(self, line: str, cell: str | None = None) -> Any:
        """Functions on the pool.

        ``%%lambda NAME [--memory MB] [--timeout S] [--env K=V]`` makes the cell a function;
        ``%lambda`` shows an overview, and ``%lambda -h`` the commands.
        """
        try:
            with readable(self.shell):
                if cell is not None:
                    return self._cell(line, cell)
                options = parse_line(line)
                return self._command(options.verb)(options)
        except HelpShown:
            return None

    def _cell(self, line: str, source: str) -> None:
        options = parse_cell_line(line)
        order = Order(
            name=options.name,
            memory_mb=options.memory,
            timeout_s=options.timeout,
            environment=dict(options.env),
            description=options.description,
        )
        cell = NotebookCell(self.shell, line, source)
        if options.dry_run:
            card = dry_run(cell, order)
        else:
            card = make_function(session.current, cell, order)
        if not options.quiet:
            display(card)  # type: ignore[no-untyped-call]
        else:
            for warning in card.package.report.warnings:
                sys.stderr.write(f"warning: {warning}\n")

    def _command(self, verb: str | None) -> Callable[[Options], Any]:
        commands: dict[str | None, Callable[[Options], Any]] = {
            None: self._overview,
            "list": self._list,
            "show": self._show,
            "invoke": self._invoke,
            "map": self._map,
            "logs": self._logs,
            "runs": self._runs,
            "run": self._run,
            "retry": self._retry,
            "cancel": self._cancel,
            "cost": self._cost,
            "rm": self._remove,
            "status": self._status,
            "stop": self._stop,
        }
        return commands[verb]

    # -- see ----------------------------------------------------------------------------------

    def _overview(self, _: Options) -> Page:
        return views.overview(session.current().overview())

    def _list(self, _: Options) -> Table:
        return views.functions([f.described for f in session.current().functions()])

    def _show(self, options: Options) -> Page:
        now = session.current()
        recent = now.invocations(function=options.function, limit=10)
        return views.show(now.describe(options.function), recent)

    def _logs(self, options: Options) -> Lines:
        now = session.current()
        return views.logs(now.logs(**scope_of(now, self._named(options.of)), limit=options.limit))

    def _cost(self, options: Options) -> Shown:
        now = session.current()
        if options.of is None:
            content = now.usage(month=options.month)
            of_functions = [] if options.month else now.overview()["functions"]
            return views.bill(content, of_functions)
        scope = scope_of(now, self._named(options.of))
        when = options.month or "all time"
        return views.usage(f"{options.of}, {when}", now.usage(**scope, month=options.month))

    # -- call ---------------------------------------------------------------------------------

    def _invoke(self, options: Options) -> Any:
        event = read_payload(options.payload, self._evaluate)
        return invoke_showing_output(session.current(), options.function, event)

    def _map(self, options: Options) -> Run:
        events = iterable(read_payload(options.events, self._evaluate))
        run = session.current().get(options.function).map(events)
        run.wait()
        return run

    def _evaluate(self, expression: str) -> Any:
        """The value of the author's own code, in their kernel."""
        assert self.shell is not None
        filename = self.shell.compile.cache(expression, cell_number(self.shell))
        return eval(compile(expression, filename, "eval"), self._namespace)

    def _named(self, word: str) -> str:
        """A name or id as it stands, or that of the object that ``:variable`` holds."""
        if not word.startswith((":", "=")):
            return word
        value = read_payload(word, self._evaluate)
        if isinstance(value, Run):
            return value.id
        return value.name if isinstance(value, Function) else str(value)

    # -- runs ---------------------------------------------------------------------------------

    def _runs(self, options: Options) -> Table:
        return views.runs([run.described for run in session.current().runs(options.function)])

    def _run(self, options: Options) -> Run | Sentence:
        now = session.current()
        if options.run is None:
            newest = now.runs(limit=1)
            if not newest:
                return Sentence("no runs yet; %lambda map NAME ITERABLE starts one")
            run = newest[0]
        else:
            run = now.run(self._named(options.run))
        if is_settled(run.described):
            display(views.run(run.described))  # type: ignore[no-untyped-call]
        else:
            run.wait()
        return run

    def _retry(self, options: Options) -> Run:
        run = session.current().run(self._named(options.run)).retry(options.error)
        run.wait()
        return run

    def _cancel(self, options: Options) -> Run:
        run = session.current().run(self._named(options.run)).cancel()
        run.wait()
        return run

    # -- functions and service ----------------------------------------------------------------

    def _remove(self, options: Options) -> Sentence:
        session.current().delete(options.function)
        return Sentence(f"removed {options.function}; its logs and its bill stay")

    def _status(self, _: Options) -> Shown:
        now = session.existing()
        return views.status(now.status()) if now else NOT_RUNNING

    def _stop(self, _: Options) -> Sentence:
        now = session.existing()
        if now is None:
            return NOT_RUNNING
        now.stop()
        return Sentence(f"the service of {now.home} has ended; the next use starts it again")


def load(shell: Any) -> None:
    """Register the magics, the live progress and the completion; called by ``%load_ext``."""
    shell.register_magics(LambdaMagics)
    if hasattr(shell, "kernel"):
        board = ProgressBoard(shell)
        set_reporter(lambda: board.report)
        shell.events.register("post_run_cell", board.rest)
    elif sys.stderr.isatty():
        set_reporter(lambda: TerminalReporter(sys.stderr))
    shell.set_hook("complete_command", Completion(), str_key="%lambda")
