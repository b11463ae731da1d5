"""What a worker's page shows of each kind of record: one table, read by the page and by the forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from portal.accounts.access import can
from portal.formats import date_iso
from portal.workforce.actions import KINDS
from portal.workforce.models import Worker
from portal.workforce.models.facts import RECRUITED_VALUES
from portal.workforce.models.honours import HonourState

Cell = Callable[[Any], Any]
HONOUR_TONES = {HonourState.UNVERIFIED: "warn", HonourState.VERIFIED: "good", HonourState.REFUTED: "bad"}
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
    return {True: "是", False: "否"}.get(value, "") if value is not None else ""


def attested_value(record: Any) -> str:
    return (
        yes_no(record.value)
        if isinstance(record.value, bool)
        else RECRUITED_VALUES.get(record.value, str(record.value))
    )


def _choice(name: str) -> Cell:
    return lambda record: getattr(record, f"get_{name}_display")()


def _plain(name: str) -> Cell:
    return lambda record: "" if getattr(record, name) is None else getattr(record, name)


def _day(name: str) -> Cell:
    return lambda record: date_iso(getattr(record, name))


def _bool(name: str) -> Cell:
    return lambda record: yes_no(getattr(record, name))


def _months(name: str) -> Cell:
    return lambda record: "" if getattr(record, name) is None else f"{getattr(record, name)}个月"


def _years(name: str) -> Cell:
    return lambda record: "" if getattr(record, name) is None else f"{getattr(record, name):g}年"


@dataclass(frozen=True)
class Section:
    """A kind of record on the page: where it hangs on the worker, its columns, who adds to it, what to say
    when it is empty.
    """

    kind: str
    title: str
    related: str
    columns: tuple[tuple[str, Cell], ...]
    permission: str
    empty: str
    single: bool = False
    joins: tuple[str, ...] = ()


SECTIONS: tuple[Section, ...] = (
    Section(
        "employment", "就业信息", "employments",
        (("状态", _choice("status")), ("用人单位", _plain("employer")), ("职业（工种）", _plain("occupation")),
         ("一线岗位", _bool("on_front_line")), ("一线年限", _years("front_line_years")), ("技能岗位", _bool("in_skilled_post")),
         ("在编", _bool("public_institution_payroll")), ("工龄", _years("worked_years")),
         ("连续工作", _months("continuous_months")), ("起始", _day("started_on")), ("终止", _day("ended_on"))),
        "worker.edit", "没有就业信息，无法判断在职状态和一线年限。", joins=("employer",),
    ),
    Section(
        "credential", "技能证书", "credentials",
        (("职业（工种）", _plain("occupation")), ("等级", _choice("level")), ("证书编号", _plain("number")),
         ("发证日期", _day("issued_on")), ("核验", _choice("verified_how"))),
        "worker.edit", "没有技能证书，技能等级按“无”处理。",
    ),
    Section(
        "honour", "荣誉", "honours",
        (("荣誉", _plain("type")), ("原文名称", _plain("named_as")), ("年度", _plain("year")), ("授予日期", _day("conferred_on")),
         ("文号", _plain("document"))),
        "honour.record", "没有登记荣誉。", joins=("type", "verified_by"),
    ),
    Section(
        "insurance", "失业保险", "insurance",
        (("累计缴费", _months("months")), ("正在领取失业保险金", _bool("drawing_benefit")), ("截至", _day("as_of"))),
        "worker.edit", "没有失业保险信息，技能提升补贴的缴费条件无法判断。", single=True,
    ),
    Section(
        "attested", "核定事项", "attested_facts",
        (("事项", _choice("code")), ("内容", attested_value), ("自", _day("since")), ("至", _day("until")),
         ("依据", _plain("document"))),
        "worker.edit", "没有核定事项。",
    ),
    Section(
        "schooling", "技工院校学历", "schoolings",
        (("院校", _plain("school")), ("班别", _choice("graduated_from")), ("毕业日期", _day("graduated_on"))),
        "worker.edit", "没有技工院校学历。",
    ),
    Section(
        "competition", "竞赛成绩", "competition_results",
        (("赛事", _choice("competition")), ("名称", _plain("name")), ("届次", _plain("edition")), ("名次", _plain("rank")),
         ("奖项", _choice("prize")), ("身份", _choice("role")), ("代表内蒙古", _bool("for_inner_mongolia")),
         ("日期", _day("held_on")), ("文号", _plain("document"))),
        "worker.edit", "没有竞赛成绩。",
    ),
    Section(
        "claim", "以往补贴", "claims",
        (("补贴", _choice("kind")), ("职业（工种）", _plain("occupation")), ("等级", _choice("level")),
         ("证书编号", _plain("certificate_number")), ("申领日期", _day("claimed_on"))),
        "worker.edit", "没有以往补贴记录。",
    ),
)  # fmt: skip


def records_of(section: Section, worker: Worker) -> list[Any]:
    """The records, with what their row needs, in one query."""
    if section.single:
        record = getattr(worker, section.related, None)
        return [record] if record else []
    return list(getattr(worker, section.related).select_related("recorded_by", *section.joins))


def shown(section: Section, worker: Worker, user: Any) -> dict[str, Any]:
    """The section as the template draws it: rows of cells, with source, who wrote it down and when, and links
    to change it.
    """
    may = can(user, section.permission, worker.work_region_id)
    records = records_of(section, worker)
    rows = []
    for record in records:
        changeable = may and not (section.kind == "honour" and record.state == HonourState.VERIFIED)
        rows.append(
            {
                "cells": [(label, cell(record)) for label, cell in section.columns],
                "record": record,
                "source": record.source,
                "recorded_by": record.recorded_by,
                "recorded_at": record.recorded_at,
                "ended": _ended(section.kind, record),
                "edit": reverse("window:record", args=[worker.pk, section.kind, record.pk])
                if changeable
                else "",
                "state": (record.get_state_display(), HONOUR_TONES[record.state])
                if section.kind == "honour"
                else None,
            }
        )
    add = may and not (section.single and records)
    return {
        "kind": section.kind,
        "title": section.title,
        "rows": rows,
        "empty": section.empty,
        "heads": [label for label, _ in section.columns],
        "short": _SHORT,
        "add": reverse("window:record_new", args=[worker.pk, section.kind]) if add else "",
    }


def _ended(kind: str, record: Any) -> bool:
    row = KINDS.get(kind)
    return bool(row and row.ends_with and getattr(record, row.ends_with) is not None)
