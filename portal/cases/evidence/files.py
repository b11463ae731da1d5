"""Evidence (佐证材料): handed in, taken away, opened, and the files behind it.

A file is checked by opening it, written encrypted under a random name before its row is committed, and swept
when the row never came: a row always has its file, a file without a row is nobody's and goes.
"""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit, opened_files, scanned_files, shown_copies
from portal.accounts.access import Refused, require
from portal.cases.actions import NotNow
from portal.cases.evidence.rules import EvidenceRule, register_evidence, rule_of
from portal.cases.models import Case, Evidence
from portal.file_inspection import ACCEPT, ACCEPTED, FileRefused, Inspected, inspect
from portal.opened_files import Opened
from portal.stored_files import Store

__all__ = [
    "ACCEPT",
    "ACCEPTED",
    "FileRefused",
    "attach",
    "inspect",
    "keep",
    "may_change",
    "open_file",
    "open_original",
    "register_evidence",
    "remove",
    "sweep_files",
]

# Who may have files as they were handed in.
ORIGINALS = "file.original"


def attach(case_id: int, upload: UploadedFile, *, label: str, by: Any, on: date) -> Evidence:
    """Hand in a file for a case: by whose case it is, or staff with the programme's permission, while the
    programme takes any.

    Raises Refused (who), NotNow (state, number of files, missing label), FileRefused (the file).
    """
    _check_may_change(Case.objects.get(pk=case_id), by)
    # Opening a file takes a moment: not while others wait for the lock.
    file = inspect(upload)
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        _check_may_change(case, by)
        return keep(case, file, label=label, by=by, on=on)


def keep(case: Case, file: Inspected, *, label: str, by: Any, on: date) -> Evidence:
    """Write the file and its row. The caller holds the case's lock and has checked who asks (None: an
    objector without account).

    Raises NotNow, FileRefused.
    """
    label = label.strip()
    if not label:
        raise NotNow("请填写材料名称，例如“技师证书”。")
    not_removed = case.evidence.filter(removed_at__isnull=True)
    if not_removed.filter(digest=file.digest).exists():
        raise FileRefused(f"“{file.name}”的内容已提交过，不必重复上传。")
    if not_removed.count() >= settings.EVIDENCE_MAX_FILES:
        raise NotNow(
            f"一件办件最多提交{settings.EVIDENCE_MAX_FILES}个文件，请先移除不需要的，或合并为一个PDF。"
        )
    stored_as = shown_copies.keep(STORE, file)
    evidence = Evidence.objects.create(
        case=case,
        label=label[:80],
        file_name=file.name,
        content_type=file.content_type,
        size=len(file.content),
        digest=file.digest,
        stored_as=stored_as,
        uploaded_by=by,
    )
    audit.record(
        "evidence.attach",
        by=by,
        obj=evidence,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": case.number, "size": evidence.size, "digest": file.digest, "on": on.isoformat()},
    )
    return evidence


@transaction.atomic
def remove(evidence_id: int, *, by: Any, on: date) -> Evidence:
    """Take a file away: the row stays as a trace, the content goes with the commit.

    Raises Refused, NotNow.
    """
    case = Case.objects.select_for_update().get(evidence=evidence_id)
    _check_may_change(case, by)
    evidence = Evidence.objects.select_for_update().get(pk=evidence_id)
    if evidence.removed_at is not None:
        raise NotNow("该材料已移除，请刷新页面。")
    evidence.removed_by = by
    evidence.removed_at = timezone.now()
    evidence.save(update_fields=["removed_by", "removed_at"])
    audit.record(
        "evidence.remove",
        by=by,
        obj=evidence,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": case.number, "digest": evidence.digest, "on": on.isoformat()},
    )
    transaction.on_commit(lambda: STORE.delete(evidence.stored_as))
    return evidence


def open_file(evidence: Evidence, *, by: Any) -> Opened:
    """What is shown of a file, for who may see it; written to the audit. Raises Refused, NotNow, NotShown."""
    _require_standing(evidence, by)
    opened = opened_files.open_shown(STORE, evidence, by=by, note=_noting(evidence, by))
    _noting(evidence, by)("open")
    return opened


def open_original(evidence: Evidence, *, by: Any) -> Opened:
    """The file as it was handed in, for who reviews or audits; written to the audit. Raises Refused, NotNow, NotShown."""
    require(by, ORIGINALS, evidence.case.region_id)
    _require_standing(evidence, by)
    opened = opened_files.open_original(STORE, evidence, by=by, note=_noting(evidence, by))
    _noting(evidence, by)("original", digest=evidence.digest)
    return opened


def _require_standing(evidence: Evidence, by: Any) -> None:
    if not Evidence.objects.visible_to(by).filter(pk=evidence.pk).exists():
        raise Refused("您没有查看该材料的权限。材料仅供本人、申报单位和办理人员查看。")
    if evidence.removed_at is not None:
        raise NotNow("该材料已移除，不能再查看。")


def _noting(evidence: Evidence, by: Any) -> opened_files.Note:
    """Writes to the audit what came of opening it."""

    def note(what: str, **detail: Any) -> None:
        case = evidence.case
        audit.record(
            f"evidence.{what}",
            by=by,
            obj=evidence,
            worker=case.worker_id,
            region=case.region_id,
            detail={"number": case.number, **detail},
        )

    return note


def may_change(case: Case, user: Any) -> bool:
    """Whether the user may hand in or remove files now: for pages, which then show the form."""
    try:
        _check_may_change(case, user)
    except (Refused, NotNow):
        return False
    return True


def _check_may_change(case: Case, by: Any) -> None:
    rule: EvidenceRule | None = rule_of(case.kind)
    if rule is None:
        raise NotNow(f"“{case.kind_label}”不接收佐证材料。")
    if not case.is_of(by):
        require(by, rule.permission, case.region_id)
    if not rule.may_change(case):
        raise NotNow(
            f"办件{case.number}当前状态为“{case.state_label}”，不能增减材料。需要补充的，请联系受理窗口。"
        )


# -- files ---------------------------------------------------------------------------------------------------
def _in_use(names: set[str]) -> set[uuid.UUID]:
    stored = Evidence.objects.not_removed().filter(stored_as__in=names)
    return set(stored.values_list("stored_as", flat=True))


STORE = Store("evidence", _in_use)
path_of = STORE.path_of
sweep_files = STORE.sweep


def make_copies() -> int:
    """Make what is shown of files that earlier releases took in; how many. Safe at any time, and twice."""
    return shown_copies.make_missing(STORE, Evidence.objects.not_removed().order_by("-pk").iterator())


def scan_waiting() -> int:
    """Scan what no scanner has seen; in how many something was found."""
    found = scanned_files.scan_waiting(STORE, Evidence.objects.not_removed().order_by("-pk").iterator())
    for evidence, what in found:
        _noting(evidence, None)("infected", found=what)
    return len(found)
