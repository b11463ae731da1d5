"""A flood at the ways in is refused in front of everything: as it would be behind, cheaply, and never instead of a
colleague.

Given wrong passwords from one address or many, at one name or many, with or without the token of a form, when the
portal refuses them, then nothing is drawn, looked up, kept or written for them.
"""

from __future__ import annotations

import os
import re
import threading
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from portal.accounts import (
    activation,
    behind_others,
    devices,
    failures,
    gate,
    hashing,
    refusals,
    releases,
    signing_in,
    tries,
)
from portal.accounts.second_factor.tries import OF_ADDRESS
from portal.audit import refused
from portal.audit.models import Entry
from portal.throttle import server
from tests.cast import PASSWORD
from tests.factors import go_on

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
GATE = "portal.accounts.gate.Gate"
WRONG = "wrong"


@pytest.fixture(autouse=True)
def nothing_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process has counted and not said is of this test alone."""
    monkeypatch.setattr(refused, "_in_front", refused._InFront())
    monkeypatch.setattr(failures, "_flood", failures._Flood())


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tries that came as far as the view."""
    seen: list[str] = []
    look = signing_in.check_password

    def counted(request: Any, username: str, password: str) -> Any:
        seen.append(username)
        return look(request, username, password)

    monkeypatch.setattr(signing_in, "check_password", counted)
    return seen


def attempt(username: str, password: str = WRONG, *, at: str = "192.0.2.1", **more: Any) -> Any:
    return Client(REMOTE_ADDR=at).post(LOGIN, {"username": username, "password": password}, **more)


def address(number: int) -> str:
    return f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"


def browser_of(user: Any) -> Client:
    """A browser in which somebody has signed in and out again."""
    browser = Client(REMOTE_ADDR="198.51.100.1")
    answer = browser.post(LOGIN, {"username": user.username, "password": PASSWORD})
    assert go_on(browser, user.username, answer).status_code == 302
    browser.post("/accounts/logout/")
    return browser


def signs_in(user: Any, browser: Client, at: str) -> bool:
    """Whether the password is taken in this browser, from an address that nobody knows."""
    elsewhere = Client(REMOTE_ADDR=at)
    elsewhere.cookies[devices.COOKIE] = browser.cookies[devices.COOKIE].value
    return elsewhere.post(LOGIN, {"username": user.username, "password": PASSWORD}).status_code == 302


def names_kept() -> int:
    keys = [
        key for what in ("place", "name") for key in server().scan_iter(cache.make_key(f"tries:{what}:*"))
    ]
    return len(keys)


def test_an_address_that_tried_too_often_never_gets_further(
    clerk: Any, looked_at: list[str], monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(tries, "BY_ADDRESS", 8)
    browser = browser_of(clerk)
    looked_at.clear()
    for number in range(8 + failures.FIRST):
        attempt(f"name.{number}")
    assert looked_at == [f"name.{number}" for number in range(8)]
    with django_assert_num_queries(0):
        assert [attempt(f"other.{number}").status_code for number in range(5)] == [429] * 5
    assert len(looked_at) == 8
    assert signs_in(clerk, browser, "192.0.2.1"), "also from that very address"


def test_a_name_that_many_addresses_tried_never_gets_further(
    clerk: Any, looked_at: list[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(tries, "BY_NAME", 12)
    browser = browser_of(clerk)
    looked_at.clear()
    answers = [attempt(clerk.username, at=address(number)).status_code for number in range(40)]
    assert answers == [200] * 12 + [429] * 28
    assert len(looked_at) == 12
    assert signs_in(clerk, browser, "192.0.2.77")


@pytest.mark.parametrize("name", ["otog.clerk", "nobody.here"])
def test_in_front_and_behind_the_same_is_said(clerk: Any, name: str, settings: Any, monkeypatch: Any) -> None:
    """The same tries with the gate and without it: statuses, times to wait, pages and headers; of any name."""
    monkeypatch.setattr(tries, "BY_ADDRESS", 9)
    monkeypatch.setattr(tries, "BY_NAME", 14)
    behind = [part for part in settings.MIDDLEWARE if part != GATE]
    assert len(behind) == len(settings.MIDDLEWARE) - 1

    def said(where: int) -> list[Any]:
        steps = [(name, where, 7), (name, where + 1, 6), (name, where + 2, 6), ("somebody", where, 7)]
        answers = [attempt(who, at=address(at)) for who, at, times in steps for _ in range(times)]
        return [
            (
                answer.status_code,
                -(-int(answer.get("Retry-After", 0)) // 60),
                re.sub(r'name="csrf\w+" value="\w+"|value="[\w.]+"', "", answer.content.decode()),
                {
                    key: value
                    for key, value in answer.items()
                    if answer.status_code == 429 and key not in {"Retry-After", "Expires", "Vary"}
                },
            )
            for answer in answers
        ]

    with_gate = said(1000)
    tries.forget(signing_in.name_digest(name))
    tries.forget(signing_in.name_digest("somebody"))
    settings.MIDDLEWARE = behind
    assert with_gate == said(2000)
    assert {status for status, *_ in with_gate} == {200, 429}


def test_what_a_client_says_of_its_address_is_worth_nothing(clerk: Any, looked_at: list[str]) -> None:
    for number in range(12):
        attempt(clerk.username, HTTP_X_FORWARDED_FOR=address(number))
    assert len(looked_at) == settings.LOGIN_FAILURES


def test_behind_the_proxy_its_own_entry_is_the_address(
    clerk: Any, looked_at: list[str], settings: Any
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(12):
        attempt(clerk.username, HTTP_X_FORWARDED_FOR=f"{address(number)}, 203.0.113.7")
    assert len(looked_at) == settings.LOGIN_FAILURES
    assert attempt(clerk.username, HTTP_X_FORWARDED_FOR="203.0.113.7, 203.0.113.8").status_code == 200


def test_what_comes_in_the_clear_is_sent_to_https_and_not_counted(
    clerk: Any, looked_at: list[str], settings: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answers = [attempt(clerk.username) for _ in range(8)]
    assert {answer.status_code for answer in answers} == {301} and not looked_at
    assert not names_kept()
    settings.ALLOWED_HOSTS = ["portal.example"]
    assert attempt(clerk.username, secure=True).status_code == 400


def test_a_flood_leaves_nothing_in_the_cache_but_its_addresses(clerk: Any, monkeypatch: Any) -> None:
    """Neither of an address that is closed, nor of strangers for whom there is no place, nor of those in a hurry."""
    monkeypatch.setattr(tries, "AGAIN_MS", 3_600_000)
    monkeypatch.setattr(tries, "BY_ADDRESS", 15)
    for number in range(tries.FRESH + 1):
        attempt(f"name.{number}")
    before = names_kept()
    for number in range(60):
        assert attempt(f"other.{number}").status_code == 429
    monkeypatch.setattr(tries, "_here", threading.BoundedSemaphore(1))
    assert tries._here.acquire(blocking=False)
    for number in range(60):
        assert attempt(f"another.{number}", at=address(number)).status_code == 429
    assert names_kept() == before


def test_strangers_hold_only_so_many_threads(clerk: Any, looked_at: list[str], monkeypatch: Any) -> None:
    """Given that strangers hold theirs, then another is told to come again, uncounted; a colleague gets in."""
    browser = browser_of(clerk)
    looked_at.clear()
    monkeypatch.setattr(tries, "_here", threading.BoundedSemaphore(1))
    assert tries._here.acquire(blocking=False)
    for _ in range(settings.LOGIN_FAILURES + 1):
        answer = attempt(clerk.username)
        assert answer.status_code == 429 and "没有计入输错次数" in answer.content.decode()
        assert answer["Retry-After"] == str(tries.BUSY_SECONDS)
    assert looked_at == []
    assert signs_in(clerk, browser, "192.0.2.1")
    tries._here.release()
    assert attempt(clerk.username, PASSWORD).status_code == 302
    assert tries._here.acquire(blocking=False), "and the place was given back"


def test_a_strangers_password_is_computed_behind_everything_else() -> None:
    """By a program with a lower priority; when it is gone, by another, and in any case with the same outcome."""
    plain = PBKDF2PasswordHasher().encode(PASSWORD, "salt", 2)
    assert hashing.Pbkdf2().encode(PASSWORD, "salt", 2) == plain
    for _ in range(3):
        with hashing.behind_others(True):
            assert hashing.Pbkdf2().encode(PASSWORD, "salt", 2) == plain
        program = hashing._programs().get()
        hashing._programs().put(program)
        process: Any = program._process
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(
            19, os.getpriority(os.PRIO_PROCESS, 0) + behind_others.LOWER
        )
        process.kill()
        process.wait()
    assert hashing.Pbkdf2.algorithm == PBKDF2PasswordHasher.algorithm
    with hashing.behind_others(True):
        assert hashing.Pbkdf2().verify(PASSWORD, plain) and not hashing.Pbkdf2().verify("密码", plain)


def test_the_audit_keeps_how_many_there_were_and_no_more(clerk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(failures.time, "time", lambda: 1_800_000_000.0)
    for _ in range(settings.LOGIN_FAILURES + 200):
        attempt(clerk.username)
    entries = Entry.objects.filter(action=failures.ACTION)
    assert entries.count() == settings.LOGIN_FAILURES + failures.FIRST
    assert set(entries.values_list("address", flat=True)) == {"192.0.2.1"}
    # Of the one that was looked at and closed the name.
    assert Entry.objects.filter(action=refused.ACTION).count() == 1


def test_without_the_token_of_a_form_nothing_is_counted_or_drawn(
    clerk: Any, looked_at: list[str], django_assert_num_queries: Any
) -> None:
    stranger = Client(REMOTE_ADDR="192.0.2.1", enforce_csrf_checks=True)
    form = {"username": clerk.username, "password": WRONG}
    first = stranger.post(LOGIN, form)
    assert first.status_code == 403 and "页面已过期" in first.content.decode()
    with django_assert_num_queries(0):
        again = [stranger.post(LOGIN, form) for _ in range(20)]
    assert {answer.content for answer in again} == {first.content}
    assert not looked_at and not names_kept()


def test_refusals_without_a_token_are_in_the_audit_with_how_many(monkeypatch: Any) -> None:
    moment = [100.0]
    monkeypatch.setattr(refused.time, "monotonic", lambda: moment[0])
    for number in range(300):
        Client(REMOTE_ADDR=address(number % 200), enforce_csrf_checks=True).post(LOGIN, {})
    assert len(refused._in_front._counts) <= refused.MOST_AT_ONCE + 1
    moment[0] += 2
    Client(REMOTE_ADDR=address(0), enforce_csrf_checks=True).post(LOGIN, {})
    refused.flush(all_of_it=True)
    entries = Entry.objects.filter(action=refused.ACTION)
    assert sum(entry.detail["times"] for entry in entries) == 301
    # Kinds beyond those that are told apart have no page.
    assert {(entry.detail["page"], entry.detail["status"]) for entry in entries} == {
        ("POST accounts:login", 403),
        ("", 403),
    }
    assert entries.count() <= 2 * (refused.MOST_AT_ONCE + 2)


def test_a_program_is_told_in_its_own_way(clerk: Any) -> None:
    for _ in range(settings.LOGIN_FAILURES):
        attempt(clerk.username)
    answer = attempt(clerk.username, HTTP_ACCEPT="application/json")
    assert answer.status_code == 429 and answer["Content-Type"] == "application/json"
    assert answer.json()["errors"][0]["problem"] == "密码连续输错次数过多，请在15分钟后再试。"
    assert answer["Cache-Control"] == refusals.NOT_KEPT and int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("secure", [False, True])
def test_a_refusal_has_the_headers_of_every_page(clerk: Any, secure: bool, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000
    refusals._headers.cache_clear()
    page = Client().get(LOGIN, secure=secure)
    for _ in range(settings.LOGIN_FAILURES + 1):
        answer = attempt(clerk.username, secure=secure)
    refusals._headers.cache_clear()
    guarding = {
        "Content-Security-Policy",
        "X-Frame-Options",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Permissions-Policy",
        "Strict-Transport-Security",
    }
    assert answer.status_code == 429
    assert {name: answer.get(name) for name in guarding} == {name: page.get(name) for name in guarding}
    assert ("Strict-Transport-Security" in answer) == secure


def test_who_is_signed_in_uses_up_no_tries(clerk: Any, as_user: Any) -> None:
    """Two windows: the form of one is sent when the other has signed in."""
    browser = as_user(clerk)
    for _ in range(settings.LOGIN_FAILURES * 3):
        answer = browser.post(LOGIN, {"username": clerk.username, "password": WRONG})
        assert answer.status_code == 302 and answer["Location"] == reverse("window:home")
    assert attempt(clerk.username, at="127.0.0.1").status_code == 200


@pytest.mark.parametrize(
    "form", [{}, {"username": "", "password": "x"}, {"username": "x" * 65, "password": "x"}]
)
def test_a_form_that_is_not_filled_in_is_no_try(form: dict[str, str]) -> None:
    for _ in range(20):
        assert Client().post(LOGIN, form).status_code == 200
    assert not names_kept()


def test_what_is_too_large_for_such_a_form_is_not_read() -> None:
    form = {"username": "x", "password": "x" * (refusals.LARGEST_KB * 1024 + 1)}
    answer = Client().post(LOGIN, form)
    assert answer.status_code == 413 and "64KB" in answer.content.decode()


@pytest.mark.parametrize("name", [name for name in gate.WAYS if "factor" in name])
def test_nobody_gets_to_a_second_factor_without_a_session(name: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().post(reverse(name), {"code": "123456"})
    assert (answer.status_code, answer["Location"]) == (302, LOGIN)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("accounts:activate", activation.TRIES_BY_ADDRESS),
        ("accounts:set_password", releases.WRONG_BY_ADDRESS),
        ("accounts:factor", OF_ADDRESS),
        ("accounts:factor_recovery", OF_ADDRESS),
    ],
)
def test_an_address_that_tried_too_many_codes_is_refused_in_front(
    name: str, limit: Any, django_assert_num_queries: Any
) -> None:
    """One network of IPv6 is one address here too. The first refusal is written down, those after it are counted."""
    for _ in range(limit.times + 1):
        limit.wait("2001:db8:1:2::/64")
    client = Client(REMOTE_ADDR="2001:db8:1:2::99")
    client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
    assert client.post(reverse(name), {}).status_code == 429
    with django_assert_num_queries(0):
        answers = [client.post(reverse(name), {}) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {429}
    assert all(0 < int(answer["Retry-After"]) <= limit.seconds for answer in answers)
    assert [entry.action for entry in Entry.objects.all()] == [refused.ACTION]
    client.defaults["REMOTE_ADDR"] = "2001:db8:1:3::99"
    assert client.post(reverse(name), {}).status_code in {200, 302}
