"""The runtime package as a source archive, for workers that have nothing of ours installed."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import jupyter_lambda.runtime

RUNTIME_PACKAGE = "jupyter_lambda_runtime"


def runtime_archive() -> bytes:
    """A zip of ``runtime/`` under a top-level name of its own; the same bytes every time."""
    folder = Path(jupyter_lambda.runtime.__path__[0])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.glob("*.py")):
            entry = zipfile.ZipInfo(f"{RUNTIME_PACKAGE}/{file.name}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return buffer.getvalue()
