"""A person's way through the panel, told in order: each test goes on where the one before ended."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ui.lab import Lab

FUNCTION = """%%lambda area --memory 256 --timeout 5
def area(event, context):
    print("side", event["side"])
    return event["side"] ** 2
"""
FAILING_ITEMS = "area.map([{'side': 2}, {'wide': 2}, {'side': 4}]).results(errors='skip')"
WIDE, NARROW = 380, 200


def test_panel_says_plainly_that_the_service_is_down(lab: Lab) -> None:
    lab.open_notebook(
        "story", "%load_ext jupyter_lambda", FUNCTION, "area.invoke({'side': 3})", FAILING_ITEMS
    )
    panel = lab.show_panel()
    lab.set_sidebar_width(WIDE)
    expect(panel.get_by_test_id("jl-service-down")).to_contain_text(
        "The Lambda service is not running"
    )
    expect(panel.get_by_role("button", name="Functions")).to_be_hidden()
    lab.picture("1-down")
    assert lab.errors == []


def test_start_button_brings_the_panel_to_life(lab: Lab) -> None:
    lab.page.get_by_test_id("jl-start").click()
    expect(lab.page.get_by_test_id("jl-header")).to_contain_text("Pool")
    expect(lab.page.get_by_test_id("jl-no-functions")).to_contain_text("%%lambda NAME")
    lab.picture("2-empty")


def test_function_appears_when_its_cell_is_run(lab: Lab) -> None:
    lab.run_cell(0)
    lab.run_cell(1)
    row = lab.page.get_by_test_id("jl-function-area")
    expect(row).to_contain_text("256 MB · 5 s · 0 calls")
    lab.picture("3-function")


def test_result_appears_when_the_function_is_invoked(lab: Lab) -> None:
    lab.run_cell(2)
    expect(lab.cell(2).locator(".jp-OutputArea-output")).to_contain_text("9")
    row = lab.page.get_by_test_id("jl-function-area")
    expect(row).to_contain_text("1 call ·")
    expect(row.get_by_text("Last result: OK")).to_be_attached()
    expect(lab.page.get_by_test_id("jl-invocation-area")).to_contain_text("billed")


def test_logs_unfold_by_keyboard_under_the_invocation(lab: Lab) -> None:
    function = lab.page.get_by_test_id("jl-function-area")
    function.get_by_role("button").first.focus()
    lab.page.keyboard.press("Enter")
    nested = function.locator(".jl-Detail").get_by_test_id("jl-invocation-area")
    nested.get_by_role("button").focus()
    lab.page.keyboard.press("Enter")
    log = nested.get_by_test_id("jl-log")
    expect(log).to_contain_text("START RequestId")
    expect(log).to_contain_text("side 3")
    expect(log).to_contain_text("Billed Duration")
    lab.picture("4-logs")


def test_run_with_a_failure_never_looks_complete(lab: Lab) -> None:
    lab.run_cell(3)
    run = lab.page.locator("[data-testid^=jl-run-]")
    expect(run).to_contain_text("2 of 3 ok · 1 failed")
    expect(run).not_to_contain_text("Succeeded")
    run.get_by_role("button").first.click()
    expect(run.get_by_label("Failures by error")).to_contain_text("1 × KeyError")  # noqa: RUF001
    lab.picture("5-run")


def test_panel_fits_the_dark_theme_and_a_narrow_sidebar(lab: Lab) -> None:
    lab.set_theme("JupyterLab Dark")
    lab.picture("6-dark")
    lab.set_sidebar_width(NARROW)
    row = lab.page.get_by_test_id("jl-function-area").get_by_role("button").first
    expect(row).to_be_visible()
    overflow = row.evaluate("row => row.scrollWidth - row.clientWidth")
    lab.picture("7-narrow")
    lab.set_theme("JupyterLab Light")
    assert overflow <= 0


def test_panel_says_down_again_when_the_service_is_stopped(lab: Lab) -> None:
    lab.page.get_by_role("button", name="Stop the Lambda service").click()
    lab.page.get_by_role("button", name="Stop", exact=True).click()
    expect(lab.page.get_by_test_id("jl-service-down")).to_be_visible()
    lab.picture("9-stopped")
    assert lab.errors == []
