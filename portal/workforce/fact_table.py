"""Keeps `KnownFacts`, the facts of everybody in one table, in step with the records they are drawn from.

Only who may have changed is gathered again: whose records were written since the last time, and whose facts a
new day brings or takes away (a certificate that was dated ahead, a fact attested until yesterday, the claims
of a new year). What comes of it is what gathering everybody would give; tests hold the two together.
"""

# ruff: noqa: S608 - text is put together from the names of columns and tables, and days
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from portal import locks
from portal.policy.facts import FACTS
from portal.workforce.facts import relation
from portal.workforce.models import KnownFacts, Refresh

# Clocks of the servers that write `recorded_at` may differ by so much.
CLOCKS_DIFFER_BY = timedelta(seconds=30)
_LOCK = "workforce.known"
_TABLE = KnownFacts._meta.db_table
_COLUMNS = tuple(FACTS)

# Tables of records about a worker: `recorded_at` says when a row was written down. What was changed or
# removed since stands in the history, whoever did it and however.
_RECORDS = (
    "workforce_employment",
    "workforce_skillcredential",
    "workforce_honour",
    "workforce_attestedfact",
    "workforce_unemploymentinsurance",
    "workforce_technicalschooling",
    "workforce_competitionresult",
    "workforce_benefitclaim",
)
# The days that matter for a fact: table -> column -> whether the fact ends after that day instead of
# beginning on it.
_DAYS = {
    "workforce_skillcredential": {"issued_on": False},
    "workforce_honour": {"conferred_on": False},
    "workforce_attestedfact": {"since": False, "until": True},
    "workforce_technicalschooling": {"graduated_on": False},
    "workforce_competitionresult": {"held_on": False},
    "workforce_benefitclaim": {"claimed_on": False},
}


@transaction.atomic
def refresh(on: date, *, whole: bool = False, clocks_differ_by: timedelta = CLOCKS_DIFFER_BY) -> Refresh:
    """Bring the table to what the records say as of `on`. One at a time; killed, it has not happened.

    Everybody is gathered when `whole`, for the first time, or for a day before the last one. Rows whose facts
    are others than before bear the number of this gathering afterwards.
    """
    locks.hold(_LOCK)
    with connection.cursor() as cursor:
        last = Refresh.objects.order_by("-id").first()
        # A transaction still under way will commit rows dated before now: next time they are looked at again.
        cursor.execute(
            "SELECT least(now(), (SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()))"
        )
        (seen_until,) = cursor.fetchone()
        cursor.execute("SET LOCAL work_mem = '256MB'")
        this = Refresh.objects.create(
            on=on, whole=whole or last is None or on < last.on, seen_until=seen_until, changed=0
        )
        if last is None or this.whole:
            this.changed = _all(cursor, this)
        else:
            this.changed = _changed(cursor, this, last.on, last.seen_until - clocks_differ_by)
    this.save(update_fields=["changed"])
    return this


@contextmanager
def standing_still() -> Iterator[Refresh | None]:
    """A transaction in which nothing is gathered: what several statements read belongs together. Yields the
    last gathering.
    """
    with transaction.atomic():
        locks.share(_LOCK)
        yield Refresh.objects.order_by("-id").first()


def _all(cursor: Any, this: Refresh) -> int:
    cursor.execute(f"DELETE FROM {_TABLE}")
    cursor.execute(_put(this, relation(this.on)))
    return int(cursor.rowcount)


def _changed(cursor: Any, this: Refresh, before: date, since: datetime) -> int:
    run = cursor.execute
    run(
        f"CREATE TEMPORARY TABLE facts_to_gather ON COMMIT DROP AS {_written(since)} UNION {_turned(this.on, before)}"
    )
    count = int(cursor.rowcount)
    run("ANALYZE facts_to_gather")
    fresh = ", ".join(f"{name} = excluded.{name}" for name in (*_COLUMNS, "changed_in"))
    differs = f"({', '.join(f'{_TABLE}.{name}' for name in _COLUMNS)}) IS DISTINCT FROM ({', '.join(f'excluded.{name}' for name in _COLUMNS)})"
    gathered = relation(this.on, within="SELECT worker_id FROM facts_to_gather")
    run(f"{_put(this, gathered)} ON CONFLICT (worker_id) DO UPDATE SET {fresh} WHERE {differs}")
    run("DROP TABLE facts_to_gather")
    return count


def _put(this: Refresh, gathered: str) -> str:
    columns = ", ".join(_COLUMNS)
    return f"INSERT INTO {_TABLE} (worker_id, {columns}, changed_in) SELECT worker_id, {columns}, {this.pk} FROM ({gathered}) AS facts"


def _written(since: datetime) -> str:
    """Of whom something was written since a moment, or taken away, or whose unit was."""
    moment = f"TIMESTAMPTZ '{since.isoformat()}'"
    found = [f"SELECT worker_id FROM {table} WHERE recorded_at >= {moment}" for table in _RECORDS]
    found += [f"SELECT worker_id FROM {table}event WHERE pgh_created_at >= {moment}" for table in _RECORDS]
    found += [
        f"SELECT id FROM workforce_worker WHERE created_at >= {moment}",
        f"SELECT w.id FROM workforce_workerevent e JOIN workforce_worker w ON w.id = e.pgh_obj_id WHERE e.pgh_created_at >= {moment}",
        "SELECT m.worker_id FROM workforce_employerevent e JOIN workforce_employment m ON m.employer_id = e.pgh_obj_id"
        f" WHERE e.pgh_created_at >= {moment}",
    ]
    return " UNION ".join(found)


def _turned(on: date, before: date) -> str:
    """Whose facts the days after `before`, up to `on`, bring or take away; nobody's on the same day."""
    if on == before:
        return "SELECT NULL::bigint WHERE false"
    found = []
    for table, days in _DAYS.items():
        for column, ends in days.items():
            first, last = (before, on - timedelta(days=1)) if ends else (before + timedelta(days=1), on)
            found.append(
                f"SELECT worker_id FROM {table} WHERE {column} BETWEEN DATE '{first.isoformat()}' AND DATE '{last.isoformat()}'"
            )
    if on.year != before.year:
        found.append(
            f"SELECT worker_id FROM workforce_honour WHERE year > {before.year} AND year <= {on.year}"
        )
        found.append(
            f"SELECT worker_id FROM workforce_benefitclaim WHERE claimed_on >= DATE '{before.year}-01-01'"
        )
    return " UNION ".join(found)
