"""The database is prepared when something changed, and left alone when nothing did."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.run import preparation, releases
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
    owner_sql("DELETE FROM django_migrations WHERE app = 'regions'")
    assert again(prepared) == BOTH


def test_a_restored_database_brings_its_own_sign(prepared: Preparation, owner_sql: Sql) -> None:
    """A dump of an older release carries the comment that the older release wrote."""
    again(prepared)
    owner_sql("COMMENT ON TABLE django_migrations IS 'an older release'")
    assert again(prepared) == BOTH


def noted(owner_sql: Sql, app: str, name: str) -> None:
    owner_sql("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", app, name)


def test_data_of_an_earlier_release_is_left_alone(prepared: Preparation, owner_sql: Sql) -> None:
    """Its migrations were folded: told in words, before a command runs or a file is written."""
    noted(owner_sql, "workforce", "0002_statistics")
    before = owner_sql(
        "SELECT app, name, obj_description('django_migrations'::regclass) FROM django_migrations"
    )
    for start in (prepared.database, lambda: prepared.all(demo=True)):
        with pytest.raises(StartFailed) as refusal:
            start()
        assert str(refusal.value) == (
            "the database that DATABASE_URL names was made by a release before this one, whose migrations are "
            "folded now (workforce.0002_statistics), and cannot be upgraded. Nothing was changed. Start it with the "
            "release that made it, or give this release another database with DATABASE_URL and DATABASE_OWNER_URL."
        )
    assert ran == []
    assert not list(prepared.folders.var.iterdir())
    assert before == owner_sql(
        "SELECT app, name, obj_description('django_migrations'::regclass) FROM django_migrations"
    )


def test_a_data_folder_is_called_by_its_path(
    prepared: Preparation, owner_sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "on_own_servers", lambda: False)
    for app, name in releases.FOLDED:
        noted(owner_sql, app, name)
    with pytest.raises(StartFailed) as refusal:
        prepared.database()
    said = str(refusal.value)
    assert said.startswith(f"the data folder {prepared.folders.var} was made by a release before this one")
    assert said.endswith("or give this release another data folder with JHT_VAR.")
    assert "and 19 more" in said


def test_data_of_a_newer_release_is_left_alone(prepared: Preparation, owner_sql: Sql) -> None:
    """Also when it once carried our sign: the migration that we do not know changes what the sign says."""
    again(prepared)
    noted(owner_sql, "policy", "0999_of_next_year")
    with pytest.raises(StartFailed, match=r"by a newer release: .*\(policy\.0999_of_next_year\)") as refusal:
        again(prepared)
    assert "Start it with that release or a later one, or give" in str(refusal.value)
    assert ran == []


def test_every_migration_of_ours_is_known_by_its_file() -> None:
    """What a start reads from the disk is what Django would read."""
    from django.db.migrations.loader import MigrationLoader

    packages = [preparation.ROOT / name for name in preparation.CODE]
    loaded = MigrationLoader(connection=None).disk_migrations
    ours = {
        key
        for key, migration in loaded.items()
        if migration.__module__.partition(".")[0] in {package.name for package in packages}
    }
    assert releases.on_disk(packages) == ours
    assert not ours & releases.FOLDED


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
