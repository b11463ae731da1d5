"""The process that reads a spreadsheet for `portal.spreadsheets.reading`: it alone opens what somebody handed in."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

from portal.confined import Conversation
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.kinds import BEGINNING, is_web_page
from portal.spreadsheets.limits import TOP, Most
from portal.spreadsheets.text import CommaSeparated
from portal.spreadsheets.web_table import WebTable
from portal.spreadsheets.workbook import Workbook

_ROWS_AT_ONCE = 1000

Sheet = Workbook | CommaSeparated | WebTable


def main(talk: Conversation) -> None:
    """First what the file is, then its rows as often as they are asked for."""
    asked = json.loads(talk.receive() or b"{}")
    try:
        sheet = _open(asked)
        talk.send_json(_in_short(sheet))
        while talk.receive() is not None:
            rows = sheet.rows()
            while piece := list(islice(rows, _ROWS_AT_ONCE)):
                talk.send_json(piece)
            talk.send_json([])
    except FileRefused as refused:
        talk.send_json({"refused": str(refused)})


def _open(asked: dict[str, Any]) -> Sheet:
    path, called, most = Path(asked["path"]), asked["called"], Most(**asked["most"])
    with path.open("rb") as file:
        beginning = file.read(BEGINNING)
    if beginning.startswith(b"PK"):
        return Workbook(path, called, most, sheet=asked["sheet"], fill_merged=asked["fill_merged"])
    if is_web_page(beginning):
        return WebTable(path, called, most, sheet=asked["sheet"], fill_merged=asked["fill_merged"])
    return CommaSeparated(path, most)


def _in_short(sheet: Sheet) -> dict[str, Any]:
    top = [(sheet.at, list(sheet.labels))] if sheet.at else []
    return {
        "suffix": sheet.suffix,
        "labels": list(sheet.labels),
        "at": sheet.at,
        "first": sheet.first,
        "expected": sheet.expected,
        "epoch": sheet.epoch.isoformat(),
        "hidden": sorted(sheet.hidden),
        "sheets": list(sheet.sheets),
        "sheet": sheet.sheet,
        "merged": sheet.merged,
        "top": [*top, *islice(sheet.rows(), TOP)],
    }
