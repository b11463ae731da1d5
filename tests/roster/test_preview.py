"""A roster before it is read in: what is shown, what may be corrected, what is remembered, and that nothing is in the
register before somebody has confirmed it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal.jobs import runner
from portal.workforce.models import RosterColumns, RosterImport, Worker
from tests.cast import OTOG, id_number
from tests.roster.test_kept_tables import OWN, TITLES, book, own_row, text


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner.run_job, "delay", lambda job_id: None)


class Desk:
    """Who uploads, looks at the preview and confirms."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.given = RosterImport()

    def uploads(self, content: bytes, name: str = "人员.xlsx") -> str:
        file = SimpleUploadedFile(name, content)
        page = self.client.post(reverse("window:roster"), {"file": file}, follow=True)
        self.given = RosterImport.objects.latest("pk")
        return page.content.decode()

    def sees(self) -> Any:
        return self.client.get(self.address("roster_import"))

    def address(self, name: str) -> str:
        return reverse(f"window:{name}", args=[self.given.pk])

    def says(self, **said: str) -> Any:
        form = self.sees().context["layout_form"]
        chosen = {name: form[name].value() or "" for name in form.fields}
        return self.client.post(self.address("roster_layout"), chosen | said)

    def reads_in(self) -> RosterImport:
        self.given.refresh_from_db()
        runner.run_job(self.given.job_id)
        self.given.refresh_from_db()
        return self.given


@pytest.fixture
def desk(committed: str, cast: Callable[[str], Any], as_user: Callable[[Any], Any]) -> Desk:
    return Desk(as_user(cast("clerk")))


def test_what_was_recognised_and_what_will_be_ignored(desk: Desk) -> None:
    first = own_row(1)
    page = desk.uploads(book(("人员", [*TITLES, OWN, first, own_row(2)])))
    assert "第4行，上方第1、3行不读入" in page
    assert "“公民身份号码”（D列）" in page
    assert "“序号”（A列）、“部门”（B列）、“备注”（K列）" in page
    # Numbers of people are masked, also where no column was recognised.
    assert first[3] not in page and first[3][:6] in page
    assert not Worker.objects.exists()
    assert desk.given.job is None
    assert desk.says().url == desk.address("roster_import")
    given = desk.reads_in()
    assert (given.phase, given.added, given.refused) == ("done", 2, 0)
    assert not given.folder.joinpath("preview.json").exists()


def test_a_second_click_changes_nothing(desk: Desk) -> None:
    desk.uploads(book(("人员", [OWN, own_row(1)])))
    assert desk.says().status_code == 302
    job = RosterImport.objects.get().job_id
    assert desk.client.post(desk.address("roster_layout"), {}).status_code == 302
    assert RosterImport.objects.get().job_id == job


def test_columns_are_corrected_and_remembered(desk: Desk) -> None:
    rows = [["谁", "身份ID", "备注"], ["高娃", id_number(), "x"]]
    page = desk.uploads(text(rows), "表.csv")
    assert "没有找到表头" in page
    assert desk.says().status_code == 400
    answer = desk.says(column_0="name", column_1="name", fixed_region=OTOG)
    assert "已对应另一列" in answer.content.decode()
    right = {"column_0": "name", "column_1": "number", "fixed_region": "鄂尔多斯市鄂托克旗"}
    assert desk.says(**right, step="look").status_code == 302
    assert "全部人员：鄂尔多斯市鄂托克旗（150624）" in desk.sees().content.decode()
    assert desk.says().status_code == 302
    assert desk.reads_in().added == 1
    assert RosterColumns.objects.get().names == {"谁": "name", "身份ID": "number"}
    # The next file of this office is understood by itself, but for what no column says.
    page = desk.uploads(text([["序号", "谁", "身份ID"], ["1", "塔娜", id_number()]]), "又.csv")
    assert "“身份ID”（C列）" in page and "缺少列：工作地区划代码" in page
    assert "没有找到表头" not in page


def test_a_place_that_there_is_not_is_told_beside_its_field(desk: Desk) -> None:
    desk.uploads(text([["姓名", "身份证号"], ["高娃", id_number()]]), "表.csv")
    assert "还不能读入" in desk.sees().content.decode()
    answer = desk.says(fixed_region="北京市")
    assert answer.status_code == 400 and "不是内蒙古自治区" in answer.content.decode()
    assert not Worker.objects.exists()


def test_another_line_is_the_header(desk: Desk) -> None:
    rows = [["姓名", "证件号码", "说明"], ["甲", "乙", "丙"], ["高娃", id_number(), OTOG]]
    desk.uploads(text(rows), "表.csv")
    assert desk.says(line="2", step="look").status_code == 302
    shown = desk.sees()
    assert "第2行，上方第1行不读入" in shown.content.decode()
    assert desk.says(column_0="name", column_1="number", column_2="region").status_code == 302
    assert desk.reads_in().added == 1


def test_another_sheet_is_chosen(desk: Desk) -> None:
    page = desk.uploads(book(("在册", [OWN, own_row(1)]), ("新进", [OWN, own_row(2), own_row(3)])))
    assert "工作表（共2张）" in page
    desk.client.post(desk.address("roster_sheet"), {"sheet": "新进"})
    assert desk.says().status_code == 302
    assert desk.reads_in().added == 2


def test_a_sheet_that_there_is_not_leaves_the_preview_as_it_was(desk: Desk) -> None:
    desk.uploads(book(("在册", [OWN, own_row(1)]), ("空", [])))
    for name in ("空", "没有"):
        answer = desk.client.post(desk.address("roster_sheet"), {"sheet": name}, follow=True)
        assert f"“{name}”" in answer.content.decode()
    assert desk.says().status_code == 302
    assert desk.reads_in().added == 1


@pytest.mark.parametrize(("said", "added", "refused"), [("take", 2, 0), ("leave", 1, 1)])
def test_hidden_rows_are_asked_about(desk: Desk, said: str, added: int, refused: int) -> None:
    def hide(_: Any, sheets: list[Any]) -> None:
        sheets[0].set_row(1, None, None, {"hidden": True})

    page = desk.uploads(book(("人员", [OWN, own_row(1), own_row(2)]), change=hide))
    assert "工作表中有1行是隐藏的" in page
    answer = desk.says()
    assert answer.status_code == 400 and "请选择这些行是否读入" in answer.content.decode()
    assert desk.says(hidden=said).status_code == 302
    given = desk.reads_in()
    assert (given.added, given.refused) == (added, refused)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([*TITLES, OWN, own_row(1), [], own_row(2), own_row(3), own_row(4)], "4行"),
        ([*TITLES, OWN, *map(own_row, range(1, 37))], "36行"),
        ([*TITLES, OWN, *map(own_row, range(1, 61))], "约60行"),
    ],
)
@pytest.mark.parametrize("make", [lambda rows: book(("人员", rows)), text])
def test_how_many_rows_there_are(desk: Desk, make: Any, rows: list[list[str]], said: str) -> None:
    """Given titles above a header, when a file is short, then its rows are counted; else the number is about right."""
    page = desk.uploads(make(rows))
    assert said in " ".join(page.split()).split("<dt>数据</dt>")[1].split("</dd>")[0].strip("<d> ")


def test_a_hidden_row_above_the_header_is_none_to_ask_about(desk: Desk) -> None:
    def hide(_: Any, sheets: list[Any]) -> None:
        for line in (1, 3, 6):
            sheets[0].set_row(line - 1, None, None, {"hidden": True})

    page = desk.uploads(book(("人员", [*TITLES, OWN, own_row(1), own_row(2)]), change=hide))
    assert "工作表中有1行是隐藏的，或被筛选掉了（第6行）" in page
    assert desk.says(hidden="leave").status_code == 302
    assert (desk.reads_in().added, desk.given.refused) == (1, 1)


def test_giving_up_leaves_nothing(desk: Desk) -> None:
    desk.uploads(book(("人员", [OWN, own_row(1)])))
    assert desk.client.post(desk.address("roster_give_up")).url == reverse("window:roster")
    given = RosterImport.objects.get()
    assert (given.phase, given.folder.exists(), Worker.objects.exists()) == ("discarded", False, False)
    assert desk.client.post(desk.address("roster_give_up")).status_code == 404


def test_a_preview_is_for_who_gave_the_file_in(desk: Desk, cast: Any, as_user: Any) -> None:
    desk.uploads(book(("人员", [OWN, own_row(1)])))
    other = as_user(cast("reviewer"))
    assert other.get(desk.address("roster_import")).status_code == 404
    for name in ("roster_layout", "roster_sheet", "roster_give_up"):
        assert other.post(desk.address(name)).status_code == 404
    assert RosterImport.objects.get().phase == "previewed"
