"""What is done with a file of a unit: given in, confirmed, given up, the rows that came back fetched.

The unit's agents do it, and the window of the unit's place for a unit that brings its list there.
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit, memory_files, sealed_files
from portal.accounts.access import NotNow
from portal.accounts.models import User
from portal.jobs.models import JobState
from portal.jobs.runner import start
from portal.sealed_files import Unreadable
from portal.spreadsheets import limits
from portal.spreadsheets.kinds import BEGINNING, kind_of_beginning
from portal.spreadsheets.reading import ReadTooSlowly, open_spreadsheet
from portal.workforce.merged import records_of_unit
from portal.workforce.models import Employer
from portal.workforce.roster.actions import plain_name
from subsidies.by_unit.form import FORM
from subsidies.by_unit.jobs import CHECK, PROPOSE
from subsidies.by_unit.models import ClaimFile, FilePhase
from subsidies.by_unit.retention import delete_files
from subsidies.by_unit.rights import require_may_act

_UNFINISHED = [JobState.WAITING, JobState.RUNNING]
_GONE = "未通过的行已超过保存期限，请重新上传原文件。"


def give_in(upload: UploadedFile, unit_id: int, *, by: Any) -> ClaimFile:
    """Keep a file and begin to check it; nobody is told before `confirm`. The same file again, while the first waits,
    is the first one.

    Raises Refused, FileRefused for what can be seen to be no such table at once; nothing is kept then.
    """
    unit = Employer.objects.get(pk=records_of_unit(unit_id)[0])
    require_may_act(unit, by)
    fingerprint = _fingerprint(upload)
    with transaction.atomic():
        # Two clicks at once: the second waits for the first one's commit.
        User.objects.select_for_update().get(pk=by.pk)
        same = ClaimFile.objects.filter(unit=unit, by=by, fingerprint=fingerprint)
        waiting = same.filter(phase__in=[FilePhase.RECEIVED, FilePhase.CHECKED]).first()
        return waiting or _kept(upload, unit, fingerprint, by)


def _kept(upload: UploadedFile, unit: Employer, fingerprint: str, by: Any) -> ClaimFile:
    upload.seek(0)
    suffix = kind_of_beginning(upload.read(BEGINNING))
    expected = _expected(upload)
    given = ClaimFile.objects.create(
        unit=unit, by=by, file_name=plain_name(upload.name or ""), suffix=suffix, fingerprint=fingerprint
    )
    try:
        sealed_files.keep(given.source_file, upload.chunks())
        _begin(given, CHECK, f"核对补贴申请名单 {given.file_name}", by, expected)
    except BaseException:
        shutil.rmtree(given.folder, ignore_errors=True)
        raise
    return given


def _begin(given: ClaimFile, kind: str, title: str, by: Any, expected: int) -> None:
    given.job = start(kind, title=title, by=by, params={"claim_file": given.pk}, total=expected)
    given.save(update_fields=["job", "phase", "confirmed_at"])


def _expected(upload: UploadedFile) -> int:
    """How many rows there are, of a small file; a larger one is opened by the job, not while the person waits."""
    if (upload.size or 0) > limits.SMALL:
        return 0
    with suppress(ReadTooSlowly), memory_files.of(b"".join(upload.chunks())) as clear:
        return open_spreadsheet(clear, FORM, within=limits.AT_ONCE).expected
    return 0


def _fingerprint(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def require_may_confirm(given: ClaimFile, by: Any) -> None:
    """Raise Refused, NotNow unless the account may put its good rows forward now."""
    require_may_act(given.unit, by)
    if given.phase != FilePhase.CHECKED:
        raise NotNow(f"该名单当前为“{given.get_phase_display()}”，请刷新页面。")
    if not given.good:
        raise NotNow("没有可以提出的行，请更正后重新上传。")


def confirm(file_id: int, *, by: Any) -> ClaimFile:
    """Put the good rows of a checked file forward, and tell each person. Raises Refused, NotNow."""
    with transaction.atomic():
        given = _locked(file_id, by)
        require_may_confirm(given, by)
        given.phase, given.confirmed_at = FilePhase.CONFIRMED, timezone.now()
        _begin(given, PROPOSE, f"提出补贴申请 {given.file_name}", by, given.good)
        audit.record(
            "claim_file.confirm",
            by=by,
            obj=given,
            region=given.unit.region_id,
            detail={"rows": given.good, "sha256": given.fingerprint},
        )
        return given


def give_up(file_id: int, *, by: Any) -> None:
    """A file that was not confirmed is gone with its rows. Raises Refused, NotNow."""
    with transaction.atomic():
        given = _locked(file_id, by)
        if given.confirmed_at is not None or (given.job and given.job.state in _UNFINISHED):
            raise NotNow("该名单正在处理或已经提出，不能放弃。")
        delete_files(given)
        given.delete()


def _locked(file_id: int, by: Any) -> ClaimFile:
    found = ClaimFile.objects.select_for_update(of=("self",)).select_related("unit", "job")
    given = found.filter(pk=file_id).first()
    if given is None:
        raise NotNow("该名单已放弃，请刷新页面。")
    require_may_act(given.unit, by)
    return given


def fetch_refused(given: ClaimFile, *, by: Any) -> IO[bytes]:
    """The rows that came back with what is wrong with each. Written to the audit: they are those of many people.

    Raises Refused, NotNow when they are not kept any more.
    """
    require_may_act(given.unit, by)
    if not given.has_refused_file:
        raise NotNow(_GONE)
    try:
        file = sealed_files.opened(given.refused_file)
    except Unreadable as unreadable:
        if str(unreadable) == "missing":
            raise NotNow(_GONE) from unreadable
        audit.record("claim_file.not_shown", by=by, obj=given, detail={"problem": "摘要不符"})
        raise NotNow(
            "未通过的行的文件与生成时不一致，为安全起见不予下载。请重新上传原文件，并告知系统管理员。"
        ) from unreadable
    audit.record(
        "claim_file.refused.download",
        by=by,
        obj=given,
        region=given.unit.region_id,
        detail={"refused": given.refused},
    )
    return file
