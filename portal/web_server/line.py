"""The line to a client, as a thread of gunicorn takes it for its socket: what is sent goes at once or waits in
memory, and whoever is read from must keep a pace.
"""

from __future__ import annotations

import errno
import select
import socket
import time
from collections import deque
from itertools import islice

# Bytes a second below which a client is given up, after seconds in which anything goes.
SLOWEST = 4 * 1024
PATIENCE = 10.0
# An answer waits in memory up to this size: more than any file that strangers are given. Beyond it the thread waits.
KEPT = 4 * 1024 * 1024
# Up to this size an answer is sent when it is complete.
TOGETHER = 16 * 1024
# As many pieces as the kernel takes at once.
PIECES = 64


def time_for(size: int) -> float:
    """Seconds that so many bytes may take."""
    return PATIENCE + size / SLOWEST


class Line:
    """Used by one thread at a time: by the loop while it gathers, or by the thread that answers."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.unsent: deque[memoryview] = deque()
        self.unsent_bytes = 0
        self._timeout: float | None = None
        self._began = time.monotonic()
        self._moved = 0

    def begin(self) -> None:
        """The pace is measured from here."""
        self._began, self._moved = time.monotonic(), 0

    def fileno(self) -> int:
        return self.sock.fileno()

    # -- what gunicorn asks of a socket ----------------------------------------------------------------------

    def setblocking(self, _flag: bool) -> None:
        """It never blocks: the waiting is done here, with an end."""

    def settimeout(self, seconds: float | None) -> None:
        self._timeout = seconds

    def gettimeout(self) -> float | None:
        return self._timeout

    def recv(self, size: int) -> bytes:
        while True:
            try:
                data = self.sock.recv(size)
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            self._moved += len(data)
            return data

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def sendall(self, data: bytes) -> None:
        self.unsent.append(memoryview(data).cast("B"))
        self.unsent_bytes += len(data)
        # A head waits for its body, so that both go in one piece; the last of it goes with `push`.
        if self.unsent_bytes > TOGETHER:
            self.push()
        while self.unsent_bytes > KEPT:
            self._wait(select.POLLOUT)
            self.push()

    def shutdown(self, how: int) -> None:
        self.sock.shutdown(how)

    def close(self) -> None:
        self.unsent.clear()
        self.unsent_bytes = 0
        self.sock.close()

    # ---------------------------------------------------------------------------------------------------------

    def push(self) -> None:
        """Sends what goes without waiting."""
        while self.unsent:
            try:
                sent = self.sock.sendmsg(islice(self.unsent, PIECES))
            except BlockingIOError:
                return
            self._moved += sent
            self.unsent_bytes -= sent
            self._forget(sent)

    def _forget(self, sent: int) -> None:
        while self.unsent and sent >= len(self.unsent[0]):
            sent -= len(self.unsent.popleft())
        if sent:
            self.unsent[0] = self.unsent[0][sent:]

    def _wait(self, what: int) -> None:
        """Until the client moves on; it is treated as gone when it keeps us waiting or dawdles."""
        elapsed = time.monotonic() - self._began
        too_slow = elapsed > time_for(self._moved)
        poller = select.poll()
        poller.register(self.sock, what)
        seconds = PATIENCE if self._timeout is None else min(PATIENCE, max(self._timeout, 0.0))
        if too_slow or not poller.poll(seconds * 1000):
            raise ConnectionResetError(errno.ECONNRESET, "the client is too slow")
