"""王建国 asks the office to look again at what it decided against him; somebody who had no part in it answers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case, CaseDuty
from portal.letters.models import Letter
from portal.outgoing.models import Message
from portal.workforce.models import BenefitClaim
from subsidies import claiming, handling, reconsidering, signing
from subsidies.models import AdverseDecision, Claim, Course, Reconsideration
from tests.roles import compared, everybody, undone
from tests.subsidies.conftest import GROUNDS, MONDAY, certificate

pytestmark = pytest.mark.django_db
TUESDAY, FRIDAY = date(2026, 11, 17), date(2026, 11, 20)
ASKS = "证书编号登记有误，现提交正确的编号。"
FOUND = "证书编号更正后在全国联网查询中查到，原决定的事实有误。"


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


@pytest.fixture
def refused(cast: Any, handed_in: Any) -> Any:
    """乌兰 has not taken it in, and 巴特尔 has signed."""

    def refuse(credential: Any) -> Claim:
        claim = handed_in(credential)
        claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=MONDAY)
        return signing.countersign(claim.pk, by=cast("second_reviewer"), on=MONDAY)

    return refuse


@pytest.fixture
def against(refused: Any, rejected: Any, annulled: Any) -> Any:
    """A claim that was decided against, in one of the three ways."""
    ways = {"refusal": refused, "rejection": rejected, "annulment": annulled}
    return lambda what, credential: ways[what](credential)


KINDS = ["refusal", "rejection", "annulment"]


# -- asking --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", KINDS)
def test_the_worker_asks_and_the_case_is_open_again(against: Any, welding: Any, own: Any, what: str) -> None:
    claim = against(what, welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    case = Case.objects.get(pk=claim.pk)
    assert (case.state, case.closed_at) == ("reconsidering", None)
    assert (case.started_on, case.due_on) == (TUESDAY, date(2026, 12, 15)), "twenty working days"
    asked = Reconsideration.objects.get()
    assert (asked.decision.what, asked.asked_by, asked.grounds, asked.finding) == (what, own, ASKS, "")
    with pytest.raises(NotNow, match="当前状态为“复核申请办理中”"):
        signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)


def test_the_window_asks_for_whoever_stands_there(cast: Any, rejected: Any, welding: Any) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=cast("second_clerk"), on=TUESDAY)
    assert state_of(claim) == "reconsidering"


def test_nobody_else_asks(cast: Any, rejected: Any, welding: Any, own: Any, worker_user: Any) -> None:
    claim = rejected(welding)
    with pytest.raises(Refused):
        signing.ask(claim.pk, grounds=ASKS, by=worker_user, on=TUESDAY)
    with compared() as expect:
        for person in everybody(cast):
            with undone():
                try:
                    signing.ask(claim.pk, grounds=ASKS, by=person.user, on=TUESDAY)
                    asked = True
                except Refused:
                    asked = False
            expect(person.name, asked, person.name in {"clerk", "second_clerk"})


def test_the_agent_of_the_unit_does_not_ask(cast: Any, rejected: Any, welding: Any) -> None:
    """It is the worker's to decide, even where the unit filed the claim."""
    from tests.selection.nominees import make_employer

    claim = rejected(welding)
    unit = make_employer(agents=(cast("employer_agent"),))
    Case.objects.filter(pk=claim.pk).update(employer=unit)
    with pytest.raises(Refused, match="由本人申请"):
        signing.ask(claim.pk, grounds=ASKS, by=cast("employer_agent"), on=TUESDAY)


def test_reasons_are_given(rejected: Any, welding: Any, own: Any) -> None:
    claim = rejected(welding)
    with pytest.raises(NotNow, match="须写明理由"):
        signing.ask(claim.pk, grounds="无", by=own, on=TUESDAY)


def test_the_days_count_from_being_served(cast: Any, rejected: Any, welding: Any, own: Any) -> None:
    claim = rejected(welding)
    decision = AdverseDecision.objects.get(claim=claim)
    decision.claim = Claim.objects.select_related("course").get(pk=claim.pk)
    assert reconsidering.last_day(decision) is None, "nobody has noted that it was served"
    Letter.objects.filter(pk=decision.letter_id).update(served_on=TUESDAY, served_how="in_person")
    decision.letter.refresh_from_db()
    last = reconsidering.last_day(decision)
    assert last == TUESDAY + timedelta(days=15)
    with undone():
        signing.ask(claim.pk, grounds=ASKS, by=own, on=last)
    with pytest.raises(NotNow, match="申请复核的期限已于2026-12-02届满"):
        signing.ask(claim.pk, grounds=ASKS, by=own, on=last + timedelta(days=1))
    assert state_of(claim) == "rejected"


def test_a_course_without_it_offers_none(rejected: Any, welding: Any, own: Any) -> None:
    claim = rejected(welding)
    Course.objects.filter(pk=claim.course_id).update(ask_again_days=None, answer_again_days=None)
    with pytest.raises(NotNow, match="没有设置复核"):
        signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)


def test_what_was_not_decided_against_is_not_looked_at_again(approved: Any, welding: Any, own: Any) -> None:
    claim = approved(welding)
    with pytest.raises(NotNow, match="当前状态为“已批准”"):
        signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)


# -- answering: who ------------------------------------------------------------------------------------------
def test_whoever_had_a_part_in_it_does_not_answer(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(Refused, match="审批.*须由另一人办理"):
        signing.uphold(claim.pk, reason=FOUND, by=cast("approver"), on=FRIDAY)
    for had in ("clerk", "reviewer", "approver", "regional_reviewer"):
        with (
            pytest.raises(IntegrityError, match="does not take on reconsider"),
            transaction.atomic(),
        ):
            CaseDuty.objects.create(case_id=claim.pk, duty="reconsider", person=cast(had))
    with compared() as expect:
        for person in everybody(cast):
            for act in (signing.uphold, signing.turn):
                with undone():
                    try:
                        act(claim.pk, reason=FOUND, by=person.user, on=FRIDAY)
                        done = True
                    except Refused:
                        done = False
                expect(f"{person.name} {act.__name__}", done, person.name == "supervisor")
    signing.uphold(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)


def test_who_annulled_does_not_answer(
    cast: Any, annulled: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = annulled(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(Refused, match="撤销决定"):
        signing.turn(claim.pk, reason=FOUND, by=cast("supervisor"), on=FRIDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    assert state_of(claim) == "reviewed"


def test_who_answered_signs_no_further_decision(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    with pytest.raises(Refused, match="办理复核申请"):
        handling.approve(claim.pk, by=second_approver, on=FRIDAY)
    handling.reject(claim.pk, reason=GROUNDS, by=cast("approver"), on=FRIDAY)
    with pytest.raises(Refused, match="办理复核申请"):
        signing.countersign(claim.pk, by=second_approver, on=FRIDAY)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=FRIDAY)
    # A new decision may be looked at anew.
    signing.ask(claim.pk, grounds=ASKS, by=own, on=FRIDAY)
    assert Reconsideration.objects.count() == 2


# -- answering: what -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", KINDS)
def test_upheld_the_decision_stays_and_the_terms_count_from_it(
    against: Any, welding: Any, own: Any, second_approver: Any, what: str
) -> None:
    claim = against(what, welding)
    original = AdverseDecision.objects.get(claim=claim).letter
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(NotNow, match="须写明理由"):
        signing.uphold(claim.pk, reason="无", by=second_approver, on=FRIDAY)
    signing.uphold(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    case = Case.objects.get(pk=claim.pk)
    assert case.state == "upheld" and case.closed_at and claim.keys.held().count() == 0
    found = Reconsideration.objects.get()
    assert (found.finding, found.found_by, found.reasons) == ("upheld", second_approver, FOUND)
    letter = found.letter
    assert letter.kind == "subsidies.upheld" and letter.grounds == FOUND
    assert (
        f"维持2026年11月16日作出的{original_words(what)}（{original.number_text}）"
        in letter.context["decision"]
    )
    assert f"（{original.number_text}）之日起60日内向鄂尔多斯市人民政府申请行政复议" in letter.remedy
    assert letter.remedy.startswith("如不服原决定") and "不是行政复议" in letter.context["apart"]
    original.refresh_from_db()
    assert original.superseded_by is None, "the decision is still the one in force"
    assert Message.objects.filter(case=claim.pk).latest("pk").stage == "复核维持原决定"
    with pytest.raises(NotNow, match="当前状态"):
        signing.ask(claim.pk, grounds=ASKS, by=own, on=FRIDAY)


def original_words(what: str) -> str:
    return {"refusal": "不予受理决定", "rejection": "不予批准决定", "annulment": "撤销批准决定"}[what]


def test_a_rejection_turned_goes_back_to_the_approver_under_the_law_of_its_day(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    rejection = AdverseDecision.objects.get(claim=claim).letter
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    claim = Claim.objects.select_related("case").get(pk=claim.pk)
    assert (claim.case.state, claim.decision, claim.handed_in_on) == ("reviewed", None, MONDAY)
    assert claim.keys.held().count() == 3
    assert (claim.case.started_on, claim.case.due_on) == (FRIDAY, date(2026, 12, 4)), "ten working days"
    assert claim.case in Case.objects.waiting_for(cast("approver"), FRIDAY)
    letter = Reconsideration.objects.get().letter
    assert letter.kind == "subsidies.turned" and "2026年11月16日" in "".join(letter.context["paragraphs"])
    rejection.refresh_from_db()
    assert rejection.superseded_by == letter
    handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    claim.refresh_from_db()
    assert (state_of(claim), claim.amount, claim.decision.on) == ("approved", 1500, MONDAY)
    assert BenefitClaim.objects.filter(worker=claim.worker_id).count() == 1


def test_a_refusal_turned_goes_back_to_the_window(
    cast: Any, refused: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = refused(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(NotNow, match="重新受理"):
        signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY, action="turn_refusal")
    assert state_of(claim) == "submitted" and claim.keys.held().count() == 3
    claiming.accept(claim.pk, by=cast("clerk"), on=FRIDAY)
    handling.review(claim.pk, by=cast("reviewer"), on=FRIDAY)
    handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    claim.refresh_from_db()
    assert (claim.handed_in_on, claim.amount) == (MONDAY, 1500)


def test_a_rejection_does_not_go_back_to_the_window(
    rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(NotNow, match="重新审批"):
        signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY, action="turn_refusal")


def test_an_annulment_turned_is_approved_anew(
    cast: Any, annulled: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = annulled(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    handling.approve(claim.pk, by=cast("approver"), on=FRIDAY)
    claim.refresh_from_db()
    assert (state_of(claim), claim.amount, claim.decision.on) == ("approved", 1500, MONDAY)
    assert claim.record.claimed_on == MONDAY and claim.keys.held().count() == 3


def test_a_technician_turned_waits_for_its_figure(
    cast: Any, welder: Any, own: Any, accepted: Any, second_approver: Any
) -> None:
    credential = certificate(welder, cast("reviewer"), level=50, number="S000015000005")
    claim = accepted(credential, "subsidies.technician")
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
    handling.reject(claim.pk, reason=GROUNDS, by=cast("approver"), on=MONDAY)
    signing.countersign(claim.pk, by=cast("supervisor"), on=MONDAY)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    turned = signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    assert turned.case.state == state_of(claim) == "no_figure"


def test_what_was_taken_meanwhile_is_said(
    cast: Any, rejected: Any, handed_in: Any, welder: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    handed_in(welding, on=TUESDAY)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    with pytest.raises(NotNow, match="已在申领补贴"):
        signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    assert state_of(claim) == "reconsidering" and Reconsideration.objects.get().finding == ""


def test_while_it_is_looked_at_again_the_certificate_is_not_claimed_by_anew(
    rejected: Any, handed_in: Any, welder: Any, welding: Any, own: Any
) -> None:
    claim = rejected(welding)
    assert [one.subject.pk for one in claiming.claimable(welder, on=TUESDAY)] == [welding.pk]
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    assert claiming.claimable(welder, on=TUESDAY) == []
    with pytest.raises(NotNow, match="已有一件申请"):
        handed_in(welding, on=TUESDAY)


def test_what_was_read_before_another_answered_is_not_answered(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    read = handling.as_it_stands([claim.pk])[claim.pk]
    signing.turn(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY, as_read=read)
    with pytest.raises(NotNow, match="斯琴办理，当前状态为“待审批”"):
        signing.uphold(claim.pk, reason=FOUND, by=cast("supervisor"), on=FRIDAY, as_read=read)


# -- the database --------------------------------------------------------------------------------------------
def refused_by_sql(sql: str, *values: Any) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        return str(error.__cause__.diag.constraint_name)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return ""


def test_the_database_holds_who_answers_and_that_it_is_once(
    cast: Any, rejected: Any, welding: Any, own: Any, second_approver: Any
) -> None:
    claim = rejected(welding)
    signing.ask(claim.pk, grounds=ASKS, by=own, on=TUESDAY)
    table = "subsidies_reconsideration"
    answer = f"UPDATE {table} SET finding = 'turned', reasons = %s, found_by_id = %s, found_on = now()"  # noqa: S608
    assert refused_by_sql(answer, FOUND, cast("approver").pk) == "a_second_look_goes_with_its_claim"
    assert refused_by_sql(f"UPDATE {table} SET grounds = '另外的理由'") == "a_second_look_is_kept"  # noqa: S608
    assert refused_by_sql(f"DELETE FROM {table}") == "a_second_look_is_kept"  # noqa: S608
    signing.uphold(claim.pk, reason=FOUND, by=second_approver, on=FRIDAY)
    assert refused_by_sql(f"UPDATE {table} SET finding = 'turned'") == "a_second_look_is_kept"  # noqa: S608
    again = f"INSERT INTO {table} (decision_id, grounds, asked_by_id, asked_on, finding, reasons) SELECT decision_id, grounds, asked_by_id, asked_on, '', '' FROM {table}"  # noqa: S608, E501
    assert refused_by_sql(again) == "a_decision_is_looked_at_once"
