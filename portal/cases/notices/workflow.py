"""The life of an objection to a public notice."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Clock, Duty, Transition, Workflow, register

OBJECTION = "notice.objection"


class ObjectionState(models.TextChoices):
    RECEIVED = "received", "待核查"
    UPHELD = "upheld", "异议成立"
    DISMISSED = "dismissed", "异议不成立"
    WITHDRAWN = "withdrawn", "异议人撤回"


WORKFLOW = Workflow(
    kind=OBJECTION,
    title="公示异议",
    prefix="YY",
    states=ObjectionState,
    initial=ObjectionState.RECEIVED,
    page="window:objection",
    clause="一",
    tones={
        ObjectionState.RECEIVED: "warn",
        ObjectionState.UPHELD: "good",
    },
    transitions=(
        Transition(
            "uphold",
            "异议成立",
            (ObjectionState.RECEIVED,),
            ObjectionState.UPHELD,
            "objection.decide",
            "答复异议人，并据此调整公示名单；公示期可以延长。",
            clock=Clock.END,
            duty=Duty.APPROVE,
            needs_reason=True,
            next_step=True,
        ),
        Transition(
            "dismiss",
            "异议不成立",
            (ObjectionState.RECEIVED,),
            ObjectionState.DISMISSED,
            "objection.decide",
            "答复异议人并说明理由，名单不变。",
            clock=Clock.END,
            duty=Duty.APPROVE,
            needs_reason=True,
        ),
        Transition(
            "withdraw",
            "异议人撤回",
            (ObjectionState.RECEIVED,),
            ObjectionState.WITHDRAWN,
            "objection.decide",
            "记录异议人撤回的情况，不再核查。",
            clock=Clock.END,
            duty=Duty.APPROVE,
            needs_reason=True,
            danger=True,
        ),
    ),
)


def register_all() -> None:
    register(WORKFLOW)
