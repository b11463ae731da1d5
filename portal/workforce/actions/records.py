"""The kinds of records about a worker, described once; one way to save, end and take back any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow
from portal.workforce.actions.locking import change_of, check, check_version, derive
from portal.workforce.models import (
    AttestedFact,
    BenefitClaim,
    CompetitionResult,
    Employment,
    SkillCredential,
    TechnicalSchooling,
    UnemploymentInsurance,
)
from portal.workforce.models.facts import RECRUITED_VALUES, Attested


def _one_open_employment(record: Employment) -> None:
    others = Employment.objects.filter(worker=record.worker_id, ended_on__isnull=True).exclude(pk=record.pk)
    if record.ended_on is None and others.exists():
        raise ValidationError(
            {"ended_on": "已有一条尚未终止的就业信息。请先终止原记录，或在此填写终止日期。"}
        )


def _attested_value(record: AttestedFact) -> None:
    if record.code == Attested.RECRUITED:
        if record.value not in RECRUITED_VALUES:
            raise ValidationError({"value": f"“引进人才”应选择：{'、'.join(RECRUITED_VALUES.values())}。"})
    elif not isinstance(record.value, bool):
        raise ValidationError({"value": "该事项应选择“是”或“否”。"})


def _no_check(record: models.Model) -> None:
    return None


@dataclass(frozen=True)
class RecordKind:
    """One kind: its table, what is entered, who may, which dates cannot lie ahead, and the date that ends it
    (if it ends).
    """

    code: str
    title: str
    model: type[models.Model]
    fields: tuple[str, ...]
    past: tuple[str, ...] = ()
    ends_with: str = ""
    permission: str = "worker.edit"
    agrees: Callable[[Any], None] = _no_check


KINDS: dict[str, RecordKind] = {
    kind.code: kind
    for kind in (
        RecordKind(
            "employment",
            "就业信息",
            Employment,
            (
                "status",
                "employer",
                "occupation",
                "on_front_line",
                "front_line_years",
                "in_skilled_post",
                "public_institution_payroll",
                "worked_years",
                "continuous_months",
                "started_on",
                "ended_on",
                "source",
            ),
            past=("started_on", "ended_on"),
            ends_with="ended_on",
            agrees=_one_open_employment,
        ),
        RecordKind(
            "credential",
            "技能证书",
            SkillCredential,
            ("occupation", "level", "number", "issued_on", "verified_how", "source"),
            past=("issued_on",),
        ),
        RecordKind(
            "insurance",
            "失业保险",
            UnemploymentInsurance,
            ("months", "drawing_benefit", "as_of", "source"),
            past=("as_of",),
        ),
        RecordKind(
            "attested",
            "核定事项",
            AttestedFact,
            ("code", "value", "since", "until", "document", "source"),
            past=("since", "until"),
            ends_with="until",
            agrees=_attested_value,
        ),
        RecordKind(
            "schooling",
            "技工院校学历",
            TechnicalSchooling,
            ("graduated_from", "school", "graduated_on", "source"),
            past=("graduated_on",),
        ),
        RecordKind(
            "competition",
            "竞赛成绩",
            CompetitionResult,
            (
                "competition",
                "name",
                "edition",
                "rank",
                "prize",
                "role",
                "for_inner_mongolia",
                "held_on",
                "document",
                "source",
            ),
            past=("held_on",),
        ),
        RecordKind(
            "claim",
            "以往补贴",
            BenefitClaim,
            ("kind", "occupation", "level", "certificate_number", "claimed_on", "source"),
            past=("claimed_on",),
        ),
    )
}


def save_record(
    kind: str,
    worker_id: int,
    values: Mapping[str, Any],
    *,
    by: Any,
    on: date,
    record_id: int | None = None,
    version: str = "",
) -> models.Model:
    """Add a record of a worker, or change one that still says what `version` was taken of. Saving the same
    changes nothing.

    Raises Refused, Stale, ValidationError by field, NotNow.
    """
    row = KINDS[kind]
    with change_of(worker_id, row.permission, by=by) as worker:
        record: Any = (
            row.model(worker=worker) if record_id is None else _held(row, worker.pk, record_id, version)
        )
        changed = [name for name in row.fields if record_id is None or getattr(record, name) != values[name]]
        if not changed:
            return record
        for name in row.fields:
            setattr(record, name, values[name])
        record.recorded_by, record.recorded_at = by, timezone.now()
        row.agrees(record)
        check(record, on=on, past=row.past)
        record.save()
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


def end_record(
    kind: str, worker_id: int, record_id: int, *, ended_on: date, version: str, by: Any, on: date
) -> models.Model:
    """Give a record that lasts its last day. Raises Refused, Stale, ValidationError, NotNow."""
    row = KINDS[kind]
    if not row.ends_with:
        raise NotNow(f"{row.title}没有终止日期；登记有误的，请撤销该记录。")
    with change_of(worker_id, row.permission, by=by) as worker:
        record = _held(row, worker.pk, record_id, version)
        if getattr(record, row.ends_with) is not None:
            raise NotNow("该记录已经终止。")
        setattr(record, row.ends_with, ended_on)
        record.recorded_by, record.recorded_at = by, timezone.now()
        check(record, on=on, past=row.past)
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
) -> None:
    """Take back a record that should not have been written; the history keeps it. Raises Refused, Stale,
    NotNow.
    """
    row, reason = KINDS[kind], reason.strip()
    if not reason:
        raise NotNow("请写明撤销该记录的理由。")
    with change_of(worker_id, row.permission, by=by) as worker:
        record = _held(row, worker.pk, record_id, version)
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


def _held(row: RecordKind, worker_id: int, record_id: int, version: str) -> Any:
    record = row.model._default_manager.select_for_update().filter(pk=record_id, worker_id=worker_id).first()
    if record is None:
        raise NotNow("该记录已被他人撤销，请重新打开人员档案。")
    check_version(record, version)
    return record
