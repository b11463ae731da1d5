"""Decisions against the worker as the page of a claim shows them, and the steps that lead to them and from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.db.models import Prefetch

from portal.formats import date_cn, date_iso, yuan
from portal.letters.models import Letter
from portal.letters.remedies import words_of_waiting
from portal.pages.case_page import Fact
from portal.pages.forms import ReasonForm
from subsidies import adverse_letters, reconsidering, signing
from subsidies.models import AdverseDecision, Claim, Finding, Reconsideration, SignedState


@dataclass(frozen=True)
class Shown:
    """One decision: what, where it stands, and what is said of it."""

    title: str
    state: str
    tone: str
    facts: list[Fact]
    # What the letter waits for.
    missing: list[str]
    remedy: str = ""
    look_again: str = ""
    # That the office got each request to look again.
    receipts: list[Letter] = field(default_factory=list)


_TONES = {
    SignedState.PROPOSED: "warn",
    SignedState.SIGNED: "bad",
    SignedState.DECLINED: "plain",
    SignedState.LAPSED: "plain",
}


def decisions_of(claim: Claim, *, user: Any, office: bool, on: date) -> list[Shown]:
    """What was decided against the worker, the newest first. What is not in force yet is for the office alone."""
    decisions = AdverseDecision.objects.visible_to(user).filter(claim=claim)
    requests = Reconsideration.objects.visible_to(user).order_by("pk")
    requests = requests.select_related("letter", "receipt__file", "found_by")
    decisions = decisions.select_related("decided_by", "signed_by", "letter").prefetch_related(
        Prefetch("reconsiderations", queryset=requests)
    )
    if not office:
        decisions = decisions.filter(state=SignedState.SIGNED)
    shown = []
    for decision in decisions.order_by("-pk"):
        decision.claim = claim
        shown.append(_shown(decision, office=office, on=on))
    return shown


def _shown(decision: AdverseDecision, *, office: bool, on: date) -> Shown:
    state = SignedState(decision.state)
    requests = list(decision.reconsiderations.all())
    found = next((one for one in requests if one.withdrawn_on is None), None)
    turned = found is not None and found.finding == Finding.TURNED
    in_force = state == SignedState.SIGNED and not turned
    waits = in_force and (decision.letter is None or (found is not None and _waits(found)))
    remedy = ""
    if in_force:
        told = found.letter if found and found.letter else decision.letter
        remedy = told.remedy if told else ""
    return Shown(
        title=f"{decision.get_what_display()}决定",
        state="复核后改变" if turned else str(state.label),
        tone="plain" if turned else _TONES[state],
        facts=_facts(decision, requests),
        missing=adverse_letters.missing(decision.claim, on) if waits else [],
        remedy=remedy,
        look_again=_may_ask(decision, on) if in_force and found is None else "",
        receipts=[one.receipt for one in requests if one.receipt is not None],
    )


def _waits(found: Reconsideration) -> bool:
    return bool(found.finding) and found.letter is None


def _facts(decision: AdverseDecision, requests: Sequence[Reconsideration]) -> list[Fact]:
    facts = [Fact("事实和理由", decision.grounds), Fact("依据", decision.clause)]
    if decision.amount is not None:
        facts.append(Fact("原批准金额", yuan(decision.amount)))
    facts.append(Fact("拟办", _who(decision.decided_by, decision.decided_on)))
    if decision.state == SignedState.SIGNED:
        facts.append(Fact("会签", _who(decision.signed_by, decision.signed_on)))
        facts.append(Fact("决定书", _letter_words(decision.letter)))
    elif decision.state == SignedState.DECLINED:
        facts.append(Fact("退回", _who(decision.signed_by, decision.signed_on)))
    for request in requests:
        facts += _facts_of_request(request)
    return facts


def _facts_of_request(request: Reconsideration) -> list[Fact]:
    """What was asked, and that it was taken back, or what came of it."""
    facts = [Fact("申请复核", f"{date_iso(request.asked_on)}。{request.grounds}")]
    if request.withdrawn_on is not None:
        facts.append(Fact("复核申请", f"{date_iso(request.withdrawn_on)}撤回"))
    if request.finding:
        facts.append(Fact("复核结论", f"{request.get_finding_display()}。{request.reasons}"))
        facts.append(Fact("复核人", _who(request.found_by, request.found_on)))
        facts.append(Fact("复核通知", _letter_words(request.letter)))
    return facts


def _who(person: Any, on: date | None) -> str:
    return f"{person}，{date_iso(on)}" if on else str(person)


def _letter_words(letter: Letter | None) -> str:
    if letter is None:
        return "暂缓出具"
    served = f"{date_iso(letter.served_on)}送达" if letter.served_on else "送达情况未登记"
    return f"{letter.number_text}，{served}"


def _may_ask(decision: AdverseDecision, on: date) -> str:
    """Whether and until when the office can be asked to look again, and what that is not."""
    course = decision.claim.course
    if course is None or course.ask_again_days is None:
        return ""
    until = reconsidering.last_day(decision)
    if until is None:
        when = f"自决定书送达之日起{course.ask_again_days}日内"
    elif on > until:
        return f"申请复核的期限已于{date_cn(until)}届满。"
    else:
        when = f"在{date_cn(until)}以前"
    return f"不服的，可以{when}申请本机关复核，由没有参与原决定的人员办理。{adverse_letters.APART}"


# -- steps ---------------------------------------------------------------------------------------------------
class AnnulmentForm(forms.Form):
    """Why an approval does not stand, and by which clause."""

    clause = forms.CharField(
        label="依据的条款",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明撤销所依据的条款。"},
        help_text="文件名称、文号和条款，写入决定书。",
    )
    reason = ReasonForm(label="事实和理由", help_text="写入决定书，告知本人。").fields["reason"]


def countersign(pk: int, given: dict[str, Any], *, as_read: Any, who: dict[str, Any]) -> str:
    claim = signing.countersign(pk, as_read=as_read, **who)
    signed = claim.adverse_decisions.order_by("-pk")[0]
    what = f"对{claim.worker.name}的{signed.get_what_display()}决定"
    return f"已会签，{what}自此作出。{_of_letter(claim, who['on'])}"


def give_back(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    signing.give_back(pk, reason=given["reason"], **who)
    return "未同意会签，已退回。"


def annul(pk: int, given: dict[str, Any], *, as_read: Any, who: dict[str, Any]) -> str:
    signing.annul(pk, reason=given["reason"], clause=given["clause"], as_read=as_read, **who)
    return "已拟撤销批准，由另一人会签后生效。"


def ask(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    signing.ask(pk, grounds=given["reason"], **who)
    return "已申请复核，由没有参与原决定的人员办理，收件回执正在生成。复核不是行政复议，行政复议、行政诉讼的期限照常计算。"


def withdraw_request(pk: int, given: dict[str, Any], *, who: dict[str, Any]) -> str:
    signing.withdraw_request(pk, reason=given["reason"], **who)
    return "已撤回复核申请，原决定不变。行政复议、行政诉讼的期限照常计算。"


def uphold(pk: int, given: dict[str, Any], *, as_read: Any, who: dict[str, Any]) -> str:
    claim = signing.uphold(pk, reason=given["reason"], as_read=as_read, **who)
    return f"复核结论：维持原决定。{_of_letter(claim, who['on'], '复核通知')}"


def turn(pk: int, given: dict[str, Any], *, as_read: Any, who: dict[str, Any], action: str) -> str:
    claim = signing.turn(pk, reason=given["reason"], as_read=as_read, action=action, **who)
    return f"复核结论：改变原决定。申请现为“{claim.case.state_label}”，复核通知正在生成。"


def _of_letter(claim: Claim, on: date, called: str = "决定书") -> str:
    lacking = adverse_letters.missing(claim, on)
    if lacking:
        return words_of_waiting(lacking, called)
    return f"{called}正在生成，请及时送达并登记送达情况。"
