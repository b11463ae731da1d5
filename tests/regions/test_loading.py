"""A calendar file from the office: by page, by command, and what it does to open cases."""

from __future__ import annotations

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases import actions
from portal.cases.actions import NewCase
from portal.cases.models import Case, ClockRule
from portal.regions.models import CalendarDay, CalendarYear
from portal.regions.reference import CalendarFileError
from portal.window.office.actions import load_calendar

pytestmark = pytest.mark.django_db
KIND = "registry.direct-inclusion"
HEADER = "日期,是否上班,说明,来源文件\n"


def csv_of(year: int, off: list[date] | None = None, worked: list[date] = ()) -> bytes:  # type: ignore[assignment]
    """A file of a year: by default New Year's Day to the 13th of January off."""
    document = f"国办发明电〔{year - 1}〕7号"
    days = [(day, 0, "放假") for day in off or [date(year, 1, n) for n in range(1, 14)]] + [
        (day, 1, "调休上班") for day in worked
    ]
    return (HEADER + "".join(f"{day},{works},{name},{document}\n" for day, works, name in days)).encode()


def opened(worker: Any, on: date, days: int = 10) -> Case:
    ClockRule.objects.update_or_create(kind=KIND, defaults={"working_days": days, "basis": "本机关承诺"})
    [case] = actions.open_cases(
        KIND, [NewCase(worker.work_region_id, worker.pk, "全国技术能手")], by=None, on=on
    )
    return case


def test_who_keeps_the_calendar_loads_a_year(policy_officer: Any) -> None:
    loaded = load_calendar(csv_of(2027), by=policy_officer)
    assert (loaded.years, loaded.deadlines_moved) == ([2027], 0)
    assert CalendarYear.objects.get(year=2027).document == "国办发明电〔2026〕7号"
    entry = Entry.objects.get(action="calendar.load")
    assert (entry.actor, entry.detail["years"]) == (policy_officer, [2027])


@pytest.mark.parametrize(
    "person", ["clerk", "reviewer", "supervisor", "registry_officer", "auditor", "security_admin"]
)
def test_nobody_else_does(cast: Any, person: str) -> None:
    with pytest.raises(Refused, match="维护工作日历"):
        load_calendar(csv_of(2027), by=cast(person))
    assert not CalendarYear.objects.filter(year=2027).exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_it_reads_what_spreadsheets_write(policy_officer: Any, encoding: str) -> None:
    text = csv_of(2027).decode().replace("\n", "\r\n") + ",,,\r\n\r\n"
    load_calendar(text.encode(encoding), by=policy_officer)
    assert CalendarDay.objects.filter(year_id=2027).count() == 13


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "文件是空的"),
        (b"PK\x03\x04rest", "另存为 CSV"),
        (b"\xff\xfe\xfd\xfc", "编码无法识别"),
        ("日期,说明\n".encode(), "缺少列：是否上班、来源文件"),
        (HEADER.encode(), "没有任何日期"),
        ((HEADER + '2027-01-01,0,"元旦,国办\n').encode(), "不是有效的 CSV"),
        ((HEADER + "2027/1/1,0,元旦,国办\n").encode(), "第2行：日期“2027/1/1”不是有效日期"),
        ((HEADER + "2027-01-01\n").encode(), "第2行：“是否上班”一栏"),
        (b"x" * 600_000, "文件过大"),
    ],
)
def test_a_wrong_file_changes_nothing(policy_officer: Any, data: bytes, says: str) -> None:
    before = list(CalendarYear.objects.values_list("year", flat=True))
    with pytest.raises(CalendarFileError, match=says):
        load_calendar(data, by=policy_officer)
    assert list(CalendarYear.objects.values_list("year", flat=True)) == before


def test_an_uncertain_deadline_becomes_certain_with_its_working_days_kept(
    worker: Any, policy_officer: Any
) -> None:
    case = opened(worker, date(2026, 12, 28))  # 29, 30, 31 December, then seven more in 2027
    assert (case.due_on, case.due_certain) == (date(2027, 1, 11), False)
    loaded = load_calendar(csv_of(2027, worked=[date(2027, 1, 16)]), by=policy_officer)
    case.refresh_from_db()
    # 14, 15, 16 (made up), 18, 19, 20, 21 January.
    assert (case.due_on, case.due_certain, loaded.deadlines_moved) == (date(2027, 1, 21), True, 1)


def test_a_clock_that_was_set_going_again_keeps_what_was_left(
    worker: Any, registry_officer: Any, clerk: Any
) -> None:
    case = opened(worker, date(2026, 12, 28))
    with actions.transition(
        case.pk, "return_for_correction", by=registry_officer, on=date(2026, 12, 29)
    ) as locked:
        actions.open_correction(locked, ["荣誉证书复印件"], by=registry_officer, on=date(2026, 12, 29))
    with actions.transition(case.pk, "resubmit", by=clerk, on=date(2027, 1, 18)) as locked:
        actions.resolve_correction(locked, by=clerk, on=date(2027, 1, 18))
    case.refresh_from_db()
    assert case.due_on == date(2027, 1, 29)  # nine left on the 29th
    load_calendar(
        csv_of(2027, off=[date(2027, 1, n) for n in (1, 2, 3, 20, 21, 22, 25, 26, 27, 28, 29)]), by=None
    )
    case.refresh_from_db()
    # 19 January, then 1 to 5, 8, 9 and 10 February.
    assert (case.due_on, case.due_certain) == (date(2027, 2, 10), True)


def test_deadlines_before_the_loaded_year_and_closed_cases_stay(worker: Any) -> None:
    early = opened(worker, date(2026, 11, 16), days=5)
    load_calendar(csv_of(2027), by=None)
    early.refresh_from_db()
    assert (early.due_on, early.due_certain) == (date(2026, 11, 23), True)


def test_the_command_loads_a_file(tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_bytes(csv_of(2027))
    out = StringIO()
    call_command("load_calendar", file, stdout=out)
    assert "Loaded 2027; 0 open cases" in out.getvalue()
    assert Entry.objects.get(action="calendar.load").actor is None


def test_the_command_names_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_calendar", tmp_path / "none.csv")
    (tmp_path / "bad.csv").write_bytes((HEADER + "2027-01-01,9,元旦,国办\n").encode())
    with pytest.raises(CommandError, match="第2行"):
        call_command("load_calendar", tmp_path / "bad.csv")
