"""Signing in and out: where it leads, what is refused for how long, what the audit keeps."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from portal.accounts import tries
from portal.audit.models import Entry
from tests.cast import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(username: str, password: str = PASSWORD, *, client: Client | None = None, **more: Any) -> Any:
    return (client or Client()).post(LOGIN, {"username": username, "password": password} | more)


def test_staff_go_to_the_worktable_and_workers_to_their_page(clerk: Any, worker_user: Any) -> None:
    assert sign_in(clerk.username)["Location"] == reverse("window:home")
    assert sign_in(worker_user.username)["Location"] == reverse("my:home")


@pytest.mark.parametrize(
    ("person", "page"),
    [
        ("panel_expert", "registry:panel"),
        ("employer_agent", "registry:agent"),
        ("training_provider", "my:home"),
    ],
)
def test_who_has_no_worktable_goes_to_their_own_page(cast: Any, person: str, page: str) -> None:
    assert sign_in(cast(person).username)["Location"] == reverse(page)


@pytest.mark.parametrize("typed", ["otog.clerk", "  otog.clerk ", "ｏｔｏｇ．ｃｌｅｒｋ"])
def test_what_an_input_method_makes_of_the_name_is_forgiven(clerk: Any, typed: str) -> None:
    assert sign_in(typed).status_code == 302


def test_the_page_goes_on_to_where_one_wanted(clerk: Any) -> None:
    assert sign_in(clerk.username, next="/window/jobs/?state=done")["Location"] == "/window/jobs/?state=done"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "id",
        "http:///evil.example",
        "\x00/",
    ],
)
def test_it_goes_on_nowhere_else(clerk: Any, address: str) -> None:
    assert sign_in(clerk.username, next=address)["Location"] == reverse("window:home")
    assert f'value="{address}"' not in Client().get(LOGIN, {"next": address}).content.decode()


def test_who_is_signed_in_does_not_see_the_form(clerk: Any, as_user: Any) -> None:
    assert as_user(clerk).get(LOGIN)["Location"] == reverse("window:home")


def test_the_session_gets_a_new_key(clerk: Any) -> None:
    client = Client()
    session = client.session
    session["before"] = "planted"
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    sign_in(clerk.username, client=client)
    assert client.session.session_key != planted


def test_the_cookie_is_for_http_alone_and_ends_with_the_browser(clerk: Any) -> None:
    cookie = sign_in(clerk.username).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["max-age"]


def test_a_wrong_password_and_an_unknown_name_look_the_same(clerk: Any) -> None:
    wrong, unknown = sign_in(clerk.username, "wrong"), sign_in("nobody.here", "wrong")
    for response in (wrong, unknown):
        assert response.status_code == 200
        assert "用户名或密码不正确" in response.content.decode()


def test_nothing_typed_is_kept_in_the_clear(clerk: Any) -> None:
    """People type ID numbers and passwords into the name's field."""
    sign_in("150624198506150019", "My-Secret-77")
    sign_in(clerk.username, "My-Secret-77")
    entries = Entry.objects.filter(action="account.login_failed").order_by("id")
    assert [(e.actor, e.detail) for e in entries] == [
        (None, {"known": False, "locked": False}),
        (None, {"known": True, "locked": False}),
    ]
    assert entries[1].object_ref == str(clerk.pk)
    kept = str(tries.server().keys()) + str([e.detail for e in entries])
    assert "150624198506150019" not in kept and "My-Secret-77" not in kept


def test_signing_in_and_out_is_audited(clerk: Any) -> None:
    client = Client()
    sign_in(clerk.username, client=client)
    assert client.post("/accounts/logout/")["Location"] == LOGIN
    found = Entry.objects.filter(actor=clerk).order_by("id").values_list("action", "address")
    assert list(found) == [("account.login", "127.0.0.1"), ("account.logout", "127.0.0.1")]
    assert client.get("/accounts/password/").status_code == 302


def test_signing_out_is_a_post(clerk: Any, as_user: Any) -> None:
    assert as_user(clerk).get("/accounts/logout/").status_code == 405


def test_a_disabled_account_cannot_sign_in_and_its_session_ends(clerk: Any, as_user: Any) -> None:
    client = as_user(clerk)
    clerk.is_active = False
    clerk.save()
    assert client.get("/accounts/password/").status_code == 302
    assert sign_in(clerk.username).status_code == 200


def test_five_failures_lock_the_name_for_the_address(clerk: Any) -> None:
    answers = [sign_in(clerk.username, "wrong") for _ in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 200, 429]
    page = answers[-1].content.decode()
    assert "登录已暂时锁定" in page and "15 分钟" in page
    assert 0 < int(answers[-1]["Retry-After"]) <= 900
    assert sign_in(clerk.username).status_code == 429, "the right password does not open it either"
    assert sign_in(clerk.username, REMOTE_ADDR="10.0.0.9").status_code == 429, (
        "a field of the form is no address"
    )
    assert sign_in(clerk.username, client=Client(REMOTE_ADDR="10.0.0.9")).status_code == 302
    assert Entry.objects.filter(action="account.login_failed", detail__locked=True).count() == 3


def test_another_spelling_of_the_name_is_the_same_name(clerk: Any) -> None:
    for typed in ("otog.clerk", " otog.clerk", "OTOG.CLERK", "ｏｔｏｇ.clerk", "otog.clerk "):
        answer = sign_in(typed, "wrong")
    assert answer.status_code == 429


def test_the_lock_opens_after_its_time_which_trying_does_not_put_off(clerk: Any, settings: Any) -> None:
    for _ in range(5):
        sign_in(clerk.username, "wrong")
    keys = tries.server().keys(f"*{settings.CACHES['default']['KEY_PREFIX']}*tries:place:*")
    assert len(keys) == 1
    tries.server().expire(keys[0], 240)
    answer = sign_in(clerk.username)
    assert 230 <= int(answer["Retry-After"]) <= 240 and "4 分钟" in answer.content.decode()
    tries.server().delete(keys[0])
    assert sign_in(clerk.username).status_code == 302


def test_success_forgets_the_failures(clerk: Any) -> None:
    for _ in range(3):
        sign_in(clerk.username, "wrong")
        sign_in(clerk.username, "wrong")
        assert sign_in(clerk.username).status_code == 302


def test_guessing_from_many_addresses_is_bounded(clerk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(tries, "BY_NAME", 4)
    for last in range(4):
        assert sign_in(clerk.username, "x", client=Client(REMOTE_ADDR=f"10.0.0.{last}")).status_code == 200
    answer = sign_in(clerk.username, client=Client(REMOTE_ADDR="10.0.0.8"))
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0


def test_a_claimed_address_does_not_evade_the_lock(clerk: Any) -> None:
    for number in range(5):
        answer = sign_in(clerk.username, "x", client=Client(HTTP_X_FORWARDED_FOR=f"10.1.1.{number}"))
    assert answer.status_code == 429


def test_behind_the_proxy_its_own_entry_counts(clerk: Any, settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for number in range(5):
        client = Client(HTTP_X_FORWARDED_FOR=f"10.1.1.{number}, 203.0.113.7")
        answer = sign_in(clerk.username, "x", client=client)
    assert answer.status_code == 429
    other = Client(HTTP_X_FORWARDED_FOR="203.0.113.8")
    assert sign_in(clerk.username, client=other).status_code == 302


def test_who_was_away_too_long_is_told_so(clerk: Any, as_user: Any) -> None:
    client = as_user(clerk)
    client.session.delete()
    answer = client.get("/accounts/users/")
    assert answer["Location"] == "/accounts/login/?next=/accounts/users/&timeout=1"
    assert "登录已超时" in client.get(answer["Location"]).content.decode()


def test_who_never_was_signed_in_is_not(db: None) -> None:
    answer = Client().get("/accounts/users/")
    assert answer["Location"] == "/accounts/login/?next=/accounts/users/"
    assert "登录已超时" not in Client().get(answer["Location"]).content.decode()


def test_the_form_cannot_be_sent_from_another_site(clerk: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    assert sign_in(clerk.username, client=client).status_code == 403


def test_errors_stand_beside_their_fields(db: None) -> None:
    page = Client().post(LOGIN, {"username": "", "password": ""}).content.decode()
    assert "请填写用户名" in page and "请填写密码" in page and 'href="#id_username"' in page


@pytest.mark.parametrize("form", [str, str.lower, lambda number: f" {number} "])
def test_a_worker_signs_in_with_the_id_number(worker_user: Any, form: Any) -> None:
    """Given a user name that nobody remembers, when the ID number is typed instead, then it is theirs."""
    from tests.cast import make_worker

    number = form(str(worker_user.worker.id_number))
    assert sign_in(number)["Location"] == reverse("my:home")
    assert sign_in(number, "wrong-password").status_code == 200
    stranger = make_worker("李静")
    assert sign_in(str(stranger.id_number)).status_code == 200
