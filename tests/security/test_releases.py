"""A code for a person takes two administrators; one alone, or the person, never gets there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts import releases
from portal.accounts.access import NotNow, Refused
from portal.accounts.activation import CodeRefused
from portal.accounts.models import Release, RoleAssignment
from portal.audit.models import Entry
from tests.cast import BAOTOU, ORDOS, REGION, make_account
from tests.roles import compared, everybody, refusal

ENROL = Release.Kind.ENROL


def released(user: Any, asks: Any, releases_it: Any, kind: str = ENROL) -> Any:
    return releases.release(releases.ask_release(user.pk, kind, asks).pk, releases_it)


@pytest.mark.parametrize("order", ["system asks", "security asks"])
def test_two_administrators_give_a_code_that_is_right_once(
    approver: Any, system_admin: Any, security_admin: Any, order: str
) -> None:
    two = [system_admin, security_admin] if order == "system asks" else [security_admin, system_admin]
    code = released(approver, *two).code
    releases.use(code.lower().replace("-", " "), approver, ENROL)
    with pytest.raises(CodeRefused):
        releases.use(code, approver, ENROL)
    done = Entry.objects.filter(action__startswith="release.").order_by("id").values_list("action", "actor")
    asker, releaser = (person.pk for person in two)
    assert list(done) == [
        ("release.ask", asker),
        ("release.release", releaser),
        ("release.use", approver.pk),
    ]
    assert code not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_nobody_but_the_two_administrators_takes_part(
    cast: Any, approver: Any, system_admin: Any, security_admin: Any
) -> None:
    waiting = releases.ask_release(approver.pk, ENROL, system_admin)
    with compared() as expect:
        for who, by, *_ in everybody(cast, but=("system_admin", "security_admin")):
            for what, attempt in {
                "ask": lambda by=by: releases.ask_release(approver.pk, ENROL, by),
                "release": lambda by=by: releases.release(waiting.pk, by),
                "withdraw": lambda by=by: releases.withdraw(waiting.pk, by),
            }.items():
                expect(f"{who} {what}", refusal(attempt, NotNow), Refused)
    assert releases.release(waiting.pk, security_admin)


def test_one_role_alone_never_releases_what_it_asked_for(approver: Any, system_admin: Any) -> None:
    """Given two system administrators, neither the same one nor the other of the same role releases."""
    second = make_account("system.second", "吴二", "system_admin", REGION)
    waiting = releases.ask_release(approver.pk, ENROL, system_admin)
    for by in (system_admin, second):
        with pytest.raises(NotNow, match="两人分别"):
            releases.release(waiting.pk, by)


def test_an_administrator_gets_a_code_from_the_server_alone(
    cast: Any, system_admin: Any, security_admin: Any
) -> None:
    for by in (system_admin, security_admin):
        with pytest.raises(NotNow, match="自己的账号"):
            releases.ask_release(by.pk, ENROL, by)
        for other in (cast("audit_admin"), make_account(f"another.{by.pk}", "某", "system_admin", REGION)):
            with pytest.raises(NotNow, match="另一管理员"):
                releases.ask_release(other.pk, ENROL, by)
    code = releases.code_of_operator(system_admin.pk, ENROL).code
    assert releases.use(code, system_admin, ENROL).asked_by is None


def test_every_role_held_or_to_come_lies_within_the_reach_of_both(system_admin: Any) -> None:
    """Given a clerk of Ordos who next month works in Baotou too, no administrator of Ordos has a part in it."""
    clerk = make_account("two.leagues", "跨盟", "window_clerk", ORDOS)
    of_league = make_account("ordos.security", "鄂安", "security_admin", ORDOS)
    waiting = releases.ask_release(clerk.pk, ENROL, system_admin)
    RoleAssignment.objects.create(
        user=clerk, role="window_clerk", region_id=BAOTOU, since=timezone.localdate() + timedelta(days=30)
    )
    for attempt in (
        lambda: releases.release(waiting.pk, of_league),
        lambda: releases.ask_release(clerk.pk, Release.Kind.PASSWORD, of_league),
    ):
        with pytest.raises(Refused, match="以外任职"):
            attempt()


def test_a_code_is_for_one_person_and_one_purpose(
    clerk: Any, approver: Any, system_admin: Any, security_admin: Any
) -> None:
    code = released(approver, system_admin, security_admin).code
    for user, kind in (
        (clerk, ENROL),
        (approver, Release.Kind.PASSWORD),
        (approver, Release.Kind.FACTOR_LOST),
    ):
        with pytest.raises(CodeRefused):
            releases.use(code, user, kind)
    releases.use(code, approver, ENROL)


def test_an_expired_a_replaced_and_a_withdrawn_code_are_refused(
    approver: Any, system_admin: Any, security_admin: Any
) -> None:
    first = released(approver, system_admin, security_admin).code
    second = released(approver, system_admin, security_admin).code
    with pytest.raises(CodeRefused):
        releases.use(first, approver, ENROL)
    with pytest.MonkeyPatch.context() as patch:
        later = timezone.now() + releases.VALID_FOR + timedelta(minutes=1)
        patch.setattr(timezone, "now", lambda: later)
        with pytest.raises(CodeRefused):
            releases.use(second, approver, ENROL)
    waiting = releases.ask_release(approver.pk, ENROL, system_admin)
    releases.withdraw(waiting.pk, security_admin)
    with pytest.raises(NotNow, match="撤回"):
        releases.release(waiting.pk, security_admin)


def test_what_waits_is_asked_for_once_and_shown_to_the_other(
    approver: Any, system_admin: Any, security_admin: Any
) -> None:
    waiting = releases.ask_release(approver.pk, ENROL, system_admin)
    with pytest.raises(NotNow, match="正在等待批准"):
        releases.ask_release(approver.pk, ENROL, security_admin)
    assert list(releases.waiting_for(security_admin)) == [waiting]
    for nobody in (system_admin, approver):
        assert not releases.waiting_for(nobody).exists()


def test_a_code_for_a_password_ends_the_one_that_was(
    approver: Any, system_admin: Any, security_admin: Any, as_user: Any
) -> None:
    client = as_user(approver)
    released(approver, system_admin, security_admin, Release.Kind.PASSWORD)
    approver.refresh_from_db()
    assert not approver.has_usable_password()
    assert client.get("/accounts/password/").status_code == 302


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"released_by": "asked_by"}, "released_by_another"),
        ({"asked_by": "user"}, "released_by_nobody_concerned"),
        ({"released_by": "user"}, "released_by_nobody_concerned"),
        ({"released_as": "system_admin"}, "released_by_the_other_role"),
        ({"released_by": None}, "a_code_is_released"),
        ({"asked_by": None}, "a_code_is_released"),
    ],
)
def test_the_database_refuses_what_the_rule_refuses(
    approver: Any, system_admin: Any, security_admin: Any, change: dict[str, Any], name: str
) -> None:
    now = timezone.now()
    row = {
        "user": approver,
        "kind": ENROL,
        "asked_by": system_admin,
        "asked_as": "system_admin",
        "released_by": security_admin,
        "released_as": "security_admin",
        "released_at": now,
        "digest": b"x" * 32,
        "expires_at": now,
    }
    wrong = {field: row.get(value, value) if value else value for field, value in change.items()}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Release.objects.create(**row | wrong)


def test_the_database_keeps_a_used_code_used(approver: Any, system_admin: Any, security_admin: Any) -> None:
    code = released(approver, system_admin, security_admin).code
    used = releases.use(code, approver, ENROL)
    for change in ({"used_at": None}, {"released_by": system_admin}, {"digest": b"y" * 32}):
        with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
            Release.objects.filter(pk=used.pk).update(**change)
