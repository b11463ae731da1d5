"""The shared life of a case, told with the direct inclusion of 王建国 from 鄂托克旗."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.access import Refused, can
from portal.accounts.models import RoleAssignment
from portal.audit.models import Entry
from portal.cases import actions, waiting
from portal.cases.actions import NewCase, NotNow
from portal.cases.models import Case, CaseDuty, CaseEvent, ClockRule
from portal.cases.workflow import Duty, register, workflows
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, REGION, make_account, make_worker

KIND = "registry.direct-inclusion"
MONDAY = date(2026, 11, 16)


def opened(worker, *, duties=None, on=MONDAY) -> Case:
    [case] = actions.open_cases(
        KIND, [NewCase(worker.work_region_id, worker.pk, "全国技术能手", duties or {})], by=None, on=on
    )
    return case


def settled() -> None:
    """Let the checks that wait for the commit speak now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_case_begins_with_its_number_event_and_audit_entry(worker) -> None:
    first, second = opened(worker), opened(worker)
    settled()
    assert [c.number for c in (first, second)] == ["ZJ-2026-000001", "ZJ-2026-000002"]
    assert first.events.get().to_state == "proposed"
    assert Entry.objects.filter(action="case.open", worker_ref=worker.pk).count() == 2


def test_without_a_rule_there_is_no_deadline_and_with_one_it_counts_working_days(worker) -> None:
    assert opened(worker).due_on is None
    ClockRule.objects.create(kind=KIND, working_days=5, basis="本机关承诺")
    case = opened(worker)
    assert (case.due_on, case.due_certain) == (date(2026, 11, 23), True)


def test_a_deadline_into_a_year_without_calendar_is_flagged(worker) -> None:
    ClockRule.objects.create(kind=KIND, working_days=10, basis="本机关承诺")
    assert opened(worker, on=date(2026, 12, 28)).due_certain is False


def test_the_clock_stands_still_while_something_is_missing(worker, registry_officer, clerk) -> None:
    ClockRule.objects.create(kind=KIND, working_days=5, basis="本机关承诺")
    case = opened(worker)
    with actions.transition(
        case.pk, "return_for_correction", by=registry_officer, on=date(2026, 11, 18)
    ) as locked:
        actions.open_correction(locked, ["荣誉证书复印件不清晰"], by=registry_officer, on=date(2026, 11, 18))
    case.refresh_from_db()
    assert case.stopped_on == date(2026, 11, 18)
    assert not Case.objects.overdue(date(2027, 1, 1)).filter(pk=case.pk).exists()
    with actions.transition(case.pk, "resubmit", by=clerk, on=date(2026, 11, 30)) as locked:
        actions.resolve_correction(locked, by=clerk, on=date(2026, 11, 30))
    case.refresh_from_db()
    # Three working days were left on the 18th (19, 20, 23); they run from the 30th.
    assert (case.stopped_on, case.due_on) == (None, date(2026, 12, 3))


def test_a_correction_says_something(worker, registry_officer) -> None:
    case = opened(worker)
    with pytest.raises(NotNow, match="至少写明一项"):
        with actions.transition(case.pk, "return_for_correction", by=registry_officer, on=MONDAY) as locked:
            actions.open_correction(locked, ["  "], by=registry_officer, on=MONDAY)
    case.refresh_from_db()
    assert case.state == "proposed"


def test_the_second_click_is_told_who_was_first(worker, registry_officer) -> None:
    case = opened(worker)
    with actions.transition(case.pk, "decline", by=registry_officer, on=MONDAY, reason="不属于技术工人"):
        pass
    with pytest.raises(NotNow, match="高娃.*不予纳入"):
        with actions.transition(case.pk, "decline", by=registry_officer, on=MONDAY, reason="再次点击"):
            pytest.fail("the effect must not run")


def test_a_reason_is_asked_for(worker, registry_officer) -> None:
    case = opened(worker)
    with pytest.raises(NotNow, match="理由"):
        with actions.transition(case.pk, "decline", by=registry_officer, on=MONDAY, reason="  "):
            pytest.fail("the effect must not run")


def test_who_prepared_cannot_approve(worker, cast) -> None:
    officer = cast("registry_officer")
    case = opened(worker, duties={Duty.PREPARE: officer.pk})
    with pytest.raises(Refused, match="登记（提出）.*另一人"):
        with actions.transition(case.pk, "confirm", by=officer, on=MONDAY):
            pytest.fail("the effect must not run")


def test_the_database_holds_four_eyes_by_itself(worker, reviewer) -> None:
    case = opened(worker, duties={Duty.PREPARE: reviewer.pk})
    with (
        pytest.raises(DatabaseError, match="who holds prepare does not take on approve"),
        transaction.atomic(),
    ):
        CaseDuty.objects.create(case=case, duty=Duty.APPROVE, person=reviewer)


def test_the_database_refuses_a_move_that_is_not_listed(worker) -> None:
    case = opened(worker)
    with pytest.raises(DatabaseError, match="returned"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="returned", version=2)
        Case.objects.filter(pk=case.pk).update(state="confirmed", version=3)
    with pytest.raises(DatabaseError, match="cannot follow"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="confirmed")


def test_the_database_refuses_a_state_without_its_event(worker) -> None:
    case = opened(worker)
    with pytest.raises(DatabaseError, match="no event tells"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="declined", version=2)
        settled()


def test_an_effect_that_fails_leaves_nothing(worker, registry_officer) -> None:
    case = opened(worker)
    with pytest.raises(RuntimeError):
        with actions.transition(case.pk, "confirm", by=registry_officer, on=MONDAY):
            raise RuntimeError("the letter has no number")
    case.refresh_from_db()
    assert (case.state, case.version, case.events.count(), case.duties.count()) == ("proposed", 1, 1, 0)
    assert not Entry.objects.filter(action="case.confirm").exists()


def test_numbers_have_no_gaps_when_two_offices_open_at_once(committed) -> None:
    workers = [make_worker(f"工人{n}") for n in range(4)]

    def open_some(worker) -> None:
        try:
            for attempt in range(5):
                try:
                    with transaction.atomic():
                        opened(worker)
                        if attempt % 2:
                            raise RuntimeError("given back")
                except RuntimeError:
                    pass
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(open_some, workers))
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == [f"ZJ-2026-{n:06d}" for n in range(1, 13)]


def test_two_officers_at_once_act_once(committed, cast) -> None:
    case = opened(make_worker())
    officers = [cast("registry_officer"), cast("second_registry_officer")]

    def decline(officer) -> str:
        try:
            with actions.transition(case.pk, "decline", by=officer, on=MONDAY, reason="不属于技术工人"):
                pass
            return "done"
        except NotNow:
            return "too late"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decline, officers)) == ["done", "too late"]
    assert case.events.count() == 2


def test_each_sees_the_cases_of_their_place(worker, worker_user, cast) -> None:
    here, there = opened(worker), opened(make_worker("李芳", region="150203"))
    seen = {
        name: set(Case.objects.visible_to(cast(name)))
        for name in (
            "clerk",
            "reviewer",
            "baotou_clerk",
            "baotou_reviewer",
            "approver",
            "auditor",
            "policy_officer",
            "panel_expert",
        )
    }
    assert seen == {
        "clerk": {here},
        "reviewer": {here},
        "baotou_clerk": {there},
        "baotou_reviewer": {there},
        "approver": {here, there},
        "auditor": {here, there},
        "policy_officer": set(),
        "panel_expert": set(),
    }
    assert set(Case.objects.visible_to(worker_user)) == {here}


def test_waiting_for_shows_what_one_may_do(worker, registry_officer, clerk, auditor, cast) -> None:
    case = opened(worker)
    assert list(Case.objects.waiting_for(registry_officer)) == [case]
    assert list(Case.objects.waiting_for(auditor)) == []
    assert list(Case.objects.waiting_for(cast("baotou_clerk"))) == []


def case_in_every_state(region: str) -> None:
    """A case of every kind in every state, by moves that the table allows; those in final states are closed."""
    for workflow in workflows():
        path = {workflow.initial: [workflow.initial]}
        reached = [workflow.initial]
        for state in reached:
            for step in workflow.transitions:
                if state in step.sources and step.target not in path:
                    path[step.target] = [*path[state], step.target]
                    reached.append(step.target)
        assert set(path) == set(workflow.states.values)
        for number, states in enumerate(path.values()):
            case = Case.objects.create(
                number=f"{workflow.prefix}-{region}-{number}",
                kind=workflow.kind,
                region_id=region,
                subject="",
                opened_on=MONDAY,
                state=workflow.initial,
            )
            CaseEvent.objects.bulk_create(
                CaseEvent(case=case, position=place, action="move", label="", to_state=state, on=MONDAY)
                for place, state in enumerate(states, start=1)
            )
            for version, state in enumerate(states[1:], start=2):
                Case.objects.filter(pk=case.pk).update(state=state, version=version)
            if states[-1] in workflow.final_states:
                Case.objects.filter(pk=case.pk).update(closed_at=timezone.now())


def next_steps_of(user: Any, case: Case) -> set[str]:
    """Marked in the table, and the user's in that place."""
    return {
        step.action
        for step in case.workflow.transitions
        if step.next_step and case.state in step.sources and can(user, step.permission, case.region_id)
    }


def test_what_waits_is_what_the_table_calls_a_next_step(cast) -> None:
    """Of every kind in every state, for roles of every tier and for one who holds different roles in
    different places. Kinds whose steps depend on more than the state are tried by their programme.
    """
    for region in (OTOG, KUNDULUN, "150625", REGION):
        case_in_every_state(region)
    both = make_account("both", "萨仁", "window_clerk", KUNDULUN)
    RoleAssignment.objects.create(user=both, role="league_reviewer", region_id=ORDOS)
    RoleAssignment.objects.create(user=both, role="registry_officer", region_id=KUNDULUN)
    conditional = {kind for kind, _ in waiting._CONDITIONS}
    cases = list(Case.objects.filter(closed_at=None).exclude(kind__in=conditional))
    names = ("clerk", "baotou_clerk", "reviewer", "registry_officer", "regional_reviewer", "approver")
    counted = {}
    for user in (*map(cast, (*names, "supervisor", "policy_officer")), both):
        wanted = {case.number for case in cases if next_steps_of(user, case)}
        found = Case.objects.waiting_for(user).exclude(kind__in=conditional)
        assert {case.number for case in found} == wanted
        assert set(Case.objects.visible_to(user).waiting_for(user)) == set(Case.objects.waiting_for(user))
        counted[user.username] = len(wanted)
    assert counted["region.policy"] == counted["region.approver"] == 0
    # A proposal in each of four places; an offer taken up and a correction asked for; an objection in each place.
    assert counted["region.registry"] == 4 and counted["otog.clerk"] == 2
    assert counted["region.reviewer"] == counted["region.supervisor"] == 4


def test_what_one_may_merely_take_back_waits_for_nobody(worker, clerk, reviewer) -> None:
    case = opened(worker)
    may, _ = actions.possible_actions(case, reviewer)
    assert [step.action for step in may] == ["withdraw"]
    assert not Case.objects.waiting_for(reviewer).exists() and not Case.objects.waiting_for(clerk).exists()


def test_whoever_did_another_duty_has_nothing_to_do(worker, registry_officer, cast) -> None:
    case = opened(worker)
    CaseDuty.objects.create(case=case, duty="review", person=registry_officer)
    assert not Case.objects.waiting_for(registry_officer).exists()
    second = make_account("second", "乌兰", "registry_officer", REGION)
    assert Case.objects.waiting_for(second).get() == case
    # The same duty once more is no second one.
    CaseDuty.objects.create(case=case, duty="approve", person=second)
    assert Case.objects.waiting_for(second).get() == case


def test_a_condition_and_further_work_decide_too(worker, registry_officer, auditor, monkeypatch) -> None:
    case = opened(worker)
    monkeypatch.setattr(waiting, "_CONDITIONS", {})
    monkeypatch.setattr(waiting, "_FURTHER", [])
    waiting.ready_when(case.kind, "confirm", lambda user, on: Q(opened_on__lt=on))
    assert not Case.objects.waiting_for(registry_officer, case.opened_on).exists()
    assert Case.objects.waiting_for(registry_officer, case.opened_on + timedelta(days=1)).get() == case
    seen = waiting.Work(case.kind, (case.state,), "audit.view")
    waiting.register_work(seen)
    waiting.register_work(seen)
    assert Case.objects.waiting_for(auditor).get() == case and list(waiting.all_work()).count(seen) == 1


def test_a_table_says_what_waits(monkeypatch) -> None:
    for workflow in workflows():
        without = tuple(replace(step, next_step=False) for step in workflow.transitions)
        with pytest.raises(ValueError, match="next step"):
            register(replace(workflow, transitions=without))
    with pytest.raises(ValueError, match="no next step"):
        waiting.ready_when("registry.direct-inclusion", "withdraw", lambda user, on: Q())


def test_possible_actions_explain_what_one_may_not(worker, reviewer, registry_officer) -> None:
    case = opened(worker)
    may, may_not = actions.possible_actions(case, registry_officer)
    assert {t.action for t in may} == {"confirm", "decline", "return_for_correction", "withdraw"}
    may, may_not = actions.possible_actions(case, reviewer)
    assert {t.action for t in may} == {"withdraw"}
    assert all("名录管理员" in why for _, why in may_not)


def test_assigning_needs_somebody_who_may_see_it(worker, clerk, reviewer, baotou_reviewer) -> None:
    case = opened(worker)
    assert actions.assign(case.pk, to=reviewer, by=clerk).assigned_to == reviewer
    with pytest.raises(Refused):
        actions.assign(case.pk, to=baotou_reviewer, by=clerk)


def test_every_workflow_ends_somewhere_and_names_a_page() -> None:
    from django.urls import reverse

    for workflow in workflows():
        assert workflow.final_states
        assert reverse(workflow.page, args=["ZJ-2026-000001"])


def test_codes_of_regions_are_what_scopes_stand_on(worker) -> None:
    assert opened(worker).league_code is not None
    case = Case.objects.get(pk=opened(worker).pk)
    assert (case.region_id, case.league_code) == (OTOG, "150600")
    assert case.league_code != BAOTOU
