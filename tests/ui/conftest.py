"""A real JupyterLab, a real Lambda service and a real browser, one of each for a module.

Without Chromium the tests are skipped and say so; in CI they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests import jupyter
from tests.conftest import end_service
from tests.ui.lab import Lab

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 30_000
SIZE = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chosen = os.environ.get("CHROMIUM")
    found = chosen or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if found is None:
        missing = "no Chromium is installed, and CHROMIUM names none"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def lab_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("service") / "home"
    yield home
    end_service(home)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, lab_home: Path) -> Iterator[jupyter.Jupyter]:
    with jupyter.running("jupyterlab", tmp_path_factory.mktemp("lab"), lab_home) as started:
        yield started


@pytest.fixture(scope="module")
def lab(
    browser: Browser, server: jupyter.Jupyter, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """One page for all tests of a module, which tell one story."""
    page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
    page.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    yield Lab(page, server, tmp_path_factory.mktemp("screenshots"))
    page.close()
