"""A demonstration says so on every page, is one for good, and is the only place where staff need no second factor."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.test import Client

from portal import folder_mark
from portal.accounts import demonstration
from portal.run import kinds
from portal.run.layout import Folders
from portal.run.preparation import Preparation
from portal.run.processes import StartFailed
from tests import databases
from tests.factors import give_password, is_signed_in
from tests.stack.running import ROOT

Sql = Callable[..., list[tuple]]
NOTICE = "演示系统"
MARK = "INSERT INTO accounts_demonstrationmark (id, since) VALUES (1, now())"
# Not `_state` of tests/conftest.py, which says that every portal here is a real one.
asks_the_database = demonstration._state


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a demonstration."""
    monkeypatch.setattr(demonstration, "_state", lambda: (True, True))


@pytest.mark.parametrize(
    "path", ["/", "/check/", "/registry/", "/accounts/login/", "/no-such-page/", "/api/docs/try/"]
)
def test_every_public_page_says_so(db: None, shown: None, path: str) -> None:
    assert NOTICE in Client().get(path).content.decode()


def test_pages_of_the_office_and_of_errors_say_so(
    shown: None, as_user: Any, clerk: Any, worker_user: Any
) -> None:
    from django.test import RequestFactory

    from portal.pages.errors import server_error

    assert NOTICE in as_user(clerk, factor="").get("/window/").content.decode()
    assert NOTICE in as_user(worker_user, factor="").get("/my/").content.decode()
    assert NOTICE in server_error(RequestFactory().get("/")).content.decode()


def test_a_real_portal_does_not(db: None) -> None:
    assert NOTICE not in Client().get("/").content.decode()


def test_on_paper_too() -> None:
    """Nothing takes the notice out of what is printed."""
    css = (ROOT / "portal/static/portal/print.css").read_text(encoding="utf-8")
    hidden = next(line for line in css.splitlines() if "display: none" in line)
    assert ".demonstration" not in hidden and ".demonstration, .staff .demonstration {" in css


def test_staff_of_a_demonstration_need_no_factor(shown: None, clerk: Any) -> None:
    client = Client()
    assert give_password(client, clerk)["Location"] == "/window/" and is_signed_in(client)


def test_staff_of_a_real_portal_do(clerk: Any) -> None:
    client = Client()
    assert give_password(client, clerk)["Location"] == "/accounts/factor/enrol/"
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["JHT_DEMO", "JHT_DEBUG", "JHT_PLAIN_HTTP"])
def test_no_variable_switches_factors_off(clerk: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "1")
    assert not demonstration.is_demonstration()
    assert give_password(Client(), clerk)["Location"] == "/accounts/factor/enrol/"


def as_application(committed: str, statement: str) -> None:
    connection = psycopg2.connect(databases.renamed(os.environ["DATABASE_URL"], committed))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


def test_the_database_makes_no_demonstration_of_a_real_portal(
    committed: str, cast: Any, owner_sql: Sql
) -> None:
    """Neither while there are accounts nor after they are gone, not even for the owner."""
    from portal import audit
    from portal.accounts.models import RoleAssignment, User

    audit.record("account.create", by=None, obj=cast("clerk"))
    for gone in (False, True):
        if gone:
            RoleAssignment.objects.all().delete()
            User.objects.all().delete()
        for attempt in (lambda: as_application(committed, MARK), lambda: owner_sql(MARK)):
            with pytest.raises(psycopg2.errors.CheckViolation, match="does not become a demonstration"):
                attempt()
    assert asks_the_database() == (False, False)


def test_the_database_keeps_the_mark(committed: str, owner_sql: Sql) -> None:
    as_application(committed, MARK)
    for change in (
        "UPDATE accounts_demonstrationmark SET since = now()",
        "DELETE FROM accounts_demonstrationmark",
        "TRUNCATE accounts_demonstrationmark",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            as_application(committed, change)
        with pytest.raises(psycopg2.errors.CheckViolation, match="stays one"):
            owner_sql(change)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        as_application(committed, MARK)
    with pytest.raises(psycopg2.errors.CheckViolation):
        as_application(committed, MARK.replace("(1,", "(2,"))
    assert asks_the_database() == (True, False)


@pytest.fixture
def folder(committed: str, command_environment: dict[str, str], tmp_path: Path) -> Preparation:
    return Preparation(None, Folders(tmp_path / "var"), command_environment)  # type: ignore[arg-type]


def starts(folder: Preparation, monkeypatch: pytest.MonkeyPatch, *, embedded: bool, demo: str | None) -> str:
    """What the start says against it; empty when nothing."""
    monkeypatch.setattr(kinds, "on_own_servers", lambda: not embedded)
    monkeypatch.delenv("JHT_DEMO", raising=False)
    if demo is not None:
        monkeypatch.setenv("JHT_DEMO", demo)
    try:
        folder._refuse_the_other_kind()
    except StartFailed as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("embedded", [True, False])
def test_a_demonstration_never_starts_as_a_real_portal(
    folder: Preparation, committed: str, monkeypatch: pytest.MonkeyPatch, embedded: bool
) -> None:
    """Whichever of the two marks is left; said in words, with what to do."""
    var = folder.folders.var
    real, demo = ("0", None) if embedded else (None, "1")
    assert starts(folder, monkeypatch, embedded=embedded, demo=real) == ""
    folder_mark.mark(var)
    by_folder = starts(folder, monkeypatch, embedded=embedded, demo=real)
    assert str(var) in by_folder and "stays one" in by_folder and "JHT_VAR" in by_folder
    assert starts(folder, monkeypatch, embedded=embedded, demo=demo) == ""
    as_application(committed, MARK)
    (var / folder_mark.NAME).unlink()
    by_database = starts(folder, monkeypatch, embedded=embedded, demo=real)
    assert "the database was made as a demonstration" in by_database and "JHT_DEMO" in by_database
    assert starts(folder, monkeypatch, embedded=embedded, demo=demo) == ""
    assert folder_mark.is_marked(var), "the folder has its mark again"


def test_a_real_database_does_not_move_into_a_demonstrations_folder(
    folder: Preparation, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast("clerk")
    folder_mark.mark(folder.folders.var)
    said = starts(folder, monkeypatch, embedded=True, demo=None)
    assert "the database is a real portal's" in said and "JHT_VAR" in said


def test_the_mark_of_a_folder_is_written_once(tmp_path: Path) -> None:
    folder_mark.mark(tmp_path / "var")
    path = tmp_path / "var" / folder_mark.NAME
    before = path.read_text(encoding="utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o444 and "演示" in before
    folder_mark.mark(tmp_path / "var")
    assert path.read_text(encoding="utf-8") == before


@pytest.mark.program
def test_the_demonstration_is_not_loaded_into_a_portal_with_accounts(
    command_environment: dict[str, str], cast: Any, tmp_path: Path
) -> None:
    """And leaves no mark there."""
    cast("clerk")
    var = tmp_path / "var"
    done = subprocess.run(
        [sys.executable, "manage.py", "load_demo"],
        cwd=ROOT,
        env=command_environment | {"JHT_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "has accounts already" in done.stderr
    assert not folder_mark.is_marked(var) and asks_the_database() == (False, True)


def test_demonstrations_of_earlier_releases_are_marked(committed: str, owner_sql: Sql) -> None:
    """Those whose first accounts nobody made by an action; a real office with the same names is not."""
    from portal import audit
    from portal.accounts.factor_guards import KEEP_MARK, LEAVE_MARK, MARK_EARLIER
    from portal.accounts.models import User

    names = {"xitong": "吴昊", "anquan": "郑安", "shenjigl": "冯鉴"}
    made = [User.objects.create_user(name, display_name=display) for name, display in names.items()]
    owner_sql(LEAVE_MARK)
    owner_sql(MARK_EARLIER)
    assert asks_the_database()[0]
    owner_sql("DELETE FROM accounts_demonstrationmark")
    audit.record("account.create", by=None, obj=made[0])
    owner_sql(MARK_EARLIER)
    assert not asks_the_database()[0]
    owner_sql(KEEP_MARK)


def test_what_a_process_knows_it_asks_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty portal may yet become a demonstration; one with accounts, or with the mark, stays what it is."""
    asked: list[Any] = []

    def answers(*said: tuple[bool, bool]) -> None:
        given = iter(said)
        monkeypatch.setattr(demonstration, "_known", {})
        monkeypatch.setattr(demonstration, "_state", lambda: asked.append(1) or next(given))

    answers((False, False), (True, False))
    assert [demonstration.is_demonstration() for _ in range(4)] == [False, True, True, True]
    answers((False, True))
    assert [demonstration.is_demonstration() for _ in range(3)] == [False] * 3
    assert len(asked) == 3
