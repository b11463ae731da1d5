"""The order of files: nobody waits for the last long one, and somebody computes while others wait."""

from __future__ import annotations

from pathlib import Path

from tests.order import COMPUTING, WAITING, in_order

ROOT = Path(__file__).resolve().parent.parent


def test_every_file_that_is_named_is_there() -> None:
    assert [name for name in (*WAITING, *COMPUTING) if not (ROOT / name).is_file()] == []


def test_every_file_comes_once_and_long_ones_begin_between_the_others() -> None:
    short = [f"tests/test_{n}.py" for n in range(300)]
    order = in_order([*(name for name in short for _ in range(20)), *WAITING])
    assert sorted(order) == sorted([*short, *WAITING])
    waits = [name in WAITING for name in order]
    # Two long ones at once, one beside them computes; none is left for the end.
    assert waits[:3] == [True, True, False]
    assert not any(waits[-50:])


def test_long_ones_alone_keep_their_order() -> None:
    assert in_order(["tests/stack/test_kept.py", "tests/stack/test_run.py"]) == [
        "tests/stack/test_run.py",
        "tests/stack/test_kept.py",
    ]


def test_what_computes_longest_is_not_left_for_the_end() -> None:
    short = [f"tests/test_{n}.py" for n in range(300)]
    assert in_order([*short, *COMPUTING])[: len(COMPUTING)] == list(COMPUTING)
