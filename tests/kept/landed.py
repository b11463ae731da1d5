"""Digests of the migrations that landed and of the SQL they run.

A data folder has run a migration as it was on that day. Changed afterwards, new folders would come out
different from kept ones, and nobody would see it. The SQL counts too: much of it stands in modules such as
portal/cases/guards.py, which migrations import.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from portal.run.preparation import CODE

ROOT = Path(__file__).resolve().parents[2]
NOTES = Path(__file__).with_name("landed.txt")
HEAD = """\
# migration, digest of its file, digest of the SQL it runs (- for none). Written by: python -m tests.kept.make --digests
"""
# {"cases.0001_initial": (digest of the file, digest of the SQL)}
Digests = dict[str, tuple[str, str]]


def _short(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:20]


def sql_of(operations: Iterable[Any]) -> Iterator[str]:
    """What each RunSQL runs, there and back, also where another operation holds it."""
    from django.db.migrations.operations import RunSQL, SeparateDatabaseAndState

    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from sql_of(operation.database_operations)
        elif isinstance(operation, RunSQL):
            yield f"{operation.sql!r} back {operation.reverse_sql!r}"


def of_the_code() -> Digests:
    """Of every migration of ours as it is now."""
    from django.db.migrations.loader import MigrationLoader

    digests = {}
    for (app, name), migration in MigrationLoader(connection=None).disk_migrations.items():
        package, *rest = migration.__module__.split(".")
        if package not in CODE:
            continue
        file = ROOT.joinpath(package, *rest).with_suffix(".py")
        texts = list(sql_of(migration.operations))
        sql = _short("\n".join(texts).encode()) if texts else "-"
        digests[f"{app}.{name}"] = (_short(file.read_bytes()), sql)
    return digests


def noted() -> Digests:
    """As they were noted when they landed."""
    if not NOTES.exists():
        return {}
    lines = [line.split() for line in NOTES.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    return {name: (file, sql) for name, file, sql in lines}


def changed(then: Digests, now: Digests) -> list[str]:
    """One line for every landed migration that is not what it was."""
    problems = []
    for name, (file, sql) in then.items():
        if name not in now:
            problems.append(f"{name} is gone: migrations that landed are never removed or folded")
            continue
        if now[name][1] != sql:
            problems.append(
                f"{name} runs other SQL than when it landed. Data folders keep what it installed then: put the text back "
                "as it was, and write a new migration that replaces the function (CREATE OR REPLACE FUNCTION)"
            )
        if now[name][0] != file:
            problems.append(f"{name} was changed after it landed: put it back, and write a new migration")
    return problems


def note() -> list[str]:
    """Adds the digests of new migrations. What is noted already stays; the problems, if there are any."""
    then, now = noted(), of_the_code()
    if problems := changed(then, now):
        return problems
    lines = [f"{name} {file} {sql}\n" for name, (file, sql) in sorted(now.items())]
    NOTES.write_text(HEAD + "".join(lines), encoding="utf-8")
    return []
