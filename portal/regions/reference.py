"""Loads the shipped facts: divisions and the official calendar. Running it again changes nothing that is equal."""
from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from django.db import transaction

from portal.regions.models import CalendarDay, CalendarYear, Region, ServiceWindow

DATA = Path(__file__).parent / "data"


class CalendarFileError(ValueError):
    """A calendar file that cannot be loaded; says the line and what is wrong with it."""


def load_divisions() -> None:
    with (DATA / "divisions.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    Region.objects.bulk_create(
        [Region(code=r["code"], name=r["name"], tier=r["tier"], kind=r["kind"], parent_id=r["parent_code"] or None) for r in rows],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "tier", "kind", "parent_id"],
    )
    ServiceWindow.objects.bulk_create([ServiceWindow(region_id=r["code"]) for r in rows], ignore_conflicts=True)


def load_calendar() -> None:
    """Every year of the shipped calendar; a year the office has loaded itself is left as it is."""
    with (DATA / "calendar.csv").open(encoding="utf-8") as file:
        load_calendar_rows(csv.DictReader(file), replace=False)


@transaction.atomic
def load_calendar_rows(rows: Iterable[dict[str, str]], *, replace: bool = True) -> list[int]:
    """Rows of `on,works,name,document`. A year is replaced as a whole, or left alone. Returns the years written."""
    years: dict[int, tuple[str, list[CalendarDay]]] = {}
    for line, row in enumerate(rows, start=2):
        try:
            on = date.fromisoformat((row.get("on") or "").strip())
        except ValueError as error:
            raise CalendarFileError(f"第{line}行：日期“{row.get('on')}”不是有效日期，应写作 2026-01-01。") from error
        if (row.get("works") or "").strip() not in {"0", "1"}:
            raise CalendarFileError(f"第{line}行：“works”一栏只能填 0（休息）或 1（上班）。")
        if not (row.get("document") or "").strip():
            raise CalendarFileError(f"第{line}行：缺少来源文件文号。")
        day = CalendarDay(on=on, year_id=on.year, works=row["works"].strip() == "1", name=(row.get("name") or "").strip())
        years.setdefault(on.year, (row["document"].strip(), []))[1].append(day)
    written = []
    for year, (document, days) in sorted(years.items()):
        if not replace and CalendarYear.objects.filter(year=year).exists():
            continue
        CalendarYear.objects.update_or_create(year=year, defaults={"document": document})
        CalendarDay.objects.filter(year_id=year).delete()
        CalendarDay.objects.bulk_create(days)
        written.append(year)
    return written
