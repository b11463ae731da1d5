"""Passwords: what is guessed first is refused, earlier ones too, and a stolen session is no place to guess."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts import actions, releases
from portal.accounts.passwords import NotUsedBefore
from portal.audit.models import Entry
from tests.cast import PASSWORD

PAGE = "/accounts/password/"
GUESSED = [
    "Admin@123456",
    "@dm1n@123456",
    "P@ssw0rd2026",
    "Nmg@2026!!!!",
    "2026@Nmg####",
    "Neimenggu2026",
    "Eerduosi@2019",
    "Ordos2026#Ordos",
    "Huhehaote.Renshe1",
    "Renshe@12333",
    "Jianghuitong1!",
    "Caiwu@2026.12",
    "Baotou#20261201",
    "Hushi@13800138000",
    "Qwerty@123456",
    "1qaz@WSX3edc",
    "!QAZ2wsx#EDC",
    "Qwer!1234asdf",
    "ｎｍｇ＠２０２６Ａａ",
    "Abcd@1234567",
    "Aa19850615!!",
    "AAAaaa111!!!",
    "Woaini@5201314",
]
FINE = ["Grassland-2026-Sky", "Correct-Horse-77", "kY7-pine-orbit", "x7Kq-93mL-pp2Z", "Sunny-Ordos-Teapot-9"]


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_first_is_refused(db: None, password: str) -> None:
    with pytest.raises(ValidationError, match="容易被猜到"):
        validate_password(password)


@pytest.mark.parametrize("password", FINE)
def test_what_nobody_guesses_is_taken(db: None, password: str) -> None:
    validate_password(password)


def test_the_last_five_are_not_taken_again(clerk: Any) -> None:
    used = [PASSWORD, *(f"Steppe-{'abcdefg'[n]}Kz{n}-Wind" for n in range(NotUsedBefore.kept + 1))]
    for old, new in zip(used, used[1:], strict=False):
        actions.change_password(clerk, old, new)
    for earlier in used[-1 - NotUsedBefore.kept : -1]:
        with pytest.raises(ValidationError, match="最近5次"):
            actions.change_password(clerk, used[-1], earlier)
    actions.change_password(clerk, used[-1], used[0])
    assert clerk.past_passwords.count() == NotUsedBefore.kept


def test_a_reset_does_not_bring_the_earlier_one_back(
    clerk: Any, system_admin: Any, security_admin: Any
) -> None:
    asked = releases.ask_release(clerk.pk, releases.Kind.PASSWORD, system_admin)
    code = releases.release(asked.pk, security_admin).code
    with pytest.raises(ValidationError, match="最近5次"):
        actions.set_password_with_code(clerk.username, code, PASSWORD)


def test_a_stolen_session_gives_five_guesses_and_is_over(clerk: Any, as_user: Any) -> None:
    stolen, own = as_user(clerk), as_user(clerk)
    sent = {"old": "wrong", "new": "Steppe-2027-Wind", "again": "Steppe-2027-Wind"}
    answers = [stolen.post(PAGE, sent) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 302, 302]
    assert answers[4]["Location"] == "/accounts/login/"
    assert stolen.get(PAGE).status_code == 302
    assert Entry.objects.filter(action="account.password_wrong", actor=clerk).count() == 5
    assert own.post(PAGE, sent | {"old": PASSWORD}).status_code == 302, "the person goes on in theirs"
    clerk.refresh_from_db()
    assert clerk.check_password("Steppe-2027-Wind")


def test_many_stolen_sessions_give_no_more(clerk: Any, as_user: Any) -> None:
    for _ in range(5):
        client: Client = as_user(clerk)
        for _ in range(5):
            client.post(PAGE, {"old": "wrong", "new": "Steppe-2027-Wind", "again": "Steppe-2027-Wind"})
    assert Entry.objects.filter(action="account.password_wrong").count() <= 21
