"""A day at the desk in a real browser: an intake without a mouse, a number shown, a hundred honours less."""

from __future__ import annotations

from typing import Any

import pytest

from portal.workforce.models import Honour, Worker
from tests.cast import id_number, make_account, make_honour, make_worker
from tests.journeys.people import sits_down
from tests.live import needs_browser
from tests.looking import violations
from tests.window.given import make_employer

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]


def focused(page: Any, selector: str) -> bool:
    return page.evaluate("selector => document.activeElement.matches(selector)", selector)


def tab_to(page: Any, selector: str, *, most: int = 60) -> None:
    """Press Tab until what the selector names has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page, selector):
            return
    raise AssertionError(f"{selector} cannot be reached with Tab")


def test_a_whole_intake_without_a_mouse(sits_down: Any) -> None:
    clerk = sits_down("clerk")
    page, keys, number = clerk.page, clerk.page.keyboard, id_number()
    clerk.go("/window/")
    keys.press("/")
    assert focused(page, "#site-search")
    keys.type(number)
    keys.press("Enter")
    page.wait_for_url("**/search/**")
    tab_to(page, 'main a[href^="/window/workers/new/"]')
    keys.press("Enter")
    page.wait_for_url("**/workers/new/**")
    assert focused(page, "#id_id_number")
    # What was looked for in vain need not be typed again.
    assert page.input_value("#id_id_number") == number
    keys.press("Tab")
    keys.type("王建国")
    tab_to(page, "#id_work_region")  # the clerk's only place of work is chosen already
    tab_to(page, "#id_phone")
    keys.type("12")
    keys.press("Enter")
    # What was wrong is said at the top, has the focus, and leads to the field; what was typed is still there.
    page.locator(".error-summary:focus").wait_for(timeout=10_000)
    assert violations(page) == []
    keys.press("Tab")
    keys.press("Enter")
    assert page.input_value("#id_name") == "王建国"
    page.evaluate("document.querySelector('#id_phone').focus()")
    keys.press("Control+A")
    keys.type("13800001234")
    keys.press("Enter")
    page.wait_for_url("**/workers/*/*")
    clerk.sees("已登记王建国")
    worker = Worker.objects.with_id_number(number).get()
    assert worker.phone == "13800001234"

    clerk.go("/window/workers/")
    keys.press("j")
    assert focused(page, "[data-row-link]")
    keys.press("Enter")
    page.wait_for_url(f"**/workers/{worker.pk}/*")
    tab_to(page, 'a[href$="/credential/new/"]', most=80)
    keys.press("Enter")
    page.wait_for_url("**/credential/new/")
    tab_to(page, "#id_occupation")
    keys.type("焊工")
    tab_to(page, "#id_level")
    while page.locator("#id_level option:checked").inner_text() != "高级工":
        keys.press("ArrowDown")
    tab_to(page, "#id_number")
    keys.press("Enter")
    page.wait_for_url(f"**/workers/{worker.pk}/#credential")
    worker.refresh_from_db()
    assert (worker.occupation, worker.skill_level) == ("焊工", 40)
    keys.press("g")
    keys.press("h")
    page.wait_for_url("**/window/")


class Counted:
    """A keyboard that counts what is pressed: a character of Chinese as one, as the input method's own keys are its own."""

    def __init__(self, keyboard: Any) -> None:
        self.keyboard, self.pressed = keyboard, 0

    def press(self, key: str) -> None:
        self.pressed += 1
        self.keyboard.press(key)

    def type(self, text: str) -> None:
        self.pressed += len(text)
        self.keyboard.type(text)


def test_a_person_with_work_certificate_and_honour_on_one_page(sits_down: Any) -> None:
    """From the desk to the person's page: three pages, where nine were opened, and fewer keys than the 179 of before."""
    unit = make_employer()
    clerk = sits_down("clerk").go("/window/desk/")
    page, keys, number = clerk.page, Counted(clerk.page.keyboard), id_number()
    pages: list[str] = []
    page.on("load", lambda: pages.append(page.url))

    def to(selector: str) -> None:
        for _ in range(12):
            keys.press("Tab")
            if focused(page, selector):
                return
        raise AssertionError(f"{selector} is far away")

    assert focused(page, "#q")
    keys.type(number)
    keys.press("Enter")
    page.wait_for_selector('main a[href^="/window/desk/new/"]')
    assert focused(page, "#q")
    to('main a[href^="/window/desk/new/"]')
    keys.press("Enter")
    page.wait_for_selector("#id_id_number")
    assert page.input_value("#id_id_number") == number and focused(page, "#id_name")
    keys.type("王建国")
    to("#id_employer")
    keys.type(unit.name[:4])
    # What is suggested could be chosen with the arrow keys from the browser's own list; the whole name is typed here.
    page.wait_for_selector("#employer-options option", state="attached")
    keys.type(unit.name[4:])
    to("#id_occupation")
    keys.type("焊工")
    to("#id_started_on")
    keys.type("20140501")
    to("#id_level")
    while page.locator("#id_level option:checked").inner_text() != "高级工":
        keys.press("ArrowDown")
    to("#id_number")
    keys.type("1515000000600001")
    to("#id_issued_on")
    keys.type("20200601")
    to("#id_type")
    keys.press("ArrowDown")
    to("#id_year")
    keys.type("2025")
    to("#id_document")
    keys.type("人社部发〔2025〕1号")
    assert violations(page) == []
    keys.press("Enter")
    page.wait_for_url("**/window/desk/*/")
    clerk.sees("已登记王建国：人员信息、就业信息、技能证书、荣誉（待另一人核实）")
    worker = Worker.objects.with_id_number(number).get()
    assert (worker.employer, worker.occupation, worker.skill_level) == (unit, "焊工", 40)
    assert Honour.objects.get(worker=worker).state == "unverified"
    assert violations(page) == []
    assert keys.pressed <= 110 and len(pages) <= 3, (keys.pressed, pages)


def test_a_number_is_shown_in_its_place_and_is_gone_on_the_next_page(sits_down: Any) -> None:
    worker = make_worker("李秀英")
    clerk = sits_down("clerk").go(f"/window/workers/{worker.pk}/")
    clerk.page.locator("summary", has_text="显示完整证件号码").click()
    row = clerk.page.locator("dd", has=clerk.page.locator("#purpose-id_number"))
    row.get_by_role("button").click()
    clerk.sees("请先选择查看完整号码的用途")
    assert violations(clerk.page) == []
    clerk.page.locator("#purpose-id_number").select_option("核对本人身份证件")
    clerk.page.locator("#note-id_number").fill("本人到窗口办理")
    row.get_by_role("button").click()
    clerk.sees(worker.id_number)
    assert violations(clerk.page) == []
    assert worker.id_number not in clerk.go(f"/window/workers/{worker.pk}/").reads()


def test_many_honours_at_once_with_progress(sits_down: Any) -> None:
    other = make_account("ordos.other", "娜仁", "league_reviewer", "150600")
    honours = [make_honour(make_worker(f"受表彰{n}"), recorded_by=other) for n in "甲乙丙"]
    reviewer = sits_down("reviewer").go("/window/honours/?name=受表彰")
    page = reviewer.page
    button = page.get_by_role("button", name="核实所选")
    assert button.is_disabled()
    for honour in honours[:2]:
        page.locator(f'input[name=chosen][value="{honour.pk}"]').check()
    assert page.locator("[data-bulk-count]").inner_text() == "2"
    button.click()
    reviewer.sees("将核实 2 项荣誉，涉及 2 人")
    assert violations(page) == []
    reviewer.press("确认核实 2 项")
    reviewer.sees("已完成")
    page.wait_for_url("**/jobs/*/")
    # The page polls by itself until the worker has done it.
    page.locator(".progress .tag", has_text="已完成").wait_for(timeout=60_000)
    assert violations(page) == []
    assert Honour.objects.filter(pk__in=[h.pk for h in honours], state="verified").count() == 2
    reviewer.go(reviewer.path).sees("受表彰甲")
