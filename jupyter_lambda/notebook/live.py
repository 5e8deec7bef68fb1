"""Progress in a notebook: one display per run, rewritten while it runs, static when it is settled.

``ProgressBoard.report`` is what the client calls while it waits, ``rest`` what IPython calls when a
cell ends. A cell that waits again for an unsettled run shows the same display, so that no copy of
it stays behind; a settled one is never rewritten, so that a notebook keeps telling what happened
in each cell.
"""

from __future__ import annotations

from typing import Any

from jupyter_lambda.clock import new_run_id
from jupyter_lambda.notebook.bar import Bar, widgets_of
from jupyter_lambda.notebook.progress import is_settled, progress_html, progress_line

Json = dict[str, Any]
_REDRAW_EVERY = 4
"""Of so many reports one redraws the output around a widget, which moves by itself meanwhile."""


class ProgressBoard:
    """The displays of one kernel."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._open: dict[str, _Display] = {}
        self._settled: dict[str, tuple[Any, ...]] = {}

    def report(self, run: Json) -> None:
        run_id = run["id"]
        if run_id not in self._open and is_settled(run) and self._told(run):
            return
        if run_id not in self._open:
            self._open[run_id] = _Display(run_id, Bar(widgets_of(self._shell)))
        display = self._open[run_id]
        display.show(run)
        if is_settled(run):
            del self._open[run_id]
            self._settled[run_id] = _outcome(run)

    def rest(self, _: Any = None) -> None:
        """The cell has ended: what it shows of unsettled runs must read well when reopened."""
        for display in self._open.values():
            display.rest()

    def _told(self, run: Json) -> bool:
        """An earlier display shows this very outcome."""
        return self._settled.get(run["id"]) == _outcome(run)


class _Display:
    """One run's progress, in the output of each cell that has waited for it."""

    def __init__(self, run_id: str, bar: Bar) -> None:
        self._name = f"jupyter_lambda-{run_id}-{new_run_id()}"
        self._bar = bar
        self._reports = 0
        self._last: Json = {}

    def show(self, run: Json) -> None:
        self._last = run
        if is_settled(run):
            self._bar.close()
            self._draw({})
            return
        widget = self._bar.follow(run)
        if not widget or self._reports % _REDRAW_EVERY == 0:
            self._draw(widget)
        self._reports += 1

    def rest(self) -> None:
        if self._reports:
            self._bar.close()
            self._draw({})
            self._reports = 0

    def _draw(self, widget: Json) -> None:
        from IPython.display import display

        run = self._last
        bundle = {"text/plain": progress_line(run), "text/html": str(progress_html(run)), **widget}
        update = self._reports > 0
        display(bundle, raw=True, display_id=self._name, update=update)  # type: ignore[no-untyped-call]


def _outcome(run: Json) -> tuple[Any, ...]:
    return run["ok"], run["cancelled"], run["finished_at"], tuple(sorted(run["failures"].items()))
