"""The published list as CSV, Excel workbook and red-header PDF: exactly the rows that the page shows under
the same filters.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import IO, Any

import xlsxwriter

from portal.letters.listing import Column, Listing
from portal.letters.models import Issuer
from portal.letters.sheets import Built
from portal.regions.models import Region
from portal.workforce.models import SkillLevel
from talent_registry.letters import ISSUER, cited_law
from talent_registry.models import Basis, EntryQuerySet, Status

TITLE = "内蒙古自治区高技能领军人才名录"
# Beyond these nobody reads the file; the page says so and offers CSV, which has no limit.
MOST_IN_WORKBOOK, MOST_IN_PDF = 20_000, 20_000
# A printed list of more rows takes longer than a page should: it is made in the background
# (talent_registry.list_files).
MOST_AT_ONCE = 300
_CHUNK = 2_000
# A spreadsheet takes these for the beginning of a formula, the full-width ones after conversion too.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")

HEADINGS = (
    "名录编号",
    "姓名",
    "证件号码（已遮盖）",
    "盟市",
    "旗县（市、区）",
    "工作单位",
    "职业（工种）",
    "技能等级",
    "依据类别",
    "纳入依据",
    "依据年度",
    "荣誉文号",
    "纳入日期",
    "状态",
)


def legal_basis() -> str:
    """On what publication rests (个人信息保护法 article 25 wants a basis of its own), for the page and every
    file.
    """
    return (
        f"根据{cited_law()}关于建立名录制度并向社会公布的规定，为履行法定职责公布"
        "（《中华人民共和国个人信息保护法》第十三条第一款第三项）。证件号码不公布出生日期。"
    )


# What a row is made of, without the weight of an object for each of many thousands.
_READ = (
    "number",
    "name",
    "id_shown",
    "league_code",
    "region_id",
    "employer_name",
    "occupation",
    "skill_level",
    "basis",
    "honour_name",
    "honour_year",
    "selection__year",
    "honour_document",
    "included_on",
    "status",
    "pk",
)


def parts(entries: EntryQuerySet) -> Iterator[list[list[str]]]:
    """All of them as texts in the order of HEADINGS, newest first, some at a time by key.

    No long transaction, and memory does not grow with the list.
    """
    texts = _Texts()
    entries, last = entries.order_by("-id"), None
    while True:
        found = list((entries if last is None else entries.filter(pk__lt=last)).values_list(*_READ)[:_CHUNK])
        if found:
            yield [texts.of(row) for row in found]
        if len(found) < _CHUNK:
            return
        last = found[-1][-1]


def rows(entries: EntryQuerySet) -> Iterator[list[str]]:
    return chain.from_iterable(parts(entries))


def rows_of_one_moment(entries: EntryQuerySet) -> Iterator[list[str]]:
    """The same rows as one statement sees them: whatever is confirmed or removed meanwhile, the list is of
    one piece.
    """
    texts = _Texts()
    return (texts.of(row) for row in entries.order_by("-id").values_list(*_READ).iterator(chunk_size=_CHUNK))


class _Texts:
    """The words of a row."""

    def __init__(self) -> None:
        self.regions = dict(Region.objects.values_list("code", "name"))
        self.levels, self.statuses, self.bases = (
            dict(SkillLevel.choices),
            dict(Status.choices),
            dict(Basis.choices),
        )

    def of(self, row: tuple[Any, ...]) -> list[str]:
        (
            number,
            name,
            id_shown,
            league,
            region,
            employer,
            occupation,
            level,
            basis,
            honour,
            year,
            selected,
            document,
            included_on,
            status,
            _,
        ) = row
        return [
            number,
            name,
            id_shown,
            self.regions[league],
            self.regions[region] if region != league else "",
            employer,
            occupation,
            self.levels[level] if level else "",
            self.bases[basis],
            honour or f"{selected}年度遴选",
            str(year or selected),
            document,
            included_on.isoformat(),
            self.statuses[status],
        ]


class _Line:
    """What csv.writer writes into: hands each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def as_csv(entries: EntryQuerySet) -> Iterator[bytes]:
    return csv_of(HEADINGS, parts(entries))


def csv_of(headings: Sequence[str], parts: Iterable[Sequence[Sequence[str]]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, as spreadsheet programs here expect it; no cell can start a formula."""
    writer = csv.writer(_Line())
    yield b"\xef\xbb\xbf" + writer.writerow(headings).encode()
    for part in parts:
        yield "".join(writer.writerow([_inert(cell) for cell in row]) for row in part).encode()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


_WIDTHS = (16, 10, 20, 12, 14, 30, 16, 10, 16, 24, 8, 24, 12, 8)


def as_workbook(entries: EntryQuerySet) -> IO[bytes]:
    return workbook_of("名录", HEADINGS, _WIDTHS, rows(entries))


def workbook_of(
    sheet_name: str, headings: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]]
) -> IO[bytes]:
    """An .xlsx file, every cell a text. The caller closes it."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  handed on to the response, which closes it
    with xlsxwriter.Workbook(file, {"constant_memory": True, "in_memory": False}) as book:
        sheet = book.add_worksheet(sheet_name)
        bold = book.add_format({"bold": True})
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
        sheet.freeze_panes(1, 0)
        for place, cells in enumerate(rows, start=1):
            for column, cell in enumerate(cells):
                sheet.write_string(place, column, cell)
    file.seek(0)
    return file


# (column of HEADINGS, share of the width, centred): what fits a page. Of the ID number it has room for the
# ending only.
_ID = HEADINGS.index("证件号码（已遮盖）")
_PRINTED: Sequence[tuple[int, int, bool]] = (
    (0, 14, True),
    (1, 12, True),
    (_ID, 8, True),
    (3, 11, True),
    (5, 20, False),
    (6, 12, False),
    (7, 9, True),
    (9, 16, False),
    (12, 10, True),
    (13, 6, True),
)


def printed(cells: Sequence[str]) -> list[str]:
    """What of a row is printed."""
    return [cells[place][-4:] if place == _ID else cells[place] for place, _, _ in _PRINTED]


def listing(*, on: date, filters: Sequence[str]) -> Listing:
    """The printed list without its rows: under a red header on landscape pages."""
    headings = [*HEADINGS[:_ID], "证件尾号", *HEADINGS[_ID + 1 :]]
    return Listing(
        issuer=Issuer.objects.get(code=ISSUER),
        title=TITLE,
        columns=[Column(headings[place], width, middle) for place, width, middle in _PRINTED],
        legal_basis=legal_basis(),
        on=on,
        note=f"查询条件：{'；'.join(filters)}。" if filters else "",
        orientation="landscape",
    )


def as_pdf(entries: EntryQuerySet, *, on: date, filters: Sequence[str]) -> Built:
    """A short list, made while the person waits. Raises portal.letters.fonts.UndrawableCharacter."""
    return listing(on=on, filters=filters).built(printed(cells) for cells in rows(entries))
