"""What changed in a worker's records, when and by whom: read from the history of rows the database keeps.

An event holds the row as it was before; what it became is the next event of the same row, or the row as it is
now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models

from portal.accounts.models import User
from portal.workforce.models import (
    AttestedFact,
    BenefitClaim,
    CompetitionResult,
    Employment,
    Honour,
    PayeeAccount,
    SkillCredential,
    TechnicalSchooling,
    UnemploymentInsurance,
    Worker,
)

TRACKED: tuple[type[models.Model], ...] = (
    Employment,
    SkillCredential,
    Honour,
    UnemploymentInsurance,
    AttestedFact,
    TechnicalSchooling,
    CompetitionResult,
    BenefitClaim,
    PayeeAccount,
)
# Of one kind at most so many of the newest changes are read.
MOST = 100
_SILENT = {
    "id",
    "worker",
    "recorded_by",
    "recorded_at",
    "id_digest",
    "phone_digest",
    "account_digest",
    "updated_at",
    "league_code",
    "account",
    "confirmed_by",
    "confirmed_at",
    "verified_by",
    "verified_at",
    "created_at",
}


@dataclass(frozen=True)
class Change:
    """One change: `changes` are (what, before, after); values that are stored encrypted are never told."""

    at: datetime
    by: str
    kind: str
    title: str
    what: str
    changes: list[tuple[str, str, str]]


def history_of(worker: Worker) -> list[Change]:
    """The changes of the worker's own data and of every record, newest first; the birth of a record is its
    first change.
    """
    found: list[tuple[datetime, Any, str, str, str, list[tuple[str, str, str]]]] = []
    _of_model(Worker, worker, {worker.pk: worker}, found)
    for model in TRACKED:
        now = {row.pk: row for row in model._default_manager.filter(worker_id=worker.pk).order_by("pk")}
        _of_model(model, worker, now, found)
    names = dict(
        User.objects.filter(pk__in={by for _, by, *_ in found if by}).values_list("pk", "display_name")
    )
    changes = [
        Change(at, names.get(by, "系统"), kind, title, what, details)
        for at, by, kind, title, what, details in found
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _of_model(model: type[models.Model], worker: Worker, now: dict[int, Any], found: list[Any]) -> None:
    events = model.events.rel.related_model.objects.select_related("pgh_context")  # type: ignore[attr-defined]
    about = {"pgh_obj_id": worker.pk} if model is Worker else {"worker_id": worker.pk}
    by_row: dict[int, list[Any]] = {}
    for event in events.filter(**about).order_by("-pgh_id")[:MOST]:
        by_row.setdefault(event.pgh_obj_id, []).insert(0, event)
    kind = str(model._meta.verbose_name)
    for pk in by_row.keys() | now.keys():
        told = by_row.get(pk, [])
        states = [*told, now[pk]] if pk in now else told
        first = states[0]
        # Records that came with an import have no author of their own; their source says where they came
        # from.
        born = getattr(first, "recorded_at", None) or first.created_at
        found.append(
            (
                born,
                getattr(first, "recorded_by_id", None),
                kind,
                _title(first),
                "登记",
                [("来源", "", first.source)],
            )
        )
        for place, event in enumerate(told):
            by = event.pgh_context.metadata.get("user") if event.pgh_context else None
            if event.pgh_label == "delete":
                found.append((event.pgh_created_at, by, kind, _title(event), "撤销", []))
                continue
            after = states[place + 1] if place + 1 < len(states) else None
            details = _difference(model, event, after) if after is not None else []
            if details:
                found.append((event.pgh_created_at, by, kind, _title(event), "变更", details))


def _title(row: Any) -> str:
    """What the row is called: events borrow the words of their model."""
    for name in ("named_as", "name", "school", "bank", "occupation"):
        if value := getattr(row, name, ""):
            return str(value)
    return row.get_code_display() if hasattr(row, "get_code_display") else ""


def _difference(model: type[models.Model], before: Any, after: Any) -> list[tuple[str, str, str]]:
    details = []
    for field in model._meta.concrete_fields:
        if field.name in _SILENT or not hasattr(before, field.attname):
            continue
        old, new = getattr(before, field.attname), getattr(after, field.attname)
        if old == new:
            continue
        label = str(field.verbose_name)
        if isinstance(field, models.BinaryField):
            details.append((label, "（不显示）", "（已变更）"))
        else:
            details.append((label, _said(field, before), _said(field, after)))
    return details


def _said(field: models.Field[Any, Any], row: Any) -> str:
    value = getattr(row, field.attname)
    if value is None or value == "":
        return "空"
    if field.is_relation:
        return str(getattr(row, field.name))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value)
