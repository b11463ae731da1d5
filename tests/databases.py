"""Databases for tests: one template, made as the owner, cloned for whoever needs a database of their own.

Tests run as the application's role, which owns nothing: what the database refuses to the portal, it refuses
to its tests. Append-only tables cannot be emptied, so a test that commits gets a fresh clone and throws it
away.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

ROOT = Path(__file__).resolve().parent.parent


def renamed(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def _owner_url() -> str:
    return os.environ["DATABASE_OWNER_URL"]


@contextlib.contextmanager
def _server() -> Iterator[psycopg2.extensions.cursor]:
    connection = psycopg2.connect(renamed(_owner_url(), "postgres"))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def watched_files() -> list[Path]:
    """What the template is made of; a change of any of it makes a new one."""
    from tests.installed import folders

    return sorted(
        path
        for folder in folders()
        for path in folder.rglob("*")
        if path.is_file() and (path.suffix == ".py" or "data" in path.relative_to(folder).parts)
    )


def _fingerprint() -> str:
    seen = hashlib.sha256()
    for path in watched_files():
        seen.update(f"{path.relative_to(ROOT)} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    return seen.hexdigest()[:12]


def template() -> str:
    """The name of the template database, made first if this code's does not exist yet."""
    name = f"jht_template_{_fingerprint()}"
    with _server() as cursor:
        # Two runs on one server make a template one after the other.
        cursor.execute("SELECT pg_advisory_lock(hashtext('jht template'))")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return name
        cursor.execute('DROP DATABASE IF EXISTS "jht_unfinished_template" WITH (FORCE)')
        cursor.execute('CREATE DATABASE "jht_unfinished_template"')
        env = os.environ | {
            "DATABASE_URL": renamed(os.environ["DATABASE_URL"], "jht_unfinished_template"),
            "DATABASE_OWNER_URL": renamed(_owner_url(), "jht_unfinished_template"),
        }
        for command in (["migrate", "--noinput", "-v0", "--skip-checks"], ["install_database"]):
            subprocess.run([sys.executable, "manage.py", *command], env=env, cwd=ROOT, check=True)
        cursor.execute(f'ALTER DATABASE "jht_unfinished_template" RENAME TO "{name}"')
        # Templates of older code go; the newest stay for runs that began before this one.
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'jht_template_%' ORDER BY oid DESC OFFSET 8"
        )
        for (old,) in cursor.fetchall():
            with contextlib.suppress(psycopg2.Error):  # another run may be cloning it just now
                cursor.execute(f'DROP DATABASE "{old}"')
    return name


def clone(source: str, name: str) -> None:
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY file_copy')


def drop(name: str) -> None:
    """Waits for the server's own vacuum of the database, which the owner cannot end."""
    with _server() as cursor:
        for attempts_left in range(20, -1, -1):
            try:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                return
            except psycopg2.errors.InsufficientPrivilege:
                if not attempts_left:
                    raise
                # The server ends its vacuum by itself and tells nobody; asked again at most twenty times.
                time.sleep(0.5)
