"""SQL in which the records of merged people are those of the person who stands for them.

A query reads a table by its name. Put behind its WITH, what `in_one` gives takes that name: then the same text
reads the records with the person they belong to now, and those that were entered by mistake not at all. It is
used only where something was merged: nobody else pays for it.
"""

# ruff: noqa: S608 - text is put together from the names of tables and columns
from __future__ import annotations

from functools import lru_cache

from django.apps import apps

# (record, person) of everybody who is concerned: those merged, and those they were merged into.
PEOPLE = (
    "SELECT source_id AS record, target_id AS person FROM workforce_mergedperson WHERE target_id IS NOT NULL"
    " UNION SELECT target_id, target_id FROM workforce_mergedperson WHERE target_id IS NOT NULL"
)
_CONCERNED = (
    "SELECT source_id FROM workforce_mergedperson"
    " UNION SELECT target_id FROM workforce_mergedperson WHERE target_id IS NOT NULL"
)
# Where a person has one record only: which of several it is. Their own before another one's, the newest first.
_ONE_OF_SEVERAL = {
    "workforce_employment": (
        "p.person",
        "(r.worker_id = p.person) DESC, r.started_on DESC NULLS LAST, r.id DESC",
        "r.ended_on IS NULL",
    ),
    "workforce_unemploymentinsurance": ("p.person", "r.as_of DESC, r.id DESC", "true"),
    # The same level of the same occupation is claimed once.
    "workforce_benefitclaim": (
        "p.person, r.kind, workforce_occupation_folded(r.occupation), r.level",
        "r.claimed_on, r.id",
        "true",
    ),
}


@lru_cache
def _columns(table: str) -> tuple[str, ...]:
    """The columns of a table but the worker's."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    columns = [str(field.column) for field in model._meta.concrete_fields]
    return tuple(column for column in columns if column != "worker_id")


def in_one(*tables: str, only_concerned: bool = False, counts: str | None = None) -> str:
    """The tables with merged people as one, each under its own name, to stand behind WITH.

    With `only_concerned` of people who were merged alone. `counts`, a condition that begins with AND, says which
    records are looked at where a person has one record only; without it all are given.
    """
    return ", ".join(_table(table, only_concerned=only_concerned, counts=counts) for table in tables)


def standing_people() -> str:
    """The table of workers without those who stand for nobody of their own, to stand behind WITH."""
    return (
        "workforce_worker AS NOT MATERIALIZED (SELECT * FROM public.workforce_worker w"
        " WHERE NOT EXISTS (SELECT FROM workforce_mergedperson m WHERE m.source_id = w.id))"
    )


def _table(table: str, *, only_concerned: bool, counts: str | None) -> str:
    columns = ", ".join(f"r.{name}" for name in _columns(table))
    one = _ONE_OF_SEVERAL.get(table) if counts is not None else None
    distinct, ending = "", ""
    if one is not None:
        of, order, condition = one
        # What was drawn is not verified: it counts whoever wrote it down.
        looked_at = (
            "" if table == "workforce_benefitclaim" else f"{counts}".replace("verification", "r.verification")
        )
        distinct = f"DISTINCT ON ({of}) "
        ending = f" WHERE {condition}{looked_at} ORDER BY {of}, {order}"
    concerned = (
        f"(SELECT {distinct}p.person AS worker_id, {columns} FROM public.{table} r"
        f" JOIN ({PEOPLE}) p ON p.record = r.worker_id{ending})"
    )
    if only_concerned:
        return f"{table} AS NOT MATERIALIZED {concerned}"
    others = f"SELECT r.worker_id, {columns} FROM public.{table} r WHERE r.worker_id NOT IN ({_CONCERNED})"
    return f"{table} AS NOT MATERIALIZED ({others} UNION ALL {concerned})"
