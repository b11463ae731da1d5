"""Public notices (公示): published, revised with the reason, extended, and what still stands in the way of
deciding after one.

A notice opens on the day it is published; its window is `working_days` whole working days after that day, so
nobody loses time to the hour of publication. What was published is never changed: a changed list is a further
version, a later end an extension.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from portal import audit
from portal.accounts.access import can, require
from portal.cases.actions import NotNow
from portal.cases.models import Case, NoticeExtension, NoticeVersion, Objection, PublicNotice
from portal.cases.notices.kinds import notice_kind
from portal.cases.numbers import take_numbers
from portal.formats import date_cn
from portal.reasons import reason_in
from portal.regions.calendar import Deadline, add_working_days
from portal.regions.models import Region

PREFIX = "GS"
Columns = Sequence[Mapping[str, str]]
Rows = Sequence[Mapping[str, Any]]
_NAMED_AT_MOST = 5
# The law by which people's names are shown to everybody, and how everybody is told to object.
PERSONAL_DATA = "《中华人民共和国个人信息保护法》第十三条第一款第三项（为履行法定职责所必需）"
HOW_TO_OBJECT = (
    "对公示人员有异议的，请在公示期内提出，写明事实和理由并留下联系方式；"
    "提出异议人员的信息予以保密，核查处理情况书面答复。"
)


@transaction.atomic
def publish_notice(
    *,
    kind: str,
    title: str,
    legal_basis: str,
    body: str,
    columns: Columns,
    rows: Rows,
    digest: str,
    working_days: int,
    by: Any,
    on: date,
    case: Case | None = None,
    region: Region | None = None,
) -> PublicNotice:
    """Announce a list, masked as it is to be read by everybody: of what is decided in one case, or of many cases of
    a region. The caller has checked that `by` may take the step.

    `columns` are {"label", "kind": "text" | "number"}, `rows` {"key", "cells": [text, …]}; ValueError when
    they do not fit. `digest` is that of what the list was drawn from. Raises NotNow for a window without a
    working day.
    """
    notice_kind(kind)
    _check_rows(columns, rows)
    if working_days < 1:
        raise NotNow("公示期至少为1个工作日。")
    if not legal_basis.strip():
        raise NotNow("公示须写明依据。")
    closes = add_working_days(on, working_days)
    [number] = take_numbers(PREFIX, on.year, 1)
    notice = PublicNotice.objects.create(
        number=number,
        kind=kind,
        case=case,
        region=region,
        title=title,
        legal_basis=legal_basis,
        body=body,
        published_on=on,
        opens_on=on,
        closes_on=closes.on,
        closes_certain=closes.certain,
        working_days=working_days,
        published_by=by,
    )
    NoticeVersion.objects.create(
        notice=notice, position=1, columns=list(columns), rows=list(rows), digest=digest
    )
    audit.record(
        "notice.publish",
        by=by,
        obj=notice,
        region=notice.place,
        detail={"number": number, "rows": len(rows), "digest": digest, "closes_on": closes.on.isoformat()},
    )
    return notice


@transaction.atomic
def revise_notice(
    notice_id: int,
    *,
    columns: Columns,
    rows: Rows,
    digest: str,
    reason: str,
    moved: Sequence[str],
    by: Any,
    on: date,
) -> NoticeVersion:
    """Put a further version beside the earlier ones: the list now, why it changed and what moved, in words.

    The caller has checked that `by` may decide what changed it. Raises NotNow without a reason; ValueError
    for unfit rows.
    """
    _check_rows(columns, rows)
    reason = reason_in(reason)
    if not reason:
        raise NotNow("调整公示名单须写明原因。")
    notice = PublicNotice.objects.select_for_update().get(pk=notice_id)
    last = notice.versions.order_by("-position").first()
    version = NoticeVersion.objects.create(
        notice=notice,
        position=last.position + 1 if last else 1,
        columns=list(columns),
        rows=list(rows),
        digest=digest,
        reason=reason[:500],
        moved=list(moved),
    )
    audit.record(
        "notice.revise",
        by=by,
        obj=notice,
        region=notice.place,
        detail={
            "number": notice.number,
            "version": version.position,
            "rows": len(rows),
            "digest": digest,
            "on": on.isoformat(),
        },
    )
    return version


@transaction.atomic
def extend_notice(
    notice_id: int,
    *,
    reason: str,
    by: Any,
    on: date,
    until: date | None = None,
    working_days: int | None = None,
) -> NoticeExtension:
    """Let a notice last longer: until a day, or for so many whole working days after its last day (after
    `on`, if that is over).

    By who may extend notices, or who decides objections to them. Raises Refused, NotNow.
    """
    if (until is None) == (working_days is None):
        raise ValueError("an extension is given either by its last day or by its working days")
    notice = PublicNotice.objects.select_for_update().get(pk=notice_id)
    if working_days is not None:
        if working_days < 1:
            raise NotNow("延长至少为1个工作日。")
        closes = add_working_days(max(notice.closes_on, on), working_days)
    elif until is not None:
        if until < on:
            raise NotNow("延长后的截止日期不能早于今天。")
        # The day itself is what was decided: no calendar makes it uncertain.
        closes = Deadline(until, True)
    return extend_to(notice_id, closes, reason=reason, by=by)


@transaction.atomic
def extend_to(notice_id: int, closes: Deadline, *, reason: str, by: Any) -> NoticeExtension:
    """Move the last day of a notice to a day already worked out; see extend_notice.

    Raises Refused, NotNow.
    """
    notice = PublicNotice.objects.select_for_update().get(pk=notice_id)
    region, reason = notice.place, reason_in(reason)
    if not can(by, "objection.decide", region):
        require(by, "notice.extend", region)
    if notice_kind(notice.kind).settled(notice):
        raise NotNow(f"“{notice.title}”所公示的事项已办结，不能再延长公示。")
    if not reason:
        raise NotNow("延长公示须写明原因。")
    if closes.on <= notice.closes_on:
        raise NotNow(f"延长后的截止日期须晚于现在的截止日期{date_cn(notice.closes_on)}。")
    extension = NoticeExtension.objects.create(
        notice=notice, closed_on=notice.closes_on, closes_on=closes.on, reason=reason[:300], by=by
    )
    notice.closes_on, notice.closes_certain = closes.on, closes.certain
    notice.save(update_fields=["closes_on", "closes_certain"])
    audit.record(
        "notice.extend",
        by=by,
        obj=notice,
        region=region,
        detail={
            "number": notice.number,
            "from": extension.closed_on.isoformat(),
            "to": closes.on.isoformat(),
        },
    )
    return extension


def ended(notice: PublicNotice, day: date) -> bool:
    """Whether the last day on which objections are taken is over."""
    return day > notice.closes_on


def blockers(notice: PublicNotice, day: date) -> list[str]:
    """What must still happen before the office may decide after the notice; empty when nothing stands in the
    way.
    """
    unsettled = Objection.objects.unsettled().filter(notice=notice).order_by("pk")
    return _reasons(notice, list(unsettled.values_list("case__number", flat=True)), day)


def blockers_of_rows(
    rows: Collection[tuple[PublicNotice, str]], day: date
) -> dict[tuple[int, str], list[str]]:
    """The same of single rows, by notice and key of the row: what is said against another row stands in nobody's way.
    One statement for any number; not among them: rows of which nothing is.
    """
    notices = {notice.pk for notice, _ in rows}
    unsettled = Objection.objects.unsettled().filter(notice__in=notices).order_by("pk")
    against: dict[tuple[int, str], list[str]] = {}
    for notice_id, about, number in unsettled.values_list("notice_id", "about", "case__number"):
        against.setdefault((notice_id, about), []).append(number)
    found = {}
    for notice, key in rows:
        numbers = [*against.get((notice.pk, ""), []), *against.get((notice.pk, key), [])]
        if reasons := _reasons(notice, numbers, day):
            found[notice.pk, key] = reasons
    return found


def _reasons(notice: PublicNotice, unsettled: Sequence[str], day: date) -> list[str]:
    """What stands in the way, given the numbers of the objections that nobody has decided."""
    reasons = []
    if not ended(notice, day):
        reasons.append(f"公示尚未期满：公示至{date_cn(notice.closes_on)}（含当日），期满后方可办理。")
    if unsettled:
        named = "、".join(unsettled[:_NAMED_AT_MOST])
        if len(unsettled) > _NAMED_AT_MOST:
            named += "等"
        reasons.append(f"还有{len(unsettled)}件异议没有办结：{named}，须由异议处理人员作出决定。")
    return reasons


def digest_of_rows(rows: Rows) -> str:
    """SHA-256 over the rows of a list, for one that is drawn from nothing else."""
    text = json.dumps(list(rows), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def current_version(notice: PublicNotice) -> NoticeVersion:
    """The list as it is announced now."""
    return notice.versions.order_by("-position")[0]


def _check_rows(columns: Columns, rows: Rows) -> None:
    kinds = {column["kind"] for column in columns}
    if not columns or kinds - {"text", "number"}:
        raise ValueError(f"columns of a notice are text or number, not {sorted(kinds)}")
    keys = [row["key"] for row in rows]
    if len(set(keys)) != len(keys) or any(not 1 <= len(key) <= 40 for key in keys):
        raise ValueError("each row of a notice has a key of its own of 1 to 40 characters")
    for row in rows:
        cells = row["cells"]
        if len(cells) != len(columns) or not all(isinstance(cell, str) for cell in cells):
            raise ValueError("each row of a notice has a text for every column")
