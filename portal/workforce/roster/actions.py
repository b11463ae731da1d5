"""What people do with rosters that were read in: fetch the refused rows, decide on a name that differs."""

from __future__ import annotations

from typing import IO, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal import audit, sealed_files
from portal.accounts.access import Refused, require
from portal.reasons import reason_in
from portal.sealed_files import Unreadable
from portal.workforce.models import NameConflict, NameDecision, RosterImport
from portal.workforce.roster import units
from portal.workforce.roster.importing import PERMISSION


def plain_name(name: str) -> str:
    """A file's name for people and records: no path, no control characters, at most 80 characters."""
    last_part = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(filter(str.isprintable, last_part)).strip()
    if len(plain) > 80:
        plain = f"{plain[:70]}…{plain[-9:]}"
    return plain or "花名册"


def fetch_refused(given: RosterImport, *, by: Any) -> IO[bytes]:
    """The file of refused rows, for whoever imported. Written to the audit: it holds personal data of many
    people.
    """
    of_unit = given.unit_id is not None and units.acts_for(by, given.unit_id)
    if given.importer != by and not of_unit:
        raise Refused("未通过的行只能由导入人本人下载。")
    if not of_unit:
        require(by, PERMISSION)
    file = opened_refused(given, by=by)
    audit.record("roster.refused.download", by=by, obj=given, detail={"rows": given.refused})
    return file


def opened_refused(given: RosterImport, *, by: Any) -> IO[bytes]:
    """The file of refused rows. Raises ValidationError when it is gone or was changed."""
    gone = ValidationError("未通过的行已超过保存期限，请重新导入原文件。")
    if not given.has_refused_file:
        raise gone
    try:
        return sealed_files.opened(given.refused_file)
    except Unreadable as unreadable:
        if str(unreadable) == "missing":
            raise gone from unreadable
        audit.record("roster.not_shown", by=by, obj=given, detail={"problem": "摘要不符"})
        raise ValidationError(
            "未通过的行的文件与生成时不一致，为安全起见不予下载。请重新导入原文件，并告知系统管理员。"
        ) from unreadable


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
