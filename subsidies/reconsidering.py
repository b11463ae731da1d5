"""The office's own second look (复核) at what it decided against a worker.

The worker asks for it within the days that the course gives, counted from being served the decision, and gets a receipt;
until it is answered they may take it back. Somebody answers who had no part in it. Upheld, the decision stays; turned, the
claim goes back to where it is decided, under the law of the day on which it was handed in. It is none of the remedies that
the law has, and takes nothing from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from portal.accounts.access import NotNow, Refused, can
from portal.cases.actions import transition
from portal.cases.models import Case
from portal.outgoing.actions import announce_many
from portal.outgoing.kinds import DECISION
from portal.reasons import reason_in
from portal.regions.calendar import add_working_days
from portal.workforce.merged import records_of
from portal.workforce.models import Worker
from portal.workforce.models.base import own_records
from subsidies import adverse_letters
from subsidies.adverse import in_force
from subsidies.claiming import set_deadline
from subsidies.decisions import day_of
from subsidies.keys import take_keys
from subsidies.models import AdverseDecision, Against, Claim, Finding, Reconsideration
from subsidies.workflow import TAKE_IN

_REASONS_AT_MOST = 500
# Which of the steps takes a request back, by what was decided: the claim returns to where it was.
WITHDRAW_REQUEST = {
    Against.REFUSAL: "withdraw_request_refusal",
    Against.REJECTION: "withdraw_request_rejection",
    Against.ANNULMENT: "withdraw_request_annulment",
}


# -- asking --------------------------------------------------------------------------------------------------
def last_day(decision: AdverseDecision) -> date | None:
    """Until when the worker may ask; None as long as nobody has noted that the letter was served."""
    course, letter = decision.claim.course, decision.letter
    if letter is None or letter.served_on is None or course is None or course.ask_again_days is None:
        return None
    return letter.served_on + timedelta(days=course.ask_again_days)


def require_may_ask(claim: Claim, by: Any) -> None:
    """Refused unless it is the worker, or the window in their name."""
    if claim.worker_id not in own_records(by) and not can(by, TAKE_IN, claim.case.region_id):
        raise Refused("复核由本人申请，也可以到工作地服务窗口代为提出。")


def require_can_be_asked(claim: Claim, on: date) -> AdverseDecision:
    """What may be looked at again today. NotNow with what stands against it."""
    decision = in_force(claim)
    if decision is None:
        raise NotNow("本办件没有可以申请复核的决定。")
    if claim.course is None or claim.course.ask_again_days is None:
        raise NotNow(
            "提交当日的办理流程没有设置复核。不服决定的，可以按决定书所列申请行政复议或者提起行政诉讼。"
        )
    until = last_day(decision)
    if until is not None and on > until:
        raise NotNow(
            f"申请复核的期限已于{until:%Y-%m-%d}届满。可以按决定书所列的期限申请行政复议或者提起行政诉讼。"
        )
    return decision


def ask(case_id: int, *, grounds: str, by: Any, on: date) -> Reconsideration:
    """Ask the office to look again. Raises Refused (not one's own), NotNow (too late, without reasons)."""
    with transition(case_id, "ask_reconsideration", by=by, on=on, reason=grounds) as case:
        claim = _claim_of(case)
        require_may_ask(claim, by)
        decision = require_can_be_asked(claim, on)
        given = reason_in(grounds)
        if len(given) > _REASONS_AT_MOST:
            raise NotNow(f"申请理由不能超过{_REASONS_AT_MOST}字。")
        assert claim.course is not None  # noqa: S101  asked just now
        deadline = add_working_days(on, claim.course.answer_again_days or 0)
        case.started_on, case.due_on, case.due_certain = on, deadline.on, deadline.certain
        case.save(update_fields=["started_on", "due_on", "due_certain"])
        asked = Reconsideration(decision=decision, grounds=given, asked_by=by, asked_on=on)
        asked.receipt = adverse_letters.issue_request_receipt(claim, asked, by=_signer(claim, by), on=on)
        asked.save()
        return asked


def _signer(claim: Claim, by: Any) -> Any:
    """In whose name the receipt goes out: the window's officer; nobody's where the worker asked by themselves."""
    return by if can(by, TAKE_IN, claim.case.region_id) else None


def _claim_of(case: Case) -> Claim:
    claim = Claim.objects.select_related("worker", "credential", "training", "course").get(case=case)
    claim.case = case
    return claim


# -- taking it back ------------------------------------------------------------------------------------------
def require_may_withdraw(claim: Claim, by: Any) -> None:
    """Refused unless it is the worker, or the window where the window noted the request.

    What a worker asked of the office by themselves the office does not take back for them.
    """
    if claim.worker_id in own_records(by):
        return
    asked = open_request(claim)
    if asked is not None and asked.asked_by_id in _accounts_of(claim):
        raise Refused("这件复核申请由本人提出，只能由本人撤回。")
    if not can(by, TAKE_IN, claim.case.region_id):
        raise Refused("复核申请由本人撤回，窗口登记的也可以到工作地服务窗口撤回。")


def _accounts_of(claim: Claim) -> set[int]:
    """The accounts of the worker, under any of their records."""
    records = Worker.objects.filter(pk__in=records_of(claim.worker_id), account__isnull=False)
    return set(records.values_list("account_id", flat=True))


def withdraw_request(case_id: int, *, by: Any, on: date, reason: str = "") -> Reconsideration:
    """The decision is not looked at again, and stands. Raises Refused (not one's own), NotNow (answered already)."""
    asked = Reconsideration.objects.open().filter(decision__claim=case_id).select_related("decision").first()
    what = Against(asked.decision.what) if asked else Against.REJECTION
    with transition(case_id, WITHDRAW_REQUEST[what], by=by, on=on, reason=reason) as case:
        claim = _claim_of(case)
        require_may_withdraw(claim, by)
        if claim.worker_id not in own_records(by) and not reason_in(reason):
            raise NotNow("窗口代为撤回的，须写明是谁提出、为什么撤回。")
        taken_back = Reconsideration.objects.open().get(decision__claim=claim)
        taken_back.withdrawn_by, taken_back.withdrawn_on = by, on
        taken_back.save(update_fields=["withdrawn_by", "withdrawn_on"])
    return taken_back


def fits(claim: Claim, action: str) -> bool:
    """Whether it is this of the steps that takes back what was asked."""
    asked = open_request(claim)
    return asked is not None and WITHDRAW_REQUEST[Against(asked.decision.what)] == action


# -- answering -----------------------------------------------------------------------------------------------
def against_finding(claim: Claim, action: str) -> NotNow | None:
    """Why the answer is none to what was decided: a refusal goes back to the window, all else to the approver."""
    asked = open_request(claim)
    if asked is None or action == "uphold":
        return None
    is_refusal = asked.decision.what == Against.REFUSAL
    if (action == "turn_refusal") == is_refusal:
        return None
    back = "重新受理" if is_refusal else "重新审批"
    return NotNow(f"原决定是{asked.decision.get_what_display()}，改变的，请办理“改变原决定，{back}”。")


def open_request(claim: Claim) -> Reconsideration | None:
    """What was asked and is not answered."""
    asked = Reconsideration.objects.open().filter(decision__claim=claim)
    return asked.select_related("decision", "asked_by").first()


def answered(claims: Sequence[Claim], *, finding: Finding, reasons: str, by: Any, on: date) -> None:
    """Write down what the second look came to, and tell the worker. Call it inside the transition."""
    for claim in claims:
        found = Reconsideration.objects.open().select_related("decision__letter").get(decision__claim=claim)
        found.decision.claim = claim
        found.finding, found.reasons = finding, reasons
        found.found_by, found.found_on = by, on
        found.save(update_fields=["finding", "reasons", "found_by", "found_on"])
        if finding == Finding.TURNED:
            claim.decision = None
            claim.save(update_fields=["decision"])
            # What was free meanwhile may be taken: then the other claim is settled first.
            take_keys(claim, on=day_of(claim))
            set_deadline(claim, on)
        adverse_letters.issue_finding(found, on=on)
    announce_many([claim.case for claim in claims], DECISION, by=by, on=on)
