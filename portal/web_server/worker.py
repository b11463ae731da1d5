"""A worker of gunicorn whose threads meet complete requests only.

The loop gathers request line, headers and small bodies without waiting for anybody, sends what a slow client has not
fetched yet, and closes whoever does not come on. Large files are read by threads of their own.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import resource
import selectors
import socket
import time
from collections import defaultdict
from concurrent import futures
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.workers.gthread import ThreadWorker

from portal import environment
from portal.web_server.connection import Connection, Next, Refused
from portal.web_server.line import time_for

# Threads that read large files; the others answer everybody else meanwhile.
READERS = 8
# Connections of one address that wait for their client; another one closes the oldest.
OF_ONE_ADDRESS = 100
# Bytes in memory of all connections that wait.
HELD_AT_MOST = 96 * 1024 * 1024
# Seconds in which another process can take the next connection.
LEAVE_NEXT = 0.0003
# After the last answer the client is given this time to close, so that it reads the answer and no reset.
LINGER = 2.0


class Stage(enum.Enum):
    """What the loop does with a connection."""

    GATHER = "gather"
    SEND = "send"
    LINGER = "linger"


class Worker(ThreadWorker):
    """`waiting` holds what the loop has, the oldest first; what a thread has is not in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The kernel would send a file to the socket past the line, which does not know of it then.
        self.cfg.set("sendfile", False)
        self.readers: Any = None
        self.waiting: dict[Connection, Stage] = {}
        self.of_address: dict[str, dict[Connection, None]] = defaultdict(dict)
        # Behind the proxy all connections come from one address; it bounds them itself.
        self.of_one_address = 0 if environment.flag("JHT_BEHIND_PROXY") else OF_ONE_ADDRESS
        self.largest = (environment.whole("JHT_UPLOAD_MAX_MB", 200) + 10) * 1024 * 1024
        self._came_in = 0
        self._next_round = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise RuntimeError("TLS is ended by the proxy, not here")

    def init_process(self) -> None:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.readers = futures.ThreadPoolExecutor(max_workers=READERS)
        super().init_process()

    # -- coming in -------------------------------------------------------------------------------------------

    def accept(self, listener: Any) -> None:
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE}:
                self._close_oldest(self.waiting)
            elif error.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        self.nr_conns += 1
        connection = Connection(self.cfg, sock, client, listener.getsockname())
        self._make_room(connection.address)
        connection.begin()
        self._wait(connection, Stage.GATHER)
        # Whoever is woken first would take all that come at once, and the other processes would stand idle.
        time.sleep(LEAVE_NEXT)

    def _make_room(self, address: str) -> None:
        same = self.of_address.get(address, {})
        if self.of_one_address and len(same) >= self.of_one_address:
            self._close_oldest(same)
        # Before it is full: then nothing would be accepted any more.
        if self.nr_conns >= self.worker_connections - 1:
            self._close_oldest(self.waiting)

    def _close_oldest(self, connections: dict[Connection, Any]) -> None:
        if oldest := next(iter(connections), None):
            self._drop(oldest)

    def _gather(self, connection: Connection, _fileobj: Any) -> None:
        try:
            data = connection.sock.sock.recv(256 * 1024)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
            return
        connection.take(data)
        self._came_in += len(data)
        if self._came_in > HELD_AT_MOST // 8:
            self._weigh()
        if connection in self.waiting:
            self._look_at(connection)

    def _look_at(self, connection: Connection) -> None:
        """A complete request goes to a thread."""
        try:
            following = connection.next(self.largest)
        except Refused as refusal:
            util.write_error(connection.sock, refusal.status, refusal.reason, refusal.text)
            connection.keep = False
            self._leave(connection)
            self._answered(connection)
            return
        except OSError:
            self._drop(connection)
            return
        if following is not Next.WAIT:
            self._leave(connection)
            connection.hand_over()
            self.enqueue_req(connection)

    def handle(self, conn: Connection) -> bool:
        keep = bool(super().handle(conn))
        try:
            conn.sock.push()
        except OSError:
            return False
        return keep

    def enqueue_req(self, conn: Connection) -> None:
        pool: Any = self.readers if conn.large else self.tpool
        done = pool.submit(self.handle, conn)
        done.add_done_callback(lambda future: self.method_queue.defer(self.finish_request, conn, future))

    # -- going out -------------------------------------------------------------------------------------------

    def _keepalive_after(self, conn: Connection, keepalive: bool) -> bool:
        if conn.large and keepalive:
            # What nobody wanted to read is not waited for either.
            return bool(conn.parser.finish_body(deadline=time.monotonic() + 0.2))
        # All of it is here: what nobody wanted to read is put aside without waiting.
        return keepalive and bool(conn.parser.finish_body())

    def finish_request(self, conn: Connection, fs: Any) -> None:
        try:
            conn.keep = bool(fs.result()) if not fs.cancelled() else False
        except Exception:  # noqa: BLE001 - whatever it was, gunicorn has logged it
            self._end(conn)
            return
        self._answered(conn)

    def _answered(self, connection: Connection) -> None:
        if connection.sock.unsent:
            connection.deadline = time.monotonic() + time_for(connection.sock.unsent_bytes)
            self._wait(connection, Stage.SEND)
        elif connection.keep and self.alive:
            connection.begin(self.cfg.keepalive)
            self._wait(connection, Stage.GATHER)
            if connection.arrived and connection in self.waiting:
                self._look_at(connection)
        else:
            self._linger(connection)

    def _send(self, connection: Connection, _fileobj: Any) -> None:
        try:
            connection.sock.push()
        except OSError:
            self._drop(connection)
            return
        if not connection.sock.unsent:
            self._leave(connection)
            self._answered(connection)

    def _linger(self, connection: Connection) -> None:
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(connection)
            return
        connection.deadline = time.monotonic() + LINGER
        self._wait(connection, Stage.LINGER)

    def _read_away(self, connection: Connection, _fileobj: Any) -> None:
        try:
            if connection.sock.sock.recv(256 * 1024):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._drop(connection)

    # -- waiting ---------------------------------------------------------------------------------------------

    def _wait(self, connection: Connection, stage: Stage) -> None:
        wanted = selectors.EVENT_WRITE if stage is Stage.SEND else selectors.EVENT_READ
        does = {Stage.GATHER: self._gather, Stage.SEND: self._send, Stage.LINGER: self._read_away}[stage]
        try:
            self.poller.register(connection.sock, wanted, partial(does, connection))
        except (OSError, ValueError, KeyError):
            self._end(connection)  # closed meanwhile
            return
        self.waiting[connection] = stage
        self.of_address[connection.address][connection] = None

    def _leave(self, connection: Connection) -> None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            self.poller.unregister(connection.sock)
        self.waiting.pop(connection, None)
        same = self.of_address[connection.address]
        same.pop(connection, None)
        if not same:
            del self.of_address[connection.address]

    def _drop(self, connection: Connection) -> None:
        self._leave(connection)
        self._end(connection)

    def _end(self, connection: Connection) -> None:
        self.nr_conns -= 1
        connection.close()

    def _weigh(self) -> None:
        """Closes the oldest while all together hold too much."""
        self._came_in = 0
        held = sum(connection.held for connection in self.waiting)
        while held > HELD_AT_MOST:
            oldest = next(connection for connection in self.waiting if connection.held)
            held -= oldest.held
            self._drop(oldest)

    def murder_keepalived(self, force: bool = False) -> None:
        """Closes whoever did not come on in time; all of them when forced."""
        now = time.monotonic()
        if now < self._next_round and self.alive:
            return
        self._next_round = now + 0.5
        for connection in [one for one in self.waiting if force or one.deadline <= now]:
            self._drop(connection)
        self._weigh()

    def murder_pending(self) -> None:
        """None wait apart from the others."""

    def _cap_keepalive(self, deadline: float) -> None:
        for connection in self.waiting:
            connection.deadline = min(connection.deadline, deadline)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Its line in the log has no query string."""
        if req is not None and hasattr(req, "uri"):
            req.uri = req.uri.partition("?")[0]
        super().handle_error(req, client, addr, exc)
