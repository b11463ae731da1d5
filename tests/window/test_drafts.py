"""What is typed at length is kept for whoever types it, and a session that ends is announced."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from portal.pages import drafts
from tests.cast import make_worker
from tests.journeys.people import sits_down  # noqa: F401  a fixture
from tests.live import needs_browser
from tests.looking import violations

DRAFTS, STAY = "/window/drafts/", "/accounts/stay/"
PATH = "/window/offers/7/decline/"


@pytest.mark.django_db
def test_a_text_is_kept_for_whoever_typed_it_alone(cast: Any, as_user: Any) -> None:
    clerk, other = as_user(cast("clerk")), as_user(cast("second_clerk"))
    sent = {"path": PATH, "text-reason": "本人已在单位办理。", "other": "x"}
    assert clerk.post(DRAFTS, sent).status_code == 204
    assert clerk.get(DRAFTS, {"path": PATH}).json() == {"texts": {"reason": "本人已在单位办理。"}}
    assert other.get(DRAFTS, {"path": PATH}).json() == {"texts": {}}
    assert clerk.get(DRAFTS, {"path": "/window/"}).json() == {"texts": {}}
    name = drafts._name(cast("clerk"), PATH)
    assert "单位" not in repr(cache.get(name)), "it is encrypted"
    # Emptied, it is gone.
    clerk.post(DRAFTS, {"path": PATH, "text-reason": "  "})
    assert cache.get(name) is None


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["", "https://elsewhere.example/", "x", "/\n"])
def test_what_is_no_page_of_ours_is_refused(cast: Any, as_user: Any, path: str) -> None:
    clerk = as_user(cast("clerk"))
    assert clerk.post(DRAFTS, {"path": path}).status_code == 400
    assert clerk.get(DRAFTS, {"path": path}).json()["errors"][0]["field"] == "path"


@pytest.mark.django_db
def test_the_page_knows_when_its_session_ends(cast: Any, as_user: Any, client: Any) -> None:
    clerk = as_user(cast("clerk"))
    page = clerk.get(reverse("window:home")).content.decode()
    assert f'data-session-ends="{settings.SESSION_COOKIE_AGE}"' in page
    said = clerk.post(STAY).json()
    assert said["seconds"] == settings.SESSION_COOKIE_AGE and said["whose"] == str(cast("clerk").pk)
    assert client.get(STAY).status_code == 302


@pytest.mark.journey
@needs_browser
def test_somebody_is_asked_before_the_session_ends_and_stays(sits_down: Any) -> None:  # noqa: F811
    clerk = sits_down("clerk")
    page = clerk.page
    page.clock.install()
    clerk.go("/window/desk/")
    assert not page.locator("#session").is_visible()
    page.clock.fast_forward((settings.SESSION_COOKIE_AGE - 120) * 1000)
    page.get_by_role("button", name="继续使用").wait_for()
    assert "登录即将结束" in clerk.reads() and violations(page) == []
    page.keyboard.press("Enter")
    page.locator("#session").wait_for(state="hidden")
    page.clock.fast_forward((settings.SESSION_COOKIE_AGE + 60) * 1000)
    page.get_by_text("登录已经结束，本页填写的内容还在").wait_for()
    assert violations(page) == []


@pytest.mark.journey
@needs_browser
def test_a_text_comes_back_until_it_is_sent(sits_down: Any) -> None:  # noqa: F811
    from portal.workforce.models import SkillCredential

    worker = make_worker("王建国")
    clerk = sits_down("clerk")
    record = SkillCredential.objects.create(
        worker=worker, occupation="焊工", level=40, source="窗口登记", recorded_by_id=_own_id(clerk)
    )
    address = f"/window/workers/{worker.pk}/credential/{record.pk}/remove/"
    page = clerk.go(address).page
    with page.expect_response(lambda answer: DRAFTS in answer.url and answer.status == 204):
        page.locator("textarea").press_sequentially("登记有误，证书属于另一人。")
    clerk.go("/window/").go(address)
    page.get_by_text("已恢复您上次填写").wait_for()
    assert page.input_value("textarea") == "登记有误，证书属于另一人。"
    assert violations(page) == []
    with page.expect_response(lambda answer: DRAFTS in answer.url and answer.status == 204):
        page.locator("main button[type=submit]").first.click()
    assert not SkillCredential.objects.filter(pk=record.pk).exists()


def _own_id(clerk: Any) -> int:
    """The number of the account that sits there."""
    from portal.accounts.models import User

    return User.objects.get(username="otog.clerk").pk
