"""JupyterLab as a person sees it: notebooks, cells, the Lambda panel, and pictures of all that."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

from tests.jupyter import TOKEN, Jupyter

KERNEL_READY = """() => {
  const session = window.jupyterapp.shell.currentWidget?.sessionContext;
  return session?.isReady && session.session?.kernel?.status === 'idle';
}"""
SIDEBAR_WIDTH = """width => {
  const split = window.jupyterapp.shell._hsplitPanel;
  const total = split.node.getBoundingClientRect().width;
  split.setRelativeSizes([width, total - width, 0]);
}"""
SHOW_PANEL = "jupyter-lambda:show-panel"
MAKE_FUNCTION = "jupyter-lambda:make-function"


@dataclass
class Lab:
    page: Page
    server: Jupyter
    pictures: Path
    errors: list[str] = field(default_factory=list)
    """What the page's console has complained of."""

    def open_notebook(self, name: str, *cells: str) -> None:
        """Write a notebook of these code cells and open it, with its kernel ready."""
        path = self.server.notebooks / f"{name}.ipynb"
        path.write_text(json.dumps(notebook(cells)))
        self.page.on("console", self._note)
        self.page.goto(f"{self.server.url}lab/tree/{path.name}?reset&token={TOKEN}")
        self.page.wait_for_function("() => window.jupyterapp?.shell.currentWidget?.content")
        self.page.wait_for_function(KERNEL_READY)

    def command(self, name: str, **arguments: str) -> None:
        self.page.evaluate(
            "([name, args]) => { void window.jupyterapp.commands.execute(name, args); }",
            [name, arguments],
        )

    def show_panel(self) -> Locator:
        self.command(SHOW_PANEL)
        panel = self.page.locator("#jupyter-lambda-panel")
        panel.wait_for()
        return panel

    def cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def select_cell(self, number: int) -> Locator:
        cell = self.cell(number)
        cell.locator(".jp-InputPrompt").click()
        return cell

    def run_cell(self, number: int) -> None:
        """Run a cell and wait until the kernel is done with it."""
        self.select_cell(number)
        self.page.keyboard.press("Control+Enter")
        prompt = self.cell(number).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))

    def sources(self) -> list[str]:
        """The source of each cell, as the notebook would be saved."""
        sources: list[str] = self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
            ".map(cell => cell.getSource())"
        )
        return sources

    def set_theme(self, name: str) -> None:
        self.command("apputils:change-theme", theme=name)
        light = "true" if "Light" in name else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")

    def set_sidebar_width(self, pixels: int) -> None:
        self.page.evaluate(SIDEBAR_WIDTH, pixels)

    def picture(self, name: str) -> Path:
        path = self.pictures / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)


def notebook(cells: tuple[str, ...]) -> dict[str, object]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(cells)
        ],
    }
