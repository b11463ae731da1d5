"""Rows of a bank's answer as its profile reads them. A row that cannot be read stays a row, with what is wrong with it.

What people do to such files on the way is borne: a mark in front, blank lines, a row of totals, full-width digits, numbers
as text. Nothing is guessed: an account that a spreadsheet program has rounded is no account.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import IO

from portal.funds.locking import plain_account, plain_name
from portal.funds.money import fen
from portal.funds.profiles import ANSWER_FIELDS, Profile
from portal.spreadsheets import header, limits
from portal.spreadsheets.header import FileRefused, SheetForm, read_header
from portal.spreadsheets.reading import Rows, open_rows
from portal.spreadsheets.rows import UNREADABLE, Row
from portal.workforce.identity import narrow
from portal.workforce.roster.cells import ROUNDED, Wrong, tidy

_OPTIONAL = {"name", "words", "bank_number"}
_TOTALS = re.compile("合计|总计|小计|总笔数|总金额")
_AMOUNT = re.compile(r"[¥￥]?(-?[\d,]+(?:\.\d{1,2}0*)?)元?")
_NUMBERS = re.compile(r"[\d*Xx]{4,}")
_MOST_WORDS, _MOST_NUMBER, _MOST_REFERENCE = 120, 40, 40
# More than any sum is; larger ones are not kept as numbers.
_MOST_FEN = 10**15
_REMEMBERED = 50_000


@dataclass(frozen=True)
class Read:
    """A row: `said` is paid, returned, or "" where the bank says neither. Amounts in fen."""

    line: int
    raw: str
    reference: str
    amount: int | None
    account: str
    name: str
    said: str
    words: str
    bank_number: str
    remark: str


def plain_words(text: str) -> str:
    """Why a payment came back, as it is looked up: narrow, without numbers of people and accounts."""
    return _NUMBERS.sub("＃", " ".join(narrow(text).split()).strip("。.；;，, "))[:_MOST_WORDS]


class AnswerFile:
    """An answer that has the layout of its profile. Raises FileRefused in words where it has another one."""

    def __init__(
        self, given: Path | IO[bytes], profile: Profile, *, within: limits.Limits = limits.AT_LENGTH
    ) -> None:
        self._profile = profile
        self._rows: Rows = open_rows(given, f"{profile.name}回盘", within=within)
        self.expected = self._rows.expected
        self._known: dict[str, dict[str, tuple[str, list[str]]]] = defaultdict(dict)
        # Rows of totals, which are nobody's.
        self.totals = 0
        if profile.answer.header:
            self._at = self._by_header()
        else:
            self._at = self._by_place()

    def _by_header(self) -> dict[str, int]:
        columns = self._profile.answer.columns
        form = SheetForm(
            f"{self._profile.name}回盘",
            [
                header.Column(one.field, one.label, "", "", optional=one.field in _OPTIONAL, also=one.also)
                for one in columns
                if one.field != "other"
            ],
            beside=[label for one in columns if one.field == "other" for label in (one.label, *one.also)],
            has_template=False,
        )
        return read_header(self._rows.labels, form, first=self._rows.first).at

    def _by_place(self) -> dict[str, int]:
        columns = self._profile.answer.columns
        at = {one.field: place for place, one in enumerate(columns) if one.field != "other"}
        cells = self._rows.labels
        said = self._status(cells[at["status"]]) if len(cells) > at["status"] else ""
        if len(cells) != len(columns) or not said:
            expected = "、".join(one.label for one in columns)
            raise FileRefused(
                f"文件与“{self._profile.name}”的回盘格式不一致：每行应有{len(columns)}列（{expected}），没有表头，"
                f"第{self._rows.at}行现有{len(cells)}列。请核对所选的支付渠道，或下载银行原始回盘文件后重新上传。"
            )
        return at

    def rows(self) -> Iterator[Read]:
        """Each row that is about a payment, in the order of the file. Raises FileRefused."""
        self.totals = 0
        for line, cells in self._every():
            if self._is_total(cells):
                self.totals += 1
            else:
                yield self._read(line, cells)

    def _every(self) -> Iterator[Row]:
        if not self._profile.answer.header:
            yield self._rows.at, self._rows.labels
        yield from self._rows.rows()

    def _is_total(self, cells: Sequence[str]) -> bool:
        reference = self._cell(cells, "reference")
        if reference.isascii() and reference.strip():
            return False
        return (not reference.strip() or bool(_TOTALS.search(reference))) and any(
            _TOTALS.search(cell) for cell in cells
        )

    def _cell(self, cells: Sequence[str], field: str) -> str:
        place = self._at.get(field)
        return cells[place] if place is not None and place < len(cells) else ""

    def _read(self, line: int, cells: Sequence[str]) -> Read:
        wrong: list[str] = []
        account = self._tidy(cells, "account", wrong)
        if not account.isdigit():
            account = self._account(account, wrong)
        said = self._remembered("status", self._cell(cells, "status"), wrong)
        amount_in = "amount_in_fen" if "amount_in_fen" in self._at else "amount"
        amount = self._remembered(amount_in, self._cell(cells, amount_in), wrong)
        return Read(
            line=line,
            raw="\t".join(cells),
            reference=self._tidy(cells, "reference", wrong).replace(" ", "").upper()[:_MOST_REFERENCE],
            amount=int(amount) if amount else None,
            account=account,
            name=self._remembered("name", self._cell(cells, "name"), wrong),
            said=said,
            words=self._remembered("words", self._cell(cells, "words"), wrong),
            bank_number=self._tidy(cells, "bank_number", wrong).replace(" ", "")[:_MOST_NUMBER],
            remark="；".join(wrong)[:_MOST_WORDS],
        )

    def _tidy(self, cells: Sequence[str], field: str, wrong: list[str]) -> str:
        """A cell without what people and programs add to it."""
        text = self._cell(cells, field)
        # Most of them are plain letters and digits.
        if text.isascii() and text.isalnum():
            return text
        return self._tidied(text, field, wrong)

    def _tidied(self, text: str, field: str, wrong: list[str]) -> str:
        try:
            return narrow(tidy(text.replace(UNREADABLE, "")))
        except Wrong:
            wrong.append(f"“{ANSWER_FIELDS[field]}”含有不可见的字符")
            return ""

    def _account(self, text: str, wrong: list[str]) -> str:
        if ROUNDED.fullmatch(text):
            wrong.append("账号已被表格软件存为科学计数法，不能核对")
            return ""
        return plain_account(text)

    def _remembered(self, field: str, text: str, wrong: list[str]) -> str:
        """What a cell means whose text repeats from row to row: each is understood once."""
        known = self._known[field]
        if text not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            found: list[str] = []
            known[text] = self._meaning(field, self._tidied(text, field, found), found), found
        meaning, found = known[text]
        wrong += found
        return meaning

    def _meaning(self, field: str, text: str, wrong: list[str]) -> str:
        if field == "name":
            return plain_name(text)
        if field == "words":
            return plain_words(text)
        if field == "status":
            said = self._status(text)
            if not said:
                wrong.append(f"处理结果“{text[:20]}”不能识别")
            return said
        counted = _counted(text, in_fen=field == "amount_in_fen")
        if counted is None:
            wrong.append(f"金额“{text[:20]}”不能识别")
            return ""
        return str(counted)

    def _status(self, text: str) -> str:
        status = narrow(text)
        if status in self._profile.answer.paid:
            return "paid"
        return "returned" if status in self._profile.answer.returned else ""


def _counted(text: str, *, in_fen: bool) -> int | None:
    """An amount in fen; None for what is none."""
    found = _AMOUNT.fullmatch(text.replace(" ", ""))
    if found is None:
        return None
    try:
        said = Decimal(found[1].replace(",", ""))
        counted = fen(said / 100) if in_fen else fen(said)
    except (InvalidOperation, ValueError):
        return None
    return counted if abs(counted) <= _MOST_FEN else None
