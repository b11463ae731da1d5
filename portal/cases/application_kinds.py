"""The kinds of applications: what a programme says of its own when the application starts.

    register_application(ApplicationKind("registry.nomination", model=Nomination, take_in="nomination.take_in", …))

How an application is written, handed in, completed, taken in, refused and taken back is the same for all
(portal.cases.applications); what a programme checks or does besides is one of its steps here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import Q

from portal.cases.evidence.rules import register_evidence
from portal.cases.models import Application
from portal.cases.moving import Refusal


class Step(Protocol):
    """Something a programme does with an application as it moves. What it raises undoes the move."""

    def __call__(self, application: Any, /, *, by: Any, on: date) -> Any: ...


class StepOverSet(Protocol):
    """The same with several that move at once."""

    def __call__(self, applications: Sequence[Any], /, *, by: Any, on: date) -> Any: ...


class CheckOfSet(Protocol):
    """Which of several applications stay where they are, and why."""

    def __call__(self, applications: Sequence[Any], /, *, by: Any, on: date) -> Mapping[int, Refusal]: ...


class TellMissing(Protocol):
    """Tells the applicant what is missing."""

    def __call__(self, application: Any, items: Sequence[str], /, *, by: Any, on: date) -> Any: ...


class TellGrounds(Protocol):
    """Tells the applicant why it is not taken in."""

    def __call__(self, application: Any, /, *, grounds: str, by: Any, on: date) -> Any: ...


def _nothing(*given: Any, **more: Any) -> None:
    pass


def _no_refusals(*given: Any, **more: Any) -> Mapping[int, Refusal]:
    return {}


@dataclass(frozen=True)
class ApplicationKind:
    """A kind of application, as its programme registered it. The actions of its workflow are called submit, accept,
    return_for_correction, resubmit, refuse and withdraw.
    """

    kind: str
    model: type[Application]
    # Lets the window take in, ask for what is missing, and refuse; and file for whoever stands before it.
    take_in: str
    # The states in which what was written may be changed: of the applicant's draft, and while something is missing.
    draft: str
    returned: str
    # What it is called in sentences.
    called: str = "申请"
    # Whether the worker may do all that the applicant may, whoever filed it.
    worker_may_always: bool = False
    # Whether a unit files for those alone who work there today.
    only_for_staff: bool = True
    # What is read beside an application, for its steps.
    beside: tuple[str, ...] = ()
    # Locks that come before those of the cases, which are given by their numbers.
    hold: Callable[[Collection[int]], None] = _nothing
    # Refuses when nothing is taken in any more: before something is asked for, and before it is brought.
    require_in_time: Step = _nothing
    at_hand_in: Step = _nothing
    check_acceptance: CheckOfSet = _no_refusals
    at_acceptance: StepOverSet = _nothing
    at_correction: TellMissing = _nothing
    at_refusal: TellGrounds = _nothing
    at_withdrawal: Step = _nothing
    # Who reads its evidence besides those who see the case.
    readers: Callable[[Any], Q] | None = None

    @property
    def changeable(self) -> tuple[str, str]:
        return self.draft, self.returned


_KINDS: dict[str, ApplicationKind] = {}


def register_application(kind: ApplicationKind) -> None:
    """Make a kind of application known; it takes evidence while it may be changed. Called once for each."""
    _KINDS[kind.kind] = kind
    register_evidence(
        kind.kind,
        permission=kind.take_in,
        may_change=lambda case: case.state in kind.changeable,
        readers=kind.readers,
    )


def application_kind(kind: str) -> ApplicationKind:
    """KeyError for a kind of case that is no application."""
    return _KINDS[kind]
