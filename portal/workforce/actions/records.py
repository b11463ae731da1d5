"""One way to save, end and take back a record about a worker, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow
from portal.workforce.actions.changing import propose_change
from portal.workforce.actions.locking import (
    change_of,
    check,
    check_version,
    derive,
    reason_given,
)
from portal.workforce.actions.plausibility import explained, note_improbable
from portal.workforce.authors import is_only_author
from portal.workforce.models import ChangeWhat, RecordChange
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import KINDS, RecordKind, is_written_by_portal


def save_record(
    kind: str,
    worker_id: int,
    values: Mapping[str, Any],
    *,
    by: Any,
    on: date,
    record_id: int | None = None,
    version: str = "",
    explanation: str = "",
    reason: str = "",
) -> models.Model:
    """Add a record of a worker, or change one that still says what `version` was taken of. Saving the same
    changes nothing. What is improbable needs an `explanation`.

    What counts already stays as it is: the change is proposed, for a `reason`, and returned (`RecordChange`).
    Raises Refused, Stale, ValidationError by field, NotNow.
    """
    row = KINDS[kind]
    values = row.in_one_form(values)
    with change_of(worker_id, row.permission, by=by) as worker:
        if record_id is None:
            record: Any = row.model(worker=worker)
            changed = list(row.fields)
        else:
            record = _locked_record(row, worker.pk, record_id, version)
            changed = [name for name in row.fields if getattr(record, name) != values[name]]
        if not changed:
            return record
        held = record_id is not None and row.counts(record)
        if held:
            change = propose_change(kind, record, ChangeWhat.CHANGE, reason=reason, by=by, entered=values)
        for name in row.fields:
            setattr(record, name, values[name])
        record.recorded_by = by
        record.recorded_at = timezone.now()
        row.agrees(record)
        if row.verified:
            _take_verdict_back(record)
        check(record, on=on, past=row.past)
        improbable = explained(kind, record, explanation, on=on)
        if held:
            note_improbable(improbable, record, worker, explanation, by=by)
            return change
        record.save()
        note_improbable(improbable, record, worker, explanation, by=by)
        derive([worker.pk])
        audit.record(
            f"{kind}.{'add' if record_id is None else 'change'}",
            by=by,
            obj=record,
            worker=worker,
            region=worker.work_region_id,
            detail={"fields": changed},
        )
        return record


def _take_verdict_back(record: Any) -> None:
    """What was confirmed was what stood there before; the database sees to it as well."""
    record.verification = Verification.STATED
    record.verified_by = None
    record.verified_at = None
    record.verified_from = ""


def end_record(
    kind: str,
    worker_id: int,
    record_id: int,
    *,
    ended_on: date,
    version: str,
    by: Any,
    on: date,
    reason: str = "",
) -> models.Model:
    """Give a record that lasts its last day; of one that counts that is proposed, for a `reason`, and returned.

    Raises Refused, Stale, ValidationError, NotNow.
    """
    row = KINDS[kind]
    if not row.ends_with:
        raise NotNow(f"{row.title}没有终止日期；登记有误的，请撤销该记录。")
    with change_of(worker_id, row.permission, by=by) as worker:
        record = _locked_record(row, worker.pk, record_id, version)
        if getattr(record, row.ends_with) is not None:
            raise NotNow("该记录已经终止。")
        held = row.counts(record)
        if held:
            entered = {row.ends_with: ended_on}
            change = propose_change(kind, record, ChangeWhat.END, reason=reason, by=by, entered=entered)
        # Who ends it does not become its author: what was confirmed before stays so.
        setattr(record, row.ends_with, ended_on)
        record.recorded_at = timezone.now()
        check(record, on=on, past=row.past)
        if held:
            return change
        record.save()
        derive([worker.pk])
        audit.record(
            f"{kind}.end",
            by=by,
            obj=record,
            worker=worker,
            region=worker.work_region_id,
            detail={"on": ended_on.isoformat()},
        )
        return record


def remove_record(
    kind: str, worker_id: int, record_id: int, *, reason: str, version: str, by: Any, on: date
) -> RecordChange | None:
    """Take back a record that should not have been written; the history keeps it.

    Only what one wrote oneself, and what does not count yet, is taken back at once; else the removal is proposed
    and returned. Raises Refused, Stale, NotNow.
    """
    row = KINDS[kind]
    reason = reason_given(reason, "请写明撤销该记录的理由。")
    with change_of(worker_id, row.permission, by=by) as worker:
        record = _locked_record(row, worker.pk, record_id, version)
        if row.counts(record) or not is_only_author(by, record):
            return propose_change(kind, record, ChangeWhat.REMOVE, reason=reason, by=by)
        audit.record(
            f"{kind}.remove",
            by=by,
            obj=record,
            worker=worker,
            region=worker.work_region_id,
            detail={"reason": reason[:200], "on": on.isoformat()},
        )
        record.delete()
        derive([worker.pk])
        return None


def _locked_record(row: RecordKind, worker_id: int, record_id: int, version: str) -> Any:
    """The record, held until the transaction ends. NotNow when it is gone, Stale when it says something
    else by now.
    """
    records = row.model._default_manager.select_for_update()
    record = records.filter(pk=record_id, worker_id=worker_id).first()
    if record is None:
        raise NotNow("该记录已被他人撤销，请重新打开人员档案。")
    check_version(record, version)
    if is_written_by_portal(record):
        raise NotNow("该事项由系统根据办理结果自动写入，不能在窗口更改或撤销。如有误，请到相应业务中办理。")
    return record
