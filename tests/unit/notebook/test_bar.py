from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import comm
import ipywidgets
import pytest

from jupyter_lambda.notebook.bar import Bar, widgets_of


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> Bar:
    """As in a kernel, with comms that lead nowhere."""
    monkeypatch.setattr(comm, "create_comm", lambda **_: comm.DummyComm())
    return Bar(ipywidgets)


def test_bar_follows_the_run_with_one_widget(bar: Bar, make_run: Any) -> None:
    first = bar.follow(make_run(failures={}))
    second = bar.follow(make_run())
    assert first == second
    assert list(first) == ["application/vnd.jupyter.widget-view+json"]
    progress = bar._progress
    assert (progress.value, progress.max, progress.bar_style) == (815, 1_000, "danger")


def test_bar_that_was_closed_starts_anew(bar: Bar, make_run: Any) -> None:
    first = bar.follow(make_run())
    bar.close()
    bar.close()
    assert bar.follow(make_run()) != first


def test_bar_is_nothing_outside_of_a_kernel(make_run: Any) -> None:
    assert widgets_of(SimpleNamespace(kernel=None)) is ipywidgets
    assert widgets_of(SimpleNamespace()) is None
    assert Bar(None).follow(make_run()) == {}
