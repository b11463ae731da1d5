"""Named locks of the database: what must not run twice at once, whichever process runs it."""

from __future__ import annotations

from django.db import connection


def hold(name: str | int) -> None:
    """Hold the lock of this name alone until the transaction ends. A number where SQL of ours takes it too."""
    _take("pg_advisory_xact_lock", name)


def share(name: str | int) -> None:
    """Hold the lock of this name, with others who share it, until the transaction ends."""
    _take("pg_advisory_xact_lock_shared", name)


def _take(function: str, name: str | int) -> None:
    key = "hashtext(%s)" if isinstance(name, str) else "%s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}({key})", [name])


def share_if_free(name: str) -> bool:
    """The same without waiting: False when somebody holds it alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(hashtext(%s))", [name])
        return bool(cursor.fetchone()[0])
