"""A workflow is a table: which action leads from where to where, who may take it, what it does to the clock.

Programmes register theirs when the application starts. The table is copied into the database
(`load_allowed_moves`), where a trigger refuses every move that it does not list, whatever code asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from django.db import models


class Clock(Enum):
    """What a transition does to the time the office has."""

    KEEP = "keep"
    START = "start"
    STOP = "stop"
    RESUME = "resume"
    END = "end"


class Duty(models.TextChoices):
    """What somebody takes upon themselves in a case. Which of them nobody combines stands in portal.cases.duties."""

    PREPARE = "prepare", "登记（提出）"
    ACCEPT = "accept", "受理"
    REVIEW = "review", "审核（核实）"
    SECOND_REVIEW = "second_review", "复核"
    # Deciding, for somebody or against them.
    APPROVE = "approve", "审批（确认）"
    # The second signature of a decision against somebody: without it nothing is in force.
    COUNTERSIGN = "countersign", "会签"
    ANNUL = "annul", "撤销决定"
    # Deciding anew what somebody asks the office itself to look at again.
    RECONSIDER = "reconsider", "办理复核申请"
    PAYEE_RECORD = "payee_record", "登记收款账户"
    PAYEE_CONFIRM = "payee_confirm", "复核收款账户"
    # Releasing a payment, and handing it over to whoever carries it out.
    PAY = "pay", "支付"
    SEND = "send", "发送支付指令"


@dataclass(frozen=True)
class Transition:
    """One row of the table. `consequence` is the line shown beside the button."""

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    permission: str
    consequence: str
    clock: Clock = Clock.KEEP
    duty: Duty | None = None
    needs_reason: bool = False
    danger: bool = False
    # What the office has to do next with a case in these states, and so what waits for it; not what it may
    # do besides (take back, do again), nor what the applicant or the system does.
    next_step: bool = False
    # May also be taken by those whose case it is: the worker, or an agent of the unit. The programme's action
    # says when.
    by_applicant: bool = False
    # May be taken while something is missing; everything else waits until the correction is resolved.
    while_correcting: bool = False


@dataclass(frozen=True)
class Workflow:
    """The life of one kind of case."""

    kind: str
    title: str
    prefix: str
    states: type[models.TextChoices]
    initial: str
    transitions: tuple[Transition, ...]
    # Name of the address of the page of a case, called with its number.
    page: str
    clause: str
    # A case that begins as somebody's draft has no deadline until it is handed in (a transition with
    # Clock.START).
    clock_at_opening: bool = True
    # Duties that nobody combines in a case of this kind, besides those that exclude each other in every case.
    apart: tuple[tuple[Duty, Duty], ...] = ()
    # How lists and pages underline a state: plain, info, good, warn, bad. A state not named here is plain.
    tones: Mapping[str, str] = field(default_factory=dict)
    # States in which the office is done although a way leads out of them: what was decided may be looked at again.
    settled: tuple[str, ...] = ()

    def transition(self, action: str) -> Transition:
        for transition in self.transitions:
            if transition.action == action:
                return transition
        raise LookupError(f"{self.kind} has no action {action}")

    def label_of(self, state: str) -> str:
        return self.states(state).label

    def tone_of(self, state: str) -> str:
        return self.tones.get(state, "plain")

    @property
    def final_states(self) -> set[str]:
        """The states that no transition leads out of, and those that are settled: a case in one of them is closed."""
        states = set(self.states.values)
        for transition in self.transitions:
            states.difference_update(transition.sources)
        return states.union(self.settled)


_WORKFLOWS: dict[str, Workflow] = {}


def register(workflow: Workflow) -> Workflow:
    """Make a workflow known. Called once for each kind when the application starts."""
    unknown = _states_used(workflow) - set(workflow.states.values)
    if unknown:
        raise ValueError(f"{workflow.kind}: unknown states {sorted(unknown)}")
    actions = {transition.action for transition in workflow.transitions}
    if len(actions) != len(workflow.transitions):
        raise ValueError(f"{workflow.kind}: an action stands in the table twice")
    if not any(transition.next_step for transition in workflow.transitions):
        raise ValueError(f"{workflow.kind}: no transition is a next step, so it would wait for nobody")
    _WORKFLOWS[workflow.kind] = workflow
    return workflow


def _states_used(workflow: Workflow) -> set[str]:
    used = {workflow.initial, *workflow.settled}
    for transition in workflow.transitions:
        used.add(transition.target)
        used.update(transition.sources)
    return used


def workflow_of(kind: str) -> Workflow:
    """KeyError for a kind that no programme has registered."""
    return _WORKFLOWS[kind]


def workflows() -> Iterable[Workflow]:
    return _WORKFLOWS.values()


def allowed_moves() -> set[tuple[str, str, str]]:
    """(kind, from, to) of every workflow; the birth of a case is a move from nothing."""
    moves = set()
    for workflow in workflows():
        moves.add((workflow.kind, "", workflow.initial))
        for transition in workflow.transitions:
            for source in transition.sources:
                moves.add((workflow.kind, source, transition.target))
    return moves
