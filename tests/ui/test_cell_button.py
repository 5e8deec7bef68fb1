"""The button in a cell's toolbar that makes the cell a function."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.lab import MAKE_FUNCTION, Lab

PLAIN = "def perimeter(event, context):\n    return 4 * event['side']"
PRESS = "Make this cell a function"
LOAD = "%load_ext jupyter_lambda"
MADE = {
    "": "%%lambda my_function\ndef my_function(event, context):\n    return event\n",
    "x = 1": "%%lambda my_function\nx = 1",
    "def a(x): ...\nasync def b(x): ...": "%%lambda b\ndef a(x): ...\nasync def b(x): ...",
    "class A:\n    def b(self): ...": "%%lambda my_function\nclass A:\n    def b(self): ...",
    "%%time\nx = 1": "%%time\nx = 1",
}
"""What the button makes of a cell."""


def test_button_makes_the_cell_a_function(lab: Lab) -> None:
    lab.open_notebook("plain", PLAIN, "perimeter.invoke({'side': 3})")
    lab.show_panel()
    cell = lab.select_cell(0)
    cell.hover()
    lab.page.get_by_role("button", name=PRESS).first.click()
    lab.page.wait_for_function("() => document.querySelectorAll('.jp-CodeCell').length === 3")
    assert lab.sources()[:2] == [LOAD, f"%%lambda perimeter\n{PLAIN}"]
    lab.run_cell(1)
    lab.run_cell(2)
    expect(lab.cell(2).locator(".jp-OutputArea-output")).to_contain_text("12")
    expect(lab.page.get_by_test_id("jl-function-perimeter")).to_contain_text("1 call ·")
    lab.picture("button")


def test_button_changes_nothing_when_the_cell_is_a_function_already(lab: Lab) -> None:
    before = lab.sources()
    lab.select_cell(1)
    lab.command(MAKE_FUNCTION)
    expect(lab.page.get_by_text("This cell is a function already.")).to_be_visible()
    assert lab.sources() == before


def test_button_names_the_function_after_the_last_def(lab: Lab) -> None:
    lab.open_notebook("cells", LOAD, *MADE)
    for number in range(1, len(MADE) + 1):
        lab.select_cell(number)
        lab.command(MAKE_FUNCTION)
    assert lab.sources() == [LOAD, *MADE.values()]
    expect(lab.page.get_by_text("This cell begins with %%time")).to_be_visible()
