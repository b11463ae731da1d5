"""Where each fact of one worker comes from: the record it rests on, its source, and whether it is verified.

The facts themselves are drawn in portal.workforce.facts; tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from portal.workforce.merged import merged_into
from portal.workforce.models import ScarceOccupation, Worker
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import (
    ALL_KINDS,
    CLAIM,
    COMPETITION,
    CREDENTIAL,
    EMPLOYMENT,
    INSURANCE,
    SCHOOLING,
    is_written_by_portal,
)

_FACTS_OF_WORKER = ("birth_on", "sex", "work_region", "household_region")
_KIND_OF = {kind.model: kind.code for kind in ALL_KINDS}
_FACT_OF_HONOUR = {
    "honour": "honours",
    "special_allowance": "special_allowance",
    "scarce_talent": "recognised_scarce_talent",
}


def sources_of(worker: Worker, *, verified: bool = False) -> dict[str, dict[str, Any]]:
    """For each fact that is known, or verified: the record it rests on, its source, the day it was written
    down, and whether somebody has confirmed it.
    """
    sources: dict[str, dict[str, Any]] = {}
    for record, facts in _records_with_facts(worker, timezone.localdate()):
        if not _counts(record, verified=verified):
            continue
        source = {
            "source": record.source,
            "recorded_at": getattr(record, "recorded_at", None) or record.created_at,
            "record": record._meta.verbose_name,
            "kind": _KIND_OF.get(type(record), ""),
            "verified": _counts(record, verified=True),
        }
        for fact in facts:
            sources.setdefault(fact, source)
    return sources


def _counts(record: Any, *, verified: bool) -> bool:
    """Whether a record counts among what is stated, or verified; as `record_counts` and `attestation_counts`
    say in SQL.
    """
    verification = getattr(record, "verification", Verification.CONFIRMED)
    if verified and not is_written_by_portal(record):
        return bool(verification == Verification.CONFIRMED)
    return bool(verification != Verification.REFUTED)


def _records_with_facts(worker: Worker, on: date) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every record of the worker with the facts that rest on it; of several the one that counts
    comes first.
    """
    yield worker, _FACTS_OF_WORKER
    yield from _records_of(worker, on)
    for other in merged_into(worker):
        yield from _records_of(other, on)
    listed = ScarceOccupation.objects.in_place(worker.work_region_id).order_by("-since", "id").first()
    if listed:
        yield listed, ("certificate_occupation_scarce",)


def _certificates_with_facts(worker: Worker, on: date) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The level rests on the highest certificate, what a claim is about on the newest."""
    issued = list(_newest_first(worker.credentials, "issued_on", on, "-level"))
    for record in sorted(issued, key=lambda one: -one.level):
        yield record, ("skill_level",)
    for record in issued:
        yield record, tuple(fact for fact in CREDENTIAL.facts if fact != "skill_level")


def _newest_first(records: Any, day: str, on: date, *then: str) -> Any:
    """Those of the day and before, in the order in which the relation takes them."""
    come = Q(**{f"{day}__isnull": True}) | Q(**{f"{day}__lte": on})
    return records.filter(come).order_by(F(day).desc(nulls_last=True), *then, "-id")


def _records_of(worker: Worker, on: date) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """The records written down under one number."""
    for employment in worker.employments.filter(ended_on__isnull=True):
        yield employment, EMPLOYMENT.facts
        if employment.employer:
            yield employment.employer, ("employer_kind",)
    insurance = getattr(worker, INSURANCE.related, None)
    if insurance:
        yield insurance, INSURANCE.facts
    for honour in worker.honours.filter(state="verified").select_related("type"):
        yield honour, (_FACT_OF_HONOUR[honour.type.category],)
    in_force = Q(until__isnull=True) | Q(until__gte=on)
    for attested in worker.attested_facts.filter(in_force, since__lte=on).order_by("-since"):
        yield attested, (attested.code,)
    yield from _certificates_with_facts(worker, on)
    for kind, newest in ((CLAIM, "claimed_on"), (SCHOOLING, "graduated_on"), (COMPETITION, "held_on")):
        for record in _newest_first(getattr(worker, kind.related), newest, on):
            yield record, kind.facts
