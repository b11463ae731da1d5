"""Figures of registers grow old: which of somebody's are too old to decide by, and have to be asked for again.

How old they may be is a dated setting (`FigureAge`), a sample until the office writes down its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from portal.formats import date_cn
from portal.workforce.merged import persons_and_records
from portal.workforce.models import (
    Aging,
    CertificateAnswer,
    FigureAge,
    UnemploymentInsurance,
    Worker,
)
from portal.workforce.models.verification import Verification


@dataclass(frozen=True)
class TooOld:
    """One figure: what it is, as of which day, and how many days old it may be."""

    what: str
    as_of: date
    days: int
    is_sample: bool

    def __str__(self) -> str:
        sample = "（示例）" if self.is_sample else ""
        return f"{self.what}截至{date_cn(self.as_of)}，已超过{self.days}天{sample}，办理前须重新查询。"

    @property
    def since(self) -> date:
        """The first day on which it was too old."""
        return self.as_of + timedelta(days=self.days + 1)


def asked_again_before_approval(worker: Worker, on: date) -> list[TooOld]:
    """What the register knows of somebody and is too old to approve anything by on a day; empty when nothing is."""
    found = insurance_too_old([worker.pk], on).get(worker.pk)
    return [found] if found else []


def insurance_too_old(workers: Collection[int], on: date) -> dict[int, TooOld]:
    """Of these people, whose insurance has to be asked for again on a day; of several records of one the newest counts."""
    persons, of_person = persons_and_records(workers)
    records = UnemploymentInsurance.objects.filter(worker__in=of_person)
    newest: dict[int, date] = {}
    counted = records.exclude(verification=Verification.REFUTED)
    for number, as_of in counted.values_list("worker_id", "as_of"):
        person = of_person[number]
        newest[person] = max(as_of, newest.get(person, as_of))
    too_old = dict(_too_old(Aging.INSURANCE, newest.items(), on))
    return {number: too_old[person] for number, person in persons.items() if person in too_old}


def answers_too_old(answers: Iterable[CertificateAnswer], on: date) -> dict[int, TooOld]:
    """The same of what the national query said, by certificate."""
    said = [(answer.credential_id, answer.as_of) for answer in answers]
    return dict(_too_old(Aging.CERTIFICATES, said, on))


def _too_old(what: Aging, known: Iterable[tuple[int, date]], on: date) -> Iterable[tuple[int, TooOld]]:
    said = list(known)
    age = age_in_force(what, on) if said else None
    if age is None:
        return
    first = on - timedelta(days=age.days)
    for number, as_of in said:
        if as_of < first:
            yield number, TooOld(str(what.label), as_of, age.days, age.is_sample)


def age_in_force(what: Aging, on: date) -> FigureAge | None:
    """The setting of a day."""
    return FigureAge.objects.filter(what=what, since__lte=on).order_by("-since").first()
