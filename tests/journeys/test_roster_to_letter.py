"""From a roster file to the published registry and a letter that a stranger verifies, played by everybody it
takes.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from portal.workforce.models import Worker
from portal.workforce.roster.columns import COLUMNS
from tests.cast import OTOG, id_number
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser, wait_until
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

HONOUR = "全国技术能手@2025@人社部发〔2025〕8号"


def roster(folder: Path) -> tuple[Path, str]:
    """(a roster of two good rows and one with a wrong check digit, the number of the one with the honour)"""
    good, plain, wrong = id_number(), id_number(), id_number()
    wrong = wrong[:-1] + ("0" if wrong[-1] != "0" else "1")
    rows = [
        [
            "王建国",
            good,
            OTOG,
            "鄂托克旗机械厂",
            "",
            "焊工",
            "高级技师",
            "S1",
            "2020-05-01",
            "是",
            "12",
            "120",
            HONOUR,
            "13800000000",
        ],
        [
            "乌云",
            plain,
            OTOG,
            "鄂托克旗机械厂",
            "",
            "电工",
            "高级",
            "S2",
            "2021-05-01",
            "否",
            "3",
            "40",
            "",
            "",
        ],
        [
            "李错",
            wrong,
            OTOG,
            "鄂托克旗机械厂",
            "",
            "钳工",
            "中级",
            "S3",
            "2022-05-01",
            "是",
            "5",
            "60",
            "",
            "",
        ],
    ]
    path = folder / "鄂托克旗花名册.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([[column.label for column in COLUMNS], *rows])
    return path, good


def test_from_the_roster_to_a_letter_that_a_stranger_verifies(
    live: Live, sits_down: Any, tmp_path: Path
) -> None:
    path, number = roster(tmp_path)

    # The clerk in 鄂托克旗 gives the roster in, and gets the wrong row back.
    clerk: Person = sits_down("clerk", by_form=True)
    clerk.go("/window/roster/")
    clerk.page.set_input_files("input[type=file]", path)
    clerk.press("上传并预览")
    clerk.sees("尚未读入").press("读入")
    wait_until(lambda: Worker.objects.filter(name="王建国").exists(), seconds=60, says="import")
    clerk.page.reload()
    with clerk.page.expect_download() as download:
        clerk.page.get_by_role("link", name="下载未通过的行").click()
    refused = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "李错" in refused
    assert "校验位" in refused
    assert "王建国" not in refused
    worker = Worker.objects.get(name="王建国")
    assert worker.id_number == number

    # The reviewer in 鄂尔多斯市 verifies the honour.
    reviewer: Person = sits_down("reviewer")
    reviewer.go("/window/honours/").sees("王建国")
    reviewer.page.get_by_label("选中王建国").check()
    reviewer.press("核实所选").sees("人社部发〔2025〕8号")
    reviewer.press("确认核实").sees("已核实王建国")

    # The registry officer finds the proposal on the worklist and confirms it.
    officer: Person = sits_down("registry_officer")
    wait_until(lambda: worker.cases.exists(), seconds=30, says="proposal")
    officer.go("/window/").sees("王建国")
    officer.page.get_by_role("link", name="ZJ-").first.click()
    officer.sees("全国技术能手").follow("确认纳入")
    officer.check("经核实，本人属于技术工人").check("查验职业技能等级证书").press("确认纳入").sees("LJ-")

    # It stands in the published registry, masked, for everybody.
    stranger: Person = sits_down(None, width=390)
    stranger.go("/registry/").sees("王建国")
    assert number[6:14] not in stranger.page.content()
    assert overflow(stranger.page) <= 0

    # The clerk checks the ID card and prints the code; the worker sets a password on the phone.
    clerk.go(f"/window/workers/{worker.pk}/activation/").check("我已核对本人居民身份证原件").press(
        "发放并打印激活码"
    )
    code = clerk.page.locator("dl code").nth(1).inner_text()
    me: Person = sits_down(None, width=390)
    me.go("/accounts/activate/").fill("激活码", code).fill("证件号码", number)
    me.page.locator("input[name=new]").fill("Grassland-2027-Sky")
    me.page.locator("input[name=again]").fill("Grassland-2027-Sky")
    me.press("激活并登录").sees("高技能领军人才名录")
    assert violations(me.page) == []

    # The letter is ready, is really a PDF, and is downloaded.
    wait_until(
        lambda: all(letter.file.state == "built" for letter in worker.letters.select_related("file")),
        seconds=60,
        says="letters",
    )
    me.go("/my/letters/").sees("内人社")
    letter = worker.letters.order_by("id").first()
    answer = me.page.request.get(f"{live.url}/letters/{letter.code}/pdf/")
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF-1.7")

    # A stranger types the code printed on it.
    stranger.go("/letters/verify/").fill("验证码", letter.code).press("验证").sees(letter.number_text)
    assert "没有被替代" in stranger.reads()
    assert number not in stranger.page.content()
    assert violations(stranger.page) == []

    # A file that came with it is held against what was sent, without leaving the phone.
    chooser = stranger.page.get_by_label("收到的电子文件（PDF）")
    sent = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": answer.body()}
    chooser.set_input_files(sent)
    stranger.sees("“letter.pdf”与发出的电子文件一致")
    chooser.set_input_files({**sent, "name": "altered.pdf", "buffer": answer.body() + b" "})
    stranger.sees("“altered.pdf”与发出的电子文件不一致")

    # And cannot have the letter itself.
    assert stranger.page.request.get(f"{live.url}/letters/{letter.code}/pdf/").url.startswith(
        f"{live.url}/accounts/login/"
    )
