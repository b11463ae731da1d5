"""Encrypted ID numbers for made-up workers, each bound to the digest that stands in its row."""

from __future__ import annotations

import hashlib
import io
import struct
from typing import Any

from portal import crypto
from portal.fields import encrypted_field
from portal.workforce.models import Worker

_NUMBER = "15062419850615001X"


def prepare(cursor: Any, first: int, last: int) -> None:
    """A temporary table bench_number (n, cipher) for the workers `first` to `last`, whose digest is sha256(int8send(n))."""
    place = encrypted_field(Worker, "id_number").bound_place
    encrypt = crypto.encrypter(crypto.Purpose.COLUMNS)
    lines = []
    for n in range(first, last + 1):
        digest = hashlib.sha256(struct.pack(">q", n)).digest()
        lines.append(f"{n}\t\\\\x{encrypt(_NUMBER, place + digest).hex()}\n")
    cursor.execute("CREATE TEMPORARY TABLE IF NOT EXISTS bench_number (n bigint PRIMARY KEY, cipher bytea)")
    cursor.execute("TRUNCATE bench_number")
    cursor.copy_expert("COPY bench_number FROM STDIN", io.StringIO("".join(lines)))
    cursor.execute("ANALYZE bench_number")
