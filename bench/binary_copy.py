"""Rows as PostgreSQL's binary COPY, straight into numpy arrays and out of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection

# (name, numpy's type of one length) of each column.
Fields = Sequence[tuple[str, str]]
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"


def row_type(fields: Fields) -> np.dtype:
    """A row as it is sent: the number of fields, then length and value of each."""
    row: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in fields:
        row.append((f"length of {name}", ">i4"))
        row.append((name, kind))
    return np.dtype(row)


def read_rows(cursor: Any, sql: str, fields: Fields) -> np.ndarray:
    """What a query gives; none of its values is NULL."""
    target = io.BytesIO()
    cursor.cursor.copy_expert(f"COPY ({sql}) TO STDOUT (FORMAT binary)", target)
    return np.frombuffer(target.getbuffer()[len(_SIGNATURE) : -len(_END)], dtype=row_type(fields))


def empty_rows(count: int, fields: Fields) -> np.ndarray:
    """So many rows to be filled in."""
    rows = np.zeros(count, dtype=row_type(fields))
    rows["fields"] = len(fields)
    for name, kind in fields:
        rows[f"length of {name}"] = np.dtype(kind).itemsize
    return rows


def write_rows(table: str, rows: np.ndarray, fields: Fields) -> None:
    """Put the rows into a table."""
    names = ", ".join(name for name, _ in fields)
    source = io.BytesIO(_SIGNATURE + rows.tobytes() + _END)
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)", source)
