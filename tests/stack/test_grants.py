"""The database says no: what the application's role may do is what each model declares, and nothing more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection

from portal import grants
from portal.accounts.models import StoredSession
from portal.audit.models import Entry
from tests import databases
from tests.stack.running import ROOT

pytestmark = pytest.mark.program

Sql = Callable[..., list[tuple]]


def rights(sql: Sql) -> dict[str, set[str]]:
    """What the application's role really has, table by table, as PostgreSQL itself answers."""
    rows = sql(
        """
        SELECT relname, right_name FROM pg_class,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS right_name
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
            AND has_table_privilege(%s, pg_class.oid, right_name)
        """,
        settings.APPLICATION_ROLE,
    )
    found: dict[str, set[str]] = {}
    for table, right in rows:
        found.setdefault(table, set()).add(right)
    return found


def test_every_table_has_exactly_the_declared_rights(owner_sql: Sql) -> None:
    declared = {table: set(grants.RIGHTS[kind]) for table, kind in grants.kinds_by_table().items()}
    actual = rights(owner_sql)
    assert {table: actual.get(table, set()) for table in declared} == declared


def test_nothing_may_be_truncated_and_nothing_is_owned(owner_sql: Sql) -> None:
    assert [
        table for table, having in rights(owner_sql).items() if having & {"TRUNCATE", "TRIGGER", "REFERENCES"}
    ] == []
    role = settings.APPLICATION_ROLE
    assert (
        owner_sql(
            "SELECT relname FROM pg_class JOIN pg_roles r ON r.oid = relowner WHERE r.rolname = %s", role
        )
        == []
    )
    assert owner_sql(
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = %s", role
    ) == [(False, False, False, False)]
    assert owner_sql("SELECT has_schema_privilege(%s, 'public', 'CREATE')", role) == [(False,)]


def test_histories_only_grow() -> None:
    kinds = grants.kinds_by_table()
    histories = [
        model for model in apps.get_models() if model.__name__.endswith("Event") and hasattr(model, "pgh_id")
    ]
    assert histories, "facts about people have a history"
    assert {kinds[model._meta.db_table] for model in histories if not model._meta.proxy} == {"append_only"}


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_our_own_code_cannot_change_an_audit_entry(statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(Entry._meta.db_table))


@pytest.mark.django_db
def test_our_own_code_cannot_change_the_schema() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("UPDATE django_migrations SET name = 'other'")


def test_an_unknown_declaration_is_an_error() -> None:
    class Undecided:
        database_rights = "append-only"

    with pytest.raises(ValueError, match="append-only"):
        grants.kind_of(Undecided)  # type: ignore[arg-type]


def test_undeclared_models_can_be_read_and_written() -> None:
    assert not hasattr(StoredSession, "database_rights")
    assert grants.kind_of(StoredSession) == "read_write"


def install(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "install_database"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def counts(sql: Sql) -> dict[str, int]:
    tables = [
        table for (table,) in sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    ]
    return {table: sql(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}


def test_installing_again_takes_away_what_was_granted_by_hand(
    owner_sql: Sql, command_environment: dict[str, str]
) -> None:
    before, rows = rights(owner_sql), counts(owner_sql)
    owner_sql(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{settings.APPLICATION_ROLE}"')
    owner_sql(f'GRANT UPDATE ON "{Entry._meta.db_table}" TO PUBLIC')
    result = install(command_environment)
    assert result.returncode == 0, result.stderr
    assert rights(owner_sql) == before
    # Reference data: the same again, not twice.
    assert counts(owner_sql) == rows


@pytest.mark.parametrize(
    ("role", "says"), [("owner", "also owns the tables"), ("nobody_knows", "there is no database role")]
)
def test_a_role_that_no_grant_binds_is_refused(
    role: str, says: str, command_environment: dict[str, str]
) -> None:
    url = command_environment["DATABASE_OWNER_URL"]
    if role != "owner":
        owner = urlsplit(url).username
        url = url.replace(f"//{owner}:", f"//{role}:", 1)
    result = install(command_environment | {"DATABASE_URL": url})
    assert result.returncode == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_a_role_that_owns_a_table_is_refused(
    owner_sql: Sql, committed: str, command_environment: dict[str, str]
) -> None:
    owner_sql(f'GRANT CREATE ON SCHEMA public TO "{settings.APPLICATION_ROLE}"')
    application = psycopg2.connect(databases.renamed(os.environ["DATABASE_URL"], committed))
    with application, application.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id integer)")
    application.close()
    result = install(command_environment)
    assert result.returncode == 1
    assert "owns mine" in result.stderr
