"""The hand-written HTTP client, against a peer that misbehaves on purpose."""

from __future__ import annotations

import socket
import threading

import pytest

from jupyter_lambda.client.transport import NotSentError, Transport
from jupyter_lambda.errors import ResourceNotFound, ServiceUnavailable


class Peer:
    """Accepts connections and plays one scripted answer for each request it gets."""

    def __init__(self, *answers: bytes) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = list(answers)
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while self._answers:
            connection, _ = self.listener.accept()
            self.connections += 1
            with connection:
                while self._answers and (request := connection.recv(65_536)):
                    self.requests.append(request)
                    answer = self._answers.pop(0)
                    for byte in range(0, len(answer), 7):
                        connection.sendall(answer[byte : byte + 7])
                    if b"Connection: close" in answer or not answer:
                        break


def response(body: bytes, status: str = "200 OK", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


def test_answer_is_read_whole_from_any_number_of_pieces():
    peer = Peer(response(b"x" * 1_000))
    assert Transport(peer.url, "t").request("GET", "/a").body == b"x" * 1_000
    assert b"Authorization: Bearer t\r\n" in peer.requests[0]


def test_connection_is_kept_and_used_again():
    peer = Peer(response(b"1"), response(b"2"))
    transport = Transport(peer.url, "t")
    assert [transport.request("GET", "/").body for _ in range(2)] == [b"1", b"2"]
    assert peer.connections == 1


def test_connection_that_the_peer_closed_is_replaced():
    peer = Peer(response(b"1", extra="Connection: close\r\n"), response(b"2"))
    transport = Transport(peer.url, "t")
    assert [transport.request("GET", "/").body for _ in range(2)] == [b"1", b"2"]
    assert peer.connections == 2


def test_nobody_listening_is_told_apart_from_a_broken_connection():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSentError):
        Transport(f"http://127.0.0.1:{port}", "t").request("GET", "/")


def test_answer_that_never_comes_may_have_been_carried_out():
    peer = Peer(b"")
    with pytest.raises(ServiceUnavailable, match="may or may not have been carried out"):
        Transport(peer.url, "t").request("POST", "/", b"{}")


def test_error_of_the_service_is_raised_as_what_it_is():
    body = b'{"type": "ResourceNotFound", "message": "no such thing"}'
    peer = Peer(response(body, "404 Not Found"))
    with pytest.raises(ResourceNotFound, match="no such thing"):
        Transport(peer.url, "t").request("GET", "/")
