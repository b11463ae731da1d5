"""A form of any columns: its template, what is said of a file that differs, and refused rows that come back."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.spreadsheets.formulas import guarded, unguarded
from portal.spreadsheets.header import Column, FileRefused, SheetForm
from portal.spreadsheets.reading import open_spreadsheet
from portal.spreadsheets.refused import write_refused
from portal.spreadsheets.template import template_csv, template_xlsx

FORM = SheetForm(
    "获奖名单",
    (
        Column("place", "名次", "整数。", "1", needed=True),
        Column("unit", "推荐单位", "单位全称。", "某某机械有限公司"),
    ),
    notes=("并列的，名次相同。",),
)


def csv_file(folder: Path, *rows: list[str]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path = folder / "given"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


@pytest.mark.parametrize("make", [template_csv, template_xlsx])
def test_a_template_can_be_read_as_its_form(make, tmp_path: Path) -> None:
    path = tmp_path / "template"
    path.write_bytes(make(FORM))
    source = open_spreadsheet(path, FORM)
    assert source.header.labels == ("名次", "推荐单位") and list(source.rows()) == []


def test_columns_stand_in_any_order_and_a_cell_is_named_as_people_find_it(tmp_path: Path) -> None:
    source = open_spreadsheet(csv_file(tmp_path, ["推荐单位", "名次"], ["焊接厂", "1"]), FORM)
    assert source.header.at == {"unit": 0, "place": 1}
    assert source.header.cell("place", 2) == "“名次”（B2）"
    assert list(source.rows()) == [(2, ["焊接厂", "1"])]


def test_a_file_that_is_no_such_form_is_told_the_columns_of_the_form(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="第一行不是获奖名单表头。表头应为：名次、推荐单位。"):
        open_spreadsheet(csv_file(tmp_path, ["姓名"]), FORM)
    with pytest.raises(FileRefused, match="缺少列：推荐单位；多出的列：姓名"):
        open_spreadsheet(csv_file(tmp_path, ["名次", "姓名"]), FORM)


def test_a_column_may_have_another_name_and_others_stand_beside(tmp_path: Path) -> None:
    columns = (*FORM.columns, Column("prize", "奖金", "元。", "500", also=("奖励金额",)))
    form = SheetForm("获奖名单", columns, beside=("备注",))
    source = open_spreadsheet(
        csv_file(tmp_path, ["备注", "名次", "推荐单位", "奖励金额"], ["", "1", "厂", "5"]), form
    )
    assert source.header.at == {"place": 1, "unit": 2, "prize": 3}
    with pytest.raises(FileRefused, match="重复的列：奖金、奖励金额"):
        open_spreadsheet(csv_file(tmp_path, ["名次", "推荐单位", "奖励金额", "奖金"]), form)
    with pytest.raises(FileRefused, match="缺少列：奖金；多出的列：附注"):
        open_spreadsheet(csv_file(tmp_path, ["名次", "推荐单位", "附注"]), form)


def test_refused_rows_come_back_with_the_reason_and_can_be_read_again(tmp_path: Path) -> None:
    source = open_spreadsheet(csv_file(tmp_path, ["名次", "推荐单位"], ["1", "厂"], ["一", "＝1+1"]), FORM)
    path = tmp_path / "refused"
    with path.open("wb") as file:
        assert write_refused(file, source, [(3, "“名次”（A3）：应为整数。")]) == 1
    again = open_spreadsheet(path, FORM)
    assert again.header.labels == ("名次", "推荐单位", "错误")
    assert list(again.rows()) == [(2, ["一", "'＝1+1", "“名次”（A3）：应为整数。"])]


@given(st.sampled_from("=+-@\t\r\n＝＋－＠甲a"), st.text())
def test_what_the_guard_keeps_from_being_a_formula_is_the_same_without_it(first: str, rest: str) -> None:
    text = first + rest
    assert unguarded(guarded(text)) == text
    assert guarded(text)[0] not in "=+-@\t\r\n＝＋－＠"
