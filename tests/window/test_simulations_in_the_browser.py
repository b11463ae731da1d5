"""What-if in a real browser: axe-core at a desk and on a phone, and a draft from the first click to the
result that loads itself.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from tests.cast import PASSWORD, REGION, make_account
from tests.entitlements.given import ON
from tests.entitlements.test_simulate import CEILING, HONOURS, MONTHS, PRIZE, RAISED, drafted, waiting
from tests.live import Live, needs_browser
from tests.looking import overflow, violations
from tests.window.test_simulations import newcomers

pytestmark = [pytest.mark.journey, needs_browser]


@pytest.fixture(scope="module")
def signed_in(live: Live, chromium: Any) -> Any:
    user = make_account("browser.policy", "宋文", "policy_officer", REGION)
    # The tests' own quick hasher is unknown to the portal that runs beside them.
    user.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
    user.save()
    newcomers()
    page = chromium.new_page()
    page.goto(f"{live.url}/accounts/login/?next=/window/simulations/")
    page.fill("input[name=username]", user.username)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{live.url}/window/simulations/")
    kept = page.context.storage_state()
    page.close()
    return user, kept


def test_a_draft_to_its_result_with_the_keyboard_and_scripts(
    live: Live, browser_page: Any, signed_in: Any
) -> None:
    page = browser_page(1280, storage_state=signed_in[1])
    page.goto(f"{live.url}/window/simulations/")
    page.get_by_role("link", name="新建测算").first.click()
    page.fill("input[name=title]", "放宽缴费月数")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=re.compile("调整.*失业保险累计缴费月数")).click()
    page.fill("input[name=value]", "6")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="开始测算").click()
    # The page asks by itself and shows the result when it is there.
    page.get_by_role("heading", name="结论").wait_for(timeout=60_000)
    assert "2人新增享受" in page.inner_text("main")
    # Charts are drawn when the page's own scripts have come.
    page.locator("canvas").nth(1).wait_for()
    assert page.locator("canvas").count() == 2
    assert not violations(page)


def test_the_same_without_scripts(live: Live, browser_page: Any, signed_in: Any) -> None:
    made = drafted(signed_in[0], {MONTHS: 6})
    page = browser_page(390, storage_state=signed_in[1], java_script_enabled=False)
    page.goto(f"{live.url}/window/simulations/{made.pk}/")
    page.get_by_role("button", name="开始测算").click()
    for _ in range(200):
        if page.get_by_role("heading", name="结论").count():
            break
        page.get_by_role("link", name="刷新进度").click()
    assert "2人新增享受" in page.inner_text("main")


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_passes_axe_and_reflows(live: Live, browser_page: Any, signed_in: Any, width: int) -> None:
    draft = drafted(signed_in[0], {MONTHS: 6, CEILING: RAISED})
    done = drafted(signed_in[0], {MONTHS: 6, CEILING: RAISED, HONOURS: ["may_day_medal"]})
    value = waiting(signed_in[0], since=ON + timedelta(days=width))
    page, found = browser_page(width, storage_state=signed_in[1]), []
    page.goto(f"{live.url}/window/simulations/{done.pk}/")
    page.get_by_role("button", name="开始测算").click()
    page.get_by_role("heading", name="结论").wait_for(timeout=60_000)
    for path in (
        "",
        "new/",
        f"new/?value={value.pk}",
        f"{draft.pk}/",
        f"{draft.pk}/figures/{MONTHS}/",
        f"{draft.pk}/figures/{CEILING}/",
        f"{draft.pk}/figures/{HONOURS}/",
        f"{draft.pk}/figures/{PRIZE}/",
        f"{draft.pk}/figures/leave.annual.days/",
        f"{done.pk}/",
    ):
        page.goto(f"{live.url}/window/simulations/{path}")
        assert page.locator("h1").count() == 1
        assert overflow(page) <= 0, path
        found += violations(page, contrast=width == 1280)
    assert not found
