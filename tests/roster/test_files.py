"""Every kind of file: read, or refused with words that say what to do. Nothing is stored of a file that is
refused.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.limits import MOST
from portal.workforce.models import RosterImport, Worker
from portal.workforce.roster.columns import ROSTER
from tests.cast import OTOG
from tests.roster.conftest import LABELS, Office, counts, csv_bytes, row, xlsx_bytes


def refused(office: Office, content: bytes) -> str:
    with pytest.raises(FileRefused) as caught:
        office.gives(content)
    assert not Worker.objects.exists()
    assert not RosterImport.objects.exists()
    return str(caught.value)


# -- text ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_the_encodings_of_excel(office: Office, encoding: str) -> None:
    given = row(姓名="巴特尔䶮", 用人单位="鄂托克旗㙍机械有限公司")
    assert counts(office.gives(csv_bytes([given], encoding=encoding))) == (1, 0, 0, 0)
    worker = Worker.objects.get()
    assert (worker.name, worker.employer.name) == ("巴特尔䶮", "鄂托克旗㙍机械有限公司")


def test_an_encoding_is_told_by_the_whole_file(office: Office) -> None:
    """The first 64 KB are plain ASCII in both encodings."""
    rows = [
        row(姓名="WANG WU", 用人单位="UNIT", 职业工种="WELDER", 技能等级="1级", 一线岗位="Y")
        for _ in range(600)
    ] + [row()]
    head = ",".join(LABELS)
    content = csv_bytes(rows, encoding="gb18030")
    assert content.startswith(head.encode("gb18030"))
    assert office.gives(content).added == 601


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_separators_are_seen(office: Office, delimiter: str) -> None:
    given = row()
    content = delimiter.join(LABELS) + "\n" + delimiter.join(given[label] for label in LABELS)
    assert office.gives(content.encode()).added == 1


def test_empty_rows_and_a_late_header(office: Office) -> None:
    content = csv_bytes([row(), dict.fromkeys(LABELS, " "), row()])
    outcome = office.gives(b"\xef\xbb\xbf\r\n,,,\r\n" + content.removeprefix(b"\xef\xbb\xbf"))
    assert counts(outcome) == (2, 0, 0, 0)


def test_columns_in_any_order(office: Office) -> None:
    given = row()
    office.gives(csv_bytes([given], labels=LABELS[::-1]))
    assert Worker.objects.get().id_number == given["证件号码"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda labels: [label for label in labels if label not in {"姓名", "荣誉"}], "缺少列：姓名"),
        (
            lambda labels: [label for label in labels if label not in {"证件号码", "姓名"}],
            "缺少列：姓名、证件号码",
        ),
        (lambda labels: [label for label in labels if label != "工作地区划代码"], "缺少列：工作地区划代码"),
        (lambda labels: [*labels, "姓名"], "重复的列：姓名"),
        (lambda labels: [f"列{n}" for n in range(14)], "没有找到花名册表头"),
    ],
)
def test_a_wrong_header_is_named(office: Office, change: Any, says: str) -> None:
    labels = change(list(LABELS))
    content = csv_bytes([], labels=labels) + b"," * len(labels)
    assert says in refused(office, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "文件是空的"),
        (b"\n\n\n", "没有找到花名册表头"),
        (csv_bytes([]), "没有数据行"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "旧版Excel（.xls）或设有密码"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是表格"),
        (csv_bytes([row()], encoding="utf-16")[:-1], "编码"),
        (csv_bytes([row()], encoding="utf-8") + b"\xff\xfe\xff", "既不是UTF-8编码也不是GB18030编码"),
        (b"PK\x03\x04 no archive", "不是Excel工作簿"),
        ("你好，这是一封信。\n".encode(), "没有找到花名册表头"),
    ],
)
def test_what_is_no_roster_is_told_so(office: Office, content: bytes, says: str) -> None:
    assert says in refused(office, content)


def test_an_archive_that_is_no_workbook(office: Office) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("letter.txt", "hello")
    assert "不是Excel工作簿" in refused(office, buffer.getvalue())


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
def test_a_workbook_cut_off_half_way(office: Office, keep: float) -> None:
    content = xlsx_bytes([row() for _ in range(50)])
    assert "Excel" in refused(office, content[: int(len(content) * keep)])


def test_a_quotation_mark_that_never_ends(office: Office) -> None:
    content = csv_bytes([row()]).decode("utf-8-sig") + '"' + "王,\n" * 60_000
    assert "引号" in refused(office, content.encode())


def test_a_row_with_more_cells_than_the_header(office: Office) -> None:
    content = csv_bytes([row(), row()]).rstrip(b"\r\n") + b",13800000001,1\r\n"
    assert counts(office.gives(content)) == (1, 0, 0, 1)
    assert "第3行有17列，多于表头的15列" in office.reasons[0]


# -- workbooks -----------------------------------------------------------------------------------------------
def test_a_workbook_with_numbers_and_dates_as_excel_keeps_them(office: Office) -> None:
    given = row(
        工作地区划代码=150624,
        发证日期=datetime(2024, 1, 25),
        一线年限=8.5,
        失业保险累计月数=96.0,
        手机号=13800000000,
        证书编号=2024001,
    )
    assert counts(office.gives(xlsx_bytes([given]))) == (1, 0, 0, 0)
    worker = Worker.objects.get()
    assert (worker.work_region_id, worker.phone, worker.insurance.months) == (OTOG, "13800000000", 96)
    assert worker.employments.get().front_line_years == Decimal("8.5")
    assert (worker.credentials.get().issued_on, worker.credentials.get().number) == (
        date(2024, 1, 25),
        "2024001",
    )


def test_an_unformatted_date_is_a_number_of_days(office: Office) -> None:
    office.gives(xlsx_bytes([row(发证日期=45316)]))
    assert Worker.objects.get().credentials.get().issued_on == date(2024, 1, 25)


def test_an_id_number_that_excel_has_rounded(office: Office) -> None:
    assert counts(office.gives(xlsx_bytes([row(), row(证件号码=150624198506150012)]))) == (1, 0, 0, 1)
    assert "“证件号码”（B3）：Excel已将长号码存为数值" in office.reasons[0]
    assert counts(office.imports(row(证件号码="1.50624E+17"))) == (0, 0, 0, 1)
    assert "“文本”格式" in office.reasons[0]


@pytest.mark.parametrize(
    ("far", "column", "named"),
    [(1_048_575, 16_383, "XFD1048576"), (1_048_575, 701, "ZZ1048576"), (300_000, 200, "GS300001")],
)
def test_a_blank_in_a_far_corner_is_named_and_held_nowhere(
    office: Office, far: int, column: int, named: str
) -> None:
    """Between its corners a sheet is read whole: this one would be up to half a terabyte."""
    content = xlsx_bytes([row()], lambda workbook, sheet: sheet.write_string(far, column, " "))
    said = refused(office, content)
    assert f"单元格{named}有内容" in said and "空格" in said and "重新上传" in said


def test_a_blank_far_to_the_right_of_a_short_table_is_named(office: Office) -> None:
    content = xlsx_bytes([row()], lambda workbook, sheet: sheet.write_string(1, 5_000, " "))
    assert "单元格GJI2有内容（可能只是一个空格）" in refused(office, content)
    formatted = xlsx_bytes(
        [row()], lambda workbook, sheet: sheet.write_blank(1, 5_000, None, workbook.add_format())
    )
    assert counts(office.gives(formatted)) == (1, 0, 0, 0)


def test_formulas_count_with_their_result(office: Office) -> None:
    content = xlsx_bytes([row()], lambda workbook, sheet: sheet.write_formula(1, 11, "=90+7", None, 97))
    assert counts(office.gives(content)) == (1, 0, 0, 0)
    assert Worker.objects.get().insurance.months == 97


@pytest.mark.parametrize(
    ("formula", "result"), [("=A1", ""), ("=1/0", "#DIV/0!"), ("=VLOOKUP(1,X1:Y2,2,0)", "#N/A")]
)
def test_a_formula_without_a_result_names_its_cell(office: Office, formula: str, result: str) -> None:
    def spoil(workbook: Any, sheet: Any) -> None:
        sheet.write_formula(1, 11, formula, None, result)

    content = (
        without_cached_value(xlsx_bytes([row(), row()], spoil))
        if not result
        else xlsx_bytes([row(), row()], spoil)
    )
    assert counts(office.gives(content)) == (1, 0, 0, 1)
    assert "“失业保险累计月数”（L2）：公式没有计算结果或结果为错误值" in office.reasons[0]


def without_cached_value(content: bytes) -> bytes:
    """As programs write formulas that leave the calculating to Excel."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = part.replace(b"<v></v>", b"").replace(b' t="str"', b"")
            new.writestr(name, part)
    return buffer.getvalue()


def test_only_the_first_sheet_is_read(office: Office) -> None:
    def more(workbook: Any, sheet: Any) -> None:
        guide = workbook.add_worksheet("填写说明")
        guide.merge_range(0, 0, 0, 3, "合并的说明")

    assert office.gives(xlsx_bytes([row()], more)).added == 1


def test_a_sheet_that_begins_further_right_and_down(office: Office) -> None:
    import xlsxwriter

    buffer, given = io.BytesIO(), row(手机号="1")
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for column, label in enumerate(LABELS):
            sheet.write_string(3, column + 2, label)
            sheet.write_string(4, column + 2, given[label])
    assert counts(office.gives(buffer.getvalue())) == (0, 0, 0, 1)
    assert "“手机号”（P5）" in office.reasons[0]


def test_an_empty_workbook(office: Office) -> None:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.add_worksheet()
    assert "空的" in refused(office, buffer.getvalue())


def test_the_templates_can_be_filled_in_and_imported(office: Office) -> None:
    from portal.spreadsheets.reading import open_spreadsheet
    from portal.spreadsheets.template import template_csv, template_xlsx

    for content in (template_csv(ROSTER), template_xlsx(ROSTER)):
        path = office.folder / "template"
        path.write_bytes(content)
        assert list(open_spreadsheet(path, ROSTER).header.labels) == LABELS
        assert "没有数据行" in refused(office, content)


# -- refused rows come back in the same kind of file ---------------------------------------------------------
@pytest.mark.parametrize("make", [csv_bytes, xlsx_bytes])
def test_refused_rows_come_back_and_are_taken_when_put_right(office: Office, make: Any) -> None:
    wrong = row(手机号="12", 证件号码="150624850615001", 荣誉="全国技术能手@2023@=1+1")
    wrong_too = row(技能等级="大师")
    assert counts(office.gives(make([row(), wrong, row(), wrong_too]))) == (2, 0, 0, 2)
    first, second = office.refused
    assert "第" not in first["姓名"]
    assert first["错误"].startswith("“证件号码”（B3）：证件号码为15位旧号码，请填写18位")
    assert "“手机号”（N3）：手机号应为11位数字" in first["错误"]
    assert second["错误"].startswith("“技能等级”（G5）：技能等级应为")
    assert {label: first[label] for label in LABELS} == {label: wrong[label] for label in LABELS}

    corrected = [
        first | {"手机号": "13800000000", "证件号码": row()["证件号码"]},
        second | {"技能等级": "技师"},
    ]
    labels = [*LABELS, "错误"]
    assert counts(office.gives(csv_bytes(corrected, labels=labels))) == (2, 0, 0, 0)


def test_a_cell_that_looks_like_a_formula_does_not_come_back_as_one(office: Office) -> None:
    office.imports(row(姓名="=HYPERLINK(1)"), row(姓名="+王建国"))
    assert [one["姓名"] for one in office.refused] == ["'=HYPERLINK(1)", "'+王建国"]
    assert office.gives(office.refused_path.read_bytes()).refused == 2


def test_the_refused_file_is_for_nobody_else(office: Office) -> None:
    office.imports(row(手机号="1"))
    assert office.refused_path.stat().st_mode & 0o777 == 0o600


def test_a_workbook_that_unpacks_to_too_much_is_not_opened(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.spreadsheets.limits.MOST", replace(MOST, unpacked=1000))
    assert "工作簿过大" in refused(office, xlsx_bytes([row()]))
