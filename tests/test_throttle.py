"""How often something may be asked: a count for each address, kept where all processes see it."""

from __future__ import annotations

import pytest

from portal.throttle import Limit


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be moved by the test."""
    moment = [60_000_000.0]
    monkeypatch.setattr("portal.throttle.time.time", lambda: moment[0])
    return moment


def test_so_many_and_then_a_wait_until_the_window_ends(now: list[float]) -> None:
    limit = Limit("throttle-test", 3, seconds=60)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 60]
    assert limit.wait("b") == 0
    now[0] += 59
    assert limit.wait("a") == 1
    now[0] += 1
    assert limit.wait("a") == 0


@pytest.mark.parametrize("times", [100, 102])
def test_counting_ahead_never_lets_more_pass_whoever_is_asked(now: list[float], times: int) -> None:
    # given two processes that count five at once
    one, other = (Limit("throttle-ahead", times, seconds=60, step=5) for _ in range(2))
    # when they are asked in turns, one more often
    passed = [limit.wait("a") == 0 for _ in range(60) for limit in (one, one, other)]
    # then nothing passes beyond the limit, and next to nothing before it is refused
    assert times - 5 < sum(passed) <= times
    now[0] += 60
    assert one.wait("a") == 0


def test_one_process_alone_passes_exactly_the_limit(now: list[float]) -> None:
    limit = Limit("throttle-alone", 42, seconds=60, step=2)
    assert [limit.wait("a") == 0 for _ in range(50)] == [True] * 42 + [False] * 8


@pytest.mark.parametrize(("times", "steps"), [(10_000, [50, 50]), (120, [6] * 17), (20, [1] * 20)])
def test_a_step_is_at_most_a_twentieth_of_the_limit(
    now: list[float], monkeypatch: pytest.MonkeyPatch, times: int, steps: list[int]
) -> None:
    counted = []
    count_up = Limit._count_up

    def counting(limit: Limit, key: str, step: int) -> int:
        counted.append(step)
        return count_up(limit, key, step)

    monkeypatch.setattr(Limit, "_count_up", counting)
    limit = Limit("throttle-steps", times, seconds=60, step=50)
    assert [limit.wait("a") for _ in range(min(times, 100))] == [0] * min(times, 100)
    assert counted == steps


def test_what_was_counted_ahead_ends_with_its_window(now: list[float]) -> None:
    limit = Limit("throttle-window", 40, seconds=60, step=2)
    limit.wait("a")
    now[0] += 60
    assert [limit.wait("a") == 0 for _ in range(41)] == [True] * 40 + [False]


def test_an_address_or_number_never_stands_in_the_cache_itself(now: list[float]) -> None:
    from portal.throttle import server

    Limit("throttle-secret", 3).wait("15062419850615001X")
    assert not [key for key in server().scan_iter(match="*throttle-secret*") if b"1506" in key]
    assert list(server().scan_iter(match="*throttle-secret*"))
