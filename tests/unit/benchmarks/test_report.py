from __future__ import annotations

from tests.benchmarks.report import bar_results, render
from tests.benchmarks.runner import Sample


def samples(system: str, case: str, key: str, figures: list[float]) -> list[Sample]:
    return [
        Sample(system, case, number, {key: figure}, foreign=0.01)
        for number, figure in enumerate(figures, 1)
    ]


def test_bar_compares_medians_in_the_direction_of_the_metric() -> None:
    measured = [
        *samples("jupyter_lambda", "fan_out", "calls_per_s", [9_000, 20_000, 30_000]),
        *samples("dask", "fan_out", "calls_per_s", [100, 1_000, 1_001]),
        *samples("jupyter_lambda", "warm_call", "p50_ms", [1.0, 2.0, 9.0]),
        *samples("dask", "warm_call", "p50_ms", [10.0, 10.0, 10.0]),
    ]
    results = {result.case.name: result for result in bar_results(measured)}
    assert (results["fan_out"].ratio, results["fan_out"].verdict) == (20.0, "PASS")
    assert (results["warm_call"].ratio, results["warm_call"].verdict) == (5.0, "FAIL")


def test_bar_without_its_peer_is_skipped_and_not_passed() -> None:
    measured = samples("jupyter_lambda", "fan_out", "calls_per_s", [20_000])
    assert [result.verdict for result in bar_results(measured)] == ["SKIP"]


def test_table_shows_the_spread_the_ratio_and_the_foreign_load() -> None:
    measured = [
        *samples("dask", "fan_out", "calls_per_s", [500, 510, 560]),
        *samples("joblib", "fan_out", "calls_per_s", [200_000, 229_500, 256_000]),
    ]
    text = render(measured, {})
    assert "| joblib (Parallel) | 200,000 / **229,500** / 256,000 | 450 | 1% (max 1%) |" in text
    assert "| Dask (client.map, submit) | 500 / **510** / 560 | 1.00 | 1% (max 1%) |" in text


def test_report_names_what_was_skipped_what_failed_and_what_ran_under_load() -> None:
    measured = [
        Sample("dask", "fan_out", 1, error="TimeoutError: none"),
        Sample("dask", "warm_call", 1, error="TimeoutError: none"),
        Sample("joblib", "fan_out", 1, {"calls_per_s": 1.0}, foreign=0.5),
    ]
    text = render(measured, {"forkserver": ["pandas"]})
    failed = "failed Dask (client.map, submit) in round 1, fan_out, warm_call: TimeoutError: none"
    assert failed in text
    assert "skipped multiprocessing (forkserver, preloaded): not installed: pandas" in text
    assert "1 of 3 phases had more than 10% foreign CPU" in text
