"""The frame in a real browser: axe-core, narrow screens, the keyboard, and life without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from tests.cast import OTOG, PASSWORD, make_account
from tests.live import Live, needs_browser
from tests.looking import overflow, violations

pytestmark = [pytest.mark.journey, needs_browser]
WITHOUT_WORKER = True

# Without any data. Pages that show none are looked at once, in tests/journeys/test_every_page.py.
PUBLIC = ["/", "/policy/九/", "/windows/", f"/windows/{OTOG}/"]


@pytest.fixture(scope="module")
def signed_in(live: Live, chromium: Any) -> Any:
    """What the browser keeps once a registry officer has signed in; signing in is done once for the module."""
    user = make_account("design.officer", "高娃", "registry_officer", "150000")
    # The tests' own quick hasher is unknown to the portal that runs beside them.
    hasher = PBKDF2PasswordHasher()
    user.password = hasher.encode(PASSWORD, hasher.salt(), iterations=1)
    user.save()
    page = chromium.new_page()
    page.goto(f"{live.url}/accounts/login/?next=/components/")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{live.url}/components/")
    kept = page.context.storage_state()
    page.close()
    return kept


@pytest.fixture
def staff_page(live: Live, signed_in: Any, browser_page: Any) -> Any:
    def open_page(path: str, width: int = 1366, height: int = 768) -> Any:
        page = browser_page(width, height, storage_state=signed_in)
        page.goto(live.url + path)
        assert page.inner_text("h1") == "组件一览"
        return page

    return open_page


def test_public_pages_pass_axe_and_reflow(live: Live, browser_page: Any) -> None:
    page, found = browser_page(1280), []
    for path in [*PUBLIC, "/display/elder/?next=/", "/policy/figures/"]:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(live.url + path)
        found += violations(page)
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            found += violations(page, contrast=False) if width == 390 else []
            if (over := overflow(page)) > 0:
                found.append(f"{path} is {over} px too wide at {width}")
    assert not found


@pytest.mark.parametrize("house", ["staff", "public"])
def test_the_component_page_passes_axe_and_reflows(staff_page: Any, house: str) -> None:
    page = staff_page(f"/components/?house={house}")
    for width in (1366, 390):
        page.set_viewport_size({"width": width, "height": 768})
        assert not violations(page), width
        assert overflow(page) <= 0, width


def test_twenty_rows_are_seen_at_1366_by_768(staff_page: Any) -> None:
    page = staff_page("/components/?part=table")
    inside = "rows => rows.filter(row => row.getBoundingClientRect().bottom <= innerHeight).length"
    assert page.eval_on_selector_all("tbody tr", inside) >= 20


def test_what_one_can_hit_is_at_least_24_pixels(staff_page: Any) -> None:
    page = staff_page("/components/")
    small = page.eval_on_selector_all(
        "button, summary, .button, .bar__nav a, .tabs a, select, input:not([type=checkbox]):not([type=radio]):not([type=hidden])",
        "all => all.filter(e => e.offsetParent && e.getBoundingClientRect().height < 24).map(e => e.outerHTML.slice(0, 120))",
    )
    assert not small


def test_staff_work_with_the_keyboard(staff_page: Any) -> None:
    page = staff_page("/components/?part=table")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "DI-2026-000002"
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement.textContent") == "DI-2026-000001"
    page.keyboard.press("?")
    assert page.is_visible("dialog#keys")
    assert not violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "site-search"
    page.keyboard.type("jk/?")
    assert page.input_value("#site-search") == "jk/?"
    page.keyboard.press("Tab")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/window/")


def test_the_bulk_bar_says_how_many_are_chosen(staff_page: Any) -> None:
    page = staff_page("/components/?part=table")
    assert page.is_disabled(".bulk button")
    page.check("[data-bulk-all]")
    assert page.inner_text("[data-bulk-count]") == "24"
    page.uncheck("tbody tr:first-child input")
    assert page.inner_text("[data-bulk-count]") == "23"
    assert page.evaluate("document.querySelector('[data-bulk-all]').indeterminate")


def test_the_public_side_works_without_scripts(live: Live, browser_page: Any) -> None:
    page = browser_page(390, java_script_enabled=False)
    page.goto(live.url)
    page.click("text=长辈模式")
    assert page.locator("html.elder").count() == 1
    page.goto(live.url)
    page.fill("#id_number", "ZJ-2026-000001")
    page.fill("#id_proof", "11010519491231002X")
    page.click("text=查询进度")
    assert "没有找到" in page.inner_text(".error-summary")
    assert page.input_value("#id_number") == "ZJ-2026-000001"


def test_an_error_takes_the_focus_and_leads_to_its_field(live: Live, browser_page: Any) -> None:
    page = browser_page()
    page.goto(f"{live.url}/case-status/")
    page.click("main button[type=submit]")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a")
    assert page.evaluate("document.activeElement.id") == "id_number"
    assert not violations(page)


def test_a_double_click_sends_once(live: Live, browser_page: Any) -> None:
    page = browser_page()
    page.goto(f"{live.url}/case-status/")
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.fill("#id_number", "ZJ-2026-000001")
    page.fill("#id_proof", "11010519491231002X")
    page.dblclick("main button[type=submit]")
    page.wait_for_selector(".error-summary")
    assert len(sent) == 1


def test_a_day_is_typed_or_picked(staff_page: Any) -> None:
    """Typed as text; the calendar stands beside it, for the mouse and the keyboard, and writes into the text."""
    page = staff_page("/components/")
    row = page.locator(".day").first
    text, picker = row.locator("input[data-day]"), row.locator("input[type=date]")
    assert text.get_attribute("type") == "text" and picker.get_attribute("name") is None
    text.fill("2026年5月10日")
    assert text.input_value() == "2026年5月10日"
    button = row.get_by_role("button", name="选日期")
    assert button.evaluate("button => button.tabIndex") == 0 and picker.evaluate("one => one.tabIndex") == -1
    picker.evaluate("one => { one.value = '2027-02-28'; one.dispatchEvent(new Event('change')); }")
    assert text.input_value() == "2027-02-28"
    # What was sent is the text alone.
    assert (
        page.evaluate("new FormData(document.querySelector('.day').closest('form')).getAll('on').length") <= 1
    )


@pytest.mark.parametrize("scripts", [True, False])
def test_reloading_the_answer_to_something_sent_sends_nothing_again(
    live: Live, browser_page: Any, scripts: bool
) -> None:
    page = browser_page(390, java_script_enabled=scripts)
    page.goto(f"{live.url}/letters/verify/")
    page.goto(f"{live.url}/accounts/login/")
    for _ in range(2):
        page.fill("input[name=username]", "nobody.here")
        page.fill("input[name=password]", "wrong")
        page.click("main button[type=submit]")
        page.get_by_text("用户名或密码不正确").first.wait_for()
        assert page.reload().request.method == "GET"
    page.goto(f"{live.url}/policy/")
    page.go_back()
    assert page.url.startswith(f"{live.url}/accounts/login/")
    assert page.locator("input[name=username]").input_value() == "nobody.here"
