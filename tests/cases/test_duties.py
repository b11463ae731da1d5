"""Duties that exclude each other: every pair, through the action and through SQL, by person, and two at once."""

from __future__ import annotations

import importlib
import threading
import time
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from portal.accounts.access import Refused
from portal.accounts.models import User
from portal.cases import actions, duty_guards, four_eyes, workflow
from portal.cases.actions import NewCase
from portal.cases.duties import EXCLUDING_EACH_OTHER, IN_ONES_OWN_CASE, added_pairs, excluding
from portal.cases.models import Case, CaseDuty, DutyPair
from portal.cases.notices.workflow import OBJECTION
from portal.cases.workflow import Duty, Transition
from portal.workforce.models import EmployerAgent
from talent_registry.selection.workflow import NOMINATION
from talent_registry.workflow import DIRECT_INCLUSION
from tests.cases.test_life_of_a_case import MONDAY
from tests.cast import REGION, make_account, make_worker
from tests.roles import compared, undone
from tests.selection.nominees import make_employer
from tests.workforce.merging import merged

# What the law wants apart, in its own words: written a second time, not taken from the table.
APART = {
    frozenset(pair.split(" ≠ "))
    for pair in (
        "accept ≠ approve",
        "review ≠ approve",
        "second_review ≠ approve",
        "review ≠ second_review",
        "approve ≠ pay",
        "review ≠ pay",
        "second_review ≠ pay",
        "payee_record ≠ payee_confirm",
        "payee_confirm ≠ send",
        "approve ≠ annul",
        "approve ≠ reconsider",
        "accept ≠ reconsider",
        "accept ≠ countersign",
        "approve ≠ countersign",
        "annul ≠ countersign",
        "countersign ≠ reconsider",
        "review ≠ reconsider",
        "second_review ≠ reconsider",
        "annul ≠ reconsider",
    )
}
ALL = list(product(Duty, Duty))


@pytest.fixture
def any_duty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objections are decided under any duty: the action is called as the duty."""
    table = workflow.workflow_of(OBJECTION)
    moves = tuple(
        Transition(
            duty, duty.label, ("received",), "upheld", "objection.decide", "", duty=duty, next_step=True
        )
        for duty in Duty
    )
    monkeypatch.setitem(workflow._WORKFLOWS, OBJECTION, replace(table, transitions=moves))


def opened(kind: str = OBJECTION, *, worker: Any = None, **more: Any) -> Case:
    region = worker.work_region_id if worker else REGION
    new = NewCase(region, worker.pk if worker else None, "异议", **more)
    [case] = actions.open_cases(kind, [new], by=None, on=MONDAY)
    return case


def take(case: Case, duty: str, by: Any) -> None:
    with actions.transition(case.pk, duty, by=by, on=MONDAY):
        pass


def hold(case: Case, duty: str, person: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_caseduty (case_id, duty, person_id) VALUES (%s, %s, %s)",
            [case.pk, duty, person.pk],
        )


def refused(act: Any, *arguments: Any) -> str:
    """What is said against it; empty when it is done. Nothing of it is left."""
    with undone():
        try:
            with transaction.atomic():
                act(*arguments)
        except (Refused, DatabaseError) as error:
            return str(error)
    return ""


# -- every pair ----------------------------------------------------------------------------------------------
def test_every_pair_of_duties_through_the_action_and_through_sql(any_duty: None, supervisor: Any) -> None:
    case = opened()
    with compared() as expect:
        for one, other in ALL:
            with undone():
                hold(case, one, supervisor)
                apart = frozenset({one, other}) in APART
                words = f"您已在本办件中承担“{one.label}”，不能再承担“{other.label}”，须由另一人办理。"
                expect(f"{one} then {other}", refused(take, case, other, supervisor), words if apart else "")
                if one != other:
                    by_sql = refused(hold, case, other, supervisor)
                    expect(f"SQL: {one} then {other}", f"who holds {one} does not" in by_sql, apart)
                    expect(f"SQL: {one} then {other} is refused", bool(by_sql), apart)


def test_somebody_else_takes_on_any_duty(any_duty: None, supervisor: Any, regional_reviewer: Any) -> None:
    case = opened()
    for duty in Duty:
        hold(case, duty, make_account(f"holder.{duty}", duty.label, "supervisor", REGION))
    with compared() as expect:
        for duty in Duty:
            expect(duty, refused(take, case, duty, supervisor), "")
            expect(f"SQL: {duty}", refused(hold, case, duty, regional_reviewer), "")


def test_a_page_offers_what_no_duty_excludes(any_duty: None, supervisor: Any) -> None:
    case = opened()
    hold(case, Duty.PAYEE_CONFIRM, supervisor)
    may, may_not = actions.possible_actions(case, supervisor)
    assert {row.action for row, _ in may_not} == {"payee_record", "send"}
    assert {row.action for row in may} == set(Duty) - {"payee_record", "send"}
    assert all("您已在本办件中承担“复核收款账户”，不能再承担" in why for _, why in may_not)


def test_what_waits_leaves_out_what_a_duty_excludes(any_duty: None, supervisor: Any) -> None:
    case, table = opened(), workflow.workflow_of(OBJECTION)
    with compared() as expect:
        for held, asked in ALL:
            with undone(), pytest.MonkeyPatch.context() as patch:
                hold(case, held, supervisor)
                only = tuple(row for row in table.transitions if row.duty == asked)
                patch.setitem(workflow._WORKFLOWS, OBJECTION, replace(table, transitions=only))
                waits = Case.objects.waiting_for(supervisor).filter(pk=case.pk).exists()
                expect(f"{held} then {asked}", waits, frozenset({held, asked}) not in APART)


def test_the_database_and_the_table_know_the_same_pairs(db: None) -> None:
    assert {frozenset(pair) for pair in EXCLUDING_EACH_OTHER} == APART
    with connection.cursor() as cursor:
        for one, other in ALL:
            cursor.execute("SELECT cases_duties_exclude(%s, %s)", [one, other])
            assert cursor.fetchone() == (frozenset({one, other}) in APART,), (one, other)
    assert set(DutyPair.objects.values_list("kind", "one", "other")) == added_pairs()


# -- what a kind of case adds --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [(DIRECT_INCLUSION, Duty.PREPARE, Duty.APPROVE), (NOMINATION, Duty.ACCEPT, Duty.REVIEW)],
)
def test_a_kind_of_case_wants_more_apart(
    worker: Any, registry_officer: Any, kind: str, one: Duty, other: Duty
) -> None:
    assert other in excluding(kind, one) and one in excluding(kind, other)
    assert other not in excluding(OBJECTION, one)
    here, elsewhere = opened(kind, worker=worker), opened()
    for held, asked in ((one, other), (other, one)):
        with undone():
            hold(here, held, registry_officer)
            hold(elsewhere, held, registry_officer)
            assert f"who holds {held} does not take on {asked}" in refused(
                hold, here, asked, registry_officer
            )
            assert not refused(hold, elsewhere, asked, registry_officer)


def test_no_kind_of_case_wants_less_apart() -> None:
    for table, (one, other) in product(workflow.workflows(), EXCLUDING_EACH_OTHER):
        assert other in excluding(table.kind, one) and one in excluding(table.kind, other)


def test_rows_take_no_constant_pair_away(committed: str, cast: Any, owner_sql: Any) -> None:
    clerk = cast("clerk")
    for statement in ("DELETE FROM cases_dutypair", "UPDATE cases_dutypair SET other = one"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(statement)
    owner_sql("DELETE FROM cases_dutypair")
    case = opened()
    hold(case, Duty.REVIEW, clerk)
    assert "does not take on approve" in refused(hold, case, Duty.APPROVE, clerk)


# -- by person -----------------------------------------------------------------------------------------------
def test_one_person_with_two_accounts_is_one(any_duty: None, cast: Any) -> None:
    """After two records of one person were merged, their accounts are one person's."""
    first, second = make_worker("包玉兰"), make_worker("包玉兰")
    for worker in (first, second):
        worker.account = make_account(f"officer.{worker.pk}", worker.name, "supervisor", REGION)
        worker.save(update_fields=["account"])
    one, other = first.account, second.account
    case = opened()
    hold(case, Duty.REVIEW, one)
    assert not refused(take, case, Duty.APPROVE, other) and not refused(hold, case, Duty.APPROVE, other)
    assert Case.objects.waiting_for(other).filter(pk=case.pk).exists()
    merged(cast, first, second)
    one, other = (User.objects.get(pk=account.pk) for account in (one, other))
    assert "您已在本办件中承担“审核（核实）”" in refused(take, case, Duty.APPROVE, other)
    assert "who holds review" in refused(hold, case, Duty.APPROVE, other)
    assert not refused(take, case, Duty.ACCEPT, other)


def own_case(how: str, cast: Any) -> tuple[Case, Any]:
    """A case that is the supervisor's own, and the supervisor's account."""
    supervisor, worker = cast("supervisor"), make_worker("白音")
    if how == "worker":
        worker.account = supervisor
        worker.save(update_fields=["account"])
        return opened(worker=worker), supervisor
    if how == "merged":
        recorded = make_worker("白音")
        worker.account = supervisor
        worker.save(update_fields=["account"])
        case = opened(worker=recorded)
        merged(cast, recorded, worker)
        return case, User.objects.get(pk=supervisor.pk)
    unit = make_employer()
    EmployerAgent.objects.create(employer=unit, user=supervisor)
    case = opened(worker=worker, employer_id=unit.pk)
    if how == "merged unit":
        merged(cast, unit, make_employer("鄂托克焦化集团有限公司"), kind="unit")
    return case, supervisor


@pytest.mark.parametrize("how", ["worker", "merged", "unit", "merged unit"])
def test_nobody_decides_on_what_is_their_own(any_duty: None, cast: Any, how: str) -> None:
    case, supervisor = own_case(how, cast)
    assert case.concerns(supervisor)
    may, may_not = actions.possible_actions(case, supervisor)
    assert {row.action for row in may} == {"prepare", "payee_record"} == IN_ONES_OWN_CASE
    assert len(may_not) == len(Duty) - 2
    with compared() as expect:
        for duty in Duty:
            own = duty not in {"prepare", "payee_record"}
            words = f"本办件与您本人或您代表的单位有关，您不能承担“{duty.label}”，须由另一人办理。"
            expect(duty, refused(take, case, duty, supervisor), words if own else "")
            by_sql = refused(hold, case, duty, supervisor)
            expect(f"SQL: {duty}", "nobody decides on what is their own" in by_sql, own)
            expect(f"SQL: {duty} is refused", bool(by_sql), own)


def test_what_is_ones_own_does_not_wait_for_one(cast: Any, any_duty: None, monkeypatch: Any) -> None:
    case, supervisor = own_case("worker", cast)
    table = workflow.workflow_of(OBJECTION)
    for duty, waits in ((Duty.APPROVE, False), (Duty.PREPARE, True)):
        only = tuple(row for row in table.transitions if row.duty == duty)
        monkeypatch.setitem(workflow._WORKFLOWS, OBJECTION, replace(table, transitions=only))
        assert Case.objects.waiting_for(supervisor).filter(pk=case.pk).exists() == waits
        colleague = cast("regional_reviewer")
        assert Case.objects.waiting_for(colleague).filter(pk=case.pk).exists()


def test_who_verified_what_is_their_own_is_barred_without_a_duty(cast: Any) -> None:
    """An account may be found to be the worker's afterwards; the case is opened all the same."""
    reviewer, worker = cast("reviewer"), make_worker("巴特尔")
    worker.account = reviewer
    worker.save(update_fields=["account"])
    duties = {Duty.PREPARE: reviewer.pk, Duty.REVIEW: reviewer.pk}
    case = opened(DIRECT_INCLUSION, worker=worker, duties=duties)
    assert list(case.duties.values_list("duty", flat=True)) == ["prepare"]
    assert "their own" in refused(hold, case, Duty.SECOND_REVIEW, reviewer)


def test_who_is_barred_keeps_the_duty_they_have(db: None, supervisor: Any, regional_reviewer: Any) -> None:
    case = opened()
    hold(case, Duty.APPROVE, supervisor)
    for _ in range(2):
        four_eyes.bar(case.pk, {supervisor.pk, regional_reviewer.pk}, by=Duty.REVIEW)
    held = set(case.duties.values_list("person__username", "duty"))
    assert held == {("region.supervisor", "approve"), ("region.reviewer", "review")}


# -- two at once ---------------------------------------------------------------------------------------------
def waits_for_a_lock(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)", [pid])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(("other", "fits"), [(Duty.APPROVE, False), (Duty.ACCEPT, True)])
def test_two_duties_taken_on_at_once_see_each_other(
    committed: str, cast: Any, other: Duty, fits: bool
) -> None:
    case, person = opened(), cast("supervisor")
    outcome: dict[str, Any] = {}
    began = threading.Event()

    def take_other() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                outcome["pid"] = cursor.fetchone()[0]
            began.set()
            hold(case, other, person)
            outcome["done"] = True
        except IntegrityError as error:
            outcome["error"] = str(error)
        finally:
            connections.close_all()

    second = threading.Thread(target=take_other)
    with transaction.atomic():
        hold(case, Duty.REVIEW, person)
        second.start()
        assert began.wait(30)
        deadline = time.monotonic() + 30
        while not waits_for_a_lock(outcome["pid"]):
            assert time.monotonic() < deadline, "the second one did not wait for the first"
            # Who begins to wait for a lock tells nobody: the database is asked until it says so.
            time.sleep(0.02)
        assert "done" not in outcome and "error" not in outcome
    second.join(60)
    assert outcome.get("done", False) == fits
    assert fits or "who holds review does not take on approve" in outcome["error"]
    assert CaseDuty.objects.filter(case=case).count() == (2 if fits else 1)


def test_nobody_takes_on_a_duty_without_seeing_what_others_did(committed: str, cast: Any) -> None:
    case, person = opened(), cast("supervisor")
    with pytest.raises(IntegrityError, match="does not see those of others"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        hold(case, Duty.REVIEW, person)


# -- the way back --------------------------------------------------------------------------------------------
def test_there_is_a_way_back_as_long_as_nobody_has_two_duties(
    committed: str, cast: Any, owner_sql: Any
) -> None:
    migration = importlib.import_module("portal.cases.migrations.0004_duties_in_pairs")
    case, person = opened(), cast("supervisor")
    hold(case, Duty.PREPARE, person)
    migration.require_one_duty_each(apps, None)
    hold(case, Duty.ACCEPT, person)
    with pytest.raises(RuntimeError, match=f"region.supervisor holds 2 duties in case {case.number}"):
        migration.require_one_duty_each(apps, None)
    owner_sql(duty_guards.REMOVE)
    owner_sql(duty_guards.INSTALL)
    owner_sql(duty_guards.COUNTERSIGNED)
    owner_sql(duty_guards.OWN_BY_KEY)
    assert "does not take on approve" in refused(hold, case, Duty.APPROVE, person)


def test_every_duty_is_in_a_pair_or_may_be_combined() -> None:
    alone = set(Duty) - {duty for pair in EXCLUDING_EACH_OTHER for duty in pair}
    assert alone == {Duty.PREPARE}
    free = list(combinations([Duty.PREPARE, Duty.ACCEPT, Duty.REVIEW], 2))
    assert all(other not in excluding(OBJECTION, one) for one, other in free)
