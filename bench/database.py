"""The database as its owner has it: what a benchmark writes past the guards, and rows as binary COPY."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection


@contextmanager
def owner(*, autocommit: bool = False) -> Iterator[Any]:
    """A cursor of the owner of the tables."""
    of_owner = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    of_owner.autocommit = autocommit
    try:
        with of_owner.cursor() as cursor:
            cursor.execute("SET work_mem = '256MB'")
            cursor.execute("SET maintenance_work_mem = '512MB'")
            yield cursor
        of_owner.commit()
    finally:
        of_owner.close()


@contextmanager
def without_guards(cursor: Any, *tables: str) -> Iterator[None]:
    """The row guards of these tables are off meanwhile."""
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    # Checks of foreign keys still waiting for the commit would keep the tables from being altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def without_references(cursor: Any, *tables: str) -> Iterator[None]:
    """The foreign keys of these tables are checked all at once afterwards, and not row by row at the commit."""
    cursor.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])",
        [list(tables)],
    )
    references = cursor.fetchall()
    for table, name, _ in references:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    yield
    for table, name, definition in references:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def change_confirmed(table: str, statement: str) -> int:
    """Change confirmed records of a table, history included, as two people did one by one: the guard that asks for
    both is off meanwhile. How many.
    """
    with owner() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER workforce_hold_change")
        cursor.execute(statement)
        changed = int(cursor.rowcount)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER workforce_hold_change")
    return changed


def vacuum(*tables: str) -> None:
    """Bring the planner's numbers up to date, of these tables or of all."""
    with owner(autocommit=True) as cursor:
        cursor.execute(f"VACUUM ANALYZE {', '.join(tables)}")


def truncate(*tables: str) -> None:
    """What was written before goes by the quick way, so that every measurement writes into empty tables."""
    with owner(autocommit=True) as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)}")


def fetch_value(sql: str) -> Any:
    """The only value of the only row."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (value,) = cursor.fetchone()
    return value


def copy_text(cursor: Any, table: str, columns: str, lines: list[str]) -> None:
    """Write rows as text COPY."""
    source = io.StringIO("".join(lines))
    cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", source)
