"""Deciding: every transition from every state for every role, and four eyes by person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from portal.accounts.access import PERMISSIONS, Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case, CaseDuty
from portal.workforce.models import Honour
from talent_registry.actions import confirm, decline, propose, resubmit, return_for_correction, withdraw
from talent_registry.workflow import WORKFLOW, State
from tests.cast import make_honour, make_worker
from tests.registry.conftest import TODAY
from tests.roles import compared, everybody, refusal, undone

HOW = "查验职业技能等级证书"

# action: how it is asked, and the states from which it leads somewhere.
ASK: dict[str, Callable[[int, Any], Any]] = {
    "confirm": lambda case, by: confirm(case, by=by, on=TODAY, how=HOW),
    "decline": lambda case, by: decline(case, by=by, on=TODAY, reason="不属于技术工人。"),
    "return_for_correction": lambda case, by: return_for_correction(
        case, by=by, on=TODAY, missing=["岗位证明"]
    ),
    "resubmit": lambda case, by: resubmit(case, by=by, on=TODAY),
    "withdraw": lambda case, by: withdraw(case, by=by, on=TODAY, reason="荣誉核实不符。"),
}


@pytest.fixture
def in_state(proposed, cast) -> Callable[[str], Case]:
    """A case in any state of the table."""

    def make(state: str) -> Case:
        case = proposed()
        officer = cast("second_registry_officer")
        if state == State.RETURNED:
            ASK["return_for_correction"](case.pk, officer)
        elif state == State.CONFIRMED:
            ASK["confirm"](case.pk, officer)
        elif state == State.DECLINED:
            ASK["decline"](case.pk, officer)
        elif state == State.WITHDRAWN:
            Honour.objects.filter(worker=case.worker).update(state="refuted")
            ASK["withdraw"](case.pk, cast("clerk"))
        case.refresh_from_db()
        assert case.state == state
        return case

    return make


@pytest.mark.parametrize("state", State.values)
def test_every_transition_from_every_state(in_state, cast, state) -> None:
    case = in_state(state)
    officer, clerk = cast("registry_officer"), cast("clerk")
    with compared() as expect:
        for action, ask in ASK.items():
            row = WORKFLOW.transition(action)
            person = officer if row.permission == "registry.confirm" else clerk
            with undone():
                if action == "withdraw":
                    Honour.objects.filter(worker=case.worker).update(state="refuted")
                came = refusal(partial(ask, case.pk, person))
                now = Case.objects.get(pk=case.pk)
                last = now.events.order_by("-position").first()
                if state in row.sources:
                    expect(action, (came, now.state, last.action), (None, row.target, action))
                else:
                    expect(action, (came, now.state, now.version), (NotNow, state, case.version))


@pytest.mark.parametrize("action", list(ASK))
def test_every_role_may_or_may_not(proposed, cast, action) -> None:
    """A permission is held in a region: the Baotou people have it, but not over a case of Otog banner."""
    row = WORKFLOW.transition(action)
    case, people = proposed(), everybody(cast)
    if action == "resubmit":
        ASK["return_for_correction"](case.pk, cast("second_registry_officer"))
    if action == "withdraw":
        Honour.objects.filter(worker=case.worker).update(state="refuted")
    before = Case.objects.get(pk=case.pk).state
    with compared() as expect:
        for person in people:
            may = person.role in PERMISSIONS[row.permission][1] and not person.name.startswith("baotou")
            with undone():
                came = refusal(partial(ASK[action], case.pk, person.user))
                now = Case.objects.get(pk=case.pk).state
                expect(
                    f"{person.name} {action}", (came, now), (None, row.target) if may else (Refused, before)
                )


def test_a_worker_may_nothing(proposed, worker_user) -> None:
    case = proposed()
    for action in ("confirm", "decline", "return_for_correction", "withdraw"):
        with pytest.raises(Refused):
            ASK[action](case.pk, worker_user)


def test_who_recorded_or_verified_cannot_confirm_whatever_role_they_hold(cast, registry_officer) -> None:
    from portal.accounts.models import RoleAssignment

    worker = make_worker()
    make_honour(worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"))
    (case,) = propose(by=None, on=TODAY)
    for person in (cast("clerk"), cast("reviewer")):
        RoleAssignment.objects.create(user=person, role="registry_officer", region_id="150000")
        person = type(person).objects.get(pk=person.pk)
        for action in ("confirm", "decline"):
            with pytest.raises(Refused, match="另一人"):
                ASK[action](case.pk, person)
    confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert set(CaseDuty.objects.filter(case=case).values_list("duty", flat=True)) == {
        "prepare",
        "review",
        "approve",
    }


def test_the_database_keeps_four_eyes_for_any_code(proposed, clerk) -> None:
    case = proposed()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseDuty.objects.create(case=case, duty="approve", person=clerk)
