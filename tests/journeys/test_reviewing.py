"""A claim reviewed without a mouse, with the evidence beside its conditions; and without JavaScript, as plain pictures."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from portal.cases.evidence import files
from portal.cases.models import Case
from subsidies import claiming
from subsidies.models import Claim
from subsidies.schemes import SKILL_UPGRADE
from tests.cases.conftest import picture, upload
from tests.cast import company, make_worker
from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser
from tests.looking import overflow, violations
from tests.subsidies.conftest import certificate, in_work

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]
_SHOWN = "document.querySelector('.viewer__file:not([hidden])')"


def other_picture() -> bytes:
    """Another one than `picture`: the same file is not taken twice."""
    import io

    content = io.BytesIO()
    Image.new("RGB", (60, 90), "navy").save(content, "PNG")
    return content.getvalue()


def waiting(name: str, cast: Any) -> Claim:
    """A claim with two pictures that waits for a review."""
    today, clerk = timezone.localdate(), cast("clerk")
    worker = in_work(make_worker(name), cast("second_reviewer"))
    one = certificate(worker, cast("second_reviewer"), number=f"S{worker.pk}", issued_on=today.replace(day=1))
    claim = claiming.draft(one.pk, SKILL_UPGRADE, channel="window", by=clerk, on=today)
    for label, content in (("正面", picture()), ("背面", other_picture())):
        files.attach(claim.pk, upload(content, f"{label}.png"), label=f"技能证书{label}", by=clerk, on=today)
    claiming.hand_in(claim.pk, by=clerk, on=today)
    return claiming.accept(claim.pk, by=clerk, on=today)


def test_two_claims_are_reviewed_by_keys_alone(live: Live, sits_down: Any) -> None:
    """Given two claims that wait, when the reviewer looks through the pictures of the first, turns and enlarges one, reviews
    it and goes on to the next, then no mouse was needed, and nothing is wider than the screen or amiss for axe.
    """
    cast = company()
    first, second = waiting("王建国", cast), waiting("李芳", cast)
    reviewer: Person = sits_down("reviewer")
    reviewer.go(f"/subsidies/claims/{first.case.number}/")
    page, keys = reviewer.page, reviewer.page.keyboard
    assert "第1份，共2份" in reviewer.reads() and page.locator(".viewer__file:visible").count() == 1
    assert violations(page) == [] and overflow(page) <= 0
    for key in ("]", "r", "+", "+", "-"):
        keys.press(key)
    shown = page.evaluate(f"[{_SHOWN}.textContent, {_SHOWN}.dataset.turn, {_SHOWN}.dataset.zoom]")
    assert "技能证书背面" in shown[0] and shown[1:] == ["90", "2"]
    keys.press("0")
    assert page.evaluate(f"'turn' in {_SHOWN}.dataset") is False
    keys.press("]")
    assert "技能证书正面" in page.evaluate(f"{_SHOWN}.textContent"), "after the last comes the first"

    keys.press("1")
    page.wait_for_url("**/do/review/")
    page.wait_for_selector("[data-first] :focus")
    assert page.evaluate("window.scrollY") == 0, "the papers stay in sight"
    keys.press("Tab")
    keys.type("[1] 与原件一致 r")
    keys.press("Control+Enter")
    reviewer.sees("已审核王建国的申请")
    assert Case.objects.get(pk=first.pk).state == "reviewed"
    keys.press("n")
    page.wait_for_url(f"**/{second.case.number}/")
    page.set_viewport_size({"width": 390, "height": 900})
    assert violations(page, contrast=False) == [] and overflow(page) <= 0


def test_without_javascript_they_are_plain_pictures(live: Live, sits_down: Any, browser_page: Any) -> None:
    claim = waiting("王建国", company())
    signed_in: Person = sits_down("reviewer")
    plain = browser_page(1280, java_script_enabled=False)
    plain.context.add_cookies(signed_in.page.context.cookies())
    plain.goto(f"{live.url}/subsidies/claims/{claim.case.number}/")
    assert plain.locator(".viewer__file img:visible").count() == 2
    assert plain.locator(".viewer__bar:visible").count() == 0
    boxes = [one.bounding_box() for one in plain.locator(".viewer__file").all()]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"], "one below the other"
