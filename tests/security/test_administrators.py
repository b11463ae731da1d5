"""What an administrator reaches: accounts whose every role lies in their part of the region, and never alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts import actions, releases
from portal.accounts.access import NotNow, Refused
from portal.accounts.models import RoleAssignment, User
from tests.cast import BAOTOU, ORDOS, OTOG, PASSWORD, REGION, make_account

NEW = "Steppe-2027-Wind"
PASSWORD_CODE = releases.Kind.PASSWORD


def roles_of_two(first: str, second: str, **later: Any) -> User:
    account = make_account(f"two.{first}.{second}", "两地", "auditor", first)
    RoleAssignment.objects.create(user=account, role="supervisor", region_id=second, **later)
    return account


def attempts(account: User, by: User) -> dict[str, Any]:
    return {
        "disable": lambda: actions.disable_account(account.pk, by=by, reason="试探"),
        "enable": lambda: actions.enable_account(account.pk, by=by),
        "unlock": lambda: actions.unlock_login(account.pk, by=by),
        "ask": lambda: releases.ask_release(account.pk, PASSWORD_CODE, by),
    }


@pytest.mark.parametrize("further", [REGION, BAOTOU, "to come"])
def test_a_leagues_administrator_does_nothing_to_who_works_further(db: None, further: str) -> None:
    """Given an auditor of Ordos who is a supervisor elsewhere too, today or from next month on, then the administrator
    of Ordos sees the account and changes nothing.
    """
    admin = make_account("ordos.system", "鄂系统", "system_admin", ORDOS)
    later = {"since": timezone.localdate() + timedelta(days=30)} if further == "to come" else {}
    account = roles_of_two(ORDOS, REGION if further == "to come" else further, **later)
    before = account.password
    assert account in User.objects.visible_to(admin)
    for what, attempt in attempts(account, admin).items():
        with pytest.raises(Refused, match="以外任职"):
            attempt()
        account.refresh_from_db()
        assert (account.is_active, account.password) == (True, before), what


def test_a_role_that_is_over_reaches_nowhere(db: None) -> None:
    """Given a role elsewhere that was ended, or whose last day is past, the administrator of Ordos may act."""
    admin = make_account("ordos.system", "鄂系统", "system_admin", ORDOS)
    today = timezone.localdate()
    account = roles_of_two(OTOG, BAOTOU, since=today - timedelta(days=9), until=today - timedelta(days=1))
    actions.disable_account(account.pk, by=admin, reason="调离")
    actions.enable_account(account.pk, by=admin)


def test_the_page_of_who_works_further_offers_nothing(as_user: Any, db: None) -> None:
    admin = make_account("ordos.system", "鄂系统", "system_admin", ORDOS)
    account = roles_of_two(ORDOS, REGION)
    page = as_user(admin).get(f"/accounts/users/{account.pk}/").content.decode()
    for address in ("/codes/", "/disable/", "/enable/", "/unlock/"):
        assert address not in page
    assert as_user(admin).post(f"/accounts/users/{account.pk}/codes/password/").status_code == 403


def test_one_administrator_alone_never_signs_in_as_an_approver(
    approver: Any, system_admin: Any, as_user: Any
) -> None:
    """Whatever the system administrator asks for, nothing on any page lets them set the approver's password."""
    client = as_user(system_admin)
    asked = client.post(f"/accounts/users/{approver.pk}/codes/password/", follow=True).content.decode()
    waiting = approver.releases.get()
    released = client.post(f"/accounts/releases/{waiting.pk}/", follow=True).content.decode()
    assert "两人分别办理" in released and "<code>" not in asked + released
    approver.refresh_from_db()
    assert approver.check_password(PASSWORD)
    for code in ("", "0" * 12, waiting.pk):
        sent = {"username": approver.username, "code": code, "new": NEW, "again": NEW}
        Client().post("/accounts/set-password/", sent)
    approver.refresh_from_db()
    assert approver.check_password(PASSWORD)


def test_a_code_is_used_by_the_person_and_opens_a_locked_name(
    approver: Any, system_admin: Any, security_admin: Any
) -> None:
    for _ in range(6):
        Client().post("/accounts/login/", {"username": approver.username, "password": "x"})
    asked = releases.ask_release(approver.pk, PASSWORD_CODE, system_admin)
    code = releases.release(asked.pk, security_admin).code
    sent = {"username": approver.username, "code": code, "new": NEW, "again": NEW}
    weak = Client().post("/accounts/set-password/", sent | {"new": "Admin@123456", "again": "Admin@123456"})
    assert weak.status_code == 200 and "过于常见" in weak.content.decode()
    assert Client().post("/accounts/set-password/", sent).status_code == 302
    assert Client().post("/accounts/set-password/", sent).status_code == 200, "used"
    signed_in = Client().post("/accounts/login/", {"username": approver.username, "password": NEW})
    assert signed_in.status_code == 302


def test_wrong_codes_are_slowed_down_and_tell_nothing(approver: Any, monkeypatch: Any) -> None:
    from portal.throttle import Limit

    monkeypatch.setattr(releases, "WRONG_BY_ADDRESS", Limit("test-wrong-code", 3))
    sent = {"code": "0" * 12, "new": NEW, "again": NEW}
    pages = [
        Client().post("/accounts/set-password/", sent | {"username": name}).content.decode()
        for name in (approver.username, "nobody.here", approver.username, approver.username)
    ]
    assert ["代码不正确" in page for page in pages] == [True, True, True, False]
    assert "输错代码的次数过多" in pages[-1] and "分钟" in pages[-1]


def test_a_disabled_accounts_codes_end(approver: Any, system_admin: Any, security_admin: Any) -> None:
    asked = releases.ask_release(approver.pk, PASSWORD_CODE, system_admin)
    actions.disable_account(approver.pk, by=system_admin, reason="停职")
    with pytest.raises(NotNow):
        releases.release(asked.pk, security_admin)
    actions.enable_account(approver.pk, by=system_admin)
    with pytest.raises(NotNow):
        releases.release(asked.pk, security_admin)
