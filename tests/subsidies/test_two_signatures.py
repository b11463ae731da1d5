"""A decision against a worker: 孙立新 or 乌兰 decides, another one signs, and only then it is in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.cases.models import Case, CaseDuty, CaseEvent
from portal.letters.models import Letter
from subsidies import adverse, claiming, handling, signing
from subsidies.models import AdverseDecision, Claim
from subsidies.workflow import ClaimState
from tests.by_two import changed_by_two
from tests.roles import compared, everybody, undone
from tests.subsidies.conftest import CLAUSE, GROUNDS, MONDAY, certificate

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 17)


def state_of(claim: Claim) -> str:
    return Case.objects.values_list("state", flat=True).get(pk=claim.pk)


def letters_of(claim: Claim) -> list[str]:
    return list(Letter.objects.filter(case=claim.pk, adverse=True).values_list("kind", flat=True))


@pytest.fixture
def waiting(cast: Any, handed_in: Any, reviewed: Any, approved: Any) -> Any:
    """A claim in which a decision of this kind waits for its second signature."""

    def wait(what: str, credential: Any) -> Claim:
        if what == "refusal":
            claim = handed_in(credential)
            claiming.refuse(claim.pk, reason=GROUNDS, by=cast("clerk"), on=MONDAY)
        elif what == "rejection":
            claim = reviewed(credential)
            handling.reject(claim.pk, reason=GROUNDS, by=cast("approver"), on=MONDAY)
        else:
            claim = approved(credential)
            signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=MONDAY)
        return claim

    return wait


KINDS = ["refusal", "rejection", "annulment"]
STATES = {
    "refusal": ("refusing", "refused", "submitted"),
    "rejection": ("rejecting", "rejected", "reviewed"),
    "annulment": ("annulling", "annulled", "approved"),
}


# -- given one signature -------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", KINDS)
def test_one_signature_decides_nothing(waiting: Any, welding: Any, what: str) -> None:
    claim = waiting(what, welding)
    assert state_of(claim) == STATES[what][0] and letters_of(claim) == []
    assert claim.keys.held().count() == 3, "what it needs stays taken"
    decision = AdverseDecision.objects.get(claim=claim)
    assert (decision.what, decision.state, decision.grounds) == (what, "proposed", GROUNDS)
    claim.refresh_from_db()
    assert (claim.amount is not None) == (what == "annulment")


@pytest.mark.parametrize("what", KINDS)
def test_when_another_signs_it_is_in_force_and_the_letter_names_both(
    cast: Any, waiting: Any, welding: Any, what: str
) -> None:
    claim = waiting(what, welding)
    decision = AdverseDecision.objects.get(claim=claim)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    decision.refresh_from_db()
    case = Case.objects.get(pk=claim.pk)
    assert case.state == STATES[what][1] and case.closed_at is not None
    assert (decision.signed_by, decision.signed_on) == (cast("regional_reviewer"), TUESDAY)
    assert claim.keys.held().count() == 0
    letter = decision.letter
    assert letters_of(claim) == [f"subsidies.{what}"] and letter.issued_by == cast("regional_reviewer")
    assert letter.context["decided_by"] == str(decision.decided_by)
    assert letter.context["signed_by"] == "陈静"
    assert letter.grounds == GROUNDS and letter.clause == decision.clause
    assert "60日内向鄂尔多斯市人民政府申请行政复议" in letter.remedy
    assert "15日内，也可以向本机关申请复核" in letter.context["look_again"]
    assert "不是行政复议" in letter.context["look_again"]
    last = CaseEvent.objects.filter(case=claim.pk).latest("position")
    assert (last.action, last.by) == (f"countersign_{what}", cast("regional_reviewer"))


@pytest.mark.parametrize("what", KINDS)
def test_who_decided_does_not_sign(cast: Any, waiting: Any, welding: Any, what: str) -> None:
    claim = waiting(what, welding)
    decided_by = AdverseDecision.objects.get(claim=claim).decided_by
    with pytest.raises(Refused):
        signing.countersign(claim.pk, by=decided_by, on=TUESDAY)
    duty = {"refusal": "accept", "rejection": "approve", "annulment": "annul"}[what]
    assert CaseDuty.objects.filter(case=claim.pk, duty=duty, person=decided_by).exists()
    with pytest.raises(IntegrityError, match="does not take on countersign"), transaction.atomic():
        CaseDuty.objects.create(case_id=claim.pk, duty="countersign", person=decided_by)


def test_everybody_of_the_office_asked_to_sign(cast: Any, waiting: Any, welding: Any) -> None:
    """Reviewers of the league, the region's, approvers and supervisors of the place may; nobody else, nowhere else."""
    claim = waiting("refusal", welding)
    may = {"reviewer", "second_reviewer", "regional_reviewer", "approver", "supervisor"}
    with compared() as expect:
        for person in everybody(cast):
            with undone():
                try:
                    signing.countersign(claim.pk, by=person.user, on=TUESDAY)
                    signed = True
                except Refused:
                    signed = False
            expect(person.name, signed, person.name in may)


@pytest.mark.parametrize("what", KINDS)
def test_not_signed_it_goes_back_with_the_reason(cast: Any, waiting: Any, welding: Any, what: str) -> None:
    claim = waiting(what, welding)
    with pytest.raises(NotNow, match="须写明理由"):
        signing.give_back(claim.pk, reason=" ", by=cast("regional_reviewer"), on=TUESDAY)
    signing.give_back(claim.pk, reason="请再次查询证书。", by=cast("regional_reviewer"), on=TUESDAY)
    assert state_of(claim) == STATES[what][2] and claim.keys.held().count() == 3
    decision = AdverseDecision.objects.get(claim=claim)
    assert (decision.state, decision.letter) == ("declined", None) and letters_of(claim) == []
    with pytest.raises(NotNow, match="当前状态"):
        signing.countersign(claim.pk, by=cast("supervisor"), on=TUESDAY)


def test_given_back_it_can_be_decided_otherwise(cast: Any, waiting: Any, welding: Any) -> None:
    claim = waiting("rejection", welding)
    signing.give_back(claim.pk, reason="证书已经查到。", by=cast("regional_reviewer"), on=TUESDAY)
    handling.approve(claim.pk, by=cast("approver"), on=TUESDAY)
    claim.refresh_from_db()
    assert (state_of(claim), claim.amount) == ("approved", 1500)
    assert adverse.in_force(claim) is None


def test_what_came_out_otherwise_since_it_was_decided_is_not_signed(
    cast: Any, welder: Any, waiting: Any, welding: Any
) -> None:
    claim = waiting("rejection", welding)
    changed_by_two(welder.insurance, months=12)
    with pytest.raises(NotNow, match="拟决定之后情况有变化.*请退回"):
        signing.countersign(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    assert state_of(claim) == "rejecting"


def test_what_was_read_before_another_moved_it_is_not_signed(cast: Any, waiting: Any, welding: Any) -> None:
    claim = waiting("refusal", welding)
    read = handling.as_it_stands([claim.pk])[claim.pk]
    signing.countersign(claim.pk, by=cast("reviewer"), on=TUESDAY, as_read=read)
    with pytest.raises(NotNow, match="巴特尔办理，当前状态为“不予受理”"):
        signing.countersign(claim.pk, by=cast("supervisor"), on=TUESDAY, as_read=read)
    assert letters_of(claim) == ["subsidies.refusal"]


def test_a_technician_given_back_waits_for_its_figure_again(cast: Any, welder: Any, accepted: Any) -> None:
    credential = certificate(welder, cast("reviewer"), level=50, number="S000015000005")
    claim = accepted(credential, "subsidies.technician")
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
    handling.reject(claim.pk, reason=GROUNDS, by=cast("approver"), on=TUESDAY)
    assert Case.objects.get(pk=claim.pk).stopped_on is None, "a decision is being made: the time runs"
    signing.give_back(claim.pk, reason="请等待标准。", by=cast("supervisor"), on=TUESDAY)
    case = Case.objects.get(pk=claim.pk)
    assert (case.state, case.stopped_on) == ("no_figure", TUESDAY)


# -- annulling -----------------------------------------------------------------------------------------------
def test_an_annulment_frees_what_was_taken_and_ends_the_record(
    cast: Any, welder: Any, approved: Any, welding: Any, handed_in: Any
) -> None:
    from portal.workforce.models import BenefitClaim, RecordChange

    claim = approved(welding)
    record = BenefitClaim.objects.get(worker=welder)
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=TUESDAY)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    claim.refresh_from_db()
    assert (state_of(claim), claim.amount, claim.record) == ("annulled", None, None)
    assert not BenefitClaim.objects.filter(worker=welder).exists()
    change = RecordChange.objects.get(kind="claim", record_id=record.pk)
    assert (change.what, change.state) == ("remove", "confirmed")
    assert (change.proposed_by, change.decided_by) == (cast("supervisor"), cast("regional_reviewer"))
    decision = AdverseDecision.objects.get(claim=claim)
    assert (decision.amount, decision.clause) == (1500, CLAUSE)
    approval = Letter.objects.get(case=claim.pk, kind="subsidies.approval")
    assert approval.superseded_by == decision.letter, "whoever verifies the approval is told"
    assert handed_in(welding, on=TUESDAY).keys.held().count() == 3


def test_who_approved_neither_annuls_nor_signs_it(cast: Any, approved: Any, welding: Any) -> None:
    claim = approved(welding)
    with pytest.raises(Refused, match="审批"):
        signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("approver"), on=TUESDAY)
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=TUESDAY)
    with pytest.raises(Refused, match="审批"):
        signing.countersign(claim.pk, by=cast("approver"), on=TUESDAY)


def test_an_annulment_says_why_and_by_which_clause(cast: Any, approved: Any, welding: Any) -> None:
    claim = approved(welding)
    given = {"by": cast("supervisor"), "on": TUESDAY}
    with pytest.raises(NotNow, match="所依据的条款"):
        signing.annul(claim.pk, reason=GROUNDS, clause="无", **given)
    with pytest.raises(NotNow, match="不能超过300字"):
        signing.annul(claim.pk, reason=GROUNDS, clause="长" * 301, **given)
    with pytest.raises(NotNow, match="须写明理由"):
        signing.annul(claim.pk, reason="无", clause=CLAUSE, **given)
    assert state_of(claim) == "approved" and not AdverseDecision.objects.exists()


def test_the_longest_clause_stands_in_the_letter(cast: Any, approved: Any, welding: Any) -> None:
    claim, clause = approved(welding), "第三条。" * 75
    signing.annul(claim.pk, reason=GROUNDS, clause=clause, by=cast("supervisor"), on=TUESDAY)
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    assert Letter.objects.get(case=claim.pk, adverse=True).clause == clause


def test_nobody_else_annuls(cast: Any, approved: Any, welding: Any) -> None:
    claim = approved(welding)
    with compared() as expect:
        for person in everybody(cast, but=("approver",)):
            with undone():
                try:
                    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=person.user, on=TUESDAY)
                    done = True
                except Refused:
                    done = False
            expect(person.name, done, person.name == "supervisor")


def test_an_annulment_waits_for_a_change_of_its_record(cast: Any, approved: Any, welding: Any) -> None:
    """Whoever wants the record otherwise is answered first: two changes of one record are not in line."""
    from portal.workforce.actions import remove_record, version_of

    claim = approved(welding)
    signing.annul(claim.pk, reason=GROUNDS, clause=CLAUSE, by=cast("supervisor"), on=TUESDAY)
    given = {"version": version_of(claim.record), "by": cast("clerk"), "on": TUESDAY}
    remove_record("claim", claim.worker_id, claim.record_id, reason="登记到了他人名下", **given)
    with pytest.raises(NotNow, match="已有一项变更待他人确认"):
        signing.countersign(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    assert state_of(claim) == "annulling"


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


def test_the_database_holds_both_signatures(cast: Any, waiting: Any, welding: Any) -> None:
    claim = waiting("rejection", welding)
    decision = AdverseDecision.objects.get(claim=claim)
    approver, other = cast("approver").pk, cast("regional_reviewer").pk
    table = "subsidies_adversedecision"
    sign = f"UPDATE {table} SET state = 'signed', signed_by_id = %s, signed_on = now() WHERE id = %s"  # noqa: S608
    assert refused_by_sql(sign, approver, decision.pk) == "a_decision_is_signed_by_two"
    assert refused_by_sql(sign, other, decision.pk) == "a_decision_waits_with_its_claim"
    assert refused_by_sql(f"UPDATE {table} SET grounds = '另外的理由'") == "a_decision_is_kept"  # noqa: S608
    assert refused_by_sql(f"UPDATE {table} SET decided_by_id = %s", other) == "a_decision_is_kept"  # noqa: S608
    assert refused_by_sql(f"DELETE FROM {table}") == "a_decision_is_kept"  # noqa: S608
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=TUESDAY)
    assert (
        refused_by_sql(f"UPDATE {table} SET signed_by_id = %s", cast("supervisor").pk) == "a_decision_is_kept"
    )  # noqa: S608
    assert refused_by_sql("UPDATE subsidies_claim SET fund = fund") == ""


def test_no_claim_is_rejected_past_the_signatures(cast: Any, reviewed: Any, welding: Any) -> None:
    """Whatever code writes the state: the moves are listed, and the state needs what two have signed."""
    claim = reviewed(welding)
    case = Case.objects.get(pk=claim.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=ClaimState.REJECTED, version=case.version + 1)
    CaseEvent.objects.create(
        case=case, position=case.version + 1, action="reject", label="", to_state="rejecting", on=TUESDAY
    )
    moved = "UPDATE cases_case SET state = 'rejecting', version = version + 1 WHERE id = %s"
    assert refused_by_sql(moved, case.pk) == "a_decision_waits_with_its_claim"


# -- many at once --------------------------------------------------------------------------------------------
def test_in_bulk_as_one_by_one(cast: Any) -> None:
    from subsidies import jobs
    from tests.subsidies.test_bulk import claims_of, moved, written

    together, singly = claims_of(cast, 3, of="a"), claims_of(cast, 3, of="b")
    approver, second = cast("approver"), cast("regional_reviewer")
    for claims in (together, singly):
        moved("accept", claims, cast("clerk"))
        moved("review", claims, cast("reviewer"))
    with pytest.raises(NotNow, match="请写明理由"):
        jobs.start_moving("reject", {together[0].pk: 3}, by=approver, on=MONDAY)
    assert set(moved("reject", together, approver, note=GROUNDS).values()) == {(True, "已拟不予批准，待会签")}
    mine = moved("countersign_rejection", together[:1], approver)
    assert mine[together[0].pk][0] is False and "须由另一人办理" in mine[together[0].pk][1]
    assert set(moved("countersign_rejection", together, second).values()) == {(True, "已会签")}
    for claim in singly:
        handling.reject(claim.pk, reason=GROUNDS, by=approver, on=MONDAY)
        signing.countersign(claim.pk, by=second, on=MONDAY)
    assert written(together) == written(singly)
    assert [letters_of(claim) for claim in together] == [["subsidies.rejection"]] * 3


def test_a_set_of_several_kinds_is_signed_each_by_its_own(
    cast: Any, welder: Any, waiting: Any, welding: Any
) -> None:
    other = certificate(welder, cast("reviewer"), occupation="钳工", level=40, number="S000015000002")
    refused, rejected = waiting("refusal", welding), waiting("rejection", other)
    moving = signing.countersign_many([refused.pk, rejected.pk], by=cast("supervisor"), on=TUESDAY)
    assert {case.pk for case in moving.cases} == {refused.pk, rejected.pk} and not moving.refused
    assert (state_of(refused), state_of(rejected)) == ("refused", "rejected")
