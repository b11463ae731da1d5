"""Deciding: every transition for every role, four eyes by person, once, and what follows from it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from portal.accounts.access import PERMISSIONS, Refused
from portal.audit.models import Entry as AuditEntry
from portal.cases.actions import NotNow
from portal.cases.models import AllowedMove, Case, CaseDuty, ClockRule
from portal.letters.models import Letter
from portal.policy.models import Determination
from portal.workforce.models import AttestedFact, Honour
from talent_registry import letters
from talent_registry.actions import confirm, decline, propose, resubmit, return_for_correction, withdraw
from talent_registry.models import CountedFrom, RegistryEntry, Status
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


# -- what follows --------------------------------------------------------------------------------------------
def test_confirming_makes_entry_fact_and_letters(proposed, registry_officer) -> None:
    case = proposed(
        "包文俊", document="人社部发〔2025〕7号", named_as="全国技术能手", occupation="焊工", skill_level=50
    )
    entry = confirm(case.pk, by=registry_officer, on=TODAY, how="查验证书：1506001234")
    assert entry.number == "LJ-2026-000001"
    assert (entry.policy_number, entry.clause) == ("内党办发〔2019〕6号", "一")
    assert (entry.honour_name, entry.honour_year, entry.honour_document) == (
        "全国技术能手",
        2025,
        "人社部发〔2025〕7号",
    )
    assert (entry.name, entry.occupation, entry.get_skill_level_display()) == ("包文俊", "焊工", "技师")
    entry.refresh_from_db()
    assert (entry.year, entry.league_code, entry.status) == (2026, "150600", Status.ACTIVE)
    assert entry.published_at is not None
    proposal = case.inclusion
    proposal.refresh_from_db()
    assert (proposal.is_skilled_worker, proposal.established_how) == (True, "查验证书：1506001234")
    assert (proposal.settled_on, proposal.outcome) == (TODAY, State.CONFIRMED)
    fact = AttestedFact.objects.get(worker=case.worker, code="leading_talent")
    assert (fact.value, fact.since, fact.until) == (True, TODAY, None)
    issued = Letter.objects.filter(case=case).order_by("pk")
    assert [letter.kind for letter in issued] == [letters.INCLUSION, letters.CERTIFICATE]
    assert [letter.sequence for letter in issued] == [1, 2]
    assert all(letter.context["entry_number"] == entry.number for letter in issued)
    assert AuditEntry.objects.filter(action="case.confirm", worker_ref=case.worker_id).count() == 1


def test_of_the_id_number_only_the_ending_is_kept(proposed, registry_officer) -> None:
    case = proposed()
    number = case.worker.id_number
    entry = confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert entry.id_shown == "*" * 14 + number[-4:]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM talent_registry_registryentry e")
        (stored,) = cursor.fetchone()
    assert number[6:14] not in stored and number[:17] not in stored
    for letter in Letter.objects.filter(case=case):
        assert number[6:14] not in str(letter.context)


def test_the_fact_opens_the_other_benefits(proposed, registry_officer) -> None:
    from portal.policy.sets import Relation, evaluate
    from portal.workforce.facts import relation

    case = proposed()

    def eligible() -> bool:
        facts = Relation(relation(TODAY, workers=[case.worker_id]))
        return bool(next(evaluate(facts, on=TODAY, benefits=["household.registration"]).rows())["eligible"])

    assert not eligible()
    confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert eligible()


@pytest.mark.parametrize(
    ("conferred_on", "verified_at", "counted", "days"),
    [
        (date(2026, 11, 1), datetime(2026, 11, 20, 1, tzinfo=UTC), CountedFrom.CONFERRED, 21),
        # 17:00 UTC is the next day in Shanghai.
        (None, datetime(2026, 11, 19, 17, tzinfo=UTC), CountedFrom.VERIFIED, 2),
    ],
)
def test_days_from_honour_to_entry(
    proposed, registry_officer, conferred_on, verified_at, counted, days
) -> None:
    case = proposed(year=2026, conferred_on=conferred_on)
    Honour.objects.filter(worker=case.worker).update(verified_at=verified_at)
    entry = confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert (entry.counted_from, entry.days_from_honour) == (counted, days)


def test_numbers_have_no_gaps_when_something_fails(proposed, registry_officer, monkeypatch) -> None:
    first, second = proposed(), proposed()
    monkeypatch.setattr(letters, "issue_inclusion", lambda *a, **k: (_ for _ in ()).throw(RuntimeError))
    with pytest.raises(RuntimeError):
        confirm(first.pk, by=registry_officer, on=TODAY, how=HOW)
    monkeypatch.undo()
    assert not RegistryEntry.objects.exists()
    assert not AttestedFact.objects.exists()
    assert confirm(second.pk, by=registry_officer, on=TODAY, how=HOW).number == "LJ-2026-000001"
    assert confirm(first.pk, by=registry_officer, on=TODAY, how=HOW).number == "LJ-2026-000002"
    third = proposed()
    assert confirm(third.pk, by=registry_officer, on=date(2027, 1, 2), how=HOW).number == "LJ-2027-000001"


def test_the_finding_must_be_made_and_said(proposed, registry_officer) -> None:
    case = proposed()
    with pytest.raises(NotNow, match="技术工人"):
        confirm(case.pk, by=registry_officer, on=TODAY, is_skilled_worker=False, how=HOW)
    with pytest.raises(NotNow, match="如何核实"):
        confirm(case.pk, by=registry_officer, on=TODAY, how="  ")


def test_what_no_longer_holds_is_not_confirmed(proposed, registry_officer) -> None:
    case = proposed()
    before = Determination.objects.count()
    with transaction.atomic():
        Honour.objects.filter(worker=case.worker).update(state="refuted")
        with pytest.raises(NotNow, match="核实不符"):
            confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert Determination.objects.count() == before


def test_a_law_that_changed_in_between_counts(
    proposed, registry_officer, policy_officer, second_policy_officer
) -> None:
    """Another value of the list, confirmed meanwhile, leaves the honour out: the refusal names the condition."""
    from portal.policy.models import Parameter, ParameterValue

    case = proposed(type="grassland_talent")
    value = ParameterValue.objects.create(
        parameter=Parameter.objects.get(code="registry.inclusion-honours"),
        value=["may_day_medal"],
        since=TODAY - timedelta(days=1),
        document="测试文件〔2026〕1号",
        entered_by=policy_officer,
    )
    value.confirmed_by, value.confirmed_at = second_policy_officer, datetime.now(UTC)
    value.save()
    with pytest.raises(NotNow, match="获得可直接纳入名录的荣誉"):
        confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    assert not RegistryEntry.objects.exists()


def test_the_entry_rests_on_the_later_determination(proposed, registry_officer) -> None:
    case = proposed()
    entry = confirm(case.pk, by=registry_officer, on=TODAY + timedelta(days=3), how=HOW)
    assert entry.determination.on == TODAY + timedelta(days=3)
    assert entry.determination.supersedes == case.inclusion.determination


def test_declining_tells_grounds_clause_and_remedy(proposed, registry_officer) -> None:
    case = proposed()
    with pytest.raises(NotNow, match="理由"):
        decline(case.pk, by=registry_officer, on=TODAY, reason=" ")
    decline(case.pk, by=registry_officer, on=TODAY, reason="经核实，本人不属于技术工人。")
    letter = Letter.objects.get(case=case)
    assert letter.kind == letters.REFUSAL and letter.adverse
    assert letter.grounds == "经核实，本人不属于技术工人。"
    assert "内党办发〔2019〕6号" in letter.clause and "第（一）条" in letter.clause
    assert (
        "60日内" in letter.remedy and "内蒙古自治区人民政府" in letter.remedy and "6个月内" in letter.remedy
    )
    assert not RegistryEntry.objects.exists() and not AttestedFact.objects.exists()


def test_correction_stops_the_clock_and_nothing_goes_on_meanwhile(proposed, registry_officer, clerk) -> None:
    ClockRule.objects.create(kind=WORKFLOW.kind, working_days=10, basis="内部规定（示例）", is_sample=True)
    case = proposed()
    case.refresh_from_db()
    due = case.due_on
    assert due is not None
    return_for_correction(case.pk, by=registry_officer, on=TODAY, missing=["岗位证明", " "])
    case.refresh_from_db()
    assert case.stopped_on == TODAY and case.corrections.get().missing == ["岗位证明"]
    with pytest.raises(NotNow):
        confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)
    resubmit(case.pk, by=clerk, on=TODAY + timedelta(days=7), reason="已补交岗位证明")
    case.refresh_from_db()
    assert case.stopped_on is None and case.due_on > due and case.state == State.PROPOSED
    confirm(case.pk, by=registry_officer, on=TODAY + timedelta(days=8), how=HOW)


# -- four eyes, by person ------------------------------------------------------------------------------------
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


# -- the database's own guards -------------------------------------------------------------------------------
def _raw_entry(case: Case, officer: Any, **changed: Any) -> RegistryEntry:
    proposal = case.inclusion
    return RegistryEntry.objects.create(
        **{
            "number": "LJ-2026-000099",
            "worker": case.worker,
            "case": case,
            "determination": proposal.determination,
            "confirmed_by": officer,
            "included_on": TODAY,
            "basis": proposal.basis,
            "policy_number": "内党办发〔2019〕6号",
            "clause": "一",
            "honour": proposal.honour,
            "honour_type": proposal.honour.type,
            "honour_name": "全国技术能手",
            "honour_year": 2025,
            "name": "王建国",
            "id_shown": "**************1234",
            "region_id": "150624",
            "status_since": TODAY,
        }
        | changed
    )


def test_no_entry_without_a_confirmed_case(proposed, registry_officer) -> None:
    case = proposed()
    with pytest.raises(IntegrityError, match="no confirmed case"), transaction.atomic():
        _raw_entry(case, registry_officer)


def test_no_entry_with_the_date_of_birth(proposed, registry_officer) -> None:
    case = proposed()
    with pytest.raises(IntegrityError, match="id_number_is_masked"), transaction.atomic():
        _raw_entry(case, registry_officer, id_shown="150624********1234")


def test_no_second_live_entry_of_a_worker(entry, registry_officer) -> None:
    first = entry()
    with pytest.raises(IntegrityError), transaction.atomic():
        _raw_entry(first.case, registry_officer)


@pytest.mark.parametrize(
    "change",
    ["name = '他人'", "number = 'LJ-2026-000777'", "included_on = '2020-01-01'", "honour_document = 'x'"],
)
def test_an_entry_says_for_ever_what_it_said(entry, change) -> None:
    entry()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE talent_registry_registryentry SET {change}")


def test_an_entry_is_never_deleted(entry) -> None:
    entry()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM talent_registry_registryentry")


def test_a_status_without_its_document_is_refused_at_the_commit(entry) -> None:
    entry()
    with (
        pytest.raises(IntegrityError, match="no record tells"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE talent_registry_registryentry SET status = 'removed', version = 1")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_proposal_is_settled_only_with_its_case(proposed) -> None:
    proposed()
    with (
        pytest.raises(IntegrityError, match="settled only with its case"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE talent_registry_inclusionproposal SET settled_on = '2026-11-22', outcome = 'confirmed'"
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_knows_the_table(db) -> None:
    moves = set(AllowedMove.objects.filter(kind=WORKFLOW.kind).values_list("from_state", "to_state"))
    assert (
        ("", "proposed") in moves
        and ("confirmed", "proposed") not in moves
        and ("declined", "confirmed") not in moves
    )


# -- at once -------------------------------------------------------------------------------------------------
def _race(*calls: Callable[[], Any]) -> list[Any]:
    results: list[Any] = [None] * len(calls)
    barrier = threading.Barrier(len(calls))

    def run(place: int) -> None:
        try:
            barrier.wait(10)
            results[place] = calls[place]()
        except (NotNow, Refused) as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_a_double_click_confirms_once(committed, proposed, registry_officer) -> None:
    case = proposed()
    results = _race(*[lambda: confirm(case.pk, by=registry_officer, on=TODAY, how=HOW)] * 3)
    assert sum(isinstance(one, RegistryEntry) for one in results) == 1
    assert sum(isinstance(one, NotNow) for one in results) == 2
    assert RegistryEntry.objects.count() == 1
    assert Letter.objects.filter(case=case).count() == 2


def test_two_officers_at_once_decide_once(
    committed, proposed, registry_officer, second_registry_officer
) -> None:
    case = proposed()
    results = _race(
        lambda: confirm(case.pk, by=registry_officer, on=TODAY, how=HOW),
        lambda: decline(case.pk, by=second_registry_officer, on=TODAY, reason="不属于技术工人。"),
    )
    assert sum(isinstance(one, NotNow) for one in results) == 1
    case.refresh_from_db()
    assert RegistryEntry.objects.filter(case=case).exists() == (case.state == State.CONFIRMED)
    assert case.events.count() == 2


def test_officers_at_once_leave_no_gap_in_the_numbers(
    committed, proposed, registry_officer, second_registry_officer
) -> None:
    cases = [proposed() for _ in range(6)]
    officers = [registry_officer, second_registry_officer] * 3
    _race(
        *[
            lambda case=case, by=by: confirm(case.pk, by=by, on=TODAY, how=HOW)
            for case, by in zip(cases, officers, strict=True)
        ]
    )
    assert sorted(RegistryEntry.objects.values_list("number", flat=True)) == [
        f"LJ-2026-{n:06d}" for n in range(1, 7)
    ]
    assert sorted(Letter.objects.values_list("sequence", flat=True)) == list(range(1, 13))
