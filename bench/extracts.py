"""Extracts of registers: looked at, taken in, and the same rows again, on a register of as many people.

    ./jht bench extracts [-- --rows 650000]

Everybody is in the register, with what a roster said of their insurance; the extract of the insurance agency changes and
confirms the record of each, that of earlier claims writes one for each. Then the same rows in another file, which change
nothing.
"""

from __future__ import annotations

import argparse
import csv
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.roster import import_once, write_roster

MOST_SECONDS, MOST_AGAIN = 90, 45


def main(arguments: list[str]) -> int:
    """Print the seconds of each step; 0 when both kinds were taken in and repeated in time."""
    parser = argparse.ArgumentParser(prog="extracts")
    parser.add_argument("--rows", type=int, default=650_000, help="people, and rows of each extract")
    rows = parser.parse_args(arguments).rows
    with tempfile.TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.csv"
        write_roster(roster, rows)
        people = import_once(roster)
        print(f"{people['added']:,} people in the register", flush=True)
        numbers = _numbers(roster)
    by, reached = _officer(), True
    for kind, said in (("insurance", _insured), ("claims", _paid)):
        first = _take_in(kind, said(numbers), by)
        again = _take_in(kind, said(numbers[::-1]), by)
        wrote_nothing = again["added"] == again["changed"] == 0
        reached &= first["seconds"] <= MOST_SECONDS and again["seconds"] <= MOST_AGAIN and wrote_nothing
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"wanted at most {MOST_SECONDS} s, again {MOST_AGAIN} s; peak {peak:.0f} MB")
    return 0 if reached else 1


def _numbers(roster: Path) -> list[str]:
    with roster.open(encoding="utf-8-sig", newline="") as file:
        return [row["证件号码"] for row in csv.DictReader(file)]


def _officer() -> Any:
    from portal.accounts.models import RoleAssignment, User
    from portal.accounts.roles import Role

    user = User.objects.create_user("bench.extracts", None, display_name="测试人员")
    RoleAssignment.objects.create(user=user, role=Role.REGIONAL_REVIEWER, region_id="150000")
    return user


def _insured(numbers: list[str]) -> Iterator[list[str]]:
    for number in numbers:
        yield [number, str(int(number[6:10]) % 300), "否" if int(number[10:17]) % 17 == 0 else "是", "否"]


def _paid(numbers: list[str]) -> Iterator[list[str]]:
    for number in numbers:
        drawn = int(number[10:17])
        day = date(2018, 1, 1) + timedelta(days=drawn % 2_900)
        level = ("初级工", "中级工", "高级工")[drawn % 3]
        yield [number, "技能提升补贴", "焊工", level, f"S{number[6:17]}", day.isoformat(), "1500"]


def _take_in(kind: str, rows: Iterator[list[str]], by: Any) -> dict[str, Any]:
    """Looked at, confirmed and written; the seconds of writing, reading the file included, and the counts."""
    from django.core.files.uploadedfile import TemporaryUploadedFile
    from django.utils import timezone

    from portal.jobs import runner
    from portal.workforce.extracts import actions
    from portal.workforce.extracts.kinds import KINDS
    from portal.workforce.models import RegisterExtract

    runner.run_job.delay = lambda job_id: None
    today = timezone.localdate()
    upload = TemporaryUploadedFile(f"{kind}.csv", "text/csv", 0, None)
    with Path(upload.temporary_file_path()).open("w", encoding="utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow([column.label for column in KINDS[kind].form.columns if not column.optional])
        writer.writerows(rows)
    fund = "unemployment_insurance_fund" if KINDS[kind].of_fund else ""
    stated = actions.Stated(kind, "合成登记库", today, "150000", date(2017, 1, 1), today, fund)
    extract = actions.give_in(upload, stated, by=by, on=today)
    looked = _seconds(extract)
    taken = _seconds(actions.confirm(extract.pk, by=by))
    extract = RegisterExtract.objects.get(pk=extract.pk)
    print(
        f"{kind:<12} {extract.rows_read:>8,} rows   looked at {looked:>6.1f} s   taken in {taken:>6.1f} s   "
        f"new {extract.added:,}, changed {extract.changed:,}, same {extract.unchanged:,}, refused {extract.refused:,}",
        flush=True,
    )
    return {"seconds": taken, "added": extract.added, "changed": extract.changed}


def _seconds(extract: Any) -> float:
    from portal.jobs.runner import run_job

    began = time.perf_counter()
    run_job(extract.job_id)
    return time.perf_counter() - began
