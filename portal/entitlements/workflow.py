"""The life of what a worker agreed to, and of what a worker says is wrong."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Clock, Transition, Workflow, register

SERVICE = "entitlements.service"
RECTIFICATION = "facts.rectification"


class ServiceState(models.TextChoices):
    RECEIVED = "received", "待办理"
    DONE = "done", "已办结"
    ENDED = "ended", "未能办理"
    WITHDRAWN = "withdrawn", "已撤回"


class RectificationState(models.TextChoices):
    REQUESTED = "requested", "待核实"
    RECTIFIED = "rectified", "已更正"
    KEPT = "kept", "维持原记录"
    WITHDRAWN = "withdrawn", "已撤回"


SERVICE_WORKFLOW = Workflow(
    kind=SERVICE,
    title="惠享事项代办",
    prefix="HX",
    states=ServiceState,
    initial=ServiceState.RECEIVED,
    page="window:service",
    clause="各条",
    transitions=(
        Transition(
            "finish",
            "办结",
            (ServiceState.RECEIVED,),
            ServiceState.DONE,
            "offer.handle",
            "记录为本人办成了什么，本人可以看到。",
            clock=Clock.END,
            needs_reason=True,
            next_step=True,
        ),
        Transition(
            "end",
            "未能办理",
            (ServiceState.RECEIVED,),
            ServiceState.ENDED,
            "offer.handle",
            "记录不能办理的原因和本人可以怎么办，本人可以看到。",
            clock=Clock.END,
            needs_reason=True,
            danger=True,
        ),
        Transition(
            "withdraw",
            "撤回",
            (ServiceState.RECEIVED,),
            ServiceState.WITHDRAWN,
            "offer.handle",
            "本人不再办理，办件结束。",
            clock=Clock.END,
            danger=True,
            by_applicant=True,
        ),
    ),
)

RECTIFICATION_WORKFLOW = Workflow(
    kind=RECTIFICATION,
    title="信息更正申请",
    prefix="GZ",
    states=RectificationState,
    initial=RectificationState.REQUESTED,
    page="window:rectification",
    clause="各条",
    transitions=(
        Transition(
            "rectify",
            "已更正",
            (RectificationState.REQUESTED,),
            RectificationState.RECTIFIED,
            "rectification.decide",
            "记录已在档案中更正，把更正结果答复本人。",
            clock=Clock.END,
            needs_reason=True,
            next_step=True,
        ),
        Transition(
            "keep",
            "维持原记录",
            (RectificationState.REQUESTED,),
            RectificationState.KEPT,
            "rectification.decide",
            "核实后原记录无误，告知本人理由和依据。",
            clock=Clock.END,
            needs_reason=True,
            danger=True,
        ),
        Transition(
            "withdraw",
            "撤回",
            (RectificationState.REQUESTED,),
            RectificationState.WITHDRAWN,
            "rectification.decide",
            "本人不再要求更正，办件结束。",
            clock=Clock.END,
            danger=True,
            by_applicant=True,
        ),
    ),
)


def register_all() -> None:
    register(SERVICE_WORKFLOW)
    register(RECTIFICATION_WORKFLOW)
