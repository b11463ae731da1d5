"""The two published lists that can be printed in the background: the registry, and the list of one year."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max

from portal.jobs.runner import JobRefused
from portal.lists import files as list_makers
from portal.lists.files import list_kind
from portal.lists.models import ListFile
from portal.lists.printed import Listing
from talent_registry import exports
from talent_registry.models import RegistryEntry, SelectionRound, StatusChange
from talent_registry.search import EntryFilters
from talent_registry.selection import files

REGISTRY, YEAR = "registry.published", "registry.selection"
TOO_MANY = "正在生成的名录文件较多。请过几分钟再试，或者下载 CSV、Excel 文件。"


def _registry_so_far() -> list[int | None]:
    """How far the registry has come.

    Entries are only ever added, and every change of status adds a record: the last of both tell whether
    anything changed.
    """
    entries = RegistryEntry.objects.public(removed=True).order_by()
    changes = StatusChange.objects.order_by()
    return [query.aggregate(last=Max("pk"))["last"] for query in (entries, changes)]


@dataclass(frozen=True)
class OfRegistry:
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

    def rests_on(self) -> list[Any]:
        return _registry_so_far()

    def rows(self) -> Iterator[Sequence[str]]:
        entries = self.wanted.applied_to(RegistryEntry.objects.public())
        for cells in exports.rows_of_one_moment(entries):
            yield exports.COLUMNS.printed(cells)

    def listing(self, on: date) -> Listing:
        return exports.listing(on=on, filters=self.words())


@dataclass(frozen=True)
class OfYear:
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

    def rests_on(self) -> list[Any]:
        return _registry_so_far()

    def rows(self) -> Iterator[Sequence[str]]:
        for cells in files.rows_of_one_moment(self.round_):
            yield files.COLUMNS.printed(cells)

    def listing(self, on: date) -> Listing:
        return files.listing(self.round_, on=on)


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
