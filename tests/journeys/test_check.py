"""A worker with a cheap phone finds out what they can have and prints it; a clerk does it for somebody else."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest

from tests.cast import OTOG, make_account
from tests.journeys.people import Person, sits_down
from tests.listed import listed
from tests.live import Live, needs_browser
from tests.looking import overflow, violations
from tests.window.given import known_worker

pytestmark = [pytest.mark.journey, needs_browser]
__all__ = ["sits_down"]

# What a welder of 55 says, page by page; a page that is not here is skipped.
SAYS: dict[str, dict[str, str]] = {
    "您现在的工作": {"employment": "employed", "public_institution_payroll": "false"},
    "您的岗位": {"on_front_line": "true", "in_skilled_post": "true"},
    "技能等级和学历": {
        "skill_level": "senior",
        "technical_school_class": "none",
        "engineering_title": "none",
    },
    "失业保险": {"unemployment_insured_months": "15年", "paying_unemployment_insurance": "true"},
    "休假": {"continuous_months": "12年", "worked_years": "30"},
}
NONE_OF_THESE = {"领军人才和技能竞赛": "都没有", "荣誉和津贴": "都没有", "以前领过的补贴": "从没领过这类补贴"}


def looks(person: Person, wrong: list[str], *, axe: bool = True) -> None:
    """What axe-core and the eye find wrong. Every page is shown to axe once; where it comes again, width and
    heading are enough.
    """
    wrong += violations(person.page) if axe else []
    if (over := overflow(person.page)) > 0:
        wrong.append(f"{person.path}: {over} px too wide")
    if (heads := person.page.locator("h1").count()) != 1:
        wrong.append(f"{person.path}: {heads} h1")


def send(person: Person, button: str) -> None:
    person.page.locator("main").get_by_role("button", name=button, exact=True).click()
    person.page.wait_for_load_state()


def answer(person: Person, certificate: str) -> str:
    """One page, answered as the welder would; its heading."""
    page, head = person.page, person.page.inner_text("h1")
    if head in NONE_OF_THESE:
        send(person, NONE_OF_THESE[head])
        return head
    says = SAYS | {
        "想用来申请补贴的证书": {
            "certificate_level": "senior",
            "certificate_issued_on": certificate,
            "attended_senior_technician_upskilling": "false",
        }
    }
    for name, value in says.get(head, {}).items():
        field = page.locator(f"[name={name}]")
        if field.first.get_attribute("type") == "radio":
            page.check(f"[name={name}][value={value}]")
        else:
            field.fill(value)
    send(person, "继续" if head in says else "不清楚，先跳过")
    return head


def recently() -> str:
    from datetime import timedelta

    from django.utils import timezone

    return (timezone.localdate() - timedelta(days=90)).isoformat()


def printed(page: Any) -> tuple[int, str]:
    """(how many sheets of A4, what is on them)."""
    with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as made:
        sheets = made.pages
        assert {(round(float(sheet.mediabox[2])), round(float(sheet.mediabox[3]))) for sheet in sheets} == {
            (595, 842)
        }
        count = len(sheets)
    page.emulate_media(media="print")
    text = page.inner_text("body")
    page.emulate_media(media="screen")
    return count, text


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "without-scripts"])
def test_a_worker_goes_from_the_first_question_to_the_printed_answer(
    live: Live, browser_page: Any, scripts: bool
) -> None:
    person = Person(browser_page(390, 800, java_script_enabled=scripts), live.url)
    wrong: list[str] = []
    # axe itself is a script: without them only the way is walked.
    look = (lambda: looks(person, wrong)) if scripts else (lambda: None)
    person.go("/")
    look()
    person.follow("开始查询")
    look()
    send(person, "开始查询")
    heads = []
    while "/check/result/" not in person.page.url:
        look()
        assert f"第 {len(heads) + 1} 步" in person.reads()
        heads.append(answer(person, recently()))
    assert len(heads) == len(set(heads)) == 10
    look()
    text = person.reads()
    assert "6 项您符合条件" in text and "2,000元" in text and "不是权利" in text
    # The browser's own way back and forth, and a refresh.
    result = person.page.url
    person.page.go_back()
    assert person.page.inner_text("h1") == heads[-1]
    person.page.go_forward()
    person.page.reload()
    assert person.page.url == result and "6 项您符合条件" in person.reads()
    # An answer is changed, the rest stays.
    person.page.get_by_role("heading", name="您填写的信息").click()
    person.page.locator("a", has_text="更改：休假").click()
    assert person.page.input_value("[name=worked_years]") == "30"
    person.page.fill("[name=worked_years]", "16")
    look()
    send(person, "继续")
    assert "带薪年休假 10 天" in person.reads() and "2,000元" in person.reads()
    # What lies behind is told when asked for.
    person.page.locator("summary", has_text="条件、依据和怎么办：技能提升补贴").click()
    assert person.page.get_by_text("社会保险经办条例第二十四条").first.is_visible()
    person.page.get_by_text("目前不符合的（").click()
    assert person.page.get_by_text("怎样改变：请先申请纳入").first.is_visible()
    look()
    person.page.select_option("#banner", OTOG)
    send(person, "查看窗口")
    assert "鄂托克旗" in person.page.inner_text("#where")
    person.follow("打印结果")
    look()
    sheets, text = printed(person.page)
    assert sheets <= 2
    for words in (
        "技术工人待遇查询单",
        "2,000元",
        "政策版本",
        "核对码",
        "带薪年休假",
        "鄂托克旗",
        "不是办理决定",
    ):
        assert words in text, words
    assert "信函验证" not in text and "返回结果" not in text
    assert wrong == []


def test_every_page_of_the_check_fits_a_narrow_phone_and_elders(live: Live, browser_page: Any) -> None:
    """At 320 px, also in the mode for elders; a mistake leads to its field; an address that is over offers to
    begin again.
    """
    person = Person(browser_page(320, 640), live.url)
    wrong: list[str] = []
    for mode in ("standard", "elder"):
        person.go(f"/display/{mode}/?next=/check/")
        looks(person, wrong)
        send(person, "开始查询")
        send(person, "继续")
        assert person.page.evaluate("document.activeElement.className") == "error-summary"
        looks(person, wrong)
        while "/check/result/" not in person.page.url:
            looks(person, wrong, axe=False)
            answer(person, recently())
        for details in person.page.locator("main details").all():
            details.evaluate("all => { all.open = true; }")
        looks(person, wrong)
        person.follow("打印结果")
        looks(person, wrong)
    person.go("/check/result/?t=not-a-walk")
    looks(person, wrong)
    person.sees("查询地址不完整").follow("重新查询").sees("您想查哪些方面")
    assert wrong == []


def test_a_clerk_does_it_for_somebody_without_a_mouse(live: Live, sits_down: Any) -> None:
    clerk = sits_down("clerk")
    from portal.accounts.models import User

    worker = known_worker(User.objects.get(username="otog.clerk"))
    page, keys, wrong = clerk.page, clerk.page.keyboard, list[str]()
    clerk.go(f"/window/workers/{worker.pk}/").follow("待遇查询")
    looks(clerk, wrong)
    assert "不作为决定" in clerk.reads() and "48个月" in clerk.reads()
    page.get_by_role("link", name="继续回答").focus()
    with page.expect_navigation():
        keys.press("Enter")
    seen = []
    while page.locator("form.check").count():
        looks(clerk, wrong, axe=not seen)
        seen.append(page.inner_text("h1"))
        if page.locator("[name=in_skilled_post]").count():
            page.locator("[name=in_skilled_post]").first.focus()
            keys.press("Space")
        else:
            page.get_by_role("button", name="不清楚，先跳过").focus()
        with page.expect_navigation():
            keys.press("Enter")
    assert "失业保险" not in seen  # the register knows
    looks(clerk, wrong)
    assert "本人填写，未核实" in clerk.reads() and "技师、高级技师考评" in clerk.reads()
    clerk.follow("打印结果")
    looks(clerk, wrong)
    sheets, text = printed(page)
    assert sheets <= 2 and worker.masked_id_number in text and worker.id_number not in text
    page.set_viewport_size({"width": 390, "height": 800})
    looks(clerk, wrong, axe=False)
    clerk.go(f"/window/workers/{worker.pk}/check/")
    looks(clerk, wrong, axe=False)
    assert wrong == []


def test_a_worker_signs_in_and_is_asked_less(live: Live, sits_down: Any) -> None:
    from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

    from portal.accounts.models import User
    from tests.cast import PASSWORD

    sits_down("clerk")
    worker = known_worker(User.objects.get(username="otog.clerk"), "李师傅")
    account = make_account("w20260077", worker.name, "worker", OTOG)
    account.password = make_password(PASSWORD, hasher=PBKDF2PasswordHasher())
    account.save()
    worker.account = account
    worker.save(update_fields=["account"])
    # On the registry everything is open to them: the longest sheet there is.
    listed(worker)
    person = sits_down(None, width=390, username="w20260077")
    wrong: list[str] = []
    person.go("/my/").follow("待遇查询")
    person.go("/my/check/")
    looks(person, wrong)
    for details in person.page.locator("main details").all():
        details.evaluate("all => { all.open = true; }")
    looks(person, wrong)
    assert "窗口登记（失业保险）" in person.reads() and "申请更正" in person.reads()
    person.follow("继续回答")
    looks(person, wrong)
    person.go("/my/check/sheet/")
    looks(person, wrong)
    assert printed(person.page)[0] <= 2
    assert wrong == []


def test_an_officer_writes_what_to_bring(live: Live, sits_down: Any) -> None:
    officer = sits_down("policy_officer")
    wrong: list[str] = []
    officer.go("/window/guides/")
    looks(officer, wrong)
    officer.follow("带薪年休假")
    looks(officer, wrong)
    officer.fill("所需材料", "劳动合同")
    officer.press("保存并公布").sees("公众页面已更新")
    officer.page.set_viewport_size({"width": 390, "height": 800})
    looks(officer, wrong)
    assert wrong == []


def test_who_has_no_work_is_not_asked_about_a_post_at_the_window(live: Live, sits_down: Any) -> None:
    from portal.accounts.models import User

    clerk = sits_down("clerk")
    worker = known_worker(User.objects.get(username="otog.clerk"), "孙师傅")
    clerk.go(f"/window/workers/{worker.pk}/employment/new/")
    post, status = clerk.page.locator("[name=in_skilled_post]"), clerk.page.locator("[name=status]")
    assert post.is_visible() and clerk.page.locator("[name=on_front_line]").is_visible()
    for without_work in ("retired", "unemployed"):
        status.select_option(without_work)
        assert not post.is_visible(), without_work
    # what somebody said stays in sight
    status.select_option("employed")
    post.select_option("true")
    status.select_option("retired")
    assert post.is_visible() and not clerk.page.locator("[name=on_front_line]").is_visible()
    wrong: list[str] = []
    looks(clerk, wrong)
    assert wrong == []
