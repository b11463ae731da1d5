"""States that many tests begin in: each is played once by a process, in a database of its own, where every test
works in a transaction that is rolled back.

`announced = state("announced", play, find)` in a conftest makes a fixture. Its value is what `find()` reads; the
people who acted in the play are in the database, and `cast` finds them there.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest

from tests import databases

Play = Callable[[Callable[[str], Any]], Any]
_PLAYS: dict[str, Play] = {}
_begun: dict[str, Any] = {}


class _Stage(NamedTuple):
    database: str
    connection: Any  # the driver's; None after a test that closed it
    on: date


_stages: dict[str, _Stage] = {}


def state(name: str, play: Play, find: Callable[[], Any]) -> Any:
    """The fixture `name`: what `play(cast)` has brought about. It commits nothing beside the database: no
    files, no tasks.
    """
    assert name not in _PLAYS, f"two states are called {name}"
    _PLAYS[name] = play

    def begun(db: None) -> Any:
        return find()

    _begun[name] = begun
    return pytest.fixture(name=name)(begun)


def _state_of(item: Any) -> str:
    """The state among the fixtures of a test. By the fixture and not by its name: other folders may call
    something else so.
    """
    fixtures = item._fixtureinfo.name2fixturedefs
    names = [name for name in _PLAYS.keys() & fixtures.keys() if fixtures[name][-1].func is _begun[name]]
    assert len(names) <= 1, f"a test begins in one state, not in {', '.join(sorted(names))}"
    return names[0] if names else ""


def enter(item: Any, template: str) -> Callable[[], None]:
    """Has Django work where the state that a test asks for is played; what is returned leads back."""
    from django.db import connection

    name = _state_of(item)
    if not name:
        return lambda: None
    assert not connection.in_atomic_block, f"{name}: without the mark django_db, which begins elsewhere"
    before = (connection.settings_dict["NAME"], connection.connection)

    def leave() -> None:
        _stages[name] = stage._replace(connection=connection.connection)
        connection.settings_dict["NAME"], connection.connection = before

    stage = _played(name, template)
    connection.settings_dict["NAME"], connection.connection = stage.database, stage.connection
    return leave


def _played(name: str, template: str) -> _Stage:
    """Where the state stands; a play of yesterday is played again, its days would be others."""
    from django.db import connection, transaction
    from django.utils import timezone

    from tests.cast import company, keep_id_numbers

    today = timezone.localdate()
    if name in _stages and _stages[name].on != today:
        _strike(_stages.pop(name))
    if name not in _stages:
        database = f"jht_test_{os.getpid()}_{uuid.uuid4().hex[:6]}"
        databases.clone(template, database)
        connection.settings_dict["NAME"], connection.connection = database, None
        with keep_id_numbers(), transaction.atomic():
            _PLAYS[name](company())
            connection.run_on_commit = []
        _stages[name] = _Stage(database, connection.connection, today)
    return _stages[name]


def _strike(stage: _Stage) -> None:
    if stage.connection is not None:
        stage.connection.close()
    databases.drop(stage.database)


def strike_all() -> None:
    """At the end of the process."""
    while _stages:
        _strike(_stages.popitem()[1])
