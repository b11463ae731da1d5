"""The process that reads a spreadsheet for `portal.spreadsheets.reading`: it alone opens what somebody handed in."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

from portal.confined import Conversation
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.limits import Most
from portal.spreadsheets.text import CommaSeparated
from portal.spreadsheets.workbook import Workbook

_ROWS_AT_ONCE = 1000


def main(talk: Conversation) -> None:
    """First what the file is, then its rows as often as they are asked for."""
    asked = json.loads(talk.receive() or b"{}")
    try:
        sheet = _open(Path(asked["path"]), asked["called"], Most(**asked["most"]))
        talk.send_json(_in_short(sheet))
        while talk.receive() is not None:
            rows = sheet.rows()
            while piece := list(islice(rows, _ROWS_AT_ONCE)):
                talk.send_json(piece)
            talk.send_json([])
    except FileRefused as refused:
        talk.send_json({"refused": str(refused)})


def _open(path: Path, called: str, most: Most) -> Workbook | CommaSeparated:
    with path.open("rb") as file:
        is_archive = file.read(2) == b"PK"
    return Workbook(path, called, most) if is_archive else CommaSeparated(path, most)


def _in_short(sheet: Workbook | CommaSeparated) -> dict[str, Any]:
    return {
        "suffix": sheet.suffix,
        "labels": list(sheet.labels),
        "at": sheet.at,
        "first": sheet.first,
        "expected": sheet.expected,
        "epoch": sheet.epoch.isoformat(),
        "hidden": sorted(sheet.hidden),
    }
