"""Migrations that landed stay as they are, and so does the SQL that they run."""

from __future__ import annotations

import pytest

from tests.kept import landed

CHANGED = ("0" * 20, "0" * 20)


def test_no_migration_that_landed_was_changed() -> None:
    problems = landed.changed(landed.noted(), landed.of_the_code())
    assert not problems, "\n".join(problems)


def test_every_migration_is_noted() -> None:
    new = sorted(landed.of_the_code().keys() - landed.noted().keys())
    assert not new, "note them, when they are as they shall stay: python -m tests.kept.make --digests"


def test_a_change_is_seen() -> None:
    """Of the file, of the SQL in a module that the migration imports, and a migration that is taken away."""
    now = landed.of_the_code()
    file, sql = now["cases.0001_initial"]
    assert landed.changed(now, now) == []
    (problem,) = landed.changed(now, now | {"cases.0001_initial": (file, CHANGED[1])})
    assert "write a new migration that replaces the function" in problem
    (problem,) = landed.changed(now, now | {"cases.0001_initial": (CHANGED[0], sql)})
    assert "was changed after it landed" in problem
    (problem,) = landed.changed(now | {"cases.0000_before": CHANGED}, now)
    assert "is gone" in problem


def test_the_sql_of_a_module_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word changed in portal/cases/guards.py changes what is noted of the migration that imports it."""
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.operations import RunSQL

    from portal.cases import guards

    migration = MigrationLoader(connection=None).disk_migrations["cases", "0001_initial"]
    before = list(landed.sql_of(migration.operations))
    (installs,) = [
        operation
        for operation in migration.operations
        if isinstance(operation, RunSQL) and operation.sql == guards.INSTALL
    ]
    monkeypatch.setattr(installs, "sql", guards.INSTALL.replace("version + 1", "version + 2"))
    assert list(landed.sql_of(migration.operations)) != before
