"""Tokens of the API: issued on a page alone, kept as digests, and gone with whatever they rest on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.accounts import actions, releases, sessions, tokens
from portal.accounts.models import AccessToken, Release, RoleAssignment
from portal.audit.models import Entry
from tests.cast import PASSWORD
from tests.factors import signed_in as with_both_factors

PAGE = "/accounts/tokens/"
WORKERS = "/api/workers/"


def issued(client: Client, name: str = "统计程序") -> str:
    """A token, from the page that shows it."""
    page = client.post(PAGE, {"name": name}).content.decode()
    return page.split('<code class="break-anywhere">')[1].split("<")[0]


def asks(token: str) -> int:
    return Client().get(WORKERS, headers={"Authorization": f"Token {token}"}).status_code


@pytest.fixture
def signed_in(clerk: Any) -> Client:
    return with_both_factors(clerk)


def test_a_token_from_the_page_opens_the_api(signed_in: Client, clerk: Any) -> None:
    token = issued(signed_in)
    assert asks(token) == 200
    assert token not in signed_in.get(PAGE).content.decode()
    kept = AccessToken.objects.get()
    assert kept.last_used_at is not None and token.encode() not in bytes(kept.digest)
    assert Entry.objects.get(action="account.token").actor == clerk


def test_a_name_and_a_password_get_no_token(client: Client, clerk: Any) -> None:
    answer = client.post(
        "/api/tokens/", {"username": clerk.username, "password": PASSWORD}, content_type="application/json"
    )
    assert answer.status_code == 410 and PAGE in answer.json()["errors"][0]["allowed"][0]
    assert not AccessToken.objects.exists()


def test_without_a_sign_in_there_is_none(client: Client, clerk: Any) -> None:
    assert client.post(PAGE, {"name": "程序"}).status_code == 302
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("text", ["", "x", "jht_", "jht_ü", "a b", "\\0", "jht_" + "x" * 5000])
def test_what_is_no_token_opens_nothing(db: None, text: str) -> None:
    assert asks(text) == 401


def test_a_claimed_address_gives_no_further_tries(db: None, client: Client, monkeypatch: Any) -> None:
    """Without a proxy nobody's X-Forwarded-For is believed."""
    from rest_framework.throttling import AnonRateThrottle

    monkeypatch.setattr(AnonRateThrottle, "THROTTLE_RATES", {"anon": "3/min"})
    answers = [
        client.get("/api/regions/150624/", headers={"X-Forwarded-For": f"10.0.0.{number}"}).status_code
        for number in range(5)
    ]
    assert answers == [200, 200, 200, 429, 429]


def ends_with_sign_out(client: Client, clerk: Any, cast: Any) -> None:
    client.post("/accounts/logout/")


def ends_on_the_page(client: Client, clerk: Any, cast: Any) -> None:
    client.post(f"{PAGE}{AccessToken.objects.get().pk}/end/")


def ends_with_the_session(client: Client, clerk: Any, cast: Any) -> None:
    sessions.end_others(clerk, "another")


def ends_with_the_password(client: Client, clerk: Any, cast: Any) -> None:
    actions.change_password(clerk, PASSWORD, "Steppe-2027-Wind")


def ends_with_a_reset(client: Client, clerk: Any, cast: Any) -> None:
    asked = releases.ask_release(clerk.pk, Release.Kind.PASSWORD, cast("system_admin"))
    releases.release(asked.pk, cast("security_admin"))


def ends_with_the_account(client: Client, clerk: Any, cast: Any) -> None:
    actions.disable_account(clerk.pk, by=cast("system_admin"), reason="调离")


def ends_with_the_last_role(client: Client, clerk: Any, cast: Any) -> None:
    actions.end_role(RoleAssignment.objects.get(user=clerk).pk, by=cast("security_admin"))


def ends_with_the_last_day_of_the_role(client: Client, clerk: Any, cast: Any) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    RoleAssignment.objects.filter(user=clerk).update(since=yesterday, until=yesterday)


def ends_with_its_time(client: Client, clerk: Any, cast: Any) -> None:
    AccessToken.objects.update(expires_at=timezone.now())


def waits_for_a_due_password(client: Client, clerk: Any, cast: Any) -> None:
    clerk.password_changed_at = timezone.now() - timedelta(days=400)
    clerk.save()


@pytest.mark.parametrize(
    "end",
    [
        ends_with_sign_out,
        ends_on_the_page,
        ends_with_the_session,
        ends_with_the_password,
        ends_with_a_reset,
        ends_with_the_account,
        ends_with_the_last_role,
        ends_with_the_last_day_of_the_role,
        ends_with_its_time,
        waits_for_a_due_password,
    ],
)
def test_a_token_ends(signed_in: Client, clerk: Any, cast: Any, end: Any) -> None:
    token = issued(signed_in)
    assert asks(token) == 200
    end(signed_in, clerk, cast)
    assert asks(token) == 401


def test_nobody_ends_anothers(signed_in: Client, approver: Any, as_user: Any) -> None:
    token = issued(signed_in)
    as_user(approver).post(f"{PAGE}{AccessToken.objects.get().pk}/end/")
    assert asks(token) == 200


def test_there_are_not_any_number_of_them(signed_in: Client, clerk: Any) -> None:
    for _ in range(tokens.MOST):
        issued(signed_in)
    assert "同时有效的令牌最多" in signed_in.post(PAGE, {"name": "再一个"}).content.decode()
    assert clerk.tokens.live().count() == tokens.MOST


def test_no_table_keeps_a_clear_token(db: None) -> None:
    """What earlier folders had is gone, with its table."""
    assert "authtoken_token" not in connection.introspection.table_names()
