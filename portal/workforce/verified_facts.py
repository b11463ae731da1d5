"""What is verified of everybody, gathered: of whom everything recorded is confirmed, the facts in `KnownFacts`
are the verified ones as well, and the row says so. Only of whom some records count and others do not yet are
facts drawn a second time, into `VerifiedFacts`.
"""

# ruff: noqa: S608 - text is put together from names of columns and tables, and days
from __future__ import annotations

from datetime import date
from typing import Any

from portal.policy.facts import FACTS
from portal.workforce.facts import relation
from portal.workforce.merged_tables import in_one
from portal.workforce.models import KnownFacts, MergedPerson, VerifiedFacts
from portal.workforce.models.facts import WRITTEN_BY_PORTAL
from portal.workforce.record_kinds import ALL_KINDS, ATTESTED

_COLUMNS = ", ".join(FACTS)
_KNOWN = KnownFacts._meta.db_table
_VERIFIED = VerifiedFacts._meta.db_table
_KINDS = tuple(kind for kind in ALL_KINDS if kind.verified)
_WRITTEN = "code IN ({})".format(", ".join(f"'{code}'" for code in WRITTEN_BY_PORTAL))
_MIXED = "SELECT worker_id FROM facts_confirmed WHERE mixed"


def find_confirmed(cursor: Any, people: str = "") -> None:
    """Put into the temporary table `facts_confirmed` those of the people, a query of `worker_id`, or of everybody,
    of whom a record is confirmed or was written by the portal itself, and whether they have unconfirmed ones
    beside it (`mixed`).
    """
    asked = f" JOIN ({people}) AS asked ON asked.worker_id = r.worker_id" if people else ""
    records = []
    for kind in _KINDS:
        confirmed = "r.verification = 'confirmed'"
        if kind is ATTESTED:
            confirmed = f"({confirmed} OR r.{_WRITTEN})"
        records.append(
            f"SELECT r.worker_id, {confirmed} AS confirmed, r.verification = 'stated' AND NOT {confirmed} AS stated"
            f" FROM {kind.table} r{asked}"
        )
    merged = ""
    if MergedPerson.objects.exists():
        merged = f" WITH {in_one(*(kind.table for kind in _KINDS))}"
    cursor.execute(
        f"CREATE TEMPORARY TABLE facts_confirmed ON COMMIT DROP AS{merged}"
        f" SELECT worker_id, bool_or(stated) AS mixed FROM ({' UNION ALL '.join(records)}) AS records"
        " GROUP BY worker_id HAVING bool_or(confirmed)"
    )
    cursor.execute("ANALYZE facts_confirmed")


def gather_everybody(cursor: Any, on: date) -> None:
    """Empty the table and fill it anew for everybody in `facts_confirmed`."""
    cursor.execute(f"DELETE FROM {_VERIFIED}")
    if _some_are_mixed(cursor):
        cursor.execute(f"INSERT INTO {_VERIFIED} (worker_id, {_COLUMNS}) {_drawn(on)}")


def gather_changed(cursor: Any, on: date, gathering: int) -> None:
    """Gather those in the table `facts_to_gather`; `facts_confirmed` is about them. Whose verified facts are
    others than before bear the number of this gathering in `KnownFacts`.
    """
    cursor.execute("CREATE TEMPORARY TABLE facts_changed (worker_id bigint) ON COMMIT DROP")
    cursor.execute(f"""
WITH gone AS (
    DELETE FROM {_VERIFIED} WHERE worker_id IN (SELECT worker_id FROM facts_to_gather)
       AND worker_id NOT IN ({_MIXED})
    RETURNING worker_id
)
INSERT INTO facts_changed SELECT worker_id FROM gone
""")
    if _some_are_mixed(cursor):
        cursor.execute(_upsert(on))
    # With its numbers known the planner looks the few up instead of reading everybody.
    cursor.execute("ANALYZE facts_changed")
    # Whose stated facts are others too bear it already.
    cursor.execute(
        f"UPDATE {_KNOWN} SET changed_in = {gathering}"
        f" WHERE worker_id IN (SELECT worker_id FROM facts_changed) AND changed_in <> {gathering}"
    )
    cursor.execute("DROP TABLE facts_changed")


def _upsert(on: date) -> str:
    fresh = ", ".join(f"{name} = excluded.{name}" for name in FACTS)
    stored_facts = ", ".join(f"{_VERIFIED}.{name}" for name in FACTS)
    fresh_facts = ", ".join(f"excluded.{name}" for name in FACTS)
    return f"""
WITH fresh AS (
    INSERT INTO {_VERIFIED} (worker_id, {_COLUMNS}) {_drawn(on)}
    ON CONFLICT (worker_id) DO UPDATE SET {fresh}
    WHERE ({stored_facts}) IS DISTINCT FROM ({fresh_facts})
    RETURNING worker_id
)
INSERT INTO facts_changed SELECT worker_id FROM fresh
"""


def _some_are_mixed(cursor: Any) -> bool:
    cursor.execute(f"SELECT EXISTS ({_MIXED})")
    (some_are_mixed,) = cursor.fetchone()
    return bool(some_are_mixed)


def _drawn(on: date) -> str:
    """Query of the verified facts of those of whom not everything is confirmed."""
    return f"SELECT worker_id, {_COLUMNS} FROM ({relation(on, within=_MIXED, verified=True)}) AS drawn"
