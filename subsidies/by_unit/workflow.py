"""The life of a proposal: it waits for the person it is about, who agrees, declines, or says nothing in time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Q

from portal.cases.waiting import ready_when
from portal.cases.workflow import Transition, Workflow, register
from portal.outgoing import kinds
from portal.outgoing.kinds import Kind
from subsidies.workflow import TAKE_IN

PROPOSAL = "subsidies.proposal"
ASKED = "proposal"


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", "待本人确认"
    CONSENTED = "consented", "本人已同意"
    DECLINED = "declined", "本人不同意"
    LAPSED = "lapsed", "逾期未确认"


S = ProposalState
TONES: dict[str, str] = {
    S.PROPOSED: "info",
    S.CONSENTED: "good",
    S.DECLINED: "plain",
    S.LAPSED: "warn",
}
_TRANSITIONS = (
    Transition(
        "consent",
        "同意并提交",
        (S.PROPOSED,),
        S.CONSENTED,
        TAKE_IN,
        "本人同意后作为本人的补贴申请提交，由服务窗口受理，以提交当日的政策为准。",
        by_applicant=True,
        next_step=True,
    ),
    Transition(
        "decline",
        "不同意",
        (S.PROPOSED,),
        S.DECLINED,
        TAKE_IN,
        "不提交申请，单位不能再为这本证书提出。以后需要的，仍可由本人申请。",
        by_applicant=True,
    ),
    Transition(
        "lapse",
        "逾期未确认",
        (S.PROPOSED,),
        S.LAPSED,
        TAKE_IN,
        "本人在期限内没有答复，不提交申请。单位可以重新提出，本人也可以自行申请。",
    ),
)


def _waits_for_no_officer(user: Any, day: date) -> Q:
    return Q(pk__in=[])


def register_all() -> None:
    register(
        Workflow(
            kind=PROPOSAL,
            title="单位代为提出补贴申请",
            prefix="DT",
            states=ProposalState,
            initial=S.PROPOSED,
            page="subsidies:proposal",
            clause="九",
            tones=TONES,
            clock_at_opening=False,
            transitions=_TRANSITIONS,
        )
    )
    ready_when(PROPOSAL, "consent", _waits_for_no_officer)
    where = "请登录匠惠通或者到服务窗口查看。"
    kinds.register(Kind(ASKED, "确认消息", f"您的办件{{number}}等您答复，当前阶段：{{stage}}。内容{where}"))
