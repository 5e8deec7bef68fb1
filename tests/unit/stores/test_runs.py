from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from jupyter_lambda.errors import ResourceConflict, ResourceNotFound
from jupyter_lambda.model.invocation import Codec, Outcome
from jupyter_lambda.model.run import ItemResult, Run, RunProgress, RunState
from jupyter_lambda.stores.rows import AttemptRow
from jupyter_lambda.stores.runs import RunStore
from jupyter_lambda.stores.spool import INLINE_MAX_BYTES, Spool

from .conftest import NOW, Record

ID = "aaaaaaaaaaaa"
MakeRun = Callable[..., Run]
MakeResult = Callable[..., ItemResult]


@pytest.fixture
def run(runs: RunStore, make_run: MakeRun) -> Run:
    """A run that holds five items and is still open."""
    runs.create(make_run()).result()
    assert runs.append_items(ID, 0, [b"input %d" % item for item in range(5)]).result() == 5
    return make_run(accepted=5)


def test_run_reads_back_as_it_was_created(runs: RunStore, make_run: MakeRun) -> None:
    run = make_run(codec=Codec.JSON, input_error="why", finished_at=NOW, input_closed=True)
    runs.create(run).result()
    assert runs.get(ID) == run


@pytest.mark.parametrize(
    "use",
    [
        lambda runs: runs.get("nope"),
        lambda runs: runs.progress("nope"),
        lambda runs: runs.results("nope"),
        lambda runs: runs.unsettled_items("nope"),
        lambda runs: runs.append_items("nope", 0, [b""]).result(),
        lambda runs: runs.close_input("nope", None).result(),
        lambda runs: runs.set_state("nope", RunState.FAILED).result(),
        lambda runs: runs.clear_results("nope").result(),
        lambda runs: runs.delete("nope").result(),
    ],
)
def test_unknown_run_is_not_found_by_its_id(
    runs: RunStore, use: Callable[[RunStore], object]
) -> None:
    with pytest.raises(ResourceNotFound, match=r"^Run not found: nope$"):
        use(runs)


def test_appended_items_are_counted_and_read_back(runs: RunStore, run: Run) -> None:
    assert runs.append_items(ID, 5, [b"six"]).result() == 6
    assert runs.get(ID).accepted == 6
    assert runs.inputs(ID, [5, 0, 3]) == [b"six", b"input 0", b"input 3"]


def test_inputs_name_the_item_that_is_missing(runs: RunStore, run: Run) -> None:
    with pytest.raises(ResourceNotFound, match=f"Run {ID} has no item 9"):
        runs.inputs(ID, [1, 9])


@pytest.mark.parametrize("first_item", [4, 6])
def test_items_that_would_overlap_or_leave_a_gap_are_refused(
    runs: RunStore, run: Run, first_item: int
) -> None:
    with pytest.raises(ResourceConflict, match=f"holds 5 items.*got {first_item}"):
        runs.append_items(ID, first_item, [b"more"]).result()
    assert runs.get(ID).accepted == 5


def test_closed_input_takes_no_more_items(runs: RunStore, run: Run) -> None:
    closed = runs.close_input(ID, "the iterator raised").result()
    assert (closed.state, closed.input_error) == (RunState.RUNNING, "the iterator raised")
    with pytest.raises(ResourceConflict, match="takes no more items"):
        runs.append_items(ID, 5, [b"more"]).result()


def test_state_is_set_with_its_time(runs: RunStore, run: Run) -> None:
    settled = runs.set_state(ID, RunState.FAILED, NOW).result()
    assert (settled.state, settled.finished_at) == (RunState.FAILED, NOW)
    again = runs.set_state(ID, RunState.RUNNING).result()
    assert (again.state, again.finished_at) == (RunState.RUNNING, None)


def test_revision_can_be_moved(runs: RunStore, run: Run) -> None:
    moved = runs.set_revision(ID, 2, "cd" * 32).result()
    assert (moved.revision, moved.code_sha256) == (2, "cd" * 32)


def test_large_input_goes_to_the_spool(runs: RunStore, run: Run, spool: Spool) -> None:
    large = b"x" * (INLINE_MAX_BYTES + 1)
    runs.append_items(ID, 5, [large, b"y" * INLINE_MAX_BYTES]).result()
    assert [path.name for path in (spool.root / ID).iterdir()] == ["input-5"]
    assert runs.inputs(ID, [5, 6]) == [large, b"y" * INLINE_MAX_BYTES]


def test_newest_runs_come_first(runs: RunStore, run: Run, make_run: MakeRun) -> None:
    for name, run_id in (("volume", "bb"), ("area", "cc")):
        runs.create(make_run(run_id, function_name=name)).result()
    assert [progress.run.run_id for progress in runs.newest()] == ["cc", "bb", ID]
    assert [progress.run.run_id for progress in runs.newest(limit=1)] == ["cc"]
    assert [progress.run.run_id for progress in runs.newest("area")] == ["cc", ID]


def test_progress_counts_items_by_outcome(
    runs: RunStore, run: Run, record: Record, make_result: MakeResult
) -> None:
    record(
        results=[
            make_result(0),
            make_result(3, Outcome.ERROR, error_type="KeyError"),
            make_result(1, Outcome.TIMEOUT, error_type="Sandbox.Timedout"),
            make_result(4, Outcome.CANCELLED, attempt=0),
        ]
    )
    failures = {"KeyError": 1, "Sandbox.Timedout": 1}
    expected = RunProgress(run, queued=1, ok=1, failures=failures, cancelled=1)
    assert runs.progress(ID) == expected
    assert runs.newest() == [expected]
    assert runs.unsettled_items(ID) == [2]


def test_unsettled_runs_are_those_with_work_left(runs: RunStore, make_run: MakeRun) -> None:
    for number, state in enumerate(RunState):
        runs.create(make_run(f"run{number}", state=state)).result()
    assert [run.state for run in runs.unsettled()] == [RunState.OPEN, RunState.RUNNING]


@pytest.mark.parametrize(
    ("choice", "cleared"),
    [
        ({}, [1, 2, 3, 4]),
        ({"error_types": ["KeyError"]}, [1, 3]),
        ({"error_types": ["KeyError"], "items": [2, 3]}, [3]),
        ({"items": [0, 2]}, [2]),
        ({"items": []}, []),
    ],
)
def test_clear_results_unsettles_what_failed(
    *,
    runs: RunStore,
    run: Run,
    record: Record,
    make_result: MakeResult,
    choice: dict[str, list[int]],
    cleared: list[int],
) -> None:
    record(
        results=[
            make_result(0),
            make_result(1, Outcome.ERROR, error_type="KeyError"),
            make_result(2, Outcome.CRASH, error_type="Runtime.ExitError"),
            make_result(3, Outcome.ERROR, error_type="KeyError"),
            make_result(4, Outcome.CANCELLED, attempt=0),
        ]
    )
    assert runs.clear_results(ID, **choice).result() == cleared
    assert runs.unsettled_items(ID) == cleared
    progress = runs.progress(ID)
    assert (progress.ok, progress.queued) == (1, len(cleared))
    assert progress.settled + progress.queued == 5


def test_attempt_numbers_go_on_after_a_retry(
    runs: RunStore,
    run: Run,
    record: Record,
    make_result: MakeResult,
    make_attempt: Callable[..., AttemptRow],
) -> None:
    failed = make_result(1, Outcome.ERROR, error_type="KeyError")
    record(results=[failed], attempts=[make_attempt(1, run_id=ID, item=1, outcome="error")])
    runs.clear_results(ID).result()
    assert runs.next_attempts(ID, [0, 1]) == {1: 2}
    record(
        results=[make_result(1, attempt=2)],
        attempts=[make_attempt(9, run_id=ID, item=1, attempt=2)],
    )
    assert runs.next_attempts(ID, [0, 1]) == {1: 3}
    assert [result.attempt for result in runs.results(ID).results] == [2]


def test_deleted_run_takes_its_payloads_with_it(
    runs: RunStore, run: Run, spool: Spool, record: Record, make_result: MakeResult
) -> None:
    runs.append_items(ID, 5, [b"x" * (INLINE_MAX_BYTES + 1)]).result()
    record(results=[make_result(0)])
    runs.delete(ID).result()
    runs.create(replace(run, accepted=0)).result()
    assert not (spool.root / ID).exists()
    assert runs.progress(ID) == RunProgress(replace(run, accepted=0))
    assert runs.append_items(ID, 0, [b"again"]).result() == 1


def test_sweep_removes_payloads_of_runs_that_are_gone(
    runs: RunStore, run: Run, spool: Spool
) -> None:
    runs.append_items(ID, 5, [b"x" * (INLINE_MAX_BYTES + 1)]).result()
    spool.write("gone", "input-0", b"x")
    runs.sweep_spool()
    assert [folder.name for folder in spool.root.iterdir()] == [ID]
