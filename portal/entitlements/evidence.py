"""Determinations about one stored worker, with the record each fact rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.utils import timezone

from portal.entitlements.catalogue import OFFERED
from portal.entitlements.matching import distinction_sql
from portal.policy.determine import determine
from portal.policy.models import Determination
from portal.policy.sets import Relation
from portal.workforce.facts import relation, sources_of
from portal.workforce.models import Worker


def relation_with_sources(worker: Worker, on: date) -> Relation:
    """The worker's row of the fact relation, with the source and the day of each fact beside it."""
    sources = {
        fact: f"{said['record']}，{said['source']}，{timezone.localdate(said['recorded_at']).isoformat()}"
        for fact, said in sources_of(worker).items()
    }
    sql = f"SELECT facts.*, %s::jsonb AS fact_sources FROM ({relation(on, workers=[worker.pk])}) AS facts"  # noqa: S608  one number
    return Relation(sql, (json.dumps(sources, ensure_ascii=False),), sources="fact_sources")


def determine_for_worker(worker: Worker, benefits: Sequence[str], *, on: date) -> dict[str, Determination]:
    """Decide these benefits for the worker as of `on`, from the records themselves, and keep the evidence; by
    benefit.
    """
    batch = determine(relation_with_sources(worker, on), on, benefits)
    return {
        one.benefit: one
        for one in Determination.objects.filter(batch=batch.number).select_related("rule_version")
    }


def distinction(worker_id: int, *, on: date) -> dict[str, str]:
    """What tells the worker's entitlements of today from earlier ones to the same benefit, by benefit."""
    columns = ", ".join(distinction_sql(one) for one in OFFERED.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ({relation(on, workers=[worker_id])}) AS facts")  # noqa: S608  one number
        return dict(zip(OFFERED, cursor.fetchone(), strict=True))
