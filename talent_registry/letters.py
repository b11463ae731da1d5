"""The letters of the registry: inclusion, certificate, refusal, what changes of status say, and those of the
annual selection.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from portal.formats import date_cn
from portal.letters import actions, kinds, waiting
from portal.letters.decisions import Authority, Recipient
from portal.letters.kinds import Kind
from portal.letters.models import Letter
from portal.letters.remedies import RemedyOf, missing_figures, words_of_waiting
from portal.policy.models import PolicyDocument
from talent_registry import benefits
from talent_registry.models import (
    InclusionProposal,
    Nomination,
    RegistryEntry,
    SelectionRound,
    Status,
    StatusChange,
)
from talent_registry.standing import standing_of

INCLUSION, CERTIFICATE = "registry.inclusion", "registry.certificate"
REFUSAL, STATUS_CHANGE, REINSTATEMENT = "registry.decline", "registry.status", "registry.reinstatement"
SELECTION_INCLUSION, SELECTION_CERTIFICATE = "registry.selection-inclusion", "registry.selection-certificate"
SELECTION_RESULT, SELECTION_NOTED = "registry.selection-result", "registry.selection-noted"
NOMINATION_CORRECTION, NOMINATION_REFUSAL = "registry.nomination-correction", "registry.nomination-refusal"
# The registry is the autonomous region's: its department issues every letter about it, whatever the worker's
# league.
ISSUER = "150000"
# Body, time and court of what one can do against its decisions are figures of the law, of its place.
REMEDY = RemedyOf(ISSUER)
AUTHORITY = Authority(ISSUER, REMEDY)

_ENTRY = ("policy_title", "policy_number", "clause", "included_on", "entry_number", "id_number")
_NEEDS = ("honour", *_ENTRY)
_PUBLIC = (("entry_number", "名录编号"), ("honour", "依据荣誉"), ("included_on", "纳入日期"))
_SELECTED = (("entry_number", "名录编号"), ("selection", "纳入依据"), ("included_on", "纳入日期"))
_OF_CASE = (("case_number", "申报编号"),)

KINDS = (
    Kind(
        INCLUSION,
        "纳入通知",
        "关于将你纳入内蒙古自治区高技能领军人才名录的通知",
        "letters/inclusion.html",
        needs=(*_NEEDS, "name", "region"),
        public=_PUBLIC,
        standing=standing_of,
    ),
    Kind(
        CERTIFICATE,
        "高技能领军人才证书",
        "高技能领军人才证书",
        "letters/inclusion_certificate.html",
        style="certificate",
        needs=_NEEDS,
        public=_PUBLIC,
        standing=standing_of,
    ),
    Kind(
        REFUSAL,
        "不予纳入决定",
        "关于不予纳入内蒙古自治区高技能领军人才名录的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision"),
        public=(("case_number", "办件编号"),),
    ),
    Kind(
        STATUS_CHANGE,
        "名录状态变更决定",
        "关于变更内蒙古自治区高技能领军人才名录状态的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision", "entry_number"),
        public=(("entry_number", "名录编号"), ("status", "变更后状态")),
        standing=standing_of,
    ),
    Kind(
        REINSTATEMENT,
        "恢复名录资格通知",
        "关于恢复内蒙古自治区高技能领军人才名录资格的通知",
        "letters/letter.html",
        needs=("paragraphs", "entry_number"),
        public=(("entry_number", "名录编号"), ("status", "变更后状态")),
        standing=standing_of,
    ),
    Kind(
        SELECTION_INCLUSION,
        "遴选入选通知",
        "关于将你纳入内蒙古自治区高技能领军人才名录的通知",
        "letters/selection_inclusion.html",
        needs=("selection", *_ENTRY, "name", "region"),
        public=_SELECTED,
        standing=standing_of,
    ),
    Kind(
        SELECTION_CERTIFICATE,
        "高技能领军人才证书（遴选）",
        "高技能领军人才证书",
        "letters/selection_certificate.html",
        style="certificate",
        needs=("selection", *_ENTRY),
        public=_SELECTED,
        standing=standing_of,
    ),
    Kind(
        SELECTION_RESULT,
        "遴选结果决定",
        "关于高技能领军人才年度遴选结果的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision", "case_number"),
        public=(*_OF_CASE, ("selection", "遴选年度")),
    ),
    Kind(
        SELECTION_NOTED,
        "遴选入选告知",
        "关于高技能领军人才年度遴选入选情况的通知",
        "letters/letter.html",
        needs=("paragraphs", "entry_number", "case_number"),
        public=(*_OF_CASE, ("selection", "遴选年度"), ("entry_number", "名录编号")),
        standing=standing_of,
    ),
    Kind(
        NOMINATION_CORRECTION,
        "遴选申报补正通知",
        "关于补正高技能领军人才遴选申报材料的通知",
        "letters/nomination_correction.html",
        needs=("missing", "selection", "case_number", "until"),
        public=_OF_CASE,
    ),
    Kind(
        NOMINATION_REFUSAL,
        "遴选申报不予受理决定",
        "关于不予受理高技能领军人才遴选申报的决定",
        "letters/decision.html",
        adverse=True,
        needs=("matter", "decision", "case_number"),
        public=_OF_CASE,
    ),
)

# What a suspension or a removal decides, in the words of the letter.
_DECIDED = {
    Status.SUSPENDED: (
        "自{on}起暂停你的内蒙古自治区高技能领军人才名录资格，"
        "暂停期间不享受高技能领军人才的各项待遇，原发证书停止使用"
    ),
    Status.REMOVED: (
        "自{on}起将你移出内蒙古自治区高技能领军人才名录，"
        "不再享受高技能领军人才的各项待遇，原发纳入通知和证书同时作废"
    ),
}


def register_all() -> None:
    for kind in KINDS:
        kinds.register(kind)


def policy_title(number: str) -> str:
    return PolicyDocument.objects.get(number=number).title


def kinds_of(entry: RegistryEntry) -> tuple[str, str]:
    """(notice, certificate) of an entry: which words they have follows from what the entry rests on."""
    return (SELECTION_INCLUSION, SELECTION_CERTIFICATE) if entry.selection_id else (INCLUSION, CERTIFICATE)


def _facts(entry: RegistryEntry) -> dict[str, str]:
    """What the inclusion letter and the certificate say, as published; of the ID number only the ending."""
    if entry.selection:
        ground = {
            "selection": f"{entry.selection.year}年度高技能领军人才遴选",
            "notice": _notice_of(entry.selection),
        }
    else:
        ground = {"honour": entry.honour_name, "honour_document": entry.honour_document}
    return {
        "name": entry.name,
        "id_number": entry.id_shown,
        **ground,
        "policy_title": policy_title(entry.policy_number),
        "policy_number": entry.policy_number,
        "clause": f"第（{entry.clause}）条",
        "included_on": date_cn(entry.included_on),
        "entry_number": entry.number,
        "employer": entry.employer_name,
        "occupation": entry.occupation,
        "skill_level": entry.get_skill_level_display() if entry.skill_level else "",
        "region": entry.region.full_name,
        "window": f"{entry.region.full_name}服务窗口",
    }


def _notice_of(round_: SelectionRound) -> str:
    return round_.notice.number if round_.notice else ""


def issue_inclusion(entry: RegistryEntry, *, by: Any, on: date) -> list[Letter]:
    """The notice and the certificate of a new entry, after an honour or after a selection."""
    facts = _facts(entry)
    notice, _ = kinds_of(entry)
    return [
        AUTHORITY.write(notice, _holder(entry), facts, by=by, on=on),
        _issue_certificate(entry, facts, by=by, on=on),
    ]


def _holder(entry: RegistryEntry) -> Recipient:
    return Recipient(entry.name, entry.region_id, entry.worker_id, entry.case_id)


def _issue_certificate(entry: RegistryEntry, facts: dict[str, str], *, by: Any, on: date) -> Letter:
    """A certificate names the person and speaks to nobody."""
    _, certificate = kinds_of(entry)
    return actions.issue(
        kind=certificate,
        issuer=ISSUER,
        addressee=entry.name,
        region=entry.region_id,
        worker=entry.worker_id,
        case=entry.case_id,
        context=facts,
        by=by,
        on=on,
    )


def issue_refusal(proposal: InclusionProposal, *, by: Any, on: date, grounds: str) -> Letter | None:
    """The decision not to include: grounds, clause, remedy. None when it waits for a figure, as with all decisions."""
    honour = proposal.honour
    honour_and_year = f"“{honour.named_as}”（{honour.year}年）"
    return AUTHORITY.decide_or_wait(
        REFUSAL,
        Recipient.of_case(proposal.case, proposal.worker),
        matter=f"你因获得{honour_and_year}直接纳入内蒙古自治区高技能领军人才名录一事",
        decision="不予纳入内蒙古自治区高技能领军人才名录",
        grounds=grounds,
        clause=cited_law(),
        context={"case_number": proposal.case.number},
        by=by,
        on=on,
    )


def told_of_letter(called: str, *, adverse: bool = True) -> str:
    """What an officer is told after deciding today: that the letter is being made, or for what it waits."""
    missing = missing_figures(ISSUER) if adverse else []
    return words_of_waiting(missing) if missing else f"{called}正在生成，请及时送达并登记送达情况。"


def cited_law() -> str:
    number, clause = benefits.basis_in_law()
    return f"《{policy_title(number)}》（{number}）第（{clause}）条"


def issue_status_change(entry: RegistryEntry, change: StatusChange, *, by: Any) -> Letter | None:
    """Tell the person what became of their entry, and let the letters that no longer hold point to this one.

    Suspension takes the place of the certificate; reinstatement brings a new certificate; removal takes the
    place of all of them.
    """
    if change.to_status == Status.ACTIVE:
        return _issue_reinstatement(entry, change, by=by)
    decided = _DECIDED[Status(change.to_status)].format(on=date_cn(change.on))
    notice, certificate = kinds_of(entry)
    gone = [certificate] if change.to_status == Status.SUSPENDED else [notice, certificate, STATUS_CHANGE]
    return AUTHORITY.decide_or_wait(
        STATUS_CHANGE,
        _holder(entry),
        matter=f"你的内蒙古自治区高技能领军人才名录资格（名录编号{entry.number}）",
        decision=f"根据{change.document}，{decided}",
        grounds=change.reason,
        clause=f"{change.document}；{cited_law()}",
        context={"entry_number": entry.number, "status": change.get_to_status_display()},
        by=by,
        on=change.on,
        replaces=_in_force(entry, gone),
    )


def _issue_reinstatement(entry: RegistryEntry, change: StatusChange, *, by: Any) -> Letter:
    since = date_cn(change.on)
    paragraphs = [
        f"根据{change.document}，自{since}起恢复你的内蒙古自治区高技能领军人才名录资格，"
        f"名录编号为{entry.number}。",
        f"恢复理由：{change.reason}",
        "恢复后，你可以继续申请享受高技能领军人才的各项待遇，证书重新发放。",
        "特此通知。",
    ]
    context = {
        "paragraphs": paragraphs,
        "entry_number": entry.number,
        "status": change.get_to_status_display(),
    }
    notice = AUTHORITY.write(REINSTATEMENT, _holder(entry), context, by=by, on=change.on)
    waiting.take_place(_in_force(entry, [STATUS_CHANGE]), notice, by=by)
    _issue_certificate(entry, _facts(entry), by=by, on=change.on)
    return notice


def _in_force(entry: RegistryEntry, kinds_replaced: Sequence[str]) -> list[int]:
    """The letters of these kinds about the entry that hold."""
    standing = Letter.objects.in_force().filter(case_id=entry.case_id, kind__in=kinds_replaced)
    return list(standing.order_by("pk").values_list("pk", flat=True))


# -- the annual selection ------------------------------------------------------------------------------------
def issue_nomination_correction(
    nomination: Nomination, missing: Sequence[str], *, by: Any, on: date
) -> Letter:
    """Say once and in full what a nomination lacks; who nominated gets a copy."""
    context = _nomination_facts(nomination)
    context["window"] = f"{nomination.case.region.full_name}服务窗口"
    return AUTHORITY.ask_to_complete(
        NOMINATION_CORRECTION,
        Recipient.of_case(nomination.case, nomination.worker),
        missing,
        until=nomination.round.nominations_until,
        context=context,
        by=by,
        on=on,
    )


def issue_nomination_refusal(nomination: Nomination, *, by: Any, on: date, grounds: str) -> Letter | None:
    """The decision not to take a nomination in: grounds, clause, remedy."""
    decision = "对你的遴选申报不予受理"
    return _decide(NOMINATION_REFUSAL, nomination, decision, grounds=grounds, by=by, on=on)


def issue_selection_result(nomination: Nomination, *, by: Any, on: date, grounds: str) -> Letter | None:
    """Tell a nominee who was not selected, by the league or by the ranking: why, by which rules, and what can
    be done.
    """
    decision = f"未将你列入{nomination.round.year}年度高技能领军人才入选名单"
    return _decide(SELECTION_RESULT, nomination, decision, grounds=grounds, by=by, on=on)


def issue_selection_noted(nomination: Nomination, entry: RegistryEntry, *, by: Any, on: date) -> Letter:
    """Tell somebody who was selected and has come onto the registry by an honour meanwhile: the entry stands,
    there is no second.
    """
    paragraphs = [
        f"你在{nomination.round.year}年度内蒙古自治区高技能领军人才遴选中入选。",
        f"你已于{date_cn(entry.included_on)}纳入内蒙古自治区高技能领军人才名录，名录编号{entry.number}，"
        "名录资格以该编号为准，不再另行编号和发放证书。",
        "特此通知。",
    ]
    context = _nomination_facts(nomination)
    context["entry_number"] = entry.number
    context["paragraphs"] = paragraphs
    recipient = Recipient.of_case(nomination.case, nomination.worker)
    return AUTHORITY.write(SELECTION_NOTED, recipient, context, by=by, on=on)


def _decide(
    kind: str, nomination: Nomination, decision: str, *, grounds: str, by: Any, on: date
) -> Letter | None:
    """A decision about a nomination, by the law and, once there is one, by the round's scheme."""
    round_ = nomination.round
    clause = cited_law()
    if round_.scheme_document:
        clause += f"；{round_.year}年度遴选评分办法（{round_.scheme_document}）"
    return AUTHORITY.decide_or_wait(
        kind,
        Recipient.of_case(nomination.case, nomination.worker),
        matter=f"你参加{round_.year}年度内蒙古自治区高技能领军人才遴选一事",
        decision=decision,
        grounds=grounds,
        clause=clause,
        context=_nomination_facts(nomination),
        by=by,
        on=on,
    )


def _nomination_facts(nomination: Nomination) -> dict[str, Any]:
    """What every letter about a nomination says; a unit that nominated gets a copy."""
    case = nomination.case
    facts = {
        "selection": f"{nomination.round.year}年度高技能领军人才遴选",
        "case_number": case.number,
    }
    if case.employer:
        facts["copies_to"] = case.employer.name
    return facts
