"""What may be changed by two people only: the kinds of records, where somebody works, and what kind a unit is; and
what their columns hold, in the form in which a proposed change keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models

from portal.workforce.models import Employer, RecordChange, Worker
from portal.workforce.models.record_changes import OF_UNIT, OF_WORKER
from portal.workforce.record_kinds import ALL_KINDS, RecordKind


@dataclass(frozen=True)
class Subject:
    """One kind of what is changed: its table, and the fields that a change is about."""

    code: str
    title: str
    model: type[models.Model]
    fields: tuple[str, ...]
    # None of a fact that stands on the worker or the unit itself.
    record_kind: RecordKind | None = None


SUBJECTS: dict[str, Subject] = {
    **{kind.code: Subject(kind.code, kind.title, kind.model, kind.fields, kind) for kind in ALL_KINDS},
    OF_WORKER: Subject(OF_WORKER, "工作地", Worker, ("work_region",)),
    OF_UNIT: Subject(OF_UNIT, "单位性质", Employer, ("kind",)),
}


def kept(record: Any, fields: Iterable[str]) -> dict[str, Any]:
    """What the columns of these fields hold, as JSON that the database finds equal to its own."""
    columns = [record._meta.get_field(name).attname for name in fields]
    return {column: _as_json(getattr(record, column)) for column in columns}


def _as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def filled_in(record: Any, values: Mapping[str, Any]) -> Any:
    """The record with what a change keeps in its columns."""
    for field in record._meta.concrete_fields:
        if field.attname in values:
            setattr(record, field.attname, field.to_python(values[field.attname]))
    return record


def said_before(change: RecordChange) -> Any:
    """A record as it was when the change was proposed; it is not stored."""
    return filled_in(SUBJECTS[change.kind].model(), change.before)


def said_after(change: RecordChange) -> Any:
    """The same as it shall be; None when it shall be removed."""
    if change.after is None:
        return None
    return filled_in(said_before(change), change.after)


def begun_after(change: RecordChange) -> Any:
    """The record that begins when this one ends; it is not stored. None when none does."""
    if not change.follows:
        return None
    return filled_in(SUBJECTS[change.kind].model(), change.follows)
