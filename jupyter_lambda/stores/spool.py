"""Payloads too large for a row, one file each under ``<home>/spool/<run>/``.

A file is written before the row that refers to it is committed, and removed with its run. So a
committed row always finds its file, and a file without a row is the rest of a crash: it is
overwritten by the next writer of that name, or swept with its run.
"""

from __future__ import annotations

import shutil
from collections.abc import Set
from pathlib import Path

from jupyter_lambda.errors import ServiceFault

INLINE_MAX_BYTES = 65_536
"""Payloads up to this size live in the row itself."""


class Spool:
    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, run_id: str, name: str, payload: bytes) -> None:
        folder = self.root / run_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / name).write_bytes(payload)

    def read(self, run_id: str, name: str, size_bytes: int) -> bytes:
        """The payload of a committed row.

        Raises:
            ServiceFault: the file is gone or does not have the size that the row recorded.
        """
        path = self.root / run_id / name
        try:
            payload = path.read_bytes()
        except OSError as error:
            raise ServiceFault(
                f"payload {name} of run {run_id} cannot be read from the spool: {error}"
            ) from error
        if len(payload) != size_bytes:
            raise ServiceFault(
                f"payload {name} of run {run_id} is damaged: {path} has {len(payload)} bytes, "
                f"not {size_bytes}"
            )
        return payload

    def remove(self, run_id: str) -> None:
        """Forget all payloads of a run; those of a run without any are forgotten already."""
        shutil.rmtree(self.root / run_id, ignore_errors=True)

    def sweep(self, known_runs: Set[str]) -> None:
        """Remove what runs unknown to the database have left behind. For the start, before work."""
        if not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            if folder.name not in known_runs:
                self.remove(folder.name)
