"""The database is prepared when something changed, and left alone when nothing did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.run import preparation
from portal.run.layout import Folders
from portal.run.preparation import Preparation
from portal.run.processes import StartFailed

Sql = Callable[..., list[tuple]]
BOTH = ["migrate", "install_database"]


@pytest.fixture
def prepared(
    committed: str, command_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Preparation:
    """On a migrated database; the commands are only noted, in `ran`."""
    monkeypatch.setattr(Preparation, "_manage", lambda self, *arguments: ran.append(arguments[0]))
    ran.clear()
    return Preparation(None, Folders(tmp_path), command_environment)  # type: ignore[arg-type]


ran: list[str] = []


def again(preparation: Preparation) -> list[str]:
    ran.clear()
    preparation.database()
    return list(ran)


def test_once_and_not_again(prepared: Preparation) -> None:
    assert again(prepared) == BOTH
    assert again(prepared) == []


def test_new_code_prepares_again(prepared: Preparation, monkeypatch: pytest.MonkeyPatch) -> None:
    again(prepared)
    monkeypatch.setattr(preparation, "database_fingerprint", lambda: "newer")
    assert again(prepared) == BOTH
    assert again(prepared) == []


def test_a_migration_taken_back_by_hand_shows(prepared: Preparation, owner_sql: Sql) -> None:
    again(prepared)
    owner_sql("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert again(prepared) == BOTH


def test_a_restored_database_brings_its_own_sign(prepared: Preparation, owner_sql: Sql) -> None:
    """A dump of an older release carries the comment that the older release wrote."""
    again(prepared)
    owner_sql("COMMENT ON TABLE django_migrations IS 'an older release'")
    assert again(prepared) == BOTH


def test_the_application_cannot_forge_the_sign(prepared: Preparation) -> None:
    import psycopg2

    with prepared._connection("DATABASE_URL") as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("COMMENT ON TABLE django_migrations IS 'prepared'")


def test_a_prepared_database_needs_no_owner(prepared: Preparation) -> None:
    again(prepared)
    without = Preparation(None, prepared.folders, {**prepared.env, "DATABASE_OWNER_URL": ""})  # type: ignore[arg-type]
    assert again(without) == []


def test_an_unprepared_one_says_what_it_needs(prepared: Preparation) -> None:
    without = Preparation(None, prepared.folders, {**prepared.env, "DATABASE_OWNER_URL": ""})  # type: ignore[arg-type]
    with pytest.raises(StartFailed, match="DATABASE_OWNER_URL is not set"):
        without.database()


def test_a_refused_connection_shows_no_password(prepared: Preparation) -> None:
    env = {**prepared.env, "DATABASE_URL": "postgresql://nobody_knows:hunter2@127.0.0.1:1/jht"}
    with pytest.raises(StartFailed) as error:
        Preparation(None, prepared.folders, env).database()  # type: ignore[arg-type]
    assert "nobody_knows" in str(error.value)
    assert "hunter2" not in str(error.value)


def test_fingerprints_follow_contents_not_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparation, "ROOT", tmp_path)
    for path, text in {
        "portal/models.py": "a",
        "portal/static/portal.css": "b",
        "portal/templates/page.html": "c",
        "talent_registry/data/list.csv": "d",
        "requirements.lock": "e",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    both = (preparation.database_fingerprint, preparation.static_fingerprint)
    before = [fingerprint() for fingerprint in both]
    (tmp_path / "portal/models.py").write_text("a")
    (tmp_path / "portal/templates/page.html").write_text("another page")
    assert [fingerprint() for fingerprint in both] == before
    (tmp_path / "talent_registry/data/list.csv").write_text("more")
    assert [new() != old for new, old in zip(both, before, strict=True)] == [True, False]
    (tmp_path / "portal/static/portal.css").write_text("more")
    assert preparation.static_fingerprint() != before[1]
