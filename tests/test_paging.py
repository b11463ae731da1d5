"""Paging by key, over the regions: a table every database has."""

from __future__ import annotations

import pytest
from django.core.exceptions import BadRequest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.paging import BadCursor, Count, capped_count, count_of, page_of, page_within
from portal.regions.models import Region

pytestmark = pytest.mark.django_db


def everything(order, size=7, queryset=None):
    queryset = Region.objects.all() if queryset is None else queryset
    pages, cursor = [], ""
    while True:
        page = page_of(queryset, order=order, after=cursor, size=size)
        pages.append(page)
        if page.next_cursor is None:
            return pages
        cursor = page.next_cursor


@pytest.mark.parametrize(
    "order", [("code",), ("-code",), ("tier", "code"), ("-tier", "-code"), ("name", "code")]
)
def test_every_row_comes_once_and_in_order(order):
    found = [row.pk for page in everything(order) for row in page.rows]
    assert found == list(Region.objects.order_by(*order).values_list("pk", flat=True))


def test_going_back_shows_the_same_pages():
    pages = everything(("tier", "code"))
    last = pages[-1]
    backwards = [last]
    while backwards[-1].previous_cursor:
        backwards.append(
            page_of(
                Region.objects.all(), order=("tier", "code"), before=backwards[-1].previous_cursor, size=7
            )
        )
    backwards.reverse()
    assert [row.pk for page in backwards for row in page.rows] == [
        row.pk for page in pages for row in page.rows
    ]
    assert backwards[0].previous_cursor is None


def test_the_database_compares_rows_not_an_or():
    first = page_of(Region.objects.all(), order=("tier", "code"), size=5)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page_of(Region.objects.all(), order=("tier", "code"), after=first.next_cursor, size=5)
    sql = queries.captured_queries[0]["sql"]
    assert '("regions_region"."tier", "regions_region"."code") > (' in sql
    assert " OR " not in sql and "OFFSET" not in sql


def test_a_relation_may_be_a_key():
    banners = Region.objects.banners().select_related("parent")
    found = [row.pk for page in everything(("parent__name", "code"), queryset=banners) for row in page.rows]
    assert found == list(banners.order_by("parent__name", "code").values_list("pk", flat=True))


@pytest.mark.parametrize("cursor", ["x", "W10:abc", "../etc/passwd", "' OR 1=1 --", "\x00"])
def test_a_bad_cursor_is_refused_in_words(cursor):
    with pytest.raises(BadCursor, match="第一页"):
        page_of(Region.objects.all(), order=("code",), after=cursor)
    assert issubclass(BadCursor, BadRequest)


def test_a_cursor_of_another_list_is_refused():
    cursor = page_of(Region.objects.all(), order=("code",), size=3).next_cursor
    with pytest.raises(BadCursor):
        page_of(Region.objects.all(), order=("name", "code"), after=cursor)


def test_a_page_whose_rows_have_gone_gives_the_first():
    cursor = page_of(Region.objects.all(), order=("code",), size=100).next_cursor
    few = Region.objects.filter(code__lt="150200")
    page = page_of(few, order=("code",), after=cursor, size=100)
    assert page.shown == few.count() and page.previous_cursor is None


def test_keys_that_run_both_ways_are_an_error_of_ours():
    with pytest.raises(ValueError, match="same way"):
        page_of(Region.objects.all(), order=("-tier", "code"))


def test_counting_stops_at_the_limit():
    assert capped_count(Region.objects.all(), limit=10) == (10, True)
    assert capped_count(Region.objects.leagues(), limit=12) == (12, False)
    assert f"{count_of(Region.objects.all(), limit=10):,}" == "10+"


def test_a_page_counts_no_further_than_asked():
    assert page_of(Region.objects.leagues(), order=("code",), size=3, count=True).total == 12
    assert (
        str(page_of(Region.objects.leagues(), order=("code",), size=3, count=True, count_up_to=10).total)
        == "10+"
    )


def test_a_count_writes_itself():
    assert f"{Count(10_000, True):,}" == str(Count(10_000, True)) == "10,000+"
    assert f"{Count(42):,}" == "42"


# -- lists that are reckoned ---------------------------------------------------------------------------------
ROWS = [(False, -9, "a"), (False, -9, "b"), (False, 3, "a"), (True, -9, "c"), (True, 0, "d")]


def within(rows, **query):
    return page_within(rows, query, name="rows", key=lambda row: row, size=2)


def test_rows_at_hand_are_paged_forth_and_back():
    first = within(ROWS)
    second = within(ROWS, after=first.next_cursor)
    third = within(ROWS, after=second.next_cursor)
    assert (first.rows, second.rows, third.rows) == (ROWS[:2], ROWS[2:4], ROWS[4:])
    assert first.previous_cursor is None and third.next_cursor is None and first.total == 5
    assert within(ROWS, before=third.previous_cursor).rows == ROWS[2:4]
    assert within(ROWS, before=second.previous_cursor).rows == ROWS[:2]
    assert within(ROWS[1:], before=second.previous_cursor).rows == ROWS[1:2], "only what stands before it"


def test_rows_that_come_or_go_neither_repeat_nor_hide_others():
    first = within(ROWS)
    assert within([ROWS[0], *ROWS[2:]], after=first.next_cursor).rows == ROWS[2:4], (
        "the last of the page has gone"
    )
    assert within([(False, -10, "z"), *ROWS], after=first.next_cursor).rows == ROWS[2:4]
    assert within(ROWS[:2], after=first.next_cursor).rows == ROWS[:2], "all that followed have gone"
    assert within([]).rows == [] and within([]).next_cursor is None


@pytest.mark.parametrize("cursor", ["forged", "WzFd:x"])
def test_a_forged_place_among_rows_is_refused(cursor):
    with pytest.raises(BadCursor):
        within(ROWS, after=cursor)
    with pytest.raises(BadCursor):
        page_within(ROWS, {"after": within(ROWS).next_cursor}, name="other rows", key=lambda row: row)


@pytest.mark.parametrize("counted", [3, 7, 8, 40, 10_000])
def test_narrow_rows_are_counted_as_the_first_page_is_read(counted):
    rows = Region.objects.values("tier", "code")
    options = {"order": ("tier", "code"), "size": 7, "count": True, "count_up_to": counted}
    apart = page_of(rows, **options)

    with CaptureQueriesContext(connection) as queries:
        together = page_of(rows, **options, narrow=True)

    assert len(queries) == 1
    assert together == apart
    assert together.total.more == apart.total.more
    assert len(together.rows) == 7
    later = page_of(rows, **options, narrow=True, after=together.next_cursor)
    assert later == page_of(rows, **options, after=apart.next_cursor)
