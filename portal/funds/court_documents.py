"""Documents of a court about a recovery: handed in as scans, opened by who sees the recovery, taken away when by mistake.

They are checked and kept as evidence is (portal.cases.evidence.files): opened in a process with limits, scanned for viruses,
encrypted on the disk; every opening is in the audit.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit, opened_files, scanned_files, shown_copies
from portal.accounts.access import NotNow, Refused, require
from portal.file_inspection import FileRefused, Inspected, inspect
from portal.formats import date_cn
from portal.funds.models import CourtDocument, CourtHandover, CourtPaper, Recovery, RecoveryState
from portal.funds.moment import moment
from portal.funds.refusals import told_in_words
from portal.opened_files import Opened
from portal.stored_files import Store

_RECORDS = "funds.recover"
# Who may have files as they were handed in.
_ORIGINALS = "file.original"


def _in_use(names: set[str]) -> set[uuid.UUID]:
    stored = CourtDocument.objects.not_removed().filter(stored_as__in=names)
    return set(stored.values_list("stored_as", flat=True))


STORE = Store("court_documents", _in_use)


@dataclass(frozen=True)
class Paper:
    """What a document is, its number, and its day."""

    paper: str
    number: str
    issued_on: date


def attach(recovery_id: int, upload: UploadedFile, paper: Paper, *, by: Any) -> CourtDocument:
    """Hand in the scan of a document. Raises Refused, NotNow, FileRefused."""
    require(by, _RECORDS, Recovery.objects.get(pk=recovery_id).region_id)
    # Opening a file takes a moment: not while others wait for the lock.
    return _attach(recovery_id, inspect(upload), paper, by=by)


@told_in_words
def _attach(recovery_id: int, file: Inspected, paper: Paper, *, by: Any) -> CourtDocument:
    recovery = Recovery.objects.select_for_update(of=("self",)).get(pk=recovery_id)
    handover = CourtHandover.objects.filter(recovery=recovery).first()
    if handover is None:
        raise NotNow("没有申请人民法院强制执行，不登记法院文书。")
    return keep(handover, file, paper, by=by)


def keep(handover: CourtHandover, file: Inspected, paper: Paper, *, by: Any) -> CourtDocument:
    """Write a file that was inspected, and its row. Call it inside the action that holds the recovery. Raises NotNow,
    FileRefused.
    """
    if paper.issued_on > timezone.localdate():
        raise NotNow("文书日期不能在今天以后。")
    if paper.paper != CourtPaper.APPLICATION and paper.issued_on < handover.on:
        raise NotNow(f"法院文书的日期不能早于申请日期{date_cn(handover.on)}。")
    there = CourtDocument.objects.not_removed().filter(handover=handover)
    if there.filter(digest=file.digest).exists():
        raise FileRefused(f"“{file.name}”的内容已上传过，不必重复上传。")
    if there.count() >= settings.EVIDENCE_MAX_FILES:
        raise NotNow(f"一项追回最多上传{settings.EVIDENCE_MAX_FILES}份法院文书。")
    document = CourtDocument.objects.create(
        handover=handover,
        paper=paper.paper,
        number=paper.number.strip(),
        issued_on=paper.issued_on,
        file_name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        digest=file.digest,
        stored_as=shown_copies.keep(STORE, file),
        uploaded_by=by,
        uploaded_at=moment(),
    )
    _note("attach", document, by, document=document.number, digest=file.digest)
    return document


@told_in_words
def remove(document_id: int, *, reason: str, by: Any) -> CourtDocument:
    """Take away what one handed in by mistake, while the recovery goes on: the row stays as a trace, the content goes with
    the commit. Raises Refused, NotNow.
    """
    document = CourtDocument.objects.select_related("handover").get(pk=document_id)
    recovery = Recovery.objects.select_for_update(of=("self",)).get(pk=document.handover.recovery_id)
    require(by, _RECORDS, recovery.region_id)
    document = CourtDocument.objects.select_for_update().get(pk=document_id)
    require_removable(document, recovery, by=by)
    document.removed_by, document.removed_at = by, moment()
    document.removed_because = reason.strip()
    document.save(update_fields=["removed_by", "removed_at", "removed_because"])
    _note("remove", document, by, document=document.number, digest=document.digest, reason=reason.strip())
    transaction.on_commit(lambda: STORE.delete(document.stored_as))
    return document


def require_removable(document: CourtDocument, recovery: Recovery, *, by: Any) -> None:
    """NotNow or Refused, saying why, where this person does not take it away."""
    if document.uploaded_by_id != by.pk:
        raise Refused("法院文书由上传人移除。上传有误的，请联系上传人。")
    if document.removed_at is not None:
        raise NotNow("该文书已移除，请刷新页面。")
    if recovery.state == RecoveryState.DONE:
        raise NotNow("追回已办结，所依据的法院文书须保留，不能移除。")


def open_document(document: CourtDocument, *, by: Any) -> Opened:
    """What is shown of a document, for who sees the recovery; written to the audit. Raises Refused, NotNow, NotShown."""
    _require_standing(document, by)
    opened = opened_files.open_shown(STORE, document, by=by, note=_noting(document, by))
    _note("open", document, by)
    return opened


def open_original(document: CourtDocument, *, by: Any) -> Opened:
    """The file as it was handed in, for who reviews or audits; written to the audit. Raises Refused, NotNow, NotShown."""
    require(by, _ORIGINALS, document.handover.recovery.region_id)
    _require_standing(document, by)
    opened = opened_files.open_original(STORE, document, by=by, note=_noting(document, by))
    _note("original", document, by, digest=document.digest)
    return opened


def _require_standing(document: CourtDocument, by: Any) -> None:
    if not CourtDocument.objects.visible_to(by).filter(pk=document.pk).exists():
        raise Refused("您没有查看该文书的权限。")
    if document.removed_at is not None:
        raise NotNow("该文书已移除，不能再查看。")


def make_copies() -> int:
    """Make what is shown of documents where that was not done; how many. Safe at any time, and twice."""
    return shown_copies.make_missing(STORE, CourtDocument.objects.not_removed().order_by("-pk").iterator())


def scan_waiting() -> int:
    """Scan what no scanner has seen; in how many something was found."""
    documents = CourtDocument.objects.not_removed().select_related("handover__recovery__payable__case")
    found = scanned_files.scan_waiting(STORE, documents.order_by("-pk").iterator())
    for document, what in found:
        _note("infected", document, None, found=what)
    return len(found)


def _noting(document: CourtDocument, by: Any) -> opened_files.Note:
    def note(what: str, **detail: Any) -> None:
        _note(what, document, by, **detail)

    return note


def _note(what: str, scan: CourtDocument, by: Any, /, **detail: Any) -> None:
    recovery = scan.handover.recovery
    audit.record(
        f"funds.court_document.{what}",
        by=by,
        obj=scan,
        worker=recovery.payable.case.worker_id,
        region=recovery.region_id,
        detail={"number": recovery.number, **detail},
    )
