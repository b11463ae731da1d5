"""The numbers of cases as people type them."""

from __future__ import annotations

import pytest

from portal.cases.numbers import number_as_issued


@pytest.mark.parametrize(
    "typed",
    [
        "TJ-2026-000123",
        "tj2026000123",
        " TJ 2026 000123 ",
        "ＴＪ－２０２６－０００１２３",
        "TJ—2026—000123",
        "TJ_2026–000123",
    ],
)
def test_a_number_is_understood_however_its_parts_are_divided(typed: str) -> None:
    assert number_as_issued(typed) == "TJ-2026-000123"


@pytest.mark.parametrize("typed", ["TJ-26-123", "王建国", "15062419850615001X", "", "2026-000123"])
def test_what_is_no_number_stays_as_it_is(typed: str) -> None:
    assert number_as_issued(typed) == typed
