"""Evidence (佐证材料): handed in, taken away, opened, and the files behind it.

A file is checked by opening it, written encrypted under a random name before its row is committed, and swept
when the row never came: a row always has its file, a file without a row is nobody's and goes.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit, crypto
from portal.accounts.access import Refused, require
from portal.cases.actions import NotNow
from portal.cases.evidence.inspecting import ACCEPT, ACCEPTED, FileRefused, Inspected, inspect
from portal.cases.evidence.rules import EvidenceRule, register_evidence, rule_of
from portal.cases.models import Case, Evidence

__all__ = [
    "ACCEPT",
    "ACCEPTED",
    "FileRefused",
    "attach",
    "inspect",
    "keep",
    "may_change",
    "open_file",
    "reencrypt_files",
    "register_evidence",
    "remove",
    "sweep_files",
]

# A transaction that is still open after so long has failed: its file may go.
_ORPHAN_AFTER = 3600
# Files looked up at once.
_BATCH = 1000


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
    stored_as = uuid.uuid4()
    _write(stored_as, file.content)
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
    transaction.on_commit(lambda: path_of(evidence.stored_as).unlink(missing_ok=True))
    return evidence


def open_file(evidence: Evidence, *, by: Any) -> bytes:
    """The content, for who may see it; written to the audit. Raises Refused, NotNow,
    portal.crypto.Undecipherable.
    """
    if not Evidence.objects.visible_to(by).filter(pk=evidence.pk).exists():
        raise Refused("您没有查看该材料的权限。材料仅供本人、申报单位和办理人员查看。")
    if evidence.removed_at is not None:
        raise NotNow("该材料已移除，不能再查看。")
    content = crypto.decrypt_bytes(
        path_of(evidence.stored_as).read_bytes(), bound_to=evidence.stored_as.bytes
    )
    case = evidence.case
    audit.record(
        "evidence.open",
        by=by,
        obj=evidence,
        worker=case.worker_id,
        region=case.region_id,
        detail={"number": case.number},
    )
    return content


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
def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "evidence"


def path_of(stored_as: uuid.UUID) -> Path:
    """Where the encrypted file lies: 256 folders, so that none grows too long."""
    return _folder() / stored_as.hex[:2] / stored_as.hex


def _write(stored_as: uuid.UUID, content: bytes) -> None:
    """Whole or not at all, readable by the portal's account only."""
    path = path_of(stored_as)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(crypto.encrypt_bytes(content, bound_to=stored_as.bytes))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _files() -> Iterator[Path]:
    for folder in sorted(_folder().glob("[0-9a-f][0-9a-f]")):
        yield from sorted(path for path in folder.iterdir() if path.is_file())


def sweep_files(*, now: float | None = None) -> int:
    """Delete files whose row never came or was removed; how many. Safe at any time, and twice."""
    moment = time.time() if now is None else now
    deleted = 0
    batch: list[Path] = []
    for path in _files():
        if path.stat().st_mtime < moment - _ORPHAN_AFTER:
            batch.append(path)
        if len(batch) == _BATCH:
            deleted += _delete_orphans(batch)
            batch = []
    return deleted + _delete_orphans(batch)


def _delete_orphans(paths: list[Path]) -> int:
    """Delete those of the files that belong to no evidence still there; how many."""
    names = {path.name for path in paths if not path.suffix}
    stored = Evidence.objects.not_removed().filter(stored_as__in=names).values_list("stored_as", flat=True)
    names_in_use = {stored_as.hex for stored_as in stored}
    orphans = [path for path in paths if path.name not in names_in_use]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def reencrypt_files() -> int:
    """Write files of older data keys anew with the first one; how many.

    It may be interrupted and repeated.
    """
    rewritten = 0
    current_key = crypto.current_key_version()
    for path in _files():
        if path.suffix:
            continue
        with path.open("rb") as file:
            first_byte = file.read(1)
        if first_byte and first_byte[0] != current_key:
            stored_as = uuid.UUID(path.name)
            content = crypto.decrypt_bytes(path.read_bytes(), bound_to=stored_as.bytes)
            _write(stored_as, content)
            rewritten += 1
    return rewritten
