"""A generator of HTTP load that costs little.

One process, keep-alive connections, no parsing beyond the length of an answer.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path


class Unanswered(Exception):
    """A server closed the connection or answered with something else than 200."""


@dataclass
class Measured:
    """Milliseconds of every answer; seconds that all took, and seconds of the processor used."""

    times: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        place = int(len(self.times) * share)
        last = len(self.times) - 1
        return sorted(self.times)[min(place, last)]


def post(path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    return "\r\n".join(head).encode() + body


class _Client:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.missing = 0

    def send(self, request: bytes) -> None:
        self.begun = time.perf_counter()
        self.missing = 0
        self.socket.sendall(request)

    def received(self) -> bool:
        """Read what is there; whether the answer is complete."""
        data = self.socket.recv(1 << 17)
        if not data:
            raise Unanswered("the connection was closed")
        if not self.missing:
            head, _, start = data.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise Unanswered(data[:600].decode(errors="replace"))
            place = head.lower().index(b"content-length:") + 15
            self.missing = int(head[place:].split(b"\r\n", 1)[0]) - len(start)
        else:
            self.missing -= len(data)
        return self.missing <= 0


def load(port: int, requests: list[bytes], seconds: float, clients: int, into: Measured) -> None:
    """So many clients, each sending the next request as soon as the last is answered, for so long."""
    waiting = selectors.DefaultSelector()
    number = 0
    begin = time.perf_counter()
    for _ in range(clients):
        client = _Client(port)
        waiting.register(client.socket, selectors.EVENT_READ, client)
        client.send(requests[number % len(requests)])
        number += 1
    end = begin + seconds
    while waiting.get_map():
        for key, _ in waiting.select():
            client = key.data
            if not client.received():
                continue
            now = time.perf_counter()
            into.times.append((now - client.begun) * 1000)
            if now < end:
                client.send(requests[number % len(requests)])
                number += 1
            else:
                waiting.unregister(client.socket)
                client.socket.close()
    into.seconds += time.perf_counter() - begin


def cpu_seconds(parent: int) -> float:
    """What a process and those it has started, that are still there, have used of the processor."""
    processes = _processes()
    family = {parent}
    while True:
        children = {pid for pid, process in processes.items() if process.parent in family}
        if children <= family:
            break
        family |= children
    return sum(process.seconds for pid, process in processes.items() if pid in family)


class Others:
    """What is going on besides: the share of the processors that others than a process and its family take."""

    def __init__(self, parent: int) -> None:
        self._parent = parent
        self._began = self._now()

    def _now(self) -> tuple[float, float]:
        """Seconds of a clock, and seconds of all processors that others took."""
        ticks = os.sysconf("SC_CLK_TCK")
        # user, nice, system; what waits for a disk is idle.
        used = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:4]
        return time.perf_counter(), sum(map(int, used)) / ticks - cpu_seconds(self._parent)

    def share(self) -> float:
        now, others = self._now()
        began, before = self._began
        return max(0.0, others - before) / (now - began) / (os.cpu_count() or 1)


@dataclass
class _Process:
    parent: int
    seconds: float


def _processes() -> dict[int, _Process]:
    ticks = os.sysconf("SC_CLK_TCK")
    processes = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        user = int(fields[11])
        system = int(fields[12])
        processes[int(folder.name)] = _Process(int(fields[1]), (user + system) / ticks)
    return processes
