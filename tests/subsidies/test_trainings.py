"""Clause 十 pays who attended as well: a claim for one completed training, decided like one by a certificate."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from portal.accounts.access import NotNow, Refused
from portal.policy.law import law_on
from portal.policy.models import Determination
from portal.policy.rederive import replay
from portal.policy.sets import evaluate
from portal.policy.subjects import determine_subjects, foresee_subject, subject_kind
from portal.workforce.models import BenefitClaim
from subsidies import claiming, handling, trainings
from subsidies.decisions import what_changed
from subsidies.models import TRAINING, Claim, ClaimKey, CompletedTraining
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.cast import make_worker
from tests.subsidies.announced import course_for_technicians
from tests.subsidies.conftest import MONDAY, certificate, in_work, technician_figure, training
from tests.workforce.merging import merged, undone

COURSE = "training.technician-course"
TUESDAY = date(2026, 11, 17)


@pytest.fixture
def attended(welder: Any, cast: Any) -> CompletedTraining:
    """The welder completed an upskilling of senior technicians: entered by the clerk, confirmed by the reviewer."""
    return training(welder, by=cast("clerk"), confirmed_by=cast("reviewer"))


def claim_for(one: CompletedTraining, cast: Any, *, on: date = MONDAY, kind: str = TECHNICIAN) -> Claim:
    return claiming.claim_at_once(one.pk, kind, about=TRAINING, channel="window", by=cast("clerk"), on=on)


def approved(claim: Claim, cast: Any) -> Claim:
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    return handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)


# -- what the law says of a training -------------------------------------------------------------------------
@pytest.mark.django_db
def test_who_attended_is_entitled_and_the_evidence_derives_again(
    attended: CompletedTraining, cast: Any
) -> None:
    technician_figure(cast)
    [decided] = determine_subjects(TRAINING, [attended.pk], on=MONDAY, benefits=[COURSE]).values()
    assert (decided.outcome, decided.amount, decided.fund) == ("eligible", 3000, "employment_subsidy_fund")
    kept = Determination.objects.about(TRAINING, attended.pk).get()
    assert kept.facts["training_project"] == "senior_technician"
    assert kept.facts["training_completed_on"] == "2026-09-30"
    assert kept.fact_sources["training_project"].startswith("培训结业，合成技师学院，结业证书PX2026001，")
    assert kept.fact_sources["employment"].startswith("就业信息，合成，")
    assert list(replay()) == []


@pytest.mark.django_db
def test_what_if_the_figure_were_another(attended: CompletedTraining, cast: Any) -> None:
    technician_figure(cast)
    draft = law_on(MONDAY).with_draft({"training.technician.amount": "5000.00"})
    relation = subject_kind(TRAINING).gather([attended.pk], MONDAY, True)
    [now] = evaluate(relation, on=MONDAY, benefits=[COURSE], form="answers").rows()
    [then] = evaluate(relation, benefits=[COURSE], form="answers", law=draft).rows()
    assert (now["amount"], then["amount"]) == (3000, 5000)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "outcome", "failing"),
    [
        ("another training", "ineligible", "attended"),
        ("not completed yet", "ineligible", "completed"),
        ("out of work", "ineligible", "employed"),
        ("on the payroll", "ineligible", "not-on-payroll"),
        ("nothing known of the work", "undetermined", "employed"),
    ],
)
def test_every_condition_of_the_training(cast: Any, what: str, outcome: str, failing: str) -> None:
    worker = make_worker("李强")
    if what != "nothing known of the work":
        status = "unemployed" if what == "out of work" else "employed"
        in_work(worker, cast("reviewer"), on_payroll=what == "on the payroll", status=status)
    project = "technician" if what == "another training" else "senior_technician"
    one = training(worker, by=cast("clerk"), confirmed_by=cast("reviewer"), project=project)
    on = date(2026, 9, 29) if what == "not completed yet" else MONDAY
    found = foresee_subject(TRAINING, one.pk, on=on, benefit=COURSE)
    assert found is not None and found.outcome == outcome
    holds = {row["code"]: row["holds"] for row in found.conditions}
    assert holds[failing] is (None if outcome == "undetermined" else False)
    assert what_is_not_so(holds) == {failing} | ({"not-on-payroll"} if outcome == "undetermined" else set())


def what_is_not_so(holds: dict[str, bool | None]) -> set[str]:
    return {code for code, value in holds.items() if value is not True}


@pytest.mark.django_db
def test_what_nobody_confirmed_counts_as_stated_alone(welder: Any, cast: Any) -> None:
    one = training(welder, by=cast("clerk"))
    assert foresee_subject(TRAINING, one.pk, on=MONDAY, benefit=COURSE) is None
    stated = foresee_subject(TRAINING, one.pk, on=MONDAY, benefit=COURSE, verified=False)
    assert stated is not None and stated.outcome == "eligible"
    trainings.refuse(one.pk, reason="结业名册中没有此人。", by=cast("reviewer"), on=MONDAY)
    assert foresee_subject(TRAINING, one.pk, on=MONDAY, benefit=COURSE, verified=False) is None


@pytest.mark.django_db
def test_it_is_that_of_whoever_stands_for_the_person(welder: Any, cast: Any) -> None:
    other = make_worker("王建国")
    one = training(other, by=cast("clerk"), confirmed_by=cast("reviewer"))
    alone = foresee_subject(TRAINING, one.pk, on=MONDAY, benefit=COURSE)
    assert alone is not None and alone.outcome == "undetermined", "nothing is known of the work"
    pointer = merged(cast, other, welder)
    together = foresee_subject(TRAINING, one.pk, on=MONDAY, benefit=COURSE)
    assert together is not None and together.outcome == "eligible"
    assert claim_for(one, cast).worker == welder
    claiming.withdraw(Claim.objects.get().pk, by=cast("clerk"), on=MONDAY, reason="本人提出撤回。")
    undone(cast, pointer)


# -- from the hand-in to the decision ------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_claim_for_a_training_is_decided_twice_and_approved(attended: CompletedTraining, cast: Any) -> None:
    technician_figure(cast)
    course_for_technicians(cast)
    claim = claim_for(attended, cast)
    assert (claim.credential, claim.training, claim.determination.subject_type) == (None, attended, TRAINING)
    claim = approved(claim, cast)
    claim.refresh_from_db()
    assert (claim.case.state, claim.amount, claim.decision.subject_id) == ("approved", 3000, attended.pk)
    assert (claim.record.kind, claim.record.occupation, claim.record.level) == (
        "training_subsidy",
        "焊工",
        60,
    )
    letters = claim.case.letters.order_by("pk")
    assert [(one.kind, one.context["certificate"]) for one in letters] == [
        ("subsidies.receipt", "焊工高级技师岗位技能提升培训结业"),
        ("subsidies.approval", "焊工高级技师岗位技能提升培训结业"),
    ]
    assert list(replay()) == []


@pytest.mark.django_db
def test_it_is_handed_in_as_stated_and_approved_once_confirmed(welder: Any, cast: Any) -> None:
    technician_figure(cast)
    course_for_technicians(cast)
    one = training(welder, by=cast("clerk"))
    claim = claim_for(one, cast)
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow, match="结业登记尚未确认"):
        handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    trainings.confirm(one.pk, seen="结业证书原件", by=cast("reviewer"), on=TUESDAY)
    handling.review(claim.pk, by=cast("reviewer"), on=TUESDAY)
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    done = handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    assert done.amount == 3000


@pytest.mark.django_db
def test_what_changed_since_the_hand_in_is_said(welder: Any, cast: Any) -> None:
    one = training(welder, by=cast("clerk"), confirmed_by=cast("reviewer"))
    claim = claim_for(one, cast)
    technician_figure(cast)
    now = handling.foreseen_decision(claim)
    assert now is not None and what_changed(claim.determination, now) == ["金额由无标准变为3,000元"]


@pytest.mark.django_db
def test_only_what_it_is_for_is_claimed_by_it(attended: CompletedTraining, cast: Any) -> None:
    with pytest.raises(NotNow, match="凭技能证书申请"):
        claim_for(attended, cast, kind=SKILL_UPGRADE)
    claim_for(attended, cast)
    with pytest.raises(NotNow, match="这次培训已有一件申请"):
        claim_for(attended, cast)
    other = training(
        attended.worker, by=cast("clerk"), project="technician", number="PX2", confirmed_by=cast("reviewer")
    )
    with pytest.raises(NotNow, match="参加的是高级技师岗位技能提升培训"):
        claim_for(other, cast)


# -- the same level is paid once -----------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("first", ["training", "certificate"])
def test_a_level_is_not_paid_for_the_training_and_the_certificate_both(
    attended: CompletedTraining, welder: Any, cast: Any, handed_in: Any, first: str
) -> None:
    senior = certificate(welder, cast("reviewer"), occupation="焊 工", level=60, number="S000015000060")

    def claim(what: str) -> Claim:
        return claim_for(attended, cast) if what == "training" else handed_in(senior, TECHNICIAN)

    held = claim(first)
    second = "certificate" if first == "training" else "training"
    with pytest.raises(NotNow, match="同一职业（工种）同一等级已在申领"):
        claim(second)
    claiming.withdraw(held.pk, by=cast("clerk"), on=MONDAY, reason="本人到窗口提出撤回。")
    assert claim(second).keys.held().count() == 3


@pytest.mark.django_db
def test_another_level_and_another_trade_are_claimed_beside_it(
    attended: CompletedTraining, welder: Any, cast: Any, handed_in: Any
) -> None:
    claim_for(attended, cast)
    technician = certificate(welder, cast("reviewer"), level=50, number="S000015000050")
    fitter = certificate(welder, cast("reviewer"), occupation="钳工", level=60, number="S000015000061")
    places = [handed_in(one, TECHNICIAN).keys.get(kind="place").place for one in (technician, fitter)]
    assert places == [2, 3], "of the three in a life"


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["training", "certificate"])
def test_what_was_paid_for_the_level_elsewhere_bars_both(
    attended: CompletedTraining, welder: Any, cast: Any, handed_in: Any, what: str
) -> None:
    BenefitClaim.objects.create(
        worker=welder,
        kind="training_subsidy",
        occupation="焊 工",
        level=60,
        claimed_on=date(2025, 5, 6),
        source="合成",
    )
    senior = certificate(welder, cast("reviewer"), level=60, number="S000015000060")
    with pytest.raises(NotNow, match="2025-05-06已享受过同一职业（工种）同一等级的补贴"):
        if what == "training":
            claim_for(attended, cast)
        else:
            handed_in(senior, TECHNICIAN)


def test_training_and_certificate_at_once_take_the_level_once(committed: str, cast: Any) -> None:
    """Both are claimed at one moment, each by its own connection: one of them gets the level."""
    worker = in_work(make_worker("王建国"), cast("reviewer"))
    clerk = cast("clerk")
    senior = certificate(worker, cast("reviewer"), level=60, number="S000015000060")
    one = training(worker, by=clerk, confirmed_by=cast("reviewer"))
    barrier = threading.Barrier(4)
    refusals = []

    def claim(about: str, number: int) -> None:
        try:
            barrier.wait()
            claiming.claim_at_once(number, TECHNICIAN, about=about, channel="window", by=clerk, on=MONDAY)
        except NotNow as refusal:
            refusals.append(str(refusal))
        finally:
            connections.close_all()

    asked = [("certificate", senior.pk), (TRAINING, one.pk)] * 2
    threads = [threading.Thread(target=claim, args=each) for each in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ClaimKey.objects.held().count() == 3 and Claim.objects.count() == 1
    assert len(refusals) == 3


# -- who says that it was completed --------------------------------------------------------------------------
@pytest.mark.django_db
def test_nobody_confirms_what_they_entered_or_what_is_their_own(cast: Any, welder: Any) -> None:
    one = training(welder, by=cast("clerk"))
    with pytest.raises(Refused):
        trainings.confirm(one.pk, seen="结业证书原件", by=cast("clerk"), on=MONDAY)
    with pytest.raises(Refused):
        trainings.confirm(one.pk, seen="结业证书原件", by=cast("baotou_reviewer"), on=MONDAY)
    with pytest.raises(NotNow, match="请写明确认依据"):
        trainings.confirm(one.pk, seen="　", by=cast("reviewer"), on=MONDAY)
    with pytest.raises(NotNow, match="请写明不予确认"):
        trainings.refuse(one.pk, reason="", by=cast("reviewer"), on=MONDAY)
    trainings.confirm(one.pk, seen="结业证书原件", by=cast("reviewer"), on=MONDAY)
    with pytest.raises(NotNow, match="已确认，不需要再办理"):
        trainings.refuse(one.pk, reason="与名册不符。", by=cast("reviewer"), on=MONDAY)
    second = training(welder, by=cast("clerk"), occupation="钳工", number="PX3")
    welder.account = cast("reviewer")
    welder.save(update_fields=["account"])
    their_own = type(welder.account).objects.get(pk=welder.account_id)
    with pytest.raises(Refused, match="您本人的信息"):
        trainings.confirm(second.pk, seen="结业证书原件", by=their_own, on=MONDAY)


@pytest.mark.django_db
def test_a_training_is_entered_once_and_not_ahead_of_its_end(cast: Any, welder: Any) -> None:
    one = training(welder, by=cast("clerk"))
    with pytest.raises(NotNow, match="已经登记"):
        training(welder, by=cast("clerk"), occupation="焊 工", number="PX9")
    with pytest.raises(NotNow, match="不能晚于今天"):
        training(welder, by=cast("clerk"), occupation="钳工", completed_on=TUESDAY)
    trainings.refuse(one.pk, reason="编号有误。", by=cast("reviewer"), on=MONDAY)
    assert training(welder, by=cast("clerk"), number="PX2026002").state == "entered"


@pytest.mark.django_db
def test_the_database_holds_who_says_it_and_that_it_stands(
    cast: Any, welder: Any, attended: CompletedTraining
) -> None:
    stated = training(welder, by=cast("clerk"), occupation="钳工", number="PX3")
    clerk = cast("clerk").pk
    for sql in (
        "UPDATE subsidies_completedtraining SET completed_on = '2026-01-01'",
        f"DELETE FROM subsidies_completedtraining WHERE id = {attended.pk}",
        f"UPDATE subsidies_completedtraining SET state = 'entered', judged_by_id = NULL, judged_at = NULL,"
        f" verdict = '' WHERE id = {attended.pk}",
        f"UPDATE subsidies_completedtraining SET state = 'confirmed', judged_by_id = {clerk}, judged_at = now(),"
        f" verdict = '原件' WHERE id = {stated.pk}",
        "INSERT INTO subsidies_completedtraining (worker_id, project, occupation, provider, number, completed_on,"
        " state, entered_at, judged_by_id, judged_at, verdict)"
        f" VALUES ({welder.pk}, 'technician', '电工', '合成', 'PX7', '2026-01-01', 'confirmed', now(), {clerk},"
        " now(), '原件')",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert {one.state for one in CompletedTraining.objects.all()} == {"entered", "confirmed"}


@pytest.mark.django_db
def test_a_claim_is_about_one_thing_and_stays_about_it(
    cast: Any, welding: Any, attended: CompletedTraining
) -> None:
    claim_for(attended, cast)
    for sql in (
        f"UPDATE subsidies_claim SET credential_id = {welding.pk}",
        f"UPDATE subsidies_claim SET credential_id = {welding.pk}, training_id = NULL",
        "UPDATE subsidies_claim SET training_id = NULL",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Claim.objects.get().training == attended
