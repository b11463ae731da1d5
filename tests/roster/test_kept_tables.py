"""Tables as units keep them for themselves: given titles above the header, other names, more columns, merged cells,
several sheets or a web page, importing them, then every person comes in and what is not read does no harm.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.layout import Layout, look_at, named_columns
from portal.spreadsheets.merged import Merged, as_merged
from portal.workforce.models import SkillCredential, SkillLevel, Worker
from portal.workforce.roster.columns import ROSTER
from portal.workforce.roster.importing import import_file
from tests.cast import OTOG, id_number
from tests.roster.conftest import LABELS, Office, counts, csv_bytes, row

Sheet = Sequence[Sequence[str]]
# A unit's own names for the columns, in its own order, with columns that nobody asked for.
OWN = [
    "序号",
    "部门",
    "员工姓名",
    "公民身份号码",
    "所在旗县",
    "单位名称",
    "工种",
    "证书等级",
    "证书号码",
    "取证时间",
    "备注",
]


def own_row(number: int, **cells: str) -> list[str]:
    right = {
        "序号": str(number),
        "部门": "一车间",
        "员工姓名": "赵海燕",
        "公民身份号码": id_number(),
        "所在旗县": "鄂尔多斯市鄂托克旗",
        "单位名称": "棋盘井焊接有限公司",
        "工种": "电工",
        "证书等级": "三级",
        "证书号码": f"K{number:06}",
        "取证时间": "2021.6.30",
        "备注": "调休",
    }
    assert not set(cells) - set(right)
    return list((right | cells).values())


def book(*sheets: tuple[str, Sheet], change: Callable[[Any, list[Any]], None] | None = None) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        made = []
        for name, rows in sheets:
            sheet = workbook.add_worksheet(name)
            made.append(sheet)
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write_string(line, column, cell) if cell else None
        if change:
            change(workbook, made)
    return out.getvalue()


def text(rows: Sheet, mark: str = ",", encoding: str = "utf-8") -> bytes:
    return "\n".join(mark.join(cells) for cells in rows).encode(encoding)


def page(rows: Sheet, before: str = "", attributes: dict[tuple[int, int], str] | None = None) -> str:
    lines = []
    for line, cells in enumerate(rows):
        written = "".join(
            f"<td {(attributes or {}).get((line, column), '')}>{cell}</td>"
            for column, cell in enumerate(cells)
        )
        lines.append(f"<tr>{written}</tr>")
    return f"{before}<table>{''.join(lines)}</table>"


TITLES = [["棋盘井焊接有限公司技能人员花名册"], [], ["制表：李", "", "二〇二六年十一月"]]


# -- the header ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "make",
    [
        lambda rows: book(("人员", rows)),
        lambda rows: text(rows),
        lambda rows: text(rows, ";"),
        lambda rows: text(rows, "\t", "utf-16"),
        lambda rows: text(rows, "\t", "gb18030"),
        lambda rows: page(rows, '<html><meta charset="utf-8">').encode(),
        lambda rows: page(rows, "<html><meta charset=gb2312>").encode("gb18030"),
        lambda rows: page(rows, "<html>").encode("utf-16"),
        lambda rows: page(rows).encode("gb18030"),
    ],
)
def test_a_header_under_titles_with_other_names_and_more_columns(office: Office, make: Any) -> None:
    rows = [*TITLES, OWN, own_row(1), own_row(2, 证书等级="大师"), own_row(3)]
    assert counts(office.gives(make(rows))) == (2, 0, 0, 1)
    worker = Worker.objects.first()
    assert worker is not None
    assert (worker.name, worker.work_region_id, worker.skill_level) == ("赵海燕", OTOG, SkillLevel.SENIOR)
    credential = SkillCredential.objects.order_by("number").first()
    assert credential is not None
    assert (str(credential.issued_on), credential.number) == ("2021-06-30", "K000001")
    assert "“证书等级”（H6）" in office.reasons[0]


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("身份证\n号码", "number"),
        ("身份证号（18位）", "number"),
        ("＊姓 名：", "name"),
        ("员工手机号码", "phone"),
        ("本人联系电话", "phone"),
        ("职业（工种）", "occupation"),
        ("职业/工种", "occupation"),
        ("统一社会信用代码（18位）", "code"),
        ("紧急联系人电话", ""),
        ("家庭住址", ""),
    ],
)
def test_labels_as_people_write_them(label: str, key: str) -> None:
    top = [(1, ["姓名", "证件号码", "工作地区划代码", label])]
    read = look_at(top, ROSTER, Layout())
    found = [known for known, index in read.at.items() if index == 3]
    if key in {"name", "number"}:
        # The form's own name counts where there are two.
        assert found == []
        assert look_at([(1, [label, "区划代码"])], ROSTER, Layout()).at[key] == 0
    else:
        assert found == ([key] if key else [])


def test_several_names_of_one_column_the_forms_own_counts(office: Office) -> None:
    labels = ["联系电话", *LABELS]
    given = row(手机号="13900001111")
    content = csv_bytes([given | {"联系电话": "0477-1234567"}], labels=labels)
    assert counts(office.gives(content)) == (1, 0, 0, 0)
    assert Worker.objects.get().phone == "13900001111"


def test_what_a_file_does_not_have_is_not_said(office: Office) -> None:
    labels = ["证件号码", "姓名", "工作地区划代码"]
    given = row(姓名="乌云")
    assert counts(office.gives(csv_bytes([given], labels=labels))) == (1, 0, 0, 0)
    assert Worker.objects.get().phone is None
    assert counts(office.gives(csv_bytes([given], labels=LABELS))) == (0, 1, 0, 0)
    assert counts(office.gives(csv_bytes([given], labels=labels))) == (0, 0, 1, 0)


def test_what_is_the_same_for_all_is_said_once(office: Office) -> None:
    labels = ["姓名", "证件号码", "工种", "等级"]
    rows = [labels, ["萨仁", id_number(), "钳工", "Ⅱ级"], ["萨仁", "1", "钳工", "Ⅱ级"]]
    with pytest.raises(FileRefused, match="缺少列：工作地区划代码"):
        office.gives(text(rows))
    path = office.folder / "given"
    path.write_bytes(text(rows))
    layout = Layout(fixed={"region": OTOG, "employer": "鄂托克旗同一机械有限公司"})
    outcome = import_file(path, name="x", by=None, layout=layout, refused_path=office.refused_path)
    assert counts(outcome) == (1, 0, 0, 1)
    worker = Worker.objects.get()
    assert (worker.work_region_id, worker.employer.name) == (OTOG, "鄂托克旗同一机械有限公司")
    # What comes back says it itself: corrected, it is taken as it is.
    back = office.read_refused()[0]
    assert back["原行号"] == "3"
    corrected = [list(back), [id_number() if label == "证件号码" else cell for label, cell in back.items()]]
    assert counts(office.gives(text(corrected))) == (1, 0, 0, 0)
    assert Worker.objects.filter(employer=worker.employer).count() == 2


def test_columns_may_be_named(office: Office) -> None:
    rows = [["身份ID", "姓名", "地方", "联系电话"], [id_number(), "哈斯", OTOG, "0477-2222222"]]
    path = office.folder / "given"
    path.write_bytes(text(rows))
    named = named_columns(["身份ID=证件号码", "地方=工作地区划代码", "联系电话="], ROSTER)
    assert counts(import_file(path, name="x", by=None, layout=Layout(named=named))) == (1, 0, 0, 0)
    assert Worker.objects.get().phone is None
    for wrong in ("身份ID", "身份ID=没有的列", "=姓名"):
        with pytest.raises(FileRefused, match="应写作"):
            named_columns([wrong], ROSTER)


def test_columns_may_be_chosen(office: Office) -> None:
    rows = [["甲", "乙", "丙"], ["其其格", id_number(), OTOG]]
    path = office.folder / "given"
    path.write_bytes(text(rows))
    layout = Layout(line=1, columns={0: "name", 1: "number", 2: "region"})
    assert Layout.from_json(layout.as_json()) == layout
    assert counts(import_file(path, name="x", by=None, layout=layout)) == (1, 0, 0, 0)


# -- sheets --------------------------------------------------------------------------------------------------
def test_the_sheet_with_a_header_is_read_or_the_one_that_is_named(office: Office) -> None:
    first, second = own_row(1), own_row(2)
    content = book(
        ("封面", [["花名册"], ["请看下一张"]]),
        ("空", []),
        ("在册", [OWN, first]),
        ("新进", [OWN, second, own_row(3)]),
    )
    assert office.gives(content).read == 1
    path = office.folder / "given"
    outcome = import_file(path, name="x", by=None, layout=Layout(sheet="新进"))
    assert counts(outcome) == (2, 0, 0, 0)
    with pytest.raises(FileRefused, match="没有名为“离职”的工作表。可以选择：“封面”、“空”、“在册”、“新进”"):
        import_file(path, name="x", by=None, layout=Layout(sheet="离职"))


def test_hidden_rows_may_be_taken(office: Office) -> None:
    def hide(_: Any, sheets: list[Any]) -> None:
        sheets[0].set_row(2, None, None, {"hidden": True})

    content = book(("人员", [OWN, own_row(1), own_row(2)]), change=hide)
    assert counts(office.gives(content)) == (1, 0, 0, 1)
    path = office.folder / "given"
    path.write_bytes(content)
    taken = import_file(path, name="x", by=None, layout=Layout(take_hidden=True))
    assert counts(taken) == (1, 0, 1, 0)


# -- merged cells --------------------------------------------------------------------------------------------
def merged_over(
    rows: list[list[str]], column: int, first: int, last: int
) -> Callable[[Any, list[Any]], None]:
    def merge(_: Any, sheets: list[Any]) -> None:
        sheets[0].merge_range(first, column, last, column, rows[first][column])

    return merge


def test_a_cell_merged_over_rows_is_meant_for_each(office: Office) -> None:
    rows = [OWN, own_row(1, 单位名称="合并单元格有限公司"), own_row(2, 单位名称=""), own_row(3, 单位名称="")]
    content = book(("人员", rows), change=merged_over(rows, 5, 1, 20))
    assert counts(office.gives(content)) == (3, 0, 0, 0)
    assert set(Worker.objects.values_list("employer__name", flat=True)) == {"合并单元格有限公司"}


def test_one_person_over_two_rows_has_two_certificates(office: Office) -> None:
    number = id_number()
    rows = [OWN, own_row(1, 公民身份号码=number), own_row(2, 公民身份号码="", 员工姓名="", 工种="焊工")]

    def merge(workbook: Any, sheets: list[Any]) -> None:
        for column in (2, 3):
            sheets[0].merge_range(1, column, 2, column, rows[1][column])

    assert counts(office.gives(book(("人员", rows), change=merge))) == (2, 0, 0, 0)
    assert set(SkillCredential.objects.values_list("occupation", flat=True)) == {"电工", "焊工"}


def test_a_header_of_two_rows(office: Office) -> None:
    above = ["姓名", "身份证号", "区划代码", "证书", "", ""]
    below = ["", "", "", "工种", "等级", "编号"]

    def merge(_: Any, sheets: list[Any]) -> None:
        for column in range(3):
            sheets[0].merge_range(0, column, 1, column, above[column])
        sheets[0].merge_range(0, 3, 0, 5, "证书")

    rows = [above, below, ["那仁", id_number(), OTOG, "焊工", "2", "Z9"]]
    assert counts(office.gives(book(("人员", rows), change=merge))) == (1, 0, 0, 0)
    assert SkillCredential.objects.get().level == SkillLevel.TECHNICIAN


def test_rows_reaching_down_in_a_web_page(office: Office) -> None:
    rows = [OWN, own_row(1, 单位名称="网页合并有限公司"), own_row(2), own_row(3)]
    for later in (2, 3):
        del rows[later][5]
    content = page(rows, "<html>", {(1, 5): 'rowspan="3"'}).encode()
    assert counts(office.gives(content)) == (3, 0, 0, 0)
    assert set(Worker.objects.values_list("employer__name", flat=True)) == {"网页合并有限公司"}


def test_rows_that_a_web_page_hides_and_its_other_tables(office: Office) -> None:
    shown = page([["导出时间", "2026年"]], "<html><script>var a='<table>'</script>")
    rows = page([OWN, own_row(1), own_row(2)]).replace("<tr>", "<tr style='display:none'>", 3)
    rows = rows.replace("<tr style='display:none'>", "<tr>", 2)
    assert counts(office.gives((shown + rows).encode())) == (1, 0, 0, 1)


cells_of_rows = st.lists(
    st.lists(st.sampled_from(["", "x", "y"]), min_size=3, max_size=3), min_size=1, max_size=8
)
ranges = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 2), st.integers(0, 4)), max_size=5)


@settings(max_examples=200, deadline=None)
@drawn(cells_of_rows, ranges)
def test_filling_writes_only_into_empty_cells_of_rows_that_hold_something(
    given: list[list[str]], merged: list[tuple[int, int, int]]
) -> None:
    spans = as_merged([((top, left), (top + down, left)) for top, left, down in merged], 0)
    filling = Merged(spans)
    for number, cells in enumerate(given, start=1):
        before = list(cells)
        filling.fill(number, cells)
        assert all(new == old for new, old in zip(cells, before, strict=True) if old)
        if not any(before):
            assert cells == before
        for index, (new, old) in enumerate(zip(cells, before, strict=True)):
            if new != old:
                assert any(top < number <= bottom and at == index for top, bottom, at in spans)


# -- numbers whose zeros are gone ------------------------------------------------------------------------------
def test_a_number_without_its_zeros_is_that_number(office: Office) -> None:
    given = row(证书编号="00505003003400125")
    assert counts(office.imports(given)) == (1, 0, 0, 0)
    assert counts(office.imports(given | {"证书编号": "505003003400125"})) == (0, 0, 1, 0)
    assert counts(office.imports(given, given | {"证书编号": "0505003003400125"})) == (0, 0, 2, 0)
    assert [one.number for one in SkillCredential.objects.all()] == ["00505003003400125"]


def test_the_number_comes_whole_later(office: Office) -> None:
    given = row(证书编号="7003")
    office.imports(given)
    assert counts(office.imports(given | {"证书编号": "0007003"})) == (0, 1, 0, 0)
    assert [one.number for one in SkillCredential.objects.all()] == ["0007003"]
    # Of another day it is another certificate.
    assert counts(office.imports(given | {"证书编号": "00007003", "发证日期": "2022-01-01"})) == (0, 1, 0, 0)
    assert SkillCredential.objects.count() == 2
