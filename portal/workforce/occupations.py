"""The catalogue of occupations: loaded from a file, searched, and asked whether a name stands in it.

A name that does not is taken all the same: certificates name what no catalogue lists. It is marked for whoever
works with it. Where no catalogue was loaded nothing is marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from portal.spreadsheets.header import Column, SheetForm
from portal.workforce.dated_lists import DatedList, Loaded, load
from portal.workforce.models import Occupation
from portal.workforce.models.scarce import fold_occupation

NOT_LISTED = "未列入职业目录"
CATALOGUE = SheetForm(
    "职业目录",
    (
        Column("code", "职业编码", "职业分类目录中的编码；没有编码的不填。", "0-00-00-00", most=20),
        Column("occupation", "职业名称", "目录所载的职业名称。", "焊工", needed=True, most=60),
        Column(
            "trade",
            "工种名称",
            "目录在该职业下所列的一个工种，每行一个；职业本身一行不填。",
            "电焊工",
            most=60,
        ),
        Column("since", "起始日期", "目录执行的第一天。", "2026-01-01", needed=True),
        Column("until", "截止日期", "目录执行的最后一天；不设截止的不填。", "2030-12-31"),
        Column(
            "document", "文件", "公布目录的文件名称或文号。", "某人社发〔2026〕1号", needed=True, most=160
        ),
    ),
)
# An occupation with its trade in one cell, as certificates print it.
_WITH_TRADE = re.compile(r"(.+?)[(/—–-](.+?)\)?")


def load_catalogue(path: Path, *, dry_run: bool = False) -> Loaded:
    """Take the lines of a file in. Raises `FileRefused`, `ListRefused`."""
    which = DatedList(
        CATALOGUE,
        Occupation,
        _read_line,
        key=("folded", "code", "since"),
        same="编码、名称和起始日期",
        said=("name", "occupation", "until", "document"),
        action="occupations.load",
    )
    return load(which, path, dry_run=dry_run)


def _read_line(texts: Mapping[str, str], since: date, until: date | None) -> Occupation:
    name = texts["trade"] or texts["occupation"]
    return Occupation(
        code=texts["code"],
        name=name,
        folded=fold_occupation(name),
        occupation=texts["occupation"] if texts["trade"] else "",
        since=since,
        until=until,
        document=texts["document"],
    )


class Catalogue:
    """What the catalogue says of some names, asked once for all of them.

    A name is listed when it stands in any line, whatever its days: a certificate keeps the name of its day. An
    occupation with its trade, 焊工（电焊工）, is listed when both are.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._parts = {name: _parts(name) for name in names if name}
        asked = {part for parts in self._parts.values() for part in parts}
        found = Occupation.objects.filter(folded__in=asked).values_list("folded", flat=True) if asked else ()
        self._known = set(found)
        self._is_loaded = bool(self._known) or bool(asked) and Occupation.objects.exists()

    def lists(self, name: str) -> bool | None:
        """Whether it is listed; None without a name, and where no catalogue was loaded."""
        if not self._is_loaded or name not in self._parts:
            return None
        whole, *split = self._parts[name]
        return whole in self._known or bool(split) and self._known.issuperset(split)

    @property
    def unlisted(self) -> frozenset[str]:
        return frozenset(name for name in self._parts if self.lists(name) is False)


def unlisted(names: Iterable[str]) -> frozenset[str]:
    """Those that stand in no line of the catalogue."""
    return Catalogue(names).unlisted


def _parts(name: str) -> list[str]:
    """The folded name, and behind it the occupation and the trade where it names both."""
    whole = fold_occupation(name)
    both = _WITH_TRADE.fullmatch(whole)
    return [whole, *(both.groups() if both else ())]
