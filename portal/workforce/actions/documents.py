"""The documents of a record: handed in beside it, opened by who may see the worker, taken away before it is judged."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from portal import audit, opened_files, scanned_files, shown_copies
from portal.accounts.access import NotNow, Refused, can, require
from portal.file_inspection import FileRefused, Inspected, inspect
from portal.opened_files import Opened
from portal.stored_files import Store
from portal.workforce.models import PayeeAccount, RecordDocument, Worker
from portal.workforce.models.base import own_records
from portal.workforce.models.credentials import PayeeState
from portal.workforce.models.documents import OF_PAYEE
from portal.workforce.record_kinds import DOCUMENTED, PAYEE, RecordKind

_KINDS = {kind.code: kind for kind in DOCUMENTED}
VERIFY = "record.verify"
# Who may have files as they were handed in.
ORIGINALS = "file.original"


def _in_use(names: set[str]) -> set[uuid.UUID]:
    stored = RecordDocument.objects.not_removed().filter(stored_as__in=names)
    return set(stored.values_list("stored_as", flat=True))


STORE = Store("records", _in_use)


def documents_of(kind: str, record: Any) -> Any:
    """The documents of a record that are still there, with who handed them in."""
    documents = RecordDocument.objects.not_removed().select_related("uploaded_by")
    return documents.filter(worker=record.worker_id, kind=kind, record_id=record.pk).order_by("pk")


def documents_counted(worker: Worker) -> dict[tuple[str, int], int]:
    """How many documents there are of each record of a worker: by kind and number of the record."""
    documents = RecordDocument.objects.not_removed().filter(worker=worker).order_by()
    counted = documents.values_list("kind", "record_id").annotate(number=Count("pk"))
    return {(kind, record_id): number for kind, record_id, number in counted}


def attach_document(
    kind: str, record_id: int, upload: UploadedFile, *, label: str, by: Any, on: date
) -> RecordDocument:
    """Hand in a document of a record: whoever may write such records down or confirm them there.

    Raises Refused, NotNow, FileRefused.
    """
    # Opening a file takes a moment: not while others wait for the lock.
    return keep_document(kind, record_id, inspect(upload), label=label, by=by, on=on)


def keep_document(
    kind: str, record_id: int, file: Inspected, *, label: str, by: Any, on: date
) -> RecordDocument:
    """The same of a file that was inspected."""
    row = _KINDS[kind]
    label = label.strip() or row.title
    with transaction.atomic():
        record = _locked_record(row, record_id)
        worker = record.worker
        _require_may_hand_in(row, worker, by)
        if row is PAYEE and record.state != PayeeState.PROPOSED:
            raise NotNow(f"该收款账户已处理，状态为“{record.get_state_display()}”，不再上传材料。")
        there = documents_of(kind, record)
        if there.filter(digest=file.digest).exists():
            raise FileRefused(f"“{file.name}”的内容已上传过，不必重复上传。")
        if there.count() >= settings.EVIDENCE_MAX_FILES:
            raise NotNow(f"一条信息最多上传{settings.EVIDENCE_MAX_FILES}个文件，请先移除不需要的。")
        document = RecordDocument.objects.create(
            worker=worker,
            kind=kind,
            record_id=record.pk,
            label=label[:80],
            file_name=file.name,
            content_type=file.content_type,
            size=len(file.content),
            digest=file.digest,
            stored_as=shown_copies.keep(STORE, file),
            uploaded_by=by,
        )
        _note("record.document.attach", document, by, on=on.isoformat(), digest=file.digest)
        return document


def remove_document(document_id: int, *, by: Any, on: date) -> RecordDocument:
    """Take away what one handed in oneself, as long as nobody has judged the record with it in view.

    The row stays as a trace, the content goes with the commit. Raises Refused, NotNow.
    """
    with transaction.atomic():
        document = RecordDocument.objects.select_for_update().get(pk=document_id)
        if document.uploaded_by_id != by.pk:
            raise Refused("材料由上传人移除。上传有误的，请联系上传人。")
        if document.removed_at is not None:
            raise NotNow("该材料已移除，请刷新页面。")
        if _is_judged(document):
            raise NotNow("该信息已核验，所依据的材料须保留，不能移除。")
        _take_away(document, by, on)
        return document


def remove_documents_of_withdrawn(payee: PayeeAccount, *, by: Any, on: date) -> None:
    """Nobody shall keep copies of a card for an account that was taken back. Call it inside the transaction."""
    documents = RecordDocument.objects.not_removed().select_for_update()
    for document in documents.filter(worker=payee.worker_id, kind=OF_PAYEE, record_id=payee.pk):
        _take_away(document, by, on)


def _take_away(document: RecordDocument, by: Any, on: date) -> None:
    document.removed_by = by
    document.removed_at = timezone.now()
    document.save(update_fields=["removed_by", "removed_at"])
    _note("record.document.remove", document, by, on=on.isoformat(), digest=document.digest)
    transaction.on_commit(lambda: STORE.delete(document.stored_as))


def open_document(document: RecordDocument, *, by: Any) -> Opened:
    """What is shown of a document, for who may see the worker; written to the audit. Raises Refused, NotNow, NotShown."""
    _require_standing(document, by)
    opened = opened_files.open_shown(STORE, document, by=by, note=_noting(document, by))
    _note("record.document.open", document, by)
    return opened


def open_original_document(document: RecordDocument, *, by: Any) -> Opened:
    """The document as it was handed in, for who reviews or audits; written to the audit. Raises Refused, NotNow, NotShown."""
    require(by, ORIGINALS, document.worker.work_region_id)
    _require_standing(document, by)
    opened = opened_files.open_original(STORE, document, by=by, note=_noting(document, by))
    _note("record.document.original", document, by, digest=document.digest)
    return opened


def _require_standing(document: RecordDocument, by: Any) -> None:
    if not RecordDocument.objects.visible_to(by).filter(pk=document.pk).exists():
        raise Refused("您没有查看该材料的权限。材料仅供本人和登记地的工作人员查看。")
    if document.removed_at is not None:
        raise NotNow("该材料已移除，不能再查看。")


def _noting(document: RecordDocument, by: Any) -> opened_files.Note:
    def note(what: str, **detail: Any) -> None:
        _note(f"record.document.{what}", document, by, **detail)

    return note


def make_copies() -> int:
    """Make what is shown of documents that earlier releases took in; how many. Safe at any time, and twice."""
    return shown_copies.make_missing(STORE, RecordDocument.objects.not_removed().order_by("-pk").iterator())


def scan_waiting() -> int:
    """Scan what no scanner has seen; in how many something was found."""
    documents = RecordDocument.objects.not_removed().select_related("worker").order_by("-pk")
    found = scanned_files.scan_waiting(STORE, documents.iterator())
    for document, what in found:
        _note("record.document.infected", document, None, found=what)
    return len(found)


def documents_seen(kind: str, record: Any, ids: Collection[int]) -> list[RecordDocument]:
    """The documents of a record that somebody says they have seen. Raises NotNow when one of them is gone."""
    documents = list(documents_of(kind, record).filter(pk__in=ids)) if ids else []
    if len(documents) != len(set(ids)):
        raise NotNow("所选的材料已有变动，请刷新页面后重新核对。")
    return documents


def with_documents(from_what: str, looked_at: Collection[RecordDocument]) -> str:
    """What a verdict rests on, with the documents of the record that were seen."""
    if not looked_at:
        return from_what
    labels = "、".join(document.label for document in looked_at)
    return "；".join(filter(None, (from_what, f"上传的材料：{labels}")))


def digests_of(looked_at: Collection[RecordDocument]) -> dict[str, list[str]]:
    """The same for the audit: nothing, where nothing was looked at."""
    return {"documents": [document.digest for document in looked_at]} if looked_at else {}


def may_hand_in(kind: str, worker: Worker, user: Any) -> bool:
    """Whether the user may hand in documents of such a record of the worker."""
    row = _KINDS[kind]
    allowed = (row.permission,) if row is PAYEE else (row.permission, VERIFY)
    return any(can(user, needed, worker.work_region_id) for needed in allowed)


def _require_may_hand_in(row: RecordKind, worker: Worker, by: Any) -> None:
    """Whoever says where their own money shall go hands in the copy of their card as well."""
    if row is PAYEE and worker.pk in own_records(by):
        return
    if not may_hand_in(row.code, worker, by):
        require(by, row.permission, worker.work_region_id)


def _locked_record(row: RecordKind, record_id: int) -> Any:
    records = row.model._default_manager.select_for_update(of=("self",)).select_related("worker")
    record = records.filter(pk=record_id).first()
    if record is None:
        raise NotNow("该记录已被撤销，请刷新页面。")
    return record


def _is_judged(document: RecordDocument) -> bool:
    record: Any = _KINDS[document.kind].model._default_manager.filter(pk=document.record_id).first()
    if record is None:
        return False
    judged_at = record.confirmed_at if document.kind == OF_PAYEE else getattr(record, "verified_at", None)
    return judged_at is not None and judged_at > document.uploaded_at


def _note(action: str, document: RecordDocument, by: Any, **detail: Any) -> None:
    audit.record(
        action,
        by=by,
        obj=document,
        worker=document.worker_id,
        region=document.worker.work_region_id,
        detail={"kind": document.kind, **detail},
    )
