from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_lambda.model.invocation import Outcome
from jupyter_lambda.model.run import ItemResult, Run
from jupyter_lambda.stores.results import ResultOrder, ResultPage
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.spool import INLINE_MAX_BYTES, Spool

from .conftest import Record

ID = "aaaaaaaaaaaa"
MakeResult = Callable[..., ItemResult]


@pytest.fixture(autouse=True)
def _run(runs: RunStore, make_run: Callable[..., Run]) -> None:
    runs.create(make_run()).result()
    runs.append_items(ID, 0, [b""] * 10).result()


def test_results_come_in_item_order(
    runs: RunStore, record: Record, make_result: MakeResult
) -> None:
    settled = [make_result(7), make_result(2, Outcome.ERROR, error_type="KeyError"), make_result(4)]
    record(results=settled)
    assert runs.results(ID) == ResultPage([settled[1], settled[2], settled[0]], 8, at_end=True)


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_pages_hold_every_result_once(
    runs: RunStore, record: Record, make_result: MakeResult, limit: int
) -> None:
    record(results=[make_result(item) for item in (0, 2, 3, 9)])
    seen: list[int] = []
    following, at_end = 0, False
    while not at_end:
        page = runs.results(ID, start=following, limit=limit)
        assert 0 < len(page.results) <= limit
        seen += [result.item for result in page.results]
        following, at_end = page.following, page.at_end
    assert seen == [0, 2, 3, 9]


def test_page_ends_before_it_grows_too_large(
    runs: RunStore, record: Record, make_result: MakeResult
) -> None:
    record(results=[make_result(item, payload=b"x" * 40) for item in range(3)])
    assert runs.results(ID, max_bytes=100).following == 2
    assert runs.results(ID, max_bytes=10).following == 1


def test_pages_of_failures_leave_out_what_succeeded_or_was_cancelled(
    runs: RunStore, record: Record, make_result: MakeResult
) -> None:
    outcomes = [Outcome.OK, Outcome.ERROR, Outcome.CANCELLED, Outcome.TIMEOUT]
    record(results=[make_result(item, outcome=outcome) for item, outcome in enumerate(outcomes)])
    page = runs.results(ID, order=ResultOrder.FAILURES)
    assert [result.item for result in page.results] == [1, 3]


def test_pages_as_settled_give_later_results_to_whoever_goes_on(
    runs: RunStore, record: Record, make_result: MakeResult
) -> None:
    record(results=[make_result(5)])
    first = runs.results(ID, order=ResultOrder.AS_SETTLED)
    record(results=[make_result(2)])
    second = runs.results(ID, order=ResultOrder.AS_SETTLED, start=first.following)
    assert [r.item for page in (first, second) for r in page.results] == [5, 2]


def test_page_past_the_last_result_is_empty(runs: RunStore) -> None:
    assert runs.results(ID, start=5) == ResultPage([], 5, at_end=True)


def test_large_result_goes_to_the_spool(
    runs: RunStore, record: Record, make_result: MakeResult, spool: Spool
) -> None:
    large = make_result(1, payload=b"x" * (INLINE_MAX_BYTES + 1), attempt=3)
    record(results=[large])
    assert [path.name for path in (spool.root / ID).iterdir()] == ["result-1-3"]
    assert runs.results(ID).results == [large]


def test_first_result_of_an_item_stands(
    runs: RunStore, record: Record, make_result: MakeResult
) -> None:
    cancelled = make_result(1, Outcome.CANCELLED, attempt=0)
    record(results=[cancelled])
    record(results=[make_result(1), make_result(2)])
    assert [result.outcome for result in runs.results(ID).results] == ["cancelled", "ok"]
    progress = runs.progress(ID)
    assert (progress.ok, progress.cancelled, progress.queued) == (1, 1, 8)
