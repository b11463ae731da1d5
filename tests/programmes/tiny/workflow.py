"""The life of an allowance."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Clock, Duty, Transition, Workflow, register

ALLOWANCE = "tiny.allowance"


class State(models.TextChoices):
    ASKED = "asked", "待核定"
    GRANTED = "granted", "已补助"
    WITHDRAWN = "withdrawn", "已撤回"


WORKFLOW = Workflow(
    kind=ALLOWANCE,
    title="工具补助",
    prefix="GJ",
    states=State,
    initial=State.ASKED,
    page="tiny:case",
    clause="九",
    transitions=(
        Transition(
            "grant",
            "核定补助",
            (State.ASKED,),
            State.GRANTED,
            "tiny.grant",
            "核定工具补助并书面通知本人。",
            clock=Clock.END,
            duty=Duty.APPROVE,
            next_step=True,
        ),
        Transition(
            "withdraw",
            "撤回",
            (State.ASKED,),
            State.WITHDRAWN,
            "tiny.take",
            "本人不再申请，办件结束。",
            clock=Clock.END,
            danger=True,
            by_applicant=True,
        ),
    ),
)


def register_all() -> None:
    register(WORKFLOW)
