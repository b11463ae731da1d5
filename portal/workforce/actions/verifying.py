"""A record held against a document by somebody other than who wrote it down."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.documents import digests_of, documents_seen, with_documents
from portal.workforce.actions.locking import derive, reason_given, written_by
from portal.workforce.authors import has_written
from portal.workforce.events import person_saved
from portal.workforce.models.base import records_of_person
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import KINDS, RecordKind

PERMISSION = "record.verify"


def confirm_record(
    kind: str,
    record_id: int,
    *,
    seen: str,
    by: Any,
    on: date,
    documents: Collection[int] = (),
    basis: Mapping[str, str] | None = None,
) -> Any:
    """Say that a document shows what the record says; `seen` names the document, or `documents` are those of
    the record. `basis` is written to the audit besides: the extract of a register that confirms it.

    From then on the record counts for money, selection and publication. Raises Refused, NotNow.
    """
    if not documents:
        seen = reason_given(seen, "请写明核验依据，例如：证书原件、社保经办系统查询结果。")
    return _judge(
        kind, record_id, Verification.CONFIRMED, seen.strip(), by=by, on=on, documents=documents, basis=basis
    )


def refute_record(kind: str, record_id: int, *, reason: str, by: Any, on: date) -> Any:
    """Say that the documents show something else; the record counts for nothing until it is corrected.

    Raises Refused, NotNow.
    """
    reason = reason_given(reason, "请写明核验不符的情况。")
    return _judge(kind, record_id, Verification.REFUTED, reason, by=by, on=on)


def _judge(
    kind: str,
    record_id: int,
    verdict: Verification,
    from_what: str,
    *,
    by: Any,
    on: date,
    documents: Collection[int] = (),
    basis: Mapping[str, str] | None = None,
) -> Any:
    row = KINDS[kind]
    with written_by(by):
        record = _locked_record(row, record_id)
        require(by, PERMISSION, record.worker.work_region_id)
        _require_open_to(record, verdict, by)
        before = record.verification
        looked_at = documents_seen(kind, record, documents)
        from_what = with_documents(from_what, looked_at)
        record.verification = verdict
        record.verified_from = from_what[:200]
        record.verified_by = by
        record.verified_at = timezone.now()
        record.save(update_fields=["verification", "verified_from", "verified_by", "verified_at"])
        derive([record.worker_id])
        if basis is None:
            # Of an extract of a register, many are confirmed at once.
            person_saved([record.worker_id])
        audit.record(
            "record.confirm" if verdict == Verification.CONFIRMED else "record.refute",
            by=by,
            obj=record,
            worker=record.worker_id,
            region=record.worker.work_region_id,
            detail={
                "kind": kind,
                "from": before,
                "seen": record.verified_from,
                "on": on.isoformat(),
                **(basis or {}),
                **digests_of(looked_at),
            },
        )
        return record


def _locked_record(row: RecordKind, record_id: int) -> Any:
    records = row.model._default_manager.select_for_update(of=("self",)).select_related(
        "worker", "verified_by"
    )
    record = records.filter(pk=record_id).first()
    if record is None:
        raise NotNow("该记录已被撤销，请刷新页面。")
    return record


def _require_open_to(record: Any, verdict: Verification, by: Any) -> None:
    """Who wrote any of it cannot judge it, which the database holds as well; nobody judges the same twice."""
    if has_written(by, record):
        raise Refused("这条信息由您登记、导入或更改过，须由另一人核验。")
    if record.worker_id in records_of_person(by):
        raise Refused("这条信息是您本人的，须由另一人核验。")
    if record.verification == verdict:
        raise NotNow(f"该信息已由{record.verified_by}核验，结果为“{verdict.label}”。")
