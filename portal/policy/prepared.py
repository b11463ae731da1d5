"""Statements that a session of the database keeps, parsed and planned, under a name.

A connection that was closed and opened again starts from nothing. Prepared statements belong to a session: a pooler
that hands sessions around per transaction must not stand in between.
"""

from __future__ import annotations

import hashlib
import itertools
import re
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


def rows(database: BaseDatabaseWrapper, text: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What a statement gives that is parsed and planned once in a session, for whatever values.

    It is written as for the driver: `%s` for each parameter in order, `%%` for the sign itself. For statements whose plan
    is the same for all values, and takes longer than what it plans; in a transaction, until the end of which all prepared
    statements are planned so.
    """
    name = f"kept_{hashlib.sha256(text.encode()).hexdigest()[:20]}"
    with database.cursor() as cursor:
        if name not in _names_in(database.connection):
            places = itertools.count(1)
            numbered = re.sub("%(s|%)", lambda found: f"${next(places)}" if found[1] == "s" else "%", text)
            cursor.execute(f"PREPARE {name} AS {numbered}")
            _names_in(database.connection).add(name)
        given = f"({', '.join(['%s'] * len(parameters))})" if parameters else ""
        cursor.execute(f"SET LOCAL plan_cache_mode = force_generic_plan; EXECUTE {name}{given}", parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _names_in(session: Any) -> set[str]:
    return _names.setdefault(session, set())


def _execute(session: Any, cursor: Any, name: str, text: str, parameters: Sequence[str]) -> tuple[Any, ...]:
    names = _names_in(session)
    if name not in names:
        types = ", ".join(["jsonb"] * len(parameters))
        cursor.execute(f"PREPARE {name}({types}) AS {text}")
        names.add(name)
    cursor.execute(f"EXECUTE {name}({', '.join(['%s'] * len(parameters))})", parameters)
    row: tuple[Any, ...] = cursor.fetchone()
    return row
