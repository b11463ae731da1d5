"""Changes to the office's own data: service windows, the calendar of working days, the time limits of cases.

They stand here because regions and calendar know nothing of accounts. `by` None is who operates the server.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import WHOLE_REGION, NotNow, require
from portal.cases import deadlines
from portal.cases.models import ClockRule
from portal.cases.workflow import workflows
from portal.regions.models import CalendarYear, ServiceWindow
from portal.regions.reference import CalendarFileError, load_calendar_rows

WINDOW_FIELDS = ("name", "address", "hours", "phone", "materials", "handling_time")
SAMPLE_WORD = "示例"
CALENDAR_COLUMNS = {"日期": "on", "是否上班": "works", "说明": "name", "来源文件": "document"}
MOST_BYTES = 512 * 1024


def field_label(name: str) -> str:
    """What a field of a window is called."""
    field: Any = ServiceWindow._meta.get_field(name)
    return str(field.verbose_name)


@transaction.atomic
def save_window(
    region_code: str, values: Mapping[str, str], *, by: Any, seen_at: datetime | None = None
) -> tuple[ServiceWindow, list[str]]:
    """Write the data of a window; what is empty is shown as 待公布. It is no sample any more. Returns the
    fields changed.

    `seen_at` is the window's `updated_at` when the page was opened: a change by another meanwhile is not
    overwritten.
    """
    require(by, "window.edit", region_code)
    window = ServiceWindow.objects.select_for_update().select_related(None).get(pk=region_code)
    if seen_at is not None and seen_at != window.updated_at:
        raise NotNow("您填写期间，他人已更新该窗口的信息。请重新打开本页，核对后再保存。")
    texts = {name: values.get(name, "").strip() for name in WINDOW_FIELDS}
    still_sample = [field_label(name) for name, text in texts.items() if SAMPLE_WORD in text]
    if still_sample:
        raise NotNow(f"{'、'.join(still_sample)}仍含“示例”字样，请改为真实信息，或清空（显示为待公布）。")
    changed = [name for name, text in texts.items() if getattr(window, name) != text]
    for name, text in texts.items():
        setattr(window, name, text)
    was_sample = window.is_sample
    window.is_sample = False
    window.save()
    audit.record(
        "window.edit",
        by=by,
        obj=window,
        region=region_code,
        detail={"fields": changed, "was_sample": was_sample},
    )
    return window, changed


@dataclass(frozen=True)
class Loaded:
    """What a calendar file did: the years written, and how many open cases got another deadline."""

    years: list[int]
    deadlines_moved: int


def _read_csv(data: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8 or GB18030, with Chinese or English column names. Raises
    CalendarFileError.
    """
    if len(data) > MOST_BYTES:
        raise CalendarFileError("文件过大：一年的日历不超过500KB。")
    if data[:2] == b"PK" or b"\x00" in data:
        raise CalendarFileError("这不是 CSV 文件。如果是 Excel 表格，请另存为 CSV 格式后再上传。")
    try:
        lines = list(csv.reader(io.StringIO(_decoded(data), newline=""), strict=True))
    except csv.Error as error:
        raise CalendarFileError("文件不是有效的 CSV：引号不成对，或行内有换行。") from error
    if not lines:
        raise CalendarFileError("文件是空的。")
    header = [CALENDAR_COLUMNS.get(cell.strip(), cell.strip()) for cell in lines[0]]
    missing = [label for label, name in CALENDAR_COLUMNS.items() if name not in header]
    if missing:
        raise CalendarFileError(f"缺少列：{'、'.join(missing)}。第一行应为 {','.join(CALENDAR_COLUMNS)}。")
    # Empty lines stay as empty rows only at the end, so that the line numbers in messages are those of the
    # file.
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    return [_row_of(header, line) for line in lines[1:]]


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CalendarFileError("文件编码无法识别，请另存为 UTF-8 编码的 CSV。")


def _row_of(header: list[str], line: list[str]) -> dict[str, str]:
    """The cells of a line by their columns; a line that is too short has empty cells."""
    cells = [*line, *[""] * (len(header) - len(line))]
    return dict(zip(header, cells, strict=False))


@transaction.atomic
def load_calendar(data: bytes, *, by: Any) -> Loaded:
    """Load a file with one or several years, each as a whole, and set the deadlines of open cases by it.

    Raises CalendarFileError, which names the line and what is wrong with it; nothing is changed then.
    """
    if by is not None:
        require(by, "calendar.load", WHOLE_REGION)
    rows = _read_csv(data)
    first_year = _first_year(rows)
    # Counted while the old calendar still stands.
    remaining = deadlines.count_remaining_days(first_year) if first_year is not None else []
    years = load_calendar_rows(rows)
    moved = deadlines.set_deadlines(remaining)
    document = CalendarYear.objects.get(year=years[-1]).document
    audit.record(
        "calendar.load", by=by, detail={"years": years, "document": document, "deadlines_moved": moved}
    )
    return Loaded(years, moved)


def _first_year(rows: list[dict[str, str]]) -> int | None:
    """The first year of the file; None when it has none that the calendar could begin with."""
    year_texts = (row["on"][:4] for row in rows)
    first_year = min((int(text) for text in year_texts if text.isdigit()), default=0)
    return first_year if 1 < first_year < 9999 else None


@transaction.atomic
def save_clock_rule(kind: str, *, working_days: int, basis: str, by: Any) -> ClockRule:
    """How many working days a kind of case has, and on what basis. Holds for clocks started from now on."""
    require(by, "clock.edit", WHOLE_REGION)
    if kind not in {workflow.kind for workflow in workflows()}:
        raise NotNow("没有这类事项。")
    if not 1 <= working_days <= 365:
        raise NotNow("办理时限应为1至365个工作日。")
    if not basis.strip() or SAMPLE_WORD in basis:
        raise NotNow("请写明办理时限的依据（文件名称、文号和条款）。")
    before = ClockRule.objects.select_for_update().filter(pk=kind).first()
    rule, _ = ClockRule.objects.update_or_create(
        kind=kind, defaults={"working_days": working_days, "basis": basis.strip(), "is_sample": False}
    )
    audit.record(
        "clock.edit",
        by=by,
        obj=rule,
        detail={
            "kind": kind,
            "working_days": working_days,
            "before": before.working_days if before else None,
        },
    )
    return rule
