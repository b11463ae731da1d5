"""Databases for tests: one template, made as the owner, cloned for whoever needs a database of their own.

`python -m tests.databases` makes the template before anybody asks for it.

Tests run as the application's role, which owns nothing: what the database refuses to the portal, it refuses
to its tests. Append-only tables cannot be emptied, so a test that commits gets a fresh clone and throws it
away.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from tests.template import is_current

ROOT = Path(__file__).resolve().parent.parent


def renamed(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def _owner_url() -> str:
    return os.environ["DATABASE_OWNER_URL"]


@contextlib.contextmanager
def _server() -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(_owner_url())
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


# A run or a kept server makes one template after the other; older ones stay for runs that began before.
NEWEST_TEMPLATES = 4
UNFINISHED = "jht_unfinished_template"


def template() -> str:
    """The name of the template database, made first if there is none of this code yet."""
    with _server() as cursor:
        # Two runs on one server make a template one after the other.
        cursor.execute("SELECT pg_advisory_lock(hashtext('jht template'))")
        _drop_what_killed_runs_left(cursor)
        cursor.execute(
            """SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database
               WHERE datname LIKE 'jht_template_%' ORDER BY oid DESC"""
        )
        templates = cursor.fetchall()
        for name, made_of in templates:
            if is_current(json.loads(made_of or "{}")):
                return name
        name = f"jht_template_{uuid.uuid4().hex[:12]}"
        cursor.execute(f'DROP DATABASE IF EXISTS "{UNFINISHED}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{UNFINISHED}"')
        made_of = _make_template()
        cursor.execute(f'COMMENT ON DATABASE "{UNFINISHED}" IS %s', [made_of])
        cursor.execute(f'ALTER DATABASE "{UNFINISHED}" RENAME TO "{name}"')
        for old, _ in templates[NEWEST_TEMPLATES - 1 :]:
            with contextlib.suppress(psycopg2.Error):  # another run may be cloning it just now
                cursor.execute(f'DROP DATABASE "{old}"')
    return name


def _make_template() -> str:
    """Fills the unfinished template; what it was made of, as JSON."""
    env = os.environ | {
        "DATABASE_URL": renamed(os.environ["DATABASE_URL"], UNFINISHED),
        "DATABASE_OWNER_URL": renamed(_owner_url(), UNFINISHED),
    }
    command = [sys.executable, "-m", "tests.template"]
    return subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _drop_what_killed_runs_left(cursor: psycopg2.extensions.cursor) -> None:
    """Databases whose test process, named in theirs, has ended without dropping them."""
    cursor.execute(r"SELECT datname FROM pg_database WHERE datname ~ '^jht_(test|live)_\d+_'")
    for (name,) in cursor.fetchall():
        if not Path(f"/proc/{name.split('_')[2]}").exists():
            with contextlib.suppress(psycopg2.Error):
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def clone(source: str, name: str) -> None:
    """The files are copied as they are: writing every page to the log first takes twice the work, and there is nothing
    to wait for where no write waits for a disk.
    """
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')


def mark_as_demonstration(name: str) -> None:
    """While there are no accounts in it, as the database wants it."""
    connection = psycopg2.connect(renamed(_owner_url(), name))
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO accounts_demonstrationmark (id, since) VALUES (1, now())")
    connection.close()


# A session that was just closed is gone in a moment; the server ends its vacuum by itself and tells nobody.
WAITS = (0.01, 0.02, 0.04, 0.08, 0.16, *[0.5] * 20)


def drop(name: str) -> None:
    """Ends what the application's role left open there, and waits for the server's own vacuum, which nobody
    may end.
    """
    with _server() as cursor:
        for wait in (*WAITS, None):
            try:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                return
            except psycopg2.errors.InsufficientPrivilege:
                if wait is None:
                    raise
                _end_own_sessions(name)
                # The server ends its own vacuum and closing sessions by itself and tells nobody.
                time.sleep(wait)


def _end_own_sessions(name: str) -> None:
    """Connections that a thread of a test left open: the owner may not end them, the application's role may."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
                [name],
            )
    finally:
        connection.close()


if __name__ == "__main__":
    template()
