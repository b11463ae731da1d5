"""Wrong passwords, from one address or from a thousand: strangers lock out strangers, nobody fills anything, and
nothing tells which names there are.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from portal.accounts import backends, devices, failures, tries
from portal.audit.models import Entry
from portal.throttle import Turns
from tests.cast import PASSWORD
from tests.factors import go_on

LOGIN = "/accounts/login/"
ROOT = Path(__file__).resolve().parent.parent.parent


WRONG = "wrong"


def attempt(username: str, password: str = WRONG, *, client: Client | None = None, at: str = "") -> Any:
    client = client or (Client(REMOTE_ADDR=at) if at else Client())
    return go_on(client, username, client.post(LOGIN, {"username": username, "password": password}))


def at(number: int) -> str:
    return f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


@pytest.fixture
def hashes(monkeypatch: Any) -> list[str]:
    """The names whose passwords are looked at."""
    seen: list[str] = []
    look = backends.ActiveUserBackend.authenticate

    def counted(self: Any, request: Any, username: Any = None, password: Any = None, **more: Any) -> Any:
        seen.append(username)
        return look(self, request, username=username, password=password, **more)

    monkeypatch.setattr(backends.ActiveUserBackend, "authenticate", counted)
    return seen


def test_strangers_do_not_lock_out_whoever_signed_in_in_this_browser(clerk: Any) -> None:
    """Given a browser in which a clerk signed in, when a hundred addresses guess, then the clerk gets in."""
    browser = Client()
    assert attempt(clerk.username, PASSWORD, client=browser).status_code == 302
    browser.post("/accounts/logout/")
    for number in range(100):
        attempt(clerk.username, at=at(number))
    # From another address than the one known: only the browser speaks for them.
    travelled = Client(REMOTE_ADDR="192.0.2.7")
    assert attempt(clerk.username, PASSWORD, client=travelled).status_code == 429
    travelled.cookies[devices.COOKIE] = browser.cookies[devices.COOKIE].value
    assert attempt(clerk.username, PASSWORD, client=travelled).status_code == 302


def test_strangers_do_not_lock_out_whoever_signed_in_from_this_address(clerk: Any) -> None:
    assert attempt(clerk.username, PASSWORD, at="192.0.2.1").status_code == 302
    for number in range(100):
        attempt(clerk.username, at=at(number))
    assert attempt(clerk.username, PASSWORD, at="192.0.2.1").status_code == 302


def test_a_flood_from_a_colleagues_own_address_does_not_lock_them_out(clerk: Any, approver: Any) -> None:
    """Given an office behind one address, when one in it guesses at everybody, then the others still sign in."""
    browser = Client()
    attempt(clerk.username, PASSWORD, client=browser)
    browser.post("/accounts/logout/")
    for number in range(60):
        attempt(f"name.{number % 7}")
        attempt(clerk.username)
    assert attempt(clerk.username, PASSWORD, client=browser).status_code == 302


def test_a_cookie_of_another_account_or_a_made_up_one_helps_nobody(clerk: Any, approver: Any) -> None:
    browser = Client()
    attempt(clerk.username, PASSWORD, client=browser)
    genuine = browser.cookies[devices.COOKIE].value
    for number in range(100):
        attempt(approver.username, at=at(number))
    for cookie in (genuine, genuine[:-3] + "abc", "x:y:z", "{}", "", "\x00"):
        client = Client(REMOTE_ADDR="192.0.2.9")
        client.cookies[devices.COOKIE] = cookie
        assert attempt(approver.username, PASSWORD, client=client).status_code == 429


def test_a_stolen_cookie_gives_five_guesses_and_no_more(clerk: Any, hashes: list[str]) -> None:
    browser = Client()
    attempt(clerk.username, PASSWORD, client=browser)
    browser.post("/accounts/logout/")
    hashes.clear()
    for _ in range(20):
        attempt(clerk.username, client=browser)
    assert len(hashes) == 5


def test_nothing_is_computed_for_a_locked_name(
    clerk: Any, hashes: list[str], django_assert_num_queries: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    for _ in range(5):
        attempt(clerk.username)
    for _ in range(failures.FIRST):
        attempt(clerk.username)
    assert len(hashes) == 5
    with django_assert_num_queries(0):
        assert attempt(clerk.username).status_code == 429


def test_at_most_so_many_strangers_are_looked_at_at_once(clerk: Any, monkeypatch: Any) -> None:
    """Given that the turns of strangers are taken, then a stranger waits, and a colleague does not."""
    attempt(clerk.username, PASSWORD, at="192.0.2.1")
    monkeypatch.setattr(tries, "_WAIT_SECONDS", 0.05)
    full = Turns("test-full", 1, 30)
    assert full.take()
    monkeypatch.setattr(tries, "_FRESH", full)
    answer = attempt(clerk.username, PASSWORD, at="192.0.2.2")
    assert answer.status_code == 429 and "没有计入输错次数" in answer.content.decode()
    assert attempt(clerk.username, PASSWORD, at="192.0.2.1").status_code == 302


def test_addresses_that_failed_often_wait_behind_all_others(
    clerk: Any, monkeypatch: Any, hashes: list[str]
) -> None:
    """Given an address that tries on and on, then one of its passwords is looked at in a while, and somebody from a
    new address at once.
    """
    monkeypatch.setattr(tries, "AGAIN_MS", 3_600_000)
    for number in range(tries.FRESH + 5):
        answer = attempt(f"name.{number}", at="192.0.2.3")
    assert answer.status_code == 429
    assert len(hashes) == tries.FRESH + 1
    assert attempt(clerk.username, PASSWORD, at="192.0.2.4").status_code == 302


def test_one_network_of_ipv6_is_one_address(clerk: Any) -> None:
    for number in range(5):
        answer = attempt(clerk.username, at=f"2001:db8:1:2::{number}")
    assert answer.status_code == 429


def test_unlocking_clears_whatever_locks(system_admin: Any, clerk: Any, as_user: Any) -> None:
    """By name and address, by name alone, and in the own browser."""
    browser = Client()
    attempt(clerk.username, PASSWORD, client=browser)
    browser.post("/accounts/logout/")
    for number in range(100):
        attempt(clerk.username, at=at(number))
    for _ in range(6):
        attempt(clerk.username, client=browser)
        attempt(clerk.username, at="192.0.2.1")
    for client in (browser, Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")):
        assert attempt(clerk.username, PASSWORD, client=client).status_code == 429
    page = as_user(system_admin).get(f"/accounts/users/{clerk.pk}/").content.decode()
    assert "登录锁定中" in page
    assert as_user(system_admin).post(f"/accounts/users/{clerk.pk}/unlock/").status_code == 302
    for client in (browser, Client(REMOTE_ADDR="192.0.2.1"), Client(REMOTE_ADDR="192.0.2.2")):
        assert attempt(clerk.username, PASSWORD, client=client).status_code == 302


def test_a_flood_leaves_few_entries_and_says_how_many_there_were(clerk: Any, monkeypatch: Any) -> None:
    began = 1_800_000_000.0
    monkeypatch.setattr(failures, "_flood", failures._Flood())
    monkeypatch.setattr(time, "time", lambda: began)
    for _ in range(5):
        attempt(clerk.username)
    for _ in range(300):
        failures.refused(clerk.username, "127.0.0.1")
    assert Entry.objects.filter(action=failures.ACTION).count() == 5 + failures.FIRST
    # What this process still counts by itself comes with the next one.
    monkeypatch.setattr(failures, "_flood", failures._Flood())
    failures.refused(clerk.username, "127.0.0.2")
    monkeypatch.setattr(time, "time", lambda: began + 60)
    assert (failures.write_counts(), failures.write_counts()) == (1, 0)
    entry = Entry.objects.filter(action=failures.ACTION).latest("id")
    assert entry.detail["count"] > failures.FIRST and entry.detail["addresses"] == 2


def test_an_unknown_name_is_looked_at_as_any_other(clerk: Any, hashes: list[str]) -> None:
    """As often, and with as much computed: neither an answer nor the time tells that nobody has it."""
    answers: dict[str, list[tuple[int, str]]] = {}
    for name in (clerk.username, "nobody.here"):
        given = [attempt(name) for _ in range(8)]
        answers[name] = [
            (
                answer.status_code,
                re.sub(r'name="csrf\w+" value="\w+"|value="[\w.]+"', "", answer.content.decode()),
            )
            for answer in given
        ]
    assert hashes.count(clerk.username) == hashes.count("nobody.here") == 5
    assert [a for a, _ in answers[clerk.username]] == [a for a, _ in answers["nobody.here"]]
    assert answers[clerk.username] == answers["nobody.here"]


def test_there_is_one_way_in() -> None:
    """Nothing but signing_in asks whether a name and a password belong together, or begins a session."""
    pattern = re.compile(
        r"auth\.authenticate\(|auth\.login\(|contrib\.auth import .*\b(authenticate|login)\b"
    )
    found = {
        str(path.relative_to(ROOT))
        for folder in ("portal", "talent_registry")
        for path in (ROOT / folder).rglob("*.py")
        if pattern.search(path.read_text())
    }
    assert found == {"portal/accounts/signing_in.py"}
