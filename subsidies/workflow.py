"""The life of a claim: handed in, taken in, reviewed, decided."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Clock, Duty, Transition, Workflow, register
from subsidies.schemes import SCHEMES, SKILL_UPGRADE, TECHNICIAN

TAKE_IN, REVIEW, SECOND_REVIEW, APPROVE = (
    "claim.take_in",
    "claim.review",
    "claim.second_review",
    "claim.approve",
)


class ClaimState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待受理"
    RETURNED = "returned", "补正中"
    ACCEPTED = "accepted", "待审核"
    FIRST_REVIEWED = "first_reviewed", "待复核"
    REVIEWED = "reviewed", "待审批"
    NO_FIGURE = "no_figure", "待标准"
    APPROVED = "approved", "已批准"
    REJECTED = "rejected", "不予批准"
    REFUSED = "refused", "不予受理"
    WITHDRAWN = "withdrawn", "已撤回"


S = ClaimState
TONES: dict[str, str] = {
    S.SUBMITTED: "info",
    S.RETURNED: "warn",
    S.ACCEPTED: "info",
    S.FIRST_REVIEWED: "info",
    S.REVIEWED: "info",
    S.NO_FIGURE: "warn",
    S.APPROVED: "good",
    S.REJECTED: "bad",
    S.REFUSED: "bad",
}

# Both schemes move in the same way; which of the reviews a claim needs is said by the course it was handed in under.
TRANSITIONS = (
    Transition(
        "submit",
        "提交",
        (S.DRAFT,),
        S.SUBMITTED,
        TAKE_IN,
        "提交后由旗县窗口受理，以提交当日的政策为准，办理期限开始计算。",
        clock=Clock.START,
        by_applicant=True,
        next_step=True,
    ),
    Transition(
        "accept",
        "受理",
        (S.SUBMITTED,),
        S.ACCEPTED,
        TAKE_IN,
        "材料齐全，出具受理回执，转盟市审核。",
        duty=Duty.ACCEPT,
        next_step=True,
    ),
    Transition(
        "return_for_correction",
        "补正",
        (S.SUBMITTED,),
        S.RETURNED,
        TAKE_IN,
        "一次性告知需要补正的全部内容，办理期限暂停计算。",
        clock=Clock.STOP,
    ),
    Transition(
        "resubmit",
        "补正完成",
        (S.RETURNED,),
        S.SUBMITTED,
        TAKE_IN,
        "材料已补齐，办理期限继续计算；仍以首次提交之日的政策为准。",
        clock=Clock.RESUME,
        by_applicant=True,
        while_correcting=True,
    ),
    Transition(
        "refuse",
        "不予受理",
        (S.SUBMITTED,),
        S.REFUSED,
        TAKE_IN,
        "作出不予受理决定并书面告知理由、依据和救济途径。",
        clock=Clock.END,
        duty=Duty.ACCEPT,
        needs_reason=True,
        danger=True,
    ),
    Transition(
        "withdraw",
        "撤回",
        (S.DRAFT, S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.FIRST_REVIEWED, S.REVIEWED, S.NO_FIGURE),
        S.WITHDRAWN,
        TAKE_IN,
        "撤回后不占用申领次数，证书在期限内可以重新申请。",
        clock=Clock.END,
        by_applicant=True,
        while_correcting=True,
    ),
    Transition(
        "review",
        "审核",
        (S.ACCEPTED,),
        S.REVIEWED,
        REVIEW,
        "核对条件和材料，提出审核结论，转审批。",
        duty=Duty.REVIEW,
        next_step=True,
    ),
    Transition(
        "review_first",
        "审核，转复核",
        (S.ACCEPTED,),
        S.FIRST_REVIEWED,
        REVIEW,
        "核对条件和材料，提出审核结论，转自治区复核。",
        duty=Duty.REVIEW,
    ),
    Transition(
        "review_again",
        "复核",
        (S.FIRST_REVIEWED,),
        S.REVIEWED,
        SECOND_REVIEW,
        "再次核对条件和材料，提出复核结论，转审批。",
        duty=Duty.SECOND_REVIEW,
        next_step=True,
    ),
    Transition(
        "send_back",
        "退回审核",
        (S.FIRST_REVIEWED, S.REVIEWED, S.NO_FIGURE),
        S.ACCEPTED,
        SECOND_REVIEW,
        "说明需要再核对的内容，退回盟市审核。",
        clock=Clock.RESUME,
        needs_reason=True,
    ),
    Transition(
        "wait_for_figure",
        "待标准",
        (S.REVIEWED,),
        S.NO_FIGURE,
        APPROVE,
        "补贴标准没有依据，等待标准公布并录入；期间不计为超期。",
        clock=Clock.STOP,
    ),
    Transition(
        "approve",
        "批准",
        (S.REVIEWED, S.NO_FIGURE),
        S.APPROVED,
        APPROVE,
        "按提交当日的政策和标准批准，书面告知本人，转拨付。",
        clock=Clock.END,
        duty=Duty.APPROVE,
        next_step=True,
    ),
    Transition(
        "reject",
        "不予批准",
        (S.REVIEWED, S.NO_FIGURE),
        S.REJECTED,
        APPROVE,
        "作出不予批准决定并书面告知理由、依据和救济途径。",
        clock=Clock.END,
        duty=Duty.APPROVE,
        needs_reason=True,
        danger=True,
    ),
)
_PREFIX = {SKILL_UPGRADE: "JN", TECHNICIAN: "JS"}
_CLAUSE = {SKILL_UPGRADE: "九", TECHNICIAN: "十"}


def register_all() -> None:
    for scheme in SCHEMES.values():
        register(
            Workflow(
                kind=scheme.kind,
                title=scheme.title,
                prefix=_PREFIX[scheme.kind],
                states=ClaimState,
                initial=S.DRAFT,
                page="subsidies:claim",
                clause=_CLAUSE[scheme.kind],
                tones=TONES,
                clock_at_opening=False,
                transitions=TRANSITIONS,
            )
        )
