from __future__ import annotations

from typing import Any

from jupyter_lambda.notebook import views

USAGE = {
    "requests": 1_204,
    "failures": 2,
    "billed_duration_ms": 10_000,
    "gb_seconds": "2.5",
    "cost": {
        "requests_usd": "0.0002408",
        "duration_usd": "0.0000417",
        "total_usd": "0.0002825",
        "price_table": "us-east-1 x86_64 2026-09",
    },
}
BILL = {
    "month": "2026-12",
    "list_usd": "0.0002825",
    "free_tier_usd": "0.0002825",
    "payable_usd": "0",
    "free_requests_used": 1_204,
    "free_gb_seconds_used": "2.5",
}
STATUS: dict[str, Any] = {
    "pid": 12,
    "url": "http://127.0.0.1:8",
    "home": "/home",
    "version": "0.1.0",
    "started_at": "2026-12-01T10:00:00+00:00",
    "functions": 1,
    "running": 3,
    "queued": 4,
    "runs": 1,
    "idle_timeout_s": 600,
    "pool": {
        "kind": "embedded",
        "state": "failed",
        "detail": "no memory",
        "scheduler": "tcp://127.0.0.1:9",
        "workers": [
            {
                "name": name,
                "address": "127.0.0.1:1",
                "pid": 1,
                "host": "h",
                "threads": 2,
                "memory_mb": 4_000,
                "environments": 1,
                "running": 1,
                "starter": name == "starter",
            }
            for name in ("starter", "w0", "w1")
        ],
    },
}


def test_functions_show_their_last_result(make_function: Any, make_attempt: Any) -> None:
    shown = repr(
        views.functions(
            [
                make_function(),
                make_function(name="new", last=None),
                make_function(
                    name="bad", last=make_attempt(outcome="timeout", error_type="Sandbox.Timedout")
                ),
            ]
        )
    )
    assert "not run yet" in shown
    assert "timeout: Sandbox.Timedout" in shown


def test_runs_name_their_failures(make_run: Any) -> None:
    shown = repr(views.runs([make_run(state="failed")]))
    assert "3 (2 Sandbox.Timedout, 1 KeyError)" in shown


def test_run_says_how_to_go_on_in_the_words_of_its_door(make_run: Any) -> None:
    failed = make_run(state="failed", queued=0, running=0)
    assert "%lambda retry 5f2c81d09a3e" in repr(views.run(failed))
    assert "jupyter lambda retry 5f2c81d09a3e" in repr(views.run(failed, "jupyter lambda"))
    assert "again" not in repr(views.run(make_run(state="succeeded", failures={})))


def test_show_has_settings_captures_and_invocations(make_function: Any, make_attempt: Any) -> None:
    captures = [{"name": "rates", "kind": "asset", "bytes": 368_900, "by": "value"}]
    content = make_function(
        environment={"MODE": "fast"}, description="fits", manifest={"captures": captures}
    )
    shown = repr(views.show(content, [make_attempt()]))
    for words in ("fits", "MODE=fast", "rates", "368.9 kB", "114 ms", "38/256 MB"):
        assert words in shown


def test_log_lines_stand_under_their_time() -> None:
    line = {
        "sequence": 1,
        "timestamp": "2026-12-01T10:00:00.5+00:00",
        "request_id": "r",
        "function": "resize",
        "stream": "stdout",
        "text": "one\ntwo\t\n",
    }
    first, second = repr(views.logs([line])).splitlines()
    assert first.endswith(":00.500  one")
    assert second == " " * 14 + "two"
    assert repr(views.logs([])) == "no lines yet"


def test_status_tells_of_a_failed_pool_and_leaves_the_starter_out() -> None:
    shown = repr(views.status(STATUS))
    assert "failed: no memory" in shown
    assert "w0: 2 at once, 4,000 MB, 1 environment, 1 running" in shown
    assert "starter" not in shown


def test_overview_is_a_line_and_two_tables(make_function: Any, make_run: Any) -> None:
    content = {
        "status": STATUS,
        "functions": [make_function()],
        "runs": [make_run()],
        "invocations": [],
        "usage": USAGE | {"bill": BILL},
    }
    page = views.overview(content)
    assert repr(page).startswith(
        "http://127.0.0.1:8 · 2 workers · 3 running · 4 queued · $0.00028 this month"
    )
    assert page.json is content


def test_bill_sets_the_free_tier_apart(make_function: Any) -> None:
    idle = make_function(name="idle")
    idle["usage"] |= {"requests": 0}
    shown = repr(views.bill(USAGE | {"bill": BILL}, [make_function(), idle]))
    assert "list price       $0.00028 = requests $0.00024 + duration $0.000042" in shown
    assert "free tier        -$0.00028 for 1,204 requests and 2.5 GB-s" in shown
    assert "payable          $0" in shown
    assert "resize" in shown
    assert "idle" not in shown


def test_usage_of_one_thing_has_its_price_table() -> None:
    assert "(us-east-1 x86_64 2026-09)" in repr(views.usage("resize", USAGE))
