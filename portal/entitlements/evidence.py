"""Determinations about one stored worker, with the record each fact rests on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.utils import timezone

from portal.entitlements.catalogue import MONEY, OFFERED
from portal.entitlements.matching import distinction_sql
from portal.policy.determine import determine
from portal.policy.models import Determination
from portal.policy.sets import Relation
from portal.workforce.facts import relation
from portal.workforce.models import Worker
from portal.workforce.sources import sources_of


def relation_with_sources(worker: Worker, on: date, *, verified: bool = False) -> Relation:
    """The worker's row of the fact relation, stated or verified, with the source and the day of each fact
    beside it.
    """
    sources = {}
    for fact, source in sources_of(worker, verified=verified).items():
        day = timezone.localdate(source["recorded_at"]).isoformat()
        sources[fact] = f"{source['record']}，{source['source']}，{day}"
    row = relation(on, workers=[worker.pk], verified=verified)
    sql = f"SELECT facts.*, %s::jsonb AS fact_sources FROM ({row}) AS facts"  # noqa: S608  one number
    return Relation(sql, (json.dumps(sources, ensure_ascii=False),), sources="fact_sources")


def determine_for_worker(worker: Worker, benefits: Sequence[str], *, on: date) -> dict[str, Determination]:
    """Decide these benefits from the worker's records, keep the evidence, and give it by benefit.

    What names money is decided from what is verified.
    """
    with_money = [benefit for benefit in benefits if benefit in MONEY]
    others = [benefit for benefit in benefits if benefit not in MONEY]
    determinations: dict[str, Determination] = {}
    for chosen, verified in ((others, False), (with_money, True)):
        if chosen:
            batch = determine(relation_with_sources(worker, on, verified=verified), on, chosen)
            written = Determination.objects.filter(batch=batch.number).select_related("rule_version")
            determinations |= {determination.benefit: determination for determination in written}
    return determinations


def distinctions_of(worker_id: int, *, on: date) -> dict[str, str]:
    """What tells the worker's entitlements of today from earlier ones to the same benefit, by benefit."""
    columns = ", ".join(distinction_sql(offered) for offered in OFFERED.values())
    row = relation(on, workers=[worker_id], verified=True)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM ({row}) AS facts")  # noqa: S608  one number
        return dict(zip(OFFERED, cursor.fetchone(), strict=True))
