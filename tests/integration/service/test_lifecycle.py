"""The service's process: found, started once, stopped, ended by idleness, ended by force."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import threading

import pytest

from jupyter_lambda.capture import CellOrigin, package_cell
from jupyter_lambda.client import connection
from jupyter_lambda.client.session import Session
from jupyter_lambda.errors import ServiceUnavailable

ORIGIN = CellOrigin("Cell In[1]", "cell.py")


def deploy(session, source, name="probe", **settings):
    package = package_cell(source, {}, name=name, cell=ORIGIN)
    return session.deploy(package, name=name, **settings).function


def test_connect_starts_the_service_and_finds_it_again(home):
    first = connection.connect(home)
    assert connection.connect(home).pid == first.pid


def test_connection_file_is_for_its_owner_alone(session):
    path = session.home / "service.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(json.loads(path.read_text())) == {"url", "token", "pid", "version", "started_at"}


def test_connect_without_start_says_how_to_start_one(home):
    with pytest.raises(ServiceUnavailable, match="jupyter lambda serve"):
        connection.connect(home, start=False)


def test_many_that_start_at_once_share_one_service(home):
    pids = []
    threads = [
        threading.Thread(target=lambda: pids.append(connection.connect(home).pid)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pids) == 4
    assert len(set(pids)) == 1


def test_second_service_for_a_home_refuses(session):
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_lambda.serve", "--home", str(session.home)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 75
    assert "already runs" in done.stderr


def test_requests_without_the_token_are_refused(session):
    found = connection.find(session.home)
    stranger = connection.Transport(found.url, "guess")
    with pytest.raises(Exception, match="token"):
        stranger.request("GET", "/v1/status")


def test_status_tells_where_and_what(session):
    deploy(session, "def probe(event):\n    return event\n")
    status = session.status()
    assert status["home"] == str(session.home)
    assert status["functions"] == 1
    assert status["pool"]["state"] in ("starting", "ready")


def test_stop_ends_the_service_its_pool_and_its_connection_file(session, eventually, alive):
    pid = session.status()["pid"]
    eventually(lambda: session.status()["pool"]["state"] == "ready")
    workers = [worker["pid"] for worker in session.status()["pool"]["workers"]]
    session.stop()
    eventually(lambda: not alive(pid))
    eventually(lambda: not any(alive(worker) for worker in workers))
    assert not (session.home / "service.json").exists()


def test_idle_service_ends_by_itself_and_the_next_call_starts_another(home, eventually, alive):
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_lambda.serve",
            "--home",
            str(home),
            "--idle-timeout-s",
            "0.2",
            "--workers",
            "1",
        ],
        stderr=subprocess.DEVNULL,
    )
    session = Session(eventually(lambda: connection.find(home)))
    assert process.wait(30) == 0
    assert session.status()["pid"] != process.pid


def test_nothing_outlives_a_killed_service(session, eventually, alive):
    spin = deploy(
        session, "import os\ndef probe(event):\n    print(os.getpid())\n    while 1: pass"
    )
    eventually(lambda: session.status()["pool"]["state"] == "ready")
    spin.submit(None)
    lines = eventually(lambda: [x for x in spin.logs() if x["stream"] == "stdout"])
    environment = int(lines[0]["text"])
    pids = [worker["pid"] for worker in session.status()["pool"]["workers"]]
    assert alive(environment)
    os.kill(session.status()["pid"], signal.SIGKILL)
    eventually(lambda: not alive(environment))
    eventually(lambda: not any(alive(pid) for pid in pids))


def test_killed_service_loses_no_accepted_item_and_bills_each_once(session, eventually):
    slowly = deploy(
        session, "import time\ndef probe(event):\n    time.sleep(0.02)\n    return event * 2\n"
    )
    run = slowly.map(range(150))
    eventually(lambda: run.progress()["ok"] > 20)
    os.kill(session.status()["pid"], signal.SIGKILL)
    assert run.results() == [2 * event for event in range(150)]
    attempts = [i for i in session.invocations(run=run.id, limit=1000) if i["outcome"] == "ok"]
    assert sorted(attempt["item"] for attempt in attempts) == list(range(150))
    usage = run.usage()
    assert usage["requests"] == len(session.invocations(run=run.id, limit=1000))
    assert usage["billed_duration_ms"] == sum(a["billed_duration_ms"] for a in attempts)


def test_feeding_goes_on_over_the_death_of_the_service(session, eventually):
    echo = deploy(session, "def probe(event):\n    return event\n")

    def events():
        for event in range(3_000):
            if event == 1_500:
                os.kill(session.status()["pid"], signal.SIGKILL)
            yield event

    assert echo.map(events()).results() == list(range(3_000))


def test_functions_survive_a_restart(session, eventually, alive):
    deploy(session, "def probe(event):\n    return event\n", env={"MODE": "fast"})
    pid = session.status()["pid"]
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not alive(pid))
    again = session.get("probe")
    assert again.configuration["environment"] == {"MODE": "fast"}
    assert again.invoke(7) == 7
