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
from portal.audit.models import Entry
from portal.workforce.change_subjects import SUBJECTS
from portal.workforce.models import ChangeState, PayeeAccount, RecordChange, Worker
from portal.workforce.record_kinds import ALL_KINDS

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


# (what, before, after).
Difference = tuple[str, str, str]


@dataclass(frozen=True)
class Change:
    """One change, with what it changed; values that are stored encrypted are never told."""

    at: datetime
    by: str
    kind: str
    title: str
    what: str
    changes: list[Difference]


@dataclass(frozen=True)
class _Step:
    """A change before the person's name is looked up."""

    at: datetime
    by_id: Any
    kind: str
    title: str
    what: str
    changes: list[Difference]


def history_of(worker: Worker) -> list[Change]:
    """The changes of the worker's own data and of every record, newest first; the birth of a record is its
    first change.
    """
    steps = _steps_of(Worker, worker, {worker.pk: worker})
    tracked: list[type[models.Model]] = [*(kind.model for kind in ALL_KINDS), PayeeAccount]
    for model in tracked:
        rows = model._default_manager.filter(worker_id=worker.pk).order_by("pk")
        steps += _steps_of(model, worker, {row.pk: row for row in rows})
    steps += _steps_of_changes(worker)
    by_ids = {step.by_id for step in steps if step.by_id}
    names = dict(User.objects.filter(pk__in=by_ids).values_list("pk", "display_name"))
    changes = [
        Change(step.at, names.get(step.by_id, "系统"), step.kind, step.title, step.what, step.changes)
        for step in steps
    ]
    return sorted(changes, key=lambda change: change.at, reverse=True)


def _steps_of(model: type[models.Model], worker: Worker, current: dict[int, Any]) -> list[_Step]:
    """The changes of one kind of record; `current` are the rows as they are now."""
    events_by_row = _events_by_row(model, worker)
    steps = []
    for pk in events_by_row.keys() | current.keys():
        events = events_by_row.get(pk, [])
        states = [*events, current[pk]] if pk in current else events
        steps.append(_birth(model, states[0], pk))
        for place, event in enumerate(events):
            following = states[place + 1] if place + 1 < len(states) else None
            step = _step(model, event, following)
            if step is not None:
                steps.append(step)
    return steps


_DECIDED = {
    ChangeState.CONFIRMED: ("确认", "依据"),
    ChangeState.REFUSED: ("不予通过", "理由"),
    ChangeState.WITHDRAWN: ("撤回", "理由"),
}


def _steps_of_changes(worker: Worker) -> list[_Step]:
    """Who proposed a change of what counts, and who decided on it."""
    steps = []
    for change in RecordChange.objects.filter(worker=worker).order_by("-pk")[:MOST]:
        kind, what = SUBJECTS[change.kind].title, change.get_what_display()
        reason = [("理由", "", change.reason)]
        steps.append(_Step(change.proposed_at, change.proposed_by_id, kind, "", f"提出{what}", reason))
        if change.decided_at is not None:
            done, label = _DECIDED[ChangeState(change.state)]
            seen = [(label, "", change.verdict)] if change.verdict else []
            steps.append(_Step(change.decided_at, change.decided_by_id, kind, "", f"{done}{what}", seen))
    return steps


def _events_by_row(model: type[models.Model], worker: Worker) -> dict[int, list[Any]]:
    """The newest events of each row, oldest first."""
    event_model = model.events.rel.related_model  # type: ignore[attr-defined]
    about_worker = {"pgh_obj_id": worker.pk} if model is Worker else {"worker_id": worker.pk}
    events = event_model.objects.select_related("pgh_context").filter(**about_worker)
    by_row: dict[int, list[Any]] = {}
    for event in events.order_by("-pgh_id")[:MOST]:
        by_row.setdefault(event.pgh_obj_id, []).insert(0, event)
    return by_row


def _birth(model: type[models.Model], first: Any, pk: int) -> _Step:
    """How a record came to be.

    One that came with an import has no author; its source says where it is from.
    """
    by_id = getattr(first, "recorded_by_id", None)
    if model is Worker:
        # Who registered a person stands in the audit alone.
        registered = Entry.objects.about_worker(pk).filter(action="worker.create").order_by("pk")
        by_id = registered.values_list("actor_id", flat=True).first()
    return _Step(
        at=getattr(first, "recorded_at", None) or first.created_at,
        by_id=by_id,
        kind=str(model._meta.verbose_name),
        title=_title(first),
        what="登记",
        changes=[("来源", "", first.source)],
    )


def _step(model: type[models.Model], event: Any, following: Any) -> _Step | None:
    """What an event changed, seen against the state that followed; None when nothing a person would ask
    about.
    """
    is_removal = event.pgh_label == "delete"
    differences: list[Difference] = []
    if not is_removal:
        if following is not None:
            differences = _differences(model, event, following)
        if not differences:
            return None
    return _Step(
        at=event.pgh_created_at,
        by_id=event.pgh_context.metadata.get("user") if event.pgh_context else None,
        kind=str(model._meta.verbose_name),
        title=_title(event),
        what="撤销" if is_removal else "变更",
        changes=differences,
    )


def _title(row: Any) -> str:
    """What the row is called: events borrow the words of their model."""
    for name in ("named_as", "name", "school", "bank", "occupation"):
        title = getattr(row, name, "")
        if title:
            return str(title)
    return row.get_code_display() if hasattr(row, "get_code_display") else ""


def _differences(model: type[models.Model], before: Any, after: Any) -> list[Difference]:
    differences = []
    for field in model._meta.concrete_fields:
        if field.name in _SILENT or not hasattr(before, field.attname):
            continue
        if getattr(before, field.attname) == getattr(after, field.attname):
            continue
        label = str(field.verbose_name)
        if isinstance(field, models.BinaryField):
            differences.append((label, "（不显示）", "（已变更）"))
        else:
            differences.append((label, _in_words(field, before), _in_words(field, after)))
    return differences


def _in_words(field: models.Field[Any, Any], row: Any) -> str:
    value = getattr(row, field.attname)
    if value is None or value == "":
        return "空"
    if field.is_relation:
        return str(getattr(row, field.name))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value)
