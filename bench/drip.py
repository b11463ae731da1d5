"""Clients that send a byte now and then and never come to an end, to be held against a web server."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

_HEAD = "Host: 127.0.0.1\r\nUser-Agent: drip\r\n"
_FORM = f"{_HEAD}Content-Type: multipart/form-data; boundary=b\r\nContent-Length: "
# What is sent at once, and what then drips.
KINDS = {
    "request line": ("", "GET /" + "a" * 4000),
    "headers": (f"GET / HTTP/1.1\r\n{_HEAD}", "X-Drip: b\r\n" * 400),
    "small body": (f"POST /accounts/login/ HTTP/1.1\r\n{_FORM}60000\r\n\r\n", "--b\r\n" * 10000),
    "large body": (f"POST /accounts/login/ HTTP/1.1\r\n{_FORM}8000000\r\n\r\n", "--b\r\n" * 10000),
    "answer not fetched": ("GET /policy/ HTTP/1.1\r\n" + _HEAD + "\r\n", ""),
}


@dataclass
class Drop:
    """One connection; closed by the server it is opened anew."""

    at_once: str
    drips: str
    address: str
    sent: int = 0
    socket: socket.socket | None = None


@dataclass
class Drip:
    """`closed` counts how often the server had enough of one."""

    port: int
    drops: list[Drop] = field(default_factory=list)
    closed: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)

    def open(self, drop: Drop) -> None:
        drop.socket = socket.socket()
        drop.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        drop.socket.settimeout(5)
        drop.socket.bind((drop.address, 0))
        with contextlib.suppress(OSError):
            drop.socket.connect(("127.0.0.1", self.port))
            drop.socket.sendall(drop.at_once.encode())
        drop.socket.setblocking(False)
        drop.sent = 0

    def run(self, pause: float) -> None:
        while not self._ending.wait(pause):
            for drop in self.drops:
                self._drip(drop)
                if self._ending.is_set():
                    return

    def _drip(self, drop: Drop) -> None:
        if drop.socket is None:
            return
        try:
            if drop.drips:
                drop.socket.send(drop.drips[drop.sent % len(drop.drips)].encode())
                drop.sent += 1
            poller = select.poll()
            poller.register(drop.socket, select.POLLIN | select.POLLRDHUP)
            if any(
                event & (select.POLLRDHUP | select.POLLHUP | select.POLLERR) for _, event in poller.poll(0)
            ):
                raise ConnectionResetError
        except BlockingIOError:
            return
        except OSError:
            self.closed += 1
            drop.socket.close()
            self.open(drop)

    def end(self) -> None:
        self._ending.set()
        for drop in self.drops:
            if drop.socket:
                drop.socket.close()


@contextlib.contextmanager
def dripping(
    port: int,
    count: int,
    kinds: list[str] | None = None,
    *,
    pause: float = 1.0,
    addresses: Sequence[str] = ("127.0.0.1",),
) -> Iterator[Drip]:
    """So many connections, in turn of each kind, in order from these addresses, for as long as the context lasts."""
    drip = Drip(port)
    turn = cycle(kinds or list(KINDS))
    drip.drops = [
        Drop(*KINDS[next(turn)], addresses[place * len(addresses) // count]) for place in range(count)
    ]
    for drop in drip.drops:
        drip.open(drop)
    thread = threading.Thread(target=drip.run, args=(pause,), daemon=True)
    thread.start()
    try:
        yield drip
    finally:
        drip.end()
        thread.join(10)


def slowest_but(share: float, times: list[float]) -> float:
    """The time within which that share of the answers came."""
    ranked = sorted(times)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]


def ask(port: int, path: str, *, seconds: float = 5.0, address: str = "127.0.0.1") -> float | None:
    """How long one answer took; None when it did not come whole in this time."""
    began = time.perf_counter()
    try:
        with socket.create_connection(
            ("127.0.0.1", port), timeout=seconds, source_address=(address, 0)
        ) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\n{_HEAD}Connection: close\r\n\r\n".encode())
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
                connection.settimeout(max(0.001, began + seconds - time.perf_counter()))
    except OSError:
        return None
    return time.perf_counter() - began if answer.startswith(b"HTTP/1.1 200") else None
