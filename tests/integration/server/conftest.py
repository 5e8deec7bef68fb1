"""A Jupyter server before a service that the test makes up, or before the real one."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import jupyter
from tests.conftest import end_service

TOKEN = "a-token-of-the-service"


class FakeService:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, home: Path) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, dict[str, list[str]], dict[str, str]]] = []
        self.sequence = 1
        self.topics: list[str] = []
        self.rung = threading.Condition()
        self._file = home / "service.json"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> FakeService:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        content = {"url": self.url, "token": TOKEN, "pid": os.getpid()}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        partial = self._file.with_suffix(".partial")
        partial.write_text(json.dumps(content))
        partial.replace(self._file)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        self._file.unlink(missing_ok=True)
        self.ring()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def ring(self, *topics: str) -> None:
        """Let something change."""
        with self.rung:
            self.sequence += 1
            self.topics = list(topics)
            self.rung.notify_all()

    def asked_of(self, path: str) -> list[tuple[dict[str, list[str]], dict[str, str]]]:
        return [(query, headers) for asked, query, headers in list(self.asked) if asked == path]

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        if path != "/v1/changes":
            return self.answers[path]
        after, wait_s = int(query["after"][0]), float(query["wait_s"][0])
        with self.rung:
            self.rung.wait_for(lambda: self.sequence > after, wait_s)
            return 200, {"sequence": self.sequence, "topics": self.topics}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where = urlsplit(self.path)
                query = parse_qs(where.query)
                service.asked.append((where.path, query, dict(self.headers)))
                status, content = service.answer(where.path, query)
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: object) -> None:
                return

        return Handler


@pytest.fixture(scope="module")
def module_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("service") / "home"
    yield home
    end_service(home)


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, module_home: Path
) -> Iterator[jupyter.Jupyter]:
    scratch = tmp_path_factory.mktemp("jupyter")
    with jupyter.running("jupyter_server", scratch, module_home) as started:
        yield started


@pytest.fixture
def fake_service(module_home: Path) -> Iterator[FakeService]:
    with FakeService(module_home) as service:
        yield service
