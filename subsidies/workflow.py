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
ANNOUNCE, DECIDE_OBJECTION = "claim.announce", "objection.decide"
COUNTERSIGN, ANNUL, RECONSIDER = "claim.countersign", "claim.annul", "claim.reconsider"


class ClaimState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待受理"
    RETURNED = "returned", "补正中"
    ACCEPTED = "accepted", "待审核"
    FIRST_REVIEWED = "first_reviewed", "待复核"
    REVIEWED = "reviewed", "待审批"
    NO_FIGURE = "no_figure", "待标准"
    # Only where the course of its day asks for a public notice.
    ON_NOTICE = "on_notice", "公示中"
    NOTICED = "noticed", "公示期满，待审批"
    APPROVED = "approved", "已批准"
    # A decision against the worker waits for its second signature; which one is for the office to know until then.
    REFUSING = "refusing", "受理决定待会签"
    REJECTING = "rejecting", "审批决定待会签"
    ANNULLING = "annulling", "撤销决定待会签"
    REJECTED = "rejected", "不予批准"
    REFUSED = "refused", "不予受理"
    ANNULLED = "annulled", "已撤销"
    # The office looks at such a decision once more.
    RECONSIDERING = "reconsidering", "复核申请办理中"
    UPHELD = "upheld", "复核维持原决定"
    WITHDRAWN = "withdrawn", "已撤回"


S = ClaimState
TONES: dict[str, str] = {
    S.SUBMITTED: "info",
    S.RETURNED: "warn",
    S.ACCEPTED: "info",
    S.FIRST_REVIEWED: "info",
    S.REVIEWED: "info",
    S.NO_FIGURE: "warn",
    S.ON_NOTICE: "info",
    S.NOTICED: "info",
    S.APPROVED: "good",
    S.REJECTED: "bad",
    S.REFUSED: "bad",
    S.REFUSING: "warn",
    S.REJECTING: "warn",
    S.ANNULLING: "warn",
    S.ANNULLED: "bad",
    S.RECONSIDERING: "info",
    S.UPHELD: "bad",
}
# The claim came to nothing: its certificate can be claimed by again.
ENDED = (S.WITHDRAWN, S.REFUSED, S.REJECTED, S.ANNULLED, S.UPHELD)
# In these the office is done, though an approval may be annulled and a decision against the worker be looked at again.
SETTLED = (S.APPROVED, S.REFUSED, S.REJECTED, S.ANNULLED)
# The approver's turn: after the reviews, when a figure is there, when a notice is over.
_TO_DECIDE = (S.REVIEWED, S.NO_FIGURE, S.NOTICED)
# Until something is decided; what is not signed by two is not. An approval that is being annulled is decided.
_TO_WITHDRAW = (
    *(S.DRAFT, S.SUBMITTED, S.RETURNED, S.ACCEPTED, S.FIRST_REVIEWED),
    *(*_TO_DECIDE, S.ON_NOTICE, S.REFUSING, S.REJECTING),
)


def _countersigning(
    what: str, waiting: str, settled: str, back: str, title: str, sent_back: str
) -> tuple[Transition, Transition]:
    """The second signature of a decision against the worker, and that it is not given."""
    return (
        Transition(
            f"countersign_{what}",
            "会签",
            (waiting,),
            settled,
            COUNTERSIGN,
            f"同意{title}；决定自此作出，书面告知理由、依据和救济途径。",
            clock=Clock.END,
            duty=Duty.COUNTERSIGN,
            next_step=True,
        ),
        Transition(
            f"decline_{what}",
            "不同意，退回",
            (waiting,),
            back,
            COUNTERSIGN,
            sent_back,
            needs_reason=True,
        ),
    )


def _taking_back_request(what: str, settled: str) -> Transition:
    """The worker does not want the decision looked at again after all: it stands as before."""
    return Transition(
        f"withdraw_request_{what}",
        "撤回复核申请",
        (S.RECONSIDERING,),
        settled,
        TAKE_IN,
        "撤回后不再复核，原决定不变；在申请复核的期限内可以重新申请。行政复议、行政诉讼的期限照常计算，不因此延长。",
        clock=Clock.END,
        by_applicant=True,
    )


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
        "拟不予受理",
        (S.SUBMITTED,),
        S.REFUSING,
        TAKE_IN,
        "写明理由，交另一人会签；会签后作出不予受理决定并书面告知。",
        duty=Duty.ACCEPT,
        needs_reason=True,
        danger=True,
    ),
    Transition(
        "withdraw",
        "撤回",
        _TO_WITHDRAW,
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
        (S.FIRST_REVIEWED, *_TO_DECIDE, S.ON_NOTICE),
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
        "announce",
        "公示",
        (S.REVIEWED, S.NO_FIGURE),
        S.ON_NOTICE,
        ANNOUNCE,
        "公布拟补贴人员名单，证件号码只公布后四位；公示期内接受异议，期满且异议办结后审批。",
        clock=Clock.RESUME,
        next_step=True,
    ),
    Transition(
        "end_notice",
        "公示期满",
        (S.ON_NOTICE,),
        S.NOTICED,
        ANNOUNCE,
        "公示已经期满，没有未办结的异议，转审批。系统每天夜间自动办理。",
        clock=Clock.RESUME,
    ),
    Transition(
        "uphold_objection",
        "异议成立，重新审核",
        (S.ON_NOTICE, S.NOTICED),
        S.ACCEPTED,
        DECIDE_OBJECTION,
        "公示期间的异议经核查成立，退回盟市重新审核，不再列入本期公示。",
        clock=Clock.RESUME,
        needs_reason=True,
    ),
    Transition(
        "approve",
        "批准",
        _TO_DECIDE,
        S.APPROVED,
        APPROVE,
        "按提交当日的政策和标准批准，书面告知本人，转拨付。",
        clock=Clock.END,
        duty=Duty.APPROVE,
        next_step=True,
    ),
    Transition(
        "reject",
        "拟不予批准",
        _TO_DECIDE,
        S.REJECTING,
        APPROVE,
        "写明理由，交另一人会签；会签后作出不予批准决定并书面告知。",
        clock=Clock.RESUME,
        duty=Duty.APPROVE,
        needs_reason=True,
        danger=True,
    ),
    *_countersigning(
        "refusal", S.REFUSING, S.REFUSED, S.SUBMITTED, "不予受理", "退回窗口重新办理，写明不同意的理由。"
    ),
    *_countersigning(
        "rejection", S.REJECTING, S.REJECTED, S.REVIEWED, "不予批准", "退回审批人重新决定，写明不同意的理由。"
    ),
    Transition(
        "annul",
        "拟撤销批准",
        (S.APPROVED,),
        S.ANNULLING,
        ANNUL,
        "写明理由和依据，交另一人会签；会签后批准撤销，书面告知本人，证书和次数可以重新申领。",
        duty=Duty.ANNUL,
        needs_reason=True,
        danger=True,
    ),
    *_countersigning(
        "annulment", S.ANNULLING, S.ANNULLED, S.APPROVED, "撤销", "批准继续有效，写明不同意撤销的理由。"
    ),
    Transition(
        "ask_reconsideration",
        "申请复核",
        (S.REFUSED, S.REJECTED, S.ANNULLED),
        S.RECONSIDERING,
        TAKE_IN,
        "请本机关再核对一次，由没有参与原决定的人员办理。复核不是行政复议，不影响另行申请行政复议或者提起行政诉讼。",
        needs_reason=True,
        by_applicant=True,
    ),
    _taking_back_request("refusal", S.REFUSED),
    _taking_back_request("rejection", S.REJECTED),
    _taking_back_request("annulment", S.ANNULLED),
    Transition(
        "uphold",
        "维持原决定",
        (S.RECONSIDERING,),
        S.UPHELD,
        RECONSIDER,
        "原决定不变，书面告知复核结论和理由。",
        clock=Clock.END,
        duty=Duty.RECONSIDER,
        needs_reason=True,
        next_step=True,
    ),
    Transition(
        "turn",
        "改变原决定，重新审批",
        (S.RECONSIDERING,),
        S.REVIEWED,
        RECONSIDER,
        "原决定不再有效，申请回到审批，仍以首次提交之日的政策为准。",
        duty=Duty.RECONSIDER,
        needs_reason=True,
        next_step=True,
    ),
    Transition(
        "turn_refusal",
        "改变原决定，重新受理",
        (S.RECONSIDERING,),
        S.SUBMITTED,
        RECONSIDER,
        "不予受理决定不再有效，申请回到受理，仍以首次提交之日的政策为准。",
        duty=Duty.RECONSIDER,
        needs_reason=True,
        next_step=True,
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
                settled=SETTLED,
            )
        )
