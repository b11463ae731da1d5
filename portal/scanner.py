"""A virus scanner that speaks clamd's protocol, where the office has one (JHT_SCANNER).

What was not scanned is kept, and opened by nobody but who handed it in, until it was.
"""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

from django.conf import settings

_PIECE = 64 << 10
_SECONDS = 20
_LONGEST_ANSWER = 4096


class Down(Exception):
    """The scanner does not answer, or not as one."""


def is_on() -> bool:
    return bool(settings.SCANNER)


def scan(content: bytes) -> str:
    """What was found in it; empty when nothing was. Raises Down."""
    try:
        with _connected() as scanner:
            scanner.sendall(b"zINSTREAM\0")
            for at in range(0, len(content), _PIECE):
                piece = content[at : at + _PIECE]
                scanner.sendall(struct.pack(">I", len(piece)) + piece)
            scanner.sendall(struct.pack(">I", 0))
            answer = _answer(scanner)
    except (OSError, ValueError) as error:
        raise Down(str(error)) from error
    if answer.endswith(" FOUND"):
        return answer.removesuffix(" FOUND").partition(": ")[2][:120] or "?"
    if answer.endswith(": OK"):
        return ""
    raise Down(answer[:120])


def _connected() -> socket.socket:
    """A connection to tcp://host:port or unix:///path."""
    where = urlsplit(settings.SCANNER)
    if where.scheme == "tcp" and where.hostname and where.port:
        return socket.create_connection((where.hostname, where.port), timeout=_SECONDS)
    if where.scheme == "unix" and where.path:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_SECONDS)
        try:
            connection.connect(where.path)
        except OSError:
            connection.close()
            raise
        return connection
    raise ValueError("JHT_SCANNER is neither tcp://host:port nor unix:///path")


def _answer(scanner: socket.socket) -> str:
    answer = b""
    while len(answer) < _LONGEST_ANSWER and not answer.endswith(b"\0"):
        part = scanner.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0\r\n").decode("utf-8", "replace")
