"""PostgreSQL under another account than root's: it reaches what it must, and no folder of the person is
opened up for it.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.run import accounts
from portal.run.accounts import Account
from portal.run.layout import Folders
from portal.run.postgres import Postgres

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes to another account")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="jht-accounts-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def test_an_account_enters_what_its_bits_allow(folder: Path) -> None:
    stranger = Account(user=12345, group=12345, switch=True)
    inner = folder / "closed" / "inner"
    inner.mkdir(parents=True)
    assert stranger.can_enter(inner)
    (folder / "closed").chmod(0o700)
    assert not stranger.can_enter(inner)
    assert Account(os.geteuid(), os.getegid(), switch=False).can_enter(inner)
    (folder / "closed").chmod(0o710)
    assert Account(12345, (folder / "closed").stat().st_gid, switch=True).can_enter(inner)


@only_root
def test_root_gives_way_to_the_owner_of_the_data(folder: Path) -> None:
    assert accounts.for_postgres(folder / "data").switch
    (folder / "data").mkdir()
    os.chown(folder / "data", 12345, 12346)
    assert accounts.for_postgres(folder / "data") == Account(12345, 12346, switch=True)


@only_root
def test_a_checkout_in_a_closed_folder_stays_closed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a checkout in root's home: data and programs go elsewhere, with a link to the data, and the
    server works.
    """
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setattr(accounts, "ELSEWHERE", elsewhere)
    genuine = Account.can_enter
    monkeypatch.setattr(
        Account, "can_enter", lambda self, path: "site-packages" not in str(path) and genuine(self, path)
    )
    home = folder / "home"
    home.mkdir(mode=0o700)
    folders = Folders(home / "checkout" / "var")
    folders.make()
    for start in ("first", "second"):
        server = Postgres(folders, throwaway=True)
        server.prepare()
        process = server.start()
        try:
            server.ready(lambda: False)
            with server.connect() as connection, connection.cursor() as cursor:
                cursor.execute("SHOW data_directory")
                assert Path(cursor.fetchone()[0]).is_relative_to(elsewhere), start
        finally:
            process.send_signal(server.stop_signal)
            process.wait(30)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (folders.var / "pg").is_symlink()
    assert server.programs.is_relative_to(elsewhere)
