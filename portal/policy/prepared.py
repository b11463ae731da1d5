"""Statements that a session of the database keeps, parsed and planned, under a name.

A connection that was closed and opened again starts from nothing. Prepared statements belong to a session: a pooler
that hands sessions around per transaction must not stand in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db.backends.base.base import BaseDatabaseWrapper

_names: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def only_row(
    database: BaseDatabaseWrapper, name: str, text: str, parameters: Sequence[str]
) -> tuple[Any, ...]:
    """The row that the statement gives for these jsonb parameters; it is prepared if this session has not.

    Outside of transactions the driver is asked itself: Django's cursor takes as long as the driver does.
    """
    if database.in_atomic_block:
        with database.cursor() as cursor:
            return _execute(database.connection, cursor, name, text, parameters)
    database.close_if_health_check_failed()
    if database.connection is None:
        database.ensure_connection()
    session = database.connection
    with database.wrap_database_errors, session.cursor() as cursor:
        return _execute(session, cursor, name, text, parameters)


def _execute(session: Any, cursor: Any, name: str, text: str, parameters: Sequence[str]) -> tuple[Any, ...]:
    names = _names.get(session)
    if names is None:
        names = _names[session] = set()
    if name not in names:
        types = ", ".join(["jsonb"] * len(parameters))
        cursor.execute(f"PREPARE {name}({types}) AS {text}")
        names.add(name)
    cursor.execute(f"EXECUTE {name}({', '.join(['%s'] * len(parameters))})", parameters)
    row: tuple[Any, ...] = cursor.fetchone()
    return row
