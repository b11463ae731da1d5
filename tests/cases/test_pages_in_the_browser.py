"""Notices and objections in a real browser: axe-core, narrow screens, and an objection from the list to the
answer.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone

from portal.cases.actions import NewCase, open_cases
from portal.cases.models import PublicNotice
from portal.cases.notices.publishing import extend_notice, publish_notice, revise_notice
from talent_registry.selection.announcing import KIND
from talent_registry.selection.workflow import ROUND
from tests.cases.conftest import COLUMNS, ROWS, pdf
from tests.cast import PASSWORD, REGION, make_account
from tests.live import Live, needs_browser
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
WITHOUT_WORKER = True


@pytest.fixture(scope="module")
def notice(live: Live) -> PublicNotice:
    """Announced today, revised and extended once."""
    today, officer = timezone.localdate(), make_account("browser.officer", "高娃", "registry_officer", REGION)
    [case] = open_cases(ROUND, [NewCase(REGION, None, "年度遴选")], by=officer, on=today)
    made = publish_notice(
        kind=KIND,
        case=case,
        title="年度高技能领军人才拟入选人员公示",
        legal_basis="内党办发〔2019〕6号第一条",
        body="现予公示。\n欢迎监督。",
        columns=COLUMNS,
        rows=ROWS,
        digest="a" * 64,
        working_days=5,
        by=officer,
        on=today,
    )
    revise_notice(
        made.pk,
        columns=COLUMNS,
        rows=ROWS[::-1],
        digest="b" * 64,
        reason="名单调整",
        moved=["李秀英：列第1位"],
        by=officer,
        on=today,
    )
    extend_notice(made.pk, working_days=2, reason="名单调整，公示相应延长", by=officer, on=today)
    return made


@pytest.fixture(scope="module")
def signed_in(live: Live, chromium: Any, notice: PublicNotice) -> Any:
    user = make_account("browser.supervisor", "白音", "supervisor", REGION)
    # The tests' own quick hasher is unknown to the portal that runs beside them.
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(PASSWORD, hasher.salt(), iterations=1)
    user.save()
    page = chromium.new_page()
    page.goto(f"{live.url}/accounts/login/?next=/window/objections/")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{live.url}/window/objections/")
    kept = page.context.storage_state()
    page.close()
    return kept


def test_public_pages_pass_axe_and_reflow(live: Live, browser_page: Any, notice: PublicNotice) -> None:
    page, plain, found = browser_page(1280), browser_page(320, java_script_enabled=False), []
    for path in (
        "/notices/",
        f"/notices/{notice.number}/",
        f"/notices/{notice.number}/?version=1",
        f"/notices/{notice.number}/object/",
    ):
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(live.url + path)
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            found += violations(page, contrast=width == 1280)
            assert overflow(page) <= 0, f"{path} at {width}"
        plain.goto(live.url + path)
        assert plain.locator("h1").count() == 1 and overflow(plain) <= 0, path
    assert not found


def test_an_objection_from_the_list_to_the_answer(
    live: Live, browser_page: Any, notice: PublicNotice, signed_in: Any, tmp_path: Path
) -> None:
    """A citizen without an account and without scripts objects to a row; the supervisor answers; the citizen
    reads the answer.
    """
    proof = tmp_path / "证明.pdf"
    proof.write_bytes(pdf("browser"))
    citizen = browser_page(390, java_script_enabled=False)
    citizen.goto(f"{live.url}/notices/{notice.number}/")
    citizen.get_by_role("link", name=re.compile("针对第1行")).click()
    assert citizen.input_value("select[name=about]") == "TJ-2026-000002"
    citizen.get_by_role("button", name="提交异议").click()
    assert "请填写联系方式" in citizen.inner_text(".error-summary")
    citizen.fill("textarea[name=text]", "李秀英2025年已调离一线岗位，不符合申报条件。")
    citizen.fill("input[name=objector]", "赵某")
    citizen.fill("input[name=contact]", "13800001234")
    citizen.set_input_files("input[name=uploads]", proof)
    citizen.get_by_role("button", name="提交异议").click()
    assert citizen.inner_text("h1") == "异议已收到"
    number = citizen.inner_text("dd strong")

    officer = browser_page(1280, storage_state=signed_in)
    for path in (
        "/window/objections/",
        f"/window/objections/{number}/",
        f"/window/objections/{number}/uphold/",
        f"/window/objections/{number}/dismiss/",
        f"/window/notices/{notice.number}/extend/",
    ):
        officer.goto(live.url + path)
        assert not violations(officer)
        assert overflow(officer) <= 0, path
    officer.goto(f"{live.url}/window/objections/{number}/")
    assert "13800001234" in officer.inner_text("main") and "异议材料1" in officer.inner_text("main")
    officer.get_by_role("link", name="异议不成立").click()
    officer.fill("textarea[name=reason]", "经向单位核实，仍在一线岗位。")
    officer.fill("textarea[name=reply]", "经核查，该同志仍在一线岗位。")
    officer.get_by_role("button", name="认定异议不成立").click()
    assert "已认定异议不成立" in officer.inner_text("main")
    assert not violations(officer)

    citizen.goto(f"{live.url}/case-status/")
    citizen.fill("input[name=number]", number)
    citizen.fill("input[name=proof]", "13800001234")
    citizen.get_by_role("button", name="查询进度").click()
    assert "该同志仍在一线岗位" in citizen.inner_text("main")


def test_the_answer_passes_axe(live: Live, browser_page: Any, notice: PublicNotice) -> None:
    page = browser_page(390)
    page.goto(f"{live.url}/notices/{notice.number}/object/")
    page.fill("textarea[name=text]", "公示的工作单位与实际不符，请予核实。")
    page.fill("input[name=objector]", "钱某")
    page.fill("input[name=contact]", "qian@example.com")
    page.get_by_role("button", name="提交异议").click()
    assert page.inner_text("h1") == "异议已收到"
    assert not violations(page) and overflow(page) <= 0
    number = page.inner_text("dd strong")
    page.goto(f"{live.url}/case-status/")
    page.fill("input[name=number]", number)
    page.fill("input[name=proof]", "ecom")
    page.get_by_role("button", name="查询进度").click()
    assert "没有找到" in page.inner_text(".error-summary")
    page.fill("input[name=proof]", "qian@example.com")
    page.get_by_role("button", name="查询进度").click()
    assert "待核查" in page.inner_text("h1")
    assert not violations(page) and overflow(page) <= 0
