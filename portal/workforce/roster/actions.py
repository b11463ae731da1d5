"""What people do with rosters: give one in, fetch the refused rows, decide on a name that differs."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit, memory_files, sealed_files
from portal.accounts.access import Refused, require
from portal.accounts.models import User
from portal.jobs.runner import start
from portal.reasons import reason_in
from portal.sealed_files import Unreadable
from portal.spreadsheets import limits
from portal.spreadsheets.reading import (
    BEGINNING,
    ReadTooSlowly,
    hidden_rows_in_words,
    kind_of_beginning,
    open_spreadsheet,
)
from portal.workforce.models import NameConflict, NameDecision, RosterImport
from portal.workforce.roster.columns import ROSTER
from portal.workforce.roster.importing import PERMISSION
from portal.workforce.roster.jobs import JOB_KIND
from portal.workforce.roster.retention import UNFINISHED

# Larger files are opened by the job, not while the person waits.
_OPENED_AT_ONCE = limits.SMALL


def plain_name(name: str) -> str:
    """A file's name for people and records: no path, no control characters, at most 80 characters."""
    last_part = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(filter(str.isprintable, last_part)).strip()
    if len(plain) > 80:
        plain = f"{plain[:70]}…{plain[-9:]}"
    return plain or "花名册"


def receive(upload: UploadedFile, *, by: Any) -> RosterImport:
    """Keep an uploaded roster and start its import. The same file again, while the first is at work, is the
    first one.

    Raises Refused without the permission, FileRefused when the file cannot be a roster; nothing is kept then.
    """
    require(by, PERMISSION)
    fingerprint = _fingerprint(upload)
    with transaction.atomic():
        # Two clicks at once: the second waits for the first one's commit.
        User.objects.select_for_update().get(pk=by.pk)
        same = RosterImport.objects.filter(by=by, fingerprint=fingerprint)
        running = same.filter(job__state__in=UNFINISHED).first()
        if running is not None:
            return running
        given = RosterImport.objects.create(
            by=by, file_name=plain_name(upload.name or ""), fingerprint=fingerprint
        )
        given.folder.mkdir(mode=0o700, parents=True)
        try:
            given.suffix, expected, given.message = _keep(upload, given)
            given.job = start(
                JOB_KIND,
                title=f"导入花名册 {given.file_name}",
                by=by,
                params={"roster_import": given.pk},
                total=expected,
            )
            given.save(update_fields=["suffix", "job", "message"])
        except BaseException:
            shutil.rmtree(given.folder, ignore_errors=True)
            raise
    return given


def _fingerprint(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _keep(upload: UploadedFile, given: RosterImport) -> tuple[str, int, str]:
    """Writes the file; (its kind, how many rows to expect, what to say of hidden ones). What can be seen to be
    no roster at once is refused at once.
    """
    upload.seek(0)
    given.suffix = kind_of_beginning(upload.read(BEGINNING))
    expected, note = 0, ""
    if (upload.size or 0) <= _OPENED_AT_ONCE:
        with suppress(ReadTooSlowly), memory_files.of(b"".join(upload.chunks())) as clear:
            source = open_spreadsheet(clear, ROSTER, within=limits.AT_ONCE)
            expected, note = source.expected, hidden_rows_in_words(source)
    sealed_files.keep(given.source_file, upload.chunks())
    return given.suffix, expected, note


def fetch_refused(given: RosterImport, *, by: Any) -> IO[bytes]:
    """The file of refused rows, for whoever imported. Written to the audit: it holds personal data of many
    people.
    """
    if given.by_id != by.pk:
        raise Refused("未通过的行只能由导入人本人下载。")
    require(by, PERMISSION)
    gone = ValidationError("未通过的行已超过保存期限，请重新导入原文件。")
    if not given.has_refused_file:
        raise gone
    try:
        file = sealed_files.opened(given.refused_file)
    except Unreadable as unreadable:
        if str(unreadable) == "missing":
            raise gone from unreadable
        audit.record("roster.not_shown", by=by, obj=given, detail={"problem": "摘要不符"})
        raise ValidationError(
            "未通过的行的文件与生成时不一致，为安全起见不予下载。请重新导入原文件，并告知系统管理员。"
        ) from unreadable
    audit.record("roster.refused.download", by=by, obj=given, detail={"rows": given.refused})
    return file


def decide_name(conflict_id: int, *, decision: str, reason: str, by: Any) -> NameConflict:
    """Keep the registered name, or replace it by the roster's; the name before stays in the history.

    By a reviewer of the place where the worker is registered, who is not the one who imported; never twice.
    Raises Refused, ValidationError.
    """
    if decision not in NameDecision.values:
        raise ValidationError({"decision": "请选择保留登记姓名，或改为花名册姓名。"})
    reason = reason_in(reason)
    if not reason:
        raise ValidationError({"reason": "请写明核对依据，例如“已查验居民身份证”。"})
    with transaction.atomic():
        conflict = (
            NameConflict.objects.select_for_update(of=("self",)).select_related("worker").get(pk=conflict_id)
        )
        worker = type(conflict.worker).objects.select_for_update().get(pk=conflict.worker_id)
        require(by, "worker.conflict.decide", worker.work_region_id)
        if conflict.raised_by_id == by.pk:
            raise Refused("这条差异由您本人的导入提出，须由另一名审核员处理。")
        if conflict.decision:
            raise ValidationError("该差异已处理，请刷新页面。")
        if worker.name not in {conflict.registered_name, conflict.roster_name}:
            raise ValidationError("登记姓名在此期间已变更，请刷新页面后重新核对。")
        conflict.decision = decision
        conflict.reason = reason[:200]
        conflict.decided_by = by
        conflict.decided_at = timezone.now()
        conflict.save(update_fields=["decision", "reason", "decided_by", "decided_at"])
        if decision == NameDecision.REPLACE and worker.name != conflict.roster_name:
            worker.name = conflict.roster_name
            worker.source = f"姓名核对 {conflict.pk}"
            worker.save(update_fields=["name", "source", "updated_at"])
        audit.record(
            "worker.name.decide",
            by=by,
            obj=conflict,
            worker=worker,
            region=worker.work_region_id,
            detail={"decision": decision},
        )
    return conflict
