"""What was gathered of everybody, as rows to be compared."""

from __future__ import annotations

from typing import Any

from django.db import connection

from portal.policy.facts import FACTS


def verified_rows(*facts: str) -> list[tuple[Any, ...]]:
    """What is verified of everybody, in the order of the workers: their number and these facts, all by default."""
    columns = ", ".join(("worker_id", *(facts or FACTS)))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM workforce_knownfacts WHERE all_confirmed"
            f" UNION ALL SELECT {columns} FROM workforce_verifiedfacts ORDER BY worker_id"
        )
        return list(cursor.fetchall())
