"""Second signatures, annulments and second looks: the actions on decisions against a worker, one or many."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db import transaction

from portal.cases import reviews
from portal.cases.models import Case
from portal.cases.moving import Moving
from portal.cases.reviews import AsRead
from subsidies import adverse
from subsidies.adverse import decline
from subsidies.handling import as_of_now, claims_of, only, wait_if_no_figure
from subsidies.models import Against, Claim
from subsidies.reconsidering import ask, withdraw_request
from subsidies.workflow import ClaimState

__all__ = [
    "annul",
    "ask",
    "countersign",
    "countersign_many",
    "give_back",
    "turn",
    "uphold",
    "withdraw_request",
]


def _read(case_id: int, as_read: AsRead | None) -> dict[int, AsRead]:
    return {case_id: as_read} if as_read else as_of_now([case_id])


# -- the second signature ------------------------------------------------------------------------------------
def countersign(case_id: int, *, by: Any, on: date, as_read: AsRead | None = None) -> Claim:
    """Sign what another has decided: from now on it is in force, and the worker is told. Raises Refused, NotNow."""
    with transaction.atomic():
        return only(countersign_many([case_id], by=by, on=on, as_read=_read(case_id, as_read)), case_id)


def countersign_many(
    case_ids: Collection[int], *, by: Any, on: date, as_read: Mapping[int, AsRead] | None = None
) -> Moving:
    """The same of many claims of one kind; `refused` says why others stay."""
    read = as_read if as_read is not None else as_of_now(case_ids)
    parts = [
        reviews.decide_many(ids, action, by=by, on=on, as_read=read)
        for action, ids in adverse.by_state(case_ids).items()
    ]
    return adverse.joined(parts)


@transaction.atomic
def give_back(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Not signed: the claim goes back to whoever decides, with the reason. Raises Refused, NotNow."""
    case = decline(case_id, reason=reason, by=by, on=on)
    if case.state == ClaimState.REVIEWED:
        wait_if_no_figure([case], on)
        case.refresh_from_db()
    return case


# -- annulling -----------------------------------------------------------------------------------------------
@transaction.atomic
def annul(
    case_id: int, *, reason: str, clause: str, by: Any, on: date, as_read: AsRead | None = None
) -> Claim:
    """Decide that an approval does not stand, by a clause; in force once another has signed it too.

    Raises Refused (whoever approved), NotNow.
    """
    given = adverse.require_clause(clause)
    read = _read(case_id, as_read)
    only(reviews.decide_many([case_id], "annul", by=by, on=on, as_read=read, reason=reason), case_id)
    (claim,) = claims_of(list(Case.objects.filter(pk=case_id)))
    assert claim.decision is not None  # noqa: S101  what was approved was decided
    rests_on = {claim.pk: claim.decision}
    adverse.note(
        [claim], Against.ANNULMENT, grounds=reason, clause=given, by=by, on=on, determinations=rests_on
    )
    return claim


# -- the second look -----------------------------------------------------------------------------------------
@transaction.atomic
def uphold(case_id: int, *, reason: str, by: Any, on: date, as_read: AsRead | None = None) -> Claim:
    """The decision stays, and the worker is told why. Raises Refused (whoever had a part in it), NotNow."""
    read = _read(case_id, as_read)
    return only(reviews.decide_many([case_id], "uphold", by=by, on=on, as_read=read, reason=reason), case_id)


@transaction.atomic
def turn(
    case_id: int, *, reason: str, by: Any, on: date, as_read: AsRead | None = None, action: str = "turn"
) -> Claim:
    """The decision does not stand: the claim goes back to the approver, or to the window (`turn_refusal`).

    Raises Refused (whoever had a part in it), NotNow (also when what it needs has been taken meanwhile).
    """
    read = _read(case_id, as_read)
    moving = reviews.decide_many([case_id], action, by=by, on=on, as_read=read, reason=reason)
    claim = only(moving, case_id)
    if claim.case.state == ClaimState.REVIEWED:
        wait_if_no_figure([claim.case], on)
        claim.case.refresh_from_db()
    return claim
