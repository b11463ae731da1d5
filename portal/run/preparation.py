"""What must be true before the application starts: schema, rights, reference data, static files, and demo
data once.

Each part runs only when something it depends on changed. For the database the sign is a comment on the table
of migrations, in the database itself: a restored backup carries its own, older, sign and is therefore
migrated again.
"""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2

from portal.run import kinds, releases
from portal.run.address import on_own_servers
from portal.run.layout import ROOT, Folders
from portal.run.messages import say
from portal.run.processes import MARK, StartFailed, end_group, spawn
from portal.run.supervisor import Supervisor


def code_folders() -> tuple[str, ...]:
    """The portal and its programmes: those of our folders that INSTALLED_APPS names.

    Read from the text of the settings, which load only where there are secrets: a start has none yet.
    """
    tree = ast.parse((ROOT / "portal" / "settings.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "INSTALLED_APPS":
            names = ast.literal_eval(node.value)
    first = dict.fromkeys(name.split(".")[0] for name in names)
    return tuple(name for name in first if (ROOT / name).is_dir())


CODE = code_folders()


def _digest(files: Iterable[Path]) -> str:
    """Over names and contents: times change with every checkout, contents do not."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(
            str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest()
        )
    return total.hexdigest()


def _files(folder: Path, *, without: Collection[str]) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        yield from (Path(parent) / name for name in names if not name.endswith(".pyc"))


def database_fingerprint() -> str:
    """Of everything that migrations, rights and reference data can depend on."""
    files = [
        file for name in CODE for file in _files(ROOT / name, without=("__pycache__", "static", "templates"))
    ]
    return _digest([*files, ROOT / "requirements.lock"])


def static_fingerprint() -> str:
    """Of our own static files and of the packages that bring theirs."""
    folders = (folder for name in CODE for folder in (ROOT / name).rglob("static") if folder.is_dir())
    files = {file for folder in folders for file in _files(folder, without=())}
    return _digest([*files, ROOT / "requirements.lock"])


class Preparation:
    """Prepares one database and one data folder. `env` is the application's environment."""

    def __init__(self, supervisor: Supervisor, folders: Folders, env: Mapping[str, str]) -> None:
        self.supervisor, self.folders, self.env = supervisor, folders, env

    def all(self, *, demo: bool) -> None:
        """Everything, with the static files beside the database: they do not need each other. `demo` loads the
        demonstration where one is wanted.
        """
        self._refuse_the_other_kind()
        prepared = self._is_prepared()
        if not prepared:
            self._refuse_other_releases()
        collecting = self._collect_static()
        try:
            if not prepared:
                self._migrate_and_install()
                self._refuse_the_other_kind()
            if demo:
                self.demo()
        except BaseException:
            if collecting:
                end_group(collecting.pid)
                collecting.wait()
            raise
        if collecting:
            self.supervisor.step(collecting, "manage.py collectstatic")
            self._static_sign.write_text(static_fingerprint())

    def _start(self, *arguments: str) -> subprocess.Popen:
        env = {**self.env, MARK: str(self.folders.var)}
        return spawn([sys.executable, str(ROOT / "manage.py"), *arguments], env=env, cwd=ROOT, output=None)

    def _manage(self, *arguments: str) -> None:
        self.supervisor.step(self._start(*arguments), f"manage.py {arguments[0]}")

    # -- database --------------------------------------------------------------------------------------------
    def database(self) -> None:
        """Migrates as the owner, then installs rights and reference data; nothing when the database carries
        our sign. Data of a release that this code cannot follow is refused before anything is changed.
        """
        if not self._is_prepared():
            self._refuse_other_releases()
            self._migrate_and_install()

    def _refuse_the_other_kind(self) -> None:
        """StartFailed where a demonstration would become a real portal, or the other way round."""
        with self._connection("DATABASE_URL") as cursor:
            kinds.refuse_the_other(cursor, self.folders.var)

    def is_new(self) -> bool:
        """Whether nobody has an account yet."""
        with self._connection("DATABASE_URL") as cursor:
            return not kinds.has_accounts(cursor)

    def _is_prepared(self) -> bool:
        with self._connection("DATABASE_URL") as cursor:
            return self._sign(cursor) == f"{database_fingerprint()} {self._applied(cursor)}"

    def _refuse_other_releases(self) -> None:
        """StartFailed when the database has migrations of ours that this code does not have."""
        known = releases.on_disk(ROOT / name for name in CODE)
        with self._connection("DATABASE_OWNER_URL") as cursor:
            applied = self._migrations(cursor)
        if on_own_servers():
            data = "the database that DATABASE_URL names"
            instead = "give this release another database with DATABASE_URL and DATABASE_OWNER_URL"
        else:
            data = f"the data folder {self.folders.var}"
            instead = "give this release another data folder with JHT_VAR"
        if refusal := releases.why_not(applied, known, data=data, instead=instead):
            raise StartFailed(refusal)

    def _migrate_and_install(self) -> None:
        say("preparing the database")
        code = database_fingerprint()
        self._manage("migrate", "--no-input", "--skip-checks", "--verbosity", "0")
        self._manage("install_database")
        with self._connection("DATABASE_OWNER_URL") as cursor:
            cursor.execute("COMMENT ON TABLE django_migrations IS %s", [f"{code} {self._applied(cursor)}"])

    @staticmethod
    def _migrations(cursor: Any) -> list[tuple[str, str]]:
        """(app, name) of what is applied; nothing in an empty database."""
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        cursor.execute("SELECT app, name FROM django_migrations")
        return cursor.fetchall()

    @staticmethod
    def _applied(cursor: Any) -> str:
        """Digest of the migrations that are applied, so that one taken back by hand shows; "none" in an empty
        database.
        """
        cursor.execute(
            "SELECT coalesce(has_table_privilege(to_regclass('django_migrations')::oid, 'SELECT'), false)",
        )
        if not cursor.fetchone()[0]:
            return "none"
        cursor.execute(
            "SELECT md5(coalesce(string_agg(app || '.' || name, ',' ORDER BY app, name), '')) FROM django_migrations"
        )
        return cursor.fetchone()[0]

    @staticmethod
    def _sign(cursor: Any) -> str | None:
        cursor.execute("SELECT obj_description(to_regclass('django_migrations')::oid, 'pg_class')")
        return cursor.fetchone()[0]

    @contextmanager
    def _connection(self, name: str) -> Iterator[Any]:
        """A cursor on the database that the variable `name` (or the file of `name`_FILE) names, committed at
        the end.
        """
        path = self.env.get(f"{name}_FILE")
        url = Path(path).read_text(encoding="utf-8").strip() if path else self.env.get(name)
        if not url:
            raise StartFailed(
                f"{name} is not set, but the database must be prepared for this release. Set it to the role that owns the tables."
            )
        try:
            connection = psycopg2.connect(url, connect_timeout=10)
        except psycopg2.OperationalError as error:
            raise StartFailed(
                f"{name} (user {urlsplit(url).username}) cannot connect: {error}".strip()
            ) from error
        try:
            with connection, connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    # -- static files and demo data --------------------------------------------------------------------------
    @property
    def _static_sign(self) -> Path:
        return self.folders.var / ".static-collected"

    def _collect_static(self) -> subprocess.Popen | None:
        manifest = self.folders.var / "static" / "staticfiles.json"
        if (
            manifest.exists()
            and self._static_sign.exists()
            and self._static_sign.read_text() == static_fingerprint()
        ):
            return None
        say("collecting the static files")
        return self._start("collectstatic", "--no-input", "--clear", "--verbosity", "0")

    def demo(self) -> None:
        """Loads the demo data once in the life of the data folder, as the application's role. JHT_DEMO=0
        leaves it out.
        """
        sign = self.folders.var / ".demo-loaded"
        if sign.exists() or not kinds.wants_demonstration():
            return
        with self._connection("DATABASE_URL") as cursor:
            if kinds.has_accounts(cursor):
                sign.touch()
                return
        say("loading the demo data")
        self._manage("load_demo", "--if-empty")
        sign.touch()
