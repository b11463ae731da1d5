"""What a worker's page shows of each kind of record: one table, read by the page and by the forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from portal.accounts.access import can
from portal.formats import date_iso
from portal.workforce.authors import has_written
from portal.workforce.models import RecordChange, Worker
from portal.workforce.models.facts import ATTESTED_WORDS
from portal.workforce.models.honours import HonourState
from portal.workforce.models.verification import Verification
from portal.workforce.record_kinds import (
    ATTESTED,
    CLAIM,
    COMPETITION,
    CREDENTIAL,
    EMPLOYMENT,
    HONOUR,
    INSURANCE,
    SCHOOLING,
    RecordKind,
    is_written_by_portal,
)

Cell = Callable[[Any], Any]
HONOUR_TONES = {HonourState.UNVERIFIED: "warn", HonourState.VERIFIED: "good", HonourState.REFUTED: "bad"}
VERIFICATION_TONES = {
    Verification.STATED: "warn",
    Verification.CONFIRMED: "good",
    Verification.REFUTED: "bad",
}
# Columns that stay on one line: states and dates.
_SHORT = {
    "状态",
    "起始",
    "终止",
    "发证日期",
    "授予日期",
    "截至",
    "自",
    "至",
    "毕业日期",
    "日期",
    "申领日期",
    "等级",
    "年度",
    "一线年限",
}
PAYEE_TONES = {"proposed": "warn", "confirmed": "good", "refused": "bad", "replaced": "plain"}


def yes_no(value: bool | None) -> str:
    if value is None:
        return ""
    return "是" if value else "否"


def attested_value(record: Any) -> str:
    if isinstance(record.value, bool):
        return yes_no(record.value)
    return ATTESTED_WORDS.get(record.code, {}).get(record.value, str(record.value))


def _choice(name: str) -> Cell:
    return lambda record: getattr(record, f"get_{name}_display")()


def _day(name: str) -> Cell:
    return lambda record: date_iso(getattr(record, name))


def _bool(name: str) -> Cell:
    return lambda record: yes_no(getattr(record, name))


def _known(name: str, write: Callable[[Any], Any]) -> Cell:
    """A cell that stays empty where nothing is known."""

    def cell(record: Any) -> Any:
        value = getattr(record, name)
        return "" if value is None else write(value)

    return cell


def _plain(name: str) -> Cell:
    return _known(name, lambda value: value)


def _months(name: str) -> Cell:
    return _known(name, lambda value: f"{value}个月")


def _years(name: str) -> Cell:
    return _known(name, lambda value: f"{value:g}年")


@dataclass(frozen=True)
class Section:
    """A kind of record on the page: its columns, what to say when there is none, and what rows read along."""

    kind: RecordKind
    columns: tuple[tuple[str, Cell], ...]
    empty: str
    joins: tuple[str, ...] = ()


SECTIONS: tuple[Section, ...] = (
    Section(
        EMPLOYMENT,
        (("状态", _choice("status")), ("用人单位", _plain("employer")),
         ("职业（工种）", _plain("occupation")), ("一线岗位", _bool("on_front_line")),
         ("一线年限", _years("front_line_years")),
         ("技能岗位", _bool("in_skilled_post")), ("在编", _bool("public_institution_payroll")),
         ("工龄", _years("worked_years")), ("连续工作", _months("continuous_months")),
         ("起始", _day("started_on")), ("终止", _day("ended_on"))),
        "没有就业信息，无法判断在职状态和一线年限。", joins=("employer",),
    ),
    Section(
        CREDENTIAL,
        (("职业（工种）", _plain("occupation")), ("等级", _choice("level")), ("证书编号", _plain("number")),
         ("发证日期", _day("issued_on")), ("登记时查验", _choice("verified_how"))),
        "没有技能证书，技能等级按“无”处理。",
    ),
    Section(
        HONOUR,
        (("荣誉", _plain("type")), ("原文名称", _plain("named_as")), ("年度", _plain("year")),
         ("授予日期", _day("conferred_on")), ("文号", _plain("document"))),
        "没有登记荣誉。", joins=("type", "verified_by"),
    ),
    Section(
        INSURANCE,
        (("累计缴费", _months("months")), ("正在正常缴费", _bool("paying")),
         ("正在领取失业保险金", _bool("drawing_benefit")),
         ("截至", _day("as_of"))),
        "没有失业保险信息，技能提升补贴的缴费条件无法判断。",
    ),
    Section(
        ATTESTED,
        (("事项", _choice("code")), ("内容", attested_value), ("自", _day("since")), ("至", _day("until")),
         ("依据", _plain("document"))),
        "没有核定事项。",
    ),
    Section(
        SCHOOLING,
        (("院校", _plain("school")), ("班别", _choice("graduated_from")), ("毕业日期", _day("graduated_on"))),
        "没有技工院校学历。",
    ),
    Section(
        COMPETITION,
        (("赛事", _choice("competition")), ("名称", _plain("name")), ("届次", _plain("edition")),
         ("名次", _plain("rank")), ("奖项", _choice("prize")), ("身份", _choice("role")),
         ("代表内蒙古", _bool("for_inner_mongolia")), ("日期", _day("held_on")),
         ("文号", _plain("document"))),
        "没有竞赛成绩。",
    ),
    Section(
        CLAIM,
        (("补贴", _choice("kind")), ("职业（工种）", _plain("occupation")), ("等级", _choice("level")),
         ("证书编号", _plain("certificate_number")), ("申领日期", _day("claimed_on"))),
        "没有以往补贴记录。",
    ),
)  # fmt: skip


def section_of(kind: str) -> Section:
    return next(section for section in SECTIONS if section.kind.code == kind)


def records_of(section: Section, worker: Worker) -> list[Any]:
    """The records, with what their row needs, in one query."""
    if section.kind.single:
        record = getattr(worker, section.kind.related, None)
        return [record] if record else []
    records = getattr(worker, section.kind.related)
    return list(records.select_related("recorded_by", *section.joins))


def open_changes(worker: Worker, user: Any) -> dict[tuple[str, int], RecordChange]:
    """What of the worker waits to be changed by another person: by kind and number of the record."""
    changes = RecordChange.objects.visible_to(user).open().filter(worker=worker)
    return {(change.kind, change.record_id): change for change in changes}


def section_context(
    section: Section,
    worker: Worker,
    user: Any,
    documents: Mapping[tuple[str, int], int],
    changes: Mapping[tuple[str, int], RecordChange],
) -> dict[str, Any]:
    """The section as the template draws it: rows of cells, with source, who wrote it down and when, and links
    to change it.
    """
    kind = section.kind
    may_change = can(user, kind.permission, worker.work_region_id)
    records = records_of(section, worker)
    may_add = may_change and not (kind.single and records)
    return {
        "kind": kind.code,
        "title": kind.title,
        "rows": [
            {
                **_row(section, record, worker, user, may_change=may_change),
                "documents": documents.get((kind.code, record.pk), 0),
                "change": changes.get((kind.code, record.pk)),
            }
            for record in records
        ],
        "empty": section.empty,
        "judged": _judged(kind),
        "heads": [label for label, _ in section.columns],
        "short": _SHORT,
        "add": reverse("window:record_new", args=[worker.pk, kind.code]) if may_add else "",
    }


def _judged(kind: RecordKind) -> str:
    """The head of the column that says what another person has found; none where nobody is asked."""
    if kind is HONOUR:
        return "状态"
    return "核验状态" if kind.verified else ""


def _row(section: Section, record: Any, worker: Worker, user: Any, *, may_change: bool) -> dict[str, Any]:
    kind = section.kind
    state = None
    confirm = ""
    if kind is HONOUR:
        state = (record.get_state_display(), HONOUR_TONES[record.state])
        # What was verified is not changed: it is refuted first.
        may_change = may_change and record.state != HonourState.VERIFIED
    elif kind.verified and is_written_by_portal(record):
        may_change = False
    elif kind.verified:
        state = (record.get_verification_display(), VERIFICATION_TONES[record.verification])
        waits = record.verification == Verification.STATED and worker.account_id != user.pk
        if waits and can(user, "record.verify", worker.work_region_id) and not has_written(user, record):
            confirm = reverse("window:record_confirm", args=[kind.code, record.pk])
    address = reverse("window:record", args=[worker.pk, kind.code, record.pk])
    return {
        "cells": [(label, cell(record)) for label, cell in section.columns],
        "record": record,
        "source": record.source,
        "recorded_by": record.recorded_by,
        "recorded_at": record.recorded_at,
        "ended": bool(kind.ends_with) and getattr(record, kind.ends_with) is not None,
        "edit": address if may_change else "",
        "state": state,
        "verdict": getattr(record, "verdict", "") or getattr(record, "verified_from", ""),
        "confirm": confirm,
    }
