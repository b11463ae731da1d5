"""States that tests begin in: each test finds the state as it was played, and its people."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from portal.workforce.models import Worker
from tests import states
from tests.cast import id_number, make_worker

played = []


def play(cast: Any) -> None:
    played.append(cast("clerk").pk)
    make_worker("乌云")


one_worker = states.state("one_worker", play, Worker.objects.get)


@pytest.mark.parametrize("time", [1, 2])
def test_what_a_test_does_there_is_undone_and_nothing_is_played_twice(one_worker, time) -> None:
    assert one_worker.name == "乌云" and len(played) == 1
    one_worker.delete()
    make_worker("王建国")


def test_who_acted_in_the_play_is_in_the_cast(one_worker, clerk) -> None:
    assert clerk.pk == played[0]


def test_other_tests_begin_with_nobody(db) -> None:
    assert not Worker.objects.exists()


def test_people_of_a_state_share_their_numbers_with_nobody(one_worker) -> None:
    assert one_worker.id_number not in {id_number() for _ in range(1100)}


@pytest.mark.django_db
def test_where_another_database_is_in_use_already_a_state_is_refused(request) -> None:
    with pytest.raises(AssertionError, match="without the mark django_db"):
        states.enter(_test_that_asks_for("one_worker", request), "")


def _test_that_asks_for(name: str, request: Any) -> Any:
    """Something like a test, as far as the choice of a state looks at it."""
    found = request._fixturemanager.getfixturedefs(name, request.node)
    return SimpleNamespace(_fixtureinfo=SimpleNamespace(name2fixturedefs={name: found}))
