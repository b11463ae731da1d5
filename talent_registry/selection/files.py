"""The published list of one year: its rows, and the list as CSV, Excel workbook and red-header PDF.

What is shown of a person is their entry, as published; place and score are those of the list in force. Who
was removed from the registry since is not named again: page and files say how many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import IO

from django.db.models import Exists, F, OuterRef, QuerySet

from portal.letters.models import Issuer
from portal.letters.sheets import Built
from portal.lists.columns import ListColumn, ListColumns
from portal.lists.printed import Listing
from portal.regions.models import Region
from talent_registry.exports import legal_basis
from talent_registry.letters import ISSUER
from talent_registry.models import ListedNominee, RegistryEntry, SelectionRound, Status
from talent_registry.selection.ranking import TIE_BREAK
from talent_registry.selection.scheme import points_text

COLUMNS = ListColumns(
    (
        ListColumn("位次", 6, share=5, centred=True),
        ListColumn("名录编号", 18, share=14, centred=True),
        ListColumn("姓名", 10, share=11, centred=True),
        # Of the ID number a page has room for the ending only.
        ListColumn("证件号码（已遮盖）", 20, share=8, centred=True, printed_heading="证件尾号", ending=4),
        ListColumn("盟市", 12, share=11, centred=True),
        ListColumn("旗县（市、区）", 14),
        ListColumn("工作单位", 30, share=22),
        ListColumn("职业（工种）", 16, share=13),
        ListColumn("技能等级", 10, share=9, centred=True),
        ListColumn("所属行业", 24),
        ListColumn("总分", 8, share=7, centred=True),
        ListColumn("纳入日期", 12),
        ListColumn("状态", 8, share=6, centred=True),
    )
)
HEADINGS = COLUMNS.headings
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
    on_list = ListedNominee.objects.filter(list=round_.standing_list_id, selected=True)
    return on_list.filter(Exists(live)).select_related("nomination").order_by("position")


def removed_since(round_: SelectionRound) -> int:
    """How many of the selected have been removed from the registry."""
    entries = RegistryEntry.objects.filter(selection=round_, status=Status.REMOVED)
    live = RegistryEntry.objects.public().order_by().filter(worker=OuterRef("worker"))
    return entries.exclude(Exists(live)).count()


def with_entries(nominees: Sequence[ListedNominee]) -> list[Listed]:
    """The rows with their entries, in one query for all of them."""
    workers = [nominee.nomination.worker_id for nominee in nominees]
    live = RegistryEntry.objects.public().for_list().filter(worker__in=workers).order_by()
    entries = {entry.worker_id: entry for entry in live}
    rows = []
    for nominee in nominees:
        entry = entries.get(nominee.nomination.worker_id)
        if entry is not None:
            rows.append(Listed(nominee, entry))
    return rows


def parts(round_: SelectionRound) -> Iterator[list[list[str]]]:
    """All rows as texts in the order of HEADINGS, some at a time by key."""
    leagues = dict(Region.objects.leagues().values_list("code", "name"))
    wanted, last_position = selected(round_), 0
    while True:
        nominees = list(wanted.filter(position__gt=last_position)[:_CHUNK])
        if nominees:
            yield [_texts(row, leagues) for row in with_entries(nominees)]
        if len(nominees) < _CHUNK:
            return
        last_position = nominees[-1].position


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
            worker__nominations__listings__list=round_.standing_list_id,
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


def rows(round_: SelectionRound) -> Iterator[list[str]]:
    return chain.from_iterable(parts(round_))


def as_csv(round_: SelectionRound) -> Iterator[bytes]:
    return COLUMNS.as_csv(rows(round_))


def as_workbook(round_: SelectionRound) -> IO[bytes]:
    return COLUMNS.as_workbook(f"{round_.year}年度入选名单", rows(round_))


def listing(round_: SelectionRound, *, on: date) -> Listing:
    """The printed list without its rows: under a red header, with digest and tie-break."""
    return Listing(
        issuer=Issuer.objects.get(code=ISSUER),
        title=title(round_),
        columns=COLUMNS.on_paper(),
        legal_basis=legal_basis(),
        on=on,
        note=note(round_),
        orientation="landscape",
    )


def as_pdf(round_: SelectionRound, *, on: date) -> Built:
    """A short list, made while the person waits. Raises portal.letters.fonts.UndrawableCharacter."""
    return listing(round_, on=on).built(COLUMNS.printed(cells) for cells in rows(round_))


def note(round_: SelectionRound) -> str:
    """By what the list was made and how it is told from another: printed below it."""
    list_in_force = round_.standing_list
    # A published round has one.
    assert list_in_force is not None  # noqa: S101
    scheme = "评分办法和名额为示例，由主管机关确定。"
    if round_.scheme_document:
        scheme = f"评分办法：{round_.scheme_document}。"
    edition = f"名单版次：第{list_in_force.version}版；名单摘要（SHA-256）：{list_in_force.digest}。"
    removed = removed_since(round_)
    left_out = f"另有{removed}人已移出名录，不再列出。" if removed else ""
    return f"{scheme}{TIE_BREAK}{edition}{left_out}"
