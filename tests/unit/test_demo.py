from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from jupyter_lambda import demo
from jupyter_lambda.demo import Before, Step, Tally, steps, summarize
from jupyter_lambda.errors import DemoError

Json = dict[str, Any]


def markdown(source: str) -> Json:
    return {"cell_type": "markdown", "id": "text", "source": source}


def code(name: str, source: str = "1") -> Json:
    return {"cell_type": "code", "id": name, "source": source}


def usage(requests: int, failures: int, gb_seconds: str, usd: str) -> Json:
    return {
        "requests": requests,
        "failures": failures,
        "gb_seconds": gb_seconds,
        "cost": {"total_usd": usd},
    }


class FakeSession:
    """A service that has seen these functions and runs."""

    def __init__(self, functions: list[Json], runs: list[Json], usages: dict[str, Json]) -> None:
        self._functions = functions
        self._runs = runs
        self._usages = usages

    def overview(self) -> Json:
        bill = {
            "month": "2026-12",
            "list_usd": "0.000104",
            "free_tier_usd": "0.000104",
            "payable_usd": "0",
        }
        return {"functions": self._functions, "runs": self._runs, "usage": {"bill": bill}}

    def usage(self, function: str | None = None, run: str | None = None) -> Json:
        return self._usages[function or run or ""]


def service(functions: list[Json], runs: list[Json], usages: dict[str, Json]) -> Any:
    return FakeSession(functions, runs, usages)


def function(name: str, revision: int) -> Json:
    return {
        "name": name,
        "revision": revision,
        "revision_id": f"{name}-{revision}",
        "memory_mb": 256,
        "timeout_s": 10,
    }


def run(run_id: str, **counts: Any) -> Json:
    return {"id": run_id, "accepted": 365, "ok": 365, "failures": {}, "cancelled": 0} | counts


def test_steps_are_the_code_cells_under_their_headings() -> None:
    cells = [
        code("first-look"),
        markdown("# Title\n\nWords.\n\n## The data\n\nMore words."),
        code("load-data"),
        code("empty", "  \n"),
        markdown("No heading here."),
        code("use-data"),
    ]
    assert steps(cells) == [
        Step(0, 1, "", "first look"),
        Step(2, 2, "The data", "load data"),
        Step(5, 3, "The data", "use data"),
    ]


def test_tally_difference_is_what_was_used_in_between() -> None:
    later = Tally.of(usage(393, 27, "1.25", "0.0001"))
    earlier = Tally.of(usage(3, 0, "0.25", "0.00001"))
    assert later - earlier == Tally(390, 27, Decimal("1.00"), Decimal("0.00009"))
    assert (later - earlier) + earlier == later


def test_summary_tells_of_what_is_new_and_leaves_the_rest_out() -> None:
    old = [function("report", 1), function("rush_hour", 2)]
    before = Before.look(
        service(
            old,
            [run("aaaa")],
            {
                "report": usage(7, 0, "1", "1"),
                "rush_hour": usage(393, 27, "1.301", "0.0001"),
            },
        )
    )
    new = [function("report", 1), function("rush_hour", 4)]
    after = service(
        new,
        [run("bbbb"), run("aaaa")],
        {
            "report": usage(9, 0, "2", "2"),
            "rush_hour": usage(786, 54, "2.602", "0.000204"),
            "bbbb": usage(392, 27, "1.3", "0.0001"),
        },
    )
    text = summarize(after, before)
    assert "rush_hour, revision 4, 256 MB, 10 s" in text
    assert "bbbb: 365 of 365 ok, 27 retried" in text
    assert "393, of which 27 failed" in text
    assert "1.301 GB-seconds" in text
    assert "$0.000104\n  free tier   -$0.000104\n  to pay      $0" in text
    assert "report" not in text
    assert "aaaa" not in text


@pytest.mark.parametrize(
    ("counts", "requests", "expected"),
    [
        ({}, 365, "bbbb: 365 of 365 ok"),
        (
            {"ok": 338, "failures": {"ValueError": 25, "KeyError": 2}},
            365,
            "338 of 365 ok, 27 failed",
        ),
        ({"ok": 5, "cancelled": 360}, 5, "5 of 365 ok, 360 cancelled"),
    ],
)
def test_summary_shows_a_run_as_it_stands(counts: Json, requests: int, expected: str) -> None:
    session = service([], [run("bbbb", **counts)], {"bbbb": usage(requests, 0, "1", "1")})
    text = summarize(session, Before({}, frozenset(), {}))
    assert any(line.endswith(expected) for line in text.splitlines())


def test_missing_package_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "REQUIRED_MODULES", ("json", "no_such_package"))
    with pytest.raises(DemoError, match=r"needs no_such_package.*pip install.*\[quickstart\]"):
        demo.check_requirements()


def test_notebook_is_found_and_every_cell_has_a_heading_and_a_name() -> None:
    cells = json.loads(demo.find_notebook().read_text())["cells"]
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    assert all(step.heading and step.name for step in steps(cells))
