"""Public notices: their window in working days, further versions, longer ends, and what stands in the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import DatabaseError, connections, transaction

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.actions import NotNow
from portal.cases.models import NoticeExtension, NoticeVersion, PublicNotice
from portal.cases.notices import publishing
from tests.cases.conftest import COLUMNS, MONDAY, ROWS
from tests.cases.test_life_of_a_case import settled

NEXT_MONDAY, TUESDAY_AFTER = date(2026, 11, 23), date(2026, 11, 24)


def revised(notice, by, **changed):
    given = {
        "columns": COLUMNS,
        "rows": ROWS[:1],
        "digest": "b" * 64,
        "reason": "异议成立",
        "moved": ["李秀英：不再列入"],
        "on": MONDAY,
    }
    return publishing.revise_notice(notice.pk, by=by, **(given | changed))


def test_a_notice_opens_at_once_and_counts_whole_working_days(announce) -> None:
    first, second = announce(), announce()
    assert [first.number, second.number] == ["GS-2026-000001", "GS-2026-000002"]
    assert (first.opens_on, first.closes_on, first.closes_certain) == (MONDAY, NEXT_MONDAY, True)
    assert first.is_open(MONDAY) and first.is_open(NEXT_MONDAY) and not first.is_open(TUESDAY_AFTER)
    assert publishing.current_version(first).rows == ROWS
    assert Entry.objects.filter(action="notice.publish").count() == 2


def test_an_end_in_a_year_without_calendar_is_not_certain(announce) -> None:
    assert announce(on=date(2026, 12, 30)).closes_certain is False


@pytest.mark.parametrize("changed", [{"working_days": 0}, {"legal_basis": " "}])
def test_a_notice_needs_a_window_and_a_basis(announce, changed) -> None:
    with pytest.raises(NotNow):
        announce(**changed)


@pytest.mark.parametrize(
    "rows",
    [
        [{"key": "a", "cells": ["1"]}],
        [ROWS[0], ROWS[0]],
        [{"key": "", "cells": ["1", "2", "3"]}],
        [{"key": "a", "cells": ["1", "2", 3]}],
    ],
)
def test_rows_that_do_not_fit_their_columns_are_a_mistake_of_the_programme(announce, rows) -> None:
    with pytest.raises(ValueError, match="each row"):
        announce(rows=rows)


def test_a_programme_announces_only_what_it_has_registered(announce) -> None:
    with pytest.raises(LookupError):
        announce(kind="test.unknown")


def test_it_has_ended_the_day_after_the_last(announce) -> None:
    notice = announce()
    assert [publishing.ended(notice, day) for day in (NEXT_MONDAY, TUESDAY_AFTER)] == [False, True]
    assert "公示至2026年11月23日" in publishing.blockers(notice, NEXT_MONDAY)[0]
    assert publishing.blockers(notice, TUESDAY_AFTER) == []


def test_a_changed_list_is_a_further_version_with_its_reason(announce, regional_reviewer) -> None:
    notice = announce()
    version = revised(notice, regional_reviewer)
    assert (version.position, version.moved) == (2, ["李秀英：不再列入"])
    assert publishing.current_version(notice) == version and notice.versions.count() == 2
    with pytest.raises(NotNow, match="原因"):
        revised(notice, regional_reviewer, reason=" ")


def test_an_extension_counts_from_the_last_day_or_from_today_when_that_is_over(
    announce, registry_officer, supervisor
) -> None:
    notice = announce()
    first = publishing.extend_notice(
        notice.pk, working_days=2, reason="系统维护", by=registry_officer, on=MONDAY
    )
    assert (first.closed_on, first.closes_on) == (NEXT_MONDAY, date(2026, 11, 25))
    second = publishing.extend_notice(
        notice.pk, working_days=1, reason="新增人员", by=supervisor, on=date(2026, 11, 30)
    )
    assert second.closes_on == date(2026, 12, 1)
    third = publishing.extend_notice(
        notice.pk, until=date(2026, 12, 4), reason="补充公示", by=supervisor, on=date(2026, 12, 1)
    )
    notice.refresh_from_db()
    settled()
    assert notice.closes_on == third.closes_on == date(2026, 12, 4)


def test_an_extension_is_longer_has_a_reason_and_somebody_who_may(
    announce, registry_officer, clerk, regional_reviewer
) -> None:
    notice = announce()

    def extend(by=registry_officer, reason="核实", **end):
        return publishing.extend_notice(notice.pk, reason=reason, by=by, on=MONDAY, **end)

    for attempt in (
        {"until": NEXT_MONDAY},
        {"until": date(2026, 11, 1)},
        {"working_days": 0},
        {"working_days": 1, "reason": " "},
    ):
        with pytest.raises(NotNow):
            extend(**attempt)
    with pytest.raises(Refused):
        extend(by=clerk, working_days=1)
    for end in ({}, {"until": TUESDAY_AFTER, "working_days": 1}):
        with pytest.raises(ValueError, match="either"):
            extend(**end)
    assert extend(by=regional_reviewer, working_days=1).closes_on == TUESDAY_AFTER


def test_the_database_keeps_a_notice_as_published(announce, registry_officer) -> None:
    notice = announce()
    row = PublicNotice.objects.filter(pk=notice.pk)
    with pytest.raises(DatabaseError, match="is not changed"), transaction.atomic():
        row.update(title="别的")
    with pytest.raises(DatabaseError, match="no extension"), transaction.atomic():
        row.update(closes_on=MONDAY)
    with pytest.raises(DatabaseError, match="rows are kept"), transaction.atomic():
        row._raw_delete("default")
    with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
        NoticeVersion.objects.create(notice=notice, position=3, columns=COLUMNS, rows=ROWS, digest="")
    with pytest.raises(DatabaseError, match="does not end on"), transaction.atomic():
        NoticeExtension.objects.create(
            notice=notice, closed_on=MONDAY, closes_on=TUESDAY_AFTER, reason="核实"
        )
    with pytest.raises(DatabaseError, match="was not carried out"), transaction.atomic():
        NoticeExtension.objects.create(
            notice=notice, closed_on=NEXT_MONDAY, closes_on=TUESDAY_AFTER, reason="核实"
        )
        settled()
    for table in ("cases_noticeversion", "cases_noticeextension"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            from django.db import connection

            connection.cursor().execute(f"UPDATE {table} SET id = id")


def test_two_revisions_at_once_follow_one_another(committed, announce, cast) -> None:
    notice, officer = announce(), cast("regional_reviewer")

    def one(number: int) -> int:
        try:
            return revised(notice, officer, reason=f"第{number}次").position
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [2, 3, 4, 5]
