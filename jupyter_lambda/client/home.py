"""Where a service keeps its state: one home, one service."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "JUPYTER_LAMBDA_HOME"


def default_home() -> Path:
    """``JUPYTER_LAMBDA_HOME``, else ``lambda`` in Jupyter's data directory."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen)
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "lambda"
