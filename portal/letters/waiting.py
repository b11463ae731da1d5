"""Letters of decisions that wait for a figure: to whom one turns, within which time, has no value on the day.

The decision is in force; the letter is issued by itself once the figure is there, and until then the page of the case
says for which figure it waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from portal.letters import actions, kinds
from portal.letters.models import Issuer, Letter, WaitingLetter
from portal.letters.remedies import NoFigure, RemedyOf, missing_figures

# What can be done against the decision is what is waited for; all else is checked as if the letter were issued.
_NOT_YET = "待参数录入并复核"


@dataclass(frozen=True)
class Waits:
    """A letter that waits: what it is called, when it was decided, and the figures it waits for."""

    label: str
    decided_on: date
    missing: list[str]


def keep(
    kind: str,
    *,
    issuer: str,
    place: str,
    addressee: str,
    region: str,
    worker: int,
    case: int,
    context: Mapping[str, Any],
    grounds: str,
    clause: str,
    replaces: Sequence[int],
    by: Any,
    on: date,
) -> WaitingLetter:
    """Keep what a letter will say. Call it inside the transaction of the decision. Raises BadLetter, as issuing does."""
    draft = actions.Draft(addressee, region, context, worker, case, grounds, clause, _NOT_YET)
    actions.check(kinds.current(kind), draft)
    return WaitingLetter.objects.create(
        kind=kind,
        issuer=Issuer.objects.get(code=issuer),
        place=place,
        addressee=addressee,
        region_id=region,
        worker_id=worker,
        case_id=case,
        context=dict(context),
        grounds=grounds,
        clause=clause,
        replaces=list(replaces),
        decided_by=by,
        decided_on=on,
    )


def take_place(replaced: Sequence[int], letter: Letter, *, by: Any) -> None:
    """Let these letters point to the one that takes their place, as far as none did before."""
    standing = Letter.objects.in_force().filter(pk__in=replaced).exclude(pk=letter.pk).order_by("pk")
    for letter_id in standing.values_list("pk", flat=True):
        actions.supersede(letter_id=letter_id, replacement=letter, by=by)


def issue_due(on: date) -> int:
    """Issue the letters whose figures are there on the day. Returns how many; killed, it goes on the next time."""
    numbers = list(WaitingLetter.objects.waiting().values_list("pk", flat=True))
    return sum(_issue_one(number, on) for number in numbers)


@transaction.atomic
def _issue_one(number: int, on: date) -> bool:
    """One that still waits, held still so that no two write the same letter."""
    kept = WaitingLetter.objects.select_for_update(of=("self",)).select_related("issuer").get(pk=number)
    if kept.letter_id is not None:
        return False
    try:
        remedy = RemedyOf(kept.place).text(on)
    except NoFigure:
        return False
    letter = actions.issue(
        kind=kept.kind,
        issuer=kept.issuer.code,
        context=kept.context,
        addressee=kept.addressee,
        region=kept.region_id,
        worker=kept.worker_id,
        case=kept.case_id,
        grounds=kept.grounds,
        clause=kept.clause,
        remedy=remedy,
        by=kept.decided_by,
        on=on,
    )
    kept.letter = letter
    kept.save(update_fields=["letter"])
    take_place(kept.replaces, letter, by=kept.decided_by)
    return True


def waits_of(case_id: int, *, user: Any, on: date) -> list[Waits]:
    """The letters of a case that wait, for who will see them."""
    kept = WaitingLetter.objects.visible_to(user).waiting().filter(case_id=case_id)
    return [
        Waits(kinds.current(one.kind).label, one.decided_on, missing_figures(one.place, on)) for one in kept
    ]
