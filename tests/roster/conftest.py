"""Files of rosters for the tests, and what became of them."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from portal.workforce.models import RosterImport
from portal.workforce.roster import receiving
from portal.workforce.roster.columns import COLUMNS
from portal.workforce.roster.importing import import_file
from portal.workforce.roster.merging import Outcome
from tests.cast import OTOG, id_number

LABELS = [column.label for column in COLUMNS]
_certificates = itertools.count(1)
UNIT, CODE = "鄂托克旗机械有限公司", "91150624MA0N00001U"


def row(**cells: Any) -> dict[str, Any]:
    """A right row about somebody new; `row(姓名="…")` changes a cell."""
    right = {
        "姓名": "王建国",
        "证件号码": id_number(),
        "工作地区划代码": OTOG,
        "用人单位": UNIT,
        "统一社会信用代码": "",
        "职业工种": "焊工",
        "技能等级": "高级工",
        "证书编号": f"S{next(_certificates)}",
        "发证日期": "2020-05-01",
        "一线岗位": "是",
        "一线年限": "8.5",
        "失业保险累计月数": "96",
        "荣誉": "",
        "手机号": "13800000000",
        "情况说明": "",
    }
    assert not set(cells) - set(right)
    return right | cells


def csv_bytes(
    rows: Sequence[dict[str, Any]], *, labels: Sequence[str] = LABELS, encoding: str = "utf-8-sig"
) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(labels)
    writer.writerows([[one.get(label, "") for label in labels] for one in rows])
    return text.getvalue().encode(encoding)


def xlsx_bytes(rows: Sequence[dict[str, Any]], change: Callable[[Any, Any], None] | None = None) -> bytes:
    """Every cell as text, except numbers and dates, which are written as such. `change(workbook, sheet)` may
    spoil it.
    """
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = workbook.add_worksheet("花名册")
    for column, label in enumerate(LABELS):
        sheet.write_string(0, column, label)
    for line, one in enumerate(rows, start=1):
        for column, label in enumerate(LABELS):
            cell = one[label]
            if isinstance(cell, str):
                sheet.write_string(line, column, cell)
            elif hasattr(cell, "isoformat"):
                sheet.write_datetime(line, column, cell)
            else:
                sheet.write_number(line, column, cell)
    if change:
        change(workbook, sheet)
    workbook.close()
    return buffer.getvalue()


class Office:
    """Imports files and reads back what was refused."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.refused: list[dict[str, str]] = []
        self.refused_path = folder / "refused"

    def gives(
        self, content: bytes, *, by: Any = None, name: str = "花名册.csv", dry_run: bool = False
    ) -> Outcome:
        path = self.folder / "given"
        path.write_bytes(content)
        self.refused_path.unlink(missing_ok=True)
        outcome = import_file(path, name=name, by=by, dry_run=dry_run, refused_path=self.refused_path)
        self.refused = self.read_refused() if self.refused_path.exists() else []
        return outcome

    def imports(self, *rows: dict[str, Any], by: Any = None, dry_run: bool = False) -> Outcome:
        return self.gives(csv_bytes(rows), by=by, dry_run=dry_run)

    def read_refused(self) -> list[dict[str, str]]:
        from portal.spreadsheets.kinds import kind_of
        from portal.spreadsheets.workbook import CalamineWorkbook

        if kind_of(self.refused_path) == ".csv":
            return list(csv.DictReader(io.StringIO(self.refused_path.read_text(encoding="utf-8-sig"))))
        head, *body = CalamineWorkbook.from_path(str(self.refused_path)).get_sheet_by_index(0).to_python()
        return [dict(zip(head, cells, strict=True)) for cells in body]

    @property
    def reasons(self) -> list[str]:
        return [one["错误"] for one in self.refused]


@pytest.fixture
def office(db: None, tmp_path: Path) -> Office:
    return Office(tmp_path)


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    """(added, changed, unchanged, refused); the other rows only propose something."""
    others = outcome.added + outcome.changed + outcome.unchanged + outcome.refused
    assert outcome.read == others + outcome.proposed
    return outcome.added, outcome.changed, outcome.unchanged, outcome.refused


def history(model: Any) -> Any:
    from django.apps import apps

    return apps.get_model("workforce", f"{model.__name__}Event").objects.all()


def given_in(upload: Any, *, by: Any, layout: Any = None) -> RosterImport:
    """A roster that was given in and confirmed as it was recognised: its job is to come."""
    given = receiving.receive(upload, by=by)
    return receiving.confirm(given.pk, by=by, layout=layout)
