"""The rows of a list beside what is recorded of the people: whose they are, by which certificate, and what was claimed
before each. Temporary tables, with digests instead of numbers and without names; they end with the trial.
"""

# ruff: noqa: S608 - text is put together from the names of tables and columns
from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from portal.accounts.access import Scope
from portal.workforce.facts import folded_occupation, record_counts
from subsidies.trials.paid_list import Paid

_MADE = ("trial_row", "trial_person", "trial_record", "trial_history", "trial_case")
_ROWS = f"""
CREATE TEMPORARY TABLE trial_row (
    line int, digest bytea, kind text, occupation text, level smallint, certificate text, issued_on date,
    claimed_on date, folded text GENERATED ALWAYS AS ({folded_occupation("occupation")}) STORED
)
"""
_INTO = "trial_row (line, digest, kind, occupation, level, certificate, issued_on, claimed_on)"
# Who stands for the person, if anybody does, and whether they are in the places asked about.
_PEOPLE = """
CREATE TEMPORARY TABLE trial_person AS
SELECT r.line, s.id AS worker_id, s.work_region_id AS place,
       s.id IS NOT NULL AND (%(whole)s OR s.league_code = ANY (%(leagues)s) OR s.work_region_id = ANY (%(banners)s))
           AS within
FROM trial_row r
LEFT JOIN workforce_worker w ON w.id_digest = r.digest
LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
LEFT JOIN workforce_worker s ON s.id = CASE WHEN m.source_id IS NULL THEN w.id ELSE m.target_id END
"""
_RECORDS = """
CREATE TEMPORARY TABLE trial_record AS
WITH person AS (SELECT DISTINCT worker_id FROM trial_person WHERE within)
SELECT worker_id AS person, worker_id AS record FROM person
UNION SELECT m.target_id, m.source_id FROM workforce_mergedperson m JOIN person ON person.worker_id = m.target_id
"""
# What each payment comes after: what is recorded, without the payments of the list, and these. Of somebody whose records
# were merged the same level of the same occupation counts once (portal.workforce.merged_tables).
_HISTORY = f"""
CREATE TEMPORARY TABLE trial_history AS
SELECT worker_id, kind, occupation, folded, level, certificate, claimed_on, 0 AS line
FROM (
    SELECT DISTINCT ON (t.person, CASE WHEN several.person IS NULL THEN c.id ELSE 0 END, c.kind, f.folded, c.level)
           t.person AS worker_id, c.kind, c.occupation, f.folded, c.level, c.certificate_number AS certificate,
           c.claimed_on
    FROM workforce_benefitclaim c JOIN trial_record t ON t.record = c.worker_id
    CROSS JOIN LATERAL (SELECT {folded_occupation("c.occupation")} AS folded) f
    LEFT JOIN (SELECT person FROM trial_record GROUP BY person HAVING count(*) > 1) several USING (person)
    ORDER BY t.person, CASE WHEN several.person IS NULL THEN c.id ELSE 0 END, c.kind, f.folded, c.level,
             c.claimed_on, c.id
) recorded
WHERE NOT EXISTS (
    SELECT FROM trial_row r JOIN trial_person p USING (line)
    WHERE p.within AND (p.worker_id, r.kind, r.folded, r.level, r.claimed_on)
          = (recorded.worker_id, recorded.kind, recorded.folded, recorded.level, recorded.claimed_on)
)
UNION ALL
SELECT p.worker_id, r.kind, r.occupation, r.folded, r.level, r.certificate, r.claimed_on, r.line
FROM trial_row r JOIN trial_person p USING (line) WHERE p.within
"""
# The certificate a row names: by its number; without a number by occupation and level, the one issued on the day before
# others.
_CERTIFICATES = """
SELECT DISTINCT ON (r.line) r.line, p.worker_id, p.place, w.name, p.within, c.id, c.level, c.issued_on,
       c.folded = r.folded
FROM trial_row r JOIN trial_person p USING (line)
LEFT JOIN workforce_worker w ON w.id = p.worker_id
LEFT JOIN (
    SELECT t.person, s.id, s.level, s.number, s.issued_on, {folded} AS folded
    FROM workforce_skillcredential s JOIN trial_record t ON t.record = s.worker_id
    WHERE true{counts}
) c ON c.person = p.worker_id AND CASE
    WHEN r.certificate <> '' AND c.number <> '' THEN c.number = r.certificate
    ELSE (c.folded, c.level) = (r.folded, r.level) END
ORDER BY r.line, c.number = r.certificate DESC NULLS LAST, c.issued_on = r.issued_on DESC NULLS LAST, c.id
"""
# Payments of one person on one day are decided one after the other.
_CASES = """
CREATE TEMPORARY TABLE trial_case AS
SELECT p.line, p.worker_id, given.certificate_id, r.kind, r.folded, r.level, r.certificate, r.claimed_on,
       row_number() OVER (PARTITION BY p.worker_id, r.claimed_on ORDER BY p.line) AS place
FROM unnest(%s::int[], %s::bigint[]) AS given(line, certificate_id)
JOIN trial_row r USING (line) JOIN trial_person p USING (line)
"""


@dataclass(frozen=True)
class Found:
    """What is recorded beside a row: the person, and the certificate with how it is recorded."""

    worker_id: int | None
    place: str
    name: str
    within: bool
    certificate_id: int | None
    level: int | None
    issued_on: date | None
    same_occupation: bool


@contextmanager
def staged(paid: Sequence[Paid], where: Scope) -> Iterator[None]:
    """The rows in temporary tables, with whose they are and what was claimed before; gone afterwards."""
    try:
        _drop()
        places: dict[str, Any] = {
            "whole": where.whole,
            "leagues": sorted(where.leagues),
            "banners": sorted(where.banners),
        }
        with connection.cursor() as cursor:
            cursor.execute(_ROWS)
            lines = "".join(map(_line, paid)).encode()
            cursor.copy_expert(f"COPY {_INTO} FROM STDIN", io.BytesIO(lines), size=1 << 20)
            cursor.execute("ANALYZE trial_row")
            cursor.execute(_PEOPLE, places)
            cursor.execute("ANALYZE trial_person")
            cursor.execute(_RECORDS)
            cursor.execute("ANALYZE trial_record")
            cursor.execute(_HISTORY)
            cursor.execute("CREATE INDEX ON trial_history (worker_id)")
            cursor.execute("ANALYZE trial_history")
        yield
    finally:
        # With a broken connection the tables are gone already, and the error that broke it is the one to tell.
        with suppress(DatabaseError, InterfaceError):
            _drop()


def _drop() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{name}' for name in _MADE)}")


def _line(row: Paid) -> str:
    """A row as COPY reads it."""
    values = (
        str(row.line),
        f"\\\\x{row.digest.hex()}",
        row.scheme.earlier,
        row.occupation.replace("\\", "\\\\"),
        str(row.level),
        row.certificate.replace("\\", "\\\\"),
        row.issued_on.isoformat() if row.issued_on else "\\N",
        row.claimed_on.isoformat(),
    )
    return "\t".join(values) + "\n"


def found(*, verified: bool) -> dict[int, Found]:
    """By line, what is recorded beside it; certificates that count."""
    sql = _CERTIFICATES.format(
        folded=folded_occupation("s.occupation"), counts=record_counts("s", verified=verified)
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return {
            line: Found(worker, place or "", name or "", within, certificate, level, issued, bool(same))
            for line, worker, place, name, within, certificate, level, issued, same in cursor
        }


def make_cases(certificates: dict[int, int]) -> None:
    """The rows that can be decided, each by its certificate."""
    with connection.cursor() as cursor:
        cursor.execute(_CASES, [list(certificates), list(certificates.values())])
        cursor.execute("CREATE INDEX ON trial_case (claimed_on, place)")
        cursor.execute("ANALYZE trial_case")


def groups() -> list[tuple[date, int, str, list[int], list[int], list[int]]]:
    """What is decided at once, each person once: day, place within the day, kind of claim, lines, people and
    certificates.
    """
    return _rows(
        "SELECT claimed_on, place, kind, array_agg(line ORDER BY line), array_agg(worker_id ORDER BY line),"
        " array_agg(certificate_id ORDER BY line) FROM trial_case GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
    )


def claims_before(on: date, place: int) -> str:
    """Query of what was claimed before the payments of such a group."""
    day = f"DATE '{on.isoformat()}'"
    return (
        "SELECT h.worker_id, h.kind, h.occupation, h.level, h.claimed_on FROM trial_history h"
        f" JOIN trial_case t ON t.worker_id = h.worker_id AND t.claimed_on = {day} AND t.place = {place}"
        f" WHERE h.claimed_on < {day} OR (h.claimed_on = {day} AND h.line < t.line)"
    )


def drawn_before(kind: str) -> dict[int, tuple[bool, bool, int, int]]:
    """By line of this kind of claim: whether the certificate, and the level of the occupation, was claimed before; how
    often this kind was in the year, and in a life.
    """
    rows = _rows(
        "SELECT t.line, coalesce(bool_or(t.certificate <> '' AND h.certificate = t.certificate), false),"
        " coalesce(bool_or((h.folded, h.level) = (t.folded, t.level)), false),"
        " count(*) FILTER (WHERE h.kind = t.kind AND date_part('year', h.claimed_on) = date_part('year', t.claimed_on)),"
        " count(*) FILTER (WHERE h.kind = t.kind)"
        " FROM trial_case t LEFT JOIN trial_history h ON h.worker_id = t.worker_id"
        " AND (h.claimed_on < t.claimed_on OR (h.claimed_on = t.claimed_on AND h.line < t.line))"
        " WHERE t.kind = %s GROUP BY t.line",
        [kind],
    )
    return {line: (certificate, level, year, life) for line, certificate, level, year, life in rows}


def _rows(sql: str, params: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
