"""A server's certificate in front of a server that speaks plainly: what a client meets is TLS, its name and its authority."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@contextlib.contextmanager
def in_front(behind: Path, certificate: Path, key: Path, *, of_postgres: bool = False) -> Iterator[int]:
    """The port on 127.0.0.1 on which a socket can be reached by TLS, as PostgreSQL begins it or at once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_connect, args=(client,), daemon=True).start()

    def _connect(client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if of_postgres:
                if client.recv(8, socket.MSG_WAITALL) != _SSL_REQUEST:
                    return  # hostssl: whoever does not ask for TLS is sent away
                client.sendall(b"S")
            with (
                context.wrap_socket(client, server_side=True) as encrypted,
                socket.socket(socket.AF_UNIX) as server,
            ):
                server.connect(str(behind))
                back = threading.Thread(target=_copy, args=(server, encrypted), daemon=True)
                back.start()
                _copy(encrypted, server)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
