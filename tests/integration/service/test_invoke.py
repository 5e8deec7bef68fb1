"""Single invocations and runs through the client, against one real service."""

from __future__ import annotations

import itertools
import threading

import pytest

import jupyter_lambda as jl
from jupyter_lambda.capture import CellOrigin, package_cell
from jupyter_lambda.errors import (
    InvalidParameterValue,
    InvalidRequestContent,
    RequestTooLarge,
    ResourceConflict,
    ResourceNotFound,
)

ECHO = "def probe(event):\n    return event\n"


@pytest.fixture
def deploy(shared_session, request):
    """Deploys a cell under a name of the test's own."""
    name = request.node.name.split("[")[0][:60]

    def put(source, **settings):
        package = package_cell(source, {}, name=name, cell=CellOrigin("Cell In[1]", "cell.py"))
        return shared_session.deploy(package, name=name, **settings).function

    return put


def test_result_of_a_class_that_the_cell_defines_comes_back(deploy):
    made = deploy(
        "from dataclasses import dataclass\n"
        "@dataclass\nclass Point:\n    x: int\n    y: int\n"
        "def handler(event):\n    return [Point(event, 1)]\n"
    ).invoke(5)
    assert repr(made) == "[Point(x=5, y=1)]"


def test_same_code_and_settings_change_nothing(shared_session):
    package = package_cell(ECHO, {}, name="same", cell=CellOrigin("Cell In[1]", "cell.py"))
    changes = [
        shared_session.deploy(package, name="same").change,
        shared_session.deploy(package, name="same").change,
        shared_session.deploy(package, name="same", memory=512).change,
    ]
    assert changes == ["created", "unchanged", "updated"]


def test_error_has_the_traceback_in_terms_of_the_cell(deploy):
    broken = deploy("def handler(event):\n    return {}[event]\n")
    with pytest.raises(jl.FunctionError) as raised:
        broken.invoke("key")
    error = raised.value
    assert error.error_type == "KeyError"
    assert error.stack_trace[0].startswith("  Cell In[1], line 2, in handler")
    assert error.request_id in str(error)


def test_environment_variables_and_warm_state_reach_the_handler(deploy):
    count = deploy(
        "import os\ncalls = []\ndef handler(event):\n"
        "    calls.append(event)\n    return os.environ['MODE'], len(calls)\n",
        env={"MODE": "fast"},
    )
    assert [count.invoke(i) for i in range(3)] == [("fast", 1), ("fast", 2), ("fast", 3)]


def test_new_revision_never_meets_an_environment_of_the_old(deploy):
    deploy("def handler(event):\n    return 'old'\n").invoke(1)
    new = deploy("def handler(event):\n    return 'new'\n")
    assert [new.invoke(i) for i in range(5)] == ["new"] * 5


def test_invocations_of_one_function_run_side_by_side(deploy):
    meet = deploy("import time\ndef handler(event):\n    time.sleep(0.5)\n    return event\n")
    futures = [meet.submit(i) for i in range(8)]
    assert [f.result(30) for f in futures] == list(range(8))
    logs = [line for line in meet.logs() if "Init Duration" in line["text"]]
    assert len(logs) > 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"memory": 64}, "128 to 10240 MB"),
        ({"memory": 20_000}, "128 to 10240 MB"),
        ({"timeout": 0}, "1 to 900 s"),
        ({"timeout": 901}, "1 to 900 s"),
        ({"timeout": 1.5}, "whole number"),
        ({"env": {"1X": "a"}}, "'1X'"),
        ({"env": {"AWS_REGION": "x"}}, "AWS_REGION"),
        ({"env": {"KEY": "x" * 5_000}}, "4096 bytes"),
        ({"description": "x" * 257}, "256"),
    ],
)
def test_setting_that_aws_would_refuse_makes_no_function(shared_session, deploy, settings, message):
    before = len(shared_session.functions())
    with pytest.raises(InvalidParameterValue, match=message):
        deploy(ECHO.replace("probe", "handler"), **settings)
    assert len(shared_session.functions()) == before


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "x" * 65, "../etc"])
def test_name_that_aws_would_refuse_makes_no_function(shared_session, name):
    package = package_cell(ECHO, {}, name="probe", cell=CellOrigin("Cell In[1]", "cell.py"))
    with pytest.raises(InvalidParameterValue, match="function name"):
        shared_session.deploy(package, name=name)


def test_unknown_function_and_run_are_named(shared_session):
    with pytest.raises(ResourceNotFound, match="function:nobody"):
        shared_session.get("nobody")
    with pytest.raises(ResourceNotFound, match="no_such_run"):
        shared_session.run("no_such_run")


def test_payload_over_awss_limit_is_refused_for_json_callers(shared_session, deploy):
    deploy(ECHO)
    name = "test_payload_over_awss_limit_is_refused_for_json_callers"
    with pytest.raises(RequestTooLarge, match="limit 6291456 bytes"):
        shared_session.invoke_raw(name, b'"' + b"x" * 6_291_456 + b'"', "application/json")


def test_body_that_is_not_json_is_refused(shared_session, deploy):
    function = deploy(ECHO)
    with pytest.raises(InvalidRequestContent, match="Could not parse request body into json"):
        shared_session.invoke_raw(function.name, b"{", "application/json")


def test_result_over_awss_limit_is_a_function_error_for_json_callers(shared_session, deploy):
    function = deploy("def handler(event):\n    return 'x' * 7_000_000\n")
    answer = shared_session.invoke_raw(function.name, b"{}", "application/json")
    assert answer.error
    assert b"Function.ResponseSizeTooLarge" in answer.body


def test_deleted_function_is_gone_and_its_usage_stays(shared_session, deploy):
    function = deploy(ECHO)
    function.invoke(1)
    function.delete()
    with pytest.raises(ResourceNotFound):
        function.invoke(1)
    assert shared_session.usage(function=function.name)["requests"] == 1


def test_logs_hold_prints_between_start_and_report(deploy):
    talk = deploy("def handler(event):\n    print('hello', event)\n")
    talk.invoke("you")
    texts = [line["text"] for line in talk.logs()]
    assert texts[0].startswith("START RequestId: ")
    assert texts[1] == "hello you\n"
    assert texts[2].startswith("END RequestId: ")
    assert "Billed Duration: " in texts[3]


def test_logs_arrive_while_the_handler_runs(shared_session, deploy):
    talk = deploy("import time\ndef handler(event):\n    print('begun'); time.sleep(event)\n")
    followed = shared_session.follow_logs(function=talk.name, after=0)
    future = talk.submit(20)
    assert next(line["text"] for line in followed if line["stream"] == "stdout") == "begun\n"
    assert not future.done()


# -- runs ---------------------------------------------------------------------------------------


def test_run_of_no_items_succeeds_with_no_results(deploy):
    run = deploy(ECHO).map([])
    assert run.results() == []
    assert run.state == "succeeded"


def test_run_with_failures_reports_each_and_never_looks_complete(deploy):
    half = deploy("def handler(event):\n    return 1 / (event % 2)\n")
    run = half.map(range(10))
    assert run.results(errors="skip") == [1.0] * 5
    assert [failure.item for failure in run.failed] == [0, 2, 4, 6, 8]
    assert run.failed[0].event == 0
    assert run.state == "failed"
    returned = run.results(errors="return")
    assert isinstance(returned[0], jl.FunctionError)
    with pytest.raises(jl.FunctionError, match="ZeroDivisionError") as raised:
        run.results()
    assert "5 of 10 items are ok" in raised.value.__notes__[0]


def test_retry_runs_exactly_the_failed_items_with_the_function_as_it_is_now(shared_session, deploy):
    run = deploy("def handler(event):\n    return 1 / (event % 2)\n").map(range(10))
    run.wait()
    deploy("def handler(event):\n    return -event\n")
    assert run.retry().results() == [0, 1.0, -2, 1.0, -4, 1.0, -6, 1.0, -8, 1.0]
    assert run.state == "succeeded"
    attempts = shared_session.invocations(run=run.id, limit=100)
    assert sorted(a["item"] for a in attempts if a["attempt"] == 2) == [0, 2, 4, 6, 8]


def test_retry_can_choose_error_types(deploy):
    source = "def handler(event):\n    raise (KeyError if event else ValueError)(event)\n"
    run = deploy(source).map([0, 1, 1])
    run.wait()
    deploy(ECHO.replace("probe", "handler"))
    run.retry("KeyError").wait()
    assert run.progress()["failures"] == {"ValueError": 1}
    assert run.results(errors="skip") == [1, 1]


def test_cancel_kills_what_runs_and_keeps_what_is_settled(shared_session, deploy):
    nap = deploy("import time\ndef handler(event):\n    time.sleep(event)\n    return event\n")
    run = nap.map([0, 0, 60, 60, 60, 60], on_progress=None)
    while run.progress()["ok"] < 2:
        pass
    run.cancel()
    progress = run.wait(timeout_s=10)
    assert (progress["state"], progress["ok"], progress["cancelled"]) == ("cancelled", 2, 4)
    path = f"/v1/runs/{run.id}/items"
    with pytest.raises(ResourceConflict):
        shared_session.call("POST", path, b"\x01\x00\x00\x00x")


def test_as_completed_gives_each_item_once_as_it_is_settled(deploy):
    nap = deploy("import time\ndef handler(event):\n    time.sleep(event)\n    return event\n")
    run = nap.map([0.6, 0.0, 0.01])
    order = [settled.item for settled in run.as_completed()]
    assert sorted(order) == [0, 1, 2]
    assert order[-1] == 0


def test_timeouts_and_crashes_fail_their_item_alone(deploy):
    source = (
        "import os, time\ndef handler(event):\n"
        "    if event == 3: os._exit(9)\n    if event == 5: time.sleep(60)\n    return event\n"
    )
    run = deploy(source, timeout=1).map(range(200))
    assert run.results(errors="skip") == [i for i in range(200) if i not in (3, 5)]
    assert run.progress()["failures"] == {"Runtime.ExitError": 1, "Sandbox.Timedout": 1}


def test_iterator_that_raises_keeps_what_it_had_yielded(shared_session, deploy):
    def events():
        yield from range(7)
        raise OSError("disk on fire")

    with pytest.raises(jl.RunInputError, match="disk on fire at item 7") as raised:
        deploy(ECHO).map(events())
    run = shared_session.run(raised.value.run_id)
    assert run.results() == list(range(7))
    assert run.progress()["input_error"] == "OSError: disk on fire"


def test_event_that_cannot_be_pickled_is_named_by_its_number(deploy):
    with pytest.raises(InvalidRequestContent, match="item 2 cannot be pickled"):
        deploy(ECHO).map([1, 2, threading.Lock()])


def test_endless_generator_stops_with_an_interrupt_and_keeps_the_run(shared_session, deploy):
    read = []

    def events():
        for number in itertools.count():
            if number == 2_000:
                raise KeyboardInterrupt
            read.append(number)
            yield number

    with pytest.raises(KeyboardInterrupt):
        deploy(ECHO).map(events())
    run = shared_session.runs(limit=1)[0]
    results = run.results()
    assert results == list(range(len(results)))
    assert run.progress()["input_error"] == "interrupted while it was fed"


def test_slow_iterator_is_not_held_up_by_batching(deploy):
    """The first event is answered while the iterator waits for it."""
    function = deploy(ECHO)
    answered = threading.Event()

    def events():
        yield 1
        assert answered.wait(20)
        yield 2

    def on_progress(progress):
        if progress["ok"]:
            answered.set()

    def watch():
        while not answered.is_set():
            runs = function._session.runs(function.name, 1)
            if runs and runs[0].progress()["ok"]:
                answered.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    assert function.map(events()).results() == [1, 2]
    watcher.join()


def test_large_payloads_travel_both_ways(deploy):
    flip = deploy("def handler(event):\n    return event[::-1]\n", memory=512)
    payloads = [bytes([i]) * 3_000_000 for i in range(8)]
    assert flip.map(payloads).results() == [payload[::-1] for payload in payloads]


def test_two_runs_at_once_share_the_pool(deploy):
    nap = deploy("import time\ndef handler(event):\n    time.sleep(0.02)\n    return event\n")
    first, second = nap.map(range(100)), nap.map(range(100))
    assert second.results() == first.results() == list(range(100))


def test_usage_equals_the_sum_of_attempts(shared_session, deploy):
    run = deploy(ECHO).map(range(50))
    run.wait()
    attempts = shared_session.invocations(run=run.id, limit=100)
    usage = run.usage()
    assert usage["requests"] == len(attempts) == 50
    assert usage["billed_duration_ms"] == sum(a["billed_duration_ms"] for a in attempts)


def test_crashes_with_events_behind_them_cost_later_runs_nothing(deploy):
    source = (
        "import os\ndef handler(event):\n    if event % 25 == 24: os._exit(1)\n    return event\n"
    )
    crash = deploy(source)
    for _ in range(2):
        progress = crash.map(range(100)).wait(timeout_s=60)
        assert (progress["ok"], progress["failures"]) == (96, {"Runtime.ExitError": 4})


def test_retry_from_many_at_once_runs_each_failed_item_once(shared_session, deploy):
    run = deploy("def handler(event):\n    raise KeyError(event)\n").map(range(10))
    run.wait()
    deploy(ECHO.replace("probe", "handler"))
    threads = [
        threading.Thread(target=lambda: shared_session.run(run.id).retry()) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = shared_session.run(run.id)
    assert again.wait(timeout_s=30)["state"] == "succeeded"
    assert again.results() == list(range(10))


@pytest.mark.parametrize("leaving", [SystemExit(3), GeneratorExit()])
def test_input_that_ends_by_leaving_closes_the_run(shared_session, deploy, leaving):
    def events():
        yield 1
        raise leaving

    with pytest.raises(type(leaving)):
        deploy(ECHO).map(events())
    run = shared_session.runs(limit=1)[0]
    assert run.wait(timeout_s=20)["input_closed"]
    assert run.results() == [1]
