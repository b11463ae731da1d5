"""Keeps `SelectionFacts`, what the selection reads of everybody, in step with the records.

Only who may have changed is gathered again (portal.workforce.changes). What comes of it is what gathering
everybody would give; tests hold the two together.
"""

# ruff: noqa: S608 - text is put together from names of columns, days and checked codes
from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.workforce import changes
from portal.workforce.models import MergedPerson
from talent_registry.models import SelectionFacts, SelectionGathering
from talent_registry.selection.register import GATHERED, Codes, gathered_now, gathered_sql

_TABLE = SelectionFacts._meta.db_table
_COLUMNS = ", ".join(GATHERED)
_KEPT = GATHERED[1:]
_FRESH = ", ".join(f"{name} = excluded.{name}" for name in _KEPT)
_STORED_FACTS = ", ".join(f"{_TABLE}.{name}" for name in _KEPT)
_FRESH_FACTS = ", ".join(f"excluded.{name}" for name in _KEPT)
_UNLESS_THE_SAME = f"""
ON CONFLICT (worker_id) DO UPDATE SET {_FRESH}
WHERE ({_STORED_FACTS}) IS DISTINCT FROM ({_FRESH_FACTS})
"""


@transaction.atomic
def gather(on: date, codes: Codes) -> SelectionGathering:
    """Bring the table to what is verified of everybody as of `on`. One at a time; killed, it has not happened.

    Everybody is gathered the first time, for a day before the last one, and when the bits stand for other
    codes than at the last time.
    """
    locks.hold("selection facts")
    with connection.cursor() as cursor:
        last = SelectionGathering.objects.order_by("-id").first()
        seen_until = changes.complete_until(cursor)
        kind = _kind_of_facts(codes)
        whole = last is None or on < last.on or last.kind_of_facts != kind
        if last is None or whole:
            looked_at = _gather_everybody(cursor, on, codes)
        else:
            looked_at = _gather_changed(cursor, on, codes, last)
    return SelectionGathering.objects.create(
        on=on, whole=whole, seen_until=seen_until, looked_at=looked_at, kind_of_facts=kind
    )


def _kind_of_facts(codes: Codes) -> str:
    """What is gathered, and how: the statement itself as a digest, the codes in it."""
    return hashlib.sha256(gathered_sql(date.min, codes).encode()).hexdigest()[:16]


def _gather_everybody(cursor: Any, on: date, codes: Codes) -> int:
    cursor.execute(f"DELETE FROM {_TABLE}")
    cursor.execute(f"INSERT INTO {_TABLE} ({_COLUMNS}) {gathered_now(on, codes)}")
    return int(cursor.rowcount)


def _gather_changed(cursor: Any, on: date, codes: Codes, last: SelectionGathering) -> int:
    since = last.seen_until - changes.CLOCKS_DIFFER_BY
    count = changes.look_for(cursor, "selection_to_gather", before=last.on, on=on, since=since)
    gathered = gathered_now(on, codes, within="SELECT worker_id FROM selection_to_gather")
    cursor.execute(f"INSERT INTO {_TABLE} ({_COLUMNS}) {gathered} {_UNLESS_THE_SAME}")
    cursor.execute(
        f"DELETE FROM {_TABLE} WHERE worker_id IN (SELECT source_id FROM {MergedPerson._meta.db_table})"
    )
    cursor.execute("DROP TABLE selection_to_gather")
    return count
