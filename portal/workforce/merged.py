"""Whose a record is, where people or units were merged: the one place that code asks.

Where nothing was merged nothing is different, and each of these asks a small, mostly empty table.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from portal.accounts.access import NotNow
from portal.accounts.models import User
from portal.workforce.models import Employer, EmployerAgent, MergedEmployer, MergedPerson, Worker
from portal.workforce.models.base import records_of_person


def records_of(worker_id: int) -> list[int]:
    """The numbers of all records of the person whose record this is, the one that stands first."""
    return _records(MergedPerson, worker_id)


_LED = """
SELECT source_id, target_id FROM {table}
WHERE source_id = %(number)s OR target_id = %(number)s
   OR target_id = (SELECT target_id FROM {table} WHERE source_id = %(number)s)
ORDER BY source_id
"""


def _records(merged: Any, number: int) -> list[int]:
    """The record that stands, then those that were merged into it; of one that was voided itself alone."""
    with connection.cursor() as cursor:
        cursor.execute(_LED.format(table=merged._meta.db_table), {"number": number})
        led = dict(cursor.fetchall())
    standing = led.get(number, number)
    if standing is None:
        return [number]
    return [standing, *(source for source, target in led.items() if target == standing)]


_STANDING = """
SELECT source_id, target_id FROM workforce_mergedperson
WHERE target_id IS NOT NULL AND (source_id = ANY (%(workers)s) OR target_id = ANY (%(workers)s)
   OR target_id IN (SELECT target_id FROM workforce_mergedperson WHERE source_id = ANY (%(workers)s)))
"""


def persons_and_records(workers: Collection[int]) -> tuple[dict[int, int], dict[int, int]]:
    """By each of these records the one that stands for the person (of one that was voided itself); and all records of
    those people, each with the one that stands.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, {"workers": list(workers)})
        led = dict(cursor.fetchall())
    persons = {number: led.get(number, number) for number in workers}
    standing = set(persons.values())
    of_person = {number: number for number in standing}
    return persons, of_person | {source: target for source, target in led.items() if target in standing}


def person_of(worker: Worker) -> Worker | None:
    """The record that stands for the person of this one; None when it was entered by mistake."""
    link = MergedPerson.objects.filter(source=worker.pk).select_related("target").first()
    return worker if link is None else link.target


def account_of(worker: Worker) -> User | None:
    """The account of the person: one in use before others, that of the record that stands before others."""
    if worker.account is not None and worker.account.is_active:
        return worker.account
    records = records_of(worker.pk)
    accounts = User.objects.filter(worker__in=records).select_related("worker")
    return min(accounts, key=lambda user: (not user.is_active, records.index(user.worker.pk)), default=None)


def unit_of(employer: Employer) -> Employer | None:
    """The same of a unit."""
    link = MergedEmployer.objects.filter(source=employer.pk).select_related("target").first()
    return employer if link is None else link.target


def records_of_unit(employer_id: int) -> list[int]:
    """The numbers of all records of the unit whose record this is."""
    return _records(MergedEmployer, employer_id)


def accounts_of_person(user: Any) -> list[int]:
    """The account and those by which the same person is known under other numbers."""
    records = records_of_person(user)
    if not records:
        return [user.pk]
    others = User.objects.filter(worker__in=records).exclude(pk=user.pk)
    return [user.pk, *others.values_list("pk", flat=True)]


def units_of_person(user: Any) -> set[int]:
    """All records of the units that named the person their agent, whatever role the account holds."""
    agencies = EmployerAgent.objects.filter(user__in=accounts_of_person(user))
    units: set[int] = set()
    for employer_id in agencies.values_list("employer_id", flat=True):
        units.update(records_of_unit(employer_id))
    return units


def require_standing(worker: Worker) -> None:
    """NotNow when the record was merged into another one or voided: there is nothing to do with it any more."""
    link = MergedPerson.objects.filter(source=worker.pk).select_related("target").first()
    if link is None:
        return
    if link.target is None:
        raise NotNow("该档案已作废，不能再办理。登记有误的，请先撤销作废。")
    raise NotNow(f"该档案已并入{link.target.name}的另一份档案，请在保留的档案中办理。")


def counts_for_anything(worker: Worker) -> bool:
    """Whether a record of the person is confirmed, an honour verified or a claim written down, as the database
    says it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT workforce_counts(%s)", [worker.pk])
        return bool(cursor.fetchone()[0])


def unit_counts(employer: Employer) -> bool:
    """Whether confirmed work names the unit, under any of its records."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT workforce_unit_counts(%s)", [employer.pk])
        return bool(cursor.fetchone()[0])


def merged_into(worker: Worker) -> list[Worker]:
    """The records that were merged into this one."""
    return list(Worker.objects.filter(merged__target=worker).order_by("pk"))


_POINTERS = """
SELECT source_id, target_id, false FROM workforce_mergedperson
WHERE %(workers)s::bigint[] IS NULL OR source_id = ANY (%(workers)s) OR target_id = ANY (%(workers)s)
   OR target_id IN (SELECT target_id FROM workforce_mergedperson WHERE source_id = ANY (%(workers)s))
UNION ALL (SELECT source_id, target_id, true FROM workforce_mergedemployer LIMIT 1)
"""


def pointers(workers: Collection[int] | None) -> tuple[dict[int, int | None], bool]:
    """(whose each merged record is, as far as these workers are concerned; whether any units were merged)."""
    with connection.cursor() as cursor:
        cursor.execute(_POINTERS, {"workers": None if workers is None else list(workers)})
        rows = cursor.fetchall()
    people = {source: target for source, target, of_units in rows if not of_units}
    return people, any(of_units for *_, of_units in rows)
