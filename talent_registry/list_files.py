"""The two published lists that can be taken away as files: the registry, and the list of one year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from portal.jobs.runner import JobRefused
from portal.letters.sheets import Built
from portal.lists import files as list_makers
from portal.lists.files import list_kind
from portal.lists.models import ListFile
from portal.lists.printed import Listing
from talent_registry import exports
from talent_registry.models import (
    EntryCorrection,
    EntryQuerySet,
    ListedNominee,
    RegistryEntry,
    SelectionRound,
    StatusChange,
)
from talent_registry.search import EntryFilters
from talent_registry.selection import files

REGISTRY, YEAR = "registry.published", "registry.selection"
NAME = "高技能领军人才名录"


class _Published:
    """What the two lists have in common: both show entries of the registry."""

    def rests_on(self) -> list[Any]:
        """How far the registry has come.

        Entries are only ever added, and every change of status and every correction adds a record: the last of
        them tell whether anything changed.
        """
        entries = RegistryEntry.objects.public(removed=True).order_by()
        changes = StatusChange.objects.order_by()
        last = [query.aggregate(last=Max("pk"))["last"] for query in (entries, changes)]
        corrected = EntryCorrection.objects.confirmed().count()
        return [*last, corrected] if corrected else last

    def too_many(self) -> str:
        return "正在生成的名录文件较多。请过几分钟再试，或者下载 CSV、Excel 文件。"


@dataclass(frozen=True)
class OfRegistry(_Published):
    """The published registry under filters."""

    wanted: EntryFilters
    kind: str = REGISTRY
    title: str = exports.TITLE

    @property
    def filters(self) -> dict[str, Any]:
        return self.wanted.values

    def words(self) -> list[str]:
        """Which of all entries it shows, in words; empty for everything."""
        return self.wanted.in_words()

    def shown(self) -> EntryQuerySet:
        return self.wanted.applied_to(RegistryEntry.objects.public())

    def rows(self) -> Iterator[Sequence[str]]:
        for cells in exports.rows_of_one_moment(self.shown()):
            yield exports.COLUMNS.printed(cells)

    def listing(self, on: date) -> Listing:
        return exports.listing(on=on, filters=self.words())

    def file_name(self, kind: str) -> str:
        return f"{NAME}-{timezone.localdate():%Y%m%d}.{kind}"

    def as_csv(self) -> Iterator[bytes]:
        return exports.as_csv(self.shown())

    def as_workbook(self) -> IO[bytes]:
        return exports.as_workbook(self.shown())

    def as_pdf(self, on: date) -> Built:
        return exports.as_pdf(self.shown(), on=on, filters=self.words())

    def too_long(self, kind: str, most: int) -> str:
        return (
            f"{kind.upper()} 文件最多{most:,}条，符合条件的超过{most:,}条。"
            "请缩小查询范围，或者下载 CSV 文件。"
        )


@dataclass(frozen=True)
class OfYear(_Published):
    """The published list of one year's selection."""

    round_: SelectionRound
    kind: str = YEAR

    @property
    def title(self) -> str:
        return files.title(self.round_)

    @property
    def filters(self) -> dict[str, Any]:
        return {"year": self.round_.year}

    def words(self) -> list[str]:
        """It has no filters."""
        return []

    def shown(self) -> QuerySet[ListedNominee]:
        return files.selected(self.round_)

    def rows(self) -> Iterator[Sequence[str]]:
        for cells in files.rows_of_one_moment(self.round_):
            yield files.COLUMNS.printed(cells)

    def listing(self, on: date) -> Listing:
        return files.listing(self.round_, on=on)

    def file_name(self, kind: str) -> str:
        return f"{self.title}.{kind}"

    def as_csv(self) -> Iterator[bytes]:
        return files.as_csv(self.round_)

    def as_workbook(self) -> IO[bytes]:
        return files.as_workbook(self.round_)

    def as_pdf(self, on: date) -> Built:
        return files.as_pdf(self.round_, on=on)

    def too_long(self, kind: str, most: int) -> str:
        return f"{kind.upper()} 文件最多{most:,}条，请下载 CSV 文件。"


@list_kind(REGISTRY)
def _of_registry(filters: dict[str, Any]) -> OfRegistry:
    wanted = EntryFilters(filters)
    if wanted.errors:
        raise JobRefused("查询条件已失效，请回到名录重新查询。")
    return OfRegistry(wanted)


@list_kind(YEAR)
def _of_year(filters: dict[str, Any]) -> OfYear:
    published = SelectionRound.objects.published().select_related("case", "standing_list")
    round_ = published.filter(year=filters["year"]).first()
    if round_ is None:
        raise JobRefused("该年度名单没有公布。")
    return OfYear(round_)


def list_in(file: ListFile) -> OfRegistry | OfYear | None:
    """Which of the two lists a file shows; None when there is no such list any more."""
    try:
        printed = list_makers.list_in(file)
    except JobRefused:
        return None
    return printed if isinstance(printed, OfRegistry | OfYear) else None
