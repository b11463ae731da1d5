"""Who is proposed: by the law of the day, once, and not again after a decision."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connection, connections

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.cases.workflow import Duty
from portal.policy.models import Determination
from portal.workforce.models import Honour
from talent_registry import tasks
from talent_registry.actions import (
    change_status,
    confirm,
    decline,
    propose,
    propose_again,
    withdraw,
    withdraw_unfounded,
)
from talent_registry.benefits import inclusion_honours
from talent_registry.models import Basis, InclusionProposal, Status
from talent_registry.workflow import State
from tests.cast import make_honour
from tests.registry.conftest import TODAY


@pytest.mark.parametrize(
    ("type", "basis"),
    [
        ("national_model_worker", Basis.HONOUR),
        ("may_day_medal", Basis.HONOUR),
        ("china_skills_award", Basis.HONOUR),
        ("national_technical_expert", Basis.HONOUR),
        ("great_craftsman_of_the_year", Basis.HONOUR),
        ("regional_model_worker", Basis.HONOUR),
        ("technician_contribution_award", Basis.HONOUR),
        ("northern_border_craftsman", Basis.HONOUR),
        ("grassland_talent", Basis.HONOUR),
        ("special_allowance_national", Basis.SPECIAL_ALLOWANCE),
        ("special_allowance_regional", Basis.SPECIAL_ALLOWANCE),
        ("scarce_talent", Basis.SCARCE_TALENT),
    ],
)
def test_each_basis_of_clause_one_proposes(honoured, type, basis) -> None:
    worker = honoured(type=type)
    (case,) = propose([worker.pk], by=None, on=TODAY)
    proposal = case.inclusion
    assert (proposal.basis, proposal.worker, proposal.honour.type_id) == (basis, worker, type)
    assert proposal.determination.outcome == "eligible"
    assert proposal.determination.fact_sources
    assert case.state == State.PROPOSED and case.number.startswith("ZJ-2026-")


@pytest.mark.parametrize("type", ["regional_technical_expert", "league_craftsman"])
def test_an_honour_that_is_not_listed_proposes_nobody(honoured, type) -> None:
    worker = honoured(type=type)
    assert propose([worker.pk], by=None, on=TODAY) == []
    assert not Determination.objects.exists(), "no evidence is kept about people nobody asked about"


def test_an_unverified_or_refuted_honour_proposes_nobody(worker, clerk) -> None:
    make_honour(worker, recorded_by=clerk)
    assert propose(by=None, on=TODAY) == []


def test_before_the_policy_nobody_is_proposed(honoured) -> None:
    worker = honoured(year=2018)
    assert inclusion_honours(date(2019, 2, 19)) == []
    assert propose([worker.pk], by=None, on=date(2019, 2, 19)) == []
    assert len(propose([worker.pk], by=None, on=date(2019, 2, 20))) == 1


def test_an_honour_counts_from_the_day_it_is_given(honoured) -> None:
    worker = honoured(year=2026, conferred_on=TODAY + timedelta(days=1))
    assert propose([worker.pk], by=None, on=TODAY) == []
    assert len(propose([worker.pk], by=None, on=TODAY + timedelta(days=1))) == 1


def test_twice_proposes_nobody_twice(honoured) -> None:
    workers = [honoured() for _ in range(3)]
    assert len(propose(by=None, on=TODAY)) == 3
    assert propose(by=None, on=TODAY) == []
    assert propose([w.pk for w in workers], by=None, on=TODAY) == []
    assert InclusionProposal.objects.count() == 3


def test_more_workers_than_one_batch_holds(honoured, monkeypatch) -> None:
    monkeypatch.setattr("talent_registry.actions.proposing._TOGETHER", 2)
    for _ in range(5):
        honoured()
    cases = propose(by=None, on=TODAY)
    assert len(cases) == 5
    assert len({case.number for case in cases}) == 5


def test_the_weightiest_recognition_is_cited(honoured, clerk, reviewer) -> None:
    worker = honoured(type="scarce_talent")
    make_honour(worker, recorded_by=clerk, verified_by=reviewer, type="northern_border_craftsman")
    national = make_honour(worker, recorded_by=clerk, verified_by=reviewer, type="may_day_medal", year=2023)
    (case,) = propose(by=None, on=TODAY)
    assert case.inclusion.honour == national


def test_who_recorded_and_who_verified_hold_their_duties(proposed, clerk, reviewer) -> None:
    case = proposed()
    assert dict(case.duties.values_list("duty", "person_id")) == {
        Duty.PREPARE: clerk.pk,
        Duty.REVIEW: reviewer.pk,
    }


def test_a_declined_recognition_does_not_come_back_but_another_does(
    proposed, registry_officer, clerk, reviewer
) -> None:
    case = proposed()
    decline(case.pk, by=registry_officer, on=TODAY, reason="经核实，本人从事行政管理工作，不属于技术工人。")
    assert propose(by=None, on=TODAY) == []
    make_honour(case.worker, recorded_by=clerk, verified_by=reviewer, type="may_day_medal")
    (second,) = propose(by=None, on=TODAY)
    assert second.inclusion.honour.type_id == "may_day_medal"


def test_a_person_may_propose_a_declined_recognition_again_with_a_reason(
    proposed, registry_officer, clerk, baotou_clerk
) -> None:
    case = proposed()
    honour = case.inclusion.honour
    with pytest.raises(NotNow):
        propose_again(honour.pk, by=clerk, on=TODAY, reason="补充了岗位证明")
    decline(case.pk, by=registry_officer, on=TODAY, reason="不属于技术工人。")
    with pytest.raises(NotNow, match="理由"):
        propose_again(honour.pk, by=clerk, on=TODAY, reason=" ")
    with pytest.raises(Refused):
        propose_again(honour.pk, by=baotou_clerk, on=TODAY, reason="补充了岗位证明")
    again = propose_again(honour.pk, by=clerk, on=TODAY, reason="补充了岗位证明")
    assert again.state == State.PROPOSED
    assert again.events.get().reason == "补充了岗位证明"


def test_after_removal_only_another_recognition_or_a_person_proposes_again(
    entry, registry_officer, clerk, reviewer
) -> None:
    first = entry()
    given = {"document": "内人社函〔2026〕9号", "reason": "本人申请退出。"}
    change_status(first.pk, Status.REMOVED, by=registry_officer, on=TODAY, **given)
    assert propose(by=None, on=TODAY) == []
    case = propose_again(first.honour_id, by=registry_officer, on=TODAY, reason="本人重新申请。")
    second = confirm(case.pk, by=registry_officer, on=TODAY, how="查验职业技能等级证书")
    assert second.number != first.number and second.worker == first.worker


def test_a_clerk_proposes_only_in_their_own_region(honoured, clerk, baotou_clerk, auditor) -> None:
    worker = honoured()
    for person in (baotou_clerk, auditor):
        with pytest.raises(Refused):
            propose([worker.pk], by=person, on=TODAY)
    assert not Case.objects.exists()
    assert len(propose([worker.pk], by=clerk, on=TODAY)) == 1


def test_a_refuted_honour_takes_its_proposal_back(proposed, second_reviewer, reviewer) -> None:
    from portal.workforce.actions.honours import refute_honour

    kept, fallen = proposed(), proposed()
    refute_honour(fallen.inclusion.honour_id, reason="表彰决定中没有此人。", by=second_reviewer, on=TODAY)
    assert withdraw_unfounded(on=TODAY) == [fallen.pk]
    assert withdraw_unfounded(on=TODAY) == []
    kept.refresh_from_db()
    fallen.refresh_from_db()
    assert (kept.state, fallen.state) == (State.PROPOSED, State.WITHDRAWN)
    assert fallen.events.last().by is None
    assert InclusionProposal.objects.unsettled().count() == 1


def test_a_withdrawn_recognition_that_is_verified_after_all_is_proposed_again(
    proposed, clerk, reviewer
) -> None:
    case = proposed()
    Honour.objects.filter(pk=case.inclusion.honour_id).update(state="refuted")
    withdraw(case.pk, by=clerk, on=TODAY, reason="荣誉核实不符。")
    Honour.objects.filter(pk=case.inclusion.honour_id).update(state="verified")
    assert len(propose(by=None, on=TODAY)) == 1


def test_a_recognition_that_stands_cannot_be_withdrawn(proposed, clerk) -> None:
    case = proposed()
    with pytest.raises(NotNow, match="仍然有效"):
        withdraw(case.pk, by=clerk, on=TODAY, reason="不想办了。")


def test_an_honour_that_was_in_a_case_stays_on_record(proposed, second_reviewer, clerk) -> None:
    from portal.accounts.access import NotNow
    from portal.workforce.actions.honours import record_honour, refute_honour, withdraw_honour
    from portal.workforce.actions.locking import version_of

    honour = proposed().inclusion.honour
    refute_honour(honour.pk, reason="表彰决定中没有此人。", by=second_reviewer, on=TODAY)
    withdraw_unfounded(on=TODAY)
    honour.refresh_from_db()
    honour = record_honour(
        honour.worker_id,
        type=honour.type,
        year=2024,
        source="窗口登记",
        by=clerk,
        on=TODAY,
        honour_id=honour.pk,
        version=version_of(honour),
    )
    with pytest.raises(NotNow, match="记录须保留"):
        withdraw_honour(
            honour.worker_id, honour.pk, reason="登记有误。", version=version_of(honour), by=clerk, on=TODAY
        )


# -- on verification, and by the clock -----------------------------------------------------------------------
def test_verification_proposes_at_once(
    worker, clerk, reviewer, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    from portal.workforce.actions.honours import refute_honour, verify_honour

    sent = []
    monkeypatch.setattr(tasks.propose_for, "delay", lambda ids: sent.append(("propose", ids)))
    monkeypatch.setattr(tasks.withdraw_for, "delay", lambda ids: sent.append(("withdraw", ids)))
    honour = make_honour(worker, recorded_by=clerk)
    with django_capture_on_commit_callbacks(execute=True):
        verify_honour(honour.pk, by=reviewer, on=TODAY)
    with django_capture_on_commit_callbacks(execute=True):
        refute_honour(honour.pk, reason="表彰决定中没有此人。", by=reviewer, on=TODAY)
    assert sent == [("propose", [worker.pk]), ("withdraw", [worker.pk])]


def test_a_broker_that_is_away_does_not_undo_a_verification(
    worker, clerk, reviewer, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    from portal.workforce.actions.honours import verify_honour

    def away(ids: list[int]) -> None:
        raise ConnectionError

    monkeypatch.setattr(tasks.propose_for, "delay", away)
    honour = make_honour(worker, recorded_by=clerk)
    with django_capture_on_commit_callbacks(execute=True):
        verify_honour(honour.pk, by=reviewer, on=TODAY)
    honour.refresh_from_db()
    assert honour.state == "verified"
    tasks.propose_missed()
    assert InclusionProposal.objects.filter(worker=worker).count() == 1
    tasks.propose_missed()
    tasks.propose_for([worker.pk])
    assert InclusionProposal.objects.filter(worker=worker).count() == 1


def test_the_daily_job_is_on_the_clock() -> None:
    from portal.clock import schedule

    assert schedule()["registry.propose_missed"]["task"] == "registry.propose_missed"


def test_two_at_once_propose_nobody_twice(committed, honoured) -> None:
    for _ in range(8):
        honoured()
    opened: list[int] = []

    def run() -> None:
        try:
            opened.append(len(propose(by=None, on=TODAY)))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(opened) == [0, 0, 8]
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == [f"ZJ-2026-{place:06d}" for place in range(1, 9)]


def test_proposing_many_takes_as_many_statements_as_proposing_few(
    honoured, django_assert_max_num_queries
) -> None:
    for _ in range(30):
        honoured()
    with django_assert_max_num_queries(40):
        assert len(propose(by=None, on=TODAY)) == 30
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM policy_determination")
        assert cursor.fetchone() == (30,)


def test_an_empty_list_is_not_the_whole_register(honoured) -> None:
    honoured()
    assert propose([], by=None, on=TODAY) == []
