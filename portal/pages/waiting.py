"""Work that is no case but waits for somebody: each is the rows that the user may act upon, and no others.

A programme makes its own known when the application starts: `register_queue`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.accounts.access import scope
from portal.entitlements.models import Offer, OfferState
from portal.policy.models import ParameterValue
from portal.workforce.actions.pointers import CONFIRM, KINDS
from portal.workforce.authors import written_by, written_by_others
from portal.workforce.change_subjects import SUBJECTS
from portal.workforce.models import (
    Honour,
    ImprobableRecord,
    MergeFinding,
    NameConflict,
    PayeeAccount,
    RecordChange,
    RosterImport,
    UnmaskingAlert,
)
from portal.workforce.models.credentials import PayeeState
from portal.workforce.models.facts import WRITTEN_BY_PORTAL
from portal.workforce.models.record_changes import RecordChangeQuerySet
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import ATTESTED, RecordKind


@dataclass(frozen=True)
class Queue:
    """Work of one kind under 等我办理: what waits for a user, the name of the list of it, and what narrows that
    list to just these rows.
    """

    label: str
    permission: str
    waiting: Callable[[Any], QuerySet[Any]]
    address: str
    narrowed: str = ""


_OF_PROGRAMMES: list[Queue] = []


def register_queue(queue: Queue) -> None:
    """Make work of a programme known. Registered once more it stays one."""
    if queue not in _OF_PROGRAMMES:
        _OF_PROGRAMMES.append(queue)


def queues_of_programmes() -> tuple[Queue, ...]:
    return tuple(_OF_PROGRAMMES)


def honours_to_verify(user: Any) -> QuerySet[Honour]:
    """Unverified ones where the user verifies, but neither their own nor what they wrote down themselves."""
    where = scope(user, "honour.verify").q("worker__work_region", "worker__league_code")
    unverified = Honour.objects.visible_to(user).unverified().filter(where)
    return written_by_others(unverified, user).exclude(worker__account=user)


def records_to_confirm(user: Any, kind: RecordKind) -> QuerySet[Any]:
    """Records of a kind that another person wrote down, about another person, and nobody has confirmed."""
    where = scope(user, "record.verify").q("worker__work_region", "worker__league_code")
    records: Any = kind.model._default_manager
    stated = records.visible_to(user).filter(where, verification=Verification.STATED)
    if kind is ATTESTED:
        stated = stated.exclude(code__in=WRITTEN_BY_PORTAL)
    return written_by_others(stated, user).exclude(worker__account=user)


def changes_to_confirm(user: Any) -> RecordChangeQuerySet:
    """Changes of what counts that somebody else has proposed, of what the user has not written; somebody who is
    handed over is taken over where they are to work.
    """
    where = scope(user, "record.verify")
    here = where.q("worker__work_region", "worker__league_code") | where.q(
        "unit__region", "unit__league_code"
    )
    taken_over = where.q("to_region", "to_league_code")
    proposed = RecordChange.objects.visible_to(user).open()
    proposed = proposed.filter((Q(to_region=None) & here) | (Q(to_region__isnull=False) & taken_over))
    for subject in SUBJECTS.values():
        if subject.record_kind is not None:
            records: Any = subject.model._default_manager
            own = written_by(records.filter(pk=OuterRef("record_id")), user)
            proposed = proposed.exclude(Q(kind=subject.code) & Exists(own))
    return proposed.exclude(proposed_by=user).exclude(worker__account=user)


def payees_to_confirm(user: Any) -> QuerySet[PayeeAccount]:
    """Accounts of other people that somebody else wrote down."""
    where = scope(user, "payee.confirm").q("worker__work_region", "worker__league_code")
    accounts = PayeeAccount.objects.visible_to(user).filter(where, state=PayeeState.PROPOSED)
    return accounts.exclude(recorded_by=user).exclude(worker__account=user)


def people_to_tell(user: Any) -> QuerySet[Offer]:
    """What people are entitled to and nobody has told them yet."""
    where = scope(user, "offer.handle").q("region", "league_code")
    return Offer.objects.visible_to(user).filter(where, state=OfferState.MATCHED)


def names_to_decide(user: Any) -> QuerySet[NameConflict]:
    """People whom a roster calls by another name than the register."""
    where = scope(user, "worker.conflict.decide").q("worker__work_region", "worker__league_code")
    return NameConflict.objects.visible_to(user).open().filter(where)


def rosters_to_confirm(user: Any) -> QuerySet[RosterImport]:
    """What other people have handed in for their units."""
    return RosterImport.objects.visible_to(user).handed_in().exclude(by=user)


def improbable_to_review(user: Any) -> QuerySet[ImprobableRecord]:
    """What somebody else wrote down although it is improbable."""
    where = scope(user, "record.improbable.review").q("worker__work_region", "worker__league_code")
    return ImprobableRecord.objects.visible_to(user).waiting().filter(where).exclude(recorded_by=user)


def unmaskings_to_review(user: Any) -> QuerySet[UnmaskingAlert]:
    """Somebody else looked at many full numbers in a day."""
    where = scope(user, "worker.unmask.review").q("region", "league_code")
    return UnmaskingAlert.objects.visible_to(user).waiting().filter(where).exclude(by=user)


def values_to_confirm(user: Any) -> QuerySet[ParameterValue]:
    """Figures of the law that somebody else has entered."""
    return ParameterValue.objects.waiting().exclude(entered_by=user)


def pointers_to_confirm(user: Any, kind: str) -> QuerySet[Any]:
    """Merges and voidings of people, or of units, that somebody else has proposed."""
    pointer: Any = KINDS[kind].pointer
    place = KINDS[kind].place.removesuffix("_id")
    where = scope(user, CONFIRM).q(f"source__{place}", "source__league_code")
    return pointer.objects.visible_to(user).open().filter(where).exclude(proposed_by=user)


def findings_to_settle(user: Any) -> QuerySet[MergeFinding]:
    """What merges have brought together."""
    where = scope(user, CONFIRM)
    of_people = where.q("person__source__work_region", "person__source__league_code")
    of_units = where.q("unit__source__region", "unit__source__league_code")
    return MergeFinding.objects.visible_to(user).open().filter(of_people | of_units)
