"""The published list of one year: its rows, and the list as CSV, Excel workbook and red-header PDF.

What is shown of a person is their entry, as published; place and score are those of the standing list. Who
was removed from the registry since is not named again: page and files say how many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.db.models import Exists, F, OuterRef, QuerySet

from portal.letters.listing import Column, Listing
from portal.letters.models import Issuer
from portal.letters.sheets import Built
from portal.regions.models import Region
from talent_registry import exports
from talent_registry.letters import ISSUER
from talent_registry.models import ListedNominee, RegistryEntry, SelectionRound, Status
from talent_registry.selection.ranking import TIE_BREAK
from talent_registry.selection.scheme import points_text

HEADINGS = (
    "位次",
    "名录编号",
    "姓名",
    "证件号码（已遮盖）",
    "盟市",
    "旗县（市、区）",
    "工作单位",
    "职业（工种）",
    "技能等级",
    "所属行业",
    "总分",
    "纳入日期",
    "状态",
)
_WIDTHS = (6, 18, 10, 20, 12, 14, 30, 16, 10, 24, 8, 12, 8)
_CHUNK = 2_000


@dataclass(frozen=True)
class Listed:
    """One row of the list: place and score, and the entry of the person."""

    nominee: ListedNominee
    entry: RegistryEntry

    @property
    def score(self) -> str:
        return points_text(self.nominee.score)


def selected(round_: SelectionRound) -> QuerySet[ListedNominee]:
    """Who is on the published list of the year and still on the registry, by place."""
    live = RegistryEntry.objects.public().order_by().filter(worker=OuterRef("nomination__worker"))
    on_list = ListedNominee.objects.filter(list=round_.list_in_force_id, selected=True)
    return on_list.filter(Exists(live)).select_related("nomination").order_by("position")


def removed_since(round_: SelectionRound) -> int:
    """How many of the selected have been removed from the registry."""
    entries = RegistryEntry.objects.filter(selection=round_, status=Status.REMOVED)
    live = RegistryEntry.objects.public().order_by().filter(worker=OuterRef("worker"))
    return entries.exclude(Exists(live)).count()


def with_entries(nominees: Sequence[ListedNominee]) -> list[Listed]:
    """The rows with their entries, in one query for all of them."""
    workers = [one.nomination.worker_id for one in nominees]
    entries = {
        entry.worker_id: entry
        for entry in RegistryEntry.objects.public().for_list().filter(worker__in=workers).order_by()
    }
    return [
        Listed(one, entries[one.nomination.worker_id])
        for one in nominees
        if one.nomination.worker_id in entries
    ]


def parts(round_: SelectionRound) -> Iterator[list[list[str]]]:
    """All rows as texts in the order of HEADINGS, some at a time by key."""
    leagues = dict(Region.objects.leagues().values_list("code", "name"))
    wanted, last = selected(round_), 0
    while True:
        found = list(wanted.filter(position__gt=last)[:_CHUNK])
        if found:
            yield [_texts(one, leagues) for one in with_entries(found)]
        if len(found) < _CHUNK:
            return
        last = found[-1].position


def _texts(row: Listed, leagues: dict[str, str]) -> list[str]:
    entry, nominee = row.entry, row.nominee
    return [
        str(nominee.position),
        entry.number,
        entry.name,
        entry.id_shown,
        leagues[entry.league_code],
        entry.region.name if entry.region_id != entry.league_code else "",
        entry.employer_name,
        entry.occupation,
        entry.get_skill_level_display() if entry.skill_level else "",
        nominee.get_industry_display(),
        row.score,
        entry.included_on.isoformat(),
        entry.get_status_display(),
    ]


def rows_of_one_moment(round_: SelectionRound) -> Iterator[list[str]]:
    """The same rows as one statement sees them: whoever is removed meanwhile, the list is of one piece."""
    leagues = dict(Region.objects.leagues().values_list("code", "name"))
    entries = (
        RegistryEntry.objects.public()
        .for_list()
        .filter(
            worker__nominations__listings__list=round_.list_in_force_id,
            worker__nominations__listings__selected=True,
        )
    )
    placed = entries.annotate(
        position=F("worker__nominations__listings__position"),
        score=F("worker__nominations__listings__score"),
        industry=F("worker__nominations__listings__industry"),
    ).order_by("position")
    for entry in placed.iterator(chunk_size=_CHUNK):
        nominee = ListedNominee(position=entry.position, score=entry.score, industry=entry.industry)
        yield _texts(Listed(nominee, entry), leagues)


def title(round_: SelectionRound) -> str:
    return f"{round_.year}年度内蒙古自治区高技能领军人才遴选入选名单"


def as_csv(round_: SelectionRound) -> Iterator[bytes]:
    return exports.csv_of(HEADINGS, parts(round_))


def as_workbook(round_: SelectionRound) -> IO[bytes]:
    rows = (row for part in parts(round_) for row in part)
    return exports.workbook_of(f"{round_.year}年度入选名单", HEADINGS, _WIDTHS, rows)


_ID = HEADINGS.index("证件号码（已遮盖）")
# (column of HEADINGS, share of the width, centred): what fits a page. Of the ID number it has room for the
# ending only.
_PRINTED: Sequence[tuple[int, int, bool]] = (
    (0, 5, True),
    (1, 14, True),
    (2, 11, True),
    (_ID, 8, True),
    (4, 11, True),
    (6, 22, False),
    (7, 13, False),
    (8, 9, True),
    (10, 7, True),
    (12, 6, True),
)


def printed(cells: Sequence[str]) -> list[str]:
    """What of a row is printed."""
    return [cells[place][-4:] if place == _ID else cells[place] for place, _, _ in _PRINTED]


def listing(round_: SelectionRound, *, on: date) -> Listing:
    """The printed list without its rows: under a red header, with digest and tie-break."""
    headings = [*HEADINGS[:_ID], "证件尾号", *HEADINGS[_ID + 1 :]]
    return Listing(
        issuer=Issuer.objects.get(code=ISSUER),
        title=title(round_),
        columns=[Column(headings[place], width, middle) for place, width, middle in _PRINTED],
        legal_basis=exports.legal_basis(),
        on=on,
        note=note(round_),
        orientation="landscape",
    )


def as_pdf(round_: SelectionRound, *, on: date) -> Built:
    """A short list, made while the person waits. Raises portal.letters.fonts.UndrawableCharacter."""
    return listing(round_, on=on).built(printed(row) for part in parts(round_) for row in part)


def note(round_: SelectionRound) -> str:
    """By what the list was made and how it is told from another: printed below it."""
    standing = round_.list_in_force
    assert standing is not None  # noqa: S101  a published round has one
    by = (
        f"评分办法：{round_.scheme_document}。"
        if round_.scheme_document
        else "评分办法和名额为示例，由主管机关确定。"
    )
    gone = removed_since(round_)
    left_out = f"另有{gone}人已移出名录，不再列出。" if gone else ""
    return (
        f"{by}{TIE_BREAK}名单版次：第{standing.version}版；名单摘要（SHA-256）：{standing.digest}。{left_out}"
    )
