"""What people do with extracts: give one in, confirm what was seen of it, give it up, fetch the rows that came back."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from portal import audit, memory_files, sealed_files
from portal.accounts.access import NotNow, Refused, require
from portal.accounts.models import User
from portal.formats import date_cn
from portal.jobs.models import JobState
from portal.jobs.runner import start
from portal.sealed_files import Unreadable
from portal.spreadsheets import limits
from portal.spreadsheets.kinds import BEGINNING, kind_of_beginning
from portal.spreadsheets.reading import ReadTooSlowly, open_spreadsheet
from portal.workforce.actions.locking import check
from portal.workforce.extracts.jobs import LOOK_AT, TAKE_IN
from portal.workforce.extracts.kinds import KINDS
from portal.workforce.extracts.retention import delete_files
from portal.workforce.models import ExtractPhase, RegisterExtract
from portal.workforce.models.extracts import PERMISSION
from portal.workforce.roster.actions import plain_name

_UNFINISHED = [JobState.WAITING, JobState.RUNNING]


@dataclass(frozen=True)
class Stated:
    """What whoever gives an extract in says of it."""

    kind: str
    register: str
    as_of: date
    place: str
    covers_from: date
    covers_until: date
    fund: str = ""


def give_in(upload: UploadedFile, stated: Stated, *, by: Any, on: date) -> RegisterExtract:
    """Keep an extract and begin to look at it; nothing is written before `confirm`. The same file again, while the
    first waits, is the first one.

    Raises Refused, NotNow for a file that was taken in already, ValidationError by field, FileRefused for what can be
    seen to be no such table at once; nothing is kept then.
    """
    require(by, PERMISSION, stated.place)
    fingerprint = _fingerprint(upload)
    with transaction.atomic():
        # Two clicks at once: the second waits for the first one's commit.
        User.objects.select_for_update().get(pk=by.pk)
        same = RegisterExtract.objects.filter(kind=stated.kind, fingerprint=fingerprint).select_related(
            "by", "place"
        )
        if taken := same.filter(merged_at__isnull=False, withdrawn_at__isnull=True).first():
            raise NotNow(
                f"这份文件已由{taken.by}于{date_cn(taken.merged_at)}提交并写入"
                f"（{taken.place.full_name}），不重复写入。"
            )
        waiting = same.filter(by=by, merged_at__isnull=True).exclude(phase=ExtractPhase.FAILED).first()
        if waiting is not None and _says(waiting) == stated:
            return waiting
        return _kept(upload, stated, fingerprint, by=by, on=on)


def _kept(upload: UploadedFile, stated: Stated, fingerprint: str, *, by: Any, on: date) -> RegisterExtract:
    extract = RegisterExtract(
        kind=stated.kind,
        register=stated.register.strip()[:60],
        as_of=stated.as_of,
        place_id=stated.place,
        fund=stated.fund if KINDS[stated.kind].of_fund else "",
        covers_from=stated.covers_from,
        covers_until=stated.covers_until,
        by=by,
        file_name=plain_name(upload.name or ""),
        fingerprint=fingerprint,
    )
    upload.seek(0)
    extract.suffix = kind_of_beginning(upload.read(BEGINNING))
    check(extract, on=on, past=("as_of", "covers_from", "covers_until"))
    if not stated.covers_from <= stated.covers_until <= stated.as_of:
        raise ValidationError({"covers_until": "覆盖截止日不能早于起始日，也不能晚于摘录日期。"})
    if KINDS[stated.kind].of_fund and not stated.fund:
        raise ValidationError({"fund": "请选择资金。"})
    expected = _expected(upload, extract)
    extract.save()
    try:
        sealed_files.keep(extract.source_file, upload.chunks())
        _begin(extract, LOOK_AT, f"核对登记库摘录 {extract.file_name}", by, expected)
    except BaseException:
        shutil.rmtree(extract.folder, ignore_errors=True)
        raise
    return extract


def _begin(extract: RegisterExtract, kind: str, title: str, by: Any, expected: int) -> None:
    extract.job = start(kind, title=title, by=by, params={"extract": extract.pk}, total=expected)
    extract.save(update_fields=["job", "phase", "changed_at"])


def _expected(upload: UploadedFile, extract: RegisterExtract) -> int:
    """How many rows there are, of a small file; a larger one is opened by the job, not while the person waits."""
    if (upload.size or 0) > limits.SMALL:
        return 0
    with suppress(ReadTooSlowly), memory_files.of(b"".join(upload.chunks())) as clear:
        return open_spreadsheet(clear, KINDS[extract.kind].form, within=limits.AT_ONCE).expected
    return 0


def _fingerprint(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _says(extract: RegisterExtract) -> Stated:
    return Stated(
        extract.kind,
        extract.register,
        extract.as_of,
        extract.place_id,
        extract.covers_from,
        extract.covers_until,
        extract.fund,
    )


def confirm(extract_id: int, *, by: Any) -> RegisterExtract:
    """Take in what was looked at, as whoever gave it in. Raises Refused, NotNow."""
    with transaction.atomic():
        extract = _own(extract_id, by)
        if extract.phase != ExtractPhase.EXAMINED:
            raise NotNow(f"该摘录当前为“{extract.get_phase_display()}”，请刷新页面。")
        if not extract.added + extract.changed + extract.unchanged:
            raise NotNow("没有可以写入的行，请核对文件后重新提交。")
        extract.phase = ExtractPhase.CONFIRMED
        _begin(extract, TAKE_IN, f"写入登记库摘录 {extract.file_name}", by, extract.rows_read)
        return extract


def give_up(extract_id: int, *, by: Any) -> None:
    """An extract that was not taken in is gone, with its file. Raises Refused, NotNow."""
    with transaction.atomic():
        extract = _own(extract_id, by)
        if extract.merged_at is not None or (extract.job and extract.job.state in _UNFINISHED):
            raise NotNow("该摘录正在处理或已写入，不能放弃。")
        delete_files(extract)
        extract.delete()


def _own(extract_id: int, by: Any) -> RegisterExtract:
    found = RegisterExtract.objects.select_for_update(of=("self",)).select_related("job")
    extract = found.filter(pk=extract_id).first()
    if extract is None:
        raise NotNow("该摘录已放弃，请刷新页面。")
    if extract.by_id != by.pk:
        raise Refused("登记库摘录只能由提交人本人确认或放弃。")
    require(by, PERMISSION, extract.place_id)
    return extract


def fetch_refused(extract: RegisterExtract, *, by: Any) -> IO[bytes]:
    """The file of the rows that came back, for whoever gave the extract in. Written to the audit: it holds personal
    data of many people.
    """
    if extract.by_id != by.pk:
        raise Refused("未写入的行只能由提交人本人下载。")
    require(by, PERMISSION, extract.place_id)
    gone = ValidationError("未写入的行已超过保存期限，请重新提交原文件。")
    if not extract.has_refused_file:
        raise gone
    try:
        file = sealed_files.opened(extract.refused_file)
    except Unreadable as unreadable:
        if str(unreadable) == "missing":
            raise gone from unreadable
        audit.record("extract.not_shown", by=by, obj=extract, detail={"problem": "摘要不符"})
        raise ValidationError(
            "未写入的行的文件与生成时不一致，为安全起见不予下载。请重新提交原文件，并告知系统管理员。"
        ) from unreadable
    audit.record(
        "extract.refused.download",
        by=by,
        obj=extract,
        region=extract.place_id,
        detail={"refused": extract.refused},
    )
    return file
