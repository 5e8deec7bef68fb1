from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_lambda.errors import ServiceUnavailable
from jupyter_lambda.server.upstream import Connection, Upstream

CONTENT = {"url": "http://127.0.0.1:9", "token": "secret", "pid": 12, "version": "0.1.0"}


@pytest.fixture
async def upstream(tmp_path: Path) -> Iterator[Upstream]:
    made = Upstream(tmp_path)
    yield made
    made.close()


async def test_connection_is_none_when_there_is_no_file(upstream: Upstream) -> None:
    assert upstream.stamp() is None
    assert upstream.connection() is None
    with pytest.raises(ServiceUnavailable, match="not running"):
        await upstream.get("/v1/overview")


async def test_connection_follows_the_file(upstream: Upstream, tmp_path: Path) -> None:
    write(tmp_path, CONTENT)
    first, stamp = upstream.connection(), upstream.stamp()
    assert first == Connection("http://127.0.0.1:9", "secret", 12)
    write(tmp_path, CONTENT | {"pid": 13})
    assert upstream.stamp() != stamp
    assert upstream.connection() == Connection("http://127.0.0.1:9", "secret", 13)
    (tmp_path / "service.json").unlink()
    assert upstream.connection() is None


@pytest.mark.parametrize("content", ["", '{"url": "http://127', "[]", '{"url": "x"}'])
async def test_connection_is_none_when_the_file_is_not_whole(
    upstream: Upstream, tmp_path: Path, content: str
) -> None:
    (tmp_path / "service.json").write_text(content)
    assert upstream.connection() is None


async def test_token_does_not_show_when_a_connection_is_printed() -> None:
    assert "secret" not in repr(Connection("http://127.0.0.1:9", "secret", 12))


async def test_get_says_unavailable_when_nobody_listens(upstream: Upstream, tmp_path: Path) -> None:
    write(tmp_path, CONTENT)
    with pytest.raises(ServiceUnavailable):
        await upstream.get("/v1/overview")


def write(home: Path, content: dict[str, object]) -> None:
    partial = home / "partial"
    partial.write_text(json.dumps(content))
    partial.replace(home / "service.json")
