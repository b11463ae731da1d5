"""A roster as a unit keeps it, from the upload to its being taken back; and one that a unit hands in, from the phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from portal.workforce.models import Employer, EmployerAgent, Employment, RosterColumns, RosterImport, Worker
from tests.cast import OTOG, company, id_number
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser, wait_until
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

UNIT = "棋盘井焊接有限公司"
TITLE = f"{UNIT}技能人员花名册（2026年）"
# What the fourth is called says nothing to the portal.
HEAD = ["序号", "部门", "员工姓名", "{}", "单位名称", "工种", "证书等级", "证书号码", "取证时间", "备注"]
# Line 4 of the sheet is the first of these; the third is filtered away.
LEVELS = ["Ⅲ级", "高级工三级", "国家职业资格三级（高级技能）", "3", "大师", "叁级"]
NAMES = ["赵海燕", "高娃", "萨仁", "其其格", "那仁", "王建军"]
FIRST, HIDDEN, NO_LEVEL, WRONG_NUMBER = 4, 6, 8, 9


def _people() -> list[list[str]]:
    rows = []
    for place, (name, level) in enumerate(zip(NAMES, LEVELS, strict=True), start=1):
        cells = [
            str(place),
            "一车间",
            name,
            id_number(),
            "",
            "焊工",
            level,
            f"0{place:05}",
            "2021.6.30",
            "在岗",
        ]
        rows.append(cells)
    rows[0][3] = f"'{rows[0][3]}"
    rows[-1][3] = _with_another_end(rows[-1][3])
    return rows


def _with_another_end(number: str) -> str:
    """A number whose last character does not fit the others."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


def _kept_by_the_unit(folder: Path, called: str) -> tuple[Path, list[list[str]]]:
    """(the workbook: a cover, and a table under a merged title with one unit merged over all rows; its rows)"""
    path, rows = folder / "在册人员.xlsx", _people()
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("封面").write_string(0, 0, TITLE)
        sheet = workbook.add_worksheet("在册")
        sheet.merge_range(0, 0, 0, len(HEAD) - 1, TITLE)
        sheet.write_string(1, 0, "制表日期：2026年11月")
        for line, cells in enumerate([[label.format(called) for label in HEAD], *rows], start=2):
            for column, cell in enumerate(cells):
                sheet.write_string(line, column, cell)
        sheet.merge_range(3, 4, 2 + len(rows), 4, UNIT)
        sheet.set_row(HIDDEN - 1, None, None, {"hidden": True})
    return path, rows


def _reads_well(person: Person) -> None:
    """At a desk and on a phone."""
    for width in (1280, 390):
        person.page.set_viewport_size({"width": width, "height": 900})
        assert overflow(person.page) <= 0, (person.path, width)
        assert violations(person.page, contrast=width == 1280) == []
    person.page.set_viewport_size({"width": 1280, "height": 900})


def _is_done(given: RosterImport, phase: str = "done") -> None:
    def ended() -> bool:
        given.refresh_from_db()
        return given.phase == phase

    wait_until(ended, seconds=60, says=phase)


def _chooses(person: Person, column: str, meaning: str) -> None:
    person.page.locator("select").and_(person.page.get_by_label(column)).select_option(label=meaning)


def test_a_real_life_roster_from_upload_to_undo(live: Live, sits_down: Any, tmp_path: Path) -> None:
    path, rows = _kept_by_the_unit(tmp_path, "档案码")
    clerk: Person = sits_down("clerk")

    # What the unit keeps is given in as it is. The sheet and the header are found; one column is not, and no place.
    clerk.go("/window/roster/")
    clerk.page.set_input_files("input[type=file]", path)
    clerk.press("上传并预览").sees("还不能读入")
    said = clerk.reads()
    assert "在册" in said and "第3行，上方第1、2行不读入" in said and "6行；合并单元格2处" in said
    assert "缺少列：证件号码、工作地区划代码" in said and rows[1][3] not in said
    _reads_well(clerk)

    # The clerk says which column it is and where they work, looks again, and is asked about the row that was filtered away.
    _chooses(clerk, "“档案码”（D列）", "证件号码")
    clerk.fill("全部人员的工作地区划代码", "鄂尔多斯市鄂托克旗").press("按更正重新预览").sees("尚未读入")
    assert "全部人员：鄂尔多斯市鄂托克旗（150624）" in clerk.reads() and "还不能读入" not in clerk.reads()
    clerk.press("读入").sees("请选择这些行是否读入")
    _reads_well(clerk)
    assert not Worker.objects.filter(name__in=NAMES).exists()
    clerk.check("不读入，列在").press("读入")

    # Three are in the register. Three rows came back, each with its own line, what is wrong coloured.
    given = RosterImport.objects.latest("pk")
    _is_done(given)
    clerk.page.reload()
    clerk.sees("在页面上更正")
    assert (given.rows_read, given.added, given.refused) == (6, 3, 3)
    people = Worker.objects.filter(name__in=NAMES)
    assert set(people.values_list("name", "skill_level", "employer__name")) == {
        (name, 40, UNIT) for name in (NAMES[0], NAMES[1], NAMES[3])
    }
    assert RosterColumns.objects.get(office_id=OTOG).names == {"档案码": "number"}
    _reads_well(clerk)
    with clerk.page.expect_download() as download:
        clerk.page.get_by_role("link", name="下载未通过的行").click()
    sheet = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0)
    back = [dict(zip(sheet.to_python()[0], cells, strict=True)) for cells in sheet.to_python()[1:]]
    assert [one["原行号"] for one in back] == [str(HIDDEN), str(NO_LEVEL), str(WRONG_NUMBER)]
    assert "证件号码（档案码）" in back[0] and "“档案码”（D9）" in back[2]["错误"]
    assert [word in one["错误"] for one, word in zip(back, ("隐藏", "证书等级", "校验"), strict=True)] == [
        True
    ] * 3

    # On the page: one is put right, one is still wrong and says so beside its cell, the hidden one stays away.
    clerk.follow("在页面上更正").sees(f"第{NO_LEVEL}行")
    assert not clerk.page.get_by_label("重新读入本行").nth(0).is_checked()
    assert clerk.page.get_by_label("姓名").and_(clerk.page.locator("input:visible")).count() == 1
    _reads_well(clerk)
    mend = clerk.page.locator("section").filter(has_text=f"第{NO_LEVEL}行")
    mend.get_by_label("技能等级").first.fill("技师")
    clerk.press("重新读入更正的行").sees("以下各行仍有错误")
    assert f"第{WRONG_NUMBER}行" in clerk.reads() and f"第{NO_LEVEL}行" not in clerk.reads()
    _reads_well(clerk)
    number = id_number()
    clerk.page.get_by_label("证件号码").first.fill(number)
    clerk.press("重新读入更正的行")
    again = list(RosterImport.objects.filter(mends=given).order_by("pk"))
    assert len(again) == 2
    for one in again:
        _is_done(one)
    assert people.count() == 5 and people.get(name=NAMES[-1]).id_number == number

    # The first cannot be taken back while others rest on it; the last first, then each goes.
    clerk.go(f"/window/roster/{given.pk}/undo/").sees("已有事项以本次导入的内容为依据")
    for one in reversed(again):
        _takes_back(clerk, one)
    _takes_back(clerk, given)
    assert not people.exists() and not Employer.objects.filter(name=UNIT).exists()
    assert f"{company()('clerk')}于" in clerk.reads()


def _takes_back(clerk: Person, given: RosterImport) -> None:
    clerk.go(f"/window/roster/{given.pk}/").follow("撤销本次导入").sees("内容全部撤回")
    _reads_well(clerk)
    clerk.fill("撤销理由", "上传了上一年度的花名册").press("撤销本次导入")
    _is_done(given, "undone")
    clerk.page.reload()
    clerk.sees("本次导入已撤销")
    _reads_well(clerk)


def test_a_unit_hands_its_roster_in_from_the_phone(live: Live, sits_down: Any, tmp_path: Path) -> None:
    path, rows = _kept_by_the_unit(tmp_path, "人员码")
    unit = Employer.objects.create(name=UNIT, region_id=OTOG, source="窗口")
    EmployerAgent.objects.create(employer=unit, user=company()("employer_agent"), authority="委托书")

    # The agent gives it in, says which column it is, and hands it in: nothing of it is read yet.
    agent: Person = sits_down("employer_agent", width=390)
    agent.go("/my/unit-rosters/")
    _reads_well(agent)
    agent.page.set_input_files("input[type=file]", path)
    agent.press("上传并预览").sees("还不能读入")
    _chooses(agent, "“人员码”（D列）", "证件号码")
    agent.check("不读入，列在").press("报送").sees("等待服务窗口确认")
    _reads_well(agent)
    given = RosterImport.objects.latest("pk")
    assert (given.phase, given.unit) == ("handed_in", unit)

    # The window finds it among its work, looks at it, and confirms.
    clerk: Person = sits_down("clerk")
    clerk.go("/window/").follow("单位报送的花名册").follow("在册人员.xlsx").sees(
        "由棋盘井焊接有限公司的经办人"
    )
    assert rows[1][3] not in clerk.reads()
    _reads_well(clerk)
    clerk.press("确认读入")
    _is_done(given)
    assert set(Employment.objects.filter(employer=unit).values_list("recorded_by__username", flat=True)) == {
        company()("clerk").username
    }

    # The agent reads what came of it, and fetches the rows that came back.
    agent.page.reload()
    agent.sees("读入结果")
    _reads_well(agent)
    with agent.page.expect_download() as download:
        agent.page.get_by_role("link", name="下载未通过的行").click()
    assert download.value.suggested_filename == "在册人员-未通过.xlsx"
