from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from jupyter_lambda.errors import LambdaError, ServiceFault, ServiceUnavailable
from jupyter_lambda.server.relay import TOPICS, Change, ChangeRelay
from jupyter_lambda.server.upstream import Connection

PATIENCE_S = 10


class FakeUpstream:
    """A service made of a script: each long poll is answered by the next entry."""

    def __init__(self, *answers: dict[str, Any] | LambdaError) -> None:
        self.present: Connection | None = Connection("http://127.0.0.1:9", "secret", 1)
        self.answers = list(answers)
        self.asked: list[dict[str, Any]] = []

    def stamp(self) -> tuple[int, int, int] | None:
        return (self.present.pid, 0, 0) if self.present else None

    def connection(self) -> Connection | None:
        return self.present

    async def get(
        self, path: str, query: dict[str, int], *, passive: bool, timeout_s: float
    ) -> bytes:
        self.asked.append({"path": path, "passive": passive, "timeout_s": timeout_s, **query})
        if not self.answers:
            await asyncio.Event().wait()
        answer = self.answers.pop(0)
        if isinstance(answer, LambdaError):
            raise answer
        return json.dumps(answer).encode()


@asynccontextmanager
async def relaying(upstream: FakeUpstream) -> AsyncIterator[asyncio.Queue[Change]]:
    told: asyncio.Queue[Change] = asyncio.Queue()
    relay = ChangeRelay(upstream, told.put_nowait)  # type: ignore[arg-type]
    relay.start()
    yield told
    await relay.stop()


async def changes(told: asyncio.Queue[Change], count: int) -> list[Change]:
    async with asyncio.timeout(PATIENCE_S):
        return [await told.get() for _ in range(count)]


def answer(sequence: int, *topics: str) -> dict[str, Any]:
    return {"sequence": sequence, "topics": list(topics)}


async def test_relay_tells_of_everything_when_the_service_comes_up() -> None:
    async with relaying(FakeUpstream(answer(7))) as told:
        assert await changes(told, 1) == [Change("up", TOPICS)]


async def test_relay_asks_passively_for_what_came_after() -> None:
    upstream = FakeUpstream(answer(7), answer(9, "runs", "unknown"))
    async with relaying(upstream) as told:
        assert (await changes(told, 2))[1] == Change("up", ("runs",))
    assert [asked["after"] for asked in upstream.asked[:2]] == [0, 7]
    assert all(asked["passive"] for asked in upstream.asked)
    assert all(asked["timeout_s"] > asked["wait_s"] for asked in upstream.asked)


async def test_relay_is_silent_when_a_poll_ends_without_a_change() -> None:
    async with relaying(FakeUpstream(answer(7), answer(7), answer(8, "pool"))) as told:
        assert (await changes(told, 2))[1] == Change("up", ("pool",))


@pytest.mark.parametrize(
    "failure", [ServiceUnavailable("gone"), ServiceFault("a fault"), LambdaError("odd")]
)
async def test_relay_says_down_once_when_the_service_fails(failure: LambdaError) -> None:
    upstream = FakeUpstream(answer(7), failure, failure, answer(1))
    async with relaying(upstream) as told:
        assert await changes(told, 3) == [
            Change("up", TOPICS),
            Change("down"),
            Change("up", TOPICS),
        ]


async def test_relay_survives_an_answer_that_is_no_answer() -> None:
    async with relaying(FakeUpstream({}, answer(7))) as told:
        assert await changes(told, 1) == [Change("up", TOPICS)]


async def test_relay_starts_anew_when_another_service_took_the_home() -> None:
    upstream = FakeUpstream(answer(700))
    async with relaying(upstream) as told:
        await changes(told, 1)
        upstream.present = Connection("http://127.0.0.1:10", "other", 2)
        upstream.answers.append(answer(3))
        assert await changes(told, 2) == [Change("down"), Change("up", TOPICS)]
    assert [asked["after"] for asked in upstream.asked[:2]] == [0, 0]


async def test_relay_looks_at_once_when_told_to() -> None:
    upstream = FakeUpstream(*[ServiceUnavailable("gone")] * 5, answer(1))
    told: asyncio.Queue[Change] = asyncio.Queue()
    relay = ChangeRelay(upstream, told.put_nowait)  # type: ignore[arg-type]
    relay.start()
    async with asyncio.timeout(PATIENCE_S):
        while told.empty():
            relay.look()
            await asyncio.sleep(0)
    await relay.stop()


async def test_stop_ends_the_task() -> None:
    relay = ChangeRelay(FakeUpstream(), lambda _: None)  # type: ignore[arg-type]
    relay.start()
    await asyncio.sleep(0)
    await relay.stop()
    assert [task for task in asyncio.all_tasks() if "relay" in task.get_name()] == []
