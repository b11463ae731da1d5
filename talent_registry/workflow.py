"""The life of a direct inclusion (clause 一): proposed by the facts, decided by a registry officer."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Clock, Duty, Transition, Workflow, register

DIRECT_INCLUSION = "registry.direct-inclusion"


class State(models.TextChoices):
    PROPOSED = "proposed", "待确认"
    RETURNED = "returned", "补正中"
    CONFIRMED = "confirmed", "已纳入"
    DECLINED = "declined", "不予纳入"
    WITHDRAWN = "withdrawn", "已撤回"


WORKFLOW = Workflow(
    kind=DIRECT_INCLUSION,
    title="直接纳入高技能领军人才名录",
    prefix="ZJ",
    states=State,
    initial=State.PROPOSED,
    page="registry:case",
    clause="一",
    tones={
        State.PROPOSED: "info",
        State.RETURNED: "warn",
        State.CONFIRMED: "good",
        State.DECLINED: "bad",
    },
    # Who wrote the honour down does not confirm what follows from it.
    apart=((Duty.PREPARE, Duty.APPROVE),),
    transitions=(
        Transition(
            "confirm",
            "确认纳入",
            (State.PROPOSED,),
            State.CONFIRMED,
            "registry.confirm",
            "记录本人属于技术工人，列入名录并向社会公布，发出纳入通知和证书。",
            clock=Clock.END,
            duty=Duty.APPROVE,
            next_step=True,
        ),
        Transition(
            "decline",
            "不予纳入",
            (State.PROPOSED,),
            State.DECLINED,
            "registry.confirm",
            "作出不予纳入决定并书面告知理由、依据和救济途径；同一荣誉不再自动提出。",
            clock=Clock.END,
            duty=Duty.APPROVE,
            needs_reason=True,
            danger=True,
        ),
        Transition(
            "return_for_correction",
            "补正",
            (State.PROPOSED,),
            State.RETURNED,
            "registry.confirm",
            "一次性告知需要补正的全部内容，办理期限暂停计算。",
            clock=Clock.STOP,
        ),
        Transition(
            "resubmit",
            "补正完成",
            (State.RETURNED,),
            State.PROPOSED,
            "registry.propose",
            "材料已补齐，交回名录管理员，办理期限继续计算。",
            clock=Clock.RESUME,
            while_correcting=True,
        ),
        Transition(
            "withdraw",
            "撤回",
            (State.PROPOSED, State.RETURNED),
            State.WITHDRAWN,
            "registry.propose",
            "所依据的荣誉已不成立，终止办理；重新核实后可以再次提出。",
            clock=Clock.END,
            needs_reason=True,
            danger=True,
            while_correcting=True,
        ),
    ),
)


def register_all() -> None:
    register(WORKFLOW)
