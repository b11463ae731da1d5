"""Keeps `KnownFacts`, the facts of everybody in one table, in step with the records they are drawn from; and
`VerifiedFacts`, the same from what is confirmed, of those of whom some records are and others are not.

Only who may have changed is gathered again: whose records were written since the last time, and whose facts a
new day brings or takes away (a certificate that was dated ahead, a fact attested until yesterday, the claims
of a new year). What comes of it is what gathering everybody would give; tests hold the two together.
"""

# ruff: noqa: S608 - text is put together from the names of columns and tables, and days
from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.policy.facts import FACTS
from portal.workforce import changes, verified_facts
from portal.workforce.changes import CLOCKS_DIFFER_BY
from portal.workforce.facts import plain_relation, relation
from portal.workforce.models import KnownFacts, MergedPerson, Refresh

_LOCK = "workforce.known"
_TABLE = KnownFacts._meta.db_table
_MERGED = MergedPerson._meta.db_table
_COLUMNS = tuple(FACTS)
# Whose facts the last gathering of this transaction gathered anew; not there when it was everybody.
LOOKED_AT = "facts_looked_at"


@transaction.atomic
def refresh(on: date, *, whole: bool = False, clocks_differ_by: timedelta = CLOCKS_DIFFER_BY) -> Refresh:
    """Bring the table to what the records say as of `on`. One at a time; killed, it has not happened.

    Everybody is gathered when `whole`, for the first time, for a day before the last one, or when a release
    gathers other facts than the last. Rows whose facts
    are others than before bear the number of this gathering afterwards.
    """
    locks.hold(_LOCK)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {LOOKED_AT}")
        last = _last_gathering()
        seen_until = changes.complete_until(cursor)
        cursor.execute("SET LOCAL work_mem = '256MB'")
        kind = _kind_of_facts()
        everybody = whole or last is None or on < last.on or last.kind_of_facts != kind
        gathering = Refresh.objects.create(
            on=on, whole=everybody, seen_until=seen_until, changed=0, kind_of_facts=kind
        )
        if last is None or everybody:
            gathering.changed = _gather_everybody(cursor, gathering)
        else:
            since = last.seen_until - clocks_differ_by
            gathering.changed = _gather_changed(cursor, gathering, last.on, since)
    gathering.save(update_fields=["changed"])
    return gathering


@lru_cache(maxsize=1)
def _kind_of_facts() -> str:
    """Which facts are gathered, and how: the statement itself as a digest."""
    return hashlib.sha256(plain_relation(date.min).encode()).hexdigest()[:16]


@contextmanager
def standing_still() -> Iterator[Refresh | None]:
    """A transaction in which nothing is gathered: what several statements read belongs together. Yields the
    last gathering.
    """
    with transaction.atomic():
        locks.share(_LOCK)
        yield _last_gathering()


def _last_gathering() -> Refresh | None:
    return Refresh.objects.order_by("-id").first()


def _gather_everybody(cursor: Any, gathering: Refresh) -> int:
    """Empty the table and fill it anew; how many rows it has."""
    cursor.execute(f"DELETE FROM {_TABLE}")
    verified_facts.find_confirmed(cursor)
    gathered = _gathered(relation(gathering.on))
    cursor.execute(f"{_insert(gathering)} FROM ({gathered}) AS fresh")
    people = int(cursor.rowcount)
    verified_facts.gather_everybody(cursor, gathering.on)
    cursor.execute("DROP TABLE facts_confirmed")
    return people


def _gather_changed(cursor: Any, gathering: Refresh, before: date, since: datetime) -> int:
    """Gather those whose facts may be others than before; how many were looked at."""
    count = changes.look_for(cursor, "facts_to_gather", before=before, on=gathering.on, since=since)
    within = "SELECT worker_id FROM facts_to_gather"
    verified_facts.find_confirmed(cursor, within)
    gathered = _gathered(relation(gathering.on, within=within))
    cursor.execute(f"{_insert(gathering)} {_UNLESS_THE_SAME.format(gathered=gathered)}")
    if MergedPerson.objects.exists():
        cursor.execute(f"DELETE FROM {_TABLE} WHERE worker_id IN (SELECT source_id FROM {_MERGED})")
    verified_facts.gather_changed(cursor, gathering.on, gathering.pk)
    cursor.execute("DROP TABLE facts_confirmed")
    cursor.execute(f"ALTER TABLE facts_to_gather RENAME TO {LOOKED_AT}")
    return count


_KEPT = (*_COLUMNS, "all_confirmed")
_FRESH = ", ".join(f"{name} = excluded.{name}" for name in (*_KEPT, "changed_in"))
_STORED_FACTS = ", ".join(f"stored.{name}" for name in _KEPT)
_FRESH_FACTS = ", ".join(f"fresh.{name}" for name in _KEPT)
# Rows whose facts are the same keep the number of the gathering that changed them last. Told before the row is
# touched: a conflict would lock it, and write that down.
_UNLESS_THE_SAME = f"""
FROM ({{gathered}}) AS fresh LEFT JOIN {_TABLE} AS stored ON stored.worker_id = fresh.worker_id
WHERE stored.worker_id IS NULL OR ({_STORED_FACTS}) IS DISTINCT FROM ({_FRESH_FACTS})
ON CONFLICT (worker_id) DO UPDATE SET {_FRESH}
"""


def _gathered(facts: str) -> str:
    """Query of the facts, and whether all of them rest on what is confirmed; `facts_confirmed` tells."""
    return (
        "SELECT facts.*, confirmed.mixed IS FALSE AS all_confirmed"
        f" FROM ({facts}) AS facts LEFT JOIN facts_confirmed confirmed ON confirmed.worker_id = facts.worker_id"
    )


def _insert(gathering: Refresh) -> str:
    columns = ", ".join(("worker_id", *_KEPT))
    fresh = ", ".join(f"fresh.{name}" for name in ("worker_id", *_KEPT))
    return f"INSERT INTO {_TABLE} ({columns}, changed_in) SELECT {fresh}, {gathering.pk}"
