"""What the panel gets from the Jupyter server: from no service, a made-up one, and the real one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from jupyter_lambda.capture import CellOrigin, package_cell
from jupyter_lambda.client import connection
from jupyter_lambda.client.session import Session
from jupyter_lambda.server.extension import EVENT_SCHEMA_ID
from tests.integration.server.conftest import TOKEN, FakeService
from tests.jupyter import TOKEN as JUPYTER_TOKEN
from tests.jupyter import Jupyter, running

PATIENCE_S = 30


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "overview"),
        ("GET", "logs"),
        ("GET", "invocations"),
        ("POST", "start"),
        ("POST", "stop"),
    ],
)
def test_api_refuses_when_there_is_no_token(server: Jupyter, method: str, path: str) -> None:
    assert server.ask(path, method=method, token=None).status == 403


def test_handlers_say_who_may_ask(server: Jupyter) -> None:
    """Jupyter's server lists, at its start, each handler that does not."""
    warned = [line for line in server.log.read_text().splitlines() if "registered for" in line]
    assert [line for line in warned if "jupyter-lambda" in line] == []


def test_overview_says_down_when_there_is_no_service(server: Jupyter) -> None:
    answer = server.ask("overview")
    assert answer.status == 200
    assert answer.json() == {"service": "down", "detail": "The Lambda service is not running."}


def test_overview_says_down_when_the_service_was_killed(server: Jupyter, module_home: Path) -> None:
    left = module_home / "service.json"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text(json.dumps({"url": "http://127.0.0.1:9", "token": TOKEN, "pid": 1}))
    try:
        assert server.ask("overview").json()["service"] == "down"
    finally:
        left.unlink()


def test_overview_passes_on_what_the_service_says(
    server: Jupyter, fake_service: FakeService
) -> None:
    overview = {"functions": [{"name": "area"}]}
    fake_service.answers["/v1/overview"] = (200, overview)
    answer = server.ask("overview")
    assert answer.json() == {"service": "up", "overview": overview}
    [(_, headers)] = fake_service.asked_of("/v1/overview")
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN.encode() not in answer.body


def test_logs_pass_on_only_the_words_of_the_service(
    server: Jupyter, fake_service: FakeService
) -> None:
    fake_service.answers["/v1/logs"] = (200, {"lines": [], "next": 0})
    answer = server.ask("logs?request_id=a%2Fb&wait_s=9&1764550000000")
    assert answer.json() == {"lines": [], "next": 0}
    [(query, _)] = fake_service.asked_of("/v1/logs")
    assert query == {"request_id": ["a/b"]}


def test_refusal_of_the_service_keeps_its_status_and_message(
    server: Jupyter, fake_service: FakeService
) -> None:
    refusal = {"type": "ResourceNotFound", "code": "X", "message": "no such function: area"}
    fake_service.answers["/v1/invocations"] = (404, refusal)
    answer = server.ask("invocations?function=area")
    assert answer.status == 404
    assert answer.json()["message"] == "no such function: area"


def test_change_becomes_an_event(server: Jupyter, fake_service: FakeService) -> None:
    async def listen() -> list[dict[str, Any]]:
        socket = await subscribe(server)
        fake_service.ring("functions")
        events = [await event_with(socket, "up", "functions")]
        fake_service.end()
        events.append(await event_with(socket, "down"))
        socket.close()
        return events

    changed, ended = asyncio.run(listen())
    assert changed["service"] == "up"
    assert ended["topics"] == []
    assert all(
        headers.get("X-Jupyter-Lambda-Passive") == "1"
        for _, headers in fake_service.asked_of("/v1/changes")
    )


def test_panel_follows_the_real_service(
    server: Jupyter, module_home: Path, eventually: Callable[..., Any]
) -> None:
    assert server.ask("start", method="POST").json() == {"service": "up"}
    session = Session(connection.connect(module_home, start=False))

    async def listen() -> None:
        socket = await subscribe(server)
        await asyncio.to_thread(deploy_and_invoke, session)
        await event_with(socket, "up", "functions", "invocations")
        socket.close()

    asyncio.run(listen())
    overview = eventually(lambda: invoked_overview(server))
    [function] = overview["functions"]
    [invocation] = overview["invocations"]
    assert function["last"] == invocation
    lines = server.ask(f"logs?request_id={invocation['request_id']}").json()["lines"]
    assert "side 3" in [line["text"].strip() for line in lines]
    assert server.ask("stop", method="POST").json() == {"service": "down"}
    eventually(lambda: server.ask("overview").json()["service"] == "down")


def test_server_ends_quietly_while_a_service_runs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with FakeService(home) as service, running("jupyter_server", tmp_path, home) as server:
        service.answers["/v1/overview"] = (200, {})
        assert server.ask("overview").json()["service"] == "up"
        server.end()
        log = server.log.read_text()
    assert "Traceback" not in log
    assert "Task was destroyed" not in log


def deploy_and_invoke(session: Session) -> None:
    source = "def area(event):\n    print('side', event)\n    return event**2\n"
    package = package_cell(source, {}, name="area", cell=CellOrigin("Cell In[1]", "cell.py"))
    assert session.deploy(package, name="area").function.invoke(3) == 9


def invoked_overview(server: Jupyter) -> Any:
    answer = server.ask("overview").json()
    overview = answer.get("overview", {})
    return overview if overview.get("invocations") else None


async def subscribe(server: Jupyter) -> WebSocketClientConnection:
    address = server.url.replace("http", "ws", 1) + "api/events/subscribe"
    headers = {"Authorization": f"token {JUPYTER_TOKEN}"}
    return await websocket_connect(HTTPRequest(address, headers=headers))


async def event_with(
    socket: WebSocketClientConnection, service: str, *topics: str
) -> dict[str, Any]:
    """The first event of the service in this state by which all ``topics`` have been named."""
    missing = set(topics)
    async with asyncio.timeout(PATIENCE_S):
        while message := await socket.read_message():
            event: dict[str, Any] = json.loads(message)
            if event["schema_id"] == EVENT_SCHEMA_ID and event["service"] == service:
                missing -= set(event["topics"])
                if not missing:
                    return event
    raise AssertionError(f"the server hung up before it told of {missing}")
