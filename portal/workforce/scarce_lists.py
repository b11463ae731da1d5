"""Loads the lists of scarce occupations that places publish: a file is taken whole, or refused with the
reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from portal import audit, locks
from portal.regions.models import Region
from portal.spreadsheets.header import Column, FileRefused, SheetForm
from portal.spreadsheets.reading import open_spreadsheet
from portal.workforce.models import ScarceOccupation
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.roster import cells

SCARCE_LIST = SheetForm(
    "急需紧缺职业（工种）目录",
    (
        Column("region", "地区", "行政区划代码或全称。", "150600", needed=True, most=40),
        Column("occupation", "职业（工种）", "与证书所载名称一致。", "焊工", needed=True, most=60),
        Column("since", "起始日期", "目录执行的第一天。", "2025-04-22", needed=True),
        Column("until", "截止日期", "目录执行的最后一天；不设截止的不填。", "2025-12-31"),
        Column("document", "文件", "公布目录的文号或全称。", "某人社发〔2025〕1号", needed=True, most=160),
    ),
)
_MUCH_LATER = date(2100, 12, 31)


class ListRefused(Exception):
    """Rows that cannot be taken; `problems` has a sentence for each. Nothing was stored."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Loaded:
    """How many lines of the file were new, changed what stood there, or said the same."""

    added: int
    changed: int
    unchanged: int


@transaction.atomic
def load_scarce_list(path: Path, *, dry_run: bool = False) -> Loaded:
    """Take the lines of a file in. The same file again changes nothing; a line that ended earlier or later
    than was said is corrected.

    Raises `FileRefused` for what is no such table, `ListRefused` with what is wrong in each row.
    """
    lines = _read_lines(path)
    locks.hold("workforce.scarce")
    held = {(line.region_id, line.folded, line.since): line for line in ScarceOccupation.objects.all()}
    added, changed = [], []
    for line in lines:
        before = held.get((line.region_id, line.folded, line.since))
        if before is None:
            added.append(line)
        elif (before.occupation, before.until, before.document) != (
            line.occupation,
            line.until,
            line.document,
        ):
            before.occupation, before.until, before.document = line.occupation, line.until, line.document
            changed.append(before)
    if not dry_run:
        ScarceOccupation.objects.bulk_create(added)
        for line in changed:
            line.save()
        if added or changed:
            detail = {"file": path.name, "added": len(added), "changed": len(changed)}
            audit.record("scarce_list.load", by=None, detail=detail)
    return Loaded(len(added), len(changed), len(lines) - len(added) - len(changed))


def _read_lines(path: Path) -> list[ScarceOccupation]:
    source = open_spreadsheet(path, SCARCE_LIST)
    regions = _regions_by_word()
    lines: dict[tuple[str, str, date], int] = {}
    read, problems = [], []
    if source.hidden:
        raise FileRefused("工作表中有隐藏或被筛选掉的行。请取消隐藏和筛选，或删除这些行后重新载入。")
    for number, row in source.rows():
        given = {key: row[place] if place < len(row) else "" for key, place in source.header.at.items()}
        try:
            line = _read_line(given, regions, source.epoch)
        except cells.Wrong as wrong:
            problems.append(f"第{number}行：{wrong}。")
            continue
        key = line.region_id, line.folded, line.since
        if key in lines:
            problems.append(f"第{number}行：与第{lines[key]}行的地区、职业（工种）和起始日期相同。")
            continue
        lines[key] = number
        read.append(line)
    if problems:
        raise ListRefused(problems)
    return read


def _read_line(
    given: Mapping[str, str], regions: Mapping[str, Region | None], epoch: date
) -> ScarceOccupation:
    texts = dict(_tidy_cells(given))
    region = regions.get(texts["region"])
    if region is None:
        why = "有几个同名的地区，请填行政区划代码" if texts["region"] in regions else "没有这个地区"
        raise cells.Wrong(f"地区“{texts['region']}”：{why}")
    since = _day("起始日期", texts["since"], epoch)
    until = _day("截止日期", texts["until"], epoch) if texts.get("until") else None
    if until is not None and until < since:
        raise cells.Wrong("截止日期早于起始日期")
    return ScarceOccupation(
        region=region,
        occupation=texts["occupation"],
        folded=fold_occupation(texts["occupation"]),
        since=since,
        until=until,
        document=texts["document"],
    )


def _tidy_cells(given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in SCARCE_LIST.columns:
        text = cells.tidy(given.get(column.key, ""))
        if column.needed and not text:
            raise cells.Wrong(f"没有填写{column.label}")
        if len(text) > column.most:
            raise cells.Wrong(f"{column.label}超过{column.most}个字")
        yield column.key, text


def _day(label: str, text: str, epoch: date) -> date:
    try:
        return cells.day(text, _MUCH_LATER, epoch)
    except cells.Wrong as wrong:
        raise cells.Wrong(f"{label}：{wrong}") from wrong


def _regions_by_word() -> dict[str, Region | None]:
    """Regions by code and by name; None for a name that several have."""
    found: dict[str, Region | None] = {}
    for region in Region.objects.select_related("parent"):
        found[region.code] = region
        for name in {region.name, region.full_name}:
            found[name] = None if name in found else region
    return found
