"""Rows that were refused, put right on a page: they alone are read again, as an import of their own."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal import audit, sealed_files
from portal.accounts.access import NotNow, Refused, require, scope
from portal.jobs.runner import start
from portal.spreadsheets import limits
from portal.spreadsheets.formulas import csv_writer, unguarded
from portal.spreadsheets.header import ERROR_LABEL, LINE_LABEL, FileRefused, Header
from portal.spreadsheets.reading import Reading, open_spreadsheet
from portal.spreadsheets.refused import named_in_brackets
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster.actions import opened_refused
from portal.workforce.roster.checking import HIDDEN_IN_WORDS, Checker, Refusal
from portal.workforce.roster.columns import COLUMNS, KEYS, ROSTER
from portal.workforce.roster.importing import PERMISSION
from portal.workforce.roster.jobs import JOB_KIND

# More are put right in the workbook that comes back.
MOST_ON_PAGES = 500
# A cell as a person finds it in a file: （B12）. On a page nobody looks for it there.
_PLACE = re.compile(r"（[A-Z]{1,3}[0-9]{1,7}）")
_DAYS = re.compile(r"[0-9]{5}")
_LABELS = {column.key: column.label for column in COLUMNS}


@dataclass(frozen=True)
class FaultyRow:
    """One row that was refused. `place` is its line among those that came back, `line` the one it had in the file."""

    place: int
    line: str
    cells: dict[str, str]
    reason: str
    faulty: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_hidden(self) -> bool:
        """Left out because its sheet did not show it: nothing is wrong with it, and it may not be wanted."""
        return HIDDEN_IN_WORDS in self.reason


def why_not(given: RosterImport) -> str:
    """Why the refused rows cannot be put right on a page; empty when they can."""
    if given.phase != Phase.DONE or not given.has_refused_file:
        return "没有可以在页面上更正的行。"
    if given.refused > MOST_ON_PAGES:
        return f"未通过的行超过{MOST_ON_PAGES}行，请下载后在表格中更正，再重新上传。"
    return ""


def faulty_rows(given: RosterImport, *, by: Any) -> list[FaultyRow]:
    """The refused rows that were not put right yet, in the order of the file. Raises Refused, NotNow."""
    if given.importer != by:
        raise Refused("未通过的行只能由导入人本人更正。")
    require(by, PERMISSION)
    if words := why_not(given):
        raise NotNow(words)
    try:
        source = open_spreadsheet(opened_refused(given, by=by), ROSTER, within=limits.AT_ONCE)
        rows = [_row(source, place, cells) for place, cells in source.rows()]
    except FileRefused as refused:
        raise NotNow(f"未通过的行无法在页面上显示，请下载后更正。{refused}") from refused
    except ValidationError as gone:
        raise NotNow(" ".join(gone.messages)) from gone
    return [row for row in rows if row.place not in given.mended]


def _row(source: Reading, place: int, cells: list[str]) -> FaultyRow:
    header = source.header
    said = {key: _said(cells, index) for key, index in header.at.items()}
    if _DAYS.fullmatch(said.get("issued_on", "")):
        # A number of days means another day where the workbook counts from another one.
        said["issued_on"] = _day(int(said["issued_on"]), source.epoch)
    reason = _of_label(header, ERROR_LABEL, cells)
    faulty = frozenset(
        key for key, index in header.at.items() if _is_named(reason, header.labels[index], _LABELS[key])
    )
    line = _of_label(header, LINE_LABEL, cells) or str(place)
    return FaultyRow(place, line, said, _PLACE.sub("", reason), faulty)


def _is_named(reason: str, label: str, called: str) -> bool:
    """Whether a reason names a column by any of its names."""
    return any(f"“{name}”" in reason for name in (label, called, named_in_brackets(label)) if name)


def _day(days: int, epoch: date) -> str:
    return (epoch + timedelta(days=days)).isoformat()


def _said(cells: list[str], index: int) -> str:
    return unguarded(cells[index].strip()) if index < len(cells) else ""


def _of_label(header: Header, label: str, cells: list[str]) -> str:
    return _said(cells, header.labels.index(label)) if label in header.labels else ""


@dataclass(frozen=True)
class Mended:
    """The import that reads the rows again, if any was right; what is still wrong, by place and column."""

    given: RosterImport | None
    wrong: dict[int, dict[str, str]]


def mend(import_id: int, corrected: dict[int, dict[str, str]], *, by: Any) -> Mended:
    """Read rows again that were put right: {place: {key: text}}. A row that is still wrong stays, the others are read.
    A second click reads none of them twice.

    Raises Refused, NotNow.
    """
    with transaction.atomic():
        given = RosterImport.objects.select_for_update().get(pk=import_id)
        waiting = {row.place: row for row in faulty_rows(given, by=by)}
        rows = {place: cells for place, cells in corrected.items() if place in waiting}
        wrong = _wrong(rows, by)
        right = {place: rows[place] for place in sorted(rows) if place not in wrong}
        if not right:
            return Mended(None, wrong)
        again = _kept(given, [(waiting[place].line, right[place]) for place in right], by)
        given.mended = sorted({*given.mended, *right})
        given.save(update_fields=["mended"])
        audit.record("roster.mend", by=by, obj=given, detail={"rows": len(right)})
    return Mended(again, wrong)


def _wrong(rows: dict[int, dict[str, str]], by: Any) -> dict[int, dict[str, str]]:
    """What can be seen to be wrong with each row by itself."""
    labels = tuple(_LABELS[key] for key in KEYS)
    header = Header(labels, {key: index for index, key in enumerate(KEYS)}, called=_LABELS)
    checker = Checker(header, scope=scope(by, PERMISSION), today=timezone.localdate())
    wrong = {}
    for place, cells in rows.items():
        checked = checker.check(place, [cells.get(key, "") for key in KEYS])
        if isinstance(checked, Refusal):
            wrong[place] = checked.wrong
    return wrong


def _kept(given: RosterImport, rows: list[tuple[str, dict[str, str]]], by: Any) -> RosterImport:
    """The import of these rows, whose job is to come."""
    text = io.StringIO()
    write = csv_writer(text)
    write([*(_LABELS[key] for key in KEYS), LINE_LABEL])
    for line, cells in rows:
        write([*(cells.get(key, "") for key in KEYS), line])
    content = b"\xef\xbb\xbf" + text.getvalue().encode()
    again = RosterImport.objects.create(
        by=by,
        file_name=given.file_name,
        suffix=".csv",
        fingerprint=hashlib.sha256(content).hexdigest(),
        phase=Phase.RECEIVED,
        mends=given,
    )
    sealed_files.keep(again.source_file, content)
    again.job = start(
        JOB_KIND,
        title=f"重新读入更正的行 {given.file_name}",
        by=by,
        params={"roster_import": again.pk},
        total=len(rows),
    )
    again.save(update_fields=["job"])
    return again
