"""The code store: each zip once, under its SHA-256, in ``<home>/code/``.

A zip appears under its name complete or not at all, and is checked against its name whenever it is
read, so that a worker never runs code that differs from what was deployed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Set
from pathlib import Path

from jupyter_lambda.errors import ResourceNotFound, ServiceFault

_SUFFIX = ".zip"


class CodeStore:
    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, zip_bytes: bytes) -> str:
        """Keep a zip and return its SHA-256 in hexadecimal. Idempotent."""
        digest = hashlib.sha256(zip_bytes).hexdigest()
        path = self.path(digest)
        if path.exists():
            return digest
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.root, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(zip_bytes)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return digest

    def get(self, digest: str) -> bytes:
        """The zip of that digest.

        Raises:
            ResourceNotFound: there is none.
            ServiceFault: the file no longer has this digest.
        """
        path = self.path(digest)
        try:
            zip_bytes = path.read_bytes()
        except FileNotFoundError:
            raise ResourceNotFound(f"Code not found: {digest}. Deploy the function again") from None
        if hashlib.sha256(zip_bytes).hexdigest() != digest:
            raise ServiceFault(
                f"the code in {path} is damaged: it does not have the digest in its name. "
                "Delete the file and deploy the function again"
            )
        return zip_bytes

    def path(self, digest: str) -> Path:
        return self.root / f"{digest}{_SUFFIX}"

    def delete_unreferenced(self, referenced: Set[str]) -> list[str]:
        """Remove the zips that nothing refers to, and what a crash left half written.

        For the start, before work: a zip that was just put and is not yet referred to would go.
        """
        if not self.root.is_dir():
            return []
        stale = [path for path in self.root.iterdir() if path.stem not in referenced]
        for path in stale:
            path.unlink(missing_ok=True)
        return sorted(path.stem for path in stale if path.suffix == _SUFFIX)
