from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_lambda.model.invocation import Outcome
from jupyter_lambda.model.run import ItemResult, Run
from jupyter_lambda.stores.results import ResultPage
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
    assert runs.results(ID) == ResultPage([settled[1], settled[2], settled[0]], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_pages_hold_every_result_once(
    runs: RunStore, record: Record, make_result: MakeResult, limit: int
) -> None:
    record(results=[make_result(item) for item in (0, 2, 3, 9)])
    seen: list[int] = []
    following: int | None = 0
    while following is not None:
        page = runs.results(ID, start=following, limit=limit)
        assert 0 < len(page.results) <= limit
        seen += [result.item for result in page.results]
        following = page.next_item
    assert seen == [0, 2, 3, 9]


def test_page_ends_before_it_grows_too_large(
    runs: RunStore, record: Record, make_result: MakeResult
) -> None:
    record(results=[make_result(item, payload=b"x" * 40) for item in range(3)])
    assert runs.results(ID, max_bytes=100).next_item == 2
    assert runs.results(ID, max_bytes=10).next_item == 1


def test_page_past_the_last_result_is_empty(runs: RunStore) -> None:
    assert runs.results(ID, start=5) == ResultPage([], None)


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
