"""Where an imported module comes from, and what must be done so that a worker has it.

The standard library needs nothing; an installed distribution is recorded with its version; a
local module (a file beside the notebook or the script) is shipped with the package as source.
Looking up distributions is the slow part of packaging, so it is done once per process and only
for modules whose distribution does not simply have the module's name.
"""

from __future__ import annotations

import ast
import functools
import importlib.machinery
import importlib.metadata
import importlib.util
import json
import sys
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote, urlsplit

from jupyter_lambda.capture.names import find_imports
from jupyter_lambda.capture.report import format_bytes
from jupyter_lambda.capture.sourcemap import GENERATED_FILE
from jupyter_lambda.errors import CaptureError

LOCAL_MODULE_MAX_BYTES = 1_000_000
_OURSELVES = "jupyter_lambda"
_SITE_FOLDERS = frozenset({"site-packages", "dist-packages"})
_NOT_SHIPPED = frozenset({"__pycache__", "node_modules"})


class Home(Enum):
    """Who provides a top-level module."""

    STANDARD = auto()
    INSTALLED = auto()
    LOCAL = auto()
    MISSING = auto()


@dataclass(slots=True)
class Modules:
    """The modules that a package needs, collected while it is made."""

    shipped: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Source files of local modules: top-level name -> path in the package -> content."""
    installed: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    initial: set[str] = field(default_factory=set)
    """What shipped modules import as soon as they are imported themselves."""

    def need(self, dotted: str) -> None:
        """Make sure that ``import dotted`` will work on a worker.

        Raises:
            CaptureError: a local module that cannot be shipped.
        """
        top = dotted.partition(".")[0]
        if top in self.shipped or top in self.installed or top in self.missing:
            return
        home = home_of(top)
        if home is Home.INSTALLED:
            self.installed.add(top)
        elif home is Home.MISSING:
            self.missing.add(top)
        elif home is Home.LOCAL:
            self.shipped[top] = files = local_files(top)
            for content in files.values():
                self._need_imports_of(content)

    def _need_imports_of(self, content: bytes) -> None:
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            return  # a data file, or a template
        found = find_imports(tree)
        self.initial |= found.initial
        for name in sorted(found.modules):
            self.need(name)

    def distributions(self) -> dict[str, str]:
        """Name to version of every distribution that is imported."""
        found = dict(entry for top in self.installed for entry in distributions_of(top))
        return dict(sorted(found.items()))


def home_of(top: str) -> Home:
    if top in sys.stdlib_module_names or top in sys.builtin_module_names:
        return Home.STANDARD
    location = _location(top)
    if location is None:
        return Home.MISSING
    if top == _OURSELVES or not location.exists():  # the latter: inside of a zip file
        return Home.INSTALLED
    if _SITE_FOLDERS.intersection(location.parts) or _is_editable(top, location):
        return Home.INSTALLED
    return Home.LOCAL


def _location(top: str) -> Path | None:
    """The file of a module or the folder of a package, whether it was imported yet or not."""
    spec = _spec_of(top)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations)))
    return Path(spec.origin) if spec.origin else None


def _spec_of(top: str) -> importlib.machinery.ModuleSpec | None:
    loaded = sys.modules.get(top)
    if isinstance(loaded, ModuleType) and loaded.__spec__ is not None:
        return loaded.__spec__
    try:
        return importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None


def _is_editable(top: str, location: Path) -> bool:
    """Installed from a source tree: its files are not in a site folder, but pip knows it."""
    return any(
        top in names and location.is_relative_to(root) for root, names in _editable_installs()
    )


@functools.lru_cache(maxsize=1)
def _editable_installs() -> tuple[tuple[Path, frozenset[str]], ...]:
    """Source trees of editable installations with their top-level names, by what pip noted of
    each (PEP 610); a name that is not noted is the distribution's own."""
    installs = []
    for distribution in importlib.metadata.distributions():
        noted = json.loads(distribution.read_text("direct_url.json") or "{}")
        if noted.get("dir_info", {}).get("editable"):
            names = (distribution.read_text("top_level.txt") or "").split()
            own = distribution.name.replace("-", "_")
            root = Path(unquote(urlsplit(noted["url"]).path))
            installs.append((root, frozenset([*names, own])))
    return tuple(installs)


@functools.lru_cache(maxsize=1024)
def distributions_of(top: str) -> tuple[tuple[str, str], ...]:
    """``((name, version), ...)`` of the distributions that provide a top-level module."""
    try:
        found = [importlib.metadata.distribution(top)]
    except (importlib.metadata.PackageNotFoundError, ValueError):
        names = sorted(set(_providers().get(top, ())))
        found = [importlib.metadata.distribution(name) for name in names]
    return tuple((distribution.name, distribution.version) for distribution in found)


@functools.lru_cache(maxsize=1)
def _providers() -> dict[str, list[str]]:
    """Reading every installed distribution takes 0.3 s, hence once per process."""
    return dict(importlib.metadata.packages_distributions())


def local_files(top: str) -> dict[str, bytes]:
    """The files of a local module or package, by their path in the package's zip."""
    location = _location(top)
    if location is None or top == GENERATED_FILE.removesuffix(".py"):
        raise CaptureError(
            f"module {top!r} cannot be shipped: its name is taken by the generated file. "
            "Rename the module."
        )
    if location.is_dir():
        paths = [path for path in sorted(location.rglob("*")) if _is_shipped(path, location)]
        root = location.parent
    else:
        paths, root = [location], location.parent
    if location.suffix in importlib.machinery.EXTENSION_SUFFIXES or location.suffix == ".so":
        raise CaptureError(
            f"module {top!r} ({location.name}) is a compiled extension beside the notebook and "
            "cannot be shipped as source. Install it where the function runs."
        )
    size = sum(path.stat().st_size for path in paths)
    if size > LOCAL_MODULE_MAX_BYTES:
        raise CaptureError(
            f"local module {top!r} has {format_bytes(size)} of files; the limit is "
            f"{format_bytes(LOCAL_MODULE_MAX_BYTES)}. Install it where the function runs, or "
            "import a smaller module."
        )
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def _is_shipped(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    hidden = any(part.startswith(".") or part in _NOT_SHIPPED for part in parts)
    return path.is_file() and not hidden and path.suffix != ".pyc"
