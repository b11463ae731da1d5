"""Whether what is kept is what the transfers say."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Difference:
    """A balance (in fen) or a payable (in moves) that is not what the transfers tell."""

    what: str
    line: int
    place: str
    payable: int | None
    kept: int
    told: int


def differences() -> list[Difference]:
    """Every one of them; none in a sound ledger."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT what, line_id, place, payable_id, kept, told FROM funds_proof ORDER BY what, line_id, place, payable_id"
        )
        return [Difference(*row) for row in cursor.fetchall()]
