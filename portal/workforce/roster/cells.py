"""What a cell may say, column by column. Each function takes a tidy, non-empty text and returns its value or
raises Wrong.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from portal.names import InvalidName, checked_person_name
from portal.spreadsheets.formulas import unguarded
from portal.spreadsheets.rows import EXCEL_EPOCH
from portal.workforce.identity import narrow
from portal.workforce.models import HonourAlias, HonourType, SkillLevel
from portal.workforce.plausibility.limits import FIRST_YEAR
from portal.workforce.roster.levels import NotALevel, read_level


class Wrong(ValueError):
    """What is wrong with a cell, for the person who filled it in. Never repeats a personal number."""


# A number that Excel has rounded: 1.50102E+17.
ROUNDED = re.compile(r"[+-]?\d(\.\d+)?[Ee]\+?\d+")
AS_TEXT = "Excel已将长号码存为数值，末几位可能已丢失。请将该列设为“文本”格式后重新填写"
NO_VALUE = "公式没有计算结果或结果为错误值，请改填数值"
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, 0xAD])


def tidy(text: str) -> str:
    """Without invisible characters, with single spaces. A leading ' that guards a text from being a formula
    is dropped.
    """
    text = unguarded(text.translate(_INVISIBLE).strip())
    text = " ".join(text.split())
    if any(unicodedata.category(character) == "Cc" for character in text):
        raise Wrong("含有不可见的控制字符，请重新填写")
    return text


def name(text: str) -> str:
    """A person's name in its normal form, of two characters at least."""
    try:
        checked = checked_person_name(text)
    except InvalidName as error:
        raise Wrong(str(error)) from error
    if len(checked) < 2:
        raise Wrong("姓名至少2个字")
    return checked


def level(text: str) -> SkillLevel:
    """A level by any of its names: “高级工（三级）” names one level twice, “技师（三级）” two."""
    try:
        return read_level(text)
    except NotALevel as error:
        raise Wrong(str(error)) from error


_YES = {"是", "有", "y", "yes", "1", "true", "√", "✓", "在"}
_NO = {"否", "无", "n", "no", "0", "false", "×", "不是", "非"}


def yes_or_no(text: str) -> bool:
    word = narrow(text).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Wrong("应填“是”或“否”")


def _number(text: str, unit: str) -> Decimal:
    plain = narrow(text).replace(",", "").replace(" ", "")
    plain = re.sub(rf"(?:{unit})$", "", plain)
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", plain):
        raise Wrong("应为数字")
    try:
        return Decimal(plain)
    except InvalidOperation as error:
        raise Wrong("应为数字") from error


def years(text: str) -> Decimal:
    """Years with one decimal at most, 0 to 60."""
    value = _number(text, "年")
    if value > 60:
        raise Wrong("年限应在0至60之间")
    if value != value.quantize(Decimal("0.1")):
        raise Wrong("年限最多一位小数")
    return value


def months(text: str) -> int:
    """Whole months, 0 to 720."""
    value = _number(text, "个月|月")
    if value != value.to_integral_value():
        raise Wrong("月数应为整数")
    if value > 720:
        raise Wrong("月数应在0至720之间")
    return int(value)


_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[ T]00:00(?::00)?)?")


def day(text: str, today: date, epoch: date = EXCEL_EPOCH) -> date:
    """A date in the usual ways of writing, or as the number Excel keeps for one, counted from the workbook's
    `epoch`. Not in the future.
    """
    plain = narrow(text)
    try:
        if match := _DATE.fullmatch(plain):
            value = date(*map(int, match.groups()))
        elif re.fullmatch(r"\d{8}", plain):
            value = date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
        elif re.fullmatch(r"\d{5}", plain):
            value = epoch + timedelta(days=int(plain))
        else:
            raise Wrong("日期应写作2024-01-25、2024年1月25日或20240125")
    except ValueError as error:
        raise error if isinstance(error, Wrong) else Wrong("日期不存在，请核对") from error
    if value > today:
        raise Wrong("日期晚于今天")
    if value.year < FIRST_YEAR:
        raise Wrong(f"日期早于{FIRST_YEAR}年")
    return value


@dataclass(frozen=True)
class NamedHonour:
    """One honour of a cell."""

    type_id: str
    named_as: str
    year: int
    document: str


_QUOTES = str.maketrans("", "", "“”\"‘’'「」『』《》〈〉 ")
_HONOUR_BREAK = re.compile(r"[、；;\n]+")
_YEAR = re.compile(r"(\d{4})年?(?:度)?")


class HonourNames:
    """The kinds of honours by every name they are or were called, each name with the years in which it was
    used.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int, int]] = {}
        self._labels: dict[str, str] = {}
        for alias in HonourAlias.objects.all():
            first = alias.since.year if alias.since else 0
            last = alias.until.year if alias.until else 9999
            self._note(alias.name, alias.type_id, first, last)
        for kind in HonourType.objects.all():
            self._note(kind.name, kind.code, 0, 9999)

    def _note(self, label: str, code: str, first: int, last: int) -> None:
        key = self._key(label)
        self._known[key] = (code, first, last)
        self._labels[key] = label.translate(_QUOTES)

    @staticmethod
    def _key(label: str) -> str:
        return narrow(label).translate(_QUOTES).replace("·", "").replace("(", "").replace(")", "").lower()

    def find(self, label: str, year: int) -> str:
        """The code of an honour called `label` in `year`. Raises Wrong with the names that come nearest."""
        key = self._key(label)
        if key not in self._known:
            near = self._nearest(key)
            hint = f"，是否为{'、'.join(f'“{name}”' for name in near)}" if near else ""
            raise Wrong(f"没有名为“{label[:40]}”的荣誉{hint}。请填写荣誉的规范全称")
        code, first, last = self._known[key]
        if not first <= year <= last:
            when = f"自{first}年起" if year < first else f"至{last}年止"
            raise Wrong(f"“{label[:40]}”这一名称{when}使用，与{year}年不符")
        return code

    def _nearest(self, key: str) -> Iterable[str]:
        keys = difflib.get_close_matches(key, self._known, n=3, cutoff=0.4)
        return dict.fromkeys(self._labels[near] for near in keys)

    def read(self, text: str, today: date) -> tuple[NamedHonour, ...]:
        """The honours of a cell, each 名称@年份@文号; the same one twice counts once."""
        honours: dict[tuple[str, int], NamedHonour] = {}
        for part in filter(None, map(str.strip, _HONOUR_BREAK.split(text))):
            honour = self._read_one(part, today)
            key = (honour.type_id, honour.year)
            known = honours.setdefault(key, honour)
            if known.document and honour.document and known.document != honour.document:
                raise Wrong(f"“{honour.named_as}”{honour.year}年写了两个不同的文号")
            if honour.document and not known.document:
                honours[key] = honour
        return tuple(honours.values())

    def _read_one(self, text: str, today: date) -> NamedHonour:
        """One honour, written 名称@年份@文号 or 名称@年份."""
        pieces = [piece.strip() for piece in text.replace("＠", "@").split("@")]
        if len(pieces) not in {2, 3} or not pieces[0]:
            raise Wrong("每项荣誉应写作“名称@年份@文号”，多项之间用顿号隔开；没有文号的写作“名称@年份”")
        label, year_text, document = (*pieces, "")[:3]
        match = _YEAR.fullmatch(narrow(year_text).replace(" ", ""))
        if not match:
            raise Wrong("荣誉的年份应为4位数字，如2023")
        year = int(match[1])
        if not FIRST_YEAR <= year <= today.year:
            raise Wrong(f"荣誉的年份应在{FIRST_YEAR}至{today.year}之间")
        if len(document) > 80 or len(label) > 60:
            raise Wrong("荣誉名称最多60字，文号最多80字")
        return NamedHonour(self.find(label, year), label, year, document)
