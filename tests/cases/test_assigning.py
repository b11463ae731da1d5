"""Whose a case is: who is offered it, with what on their hands, and what is one's own from the beginning."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from portal.accounts.access import Refused
from portal.accounts.models import RoleAssignment
from portal.cases import actions
from portal.cases.actions import NewCase, NotNow
from portal.cases.assigning import may_be_assigned, permissions_ahead
from portal.cases.models import Case
from tests.cast import ORDOS, OTOG, make_account

MONDAY = date(2026, 11, 16)


def opened(worker: Any) -> Case:
    return case_of("registry.direct-inclusion", worker)


def case_of(kind: str, worker: Any, by: Any = None) -> Case:
    new = NewCase(worker.work_region_id, worker.pk, "")
    return actions.open_cases(kind, [new], by=by, on=MONDAY)[0]


# Who of those that see the case have something to do in it, from the state it begins in.
OFFERED = {
    "registry.direct-inclusion": {"clerk", "reviewer", "registry_officer"},
    "registry.nomination": {"clerk", "reviewer", "registry_officer", "regional_reviewer"},
    "registry.selection-round": {"registry_officer", "approver"},
    "notice.objection": {"regional_reviewer", "supervisor"},
    "entitlements.service": {"clerk"},
    "facts.rectification": {"clerk"},
}
ALL_WHO_SEE = (
    *("clerk", "reviewer", "regional_reviewer", "approver", "finance_officer"),
    *("registry_officer", "supervisor", "auditor"),
)


@pytest.mark.parametrize("kind", OFFERED)
def test_only_who_has_something_to_do_is_offered_a_case(kind, worker, cast, as_user) -> None:
    people = {cast(name): name for name in ALL_WHO_SEE}
    cast("baotou_clerk")
    case = case_of(kind, worker)
    offered = may_be_assigned(case)
    assert {people[one.person] for one in offered if one.person in people} == OFFERED[kind]
    assert {one.person for one in offered} <= set(people)
    for user, name in people.items():
        if name in OFFERED[kind]:
            assert actions.assign(case.pk, to=user, by=cast("supervisor")).assigned_to == user
        else:
            with pytest.raises(NotNow, match="没有可以办理的事项"):
                actions.assign(case.pk, to=user, by=cast("supervisor"))


def test_what_lies_behind_a_case_is_no_action_any_more(worker, cast) -> None:
    """A nomination that was recommended has nothing left for the window."""
    cast("clerk"), cast("registry_officer")
    case = case_of("registry.nomination", worker)
    case.state = "not_recommended"
    assert {one.roles for one in may_be_assigned(case)} >= {"名录管理员"}
    case.state = "recommended"
    assert "nomination.score" not in permissions_ahead(case.kind, case.state)
    case.state = "selected"
    assert permissions_ahead(case.kind, case.state) == set() and may_be_assigned(case) == []


def test_roles_and_load_are_shown_the_freest_first(
    worker, cast, as_user, django_assert_max_num_queries
) -> None:
    clerk = cast("clerk")
    second = make_account("otog.second", "李梅", "window_clerk", OTOG)
    RoleAssignment.objects.create(user=second, role="league_reviewer", region_id=ORDOS)
    for _ in range(3):
        actions.assign(opened(worker).pk, to=clerk, by=clerk)
    closed = actions.assign(opened(worker).pk, to=second, by=clerk)
    Case.objects.filter(pk=closed.pk).update(closed_at=timezone.now())
    case = opened(worker)
    with django_assert_max_num_queries(3):
        shown = [str(one) for one in may_be_assigned(case)]
    assert shown == ["李梅（盟市审核员、窗口经办员，名下在办0件）", f"{clerk}（窗口经办员，名下在办3件）"]
    page = as_user(clerk).get(f"/window/cases/{case.number}/assign/").text
    assert all(one in page for one in shown)
    supervisor = as_user(cast("supervisor")).get(f"/window/cases/{case.number}/assign/").text
    assert "由我办理" in page and "由我办理" not in supervisor


@pytest.mark.parametrize("name", ["auditor", "approver", "finance_officer"])
def test_who_decides_or_looks_on_assigns_nothing(worker, cast, as_user, name) -> None:
    case, somebody = opened(worker), cast(name)
    with pytest.raises(Refused):
        actions.assign(case.pk, to=cast("clerk"), by=somebody)
    desk = as_user(somebody)
    assert desk.get(f"/window/cases/{case.number}/assign/").status_code == 403
    assert "/assign/" not in desk.get("/window/cases/").text


def test_what_one_opens_or_takes_in_is_one_s_own(worker, clerk, reviewer, auditor) -> None:
    assert case_of("facts.rectification", worker, clerk).assigned_to == clerk
    assert case_of("facts.rectification", worker, auditor).assigned_to is None
    assert case_of("facts.rectification", worker).assigned_to is None
    handed_in = case_of("registry.nomination", worker)
    for action, by in (("submit", clerk), ("accept", clerk)):
        with actions.transition(handed_in.pk, action, by=by, on=MONDAY):
            pass
    assert Case.objects.get(pk=handed_in.pk).assigned_to == clerk
    given = case_of("registry.nomination", worker)
    with actions.transition(given.pk, "submit", by=clerk, on=MONDAY):
        pass
    actions.assign(given.pk, to=reviewer, by=clerk)
    with actions.transition(given.pk, "accept", by=clerk, on=MONDAY):
        pass
    # Given to somebody, it stays theirs.
    assert Case.objects.get(pk=given.pk).assigned_to == reviewer
