"""Rosters as other systems and other hands leave them: guarded numbers, a line that names the delimiter, hidden rows,
the calendar of 1904, web pages under another name.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.jobs import runner
from portal.spreadsheets.formulas import guarded, unguarded
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.reading import open_spreadsheet
from portal.workforce.models import RosterImport, SkillCredential, Worker
from portal.workforce.roster.columns import ROSTER
from portal.workforce.scarce_lists import load_scarce_list
from tests.cast import id_number
from tests.roster.conftest import Office, counts, csv_bytes, row, xlsx_bytes
from tests.roster.test_pages import confirm


# -- numbers that were to stay texts -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "guard",
    [
        '="{}"',
        "'{}",
        "`{}",
        "’{}",
        "‘{}’",
        "´{}",
        "＇{}",
        '= "{}"',
        "=“{}”",
        '=T("{}")',
        '="{}"&""',
        '\'="{}"',
        "\t{}",
        '=""{}""',
    ],
)
def test_a_guarded_number_is_the_number(office: Office, guard: str) -> None:
    number, phone = id_number(), "13911112222"
    given = row(证件号码=guard.format(number), 手机号=guard.format(phone), 证书编号=guard.format("0015033"))
    assert counts(office.imports(given)) == (1, 0, 0, 0)
    worker = Worker.objects.get()
    assert (worker.id_number, worker.phone) == (number, phone)
    assert SkillCredential.objects.get().number == "0015033"
    assert counts(office.gives(xlsx_bytes([given]))) == (0, 0, 1, 0)


@pytest.mark.parametrize("text", ["'Abd al-Karim", "’t Hooft", "=1+1", "''", "O'Neill", "`"])
def test_what_is_no_guarded_number_stays(text: str) -> None:
    assert unguarded(text) == text


def test_a_guard_given_back_is_taken_away_again() -> None:
    assert unguarded(guarded('="15010219"')) == "15010219"


def test_guarded_labels_are_labels(office: Office) -> None:
    text = csv_bytes([row()]).decode("utf-8-sig").replace("姓名", '"=""姓名"""', 1)
    assert counts(office.gives(text.encode())) == (1, 0, 0, 0)


# -- the line that names the delimiter -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("line", "mark"),
    [("sep=,", ","), ("SEP=;", ";"), ("sep=\t", "\t"), ('"sep=|"', "|"), ("sep=;;;;", ";"), ("Sep = ,", ",")],
)
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_the_first_line_may_say_what_stands_between(office: Office, line: str, mark: str, end: str) -> None:
    lines = csv_bytes([row(), row(证件号码="1")]).decode("utf-8-sig").splitlines()
    text = "\ufeff" + end.join([line, *(one.replace(",", mark) for one in lines)])
    assert counts(office.gives(text.encode())) == (1, 0, 0, 1)
    assert "（B4）" in office.reasons[0]


# -- rows that are not shown ---------------------------------------------------------------------------------
def hide(*lines: int, **options: Any) -> Any:
    def change(_: Any, sheet: Any) -> None:
        for line in lines:
            sheet.set_row(line - 1, None, None, {"hidden": True} | options)

    return change


def test_hidden_rows_are_told_and_not_imported(office: Office) -> None:
    rows = [row(姓名=f"王建{word}") for word in "一二三四五"]
    outcome = office.gives(xlsx_bytes(rows, hide(3, 5, 900)))
    assert counts(outcome) == (3, 0, 0, 2)
    assert set(Worker.objects.values_list("name", flat=True)) == {"王建一", "王建三", "王建五"}
    assert [one["姓名"] for one in office.refused] == ["王建二", "王建四"]
    assert "第3行在工作表中是隐藏的" in office.reasons[0]
    # What came back is shown: given in again, it is imported.
    assert counts(office.gives(office.refused_path.read_bytes())) == (2, 0, 0, 0)


def test_filtered_rows_are_hidden_rows(office: Office) -> None:
    def only(_: Any, sheet: Any) -> None:
        sheet.autofilter(0, 0, 3, 13)
        sheet.filter_column(0, "x == 王建一")
        sheet.set_row(2, options={"hidden": True})

    assert counts(office.gives(xlsx_bytes([row(姓名="王建一"), row(), row(姓名="王建一")], only))) == (
        2,
        0,
        0,
        1,
    )


def test_a_row_without_height_is_not_shown(office: Office) -> None:
    def flat(_: Any, sheet: Any) -> None:
        sheet.set_row(1, 0)

    assert counts(office.gives(xlsx_bytes([row(), row()], flat))) == (1, 0, 0, 1)


def sheet_changed(content: bytes, old: bytes, new: bytes, part: str = "xl/worksheets/sheet1.xml") -> bytes:
    """A workbook with something replaced in one of its parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(buffer, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == part:
                assert old in data
                data = data.replace(old, new)
            after.writestr(name, data)
    return buffer.getvalue()


def test_what_other_programs_write_of_rows(office: Office, tmp_path: Path) -> None:
    """LibreOffice says of every row whether it is hidden; some programs number no row."""
    shown = sheet_changed(xlsx_bytes([row(), row()]), b'<row r="3"', b'<row r="3" hidden="false"')
    assert counts(office.gives(shown)) == (2, 0, 0, 0)
    hidden = sheet_changed(xlsx_bytes([row(), row()]), b'<row r="3"', b'<row hidden="true"')
    path = tmp_path / "unnumbered"
    path.write_bytes(hidden)
    assert set(open_spreadsheet(path, ROSTER).hidden) == {3}


def test_the_page_says_so_before_and_after(
    committed: str, cast: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda _: None)
    desk = as_user(cast("clerk"))
    content = xlsx_bytes([row(), row(), row()], hide(2, 4))
    upload = SimpleUploadedFile("花名册.xlsx", content)
    page = desk.post(reverse("window:roster"), {"file": upload}, follow=True)
    said = "工作表中有2行是隐藏的，或被筛选掉了（第2、4行）"
    assert said in page.content.decode()
    record = RosterImport.objects.get()
    assert confirm(desk, record).status_code == 400
    assert confirm(desk, record, hidden="leave").status_code == 302
    record.refresh_from_db()
    runner.run_job(record.job_id)
    record.refresh_from_db()
    assert (record.added, record.refused) == (1, 2)
    assert said in desk.get(reverse("window:roster_import", args=[record.pk])).content.decode()


# -- the calendar of 1904 ------------------------------------------------------------------------------------
def in_1904(rows: list[dict[str, Any]], value: bytes = b"1") -> bytes:
    return sheet_changed(
        xlsx_bytes(rows), b"<workbookPr", b'<workbookPr date1904="' + value + b'"', part="xl/workbook.xml"
    )


@pytest.mark.parametrize("value", [b"1", b"true"])
def test_a_number_counts_from_the_day_of_its_workbook(office: Office, value: bytes) -> None:
    assert counts(office.gives(in_1904([row(发证日期=42063)], value))) == (1, 0, 0, 0)
    assert SkillCredential.objects.get().issued_on == date(2019, 3, 1)


def test_a_formatted_date_is_the_day_that_is_shown(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "begun on a Mac.xlsx"
    given = row(发证日期=date(2018, 7, 9))
    with xlsxwriter.Workbook(path, {"date_1904": True, "default_date_format": "yyyy/m/d"}) as workbook:
        sheet = workbook.add_worksheet()
        for column, (label, cell) in enumerate(given.items()):
            sheet.write_string(0, column, label)
            sheet.write(1, column, cell)
    assert counts(office.gives(path.read_bytes())) == (1, 0, 0, 0)
    assert SkillCredential.objects.get().issued_on == date(2018, 7, 9)


def test_a_workbook_of_1900_says_so_or_nothing(office: Office) -> None:
    office.gives(in_1904([row(发证日期=42063)], b"0"))
    office.gives(xlsx_bytes([row(发证日期="42063")]))
    assert set(SkillCredential.objects.values_list("issued_on", flat=True)) == {date(2015, 2, 28)}


def test_refused_rows_keep_the_calendar_of_their_workbook(office: Office) -> None:
    assert counts(office.gives(in_1904([row(发证日期=42063, 姓名="")]))) == (0, 0, 0, 1)
    corrected = [one | {"姓名": "王建国"} for one in office.refused]
    assert corrected[0]["发证日期"] == "42063"
    path = office.folder / "again"
    path.write_bytes(office.refused_path.read_bytes())
    assert open_spreadsheet(path, ROSTER).epoch == date(1904, 1, 1)


# -- other kinds of files ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>", "单个文件网页（MHT）"),
        (
            b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook></Workbook>',
            "XML 表格 2003",
        ),
    ],
)
def test_other_pages_are_called_what_they_are(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "花名册.xls"
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        open_spreadsheet(path, ROSTER)
    assert says in str(refused.value)
    assert "另存为“Excel 工作簿（.xlsx）”" in str(refused.value)


def test_a_list_of_scarce_occupations_has_no_hidden_rows(db: None, tmp_path: Path) -> None:
    path = tmp_path / "目录.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for column, label in enumerate(("地区", "职业（工种）", "起始日期", "截止日期", "文件")):
            sheet.write_string(0, column, label)
            sheet.write_string(1, column, "甲")
        sheet.set_row(1, options={"hidden": True})
    with pytest.raises(FileRefused, match="隐藏"):
        load_scarce_list(path)
