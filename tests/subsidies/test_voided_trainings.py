"""A confirmed training is taken back by two, with a reason: claims that rest on it are named, approved ones untouched."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.cases.models import Case
from subsidies import claiming, handling, voiding
from subsidies.models import TRAINING, Claim, CompletedTraining, TrainingVoiding
from subsidies.schemes import TECHNICIAN
from tests.subsidies.announced import course_for_technicians, reviewed_twice
from tests.subsidies.conftest import MONDAY, technician_figure, training

pytestmark = pytest.mark.django_db
WHY = "培训机构来函：该证书系误发。"
LIST = "/subsidies/trainings/"


@pytest.fixture
def attended(welder: Any, cast: Any) -> CompletedTraining:
    return training(welder, by=cast("clerk"), confirmed_by=cast("reviewer"))


def claim_for(one: CompletedTraining, cast: Any) -> Claim:
    claim: Claim = claiming.claim_at_once(
        one.pk, TECHNICIAN, about=TRAINING, channel="window", by=cast("clerk"), on=MONDAY
    )
    return claim


def voided(one: CompletedTraining, cast: Any) -> list[Claim]:
    voiding.ask(one.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    return voiding.agree(one.pk, seen="发证登记。", by=cast("reviewer"), on=MONDAY)


def test_nothing_changes_until_another_officer_agrees(attended: CompletedTraining, cast: Any) -> None:
    voiding.ask(attended.pk, reason=WHY, by=cast("reviewer"), on=MONDAY)
    attended.refresh_from_db()
    assert attended.state == "confirmed" and claim_for(attended, cast).pk
    with pytest.raises(Refused, match="提出人以外的另一人"):
        voiding.agree(attended.pk, seen="来函。", by=cast("reviewer"), on=MONDAY)
    with pytest.raises(Refused):
        voiding.agree(attended.pk, seen="来函。", by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow, match="已经提出"):
        voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    voiding.agree(attended.pk, seen="来函。", by=cast("second_reviewer"), on=MONDAY)
    attended.refresh_from_db()
    assert (attended.state, attended.verdict) == ("voided", "结业证书原件"), (
        "what was confirmed stays written"
    )
    said = Entry.objects.about_worker(attended.worker_id).values_list("action", flat=True)
    assert {"training.void", "training.void.agree"} <= set(said)


def test_it_stands_when_the_other_does_not_agree(attended: CompletedTraining, cast: Any) -> None:
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    voiding.decline(attended.pk, reason="来函所指系另一本证书。", by=cast("reviewer"), on=MONDAY)
    attended.refresh_from_db()
    assert attended.state == "confirmed"
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    assert attended.voidings.count() == 2


def test_reasons_are_given_by_both(attended: CompletedTraining, cast: Any) -> None:
    with pytest.raises(NotNow, match="作废的理由"):
        voiding.ask(attended.pk, reason=" 。", by=cast("clerk"), on=MONDAY)
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    for act in (voiding.agree, voiding.decline):
        with pytest.raises(NotNow, match="请写明"):
            given = {"seen" if act is voiding.agree else "reason": ""}
            act(attended.pk, **given, by=cast("reviewer"), on=MONDAY)


@pytest.mark.parametrize("person", ["baotou_reviewer", "approver", "supervisor", "employer_agent"])
def test_others_may_not(attended: CompletedTraining, cast: Any, person: str) -> None:
    with pytest.raises(Refused):
        voiding.ask(attended.pk, reason=WHY, by=cast(person), on=MONDAY)


def test_nobody_takes_back_their_own(attended: CompletedTraining, cast: Any) -> None:
    welder = attended.worker
    welder.account = cast("second_reviewer")
    welder.save(update_fields=["account"])
    with pytest.raises(Refused, match="您本人"):
        voiding.ask(attended.pk, reason=WHY, by=cast("second_reviewer"), on=MONDAY)
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    with pytest.raises(Refused, match="您本人"):
        voiding.agree(attended.pk, seen="来函。", by=cast("second_reviewer"), on=MONDAY)


def test_only_what_is_confirmed_is_taken_back(welder: Any, cast: Any, attended: CompletedTraining) -> None:
    entered = training(welder, by=cast("clerk"), occupation="钳工", number="PX2")
    with pytest.raises(NotNow, match="只有已确认的"):
        voiding.ask(entered.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    with pytest.raises(NotNow, match="没有待复核的作废"):
        voiding.agree(attended.pk, seen="来函。", by=cast("reviewer"), on=MONDAY)


# -- claims that rest on it ----------------------------------------------------------------------------------
def test_a_claim_under_way_is_not_approved_by_it(attended: CompletedTraining, cast: Any) -> None:
    technician_figure(cast)
    course_for_technicians(cast)
    claim = claim_for(attended, cast)
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    reviewed_twice(claim, cast)
    assert [one.pk for one in voided(attended, cast)] == [claim.pk]
    with pytest.raises(NotNow, match="已作废"):
        handling.approve(claim.pk, by=cast("approver"), on=MONDAY)


def test_what_was_approved_stays_and_its_page_says_so(
    attended: CompletedTraining, cast: Any, as_user: Any, own: Any
) -> None:
    technician_figure(cast)
    course_for_technicians(cast)
    claim = claim_for(attended, cast)
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    handling.approve(reviewed_twice(claim, cast).pk, by=cast("approver"), on=MONDAY)
    before = Case.objects.values("state", "version", "closed_at").get(pk=claim.pk)
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    answer = as_user(cast("reviewer")).post(
        f"{LIST}{attended.pk}/void/judge/", {"verdict": "agreed", "reason": "发证登记。"}, follow=True
    )
    assert f"已批准的申请：{claim.case.number}，批准继续有效" in answer.content.decode()
    assert Case.objects.values("state", "version", "closed_at").get(pk=claim.pk) == before
    address = f"/subsidies/claims/{claim.case.number}/"
    assert "所依据的培训结业已作废" in as_user(cast("approver")).get(address).content.decode()
    assert "所依据的培训结业已作废" not in as_user(own).get(address).content.decode()


def test_nobody_claims_by_it_and_it_may_be_entered_anew(attended: CompletedTraining, cast: Any) -> None:
    worker = attended.worker
    assert any(one.is_training for one in claiming.claimable(worker, on=MONDAY))
    voided(attended, cast)
    assert not any(one.is_training for one in claiming.claimable(worker, on=MONDAY))
    with pytest.raises(NotNow, match="已作废"):
        claim_for(attended, cast)
    again = training(worker, by=cast("clerk"), confirmed_by=cast("reviewer"), number="PX9")
    assert claim_for(again, cast).training == again


# -- pages and the database ----------------------------------------------------------------------------------
def test_from_the_list_to_the_answer(attended: CompletedTraining, cast: Any, as_user: Any) -> None:
    claim = claim_for(attended, cast)
    clerk, reviewer = as_user(cast("clerk")), as_user(cast("reviewer"))
    address = f"{LIST}{attended.pk}/void/"
    assert address in clerk.get(LIST).content.decode()
    assert claim.case.number in clerk.get(address).content.decode()
    assert "请写明" in clerk.post(address, {"reason": ""}).content.decode()
    assert clerk.post(address, {"reason": WHY}).status_code == 302
    page = clerk.get(LIST).content.decode()
    assert "作废待复核" in page and f"{address}judge/" not in page, "nobody answers what they asked"
    assert f"{address}judge/" in reviewer.get(LIST).content.decode()
    page = reviewer.get(f"{address}judge/").content.decode()
    assert WHY in page and claim.case.number in page
    reviewer.post(f"{address}judge/", {"verdict": "agreed", "reason": "发证登记。"})
    page = reviewer.get(LIST).content.decode()
    assert "已作废" in page and "发证登记" in page
    assert as_user(cast("baotou_clerk")).get(address).status_code == 404


def refused_by_database(words: str, act: Any) -> None:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_holds_it(attended: CompletedTraining, cast: Any) -> None:
    mine = CompletedTraining.objects.filter(pk=attended.pk)
    refused_by_database("a training stands as it was entered", lambda: mine.update(state="voided"))
    voiding.ask(attended.pk, reason=WHY, by=cast("clerk"), on=MONDAY)
    refused_by_database("a training stands as it was entered", lambda: mine.update(state="voided"))
    asked = TrainingVoiding.objects.filter(training=attended)
    answered = {"state": "agreed", "verdict": "一", "judged_at": "2026-11-16T00:00:00Z"}
    refused_by_database(
        "a_voiding_is_judged_by_another", lambda: asked.update(**answered, judged_by=cast("clerk"))
    )
    refused_by_database("is answered once", lambda: asked.update(reason="别的理由"))
    refused_by_database("is answered once", asked.delete)
    voiding.agree(attended.pk, seen="来函。", by=cast("reviewer"), on=MONDAY)
    refused_by_database("a training stands", lambda: mine.update(state="confirmed"))
    refused_by_database("is answered once", lambda: asked.update(state="declined"))
