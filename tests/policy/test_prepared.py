"""Statements that a session keeps, planned once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from portal.policy import prepared

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("SELECT 7 %% 4, '100%%'", (), [(3, "100%")]),
        ("SELECT %s::int + %s::int", (1, 2), [(3,)]),
        ("SELECT n FROM unnest(%s::int[]) AS n WHERE n > %s", ([1, 2, 3], 1), [(2,), (3,)]),
        ("SELECT %s::date, %s::numeric, %s::text", (date(2026, 9, 1), Decimal("0.5"), None), None),
        ("SELECT 1 WHERE %s::text LIKE '王%%'", ("李静",), []),
    ],
)
def test_it_says_what_the_driver_says(text: str, given: tuple[Any, ...], expected: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, given or None if "%s" in text else [])
        by_the_driver = cursor.fetchall()
    for _ in range(2):
        assert prepared.rows(connection, text, given) == by_the_driver
    assert expected is None or by_the_driver == expected


def test_a_session_opened_anew_keeps_its_own() -> None:
    """Given a statement of a session that ended, when it is asked again, then the new session plans it."""
    text = "SELECT %s::int * 2"
    assert prepared.rows(connection, text, (2,)) == [(4,)]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    prepared._names.clear()
    assert prepared.rows(connection, text, (3,)) == [(6,)]
