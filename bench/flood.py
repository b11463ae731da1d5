"""Wrong sign-ins as fast as asked for, whether or not the earlier ones are answered, each on a connection of its own.

A process of its own with raw requests: what it costs is taken from the machine that it shares with the portal.
"""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

LOGIN = "/accounts/login/"
# Django takes any token that is the one of the cookie: whoever guesses makes their own.
_TOKEN = "guessing" * 4
_MOST_OPEN = 900
_NO_PORT_YET = 24  # IP_BIND_ADDRESS_NO_PORT


def wrong(username: str, *, token: bool = True) -> bytes:
    """A wrong password for a name, as it goes over the wire."""
    form = {"csrfmiddlewaretoken": _TOKEN} if token else {}
    body = urlencode(form | {"username": username, "password": "wrong"}).encode()
    head = (
        f"POST {LOGIN} HTTP/1.1",
        "Host: 127.0.0.1",
        "User-Agent: Mozilla/5.0",
        "Accept: text/html",
        f"Cookie: csrftoken={_TOKEN}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "",
        "",
    )
    return "\r\n".join(head).encode() + body


@dataclass
class Sent:
    """How many were answered with what, in how many seconds; `unsent` found no connection free."""

    answers: Counter[str] = field(default_factory=Counter)
    unsent: int = 0
    seconds: float = 0.0

    @property
    def a_minute(self) -> float:
        return self.answers.total() / self.seconds * 60 if self.seconds else 0.0

    def __str__(self) -> str:
        answers = ", ".join(f"{status} {number:,}" for status, number in self.answers.most_common())
        late = f", {self.unsent:,} found no connection free" if self.unsent else ""
        return f"{self.a_minute:,.0f} a minute ({answers}{late})"


class _Flood:
    def __init__(self, port: int, addresses: list[str], requests: list[bytes]) -> None:
        self.port, self.addresses, self.requests = port, addresses, requests
        self.poll = select.epoll()
        self.open: dict[int, tuple[socket.socket, bytes]] = {}
        self.sent = Sent()

    def run(self, per_minute: int, stop: Any) -> None:
        began, number = time.perf_counter(), 0
        while not stop.is_set():
            due = int((time.perf_counter() - began) * per_minute / 60)
            while number < due:
                number += 1
                if len(self.open) >= _MOST_OPEN:
                    self.sent.unsent += 1
                else:
                    self._begin(number)
            for fileno, _ in self.poll.poll(0.01):
                self._go_on(fileno)
        self.sent.seconds = time.perf_counter() - began

    def _begin(self, number: int) -> None:
        one = socket.socket()
        one.setblocking(False)
        one.setsockopt(socket.IPPROTO_IP, _NO_PORT_YET, 1)
        one.bind((self.addresses[number % len(self.addresses)], 0))
        if one.connect_ex(("127.0.0.1", self.port)) not in (0, errno.EINPROGRESS):
            self.sent.answers["refused"] += 1
            one.close()
            return
        request = self.requests[number % len(self.requests)]
        self.open[one.fileno()] = (one, request)
        self.poll.register(one.fileno(), select.EPOLLOUT)
        self._go_on(one.fileno())

    def _go_on(self, fileno: int) -> None:
        one, request = self.open[fileno]
        try:
            if request:
                one.sendall(request)
                self.open[fileno] = (one, b"")
                self.poll.modify(fileno, select.EPOLLIN)
                return
            self.sent.answers[one.recv(4096)[9:12].decode() or "closed"] += 1
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.ENOTCONN:
                return
            self.sent.answers["broken"] += 1
        del self.open[fileno]
        self.poll.unregister(fileno)
        one.close()


def _in_process(
    port: int, addresses: list[str], requests: list[bytes], rate: int, told: Any, stop: Any
) -> None:
    flood = _Flood(port, addresses, requests)
    flood.run(rate, stop)
    told.send(flood.sent)


@contextlib.contextmanager
def under(port: int, addresses: list[str], requests: list[bytes], per_minute: int) -> Iterator[Sent]:
    """The time in which they arrive; afterwards how many there were."""
    own, theirs = multiprocessing.Pipe()
    stop = multiprocessing.Event()
    process = multiprocessing.Process(
        target=_in_process, args=(port, addresses, requests, per_minute, theirs, stop)
    )
    sent = Sent()
    process.start()
    try:
        yield sent
    finally:
        stop.set()
        vars(sent).update(vars(own.recv()))
        process.join(30)
