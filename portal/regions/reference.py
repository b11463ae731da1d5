"""Loads the shipped facts: divisions and the official calendar. Running it again changes nothing that is
equal.
"""

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
    regions = [
        Region(
            code=row["code"],
            name=row["name"],
            tier=row["tier"],
            kind=row["kind"],
            parent_id=row["parent_code"] or None,
        )
        for row in rows
    ]
    Region.objects.bulk_create(
        regions,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "tier", "kind", "parent_id"],
    )
    windows = [ServiceWindow(region_id=row["code"]) for row in rows]
    ServiceWindow.objects.bulk_create(windows, ignore_conflicts=True)


def load_calendar() -> None:
    """Every year of the shipped calendar; a year the office has loaded itself is left as it is."""
    with (DATA / "calendar.csv").open(encoding="utf-8") as file:
        load_calendar_rows(csv.DictReader(file), replace=False)


# Days off by law in a year since 2025; it was 11 before (全国年节及纪念日放假办法).
_LEAST_DAYS_OFF = 11


def _check_year(year: int, days: list[CalendarDay]) -> None:
    """A year is replaced as a whole, so a file with a part of it would quietly make holidays into working
    days.
    """
    days_off = sum(not day.works for day in days)
    if days_off < _LEAST_DAYS_OFF:
        raise CalendarFileError(
            f"{year}年只有{days_off}个放假日，少于法定的{_LEAST_DAYS_OFF}天：文件须含全年的放假和调休安排。"
        )
    days_before: set[date] = set()
    for day in days:
        if day.on in days_before:
            raise CalendarFileError(f"{day.on}在文件中出现了两次。")
        days_before.add(day.on)
        if day.works and day.on.weekday() < 5:
            raise CalendarFileError(f"{day.on}是周一至周五，本来就上班，不应列为调休上班日。")


@transaction.atomic
def load_calendar_rows(rows: Iterable[dict[str, str]], *, replace: bool = True) -> list[int]:
    """Rows of `on,works,name,document`. A year is replaced as a whole, or left alone. Returns the years
    written.
    """
    days_by_year: dict[int, list[CalendarDay]] = {}
    documents: dict[int, str] = {}
    for line, row in enumerate(rows, start=2):
        day, document = _read_row(line, row)
        days_by_year.setdefault(day.on.year, []).append(day)
        # Of several documents of a year the first one names it.
        documents.setdefault(day.on.year, document)
    if not days_by_year:
        raise CalendarFileError("文件中没有任何日期。")
    years_written = []
    for year, days in sorted(days_by_year.items()):
        _check_year(year, days)
        if not replace and CalendarYear.objects.filter(year=year).exists():
            continue
        CalendarYear.objects.update_or_create(year=year, defaults={"document": documents[year]})
        CalendarDay.objects.filter(year_id=year).delete()
        CalendarDay.objects.bulk_create(days)
        years_written.append(year)
    return years_written


def _read_row(line: int, row: dict[str, str]) -> tuple[CalendarDay, str]:
    """The day of a row and the document it stands in; CalendarFileError with the line."""
    cells = {name: (row.get(name) or "").strip() for name in ("on", "works", "name", "document")}
    try:
        on = date.fromisoformat(cells["on"])
    except ValueError as error:
        raise CalendarFileError(
            f"第{line}行：日期“{row.get('on')}”不是有效日期，应写作 2026-01-01。"
        ) from error
    if cells["works"] not in {"0", "1"}:
        raise CalendarFileError(f"第{line}行：“是否上班”一栏只能填 0（休息）或 1（上班）。")
    if not cells["document"]:
        raise CalendarFileError(f"第{line}行：缺少来源文件文号。")
    if len(cells["document"]) > 120 or len(cells["name"]) > 40:
        raise CalendarFileError(f"第{line}行：说明不超过40字，来源文件不超过120字。")
    day = CalendarDay(on=on, year_id=on.year, works=cells["works"] == "1", name=cells["name"])
    return day, cells["document"]
