"""Loads the lists of scarce occupations that places publish (portal/workforce/dated_lists.py)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path

from portal.regions.models import Region
from portal.spreadsheets.header import Column, SheetForm
from portal.workforce.dated_lists import DatedList, ListRefused, Loaded, load
from portal.workforce.models import ScarceOccupation
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.roster import cells

__all__ = ["SCARCE_LIST", "ListRefused", "Loaded", "load_scarce_list"]

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


def load_scarce_list(path: Path, *, dry_run: bool = False) -> Loaded:
    """Take the lines of a file in. Raises `FileRefused`, `ListRefused`."""
    which = DatedList(
        SCARCE_LIST,
        ScarceOccupation,
        partial(_read_line, _regions_by_word()),
        key=("region_id", "folded", "since"),
        same="地区、职业（工种）和起始日期",
        said=("occupation", "until", "document"),
        action="scarce_list.load",
    )
    return load(which, path, dry_run=dry_run)


def _read_line(
    regions: Mapping[str, Region | None], texts: Mapping[str, str], since: date, until: date | None
) -> ScarceOccupation:
    region = regions.get(texts["region"])
    if region is None:
        why = "有几个同名的地区，请填行政区划代码" if texts["region"] in regions else "没有这个地区"
        raise cells.Wrong(f"地区“{texts['region']}”：{why}")
    return ScarceOccupation(
        region=region,
        occupation=texts["occupation"],
        folded=fold_occupation(texts["occupation"]),
        since=since,
        until=until,
        document=texts["document"],
    )


def _regions_by_word() -> dict[str, Region | None]:
    """Regions by code and by name; None for a name that several have."""
    found: dict[str, Region | None] = {}
    for region in Region.objects.select_related("parent"):
        found[region.code] = region
        for name in {region.name, region.full_name}:
            found[name] = None if name in found else region
    return found
