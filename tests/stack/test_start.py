"""What a start decides before any process runs: addresses, secrets, the lock, what is shown at the end."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from portal.run import keys, messages
from portal.run.address import Address, on_own_servers, web_variables
from portal.run.layout import LONGEST_SOCKET_FOLDER, Folders, InUse
from portal.run.processes import StartFailed


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "JHT_LISTEN",
        "JHT_PUBLIC_URL",
        "JHT_PLAIN_HTTP",
        "JHT_ALLOWED_HOSTS",
        "DATABASE_URL",
        "REDIS_URL",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("text", "bind", "url"),
    [
        ("127.0.0.1:8000", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:80", "localhost:80", "http://localhost:80"),
        ("0.0.0.0:9000", "0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("[::1]:8000", "[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_where_it_listens(monkeypatch: pytest.MonkeyPatch, text: str, bind: str, url: str) -> None:
    monkeypatch.setenv("JHT_LISTEN", text)
    address = Address.from_environment()
    assert (address.bind, address.url) == (bind, url)


@pytest.mark.parametrize("text", ["8000", "127.0.0.1:", ":8000", "127.0.0.1:99999", "127.0.0.1:http"])
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("JHT_LISTEN", text)
    with pytest.raises(StartFailed, match="host:port"):
        Address.from_environment()


def test_plain_http_is_for_loopback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert web_variables(Address("127.0.0.1", 8000)) == {
        "JHT_PUBLIC_URL": "http://127.0.0.1:8000",
        "JHT_PLAIN_HTTP": "1",
    }
    assert not capsys.readouterr().err
    variables = web_variables(Address("192.0.2.1", 8000))
    assert "unencrypted" in capsys.readouterr().err
    assert variables["JHT_ALLOWED_HOSTS"].endswith(",192.0.2.1")
    monkeypatch.setenv("JHT_PUBLIC_URL", "https://jht.example.gov.cn")
    assert "JHT_PLAIN_HTTP" not in web_variables(Address("::", 8000))


def test_one_server_of_ones_own_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not on_own_servers()
    monkeypatch.setenv("DATABASE_URL", "postgresql://jht_app@db/jht")
    with pytest.raises(StartFailed, match="both DATABASE_URL and REDIS_URL"):
        on_own_servers()
    monkeypatch.setenv("REDIS_URL", "redis://broker:6379/0")
    assert on_own_servers()


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first = keys.kept(tmp_path, "index_key")
    assert keys.kept(tmp_path, "index_key") == first
    assert stat.S_IMODE((tmp_path / "index_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["index_key"]


def test_secrets_given_by_the_person_are_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JHT_SECRET_KEY", "JHT_DATA_KEYS", "JHT_INDEX_KEY", "JHT_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JHT_INDEX_KEY", "0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    made = keys.application(tmp_path)
    assert set(made) == {"JHT_SECRET_KEY", "JHT_DATA_KEYS", "JHT_AUDIT_KEY"}
    number, _, key = made["JHT_DATA_KEYS"].partition(":")
    assert (number, len(bytes.fromhex(key))) == ("1", 16)


def test_the_folder_has_one_holder(tmp_path: Path) -> None:
    folders = Folders(tmp_path / "var")
    folders.make()
    with (
        folders.lock("process 7, which serves http://127.0.0.1:1/"),
        pytest.raises(InUse, match="process 7, which serves"),
    ):
        folders.lock("another")
    folders.lock("the next one").close()


def test_sockets_move_when_the_folder_is_too_deep(tmp_path: Path) -> None:
    deep = Folders(tmp_path / ("d" * LONGEST_SOCKET_FOLDER))
    assert len(str(deep.sockets)) < LONGEST_SOCKET_FOLDER
    assert deep.sockets != Folders(tmp_path / ("e" * LONGEST_SOCKET_FOLDER)).sockets


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.run.layout.LARGEST_LOG", 10)
    folders = Folders(tmp_path)
    folders.make()
    for text in (b"a line of the first start\n", b"second\n"):
        folders.rotate_logs()
        with folders.log("web") as log:
            log.write(text)
    assert (folders.logs / "web.log").read_text() == "second\n"
    assert (folders.logs / "web.log.1").read_text() == "a line of the first start\n"


def test_accounts_are_shown_in_columns(tmp_path: Path) -> None:
    path = tmp_path / "demo_accounts.json"
    assert messages.demo_accounts(path) == ""
    accounts = [
        {"role": "窗口经办员", "region": "新城区", "username": "chuangkou", "password": "first"},
        {"role": "auditor", "region": "", "username": "shenji", "password": "second"},
    ]
    path.write_text(json.dumps(accounts), encoding="utf-8")
    shown = messages.demo_accounts(path)
    # A Chinese character takes two columns: the second column begins at the same place on every line.
    assert shown.splitlines() == [
        "  role        region  user name  password",
        "  窗口经办员  新城区  chuangkou  first",
        "  auditor             shenji     second",
    ]
    # Once: whatever keeps what a start says does not collect them.
    assert messages.demo_accounts(path) == f"  as shown at the first start; see {path}"
    block = messages.ready("http://127.0.0.1:8000", shown, new=False)
    assert block.startswith("READY http://127.0.0.1:8000/\n")
    assert "What to click first" in block
    assert messages.ready("http://127.0.0.1:8000", "", new=False) == "READY http://127.0.0.1:8000/"
    assert "--role security_admin" in messages.ready("http://127.0.0.1:8000", "", new=True)
