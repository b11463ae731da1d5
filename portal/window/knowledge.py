"""The facts a rule would read about a worker today, each with the record it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from portal.policy.facts import FACTS, REGION_FACTS
from portal.regions.models import Region
from portal.templatetags.portal import date_iso
from portal.window.sections import yes_no
from portal.workforce import facts
from portal.workforce.models import HonourType, Worker


def facts_of(worker: Worker, on: date) -> list[dict[str, Any]]:
    """Rows of label, value, source and date, in the order of the catalogue. An unknown fact is there too, without a value:
    what is not known cannot be decided."""
    with connection.cursor() as cursor:
        cursor.execute(facts.relation(on, where="w.id = %s"), [worker.pk])
        row = dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))
    sources = facts.sources_of(worker)
    regions = dict(Region.objects.filter(pk__in=[row[name] for name in REGION_FACTS if row.get(name)]).values_list("pk", "name"))
    honours = dict(HonourType.objects.values_list("pk", "name")) if row.get("honours") else {}
    rows = []
    for name, field in FACTS.items():
        if name not in row:
            continue
        value = row[name]
        # Of a record that leaves the fact open nothing is to be said.
        source = sources.get(name) if value is not None else None
        rows.append(
            {
                "name": name,
                "label": field.verbose_name,
                "value": _said(name, field, value, regions, honours),
                "known": value is not None,
                "source": source["source"] if source else "",
                "record": source["record"] if source else "",
                "recorded_at": source["recorded_at"] if source else None,
            }
        )
    return rows


def _said(name: str, field: Any, value: Any, regions: dict[str, str], honours: dict[str, str]) -> str:
    if value is None:
        return ""
    if name in REGION_FACTS:
        return regions.get(value, value)
    if name == "honours":
        return "、".join(honours.get(code, code) for code in value) or "无"
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, date):
        return date_iso(value)
    return f"{value:g}" if hasattr(value, "as_tuple") else str(value)
