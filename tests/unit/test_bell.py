"""A change counter that long polls wait on."""

from __future__ import annotations

import asyncio

from jupyter_lambda.bell import Bell


def test_wait_answers_at_once_for_what_has_changed_already():
    async def scenario():
        bell = Bell(5)
        bell.ring()
        return await bell.wait(5, 60)

    assert asyncio.run(scenario()) == 6


def test_wait_is_woken_by_the_next_ring():
    async def scenario():
        bell = Bell()
        waiting = asyncio.create_task(bell.wait(1, 60))
        await asyncio.sleep(0)
        bell.ring()
        return await waiting

    assert asyncio.run(scenario()) == 2


def test_wait_gives_the_same_count_when_nothing_happens():
    async def scenario():
        bell = Bell()
        return await bell.wait(1, 0.01), bell.sequence

    assert asyncio.run(scenario()) == (1, 1)


def test_topics_after_tells_what_changed_since():
    bell = Bell()
    bell.ring("functions")
    seen = bell.sequence
    bell.ring("runs")
    assert bell.topics_after(seen) == ["runs"]
    assert bell.topics_after(0) == ["functions", "runs"]
