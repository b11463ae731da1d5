"""A roster on its way in: given in, looked at, read as somebody says, or given up. Nothing of it is in the register
before it was confirmed.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from portal import audit, memory_files, sealed_files
from portal.accounts.access import NotNow, Refused, require
from portal.accounts.models import User
from portal.jobs.models import JobState
from portal.jobs.runner import start
from portal.reasons import reason_in
from portal.sealed_files import Unreadable
from portal.spreadsheets import limits
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.kinds import BEGINNING, kind_of_beginning
from portal.spreadsheets.layout import Layout
from portal.spreadsheets.reading import ReadTooSlowly
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster import columns_of_units, previewing, undoing, units
from portal.workforce.roster.actions import plain_name
from portal.workforce.roster.importing import PERMISSION
from portal.workforce.roster.jobs import JOB_KIND, LOOK_KIND, UNDO_KIND
from portal.workforce.roster.previewing import Preview

# Larger files are opened by a job, not while the person waits.
_OPENED_AT_ONCE = limits.SMALL
_WAITING = [Phase.LOOKING, Phase.PREVIEWED, Phase.HANDED_IN, Phase.RECEIVED, Phase.READING, Phase.MERGING]
_CONFIRMED = {Phase.HANDED_IN, Phase.RECEIVED, Phase.READING, Phase.MERGING}
_GONE = "上传的文件已超过保存期限，请重新上传。"


def receive(upload: UploadedFile, *, by: Any, unit_id: int | None = None) -> RosterImport:
    """Keep an uploaded roster and look at it: the office's, or that of a unit, from its agent. The same file again,
    while the first waits or is at work, is the first one.

    Raises Refused without the permission, FileRefused when the file cannot be a roster; nothing is kept then.
    """
    unit = None
    if unit_id is None:
        require(by, PERMISSION)
    else:
        unit = units.require_agent(by, unit_id)
    fingerprint = _fingerprint(upload)
    with transaction.atomic():
        # Two clicks at once: the second waits for the first one's commit.
        User.objects.select_for_update().get(pk=by.pk)
        same = RosterImport.objects.filter(by=by, unit=unit, fingerprint=fingerprint, phase__in=_WAITING)
        waiting = same.exclude(job__state__in=[JobState.FAILED, JobState.CANCELLED]).first()
        if waiting is not None:
            return waiting
        given = RosterImport.objects.create(
            by=by,
            unit=unit,
            file_name=plain_name(upload.name or ""),
            fingerprint=fingerprint,
            phase=Phase.LOOKING,
        )
        given.folder.mkdir(mode=0o700, parents=True)
        try:
            _keep(upload, given)
            given.save(update_fields=["suffix", "job", "phase", "layout"])
        except BaseException:
            shutil.rmtree(given.folder, ignore_errors=True)
            raise
    return given


def _fingerprint(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _keep(upload: UploadedFile, given: RosterImport) -> None:
    """Writes the file. What can be seen to be no roster at once is refused at once."""
    upload.seek(0)
    given.suffix = kind_of_beginning(upload.read(BEGINNING))
    if not (upload.size or 0) <= _OPENED_AT_ONCE or not _look_at_once(given, b"".join(upload.chunks())):
        _look_later(given)
    sealed_files.keep(given.source_file, upload.chunks())


def _look_at_once(given: RosterImport, content: bytes) -> bool:
    """Whether the file could be looked at while the person waits."""
    try:
        with memory_files.of(content) as clear:
            preview = previewing.look(clear, _layout_of(given), within=limits.AT_ONCE)
    except ReadTooSlowly:
        return False
    _looked_at(given, preview)
    return True


def _look_later(given: RosterImport) -> None:
    given.phase = Phase.LOOKING
    given.job = start(
        LOOK_KIND,
        title=f"打开花名册 {given.file_name}",
        by=given.by,
        params={"roster_import": given.pk},
        total=0,
    )


def _layout_of(given: RosterImport) -> Layout:
    """What is known of how to read it before anybody has said anything."""
    named = columns_of_units.remembered(office=_office_of(given), unit_id=given.unit_id)
    layout = replace(Layout.from_json(given.layout), named=named)
    if given.unit is not None and not layout.fixed:
        # Where no column says it: these are the unit's own people.
        layout = replace(layout, fixed={"region": given.unit.region_id, "employer": given.unit.name})
    return layout


def _office_of(given: RosterImport) -> str:
    """Whose way of naming columns counts beside the unit's own."""
    return given.unit.region_id if given.unit is not None else columns_of_units.office_of(given.by)


def _looked_at(given: RosterImport, preview: Preview) -> None:
    """Note what was seen, and the way in which it would be read."""
    previewing.keep(given, preview)
    given.suffix, given.phase = preview.suffix, Phase.PREVIEWED
    given.layout = replace(_layout_of(given), sheet=preview.sheet).as_json()


def look_at_received(import_id: int) -> None:
    """Look at a large file, for its job. Repeated after a kill it does the same. Raises FileRefused."""
    given = RosterImport.objects.get(pk=import_id)
    if given.phase != Phase.LOOKING:
        return
    try:
        clear = sealed_files.opened(given.source_file)
    except Unreadable as unreadable:
        raise FileRefused(_GONE) from unreadable
    try:
        preview = previewing.look(clear, _layout_of(given), within=limits.AT_LENGTH)
    except FileRefused as refused:
        waiting = RosterImport.objects.filter(pk=import_id, phase=Phase.LOOKING)
        waiting.update(phase=Phase.FAILED, message=str(refused)[:600])
        raise
    with transaction.atomic():
        given = RosterImport.objects.select_for_update().get(pk=import_id)
        if given.phase == Phase.LOOKING:
            _looked_at(given, preview)
            given.save(update_fields=["suffix", "phase", "layout"])


def choose_sheet(import_id: int, sheet: str, *, by: Any) -> RosterImport:
    """Look at another sheet of the workbook. Raises Refused, NotNow, FileRefused; what was seen stays then."""
    with transaction.atomic():
        given = _waiting(import_id, by)
        given.layout = Layout(sheet=sheet).as_json()
        given.layout["fixed"] = dict(_layout_of(given).fixed)
        size = sealed_files.size_of(given.source_file)
        try:
            content = sealed_files.read(given.source_file) if size <= _OPENED_AT_ONCE else b""
        except Unreadable as unreadable:
            raise NotNow(_GONE) from unreadable
        if not content or not _look_at_once(given, content):
            _look_later(given)
        given.save(update_fields=["suffix", "job", "phase", "layout"])
    return given


def choose_layout(import_id: int, layout: Layout, *, by: Any) -> RosterImport:
    """Keep how the file is to be read, to be shown again. Raises Refused, NotNow."""
    with transaction.atomic():
        given = _waiting(import_id, by)
        given.layout = layout.as_json()
        given.save(update_fields=["layout"])
    return given


def confirm(import_id: int, *, by: Any, layout: Layout | None = None) -> RosterImport:
    """Begin to read a roster in, in the way that was shown; of a unit's: hand it in to the window, which confirms it.
    Raises Refused, NotNow when it cannot be read so.

    A second click finds it at work.
    """
    with transaction.atomic():
        given = RosterImport.objects.select_for_update().get(pk=import_id)
        if given.by_id == by.pk and given.phase in _CONFIRMED:
            return given
        given = _waiting(import_id, by)
        preview = _kept(given)
        layout = layout or Layout.from_json(given.layout)
        reading = preview.read_as(layout)
        if reading is None:
            raise NotNow("还没有确定表头在哪一行，请在预览中选择。")
        if reading.problems:
            raise NotNow(f"{'；'.join(reading.problems)}。请在预览中指定各列。")
        columns = {reading.first + index: key for key, index in reading.at.items()}
        settled = replace(layout, sheet=preview.sheet, line=reading.line, columns=columns, named={})
        given.layout = settled.as_json()
        if given.unit_id is None:
            _begin(given, by, preview.rows_below(reading.line)[0])
        else:
            given.phase, given.handed_in_at = Phase.HANDED_IN, timezone.now()
            audit.record("roster.hand_in", by=by, obj=given, region=given.unit.region_id)  # type: ignore[union-attr]
        given.save(update_fields=["layout", "phase", "job", "handed_in_at"])
        columns_of_units.remember(reading, office=_office_of(given), unit_id=given.unit_id, by=by)
    return given


def _begin(given: RosterImport, by: Any, expected: int) -> None:
    given.phase = Phase.RECEIVED
    given.job = start(
        JOB_KIND,
        title=f"导入花名册 {given.file_name}",
        by=by,
        params={"roster_import": given.pk},
        total=expected,
    )


def take_in(import_id: int, *, by: Any) -> RosterImport:
    """The window confirms that a unit's roster is read in, in its own name. Raises Refused, NotNow."""
    with transaction.atomic():
        given = _handed_in(import_id, by)
        given.confirmed_by = by
        _begin(given, by, _kept(given).rows_below(Layout.from_json(given.layout).line)[0])
        given.save(update_fields=["phase", "job", "confirmed_by"])
        audit.record("roster.take_in", by=by, obj=given, region=given.unit.region_id)  # type: ignore[union-attr]
    return given


def send_back(import_id: int, *, reason: str, by: Any) -> RosterImport:
    """The window gives a unit's roster back with the reason; its file goes. Raises Refused, NotNow."""
    reason = reason_in(reason)
    if not reason:
        raise NotNow("请写明退回的理由。")
    with transaction.atomic():
        given = _handed_in(import_id, by)
        given.phase, given.message, given.confirmed_by = Phase.RETURNED, reason[:600], by
        given.source_deleted_at = timezone.now()
        given.save(update_fields=["phase", "message", "confirmed_by", "source_deleted_at"])
        region = given.unit.region_id  # type: ignore[union-attr]
        audit.record("roster.send_back", by=by, obj=given, region=region, detail={"reason": reason})
        transaction.on_commit(lambda: shutil.rmtree(given.folder, ignore_errors=True))
    return given


def _handed_in(import_id: int, by: Any) -> RosterImport:
    """A unit's roster that waits for the window, locked. Raises Refused, NotNow."""
    given = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=import_id)
    require(by, PERMISSION, given.unit.region_id if given.unit is not None else None)
    if given.by_id == by.pk:
        raise Refused("自己报送的花名册由另一人确认。")
    if given.phase != Phase.HANDED_IN:
        raise NotNow(f"该花名册当前为“{given.get_phase_display()}”，请刷新页面。")
    return given


def give_up(import_id: int, *, by: Any) -> None:
    """A roster that was not read in goes, with its file. Raises Refused, NotNow."""
    with transaction.atomic():
        given = _waiting(import_id, by)
        given.phase, given.source_deleted_at = Phase.DISCARDED, timezone.now()
        given.save(update_fields=["phase", "source_deleted_at"])
        audit.record("roster.give_up", by=by, obj=given)
        transaction.on_commit(lambda: shutil.rmtree(given.folder, ignore_errors=True))


def begin_to_undo(import_id: int, *, reason: str, by: Any) -> RosterImport:
    """Begin to take an import back, which may be of many people. Raises Refused, NotNow."""
    require(by, PERMISSION)
    with transaction.atomic():
        given = RosterImport.objects.select_for_update().get(pk=import_id)
        if given.job is not None and not given.job.finished:
            raise NotNow("该花名册正在办理，请稍后再看。")
        if words := undoing.why_not(given, by):
            raise NotNow(words)
        given.job = start(
            UNDO_KIND,
            title=f"撤销导入 {given.file_name}",
            by=by,
            params={"roster_import": given.pk, "reason": reason},
            total=given.rows_read,
        )
        given.save(update_fields=["job"])
    return given


def _waiting(import_id: int, by: Any) -> RosterImport:
    """A roster of one's own that waits to be confirmed, locked. Raises Refused, NotNow."""
    given = RosterImport.objects.select_for_update().get(pk=import_id, by=by)
    if given.unit_id is None:
        require(by, PERMISSION)
    else:
        units.require_agent(by, given.unit_id)
    if given.phase != Phase.PREVIEWED:
        raise NotNow(f"该花名册当前为“{given.get_phase_display()}”，请刷新页面。")
    return given


def _kept(given: RosterImport) -> Preview:
    try:
        return previewing.kept(given)
    except Unreadable as unreadable:
        raise NotNow(_GONE) from unreadable
