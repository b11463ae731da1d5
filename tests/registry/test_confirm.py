"""What follows when a proposal is confirmed, declined or given back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from portal.audit.models import Entry as AuditEntry
from portal.cases.actions import NotNow
from portal.cases.models import ClockRule
from portal.letters.models import Letter
from portal.policy.models import Determination
from portal.workforce.models import AttestedFact, Honour
from talent_registry import letters
from talent_registry.actions import confirm, decline, resubmit, return_for_correction
from talent_registry.models import CountedFrom, RegistryEntry, Status
from talent_registry.workflow import WORKFLOW, State
from tests.registry.conftest import TODAY

HOW = "查验职业技能等级证书"


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
    case = proposed(year=2026, conferred_on=conferred_on, verified_at=verified_at)
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
