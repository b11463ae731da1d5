"""What the file of a finished claim tells of it: who asked by what, what was determined, and what was decided."""

from __future__ import annotations

from portal.cases.models import Case
from portal.entitlements.wording import determination_conditions
from portal.formats import date_cn, yuan
from portal.letters.case_files import Condition, Determined, Lines, Told, register_case_file
from portal.policy.benefits import FUNDS
from portal.policy.models import Determination
from subsidies.models import Claim, SignedState
from subsidies.reconsidering import WITHDRAW_REQUEST
from subsidies.schemes import SCHEMES

_BESIDE = (
    "worker__employer",
    "worker__work_region__parent",
    "credential",
    "training",
    "account",
    "determination__rule_version",
    "decision__rule_version",
)
_HOLDS = {True: "符合", False: "不符合", None: "不能确定"}


def register() -> None:
    """Finished claims can be had as one file."""
    for kind in SCHEMES:
        register_case_file(kind, tell)


def tell(case: Case) -> Told:
    claim = Claim.objects.select_related(*_BESIDE).get(case=case)
    claim.case = case
    found = [("提交时的认定", claim.determination), ("审批时的认定", claim.decision)]
    return Told(
        asked=_asked(claim),
        determined=[_determined(title, one) for title, one in found if one is not None],
        decided=_decided(claim),
    )


def _asked(claim: Claim) -> Lines:
    worker, subject = claim.worker, claim.subject
    channel = claim.get_channel_display()
    if claim.case.employer:
        channel = f"{channel}（{claim.case.employer}）"
    return [
        ("姓名", worker.name),
        ("证件号码", worker.masked_id_number),
        ("工作地", worker.work_region.full_name),
        ("用人单位", str(worker.employer or "未登记")),
        ("申请", SCHEMES[claim.case.kind].title),
        ("依据的证书", f"{subject}（{subject.number or '编号未登记'}）"),
        ("申请方式", channel + ("，免填写" if claim.prefilled else "")),
        ("首次提交", date_cn(claim.handed_in_on) if claim.handed_in_on else "没有提交"),
        ("资金来源", FUNDS[claim.fund]),
        ("收款账户", str(claim.account or "未登记")),
    ]


def _determined(title: str, determination: Determination) -> Determined:
    version = determination.rule_version
    return Determined(
        title=title,
        particulars=[
            ("结论", determination.get_outcome_display()),
            ("金额", yuan(determination.amount) or "—"),
            ("基准日", date_cn(determination.on)),
            ("规则", f"{determination.benefit} 第{version.version}版"),
            ("摘要", determination.digest),
            ("信息来源", "；".join(dict.fromkeys(determination.fact_sources.values())) or "—"),
        ],
        conditions=[
            Condition(
                _HOLDS[one["holds"]],
                one["label"],
                one["clause"],
                one["measure"] or one["observed"],
            )
            for one in determination_conditions(determination)
        ],
    )


def _announced(claim: Claim) -> Lines:
    """On which notices it stood, from when until when, and how much was said against it."""
    lines = []
    for one in claim.announcements.select_related("notice").order_by("pk"):
        notice = one.notice
        said = notice.objections.filter(about__in=["", claim.case.number]).count()
        words = f"{notice.number}，{date_cn(notice.opens_on)}至{date_cn(notice.closes_on)}，收到异议{said}件"
        if one.taken_off_on:
            words = f"{words}，{date_cn(one.taken_off_on)}撤下"
        lines.append(("公示", words))
    return lines


def _never_issued(claim: Claim) -> Lines:
    """What one had decided against the worker and nobody had signed when the claim was taken back."""
    lapsed = claim.adverse_decisions.filter(state=SignedState.LAPSED).select_related("decided_by")
    return [
        (
            f"拟{one.get_what_display()}",
            f"{one.decided_by}于{date_cn(one.decided_on)}拟办，{one.get_state_display()}。{one.grounds}",
        )
        for one in lapsed
    ]


def _decided(claim: Claim) -> Lines:
    case = claim.case
    # What was decided, and not that the decision was asked about and is not any more.
    came_here = case.events.filter(to_state=case.state).exclude(action__in=WITHDRAW_REQUEST.values())
    last = came_here.select_related("by").order_by("position").last()
    lines = [("结果", str(case.state_label)), ("办结", date_cn(case.closed_at)), *_announced(claim)]
    lines += _never_issued(claim)
    if claim.amount is not None:
        lines.append(("批准金额", yuan(claim.amount)))
    if last is not None:
        lines.append(("决定人", str(last.by or "系统")))
        if last.reason:
            lines.append(("理由", last.reason))
    return lines
