"""The roster import against a `get_or_create` loop and against `bulk_create`, on the same rows, models,
checks and encryption.

    ./jht bench roster [-- --rows 650000 --sample 65000 --loop 2000]

Every way checks each row with the same code and encrypts the same numbers; the two baselines write without
merging, telling changes, or giving refused rows back. The loop runs in one transaction, on an empty register,
and is extrapolated from a sample.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg2

TIMES_LOOP, TIMES_BULK = 50, 3
# What a file ten times as large may add to the memory: noise of the allocator, not rows.
MOST_GROWTH = 1.25
BATCH = 5000
EMPTIED = (
    "workforce_worker",
    "workforce_workerevent",
    "workforce_employer",
    "workforce_employerevent",
    "workforce_employment",
    "workforce_employmentevent",
    "workforce_skillcredential",
    "workforce_skillcredentialevent",
    "workforce_unemploymentinsurance",
    "workforce_unemploymentinsuranceevent",
    "workforce_honour",
    "workforce_honourevent",
    "workforce_rosterimport",
)


def write_roster(path: Path, rows: int) -> None:
    """A synthetic roster; the same rows every time."""
    from django.utils import timezone

    from portal.regions.models import Region
    from portal.workforce import synthetic
    from portal.workforce.roster.columns import COLUMNS

    draw = random.Random(7)
    regions = list(Region.objects.banners().values_list("code", flat=True))
    units = synthetic.units(draw, regions, max(50, rows // 120))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.label for column in COLUMNS])
        writer.writerows(synthetic.roster_rows(draw, units, rows, today=timezone.localdate()))


def empty_register() -> None:
    """As the owner, who alone may truncate. Vacuumed, so that the server does not do it in the middle of the
    next measurement: it would find none of the rows that are being written and mislead the planner, which the
    baselines have no defence against.
    """
    connection = psycopg2.connect(os.environ["DATABASE_OWNER_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(EMPTIED)} CASCADE")
        cursor.execute(f"VACUUM ANALYZE {', '.join(EMPTIED)}")
    connection.close()


def import_once(path: Path) -> dict[str, Any]:
    """In a process of its own: seconds, peak memory in MB, and what came of the rows."""
    command = [sys.executable, "-m", "bench.roster", "--import", str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    return json.loads(done.stdout.splitlines()[-1])


def _import_here(path: Path) -> None:
    import django

    django.setup()
    from portal.workforce.roster.importing import import_file

    began = time.perf_counter()
    outcome = import_file(path, name=path.name, by=None)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        json.dumps(
            {
                "seconds": seconds,
                "peak": peak,
                "added": outcome.added,
                "changed": outcome.changed,
                "unchanged": outcome.unchanged,
                "refused": outcome.refused,
            }
        )
    )


# -- the baselines: what each row says, in model instances ---------------------------------------------------
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


SOURCE = "花名册 bench.csv"


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


def loop(path: Path, count: int) -> float:
    """Seconds for `count` rows, one `get_or_create` for each record."""
    from django.db import transaction

    from portal.workforce.models import (
        Employer,
        Employment,
        Honour,
        SkillCredential,
        UnemploymentInsurance,
        Worker,
    )

    rows = Rows(path)
    began = time.perf_counter()
    with transaction.atomic():
        for row in islice(rows, count):
            employer, _ = Employer.objects.get_or_create(
                credit_code=row["code"],
                defaults={"name": row["employer"], "region_id": row["region"], "source": SOURCE},
            )
            made = _worker(row, employer.pk)
            fields = (
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
            worker, _ = Worker.objects.get_or_create(
                id_digest=made.id_digest, defaults={name: getattr(made, name) for name in fields}
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
                worker=worker, defaults={"months": row["months"], "as_of": rows.today, "source": SOURCE}
            )
            for honour in row["honours"]:
                Honour.objects.get_or_create(
                    worker=worker,
                    type_id=honour.type_id,
                    year=honour.year,
                    defaults={"named_as": honour.named_as, "document": honour.document, "source": SOURCE},
                )
    return time.perf_counter() - began


def bulk(path: Path) -> float:
    """Seconds for all rows, `bulk_create(ignore_conflicts=True)` of 5,000 records at a time."""
    from django.db import transaction

    from portal.workforce.models import (
        Employer,
        Employment,
        Honour,
        SkillCredential,
        UnemploymentInsurance,
        Worker,
    )

    def write(model: Any, objects: list[Any]) -> None:
        model.objects.bulk_create(objects, batch_size=BATCH, ignore_conflicts=True)

    rows = Rows(path)
    pending = iter(rows)
    began = time.perf_counter()
    with transaction.atomic():
        while piece := list(islice(pending, BATCH)):
            units = {row["code"]: row for row in piece}
            write(
                Employer,
                [
                    Employer(credit_code=code, name=row["employer"], region_id=row["region"], source=SOURCE)
                    for code, row in units.items()
                ],
            )
            employers = dict(Employer.objects.filter(credit_code__in=units).values_list("credit_code", "pk"))
            made = [_worker(row, employers[row["code"]]) for row in piece]
            write(Worker, made)
            ids = {
                bytes(digest): pk
                for digest, pk in Worker.objects.filter(
                    id_digest__in=[worker.id_digest for worker in made]
                ).values_list("id_digest", "pk")
            }
            known = [(row, ids[worker.id_digest]) for row, worker in zip(piece, made, strict=True)]
            write(
                Employment,
                [
                    Employment(
                        worker_id=pk,
                        employer_id=employers[row["code"]],
                        occupation=row["occupation"],
                        on_front_line=row["front_line"],
                        front_line_years=row["years"],
                        source=SOURCE,
                    )
                    for row, pk in known
                ],
            )
            write(
                SkillCredential,
                [
                    SkillCredential(
                        worker_id=pk,
                        occupation=row["occupation"],
                        level=row["level"],
                        number=row["certificate"],
                        issued_on=row["issued_on"],
                        verified_how="roster",
                        source=SOURCE,
                    )
                    for row, pk in known
                ],
            )
            write(
                UnemploymentInsurance,
                [
                    UnemploymentInsurance(worker_id=pk, months=row["months"], as_of=rows.today, source=SOURCE)
                    for row, pk in known
                ],
            )
            write(
                Honour,
                [
                    Honour(
                        worker_id=pk,
                        type_id=honour.type_id,
                        year=honour.year,
                        named_as=honour.named_as,
                        document=honour.document,
                        source=SOURCE,
                    )
                    for row, pk in known
                    for honour in row["honours"]
                ],
            )
    return time.perf_counter() - began


def _line(what: str, rows: int, seconds: float, more: str = "") -> None:
    print(f"{what:<46} {rows:>8,} rows {seconds:>9.1f} s {rows / seconds:>9,.0f} rows/s  {more}", flush=True)


def main(arguments: list[str]) -> int:
    """Prints seconds, rows a second, ratios and peak memory; 0 when both ratios and flat memory were reached."""
    parser = argparse.ArgumentParser(prog="roster")
    parser.add_argument("--rows", type=int, default=650_000, help="rows of the large file")
    parser.add_argument(
        "--sample", type=int, default=65_000, help="rows of the small file, on which bulk_create is compared"
    )
    parser.add_argument("--loop", type=int, default=2_000, help="rows on which the loop is measured")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small.csv", Path(folder) / "large.csv"
        write_roster(small, options.sample)
        write_roster(large, options.rows)

        empty_register()
        of_small = import_once(small)
        _line("roster import", options.sample, of_small["seconds"], f"peak {of_small['peak']:.0f} MB")
        empty_register()
        of_large = import_once(large)
        _line("roster import", options.rows, of_large["seconds"], f"peak {of_large['peak']:.0f} MB")
        again = import_once(large)
        _line(
            "roster import, the same file again",
            options.rows,
            again["seconds"],
            f"added {again['added']}, changed {again['changed']}",
        )

        empty_register()
        of_loop = loop(large, options.loop)
        whole_loop = of_loop * options.rows / options.loop
        _line(
            "get_or_create loop",
            options.loop,
            of_loop,
            f"for {options.rows:,} rows extrapolated to {whole_loop:,.0f} s",
        )
        empty_register()
        of_bulk = bulk(small)
        _line("bulk_create(ignore_conflicts)", options.sample, of_bulk)
        empty_register()

    times_loop, times_bulk = whole_loop / of_large["seconds"], of_bulk / of_small["seconds"]
    growth = of_large["peak"] / of_small["peak"]
    print(f"\n{times_loop:.0f} × the get_or_create loop (extrapolated; wanted {TIMES_LOOP})")
    print(f"{times_bulk:.1f} × bulk_create (both on {options.sample:,} rows; wanted {TIMES_BULK})")
    print(
        f"{growth:.2f} × the memory for {options.rows / options.sample:.0f} × the rows (wanted at most {MOST_GROWTH})"
    )
    wrote_nothing = again["added"] == again["changed"] == 0
    return (
        0
        if times_loop >= TIMES_LOOP and times_bulk >= TIMES_BULK and growth <= MOST_GROWTH and wrote_nothing
        else 1
    )


if __name__ == "__main__":
    _import_here(Path(sys.argv[sys.argv.index("--import") + 1]))
