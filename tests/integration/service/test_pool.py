"""The embedded Dask cluster under the service, and what happens when parts of it die."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from jupyter_lambda.capture import CellOrigin, package_cell
from jupyter_lambda.errors import InvalidParameterValue, WorkerLost


def deploy(session, source, name="probe", **settings):
    package = package_cell(source, {}, name=name, cell=CellOrigin("Cell In[1]", "cell.py"))
    return session.deploy(package, name=name, **settings).function


def real_workers(session):
    return [w for w in session.status()["pool"]["workers"] if not w["starter"]]


@pytest.fixture
def pool(session, eventually):
    eventually(lambda: len(real_workers(session)) == 2)
    return session


def test_first_invocation_does_not_wait_for_the_cluster(session):
    echo = deploy(session, "def probe(event):\n    return event\n")
    assert echo.invoke(1) == 1
    assert session.status()["pool"]["state"] == "starting"


def test_starter_gives_way_to_the_clusters_workers(pool, eventually):
    deploy(pool, "def probe(event):\n    return event\n").invoke(1)
    eventually(lambda: not [w for w in pool.status()["pool"]["workers"] if w["starter"]])
    assert pool.get("probe").invoke(2) == 2
    assert pool.invocations()[0]["worker"] in ("0", "1")


def test_run_uses_every_worker(pool):
    echo = deploy(pool, "import time\ndef probe(event):\n    time.sleep(0.01)\n    return event\n")
    run = echo.map(range(100))
    run.wait()
    used = {attempt["worker"] for attempt in pool.invocations(run=run.id, limit=200)}
    assert {"0", "1"} <= used | {"starter"}
    assert len(used) >= 2


def test_killed_worker_costs_a_run_nothing_but_time(pool, eventually):
    slowly = deploy(
        pool, "import time\ndef probe(event):\n    time.sleep(0.05)\n    return event\n"
    )
    run = slowly.map(range(100))
    eventually(lambda: run.progress()["ok"] > 5)
    os.kill(real_workers(pool)[0]["pid"], signal.SIGKILL)
    assert run.results() == list(range(100))
    assert run.state == "succeeded"


def test_killed_worker_is_replaced(pool, eventually):
    before = {worker["pid"] for worker in real_workers(pool)}
    os.kill(min(before), signal.SIGKILL)
    eventually(
        lambda: (
            len(real_workers(pool)) == 2
            and {worker["pid"] for worker in real_workers(pool)} != before
        )
    )
    assert deploy(pool, "def probe(event):\n    return event\n").invoke(3) == 3


def test_invocation_on_a_killed_worker_is_an_error_that_says_so(pool, eventually):
    eventually(lambda: not [w for w in pool.status()["pool"]["workers"] if w["starter"]])
    hang = deploy(
        pool, "import time\ndef probe(event):\n    print('in'); time.sleep(60)\n", timeout=90
    )
    future = hang.submit(None)
    eventually(lambda: [x for x in hang.logs() if x["stream"] == "stdout"])
    busy = [w for w in real_workers(pool) if w["running"]]
    os.kill(busy[0]["pid"], signal.SIGKILL)
    with pytest.raises(WorkerLost, match="nothing is billed"):
        future.result(30)
    assert pool.invocations()[0]["outcome"] == "lost"
    assert pool.usage(function="probe")["billed_duration_ms"] == 0


def test_function_larger_than_any_worker_is_refused_at_once(pool):
    large = deploy(pool, "def probe(event):\n    return event\n", memory=10_240)
    capacity = max(worker["memory_mb"] for worker in real_workers(pool))
    if capacity >= 10_240:
        pytest.skip("this machine has room for the largest function")
    with pytest.raises(InvalidParameterValue, match="largest worker offers"):
        large.invoke(1)


def test_memory_ledger_bounds_environments_and_the_rest_waits(pool):
    capacity = sum(worker["memory_mb"] for worker in real_workers(pool))
    memory = min(10_240, capacity // 4)
    nap = deploy(
        pool,
        "import time\ndef probe(event):\n    time.sleep(0.3)\n    return event\n",
        memory=memory,
    )
    futures = [nap.submit(i) for i in range(12)]
    assert [future.result(60) for future in futures] == list(range(12))
    held = sum(w["environments"] for w in pool.status()["pool"]["workers"])
    assert held * memory <= capacity + 8 * memory


def test_killed_host_agent_is_replaced_while_its_worker_lives(pool, eventually):
    eventually(lambda: not [w for w in pool.status()["pool"]["workers"] if w["starter"]])
    tell = deploy(pool, "import os\ndef probe(event):\n    return os.getppid()\n")
    zygote = tell.invoke(1)
    agent = parent_of(zygote)
    os.kill(agent, signal.SIGKILL)
    eventually(lambda: len(real_workers(pool)) == 2)
    assert tell.map(range(20)).wait(timeout_s=30)["ok"] == 20


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
