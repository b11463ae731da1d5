"""A list of subsidies that were paid: its columns, and how its rows are understood.

The columns of an extract of earlier claims are understood as well, so that one file serves for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from portal import crypto
from portal.names import checked_person_name
from portal.spreadsheets.header import Column, FileRefused, SheetForm
from portal.spreadsheets.reading import Source
from portal.workforce.identity import certificate_number, check_id_number, mask_id_number, narrow
from portal.workforce.models.facts import ClaimKind
from portal.workforce.placeholders import says_nothing
from portal.workforce.roster import cells
from portal.workforce.roster.cells import Wrong
from subsidies.row_cells import scheme_of_level, tidied, understood
from subsidies.schemes import Scheme

MOST_LINES = 20_000
# So many lines fill a fraction of it.
MOST_BYTES = 20 << 20
_MOST_PAID = Decimal(1_000_000)
FORM = SheetForm(
    "已发补贴名单",
    (
        Column("number", "证件号码", "18位公民身份号码。", "15000019000101000X", needed=True, most=40),
        Column("name", "姓名", "填写的，与登记的姓名核对。", "王建国", most=60, optional=True),
        Column("occupation", "职业工种", "证书所载名称。", "焊工", needed=True, most=60),
        Column(
            "level",
            "技能等级",
            "初级工至高级工为技能提升补贴，技师、高级技师为培训补贴。",
            "高级工",
            needed=True,
        ),
        Column("certificate", "证书编号", "没有编号的不填，按职业工种和等级查找。", "S000015000001", most=40),
        Column("issued_on", "发证日期", "填写的，与登记的日期核对。", "2024-01-25", optional=True),
        Column("claimed_on", "申领日期", "按这一天的政策认定。", "2024-03-01", needed=True),
        Column(
            "paid",
            "补贴金额",
            "实际发放的金额，单位为元。",
            "2000",
            needed=True,
            most=20,
            also=("金额（元）", "实发金额"),
        ),
        Column(
            "kind",
            "补贴种类",
            "技能提升补贴或职业培训补贴；今后同一文件作为以往补贴摘录提交的，须填写。",
            "技能提升补贴",
            most=20,
            optional=True,
        ),
    ),
    notes=("每笔补贴一行。", "试算不写入任何记录，名单在试算完成后即删除。"),
)
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Paid:
    """One payment, as the list has it. Names and masked numbers are shown, and never staged."""

    line: int
    digest: bytes
    masked: str
    name: str
    scheme: Scheme
    occupation: str
    level: int
    certificate: str
    issued_on: date | None
    claimed_on: date
    paid: Decimal


@dataclass(frozen=True)
class Unread:
    """A row that is not understood, and why."""

    line: int
    said: str


def read(source: Source, progress: Callable[[int], None]) -> tuple[list[Paid], list[Unread]]:
    """Every row of a list, and those that are not understood. FileRefused when it has none, or too many."""
    digest = crypto.digester("id")
    paid: list[Paid] = []
    unread: list[Unread] = []
    for count, (line, row) in enumerate(source.rows(), 1):
        if count > MOST_LINES:
            raise FileRefused(f"一次最多试算{MOST_LINES:,}行，请分成几个文件。")
        try:
            if line in source.hidden:
                raise Wrong("这一行是隐藏的，或被筛选掉了")
            paid.append(_paid(line, dict(tidied(source, FORM, row)), source.epoch, digest))
        except Wrong as wrong:
            unread.append(Unread(line, f"{str(wrong).rstrip('。')}。"))
        if count % 1_000 == 0:
            progress(count)
    if not paid and not unread:
        raise FileRefused("文件中没有数据行。请填写后重新上传。")
    return paid, unread


def _paid(line: int, given: Cells, epoch: date, digest: Callable[[str], bytes]) -> Paid:
    number = understood("证件号码", check_id_number, given["number"])
    level = understood("技能等级", cells.level, given["level"])
    scheme = understood("技能等级", scheme_of_level, level)
    if given["kind"]:
        understood("补贴种类", _agreeing_kind, (given["kind"], scheme))

    def day(label: str, text: str) -> date:
        return understood(label, lambda said: cells.day(said, timezone.localdate(), epoch), text)

    return Paid(
        line,
        digest(number),
        mask_id_number(number),
        understood("姓名", _name, given["name"]),
        scheme,
        given["occupation"].replace(" ", ""),
        int(level),
        "" if says_nothing(given["certificate"]) else certificate_number(given["certificate"]),
        day("发证日期", given["issued_on"]) if given["issued_on"] else None,
        day("申领日期", given["claimed_on"]),
        understood("补贴金额", _amount, given["paid"]),
    )


def _name(text: str) -> str:
    return checked_person_name(text) if text else ""


def _agreeing_kind(said: tuple[str, Scheme]) -> None:
    text, scheme = said
    kinds = {label: str(code) for code, label in ClaimKind.choices}
    if kinds.get(text) != scheme.earlier and text != scheme.title:
        raise Wrong("与技能等级不符")


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(narrow(text).replace(",", "").removesuffix("元"))
    except InvalidOperation as error:
        raise Wrong("应为金额") from error
    if not amount.is_finite() or not 0 < amount <= _MOST_PAID or amount != amount.quantize(Decimal("0.01")):
        raise Wrong("金额应大于0，不超过1,000,000元，最多两位小数")
    return amount
