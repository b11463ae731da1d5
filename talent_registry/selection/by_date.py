"""What the clock does with a round: it opens, ends nominations, begins recommendations, and assesses nightly.

Nothing that needs judgement: ranking, freezing, the notice, confirming and publishing wait for a person, who
sees on the page of the round and of the league what is due and who is late.
"""

from __future__ import annotations

import logging
from datetime import date

from portal.cases.actions import NotNow
from talent_registry.models import SelectionRound
from talent_registry.selection import steps
from talent_registry.selection.workflow import RoundState

log = logging.getLogger(__name__)


def due_by_date(round_: SelectionRound, on: date) -> str | None:
    """The step that the round's own days ask for.

    A draft opens by itself only once scheme and places are set by a document: a sample must not bind anybody
    because nobody looked.
    """
    may_nominate = round_.opens_on <= on <= round_.nominations_until
    if round_.state == RoundState.DRAFT and may_nominate and not round_.is_sample:
        return "open"
    if round_.state == RoundState.OPEN and on > round_.nominations_until:
        return "assess"
    if round_.state == RoundState.ASSESSED and on > round_.panel_until:
        return "recommend"
    return None


def advance(on: date) -> list[tuple[int, str]]:
    """Take every step that is due by date; (year, step) of those taken.

    What is in the way of one is left to people.
    """
    taken = []
    early = (RoundState.DRAFT, RoundState.OPEN, RoundState.ASSESSED)
    rounds = SelectionRound.objects.select_related("case").filter(case__state__in=early)
    for round_ in rounds.order_by("year"):
        step = due_by_date(round_, on)
        if step is None:
            continue
        try:
            steps.take_step(round_.year, step, by=None, on=on)
        except NotNow as reason:
            log.info("selection %s: %s is due but has to wait: %s", round_.year, step, reason)
        else:
            taken.append((round_.year, step))
    return taken


def look_who_is_missing(on: date) -> list[int]:
    """A trial assessment of every round that takes nominations; the years."""
    rounds = SelectionRound.objects.filter(case__state=RoundState.OPEN).order_by("year")
    done = []
    for year in list(rounds.values_list("year", flat=True)):
        try:
            steps.take_trial(year, by=None, on=on)
        except NotNow as reason:
            # Somebody ended the nominations meanwhile.
            log.info("selection %s: no trial: %s", year, reason)
        else:
            done.append(year)
    return done
