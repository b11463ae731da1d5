"""./jht test --keep: servers that stay for the next call, and when they do not serve it any more."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from portal.run import kept
from portal.run.kept import Kept
from portal.run.layout import InUse
from tests import installed, template
from tests.live import wait_until

pytestmark = pytest.mark.program


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """The folder of kept servers, in a folder for temporary files of this test alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield Kept.of_this_checkout()
    kept.stop()


def answers(variables: dict[str, str]) -> bool:
    try:
        psycopg2.connect(variables["DATABASE_URL"]).close()
    except psycopg2.OperationalError:
        return False
    return True


def test_servers_stay_until_they_are_stopped(folder: Kept) -> None:
    variables, held = kept.use()
    assert answers(variables)

    again, held_again = kept.use()
    assert again == variables
    held_again.close()

    with pytest.raises(InUse):
        kept.stop()
    assert answers(variables)

    held.close()
    assert kept.stop()
    assert not answers(variables)
    assert not folder.var.exists()
    assert not kept.stop()


@pytest.mark.kill
def test_what_a_killed_keeper_left_is_thrown_away(folder: Kept) -> None:
    variables, held = kept.use()
    held.close()
    os.kill(json.loads(folder.servers_file.read_text())["keeper"], signal.SIGKILL)
    wait_until(lambda: not answers(variables), seconds=30, says="end of the orphaned server")

    fresh, held = kept.use()
    assert answers(fresh)
    assert fresh["DATABASE_URL"] != variables["DATABASE_URL"]
    held.close()


def test_servers_of_other_code_are_replaced(folder: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = ({"started by": sign, "variables": {"of": sign}} for sign in ("older code", kept._sign()))
    found, stopped = [older, newer], []
    monkeypatch.setattr(kept, "_running", lambda _: found.pop(0))
    monkeypatch.setattr(kept, "stop", lambda: stopped.append("older code"))
    variables, held = kept.use()
    held.close()
    assert stopped == ["older code"]
    assert variables == newer["variables"]


def test_the_folder_is_the_users_own(folder: Kept, tmp_path: Path) -> None:
    folder.base.symlink_to(tmp_path)
    with pytest.raises(InUse):
        kept.use()
    folder.base.unlink()
    folder.make()
    with folder.used() as used:
        assert os.fstat(used.fileno()).st_mode & 0o077 == 0


def test_idle_is_who_was_not_used_for_an_hour(folder: Kept) -> None:
    folder.make()
    long_ago = time.time() - kept.IDLE_SECONDS - 1
    with folder.used() as of_keeper, folder.used() as of_a_run:
        os.utime(of_keeper.fileno())
        assert not kept._is_idle(of_keeper)
        os.utime(of_keeper.fileno(), (long_ago, long_ago))
        assert kept._try(of_a_run, kept.fcntl.LOCK_SH)
        assert not kept._is_idle(of_keeper)
        of_a_run.close()
        assert kept._is_idle(of_keeper)


def test_a_template_is_of_the_files_it_was_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template, "ROOT", tmp_path)
    monkeypatch.setattr(template, "ALWAYS", ())
    monkeypatch.setattr(installed, "folders", lambda: [tmp_path / "portal"])
    migrations = tmp_path / "portal" / "cases" / "migrations"
    migrations.mkdir(parents=True)
    first, models = migrations / "0001_initial.py", tmp_path / "portal" / "cases" / "models.py"
    for file in (first, models):
        file.write_text("one")
    made_of = template.made_of({first, models, tmp_path / "var" / "log", Path("/etc/hosts")})
    assert set(made_of) == {
        "portal/cases/migrations",
        "portal/cases/migrations/0001_initial.py",
        "portal/cases/models.py",
    }
    assert template.is_current(made_of)
    assert not template.is_current({})

    (tmp_path / "portal" / "cases" / "views.py").write_text("no model")
    assert template.is_current(made_of)
    (migrations / "0002_more.py").write_text("two")
    assert not template.is_current(made_of)
    (migrations / "0002_more.py").unlink()
    models.write_text("two")
    assert not template.is_current(made_of)
    models.unlink()
    assert not template.is_current(made_of)
