"""How dates, money, names and spans of time are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal import formats as words
from portal.templatetags.portal import mask_id


def test_dates_in_prose_and_in_tables() -> None:
    assert words.date_cn(date(2026, 11, 2)) == "2026年11月2日"
    assert words.date_iso(date(2026, 11, 2)) == "2026-11-02"
    assert words.date_cn(None) == words.date_iso(None) == words.time_iso(None) == ""


def test_moments_are_told_in_the_time_of_the_region() -> None:
    evening = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
    assert words.date_cn(evening) == "2026年11月22日"
    assert words.time_iso(evening) == "2026-11-22 00:30"


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (5_000_000, "5,000,000元"),
        ("1234.5", "1,234.50元"),
        (Decimal("2000.00"), "2,000元"),
        (None, ""),
        ("", ""),
        (0, "0元"),
    ],
)
def test_money(amount: object, written: str) -> None:
    assert words.yuan(amount) == written  # type: ignore[arg-type]


def test_what_is_no_amount_is_an_error() -> None:
    with pytest.raises(ValueError, match="not an amount"):
        words.yuan("很多")


@pytest.mark.parametrize(
    ("name", "masked"),
    [("王明", "王*"), ("王建国", "王*国"), ("阿拉坦其其格", "阿****格"), ("王", "王"), (" ", ""), (None, "")],
)
def test_names_are_masked(name: str | None, masked: str) -> None:
    assert words.mask_name(name) == masked


def test_the_date_of_birth_in_an_id_number_is_never_shown() -> None:
    assert mask_id("15062419850615001X") == "150624********001X"
    assert mask_id("G1234567") == "********"
    assert mask_id(None) == ""


@pytest.mark.parametrize(
    ("seconds", "written"), [(42.9, "42秒"), (187, "3分07秒"), (3900, "1小时05分"), (None, "")]
)
def test_spans_of_time(seconds: float | None, written: str) -> None:
    assert words.elapsed(seconds) == written


@pytest.mark.parametrize(
    ("size", "written"),
    [(812, "812 字节"), (24_576, "24 KB"), (3_250_000, "3.1 MB"), (209_715_200, "200 MB")],
)
def test_sizes(size: int, written: str) -> None:
    assert words.size_cn(size) == written
