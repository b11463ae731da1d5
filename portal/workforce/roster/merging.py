"""Merges staged rows into the records, a few statements for the whole file. Runs inside one transaction of
the caller.

What it decides:
- A person is the ID number. Rows of one person must agree in everything but the certificate (several
  certificates: several rows); if they do not, all of them are refused, since nobody can tell which is right.
- An empty cell says nothing and never erases. A record that already says what the file says is not written.
- A row counts as its person fares: added, changed, proposed (nothing was written, and a change of what counts
  waits for another person) or unchanged.
The outcome does not depend on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from portal import locks
from portal.accounts.access import Scope
from portal.workforce.actions.locking import derive
from portal.workforce.models import Occupation
from portal.workforce.occupations import unlisted
from portal.workforce.roster import plausible, records, sameness
from portal.workforce.roster.statistics import SETTLE


class Disturbed(Exception):
    """Somebody registered one of these people during the merge. Begin the transaction again."""


@dataclass(frozen=True)
class Outcome:
    """What came of the rows. `verified` are people in the file with a verified recognition."""

    read: int
    added: int
    changed: int
    proposed: int
    unchanged: int
    refused: int
    held: int
    verified: tuple[int, ...] = ()
    # Occupations that stand in no line of the catalogue, with the rows that name them: a hint, no refusal.
    unlisted: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where the records come from, and when."""

    source: str
    by_id: int | None
    roster_import_id: int | None
    scope: Scope
    today: date

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "by": self.by_id,
            "import": self.roster_import_id,
            "today": self.today,
            "whole": self.scope.whole,
            "leagues": sorted(self.scope.leagues),
            "banners": sorted(self.scope.banners),
        }


# (what the page calls it, statements that refuse rows): in this order, so that a row is told the first thing
# to put right.
_REFUSING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("核对同一人的各行", sameness.WITHIN_THE_FILE),
    ("核对信息是否合理", plausible.REFUSE),
    ("核对用人单位", sameness.UNITS),
    ("核对用人单位", sameness.UNITS_BY_NAME),
    ("与已有档案比对", sameness.PEOPLE_ELSEWHERE),
    ("与已有档案比对", (sameness.HOLD, *sameness.PEOPLE)),
)
_WRITING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("写入用人单位", sameness.WRITE_UNITS),
    ("写入人员档案", records.NEW_WORKERS),
    ("写入就业信息", records.EMPLOYMENT),
    ("写入技能证书", records.CREDENTIALS),
    ("写入失业保险信息", records.INSURANCE),
    ("写入荣誉", records.HONOURS),
    ("更新人员档案", records.KNOWN_WORKERS),
)


# Rows of people who are added, changed, proposed, unchanged; rows refused; of those, held for their name.
_COUNTS = """
SELECT coalesce(sum(p.rows) FILTER (WHERE p.is_new), 0),
       coalesce(sum(p.rows) FILTER (WHERE NOT p.is_new AND t.worker_id IS NOT NULL), 0),
       coalesce(sum(p.rows) FILTER (WHERE NOT p.is_new AND t.worker_id IS NULL AND c.worker_id IS NOT NULL), 0),
       coalesce(sum(p.rows) FILTER (WHERE NOT p.is_new AND t.worker_id IS NULL AND c.worker_id IS NULL), 0),
       (SELECT count(DISTINCT line) FROM roster_refusal),
       (SELECT count(DISTINCT line) FROM roster_refusal WHERE held)
FROM roster_person p
LEFT JOIN (SELECT DISTINCT worker_id FROM roster_touched) t ON t.worker_id = p.worker_id
LEFT JOIN (SELECT DISTINCT worker_id FROM roster_proposed) c ON c.worker_id = p.worker_id
"""
_VERIFIED = """
SELECT DISTINCT p.worker_id
FROM roster_person p JOIN workforce_honour h ON h.worker_id = p.worker_id
WHERE NOT p.is_new AND h.state = 'verified'
ORDER BY 1
"""

_OCCUPATIONS = """
SELECT r.occupation, count(*)
FROM roster_row r JOIN roster_person p USING (digest)
WHERE r.occupation <> ''
GROUP BY r.occupation ORDER BY 2 DESC, 1
"""


def wait_for_turn() -> None:
    """Until no other import merges. Held to the end of the transaction."""
    locks.hold("roster.merge")


def merge(origin: Origin, *, read: int, on_step: Callable[[str], None] = lambda step: None) -> Outcome:
    """Write what is staged. Runs inside a transaction that has its turn; raises Disturbed when that must be
    begun again.
    """
    with connection.cursor() as cursor:
        # Sets of this size sort and hash in memory. Foreign keys are checked by each statement, not piled up
        # for the end.
        cursor.execute("SET LOCAL work_mem = '160MB'")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(SETTLE)
        on_step(_REFUSING[0][0])
        for statement in sameness.PREPARE:
            cursor.execute(statement, origin.parameters)
        for step, statements in _REFUSING:
            on_step(step)
            if statements is plausible.REFUSE:
                for statement in plausible.statements(origin.today):
                    cursor.execute(statement, origin.parameters)
            _refuse(cursor, statements, origin)
        for step, statements in (*_WRITING, ("记录异常信息", plausible.noting(origin.today))):
            on_step(step)
            for statement in statements:
                cursor.execute(statement, origin.parameters)
                if statement is records.INSERT_WORKERS:
                    _expect_all_inserted(cursor)
        _draw_merged(cursor)
        outcome = _outcome(cursor, read)
        # Whoever imports inside a larger transaction goes on as it was: what waits for the commit waits
        # again.
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        return outcome


def _refuse(cursor: Any, statements: tuple[str, ...], origin: Origin) -> None:
    """Refuse rows, and leave out whoever has one among them."""
    refused = 0
    for statement in statements:
        cursor.execute(statement, origin.parameters)
        refused += max(cursor.rowcount, 0)
    if refused:
        for statement in sameness.LEAVE_OUT:
            cursor.execute(statement, origin.parameters)


# Of whom the file says something, and who were merged with somebody or work in a unit that was.
_OF_MERGED = """
SELECT p.worker_id FROM roster_person p
WHERE p.worker_id IN (SELECT target_id FROM workforce_mergedperson)
   OR p.employer_id IN (SELECT source_id FROM workforce_mergedemployer)
UNION
SELECT t.worker_id FROM roster_touched t
JOIN workforce_employment e ON e.worker_id = t.worker_id AND e.ended_on IS NULL
JOIN workforce_mergedemployer m ON m.source_id = e.employer_id
"""


def _draw_merged(cursor: Any) -> None:
    """Draw what lists show of those who were merged from all their records."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM workforce_mergedperson) OR EXISTS (SELECT FROM workforce_mergedemployer)"
    )
    if cursor.fetchone()[0]:
        cursor.execute(_OF_MERGED)
        derive([row[0] for row in cursor.fetchall()])


def _expect_all_inserted(cursor: Any) -> None:
    inserted = cursor.rowcount
    cursor.execute("SELECT count(*) FROM roster_person WHERE is_new")
    if cursor.fetchone()[0] != inserted:
        raise Disturbed


def _outcome(cursor: Any, read: int) -> Outcome:
    cursor.execute(_COUNTS)
    added, changed, proposed, unchanged, refused, held = map(int, cursor.fetchone())
    if read != added + changed + proposed + unchanged + refused:
        raise AssertionError(
            f"of {read} rows: {added} added, {changed} changed, {proposed} proposed, {unchanged} not,"
            f" {refused} refused"
        )
    cursor.execute(_VERIFIED)
    verified = tuple(row[0] for row in cursor.fetchall())
    return Outcome(read, added, changed, proposed, unchanged, refused, held, verified, _unlisted(cursor))


def _unlisted(cursor: Any) -> tuple[tuple[str, int], ...]:
    if not Occupation.objects.exists():
        return ()
    cursor.execute(_OCCUPATIONS)
    named = dict(cursor.fetchall())
    missing = unlisted(named)
    return tuple((name, rows) for name, rows in named.items() if name in missing)
