"""The published list as CSV, Excel workbook and red-header PDF: exactly the rows that the page shows under
the same filters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from typing import IO, Any

from django.db.models import F
from django.db.models.fields.tuple_lookups import TupleLessThan

from portal.letters.models import Issuer
from portal.letters.sheets import Built
from portal.lists.columns import ListColumn, ListColumns
from portal.lists.printed import Listing
from portal.regions.models import Region
from portal.workforce.models import SkillLevel
from talent_registry.letters import ISSUER, cited_law
from talent_registry.models import Basis, EntryQuerySet, Status

TITLE = "内蒙古自治区高技能领军人才名录"
_CHUNK = 2_000

COLUMNS = ListColumns(
    (
        ListColumn("名录编号", 16, share=14, centred=True),
        ListColumn("姓名", 10, share=12, centred=True),
        # Of the ID number a page has room for the ending only.
        ListColumn("证件号码（已遮盖）", 20, share=8, centred=True, printed_heading="证件尾号", ending=4),
        ListColumn("盟市", 12, share=11, centred=True),
        ListColumn("旗县（市、区）", 14),
        ListColumn("工作单位", 30, share=20),
        ListColumn("职业（工种）", 16, share=12),
        ListColumn("技能等级", 10, share=9, centred=True),
        ListColumn("依据类别", 16),
        ListColumn("纳入依据", 24, share=16),
        ListColumn("依据年度", 8),
        ListColumn("荣誉文号", 24),
        ListColumn("纳入日期", 12, share=10, centred=True),
        ListColumn("状态", 8, share=6, centred=True),
    )
)
HEADINGS = COLUMNS.headings


def legal_basis() -> str:
    """On what publication rests, for the page and every file; 个人信息保护法 article 25 wants it said."""
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
    wanted = entries.newest_first()
    following = wanted
    while True:
        part = list(following.values_list(*_READ)[:_CHUNK])
        if part:
            yield [texts.of(row) for row in part]
        if len(part) < _CHUNK:
            return
        place = part[-1][_READ.index("included_on")], part[-1][_READ.index("pk")]
        following = wanted.filter(TupleLessThan((F("included_on"), F("id")), place))


def rows(entries: EntryQuerySet) -> Iterator[list[str]]:
    return chain.from_iterable(parts(entries))


def rows_of_one_moment(entries: EntryQuerySet) -> Iterator[list[str]]:
    """The same rows as one statement sees them: whatever is confirmed or removed meanwhile, the list is of
    one piece.
    """
    texts = _Texts()
    for row in entries.newest_first().values_list(*_READ).iterator(chunk_size=_CHUNK):
        yield texts.of(row)


class _Texts:
    """The words of a row."""

    def __init__(self) -> None:
        self.regions = dict(Region.objects.values_list("code", "name"))
        self.levels = dict(SkillLevel.choices)
        self.statuses = dict(Status.choices)
        self.bases = dict(Basis.choices)

    def of(self, row: tuple[Any, ...]) -> list[str]:
        """The row in the order of HEADINGS."""
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
            honour_year,
            selection_year,
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
            honour or f"{selection_year}年度遴选",
            str(honour_year or selection_year),
            document,
            included_on.isoformat(),
            self.statuses[status],
        ]


def as_csv(entries: EntryQuerySet) -> Iterator[bytes]:
    return COLUMNS.as_csv(rows(entries))


def as_workbook(entries: EntryQuerySet) -> IO[bytes]:
    return COLUMNS.as_workbook("名录", rows(entries))


def listing(*, on: date, filters: Sequence[str]) -> Listing:
    """The printed list without its rows: under a red header on landscape pages."""
    return Listing(
        issuer=Issuer.objects.get(code=ISSUER),
        title=TITLE,
        columns=COLUMNS.on_paper(),
        legal_basis=legal_basis(),
        on=on,
        note=f"查询条件：{'；'.join(filters)}。" if filters else "",
        orientation="landscape",
    )


def as_pdf(entries: EntryQuerySet, *, on: date, filters: Sequence[str]) -> Built:
    """A short list, made while the person waits. Raises portal.letters.fonts.UndrawableCharacter."""
    return listing(on=on, filters=filters).built(COLUMNS.printed(cells) for cells in rows(entries))
