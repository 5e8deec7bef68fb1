"""A progress widget on top of the HTML, where a kernel's front end may have widgets.

The widget shares the display of the HTML it stands for, and goes away with the last update; so a
front end without widgets shows the HTML, and so does a notebook that is reopened or exported.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jupyter_lambda.notebook.progress import failed_count, progress_line

Json = dict[str, Any]
_VIEW = "application/vnd.jupyter.widget-view+json"


class Bar:
    """An ``IntProgress`` and its words, made when first shown; nothing without widgets."""

    def __init__(self, widgets: ModuleType | None) -> None:
        self._widgets = widgets
        self._box: Any = None
        self._progress: Any = None
        self._words: Any = None

    def follow(self, run: Json) -> Json:
        """Bring the widget up to date; the MIME bundle that shows it."""
        widgets = self._widgets
        if widgets is None:
            return {}
        if self._box is None:
            self._progress = widgets.IntProgress(layout=widgets.Layout(width="480px"))
            self._words = widgets.Label()
            self._box = widgets.VBox([self._words, self._progress])
        self._words.value = progress_line(run)
        self._progress.max = max(run["accepted"], 1)
        self._progress.value = run["ok"] + failed_count(run) + run["cancelled"]
        self._progress.bar_style = "danger" if run["failures"] else ""
        view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
        return {_VIEW: view}

    def close(self) -> None:
        for widget in (self._box, self._words, self._progress):
            if widget is not None:
                widget.close()
        self._box = None


def widgets_of(shell: Any) -> ModuleType | None:
    """``ipywidgets``, or None where it is not installed or the shell is no kernel's."""
    if not hasattr(shell, "kernel"):
        return None
    try:
        import ipywidgets
    except ImportError:
        return None
    module: ModuleType = ipywidgets
    return module
