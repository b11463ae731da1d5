"""Clients that send or fetch a byte now and then hold nobody up, and everybody else's requests go on as before."""

from __future__ import annotations

import http.client
import re
import socket
import time
from urllib.parse import urlsplit

import pytest

from bench.drip import KINDS, ask, dripping
from portal.web_server.connection import GATHERED, LONGEST_HEAD
from portal.web_server.worker import OF_ONE_ADDRESS
from tests.live import Live, wait_until

pytestmark = pytest.mark.program
WITHOUT_WORKER = True
# gunicorn's own four threads are held by four of them.
HELD = 100
ONE = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"


def port_of(live: Live) -> int:
    return urlsplit(live.url).port or 0


def sent(live: Live, text: bytes) -> bytes:
    """All that is answered to these bytes, until the server closes."""
    with socket.create_connection(("127.0.0.1", port_of(live)), timeout=30) as connection:
        connection.sendall(text)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


@pytest.mark.parametrize("kind", KINDS)
def test_others_are_answered_while_clients_drip(live: Live, kind: str) -> None:
    port = port_of(live)
    with dripping(port, HELD, [kind]):
        # They have sent what they send at once, and a first drip.
        time.sleep(1)
        took = [ask(port, path, seconds=30) for path in ("/healthz", "/accounts/login/", "/healthz", "/")]
    assert None not in took, took


def test_a_request_that_never_ends_is_closed(live: Live) -> None:
    with dripping(port_of(live), 3, ["request line", "headers"]) as drip:
        wait_until(lambda: drip.closed >= 3, seconds=60, says="closing of what drips")


def test_one_address_that_opens_more_and_more_loses_the_oldest(live: Live) -> None:
    port = port_of(live)
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(OF_ONE_ADDRESS + 20)]
    try:
        assert ask(port, "/healthz", seconds=30) is not None
        opened[0].settimeout(30)
        assert opened[0].recv(1) == b""
    finally:
        for connection in opened:
            connection.close()


def test_a_connection_is_used_again_and_requests_may_be_sent_ahead(live: Live) -> None:
    ahead = (ONE + "\r\n") * 3
    form = "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\na=b"
    answer = sent(live, f"{ahead}{form}{ONE}Connection: close\r\n\r\n".encode())
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200"] * 3 + [b"403", b"200"]


@pytest.mark.parametrize("size", [10, GATHERED - 1000, GATHERED, GATHERED + 1, 4 * GATHERED])
def test_a_body_of_any_size_arrives_whole(live: Live, size: int) -> None:
    """And is put aside where nobody reads it; after a large one that was not read the connection is closed."""
    body = b'{"x": "' + b"a" * size + b'"}'
    connection = http.client.HTTPConnection("127.0.0.1", port_of(live), timeout=60)
    for address in ("/api/eligibility-checks/", "/api/tokens/"):
        if size > GATHERED - 100:
            connection.close()
        connection.request("POST", address, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert 400 <= answer.status < 500, answer.status
    connection.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Transfer-Encoding: chunked\r\n", 411),
        ("Content-Length: 99999999999\r\n", 413),
        ("X-Long: " + "a" * LONGEST_HEAD + "\r\n", 431),
    ],
)
def test_what_nobody_would_read_is_refused_at_once(live: Live, head: str, status: int) -> None:
    answer = sent(live, f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


def test_a_client_that_asks_first_is_told_to_go_on(live: Live) -> None:
    head = "POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port_of(live)), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"a=b&c")
        assert connection.recv(100).startswith(b"HTTP/1.1 403 ")


def test_files_arrive_whole(live: Live) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(live), timeout=30)
    connection.request("GET", "/")
    files = re.findall(r'(?:href|src)="(/static/[^"]*)"', connection.getresponse().read().decode())
    assert len(files) > 1
    for file in files:
        connection.request("GET", file)
        answer = connection.getresponse()
        assert answer.status == 200 and len(answer.read()) == int(answer.headers["Content-Length"]) > 0
    connection.close()
