"""Progress in a notebook: one display per run, rewritten while it runs, static when it is settled.

``ProgressBoard.report`` is what the client calls while it waits. A cell that waits again for an
unsettled run shows the same display, so that no copy of it stays behind; a settled one is never
rewritten, so that a notebook keeps telling what happened in each cell.
"""

from __future__ import annotations

from typing import Any

from jupyter_lambda.notebook.bar import Bar
from jupyter_lambda.notebook.progress import is_settled, progress_html, progress_line

Json = dict[str, Any]


class ProgressBoard:
    """The displays of one kernel."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._open: dict[str, _Display] = {}
        self._settled: dict[str, tuple[Any, ...]] = {}

    def report(self, run: Json) -> None:
        run_id, cell = run["id"], self._shell.execution_count
        if run_id not in self._open and is_settled(run) and self._told(run):
            return
        display = self._open.get(run_id)
        if display is None or display.cell != cell:
            display = _Display(run_id, cell, again=display)
            self._open[run_id] = display
        display.show(run)
        if is_settled(run):
            del self._open[run_id]
            self._settled[run_id] = _outcome(run)

    def _told(self, run: Json) -> bool:
        """An earlier display shows this very outcome."""
        return self._settled.get(run["id"]) == _outcome(run)


class _Display:
    """One run's place in the output of one cell."""

    def __init__(self, run_id: str, cell: int, *, again: _Display | None) -> None:
        self.cell = cell
        self.name: str = again.name if again else f"jupyter_lambda-{run_id}-{cell}"
        self._bar = again.bar if again else Bar()
        self._displayed = False

    @property
    def bar(self) -> Bar:
        return self._bar

    def show(self, run: Json) -> None:
        from IPython.display import display

        bundle: Json = {"text/plain": progress_line(run), "text/html": str(progress_html(run))}
        if is_settled(run):
            self._bar.close()
        else:
            bundle |= self._bar.follow(run)
        display(bundle, raw=True, display_id=self.name, update=self._displayed)  # type: ignore[no-untyped-call]
        self._displayed = True


def _outcome(run: Json) -> tuple[Any, ...]:
    return run["ok"], run["cancelled"], run["finished_at"], tuple(sorted(run["failures"].items()))
