"""Granting and ending roles: by the security administrator, nobody to themselves, three administrators held
apart.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts import actions
from portal.accounts.access import NotNow, Refused, can, scope
from portal.accounts.actions import end_role, grant_role
from portal.accounts.ended_roles import ended_lately
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import ADMINISTRATORS, Role, excludes
from portal.audit.models import Entry
from portal.formats import date_cn
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, PEOPLE, REGION, make_account
from tests.roles import undone

OTHERS = [person for person, *_ in PEOPLE if person != "security_admin"]


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create_user("new.comer", "Grassland-2026-Sky", display_name="娜仁")


def fresh(user: User) -> User:
    """Without what the account remembers of its roles."""
    return User.objects.get(pk=user.pk)


def test_a_role_holds_from_the_moment_it_is_granted(newcomer: User, security_admin: Any) -> None:
    assignment = grant_role(newcomer.pk, Role.WINDOW_CLERK, OTOG, by=security_admin)
    assert can(fresh(newcomer), "worker.edit", OTOG) and not can(fresh(newcomer), "worker.edit", BAOTOU)
    assert (assignment.granted_by, assignment.until) == (security_admin, None)
    entry = Entry.objects.get(action="role.grant")
    assert (entry.actor, entry.region_code, entry.detail["role"]) == (security_admin, OTOG, "window_clerk")


@pytest.mark.parametrize("person", OTHERS)
def test_nobody_else_grants_or_ends(cast: Any, newcomer: User, person: str) -> None:
    by = cast(person)
    given = RoleAssignment.objects.create(user=newcomer, role=Role.AUDITOR, region_id=ORDOS)
    with pytest.raises(Refused, match="任用角色"):
        grant_role(newcomer.pk, Role.WINDOW_CLERK, OTOG, by=by)
    with pytest.raises(Refused, match="任用角色"):
        end_role(given.pk, by=by)


@pytest.mark.parametrize("role", [Role.WINDOW_CLERK, Role.SYSTEM_ADMIN, Role.AUDITOR])
def test_nobody_grants_a_role_to_themselves(security_admin: Any, role: Role) -> None:
    with pytest.raises(Refused, match="不能为自己任用角色"):
        grant_role(security_admin.pk, role, REGION, by=security_admin)


def test_nobody_ends_their_own_role(security_admin: Any) -> None:
    with pytest.raises(Refused, match="不能解除自己"):
        end_role(security_admin.assignments.get().pk, by=security_admin)


def test_what_is_ended_ends_at_once_and_stays_on_record(clerk: Any, security_admin: Any) -> None:
    """Even a role that was granted this very day."""
    assignment = clerk.assignments.get()
    ended = end_role(assignment.pk, by=security_admin)
    assert not can(fresh(clerk), "window.use")
    assert (ended.ended_by, ended.until) == (security_admin, timezone.localdate())
    with pytest.raises(NotNow, match="已经结束"):
        end_role(assignment.pk, by=security_admin)
    grant_role(clerk.pk, Role.WINDOW_CLERK, OTOG, by=security_admin)
    assert clerk.assignments.count() == 2 and can(fresh(clerk), "window.use")


def test_a_planned_end_counts_with_its_last_day(newcomer: User, security_admin: Any) -> None:
    today = timezone.localdate()
    grant_role(newcomer.pk, Role.LEAGUE_REVIEWER, ORDOS, by=security_admin, until=today)
    assert can(fresh(newcomer), "honour.verify", OTOG)
    newcomer.assignments.update(since=today - timedelta(days=9), until=today - timedelta(days=1))
    assert not can(fresh(newcomer), "honour.verify")
    with pytest.raises(NotNow, match="截止日期不能早于今天"):
        grant_role(newcomer.pk, Role.AUDITOR, ORDOS, by=security_admin, until=today - timedelta(days=1))


def test_the_same_role_twice_is_refused(clerk: Any, security_admin: Any) -> None:
    with pytest.raises(NotNow, match="已担任此角色"):
        grant_role(clerk.pk, Role.WINDOW_CLERK, OTOG, by=security_admin)


@pytest.mark.parametrize("first", ADMINISTRATORS)
@pytest.mark.parametrize("second", ADMINISTRATORS)
def test_three_administrators_are_three_people(
    newcomer: User, security_admin: Any, first: Role, second: Role
) -> None:
    grant_role(newcomer.pk, first, REGION, by=security_admin)
    with pytest.raises(NotNow, match="须由三人分别担任"):
        grant_role(newcomer.pk, second, ORDOS, by=security_admin)


@pytest.mark.parametrize("first", ADMINISTRATORS)
def test_the_database_holds_them_apart(newcomer: User, first: Role) -> None:
    RoleAssignment.objects.create(user=newcomer, role=first, region_id=REGION)
    other = next(role for role in ADMINISTRATORS if role != first)
    with pytest.raises(IntegrityError, match="one_administrator_role"), transaction.atomic():
        RoleAssignment.objects.create(user=newcomer, role=other, region_id=ORDOS)
    # A planned end would take a role out of that constraint while it is still in force.
    with pytest.raises(IntegrityError, match="administrator_role_has_no_planned_end"), transaction.atomic():
        RoleAssignment.objects.create(
            user=newcomer, role=other, region_id=ORDOS, until=timezone.localdate() + timedelta(days=9)
        )


# Every pair of roles, each way round.
PAIRS = [(one, other) for one in Role for other in Role if one != other]


@pytest.mark.sweep
def test_who_excludes_whom_does_not_depend_on_the_order(newcomer: User, security_admin: Any) -> None:
    """The action, the rule and the database agree on every pair, whichever of the two came first."""
    apart = {pair for pair in PAIRS if excludes(*pair)}
    assert apart == {(other, one) for one, other in apart}
    assert (Role.PANEL_EXPERT, Role.SYSTEM_ADMIN) in apart and (Role.SYSTEM_ADMIN, Role.PANEL_EXPERT) in apart
    refused_by_action, refused_by_database = set(), set()
    for first, second in PAIRS:
        with undone():
            RoleAssignment.objects.create(user=newcomer, role=first, region_id=REGION)
            try:
                with transaction.atomic():
                    RoleAssignment.objects.create(user=newcomer, role=second, region_id=ORDOS)
            except IntegrityError:
                refused_by_database.add((first, second))
            else:
                RoleAssignment.objects.filter(user=newcomer, role=second).delete()
            try:
                grant_role(newcomer.pk, second, OTOG, by=security_admin)
            except NotNow:
                refused_by_action.add((first, second))
    assert refused_by_database == apart
    # A worker's role comes from the window alone.
    assert refused_by_action == apart | {pair for pair in PAIRS if pair[1] == Role.WORKER}


@pytest.mark.parametrize("other", [Role.TRAINING_PROVIDER, Role.EMPLOYER_AGENT, Role.FINANCE_OFFICER])
def test_a_role_that_is_yet_to_begin_counts_and_one_that_is_over_does_not(
    newcomer: User, security_admin: Any, other: Role
) -> None:
    today = timezone.localdate()
    later = today + timedelta(days=30)
    grant_role(newcomer.pk, other, REGION, by=None, since=later)
    for _ in range(2):
        with pytest.raises(NotNow, match=f"担任{other.label}，不能兼任"):
            grant_role(newcomer.pk, Role.AUDIT_ADMIN, REGION, by=security_admin)
    with pytest.raises(IntegrityError, match="holds a role that excludes"), transaction.atomic():
        RoleAssignment.objects.create(user=newcomer, role=Role.AUDIT_ADMIN, region_id=REGION)
    end_role(newcomer.assignments.get().pk, by=security_admin)
    grant_role(newcomer.pk, Role.AUDIT_ADMIN, REGION, by=security_admin)
    # What was ended does not come back by another way.
    with pytest.raises(IntegrityError, match="holds a role that excludes"), transaction.atomic():
        RoleAssignment.objects.filter(user=newcomer, role=other).update(ended_at=None, until=None)


def test_roles_of_different_days_do_not_meet(newcomer: User, security_admin: Any) -> None:
    today = timezone.localdate()
    grant_role(newcomer.pk, Role.AUDITOR, ORDOS, by=security_admin, until=today)
    grant_role(newcomer.pk, Role.SYSTEM_ADMIN, REGION, by=None, since=today + timedelta(days=1))
    with pytest.raises(IntegrityError, match="holds a role that excludes"), transaction.atomic():
        RoleAssignment.objects.filter(role=Role.AUDITOR, user=newcomer).update(until=None)


def test_a_worker_s_account_stays_a_worker_s(worker_user: Any, newcomer: User, security_admin: Any) -> None:
    with pytest.raises(NotNow, match="技术工人本人的账号"):
        grant_role(worker_user.pk, Role.WINDOW_CLERK, OTOG, by=security_admin)
    with pytest.raises(NotNow, match="服务窗口核验身份"):
        grant_role(newcomer.pk, Role.WORKER, OTOG, by=security_admin)


def test_a_disabled_account_gets_no_role(newcomer: User, security_admin: Any, system_admin: Any) -> None:
    actions.disable_account(newcomer.pk, by=system_admin, reason="未到岗")
    with pytest.raises(NotNow, match="已停用"):
        grant_role(newcomer.pk, Role.WINDOW_CLERK, OTOG, by=security_admin)


def test_a_security_administrator_of_a_league_grants_within_it(newcomer: User) -> None:
    local = make_account("ordos.security", "鄂安全", "security_admin", ORDOS)
    grant_role(newcomer.pk, Role.WINDOW_CLERK, OTOG, by=local)
    for region in (BAOTOU, REGION):
        with pytest.raises(Refused, match="不属于您负责的地区"):
            grant_role(newcomer.pk, Role.AUDITOR, region, by=local)


def test_an_assignment_of_another_region_cannot_be_ended(baotou_clerk: Any) -> None:
    local = make_account("ordos.security", "鄂安全", "security_admin", ORDOS)
    with pytest.raises(Refused, match="不属于您负责的地区"):
        end_role(baotou_clerk.assignments.get().pk, by=local)


def test_two_grants_at_once_leave_one(committed: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    by = make_account("admin.security", "郑安", "security_admin", REGION)
    target = User.objects.create_user("new.comer", display_name="娜仁")

    def grant(role: Role) -> str:
        try:
            grant_role(target.pk, role, REGION, by=by)
            return "granted"
        except NotNow as refused:
            return str(refused)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        came = list(pool.map(grant, ADMINISTRATORS))
    assert came.count("granted") == 1
    assert sum("三人" in answer for answer in came) == 2
    assert RoleAssignment.objects.filter(user=target).count() == 1


@pytest.mark.parametrize(
    ("region", "whole", "leagues", "banners"),
    [(REGION, True, set(), set()), (ORDOS, False, {ORDOS}, set()), (OTOG, False, set(), {OTOG})],
)
def test_a_role_reaches_as_far_as_its_region(
    newcomer: User, region: str, whole: bool, leagues: set, banners: set
) -> None:
    RoleAssignment.objects.create(user=newcomer, role=Role.WINDOW_CLERK, region_id=region)
    reach = scope(newcomer, "worker.view")
    assert (reach.whole, set(reach.leagues), set(reach.banners)) == (whole, leagues, banners)
    assert reach.covers(OTOG)


# -- what is said to whom a role has ended -------------------------------------------------------------------
def test_whose_role_ended_is_told_which_when_and_whom_to_ask(security_admin, clerk) -> None:
    assert ended_lately(clerk) is None and ended_lately(AnonymousUser()) is None
    held = clerk.assignments.get()
    end_role(held.pk, by=security_admin)
    held.refresh_from_db()
    ended = ended_lately(clerk)
    at = timezone.localtime(held.ended_at)
    assert ended is not None and ended.whom_to_ask == "本单位的安全管理员"
    assert ended.words == f"您担任的鄂尔多斯市鄂托克旗窗口经办员已于{date_cn(at)}{at:%H:%M}解除。"
    # Given again there is nothing to tell.
    grant_role(clerk.pk, "window_clerk", OTOG, by=security_admin)
    assert ended_lately(clerk) is None


def test_a_role_that_ran_out_is_told_for_a_while(cast) -> None:
    agent, today = cast("employer_agent"), timezone.localdate()
    for days, told in ((0, False), (1, True), (30, True), (31, False)):
        until = today - timedelta(days=days)
        agent.assignments.update(since=until, until=until)
        ended = ended_lately(agent)
        assert (ended is not None) is told, days
        if ended:
            assert ended.words == f"您担任的鄂尔多斯市鄂托克旗单位经办人已于{date_cn(until)}到期。"
            assert ended.whom_to_ask == "就近的服务窗口"


def test_what_is_theirs_no_longer_says_so_too(cast, as_user, security_admin, worker) -> None:
    """A role elsewhere remains: the person is not found any more, and the page says why."""
    clerk = cast("clerk")
    RoleAssignment.objects.create(user=clerk, role="window_clerk", region_id=KUNDULUN)
    end_role(clerk.assignments.get(region=OTOG).pk, by=security_admin)
    client = as_user(clerk)
    page = client.post(f"/window/workers/{worker.pk}/edit/", {"name": "王建"})
    assert page.status_code == 404 and "没有保存" in page.text and "鄂托克旗窗口经办员已于" in page.text
    # An address that nobody has is only that.
    assert "已于" not in client.get("/no/such/address/").text
