"""No file that the portal writes makes a spreadsheet program run anything, whatever people are called."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.lists.csv_files import csv_of
from portal.lists.workbook import workbook_of
from portal.spreadsheets.formulas import guarded
from portal.spreadsheets.header import Column, SheetForm
from portal.spreadsheets.template import template_csv, template_xlsx
from tests.guards.layout import production_files
from tests.guards.test_house import ROOT

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
DANGEROUS = [f"{start}cmd|'/c calc'!A0" for start in STARTS]
# Ways to write a cell that no guard stands before.
WRITES = re.compile(
    r"csv\.(?:writer|DictWriter)|openpyxl|\.write_(?:string|formula|array_formula|dynamic_array_formula|url|row"
    r"|column|rich_string|comment)\(|sheet\.write\("
)
# The guard itself, and what makes a roster of made-up people to be imported.
GUARD = {"portal/spreadsheets/formulas.py", "portal/workforce/demo.py"}


def test_every_writer_of_cells_goes_through_the_guard() -> None:
    found = {
        str(path.relative_to(ROOT)) for path in production_files() if WRITES.search(path.read_text("utf-8"))
    }
    assert found == GUARD


def test_every_workbook_takes_texts_for_texts() -> None:
    making = [path for path in production_files() if "xlsxwriter.Workbook(" in path.read_text("utf-8")]
    assert {str(path.relative_to(ROOT)) for path in making} == {
        "portal/funds/payment_files.py",
        "portal/lists/workbook.py",
        "portal/spreadsheets/refused.py",
        "portal/spreadsheets/template.py",
    }
    for path in making:
        assert '"strings_to_formulas": False' in path.read_text("utf-8"), path


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_text_that_begins_like_a_formula_is_a_text(text: str) -> None:
    assert guarded(text) == "'" + text
    content = b"".join(csv_of([text, "x"], [[text, "1"], ["1", text]])).decode("utf-8-sig")
    for cells in csv.reader(io.StringIO(content, newline="")):
        assert not [cell for cell in cells if cell.startswith(STARTS)]
    form = SheetForm("名单", (Column("a", text, text, text),))
    [[label]] = csv.reader(io.StringIO(template_csv(form).decode("utf-8-sig"), newline=""))
    assert label == "'" + text
    with workbook_of("名单", [text], [10], [[text]]) as file:
        assert_only_texts(file.read())
    assert_only_texts(template_xlsx(form))


def assert_only_texts(content: bytes) -> None:
    """No formula in any sheet; what would be one says that it is a text."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"<f[ >]|<hyperlink", archive.read(name))
        assert b'quotePrefix="1"' in archive.read("xl/styles.xml")


@given(st.text(max_size=12))
@settings(max_examples=200)
def test_no_text_at_all_comes_out_as_a_formula(text: str) -> None:
    assert not guarded(text).startswith(STARTS)
