"""A roster imported the usual ways: a `get_or_create` loop, and `bulk_create(ignore_conflicts=True)`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

BATCH = 5000
SOURCE = "花名册 bench.csv"


class Rows:
    """The rows of a file, checked and understood as the import does."""

    def __init__(self, path: Path) -> None:
        from django.utils import timezone

        from portal.accounts.access import Scope
        from portal.spreadsheets.reading import open_spreadsheet
        from portal.workforce.roster.checking import Checker
        from portal.workforce.roster.columns import ROSTER

        self.source = open_spreadsheet(path, ROSTER)
        self.today = timezone.localdate()
        self.checker = Checker(self.source.header, scope=Scope(whole=True), today=self.today)
        self.at = self.source.header.at

    def __iter__(self) -> Iterator[dict[str, Any]]:
        from portal.workforce.roster import cells as read

        at = self.at
        for line, cells in self.source.rows():
            checked = self.checker.check(line, cells)
            yield {
                "number": checked.number,
                "name": checked.name,
                "phone": checked.phone,
                "honours": checked.honours,
                "region": cells[at["region"]],
                "employer": cells[at["employer"]],
                "code": cells[at["code"]],
                "occupation": cells[at["occupation"]],
                "level": int(read.level(cells[at["level"]])),
                "certificate": cells[at["certificate"]],
                "issued_on": read.day(cells[at["issued_on"]], self.today),
                "front_line": read.yes_or_no(cells[at["front_line"]]),
                "years": read.years(cells[at["years"]]),
                "months": read.months(cells[at["months"]]),
            }


def _worker(row: dict[str, Any], employer_id: int) -> Any:
    from portal.workforce.models import Worker

    worker = Worker(
        name=row["name"],
        work_region_id=row["region"],
        employer_id=employer_id,
        skill_level=row["level"],
        occupation=row["occupation"],
        source=SOURCE,
    )
    worker.set_id_number(row["number"])
    worker.set_phone(row["phone"])
    return worker


_WORKER_FIELDS = (
    "name",
    "id_number",
    "sex",
    "birth_on",
    "phone",
    "phone_digest",
    "work_region_id",
    "employer_id",
    "skill_level",
    "occupation",
    "source",
)


def loop(path: Path, count: int) -> float:
    """Seconds for `count` rows, one `get_or_create` for each record."""
    from django.db import transaction

    rows = Rows(path)
    began = time.perf_counter()
    with transaction.atomic():
        for row in islice(rows, count):
            _get_or_create(row, rows.today)
    return time.perf_counter() - began


def _get_or_create(row: dict[str, Any], today: date) -> None:
    """The records of one row, each looked up and then written."""
    from portal.workforce.models import (
        Employer,
        Employment,
        Honour,
        SkillCredential,
        UnemploymentInsurance,
        Worker,
    )

    employer, _ = Employer.objects.get_or_create(
        credit_code=row["code"],
        defaults={"name": row["employer"], "region_id": row["region"], "source": SOURCE},
    )
    new_worker = _worker(row, employer.pk)
    worker, _ = Worker.objects.get_or_create(
        id_digest=new_worker.id_digest,
        defaults={name: getattr(new_worker, name) for name in _WORKER_FIELDS},
    )
    Employment.objects.get_or_create(
        worker=worker,
        ended_on=None,
        defaults={
            "employer": employer,
            "occupation": row["occupation"],
            "on_front_line": row["front_line"],
            "front_line_years": row["years"],
            "source": SOURCE,
        },
    )
    SkillCredential.objects.get_or_create(
        worker=worker,
        occupation=row["occupation"],
        level=row["level"],
        number=row["certificate"],
        defaults={"issued_on": row["issued_on"], "verified_how": "roster", "source": SOURCE},
    )
    UnemploymentInsurance.objects.get_or_create(
        worker=worker,
        defaults={"months": row["months"], "as_of": today, "source": SOURCE},
    )
    for honour in row["honours"]:
        Honour.objects.get_or_create(
            worker=worker,
            type_id=honour.type_id,
            year=honour.year,
            defaults={"named_as": honour.named_as, "document": honour.document, "source": SOURCE},
        )


def bulk(path: Path) -> float:
    """Seconds for all rows, `bulk_create(ignore_conflicts=True)` of 5,000 records at a time."""
    from django.db import transaction

    rows = Rows(path)
    pending = iter(rows)
    began = time.perf_counter()
    with transaction.atomic():
        piece = list(islice(pending, BATCH))
        while piece:
            employers = _bulk_employers(piece)
            workers = _bulk_workers(piece, employers)
            _bulk_records(piece, workers, employers, rows.today)
            piece = list(islice(pending, BATCH))
    return time.perf_counter() - began


def _bulk_create(model: Any, objects: list[Any]) -> None:
    model.objects.bulk_create(objects, batch_size=BATCH, ignore_conflicts=True)


def _bulk_employers(piece: list[dict[str, Any]]) -> dict[str, int]:
    """Ids of the rows' units, by credit code."""
    from portal.workforce.models import Employer

    row_of = {row["code"]: row for row in piece}
    units = []
    for code, row in row_of.items():
        unit = Employer(credit_code=code, name=row["employer"], region_id=row["region"], source=SOURCE)
        units.append(unit)
    _bulk_create(Employer, units)
    stored = Employer.objects.filter(credit_code__in=row_of)
    return dict(stored.values_list("credit_code", "pk"))


def _bulk_workers(piece: list[dict[str, Any]], employers: dict[str, int]) -> list[int]:
    """Ids of the rows' workers, in the order of the rows."""
    from portal.workforce.models import Worker

    workers = [_worker(row, employers[row["code"]]) for row in piece]
    _bulk_create(Worker, workers)
    digests = [worker.id_digest for worker in workers]
    stored = Worker.objects.filter(id_digest__in=digests)
    id_of = {bytes(digest): worker_id for digest, worker_id in stored.values_list("id_digest", "pk")}
    return [id_of[digest] for digest in digests]


def _bulk_records(
    piece: list[dict[str, Any]], workers: list[int], employers: dict[str, int], today: date
) -> None:
    """Jobs, certificates, insurance and honours of the rows' workers."""
    from portal.workforce.models import Employment, Honour, SkillCredential, UnemploymentInsurance

    employments, credentials, insurances, honours = [], [], [], []
    for row, worker_id in zip(piece, workers, strict=True):
        employments.append(
            Employment(
                worker_id=worker_id,
                employer_id=employers[row["code"]],
                occupation=row["occupation"],
                on_front_line=row["front_line"],
                front_line_years=row["years"],
                source=SOURCE,
            )
        )
        credentials.append(
            SkillCredential(
                worker_id=worker_id,
                occupation=row["occupation"],
                level=row["level"],
                number=row["certificate"],
                issued_on=row["issued_on"],
                verified_how="roster",
                source=SOURCE,
            )
        )
        insurances.append(
            UnemploymentInsurance(
                worker_id=worker_id,
                months=row["months"],
                as_of=today,
                source=SOURCE,
            )
        )
        for honour in row["honours"]:
            honours.append(
                Honour(
                    worker_id=worker_id,
                    type_id=honour.type_id,
                    year=honour.year,
                    named_as=honour.named_as,
                    document=honour.document,
                    source=SOURCE,
                )
            )
    _bulk_create(Employment, employments)
    _bulk_create(SkillCredential, credentials)
    _bulk_create(UnemploymentInsurance, insurances)
    _bulk_create(Honour, honours)
