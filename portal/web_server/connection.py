"""A connection and how much of its next request has arrived."""

from __future__ import annotations

import enum
import re
import time
from typing import Any

from gunicorn.http import RequestParser
from gunicorn.workers.gthread import TConn

from portal.web_server.line import PATIENCE, Line, time_for

# What gunicorn takes in all is less; more than this is no head.
LONGEST_HEAD = 64 * 1024
# A body up to this size is gathered before a thread has to do with it.
GATHERED = 1024 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CODED = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


class Next(enum.Enum):
    """What is to be done with what has arrived."""

    WAIT = "wait"
    ANSWER = "answer"
    # A thread of those that wait for large files.
    READ = "read"


class Refused(Exception):
    """The request is refused before anybody reads it: status, reason, text."""

    def __init__(self, status: int, reason: str, text: str) -> None:
        super().__init__(text)
        self.status, self.reason, self.text = status, reason, text


class Connection(TConn):
    """`deadline` is when the client must have come further, by the clock that never jumps."""

    def __init__(self, cfg: Any, sock: Any, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.sock = Line(sock)
        self.address = client[0] if isinstance(client, tuple) else ""
        self.arrived = bytearray()
        self.deadline = 0.0
        self.large = False
        self.keep = False
        self.parser = RequestParser(cfg, self.sock, client)
        # Nothing is left for gunicorn to wait for or to wrap.
        self.initialized = self.data_ready = True
        self._looked_at = 0
        self._needs = 0

    @property
    def held(self) -> int:
        return len(self.arrived) + self.sock.unsent_bytes

    def begin(self, seconds: float = PATIENCE) -> None:
        """A new request is waited for; what a client sent ahead of it is there already."""
        self.arrived = bytearray(self.parser.unreader.take_buffered())
        self.deadline = time.monotonic() + seconds
        self._looked_at = self._needs = 0
        self.large = False

    def take(self, data: bytes) -> None:
        if not self.arrived:
            self.deadline = time.monotonic() + PATIENCE
            data = data.lstrip(b"\r\n")  # allowed before a request, and no part of it
        self.arrived += data

    def next(self, largest: int) -> Next:
        """Whether the request is complete; Refused when it will never be."""
        if not self._needs:
            end = self.arrived.find(b"\r\n\r\n", max(0, self._looked_at - 3))
            self._looked_at = len(self.arrived)
            if max(end, 0) > LONGEST_HEAD or (end < 0 and len(self.arrived) > LONGEST_HEAD):
                raise Refused(431, "Request Header Fields Too Large", "")
            if end < 0:
                return Next.WAIT
            if self._read_head(end + 4, largest) is Next.READ:
                return Next.READ
        return Next.ANSWER if len(self.arrived) >= self._needs else Next.WAIT

    def _read_head(self, end: int, largest: int) -> Next:
        head = bytes(self.arrived[: end - 2])
        if _CODED.search(head):
            # Neither Django nor the proxy in front would read such a body.
            raise Refused(411, "Length Required", "")
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if size > largest:
            raise Refused(413, "Content Too Large", "")
        if size > GATHERED:
            self.large = True
            return Next.READ
        self._needs = end + size
        if len(self.arrived) < self._needs:
            self.deadline = time.monotonic() + time_for(size)
            if found := _EXPECTS.search(head):
                self.sock.sendall(_GO_ON)
                self.sock.push()
                del self.arrived[found.start() : found.end()]
                self._needs -= found.end() - found.start()
        return Next.WAIT

    def hand_over(self) -> None:
        """What has arrived is the parser's from here on."""
        self.parser.unreader.unread(bytes(self.arrived))
        self.arrived = bytearray()
        self.sock.begin()
