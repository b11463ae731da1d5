"""The mode for elders is one: nothing below 24 px, few ways on, and a call is a tap; it fits a telephone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]
PUBLIC = (
    "/",
    "/check/",
    "/benefits/",
    "/benefits/training.skill-upgrade/",
    "/windows/",
    "/windows/150624/",
    "/find/?q=补贴",
    "/case-status/",
    "/notices/",
    "/registry/",
    "/policy/",
    "/about/",
    "/accounts/login/",
    "/letters/verify/",
)
OWN = (
    "/my/",
    "/my/check/",
    "/my/cases/",
    "/my/offers/",
    "/my/letters/",
    "/my/rectifications/new/",
    "/my/accounts/",
)
# Every text and every control that is seen, set smaller than this.
TOO_SMALL = """() => {
  const small = [];
  const seen = (e) => e.checkVisibility() && e.getBoundingClientRect().width > 2;
  const size = (e) => parseFloat(getComputedStyle(e).fontSize);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const e = text.parentElement;
    if (text.data.trim() && seen(e) && size(e) < 24) small.push(`${text.data.trim().slice(0, 12)} ${size(e)}`);
  }
  const controls = 'input:not([type=radio], [type=checkbox], [type=hidden]), select, textarea, button';
  for (const e of document.querySelectorAll(controls)) {
    if (seen(e) && size(e) < 24) small.push(`${e.name || e.tagName} ${size(e)}`);
  }
  return small;
}"""


def wrong_on(person: Person, address: str) -> list[str]:
    person.go(address)
    page = person.page
    found = [f"{address}: {one}" for one in page.evaluate(TOO_SMALL)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append(f"{address}: wider than the screen")
    if not page.locator("header a[href='tel:12333']").is_visible():
        found.append(f"{address}: no call")
    ways = page.locator("nav[aria-label='主导航'] a").count()
    return found if ways == 3 else [*found, f"{address}: {ways} ways on"]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_public_pages_are_large_and_call_with_a_tap(live: Live, browser_page: Any, width: int) -> None:
    person = Person(browser_page(width, 844), live.url)
    person.go("/")
    assert person.page.evaluate(TOO_SMALL), "that it can fail: without the mode type is smaller"
    person.go("/display/elder/?next=/")
    assert [one for address in PUBLIC for one in wrong_on(person, address)] == []


def test_one_s_own_pages_are_as_large(live: Live, sits_down: Any) -> None:
    from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

    from portal.accounts.models import User
    from tests.cast import OTOG, PASSWORD, make_account
    from tests.window.given import known_worker

    sits_down("clerk")
    worker = known_worker(User.objects.get(username="otog.clerk"), "李师傅")
    account = make_account("w20260078", worker.name, "worker", OTOG)
    account.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
    account.save()
    worker.account = account
    worker.save(update_fields=["account"])
    person = sits_down(None, width=390, username="w20260078")
    person.go("/display/elder/?next=/my/")
    assert [one for address in OWN for one in wrong_on(person, address)] == []
