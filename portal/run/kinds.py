"""Which kind of portal a start asks for, and which one the data is: a demonstration never becomes a real portal."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from portal import folder_mark
from portal.run.address import on_own_servers
from portal.run.processes import StartFailed


def wants_demonstration() -> bool:
    """With embedded servers unless JHT_DEMO=0, on servers of one's own only with JHT_DEMO=1."""
    asked = os.environ.get("JHT_DEMO")
    return asked == "1" if on_own_servers() else asked != "0"


def is_marked(cursor: Any) -> bool:
    """Whether the database bears the mark of a demonstration. A database of an earlier release has no table for it."""
    return _has_rows(cursor, "accounts_demonstrationmark")


def has_accounts(cursor: Any) -> bool:
    return _has_rows(cursor, "accounts_user")


def _has_rows(cursor: Any, table: str) -> bool:
    cursor.execute(
        "SELECT coalesce(has_table_privilege(to_regclass(%s)::oid, 'SELECT'), false)", [f"public.{table}"]
    )
    if not cursor.fetchone()[0]:
        return False
    cursor.execute(f"SELECT EXISTS (SELECT FROM public.{table})")  # noqa: S608 - one of the two names above
    return bool(cursor.fetchone()[0])


def refuse_the_other(cursor: Any, folder: Path) -> None:
    """StartFailed, in words, where data and start are of different kinds. A demonstration's folder that lost its
    mark gets it again.
    """
    database, file = is_marked(cursor), folder_mark.is_marked(folder)
    if not wants_demonstration() and (database or file):
        raise StartFailed(_stays_one(folder, database=database))
    if file and not database and has_accounts(cursor):
        raise StartFailed(_not_its_own(folder))
    if database:
        folder_mark.mark(folder)


def _stays_one(folder: Path, *, database: bool) -> str:
    what = "the database" if database else f"the data folder {folder}"
    first = (
        f"{what} was made as a demonstration and stays one: its people are made up, its accounts have no second "
        "factor and their passwords were shown. Nothing was changed. "
    )
    if on_own_servers():
        return first + (
            "For a real portal name an empty database with DATABASE_URL and DATABASE_OWNER_URL and an empty "
            "folder with JHT_VAR; to go on with the demonstration set JHT_DEMO=1."
        )
    return first + (
        "For a real portal name an empty folder with JHT_VAR; to go on with the demonstration start without JHT_DEMO=0."
    )


def _not_its_own(folder: Path) -> str:
    return (
        f"the data folder {folder} is that of a demonstration, but the database is a real portal's. Nothing was "
        "changed. Give the real portal a data folder of its own with JHT_VAR, with the secrets and files that belong "
        "to its database."
    )
