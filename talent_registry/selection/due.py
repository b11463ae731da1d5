"""When a step of the selection is really due, and so waits for whoever takes it.

The round's conditions say as one question to the database what `steps.blockers` says in words
(tests/selection/test_due.py compares them); a nomination waits for the office only in the stage of its round
in which the office may act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.cases.models import Channel, Objection
from portal.cases.waiting import Work, ready_when, register_work
from portal.workforce.models.base import records_of_person
from talent_registry.models import (
    ListedNominee,
    Nomination,
    PanelAssignment,
    QuotaKind,
    SelectionList,
    SelectionRound,
)
from talent_registry.models.selection import Quota
from talent_registry.selection.workflow import (
    NOMINATION,
    PANEL_WORKS,
    ROUND,
    NominationState,
    RoundState,
)


def _nominees(*states: NominationState) -> QuerySet[Nomination]:
    """The nominations of a round that are in these states."""
    return Nomination.objects.filter(round=OuterRef("pk"), case__state__in=states)


def _to_open(on: date) -> Q:
    places = Quota.objects.filter(round=OuterRef("pk"), kind=QuotaKind.RECOMMENDATION)
    return Q(Exists(places), opens_on__lte=on, nominations_until__gte=on)


def _to_assess(on: date) -> Q:
    return Q(nominations_until__lt=on)


def _to_recommend(on: date) -> Q:
    to_take_in = _nominees(NominationState.SUBMITTED, NominationState.RETURNED)
    unscored = _nominees(NominationState.ACCEPTED).filter(panel_score__isnull=True)
    return ~Q(Exists(to_take_in)) & (Q(scheme__panel=[]) | ~Q(Exists(unscored)))


def _to_rank(on: date) -> Q:
    undecided = _nominees(NominationState.ACCEPTED)
    recommended = _nominees(NominationState.RECOMMENDED)
    return ~Q(Exists(undecided)) & Q(Exists(recommended))


def _to_freeze(on: date) -> Q:
    return Q(Exists(SelectionList.objects.filter(round=OuterRef("pk"))))


def _to_announce(on: date) -> Q:
    chosen = ListedNominee.objects.filter(list=OuterRef("standing_list"), selected=True)
    return Q(Exists(chosen))


def _to_confirm(on: date) -> Q:
    unsettled = Objection.objects.unsettled().filter(notice=OuterRef("notice"))
    return Q(notice__closes_on__lt=on) & ~Q(Exists(unsettled))


def _to_publish(on: date) -> Q:
    return Q()


def _to_close(on: date) -> Q:
    unfinished = Nomination.objects.filter(round=OuterRef("pk"), case__closed_at__isnull=True)
    return ~Q(Exists(unfinished.exclude(case__state=NominationState.DRAFT)))


_ROUND: Mapping[str, Callable[[date], Q]] = {
    "open": _to_open,
    "assess": _to_assess,
    "recommend": _to_recommend,
    "rank": _to_rank,
    "freeze": _to_freeze,
    "notice": _to_announce,
    "confirm": _to_confirm,
    "publish": _to_publish,
    "close": _to_close,
}


def _round_is(condition: Callable[[date], Q]) -> Callable[[Any, date], Q]:
    return lambda user, on: Q(pk__in=SelectionRound.objects.filter(condition(on)).values("pk"))


def _in_stage(*states: RoundState, **which: Any) -> Q:
    """A nomination whose round is in one of these stages. Rounds are few, so they are looked up once."""
    rounds = SelectionRound.objects.filter(case__state__in=states)
    found = Nomination.objects.filter(pk=OuterRef("pk"), round__in=rounds.values("pk"), **which)
    return Q(Exists(found))


def _drafted_at_the_window(user: Any, on: date) -> Q:
    """Drafts of applicants are theirs to hand in."""
    return _in_stage(RoundState.OPEN, channel=Channel.WINDOW)


def _to_take_in(user: Any, on: date) -> Q:
    """Nobody decides on what concerns themselves."""
    return _in_stage(RoundState.OPEN, RoundState.ASSESSED) & ~Q(worker__in=records_of_person(user))


def _to_be_recommended(user: Any, on: date) -> Q:
    return _in_stage(RoundState.RECOMMENDATION)


def _without_expert(user: Any, on: date) -> Q:
    """Taken in, to be scored, and nobody is asked, or whoever was has stepped aside."""
    asked = PanelAssignment.objects.filter(nomination=OuterRef("pk"), conflict_at__isnull=True)
    rounds = SelectionRound.objects.filter(case__state__in=PANEL_WORKS).exclude(scheme__panel=[])
    unscored = Nomination.objects.filter(pk=OuterRef("pk"), panel_score__isnull=True)
    return Q(Exists(unscored.filter(round__in=rounds.values("pk")))) & ~Q(Exists(asked))


def register_all() -> None:
    """Say when the steps of rounds and nominations wait for somebody, and that experts are to be asked."""
    for step, condition in _ROUND.items():
        ready_when(ROUND, step, _round_is(condition))
    ready_when(NOMINATION, "submit", _drafted_at_the_window)
    ready_when(NOMINATION, "accept", _to_take_in)
    ready_when(NOMINATION, "recommend", _to_be_recommended)
    to_assign = Work(NOMINATION, (NominationState.ACCEPTED,), "nomination.assign_panel", _without_expert)
    register_work(to_assign)
