"""Whose facts may be others than at an earlier look: of whom something was written since, and whose facts a new
day brings or takes away (a certificate that was dated ahead, a fact attested until yesterday, the claims of a
new year).

What is kept beside the records (`fact_table`, a programme's own table) gathers these again and nobody else.
"""

# ruff: noqa: S608 - text is put together from the names of columns and tables, and days
from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from portal.workforce import coverage
from portal.workforce.models import EmployerPointer, MergedPerson, PersonPointer
from portal.workforce.record_kinds import ALL_KINDS

# Clocks of the servers that write `recorded_at` may differ by so much.
CLOCKS_DIFFER_BY = timedelta(seconds=30)
_MERGED = MergedPerson._meta.db_table
_OLDEST_TRANSACTION = """
SELECT least(now(), (SELECT min(xact_start) FROM pg_stat_activity
                     WHERE datname = current_database() AND pid <> pg_backend_pid()))
"""


def complete_until(cursor: Any) -> datetime:
    """The moment before which everything written can be seen here.

    A transaction still under way will commit rows dated before now: the next look has them again.
    """
    cursor.execute(_OLDEST_TRANSACTION)
    (moment,) = cursor.fetchone()
    return moment


def look_for(cursor: Any, table: str, *, before: date, on: date, since: datetime) -> int:
    """Put who may have changed since a look as of the day `before` into a temporary `table`; how many.

    `since` is until when that look was complete.
    """
    may_have_changed = f"{_written(since)} UNION {_turned(on, before)}"
    if MergedPerson.objects.exists():
        may_have_changed = _with_whom_they_stand_for(may_have_changed)
    # In the order of the tables their records are looked up in: pages are read once, and one after the other.
    cursor.execute(
        f"CREATE TEMPORARY TABLE {table} ON COMMIT DROP AS"
        f" SELECT worker_id FROM ({may_have_changed}) AS found(worker_id) ORDER BY worker_id"
    )
    count = int(cursor.rowcount)
    cursor.execute(f"ANALYZE {table}")
    return count


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
        coverage.stated_since(since),
        f"SELECT worker_id FROM workforce_arrival WHERE at >= {moment}",
    ]
    if PersonPointer.objects.exists() or EmployerPointer.objects.exists():
        queries += _merged_since(moment)
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
    queries = []
    for kind in ALL_KINDS:
        if turns := _turns(kind.counts_from, kind.counts_until, on, before):
            queries.append(f"SELECT worker_id FROM {kind.table} WHERE {turns}")
    queries.append(_in_places_of_lists(f"({_turns('s.since', 's.until', on, before)})"))
    queries.append(coverage.turned(on, before))
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


def _turns(since: str, until: str, on: date, before: date) -> str:
    """SQL condition: what counts from one column's day, until another's, began or ended after `before`, up to
    `on`. A column may be missing.
    """
    one_day = timedelta(days=1)
    turns = []
    if since:
        turns.append(f"{since} BETWEEN DATE '{before + one_day}' AND DATE '{on}'")
    if until:
        turns.append(f"{until} BETWEEN DATE '{before}' AND DATE '{on - one_day}'")
    return " OR ".join(turns)
