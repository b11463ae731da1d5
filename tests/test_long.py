"""The list of tests that take long leaves something of every file."""

from __future__ import annotations

import re
from pathlib import Path

from portal.run.testing import LEFT_OUT_BY_QUICK
from tests.long import LEFT_OUT_ANYWAY, LONG, known, long_ones

ROOT = Path(__file__).resolve().parent.parent


def test_of_every_file_something_is_left() -> None:
    """A line whose test has gone harms nobody; it goes when the list is written anew."""
    by_file: dict[str, set[str]] = {}
    for name in known():
        file, _, function = name.partition("::")
        by_file.setdefault(file, set()).add(function)
    for file in filter(lambda file: (ROOT / file).is_file(), by_file):
        there = set(re.findall(r"^def (test_\w+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))
        assert there - by_file[file], f"{file}: write the list anew with ./jht test --note-long"


def test_long_is_what_takes_long_each_time_and_never_all_of_a_file() -> None:
    seconds = {
        "a.py::test_long": [2 * LONG],
        "a.py::test_many": [LONG / 2] * 50,
        "b.py::test_longer": [3 * LONG, 3 * LONG],
        "b.py::test_shortest": [2 * LONG],
    }
    assert long_ones(seconds) == ["a.py::test_long", "b.py::test_longer"]


def test_the_quick_run_leaves_them_out() -> None:
    assert {*LEFT_OUT_ANYWAY, "long"} == set(LEFT_OUT_BY_QUICK)
