"""The letters of decisions against a worker and of the office's second look at them.

Each names two signatures, and body, time and court of what the worker can do, as figures of the law of the place whose
office decides. Where one of them has no value the letter waits, and the page says for which.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from portal.formats import date_cn, yuan
from portal.letters import actions, kinds
from portal.letters.decisions import Authority, Recipient
from portal.letters.kinds import Kind
from portal.letters.models import Letter
from portal.letters.remedies import NoFigure, RemedyOf, missing_figures
from subsidies.letters import APPROVAL, REFUSAL, REJECTION, about, cited
from subsidies.models import AdverseDecision, Against, Claim, Finding, Reconsideration

ANNULMENT, UPHELD, TURNED = "subsidies.annulment", "subsidies.upheld", "subsidies.turned"
REQUEST = "subsidies.request"
_NUMBER = (("case_number", "办件编号"),)
_NEEDS = ("matter", "decision", "case_number", "decided_by", "signed_by")
KINDS = (
    Kind(
        REFUSAL,
        "补贴申请不予受理决定",
        "关于不予受理补贴申请的决定",
        "letters/claim_decision.html",
        version=2,
        adverse=True,
        needs=_NEEDS,
        public=_NUMBER,
    ),
    Kind(
        REJECTION,
        "补贴申请不予批准决定",
        "关于不予批准补贴申请的决定",
        "letters/claim_decision.html",
        version=2,
        adverse=True,
        needs=_NEEDS,
        public=_NUMBER,
    ),
    Kind(
        ANNULMENT,
        "撤销补贴批准决定",
        "关于撤销补贴批准的决定",
        "letters/claim_decision.html",
        adverse=True,
        needs=_NEEDS,
        public=_NUMBER,
    ),
    Kind(
        REQUEST,
        "复核申请收件回执",
        "复核申请收件回执",
        "letters/claim_request_receipt.html",
        needs=("scheme", "case_number", "original", "asked_on", "due", "apart"),
        public=_NUMBER,
    ),
    Kind(
        UPHELD,
        "复核维持通知",
        "关于复核结论的通知",
        "letters/claim_upheld.html",
        adverse=True,
        needs=("matter", "decision", "case_number", "original"),
        public=_NUMBER,
    ),
    Kind(
        TURNED,
        "复核改变通知",
        "关于复核结论的通知",
        "letters/letter.html",
        needs=("paragraphs", "case_number"),
        public=_NUMBER,
    ),
)
_KIND_OF = {Against.REFUSAL: REFUSAL, Against.REJECTION: REJECTION, Against.ANNULMENT: ANNULMENT}
# What is said wherever somebody may ask the office to look again: it is not what the law calls by a like name.
APART = "复核是本机关自行再次核对，不是行政复议；申请复核不影响申请行政复议、提起行政诉讼，也不延长其期限。"


def register_all() -> None:
    """Make the letters known."""
    for kind in KINDS:
        kinds.register(kind)


def place_of(claim: Claim) -> str:
    """The league whose office decides."""
    return str(claim.case.region.league_code)


def missing(claim: Claim, on: date) -> list[str]:
    """The figures that a letter of a decision against the worker would have to wait for."""
    return missing_figures(place_of(claim), on)


def look_again(claim: Claim) -> str:
    """What the letter says of the office's own second look; empty where the office does not look again."""
    days = claim.course.ask_again_days if claim.course else None
    if days is None:
        return ""
    return f"自收到本决定书之日起{days}日内，也可以向本机关申请复核，由没有参与本决定的人员办理。{APART}"


# -- decisions -----------------------------------------------------------------------------------------------
def issue(decision: AdverseDecision, *, on: date) -> Letter | None:
    """The letter of a decision that two have signed; None when it has to wait for a figure."""
    claim = decision.claim
    told = about(claim)
    what = {
        Against.REFUSAL: f"对你的{told['scheme']}申请不予受理",
        Against.REJECTION: f"对你的{told['scheme']}申请不予批准",
        Against.ANNULMENT: f"撤销对你{told['scheme']}申请的批准（原批准金额{yuan(decision.amount)}）",
    }
    context = {
        "case_number": told["case_number"],
        "decided_by": str(decision.decided_by),
        "signed_by": str(decision.signed_by),
        "look_again": look_again(claim),
    }
    letter = _against(
        _KIND_OF[Against(decision.what)],
        claim,
        RemedyOf(place_of(claim)),
        decision=what[Against(decision.what)],
        grounds=decision.grounds,
        clause=decision.clause,
        context=context,
        by=decision.signed_by,
        on=on,
    )
    if letter is None:
        return None
    decision.letter = letter
    decision.save(update_fields=["letter"])
    if decision.what == Against.ANNULMENT:
        _supersede(Letter.objects.filter(case=claim.pk, kind=APPROVAL), letter, decision.signed_by)
    return letter


def _against(
    kind: str,
    claim: Claim,
    remedy: RemedyOf,
    *,
    decision: str,
    grounds: str,
    clause: str,
    context: Mapping[str, Any],
    by: Any,
    on: date,
) -> Letter | None:
    told = about(claim)
    try:
        return Authority(place_of(claim), remedy).decide(
            kind,
            Recipient.of_case(claim.case, claim.worker),
            matter=f"你以{told['certificate']}证书申请{told['scheme']}（办件编号{told['case_number']}）一事",
            decision=decision,
            grounds=grounds,
            clause=clause,
            context=context,
            by=by,
            on=on,
        )
    except NoFigure:
        return None


def _supersede(letters: Any, replacement: Letter, by: Any) -> None:
    for letter in letters.filter(superseded_by__isnull=True):
        actions.supersede(letter_id=letter.pk, replacement=replacement, by=by)


# -- the second look -----------------------------------------------------------------------------------------
def issue_request_receipt(claim: Claim, asked: Reconsideration, *, by: Any, on: date) -> Letter:
    """That the office got the request, and until when it answers; it names no remedy and waits for no figure."""
    told = about(claim)
    context = {
        "scheme": told["scheme"],
        "case_number": told["case_number"],
        "original": _original(asked.decision),
        "asked_on": date_cn(asked.asked_on),
        "due": date_cn(claim.case.due_on) if claim.case.due_on else "办理时限届满前",
        "apart": APART,
    }
    return Authority(place_of(claim), RemedyOf(place_of(claim))).write(
        REQUEST, Recipient.of_case(claim.case, claim.worker), context, by=by, on=on
    )


def issue_finding(found: Reconsideration, *, on: date) -> Letter | None:
    """What the second look came to; None when the letter has to wait for a figure."""
    decision = found.decision
    claim = decision.claim
    if found.finding == Finding.TURNED:
        letter: Letter | None = _issue_turned(found, claim, on)
    else:
        letter = _issue_upheld(found, claim, on)
    if letter is not None:
        found.letter = letter
        found.save(update_fields=["letter"])
        if found.finding == Finding.TURNED and decision.letter is not None:
            _supersede(Letter.objects.filter(pk=decision.letter.pk), letter, found.found_by)
    return letter


def _original(decision: AdverseDecision) -> str:
    number = f"（{decision.letter.number_text}）" if decision.letter else ""
    return f"{decision.get_what_display()}决定{number}"


def _issue_upheld(found: Reconsideration, claim: Claim, on: date) -> Letter | None:
    original = _original(found.decision)
    return _against(
        UPHELD,
        claim,
        RemedyOf(place_of(claim), since=f"自收到{original}之日起", decision="原决定"),
        decision=f"维持{date_cn(found.decision.signed_on)}作出的{original}",
        grounds=found.reasons,
        clause=cited(claim),
        context={"case_number": claim.case.number, "original": original, "apart": APART},
        by=found.found_by,
        on=on,
    )


def _issue_turned(found: Reconsideration, claim: Claim, on: date) -> Letter:
    told = about(claim)
    paragraphs = [
        f"你于{date_cn(found.asked_on)}就{told['scheme']}申请（办件编号{told['case_number']}）的"
        f"{_original(found.decision)}申请复核。经没有参与原决定的人员复核，原决定不再有效。",
        f"复核理由：{found.reasons}",
        f"你的申请回到原办理环节重新办理，仍以首次提交之日（{told['handed_in_on']}）的政策和标准为准，"
        "不需要重新申请。结果将另行书面告知。",
    ]
    return Authority(place_of(claim), RemedyOf(place_of(claim))).write(
        TURNED,
        Recipient.of_case(claim.case, claim.worker),
        {"paragraphs": paragraphs, "case_number": told["case_number"]},
        by=found.found_by,
        on=on,
    )


# -- what waited ---------------------------------------------------------------------------------------------
def issue_waiting(*, on: date, claims: Collection[int] | None = None) -> int:
    """Issue the letters that waited for a figure which is there now. Returns how many."""
    issued = 0
    decisions = AdverseDecision.objects.signed().filter(letter__isnull=True)
    # What was turned before anybody was told of it is told by the letter that says so.
    decisions = decisions.exclude(reconsideration__finding=Finding.TURNED)
    findings = Reconsideration.objects.filter(letter__isnull=True).exclude(finding="")
    if claims is not None:
        decisions, findings = decisions.filter(claim__in=claims), findings.filter(decision__claim__in=claims)
    for pk in decisions.values_list("pk", flat=True):
        issued += _issue_one(AdverseDecision, pk, issue, on)
    for pk in findings.values_list("pk", flat=True):
        issued += _issue_one(Reconsideration, pk, issue_finding, on)
    return issued


def _issue_one(model: Any, pk: int, write: Callable[..., Letter | None], on: date) -> bool:
    """One that still waits, held still so that no two write the same letter."""
    with transaction.atomic():
        found = model.objects.select_for_update(of=("self",)).get(pk=pk)
        if found.letter_id is not None:
            return False
        return write(found, on=on) is not None
