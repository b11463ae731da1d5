"""Keeps `KnownFacts`, the facts of everybody in one table, in step with the records they are drawn from; and
`VerifiedFacts`, the same from what is confirmed, of those of whom anything is.

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
from portal.workforce import verified_facts
from portal.workforce.facts import plain_relation, relation
from portal.workforce.models import KnownFacts, MergedPerson, Refresh
from portal.workforce.record_kinds import ALL_KINDS, RecordKind

# Clocks of the servers that write `recorded_at` may differ by so much.
CLOCKS_DIFFER_BY = timedelta(seconds=30)
_LOCK = "workforce.known"
_TABLE = KnownFacts._meta.db_table
_MERGED = MergedPerson._meta.db_table
_COLUMNS = tuple(FACTS)


@transaction.atomic
def refresh(on: date, *, whole: bool = False, clocks_differ_by: timedelta = CLOCKS_DIFFER_BY) -> Refresh:
    """Bring the table to what the records say as of `on`. One at a time; killed, it has not happened.

    Everybody is gathered when `whole`, for the first time, for a day before the last one, or when a release
    gathers other facts than the last. Rows whose facts
    are others than before bear the number of this gathering afterwards.
    """
    locks.hold(_LOCK)
    with connection.cursor() as cursor:
        last = _last_gathering()
        # A transaction still under way will commit rows dated before now: next time they are looked at again.
        cursor.execute(_OLDEST_TRANSACTION)
        (seen_until,) = cursor.fetchone()
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


_OLDEST_TRANSACTION = """
SELECT least(now(), (SELECT min(xact_start) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()))
"""


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
    cursor.execute(_insert(gathering, relation(gathering.on)))
    people = int(cursor.rowcount)
    verified_facts.gather_everybody(cursor, gathering.on)
    return people


def _gather_changed(cursor: Any, gathering: Refresh, before: date, since: datetime) -> int:
    """Gather those whose facts may be others than before; how many were looked at."""
    may_have_changed = f"{_written(since)} UNION {_turned(gathering.on, before)}"
    some_are_merged = MergedPerson.objects.exists()
    if some_are_merged:
        may_have_changed = _with_whom_they_stand_for(may_have_changed)
    cursor.execute(f"CREATE TEMPORARY TABLE facts_to_gather ON COMMIT DROP AS {may_have_changed}")
    count = int(cursor.rowcount)
    cursor.execute("ANALYZE facts_to_gather")
    gathered = relation(gathering.on, within="SELECT worker_id FROM facts_to_gather")
    cursor.execute(f"{_insert(gathering, gathered)} {_UNLESS_THE_SAME}")
    if some_are_merged:
        cursor.execute(f"DELETE FROM {_TABLE} WHERE worker_id IN (SELECT source_id FROM {_MERGED})")
    verified_facts.gather_changed(cursor, gathering.on, gathering.pk)
    cursor.execute("DROP TABLE facts_to_gather")
    return count


# Rows whose facts are the same keep the number of the gathering that changed them last.
_FRESH = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "changed_in"))
_STORED_FACTS = ", ".join(f"{_TABLE}.{name}" for name in _COLUMNS)
_FRESH_FACTS = ", ".join(f"excluded.{name}" for name in _COLUMNS)
_UNLESS_THE_SAME = f"""
ON CONFLICT (worker_id) DO UPDATE SET {_FRESH}
WHERE ({_STORED_FACTS}) IS DISTINCT FROM ({_FRESH_FACTS})
"""


def _insert(gathering: Refresh, gathered: str) -> str:
    columns = ", ".join(_COLUMNS)
    return f"""
INSERT INTO {_TABLE} (worker_id, {columns}, changed_in)
SELECT worker_id, {columns}, {gathering.pk} FROM ({gathered}) AS facts
"""


def _with_whom_they_stand_for(workers: str) -> str:
    """Also those into whose records these were merged."""
    return (
        f"SELECT id AS worker_id FROM ({workers}) AS written(id) WHERE id IS NOT NULL"
        f" UNION SELECT m.target_id FROM ({workers}) AS written(id) JOIN {_MERGED} m ON m.source_id = written.id"
        " WHERE m.target_id IS NOT NULL"
    )


def _written(since: datetime) -> str:
    """Of whom something was written since a moment, or taken away, or whose unit was."""
    moment = f"TIMESTAMPTZ '{since.isoformat()}'"
    queries = []
    for kind in ALL_KINDS:
        # `recorded_at` says when a row was written down. What was changed or removed since stands in the
        # history, whoever did it and however.
        queries.append(f"SELECT worker_id FROM {kind.table} WHERE recorded_at >= {moment}")
        queries.append(f"SELECT worker_id FROM {kind.table}event WHERE pgh_created_at >= {moment}")
    queries += [
        f"SELECT id FROM workforce_worker WHERE created_at >= {moment}",
        "SELECT w.id FROM workforce_workerevent e JOIN workforce_worker w ON w.id = e.pgh_obj_id"
        f" WHERE e.pgh_created_at >= {moment}",
        "SELECT m.worker_id FROM workforce_employerevent e"
        " JOIN workforce_employment m ON m.employer_id = e.pgh_obj_id"
        f" WHERE e.pgh_created_at >= {moment}",
        _in_places_of_lists(f"s.changed_at >= {moment}"),
        *_merged_since(moment),
    ]
    return " UNION ".join(queries)


def _merged_since(moment: str) -> list[str]:
    """Whose records, or whose unit's, were merged, voided or brought back; and those of merged units that were
    corrected.
    """
    decided = f"state = 'confirmed' AND decided_at >= {moment}"
    units = f"SELECT source_id FROM workforce_employerpointer WHERE {decided}"
    return [
        f"SELECT source_id FROM workforce_personpointer WHERE {decided}",
        f"SELECT target_id FROM workforce_personpointer WHERE {decided} AND target_id IS NOT NULL",
        # A pointer moves whoever stood behind it along.
        f"SELECT source_id FROM {_MERGED} WHERE EXISTS (SELECT FROM workforce_personpointer WHERE {decided})",
        f"SELECT target_id FROM {_MERGED} WHERE target_id IS NOT NULL"
        f" AND EXISTS (SELECT FROM workforce_personpointer WHERE {decided})",
        "SELECT worker_id FROM workforce_employment WHERE employer_id IN ("
        f"{units} UNION SELECT source_id FROM workforce_mergedemployer WHERE EXISTS ({units}))",
        "SELECT m.worker_id FROM workforce_employerevent e"
        " JOIN workforce_mergedemployer u ON u.target_id = e.pgh_obj_id"
        " JOIN workforce_employment m ON m.employer_id = u.source_id"
        f" WHERE e.pgh_created_at >= {moment}",
    ]


def _turned(on: date, before: date) -> str:
    """Whose facts the days after `before`, up to `on`, bring or take away; nobody's on the same day."""
    if on == before:
        return "SELECT NULL::bigint WHERE false"
    one_day = timedelta(days=1)
    queries = []
    for kind in ALL_KINDS:
        if kind.counts_from:
            queries.append(_dated_between(kind, kind.counts_from, before + one_day, on))
        if kind.counts_until:
            queries.append(_dated_between(kind, kind.counts_until, before, on - one_day))
    began = f"s.since BETWEEN DATE '{before + one_day}' AND DATE '{on}'"
    ended = f"s.until BETWEEN DATE '{before}' AND DATE '{on - one_day}'"
    queries.append(_in_places_of_lists(f"({began} OR {ended})"))
    if on.year != before.year:
        queries += [
            f"SELECT worker_id FROM workforce_honour WHERE year > {before.year} AND year <= {on.year}",
            f"SELECT worker_id FROM workforce_benefitclaim WHERE claimed_on >= DATE '{before.year}-01-01'",
        ]
    return " UNION ".join(queries)


def _in_places_of_lists(condition: str) -> str:
    """Everybody who works where a list of scarce occupations is that the condition on `s` holds of."""
    return (
        "SELECT id FROM workforce_worker WHERE work_region_id IN ("
        "SELECT r.code FROM regions_region r JOIN workforce_scarceoccupation s"
        " ON s.region_id IN (r.code, left(r.code, 4) || '00', left(r.code, 2) || '0000')"
        f" WHERE {condition})"
    )


def _dated_between(kind: RecordKind, column: str, first: date, last: date) -> str:
    days = f"DATE '{first.isoformat()}' AND DATE '{last.isoformat()}'"
    return f"SELECT worker_id FROM {kind.table} WHERE {column} BETWEEN {days}"
