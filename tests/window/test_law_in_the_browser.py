"""The law in a real browser: one officer enters, another confirms, everybody reads; axe-core and narrow
screens on every page.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.people import Person, sits_down
from tests.live import Live, needs_browser
from tests.looking import overflow, violations
from tests.policy.test_official_text import NUMBER, document

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]
PRIZES, AMOUNT = "award.worldskills.prize", "training.technician.amount"


def looks(person: Person, *paths: str) -> list[str]:
    """What is wrong with a page (the one that is open without a path), at a desk and on a phone."""
    wrong = []
    for path in paths or [""]:
        if path:
            person.go(path)
        for width in (1280, 390, 320):
            person.page.set_viewport_size({"width": width, "height": 800})
            wrong += violations(person.page, contrast=width == 1280) if width != 320 else []
            wrong += (
                [f"{person.page.url}: {over} px too wide at {width}"]
                if (over := overflow(person.page)) > 0
                else []
            )
        wrong += [f"{person.page.url}: h1"] if person.page.locator("h1").count() != 1 else []
        person.page.set_viewport_size({"width": 1280, "height": 800})
    return wrong


def test_a_figure_from_the_desk_to_the_public(live: Live, sits_down: Any, tmp_path: Any) -> None:
    (tmp_path / "text.txt").write_text(document(broken=True), encoding="utf-8")
    loaded = live.manage("load_policy_text", NUMBER, str(tmp_path / "text.txt"))
    assert loaded.returncode == 0, loaded.stderr

    first = sits_down("policy_officer")
    assert (
        looks(
            first,
            "/window/law/",
            "/window/law/?state=without",
            f"/window/law/{AMOUNT}/",
            f"/window/law/{PRIZES}/",
            "/window/law/leave.annual.days/enter/",
            "/window/law/registry.inclusion-honours/enter/",
        )
        == []
    )
    first.go(f"/window/law/{PRIZES}/enter/").page.fill("[name=row-new-1]", "47")
    first.page.fill("[name=cell-new-1-gold]", "四十万")
    first.press("录入，交他人复核").sees("请更正以下内容")
    assert looks(first) == []
    assert first.page.evaluate("document.activeElement.className") == "error-summary"
    first.page.fill("[name=cell-new-1-gold]", "400000")
    first.page.fill("[name=since]", "2020-01-01")
    first.fill("来源文件", "某部发〔2020〕1号")
    first.press("录入，交他人复核").sees("由另一名政策管理员复核后生效").sees("撤回")
    assert looks(first) == []
    waiting = first.page.url.removeprefix(first.base)
    assert looks(first, f"{waiting}confirm/", f"{waiting}withdraw/", "/window/law/?state=waiting") == []

    second = sits_down("second_policy_officer").go("/window/").follow("待复核政策参数")
    second.follow("2020-01-01 起").follow("复核").sees("第47届 金牌").sees("400,000元")
    assert looks(second) == []
    second.press("确认复核").sees("已复核，自2020年1月1日起执行")
    assert looks(second) == []

    everybody = sits_down(None)
    assert (
        looks(
            everybody,
            f"/policy/figures/{PRIZES}/",
            f"/policy/figures/{AMOUNT}/",
            "/policy/figures/",
            "/policy/",
            "/policy/九/",
        )
        == []
    )
    everybody.go("/policy/十二/").follow("世界技能大赛奖金（按届次和奖项）").sees("第47届 金牌").sees(
        "某部发〔2020〕1号"
    )
    everybody.go("/policy/九/").sees("文件原文").sees("演示文字九甲")
    everybody.page.emulate_media(media="print")
    assert everybody.page.get_by_text("演示文字九甲").is_visible()
