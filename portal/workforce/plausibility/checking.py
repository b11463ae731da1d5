"""One record of one person, held against everything that could contradict it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Max, Min, QuerySet, Value
from django.utils import timezone

from portal.workforce.models import Employment, SkillCredential, UnemploymentInsurance, Worker
from portal.workforce.models.base import FoldedOccupation
from portal.workforce.plausibility.rules import SHEET, Rule, as_values
from portal.workforce.plausibility.ruleset import rules_on
from portal.workforce.record_kinds import ALL_KINDS

Sheet = dict[str, Any]
# The kind under which what is said of the person themselves is told.
PERSON = "worker"


@dataclass(frozen=True)
class Finding:
    """A rule that a record meets, and the words in which that is told."""

    rule: Rule
    kind: str
    words: str

    @property
    def impossible(self) -> bool:
        return self.rule.impossible

    @property
    def field(self) -> str:
        return self.rule.fields[self.kind]


def findings_about(kind: str, record: Any, *, on: date) -> list[Finding]:
    """What is impossible or improbable in a record as it stands, saved or not."""
    sheet = _about_person(record.worker, on) | _FILLED_IN[kind](record, on)
    return _met(kind, sheet, on)


def findings_about_person(worker: Worker, *, on: date) -> list[Finding]:
    """The same of the person alone."""
    return _met(PERSON, _about_person(worker, on), on)


def findings_about_all_records(worker: Worker, *, on: date) -> Iterator[tuple[Any, Finding]]:
    """The same of every record of the person, for a date of birth that is corrected."""
    for kind in ALL_KINDS:
        records: Any = kind.model._default_manager
        for record in records.filter(worker_id=worker.pk).order_by("pk"):
            record.worker = worker
            for finding in findings_about(kind.code, record, on=on):
                yield record, finding


def _met(kind: str, sheet: Mapping[str, Any], on: date) -> list[Finding]:
    rules = {rule.key: rule for rule in rules_on(on, kind=kind)}
    columns = ", ".join(f"%({name})s::{type_} AS {name}" for name, type_ in SHEET.items())
    met = f"""
        SELECT met.key, met.words
        FROM (SELECT {columns}) sheet
        CROSS JOIN LATERAL (VALUES {as_values(rules.values())})
            AS met (key, version, impossible, cell, holds, words)
        WHERE met.holds
    """
    with connection.cursor() as cursor:
        cursor.execute(met, dict.fromkeys(SHEET) | dict(sheet))
        return [Finding(rules[key], kind, words) for key, words in cursor.fetchall()]


# -- what is known when a record is written down ---------------------------------------------------------------


def _about_person(worker: Worker, on: date) -> Sheet:
    return {"today": on, "birth_on": worker.birth_on}


def _of_employment(record: Employment, on: date) -> Sheet:
    insurance = UnemploymentInsurance.objects.filter(worker_id=record.worker_id).first()
    return _work(record, on) | (_insurance(insurance) if insurance and record.ended_on is None else {})


def _work(record: Employment, as_of: date) -> Sheet:
    return {
        "status": record.status,
        "on_front_line": record.on_front_line,
        "in_skilled_post": record.in_skilled_post,
        "public_payroll": record.public_institution_payroll,
        "front_line_years": record.front_line_years,
        "worked_years": record.worked_years,
        "worked_as_of": as_of,
        "continuous_months": record.continuous_months,
        "started_on": record.started_on,
        "ended_on": record.ended_on,
    }


def _of_credential(record: SkillCredential, on: date) -> Sheet:
    others = _certificates_in(record).exclude(pk=record.pk)
    higher = others.filter(level__gt=record.level).aggregate(day=Min("issued_on"))
    lower = others.filter(level__lt=record.level).aggregate(day=Max("issued_on"))
    return {
        "level": record.level,
        "issued_on": record.issued_on,
        "higher_issued_on": higher["day"],
        "lower_issued_on": lower["day"],
        "others_with_number": with_number_of(record).values("worker_id").distinct().count(),
    }


def _certificates_in(record: Any) -> QuerySet[SkillCredential]:
    """The person's certificates in the occupation of a record, however either is spelled."""
    certificates: QuerySet[SkillCredential] = SkillCredential.objects.filter(worker_id=record.worker_id)
    folded = certificates.alias(folded=FoldedOccupation("occupation"))
    return folded.filter(folded=FoldedOccupation(Value(record.occupation)))


def with_number_of(record: SkillCredential) -> QuerySet[SkillCredential]:
    """The certificates of other people that have the same number."""
    if not record.number:
        return SkillCredential.objects.none()
    return SkillCredential.objects.filter(number=record.number).exclude(worker_id=record.worker_id)


def _of_insurance(record: UnemploymentInsurance, on: date) -> Sheet:
    work = Employment.objects.filter(worker_id=record.worker_id, ended_on__isnull=True).first()
    known = _work(work, _worked_as_of(work)) if work else {}
    return known | _insurance(record)


def _worked_as_of(record: Employment) -> date:
    """The day on which the worked years were first written down: whoever writes the record anew carries them over."""
    history = Employment.pgh_event_model.objects  # type: ignore[attr-defined]
    written = history.filter(worker_id=record.worker_id, worked_years=record.worked_years)
    first = written.aggregate(moment=Min("recorded_at"))["moment"]
    return timezone.localdate(min(first or record.recorded_at, record.recorded_at))


def _insurance(record: UnemploymentInsurance) -> Sheet:
    return {
        "insured_months": record.months,
        "paying": record.paying,
        "drawing": record.drawing_benefit,
        "insured_as_of": record.as_of,
    }


def _of_honour(record: Any, on: date) -> Sheet:
    return {"honour_year": record.year, "conferred_on": record.conferred_on}


def _of_competition(record: Any, on: date) -> Sheet:
    return {
        "competition": record.competition,
        "edition": record.edition,
        "rank": record.rank,
        "prize": record.prize,
        "role": record.role,
        "held_on": record.held_on,
    }


def _of_schooling(record: Any, on: date) -> Sheet:
    return {"school_class": record.graduated_from, "graduated_on": record.graduated_on}


def _of_attested(record: Any, on: date) -> Sheet:
    return {"attested": record.code, "attested_since": record.since}


def _of_claim(record: Any, on: date) -> Sheet:
    certificates = _certificates_in(record).filter(level=record.level)
    return {
        "claim_kind": record.kind,
        "claimed_on": record.claimed_on,
        "claim_certified_on": certificates.aggregate(day=Min("issued_on"))["day"],
    }


_FILLED_IN: dict[str, Callable[[Any, date], Sheet]] = {
    "employment": _of_employment,
    "credential": _of_credential,
    "insurance": _of_insurance,
    "honour": _of_honour,
    "competition": _of_competition,
    "schooling": _of_schooling,
    "attested": _of_attested,
    "claim": _of_claim,
}
