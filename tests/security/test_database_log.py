"""No personal data in the logs: neither in the database's own, nor in ours when the database refuses a row; and the
embedded database's accounts reach nothing but their database.

Given the driver puts values into statements, when a row with an ID number is refused or a statement is slow, then
nobody reads the number, the name or the statement in any log.
"""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml

from portal.logs import formatter, mask
from portal.run.layout import Folders
from portal.run.postgres import APPLICATION, DATABASE, OWNER, SETTINGS, Postgres
from tests.cast import id_number
from tests.live import wait_until
from tests.stack.running import ROOT

pytestmark = pytest.mark.program
NAME = "乌日娜其其格"
QUIET = (
    "log_min_error_statement",
    "log_error_verbosity",
    "log_statement",
    "log_min_duration_statement",
    "log_parameter_max_length",
    "log_parameter_max_length_on_error",
)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A database server as `./jht run` starts it."""
    base = Path(tempfile.mkdtemp(prefix="jht-log-"))
    base.chmod(0o711)
    folders = Folders(base / "v")
    folders.make()
    server = Postgres(folders, throwaway=True)
    server.prepare()
    process = server.start()
    try:
        server.ready(lambda: False)
        yield server
    finally:
        process.send_signal(server.stop_signal)
        process.wait(60)
        shutil.rmtree(server.home, ignore_errors=True)
        shutil.rmtree(base, ignore_errors=True)


def log_of(server: Postgres) -> str:
    return (server.folders.logs / "postgres.log").read_text(encoding="utf-8")


def test_a_refused_row_and_a_slow_statement_leave_no_value_in_the_log(server: Postgres) -> None:
    number = id_number()
    with server.connect(OWNER, DATABASE) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE people (number text PRIMARY KEY, name text CHECK (name <> ''))")
        cursor.execute(f"GRANT SELECT, INSERT ON people TO {APPLICATION}")
    owner.close()
    application = server.connect(APPLICATION, DATABASE)
    application.autocommit = True
    with application.cursor() as cursor:
        cursor.execute("INSERT INTO people VALUES (%s, %s)", [number, NAME])
        with pytest.raises(psycopg2.errors.UniqueViolation, match=number):
            cursor.execute("INSERT INTO people VALUES (%s, %s)", [number, NAME])
        with pytest.raises(psycopg2.errors.CheckViolation, match=number[:-1]):
            cursor.execute("INSERT INTO people VALUES (%s, '')", [f"{number[:-1]}Y"])
        with pytest.raises(psycopg2.errors.SyntaxError):
            cursor.execute("SELECT FROM WHERE people = %s", [number])
        # More than slow statements were once logged for.
        cursor.execute("SELECT pg_sleep(2.1) FROM people WHERE number = %s OR name = %s", [number, NAME])
        # The server writes its log in order: once this stands there, all before it does.
        with pytest.raises(psycopg2.errors.DivisionByZero):
            cursor.execute("SELECT 1 / 0")
    application.close()
    wait_until(lambda: "division by zero" in log_of(server), seconds=20, says="the last error in the log")
    log = log_of(server)
    assert "people_pkey" in log, "errors are logged, so that somebody sees there are any"
    assert [
        what for what in (number, number[:-1], NAME, "INSERT INTO", "pg_sleep", "DETAIL") if what in log
    ] == []


def test_the_servers_of_compose_log_as_little() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    command = compose["services"]["postgres"]["command"]
    for name in QUIET:
        assert f"{name}={SETTINGS[name]}" in command


# -- what the database says to the application ---------------------------------------------------------------
def logged(error: Exception) -> str:
    """The line that our log has of an error."""
    try:
        raise error
    except Exception:  # noqa: BLE001 - as whatever catches and logs it
        import sys

        record = logging.LogRecord("jht", logging.ERROR, __file__, 1, "failed: %s", (error,), sys.exc_info())
    return formatter().format(record)


def test_an_error_of_the_database_is_logged_without_its_row(server: Postgres) -> None:
    number = id_number()
    with server.connect(OWNER, DATABASE) as owner, owner.cursor() as cursor:
        cursor.execute("CREATE TABLE letters (code text PRIMARY KEY, name text NOT NULL)")
        cursor.execute("INSERT INTO letters VALUES (%s, %s)", [NAME, NAME])
    for statement, given in (
        ("INSERT INTO letters VALUES (%s, %s)", [NAME, number]),
        ("INSERT INTO letters VALUES (%s, NULL)", [f"{NAME}\n{NAME}"]),
        ("INSERT INTO letters VALUES (%s, %s, ''", [NAME, number]),
    ):
        with pytest.raises(psycopg2.Error) as refused, owner, owner.cursor() as cursor:
            cursor.execute(statement, given)
        assert NAME in str(refused.value)
        line = json.loads(logged(refused.value))
        said = json.dumps(line, ensure_ascii=False)
        assert NAME not in said and number not in said
        assert "letters" in said or "syntax" in said, "what went wrong is still told"
    owner.close()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x\nDETAIL:  Key (name)=(王建国) already exists.\n", "x\nDETAIL: ***"),
        ("x\nDETAIL:  Failing row (王\n建国).\nCONTEXT:  here", "x\nDETAIL: ***\nCONTEXT:  here"),
        ("x\nDETAIL:  Key (王建国).\n\n\nThe above exception", "x\nDETAIL: ***\n\n\nThe above exception"),
        ("no DETAIL: of ours is cut", "no DETAIL: of ours is cut"),
    ],
)
def test_only_what_the_database_tells_of_rows_is_left_out(text: str, shown: str) -> None:
    assert str(mask(text)).rstrip() == shown


# -- accounts ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [APPLICATION, OWNER])
@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_our_accounts_reach_no_other_database(server: Postgres, role: str, database: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="permission denied for database"):
        server.connect(role, database)


def test_the_applications_account_makes_nothing_but_temporary_tables(server: Postgres) -> None:
    application = server.connect(APPLICATION, DATABASE)
    application.autocommit = True
    with application.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staging (id int)")
        for statement in (
            "CREATE TABLE it_may_not (id int)",
            "CREATE SCHEMA it_may_not",
            "CREATE FUNCTION it_may_not() RETURNS int LANGUAGE sql RETURN 1",
            "CREATE DATABASE it_may_not",
            "CREATE ROLE it_may_not",
            "COPY staging FROM '/etc/passwd'",
            "SELECT pg_read_file('/etc/passwd')",
            "SET session_replication_role = replica",
            "SET log_statement = 'all'",
        ):
            with pytest.raises(psycopg2.Error, match="permission denied"):
                cursor.execute(statement)
    application.close()
