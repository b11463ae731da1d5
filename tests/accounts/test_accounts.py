"""Making, disabling and resetting accounts: by the system administrator alone, and never another
administrator's.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from portal.accounts import actions, releases, tokens
from portal.accounts.access import NotNow, Refused
from portal.accounts.models import RoleAssignment, User
from portal.audit.models import Entry
from tests.cast import ORDOS, OTOG, PASSWORD, make_account
from tests.roles import compared, everybody, refusal


def test_a_new_account_has_no_role_and_no_password_until_its_code_was_used(
    system_admin: Any, security_admin: Any
) -> None:
    user = actions.create_account("new.clerk", " 娜仁 ", by=system_admin)
    assert (user.display_name, user.has_usable_password(), user.assignments.count()) == ("娜仁", False, 0)
    code = releases.release(user.releases.get().pk, security_admin).code
    given = {"username": "new.clerk", "code": code, "new": "Steppe-2027-Wind", "again": "Steppe-2027-Wind"}
    client = Client()
    assert client.post("/accounts/set-password/", given)["Location"] == "/accounts/login/"
    signed_in = client.post("/accounts/login/", {"username": "new.clerk", "password": "Steppe-2027-Wind"})
    assert signed_in.status_code == 302
    entry = Entry.objects.get(action="account.create")
    assert (entry.actor, entry.detail) == (system_admin, {"username": "new.clerk"})


def test_first_passwords_are_random_and_meet_the_rules(db: None) -> None:
    from django.contrib.auth.password_validation import validate_password

    drawn = {actions.initial_password() for _ in range(50)}
    assert len(drawn) == 50
    for password in drawn:
        validate_password(password)


@pytest.mark.parametrize(
    "username", ["", "ab", "9lives", "Has.Capital", "有中文", "a b c", "x" * 65, "cl\nerk", "clerk;"]
)
def test_a_user_name_is_plain(system_admin: Any, username: str) -> None:
    with pytest.raises(ValidationError):
        actions.create_account(username, "娜仁", by=system_admin)


def test_a_taken_name_is_refused_beside_its_field(system_admin: Any, clerk: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.create_account(clerk.username, "娜仁", by=system_admin)
    assert "username" in refused.value.message_dict


def test_nobody_else_manages_accounts(cast: Any) -> None:
    target, people = (
        make_account("some.body", "某人", "window_clerk", OTOG),
        everybody(cast, but=("system_admin",)),
    )
    with compared() as expect:
        for who, by, *_ in people:
            for what, attempt in {
                "create": lambda by=by: actions.create_account("new.clerk", "娜仁", by=by),
                "disable": lambda by=by: actions.disable_account(target.pk, by=by, reason="离职"),
                "enable": lambda by=by: actions.enable_account(target.pk, by=by),
                "unlock": lambda by=by: actions.unlock_login(target.pk, by=by),
            }.items():
                expect(f"{who} {what}", refusal(attempt, actions.NotNow), Refused)
    assert not User.objects.filter(username="new.clerk").exists()


def test_disabling_ends_sessions_and_tokens_and_enabling_brings_the_account_back(
    system_admin: Any, clerk: Any, as_user: Any
) -> None:
    client = as_user(clerk)
    tokens.issue(clerk, "统计", "")
    actions.disable_account(clerk.pk, by=system_admin, reason="调离岗位")
    assert client.get("/accounts/password/").status_code == 302
    assert not clerk.tokens.live().exists()
    assert Entry.objects.get(action="account.disable").detail["reason"] == "调离岗位"
    with pytest.raises(NotNow, match="已经停用"):
        actions.disable_account(clerk.pk, by=system_admin, reason="再次")
    actions.enable_account(clerk.pk, by=system_admin)
    assert (
        Client().post("/accounts/login/", {"username": clerk.username, "password": PASSWORD}).status_code
        == 302
    )
    with pytest.raises(NotNow, match="没有停用"):
        actions.enable_account(clerk.pk, by=system_admin)


def test_disabling_needs_a_reason(system_admin: Any, clerk: Any) -> None:
    with pytest.raises(NotNow, match="停用原因"):
        actions.disable_account(clerk.pk, by=system_admin, reason="  ")


@pytest.mark.parametrize("person", ["security_admin", "audit_admin"])
def test_another_administrator_is_beyond_reach(cast: Any, system_admin: Any, person: str) -> None:
    """Who sets an administrator's password could act as them."""
    other = cast(person)
    for attempt in (
        lambda: releases.ask_release(other.pk, releases.Kind.PASSWORD, system_admin),
        lambda: actions.disable_account(other.pk, by=system_admin, reason="试探"),
        lambda: actions.enable_account(other.pk, by=system_admin),
    ):
        with pytest.raises(NotNow, match="另一管理员"):
            attempt()


def test_nobody_disables_or_resets_themselves(system_admin: Any) -> None:
    with pytest.raises(NotNow, match="不能停用自己"):
        actions.disable_account(system_admin.pk, by=system_admin, reason="误")
    with pytest.raises(NotNow, match="自己的账号"):
        releases.ask_release(system_admin.pk, releases.Kind.PASSWORD, system_admin)


def test_a_worker_gets_a_new_code_at_the_window_instead(system_admin: Any, worker_user: Any) -> None:
    with pytest.raises(NotNow, match="服务窗口"):
        releases.ask_release(worker_user.pk, releases.Kind.PASSWORD, system_admin)


def test_unlocking_lets_in_at_once(system_admin: Any, clerk: Any) -> None:
    for _ in range(5):
        Client().post("/accounts/login/", {"username": clerk.username, "password": "x"})
    assert actions.is_locked(clerk)
    assert actions.unlock_login(clerk.pk, by=system_admin)
    assert not actions.is_locked(clerk)
    assert (
        Client().post("/accounts/login/", {"username": clerk.username, "password": PASSWORD}).status_code
        == 302
    )


def test_an_administrator_of_a_league_reaches_its_accounts_only(db: None, cast: Any) -> None:
    league_admin = make_account("ordos.system", "鄂系统", "system_admin", ORDOS)
    inside, outside, unassigned = (
        cast("clerk"),
        cast("baotou_clerk"),
        User.objects.create_user("fresh.one", display_name="新人"),
    )
    seen = User.objects.visible_to(league_admin)
    assert {inside, unassigned, league_admin} <= set(seen) and outside not in seen
    with pytest.raises(Refused, match="不属于您负责的地区"):
        actions.disable_account(outside.pk, by=league_admin, reason="试探")


def test_everybody_else_sees_themselves(cast: Any) -> None:
    for person in ("clerk", "supervisor", "auditor", "audit_admin", "panel_expert"):
        account = cast(person)
        assert list(User.objects.visible_to(account)) == [account]


def test_the_command_makes_the_first_administrators(db: None) -> None:
    out = StringIO()
    call_command("create_account", "first.security", "郑安", "--role", "security_admin", stdout=out)
    name, password = out.getvalue().split()
    user = User.objects.get(username=name)
    assert user.check_password(password) and user.must_change_password
    assert RoleAssignment.objects.get(user=user).region_id == "150000"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["Bad Name", "某"], "用户名为3至64位"),
        (
            ["good.name", "某", "--role", "window_clerk", "--region", "999999"],
            "no division has the code 999999",
        ),
        (["otog.clerk", "某"], "已存在|重复|存在"),
    ],
)
def test_the_command_leaves_nothing_half_done(clerk: Any, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("create_account", *arguments)
    assert not User.objects.filter(username="good.name").exists()


def test_the_server_may_do_what_one_administrator_may_not_do_to_another(security_admin: Any) -> None:
    out = StringIO()
    call_command("account", "reset", security_admin.username, stdout=out)
    security_admin.refresh_from_db()
    assert security_admin.check_password(out.getvalue().split()[1])
    call_command("account", "disable", security_admin.username, "--reason", "离任", stdout=out)
    security_admin.refresh_from_db()
    assert not security_admin.is_active
    call_command("account", "enable", security_admin.username, stdout=out)
    call_command("account", "unlock", security_admin.username, stdout=out)
    with pytest.raises(CommandError, match="no account is called nobody"):
        call_command("account", "reset", "nobody")
    with pytest.raises(CommandError, match="没有停用"):
        call_command("account", "enable", security_admin.username)
    assert set(Entry.objects.filter(actor=None).values_list("action", flat=True)) == {
        "account.password_reset",
        "account.disable",
        "account.enable",
        "account.unlock",
    }
