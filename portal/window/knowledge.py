"""The facts a rule would read about a worker today, each with the record it rests on, and what the rules say of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from portal.policy.engine import current_rules
from portal.policy.explain import answer, verdict_of
from portal.policy.facts import FACTS, LEVEL_BY_CODE, LEVEL_FACTS, REGION_FACTS, SkillLevel
from portal.policy.law import law_on
from portal.regions.models import Region
from portal.templatetags.portal import date_iso
from portal.window.sections import yes_no
from portal.workforce import facts
from portal.workforce.models import HonourType, Worker


def _row_of(worker: Worker, on: date) -> dict[str, Any]:
    """The worker's row of the fact relation on a day."""
    with connection.cursor() as cursor:
        cursor.execute(facts.relation(on, workers=[worker.pk]))
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def facts_of(worker: Worker, on: date) -> list[dict[str, Any]]:
    """Rows of label, value, source and date, in the order of the catalogue. An unknown fact is there too, without a value:
    what is not known cannot be decided."""
    row = _row_of(worker, on)
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


OUTCOMES = (("eligible", "符合条件", "good"), ("undetermined", "信息不足，暂不能判定", "warn"), ("ineligible", "不符合条件", "plain"))


def benefits_of(worker: Worker, on: date) -> list[dict[str, Any]]:
    """What the catalogue says of the worker on a day, grouped by outcome; one query, nothing is stored.

    It tells the office where it stands, it decides nothing: a determination is made when a case is opened or confirmed.
    """
    known = {name: _canonical(name, value) for name, value in _row_of(worker, on).items() if name in FACTS and value is not None}
    rules, law = current_rules(), law_on(on)
    row = rules.ask(known, law)
    names = dict(HonourType.objects.values_list("pk", "name"))
    answers = [answer(verdict_of(rules, rule, row, known, law)) for rule in rules.rules]
    for found in answers:
        found["missing"] = [FACTS[fact].verbose_name for fact in found["missing_facts"]]
        found["conditions"] = [_worded(condition, found["outcome"], names) for condition in found["conditions"]]
    return [
        {"title": title, "tone": tone, "answers": [found for found in answers if found["outcome"] == outcome]}
        for outcome, title, tone in OUTCOMES
    ]


def _canonical(name: str, value: Any) -> Any:
    """A value of the register as the executor takes it: levels by code, days and numbers as text."""
    if name in LEVEL_FACTS:
        return SkillLevel(value).code
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _worded(condition: dict[str, Any], outcome: str, names: dict[str, str]) -> dict[str, Any]:
    """A condition as components/conditions.html shows it. Who is entitled by one of several is not told how to meet the rest."""
    clause = condition["clause"]
    observed = (_observed(fact, value, names) for fact, value in condition["observed"].items())
    return {
        **condition,
        "clause": f"{clause['document']}（{clause['number']}）" if clause["number"] else clause["document"],
        "observed": "；".join(text for text in observed if text),
        "remedy": "" if outcome == "eligible" else condition["remedy"],
    }


def _observed(fact: str, value: Any, names: dict[str, str]) -> str:
    if value is None:
        return ""
    if fact in LEVEL_FACTS:
        return str(LEVEL_BY_CODE[value].label)
    if fact == "honours":
        return "、".join(names.get(code, code) for code in value) or "没有已核实的荣誉"
    if isinstance(value, bool):
        return yes_no(value)
    # The day itself is no fact of the catalogue.
    return str(dict(FACTS[fact].flatchoices).get(value, value)) if fact in FACTS else str(value)
