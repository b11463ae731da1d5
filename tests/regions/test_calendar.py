"""Working days by the official calendar, and deadlines that know when they are not certain."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from portal.regions.calendar import Deadline, OfficeCalendar, add_working_days, working_days_between
from portal.regions.models import CalendarDay, CalendarYear
from portal.regions.reference import CalendarFileError, load_calendar, load_calendar_rows

pytestmark = pytest.mark.django_db


def rows(year: int, *, without: int = 0) -> list[dict[str, str]]:
    """Thirteen days off in October and one Saturday worked for them."""
    off = [date(year, 10, day) for day in range(1, 14)][without:]
    saturday = next(date(year, 9, day) for day in range(20, 28) if date(year, 9, day).weekday() == 5)
    days = [(day, "0", "国庆节") for day in off] + [(saturday, "1", "调休上班")]
    return [
        {"on": str(day), "works": works, "name": name, "document": f"国办发明电〔{year - 1}〕9号"}
        for day, works, name in days
    ]


def test_the_day_itself_does_not_count() -> None:
    monday = date(2026, 3, 2)
    assert add_working_days(monday, 1) == Deadline(date(2026, 3, 3), certain=True)
    assert add_working_days(monday, 0) == Deadline(monday, certain=True)


def test_weekends_do_not_count() -> None:
    friday = date(2026, 3, 6)
    assert add_working_days(friday, 1).on == date(2026, 3, 9)


def test_holidays_do_not_count_and_make_up_days_do() -> None:
    exceptions = dict(CalendarDay.objects.filter(year_id=2026).values_list("on", "works"))
    made_up = next(day for day, works in exceptions.items() if works)
    holiday = next(day for day, works in exceptions.items() if not works and day.weekday() < 5)
    before_made_up, before_holiday = (
        date.fromordinal(made_up.toordinal() - 1),
        date.fromordinal(holiday.toordinal() - 1),
    )
    assert add_working_days(before_made_up, 1).on == made_up
    assert add_working_days(before_holiday, 1).on > holiday


def test_the_spring_festival_of_2026_is_left_out() -> None:
    """国办发明电: 15 to 23 February off, 14 and 28 February worked."""
    assert add_working_days(date(2026, 2, 13), 1).on == date(2026, 2, 14)
    assert add_working_days(date(2026, 2, 14), 1).on == date(2026, 2, 24)
    assert add_working_days(date(2026, 2, 27), 1).on == date(2026, 2, 28)


def test_a_year_that_is_not_loaded_makes_the_deadline_uncertain() -> None:
    last = CalendarYear.objects.order_by("-year").first().year
    assert add_working_days(date(last, 12, 1), 5).certain is True
    over_new_year = add_working_days(date(last, 12, 25), 20)
    assert over_new_year.certain is False and over_new_year.on.year == last + 1


def test_a_deadline_that_ends_before_the_unloaded_year_is_certain() -> None:
    last = CalendarYear.objects.order_by("-year").first().year
    assert add_working_days(date(last, 12, 24), 2).certain is True


def test_a_gap_between_loaded_years_is_seen() -> None:
    CalendarYear.objects.filter(year=2025).delete()
    assert add_working_days(date(2024, 12, 30), 10).certain is False
    assert add_working_days(date(2026, 3, 2), 10).certain is True


def test_a_period_is_not_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2026, 3, 2), -1)


@pytest.mark.parametrize("days", [1, 5, 22, 60])
def test_counting_back_gives_the_days_again(days: int) -> None:
    start = date(2026, 1, 15)
    end = add_working_days(start, days).on
    assert working_days_between(start, end) == days
    assert working_days_between(end, start) == -days


def test_loading_replaces_a_year_as_a_whole() -> None:
    load_calendar_rows(rows(2031))
    assert CalendarDay.objects.filter(year_id=2031).count() == 14
    load_calendar_rows(rows(2031, without=2))
    assert CalendarDay.objects.filter(year_id=2031).count() == 12
    assert CalendarYear.objects.get(year=2031).document == "国办发明电〔2030〕9号"


def test_the_shipped_calendar_leaves_a_year_of_the_office_alone() -> None:
    load_calendar_rows(rows(2026))
    load_calendar()
    assert CalendarDay.objects.filter(year_id=2026).count() == 14


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"on": "2031-13-01"}, "第2行：日期“2031-13-01”不是有效日期"),
        ({"on": ""}, "第2行：日期“”不是有效日期"),
        ({"works": "休"}, "第2行：“是否上班”一栏只能填 0（休息）或 1（上班）"),
        ({"document": " "}, "第2行：缺少来源文件文号"),
        ({"name": "节" * 41}, "第2行：说明不超过40字"),
        ({"on": "2031-10-02"}, "2031-10-02在文件中出现了两次"),
        ({"works": "1"}, "2031-10-01是周一至周五"),
    ],
)
def test_a_wrong_line_is_named(change: dict[str, str], says: str) -> None:
    given = rows(2031)
    given[0] |= change
    with pytest.raises(CalendarFileError, match=says):
        load_calendar_rows(given)
    assert not CalendarYear.objects.filter(year=2031).exists()


def test_part_of_a_year_is_refused() -> None:
    with pytest.raises(CalendarFileError, match="只有10个放假日，少于法定的11天"):
        load_calendar_rows(rows(2031, without=3))


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(CalendarFileError, match="没有任何日期"):
        load_calendar_rows([])


def test_the_calendar_read_once_counts_as_the_database_does(django_assert_num_queries) -> None:
    first = date(2026, 9, 20)
    days = [first + timedelta(days=n) for n in range(0, 30, 3)]
    wanted = [working_days_between(start, end) for start in days for end in days]
    with django_assert_num_queries(1):
        calendar = OfficeCalendar()
        assert [calendar.working_days_between(start, end) for start in days for end in days] == wanted
