"""Checks the rows of a roster, one by one, without asking the database: 650,000 of them in seconds.

What a column says repeats from row to row, except for numbers and names: each text is understood once and
remembered. An ID number in its plain form is checked here in one step; whatever does not pass goes to
portal.workforce.identity, which decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import getitem, itemgetter, mul
from typing import Any

from portal.accounts.access import Scope
from portal.names import InvalidName, checked_unit_name
from portal.spreadsheets.formulas import GUARDS, unguarded
from portal.spreadsheets.header import Header
from portal.spreadsheets.rows import EXCEL_EPOCH, UNREADABLE
from portal.workforce import identity
from portal.workforce.models import Employer
from portal.workforce.placeholders import explains_nothing, says_as_above, says_nothing
from portal.workforce.roster import cells as read
from portal.workforce.roster import units
from portal.workforce.roster.cells import AS_TEXT, NO_VALUE, ROUNDED, HonourNames, NamedHonour, Wrong
from portal.workforce.roster.columns import COLUMNS
from portal.workforce.roster.places import PlaceNames

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = 48 * sum(_WEIGHTS)
_CHECKS = "10X98765432"
_REMEMBERED = 50_000
# A name that is in its normal form as it stands: most are.
_PLAIN_NAME = re.compile("[\u4e00-\u9fff]{2,60}")
NULL = r"\N"
# The columns whose texts repeat, in the order in which they are staged.
REPEATING = (
    "region",
    "employer",
    "code",
    "occupation",
    "level",
    "issued_on",
    "front_line",
    "years",
    "months",
)
_OCCUPATION, _LEVEL, _ISSUED_ON = map(REPEATING.index, ("occupation", "level", "issued_on"))
_BLANK = {key: "" if key in {"employer", "code", "occupation"} else NULL for key in REPEATING}
_MOST = {column.key: column.most for column in COLUMNS}
_NEEDED = "不能为空"
HIDDEN_IN_WORDS = "在工作表中是隐藏的，或被筛选掉了"
_HIDDEN = f"第{{}}行{HIDDEN_IN_WORDS}，没有导入。确要导入的，请核对本行后重新上传；不要的，请从表中删除。"


@dataclass(slots=True)
class Checked:
    """A row that is right. `values` are REPEATING and the certificate's number, as COPY reads them."""

    line: int
    number: str
    phone: str | None
    name: str
    born: str
    sex: str
    values: str
    honours: Sequence[NamedHonour]
    explanation: str = ""


def _with_all(header: Header, fixed: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """(the place of every column of the form, cells that are put behind each row for those the file does not have)."""
    at = dict(header.at)
    behind: list[str] = []
    for column in COLUMNS:
        if column.key not in at:
            at[column.key] = header.width + len(behind)
            behind.append(fixed.get(column.key, ""))
    return at, behind


class Refusal(str):
    """Why a row is refused: each cell, and what is `wrong` with it, by its key."""

    wrong: dict[str, str]

    def __new__(cls, words: str, wrong: dict[str, str] | None = None) -> Refusal:
        made = super().__new__(cls, words)
        made.wrong = wrong or {}
        return made

    @property
    def cells(self) -> str:
        """The keys of the faulty cells, joined with commas."""
        return ",".join(self.wrong)


def for_copy(text: str) -> str:
    """A tidy text as COPY reads it: there are no tabs and line ends left in it, only \\ means something."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def _is_plain(text: str) -> bool:
    """Nothing to tidy: printable, no spaces, no guard in front."""
    return text.isprintable() and " " not in text and text[:1] not in GUARDS


def _without_guard(text: str) -> str:
    return unguarded(text.strip())


def _certificate_number(text: str) -> str:
    if says_as_above(text):
        raise Wrong("“同上”不是证书编号，请逐行填写")
    return "" if says_nothing(text) else identity.certificate_number(text)


class Checker:
    """Knows the header, the regions, the honours, and where the importing person works."""

    def __init__(
        self,
        header: Header,
        *,
        scope: Scope,
        today: date,
        epoch: date = EXCEL_EPOCH,
        hidden: Collection[int] = (),
        fixed: Mapping[str, str] = {},
        strict_width: bool = True,
        unit: Employer | None = None,
    ) -> None:
        self.header, self.scope, self.today = header, scope, today
        self.epoch, self.hidden = epoch, hidden
        self.places = PlaceNames()
        self.honour_names = HonourNames()
        self._width, self._strict_width = header.width, strict_width
        at, self._behind = _with_all(header, fixed)
        self._at_name, self._at_number, self._at_phone = at["name"], at["number"], at["phone"]
        self._at_certificate, self._at_honours = at["certificate"], at["honours"]
        self._at_explanation = at["explanation"]
        # For each of REPEATING: what a cell's text is for COPY, and what is wrong with those that are wrong.
        self._known: list[dict[str, str]] = [
            {} if key == "region" else {"": _BLANK[key]} for key in REPEATING
        ]
        self._wrong: list[dict[str, str]] = [{} for _ in REPEATING]
        self.unit = unit
        if unit is not None:
            # Whoever a unit names without a unit works there.
            self._known[REPEATING.index("employer")][""] = for_copy(unit.name)
        self._repeating = itemgetter(*(at[key] for key in REPEATING))
        self._births: dict[str, str] = {}
        self._understand: dict[str, Callable[[str], str]] = {
            "region": self._region,
            "employer": self._employer,
            "code": self._code,
            "occupation": self._occupation,
            "level": self._level,
            "issued_on": self._issued_on,
            "front_line": self._front_line,
            "years": self._years,
            "months": self._months,
        }

    def check(self, line: int, cells: list[str]) -> Checked | Refusal:
        """What the row says, or every cell that is wrong."""
        if line in self.hidden:
            return Refusal(_HIDDEN.format(line))
        width = self._width
        if len(cells) != width:
            if self._strict_width and len(cells) > width and any(map(str.strip, cells[width:])):
                return Refusal(
                    f"第{line}行有{len(cells)}列，多于表头的{width}列，请核对是否有多余的逗号或单元格。"
                )
            cells = [*cells[:width], *[""] * (width - len(cells))]
        if self._behind:
            cells = cells + self._behind
        wrong: dict[str, str] = {}
        try:
            values = list(map(getitem, self._known, self._repeating(cells)))
        except KeyError:
            values = self._learn(self._repeating(cells), wrong)
        name, number, born = self._person(cells, wrong)
        phone = self._phone(cells[self._at_phone], wrong)
        certificate = self._certificate(cells[self._at_certificate], wrong)
        text = cells[self._at_honours]
        honours = self._honours(text, wrong) if text else ()
        explanation = self._explanation(cells, wrong)
        if values[_LEVEL] == NULL:
            if (certificate or values[_ISSUED_ON] != NULL) and "level" not in wrong:
                wrong["level"] = "填写证书编号或发证日期时须填写技能等级"
        elif not values[_OCCUPATION] and "occupation" not in wrong:
            wrong["occupation"] = "填写技能等级时须填写职业工种"
        if wrong or not born:
            return self._refusal(line, wrong)
        values.append(for_copy(certificate))
        # The 17th digit of an ID number is odd for men.
        sex = "male" if ord(number[16]) & 1 else "female"
        return Checked(line, number, phone, name, born, sex, "\t".join(values), honours, explanation)

    def _refusal(self, line: int, wrong: dict[str, str]) -> Refusal:
        """Every cell that is wrong, in the order of the template."""
        reasons = []
        for column in COLUMNS:
            if column.key in wrong:
                place = self.header.cell(column.key, line)
                reasons.append(f"{place}：{wrong[column.key].rstrip('。')}")
        return Refusal("；".join(reasons) + "。", wrong)

    # -- what identifies a person ----------------------------------------------------------------------------
    def _person(self, cells: list[str], wrong: dict[str, str]) -> tuple[str, str, str]:
        name = cells[self._at_name]
        if not _PLAIN_NAME.fullmatch(name):
            name = self._tidy("name", name, wrong, read.name)
        number = cells[self._at_number]
        if len(number) == 18 and number.isascii() and number[:17].isdigit():
            total = sum(map(mul, _WEIGHTS, number.encode())) - _ZEROS
            if _CHECKS[total % 11] == number[17]:
                born = self._births.get(number[6:14]) or self._birth(number)
                if born:
                    return name, number, born
        number = self._tidy("number", number, wrong, identity.check_id_number)
        return name, number, self._birth(number) if number else ""

    def _birth(self, number: str) -> str:
        """The date of birth that a number gives, "" when it is none. What is wrong with others, identity says."""
        try:
            born = identity.birth_date(number)
        except ValueError:
            return ""
        if not date(1900, 1, 1) <= born <= self.today:
            return ""
        if len(self._births) >= _REMEMBERED:
            self._births.clear()
        return self._births.setdefault(number[6:14], born.isoformat())

    def _phone(self, text: str, wrong: dict[str, str]) -> str | None:
        if not text:
            return None
        if len(text) == 11 and text.isascii() and text.isdigit() and text[0] == "1" and text[1] > "2":
            return text
        return self._tidy("phone", text, wrong, identity.check_phone, needed=False) or None

    def _certificate(self, text: str, wrong: dict[str, str]) -> str:
        if len(text) <= 15 and text.isascii() and text.isdigit() and text != "0":
            return text
        return self._tidy("certificate", text, wrong, _certificate_number, needed=False)

    def _honours(self, text: str, wrong: dict[str, str]) -> Sequence[NamedHonour]:
        return self._tidy("honours", text, wrong, self._read_honours, needed=False) or ()

    def _explanation(self, cells: list[str], wrong: dict[str, str]) -> str:
        """Why something improbable is true all the same."""
        if not cells[self._at_explanation]:
            return ""
        reason: str = self._tidy("explanation", cells[self._at_explanation], wrong, str, needed=False)
        return "" if explains_nothing(reason) else reason

    def _read_honours(self, text: str) -> Sequence[NamedHonour]:
        return self.honour_names.read(text, self.today)

    def _tidy(
        self,
        key: str,
        text: str,
        wrong: dict[str, str],
        understand: Callable[[str], Any],
        needed: bool = True,
    ) -> Any:
        """The value of a cell, or "" and the reason in `wrong`."""
        try:
            if UNREADABLE in text:
                raise Wrong(NO_VALUE)
            # What is invisible in a name may belong to it.
            tidy = _without_guard if key == "name" else read.tidy
            plain = text if _is_plain(text) else tidy(text)
            if not plain:
                if needed:
                    raise Wrong(_NEEDED)
                return ""
            if key != "name" and ROUNDED.fullmatch(plain):
                raise Wrong(AS_TEXT)
            if len(plain) > _MOST[key]:
                raise Wrong(f"最多{_MOST[key]}个字")
            return understand(plain)
        except (Wrong, identity.InvalidNumber) as error:
            # The number's own messages begin with its name, which the cell's place says already.
            wrong[key] = str(error)
            return ""

    # -- what repeats ----------------------------------------------------------------------------------------
    def _learn(self, texts: Sequence[str], wrong: dict[str, str]) -> list[str]:
        """What the cells of REPEATING say, with at least one that was not met before or is wrong."""
        values = []
        for key, text, known, known_wrong in zip(REPEATING, texts, self._known, self._wrong, strict=True):
            if text not in known and text not in known_wrong:
                self._understand_once(key, text, known, known_wrong)
            if text in known_wrong:
                wrong[key] = known_wrong[text]
            values.append(known.get(text, _BLANK[key]))
        return values

    def _understand_once(
        self, key: str, text: str, known: dict[str, str], known_wrong: dict[str, str]
    ) -> None:
        """Notes what a text means in this column, or what is wrong with it."""
        for remembered in (known, known_wrong):
            if len(remembered) >= _REMEMBERED:
                remembered.clear()
        reasons: dict[str, str] = {}
        value = self._tidy(key, text, reasons, self._understand[key], needed=key == "region")
        if reasons:
            known_wrong[text] = reasons[key]
        else:
            known[text] = value or _BLANK[key]

    def _region(self, text: str) -> str:
        code = self.places.code_of(text)
        if not self.scope.covers(code):
            raise Wrong("该地区不属于您负责的地区，请由当地经办人员导入")
        return code

    def _employer(self, text: str) -> str:
        if says_as_above(text):
            raise Wrong("“同上”不是单位名称，请逐行填写单位全称")
        if says_nothing(text):
            return for_copy(self.unit.name) if self.unit is not None else ""
        if not any(map(str.isalpha, text)):
            raise Wrong("应填写单位全称")
        try:
            name = checked_unit_name(text)
        except InvalidName as error:
            raise Wrong(str(error)) from error
        if self.unit is not None and not units.is_named(self.unit, name):
            raise Wrong(f"单位只能报送本单位（{self.unit.name}）的职工")
        return for_copy(name)

    def _code(self, text: str) -> str:
        code = identity.check_credit_code(text)
        if self.unit is not None and not units.has_code(self.unit, code):
            raise Wrong("不是本单位的统一社会信用代码")
        return code

    def _occupation(self, text: str) -> str:
        occupation = text.replace(" ", "")
        if not any(map(str.isalpha, occupation)):
            raise Wrong("应填写职业（工种）名称")
        return for_copy(occupation)

    def _level(self, text: str) -> str:
        level = int(read.level(text))
        return str(level) if level else NULL

    def _issued_on(self, text: str) -> str:
        return read.day(text, self.today, self.epoch).isoformat()

    def _front_line(self, text: str) -> str:
        return "t" if read.yes_or_no(text) else "f"

    def _years(self, text: str) -> str:
        return str(read.years(text))

    def _months(self, text: str) -> str:
        return str(read.months(text))
