"""The check that is open to everybody: from the first page to the sheet, without an account, a cookie of ours
or a script.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from portal.accounts.models import StoredSession
from portal.audit.models import Entry
from portal.entitlements.check_state import CheckState
from portal.entitlements.pages import PARAMETER
from portal.entitlements.questions import steps_by_code, topics
from portal.policy.facts import FACTS
from portal.regions.models import ServiceWindow
from tests.cast import OTOG
from tests.entitlements.test_questions import ORDINARY

pytestmark = pytest.mark.django_db
ALL = [topic.code for topic in topics()]
STATIC = Path(__file__).resolve().parents[2] / "portal/static/portal"


def shown(value: Any) -> Any:
    if isinstance(value, list):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def begin(client: Client, topics: list[str] = ALL) -> str:
    answer = client.post("/check/", {"topics": topics})
    assert answer.status_code == 303
    return answer["Location"]


def code_of(address: str) -> str:
    return urlsplit(address).path.strip("/").split("/")[-1]


def answer_page(client: Client, address: str, truth: dict[str, Any]) -> str:
    """Answer one page truthfully, skip what is not in `truth`; the next address."""
    step = steps_by_code()[code_of(address)]
    given = {fact: shown(truth[fact]) for fact in step.facts if truth.get(fact) not in (None, [])}
    if truth.get("honours") == []:
        given |= {"honours": "none"} if "honours" in step.facts else {}
    reply = client.post(address, {**given, "do": "next"} if given else {"do": "skip"})
    assert reply.status_code == 303, (address, reply.content.decode()[:3000])
    return reply["Location"]


def to_result(client: Client, truth: dict[str, Any], topics: list[str] = ALL) -> str:
    address = begin(client, topics)
    while "/result/" not in address:
        assert client.get(address).status_code == 200
        address = answer_page(client, address, truth)
    return address


def page_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


# -- the way -------------------------------------------------------------------------------------------------


def test_a_stranger_goes_from_the_first_page_to_the_result(client: Client) -> None:
    page = page_of(client, "/check/")
    assert all(topic.label in page for topic in topics()) and "不用注册" in page
    result = to_result(client, ORDINARY)
    text = text_of(page_of(client, result))
    assert "有 6 项您符合条件" in text
    # What one has leads, by force; the rest follows.
    heads = re.findall(r"(应当落实的待遇|可以申请的待遇|政策鼓励落实的待遇|目前不符合的)（(\d+)项）", text)
    assert heads == [
        ("应当落实的待遇", "2"),
        ("可以申请的待遇", "3"),
        ("政策鼓励落实的待遇", "1"),
        ("目前不符合的", "16"),
    ]
    for words in (
        "2,000元",
        "失业保险基金",
        "带薪年休假 15 天",
        "社会保险经办条例第二十四条",
        "不是权利",
        "供参考，以窗口公布为准",
        "请先申请纳入",
    ):
        assert words in text, words
    assert 'href="/policy/%E4%B9%9D/"' in page_of(client, result)


def test_nothing_is_kept_and_nothing_can_be_read(client: Client) -> None:
    before = Entry.objects.count()
    result = to_result(client, ORDINARY)
    assert StoredSession.objects.count() == 0 and Entry.objects.count() == before
    assert set(client.cookies) <= {"csrftoken"}
    assert urlsplit(result).path == "/check/result/"
    assert set(parse_qs(urlsplit(result).query)) == {"t"} and len(result) < 800
    assert "private" in client.get(result)["Cache-Control"]


def test_going_back_shows_what_was_answered_and_loses_nothing(client: Client) -> None:
    first = begin(client)
    second = answer_page(client, first, ORDINARY)
    third = answer_page(client, second, ORDINARY)
    back = re.search(r'href="([^"]+)">上一步', page_of(client, third))
    assert back and code_of(back[1]) == code_of(second)
    page = page_of(client, back[1].replace("&amp;", "&"))
    assert re.search(r'value="none"[^>]* checked|checked[^>]*value="none"', page) and "第 2 步" in text_of(
        page
    )
    # On from there one is where one was.
    again = answer_page(client, back[1].replace("&amp;", "&"), ORDINARY)
    assert code_of(again) == code_of(third)
    # A second window stands where it stood.
    assert page_of(client, second) and code_of(answer_page(client, second, ORDINARY)) == code_of(third)


def test_an_answer_is_changed_from_the_result_and_the_rest_stays(client: Client) -> None:
    result = to_result(client, ORDINARY)
    page = page_of(client, result)
    change = next(
        a.replace("&amp;", "&")
        for a in re.findall(r'href="([^"]+then=result)"', page)
        if code_of(a) == "skill"
    )
    assert "不改了，返回结果" in page_of(client, change)
    given = {"skill_level": "junior", "technical_school_class": "none", "do": "next"}
    # A senior certificate and no more than a junior level: that is asked about once.
    asked = client.post(change, given)
    assert asked.status_code == 200 and "对不上" in asked.content.decode()
    reply = client.post(change, {**given, "agreed": asked.context["form"]["agreed"].value()})
    assert reply.status_code == 303 and "/check/result/" in reply["Location"]
    text = text_of(page_of(client, reply["Location"]))
    assert "有 3 项您符合条件" in text and "初级工（五级）" in text and "180个月" in text


def test_what_is_missing_leads_to_the_page_that_asks_it(client: Client) -> None:
    truth = {fact: value for fact, value in ORDINARY.items() if fact != "unemployment_insured_months"}
    page = page_of(client, to_result(client, truth | {"drawing_unemployment_benefit": False}))
    ask = re.search(r'href="([^"]+)">失业保险累计缴费月数', page)
    assert ask and "还缺：" in page
    # Chinese has no blanks between words
    for asked_for in re.findall(r"(?:还缺|政策条款)：(.*?)</p>", page, re.DOTALL):
        assert not re.search(r"^\s|、\s|</a>\s+、", asked_for)
    given = {"unemployment_insured_months": "3年", "paying_unemployment_insurance": "true", "do": "next"}
    reply = client.post(ask[1].replace("&amp;", "&"), given)
    assert "2,000元" in page_of(client, reply["Location"])


def test_one_button_answers_a_page_of_noes(client: Client) -> None:
    address = begin(client)
    address = answer_page(client, address, ORDINARY)
    assert code_of(address) == "standing" and ">都没有</button>" in page_of(client, address)
    reply = client.post(address, {"do": "none"})
    assert code_of(reply["Location"]) == "post"


def test_a_page_without_an_answer_or_with_a_wrong_one_is_shown_again(client: Client) -> None:
    address = begin(client)
    page = client.post(address, {"do": "next"}).content.decode()
    assert "error-summary" in page and "不清楚，先跳过" in page
    cert = begin(client, ["training"])
    while code_of(cert) != "certificate":
        cert = answer_page(client, cert, ORDINARY)
    page = client.post(
        cert, {"certificate_level": "senior", "certificate_issued_on": "2031-01-01", "do": "next"}
    ).content.decode()
    assert 'href="#id_certificate_issued_on"' in page and "晚于" in page and 'value="2031-01-01"' in page
    assert re.search(r'value="senior"[^>]* checked', page)


def test_a_chosen_topic_narrows_what_is_asked_and_told(client: Client) -> None:
    result = to_result(client, ORDINARY, ["leave"])
    text = text_of(page_of(client, result))
    assert "带薪年休假" in text and "技能提升补贴" not in text
    # The range can be widened; what was answered stays.
    start = re.search(r'href="([^"]+)">更改查询范围', page_of(client, result))
    assert start
    reply = client.post(start[1].replace("&amp;", "&"), {"topics": ["leave", "evaluation"]})
    assert code_of(reply["Location"]) == "post"
    assert "请至少选一个方面" in client.post("/check/", {}).content.decode()


# -- an address that is of no use ----------------------------------------------------------------------------


def test_a_changed_expired_or_endless_address_offers_to_begin_again(client: Client, settings: Any) -> None:
    good = begin(client)
    for bad in (
        good[:-6],
        good + "x",
        f"{good.split('?')[0]}?t={'a' * 5000}",
        "/check/result/?t=%00",
        "/check/sheet/?t=é",
    ):
        page = page_of(client, bad, 400)
        assert "查询地址不完整" in page and 'href="/check/"' in page
        assert client.post(bad, {"do": "skip"}).status_code in {400, 405}
    settings.CHECK_MINUTES = -2
    assert "已过期" in page_of(client, good, 410)


def test_an_address_without_a_walk_leads_to_the_first_page(client: Client) -> None:
    for path in ("/check/result/", "/check/sheet/", "/check/employment/"):
        assert client.get(path)["Location"] == "/check/"
    assert client.get("/check/none-such/").status_code == 404


def test_a_page_that_can_change_nothing_is_not_shown(client: Client) -> None:
    address = begin(client)
    other = address.replace("/employment/", "/hard-to-employ/")
    address = answer_page(client, answer_page(client, address, ORDINARY), ORDINARY)
    later = address.replace(f"/{code_of(address)}/", "/hard-to-employ/")
    assert client.get(other).status_code == 200  # may still matter: nothing is known yet
    assert code_of(client.get(later)["Location"]) == code_of(address)


@pytest.mark.parametrize("status", ["retired", "unemployed"])
def test_who_has_no_work_is_not_asked_about_it(client: Client, status: str) -> None:
    # given somebody who says so on the first page, and answers whatever else is asked
    without_work = {"on_front_line", "in_skilled_post", "paying_unemployment_insurance"}
    truth = {fact: value for fact, value in ORDINARY.items() if fact not in without_work}
    truth |= {"employment": status, "drawing_unemployment_benefit": False}
    address, asked = begin(client), set()
    while "/result/" not in address:
        page = page_of(client, address)
        asked |= {fact for fact in FACTS if f'name="{fact}"' in page}
        address = answer_page(client, address, truth)
    # then nothing that presupposes work was asked, and nothing of it is said to be missing
    assert "skill_level" in asked and not asked & without_work
    text = text_of(page_of(client, address))
    assert "还缺：在生产服务一线岗位工作" not in text and "还缺：在技能岗位工作" not in text
    assert "还不能确定的" not in text
    # and what was said before is kept, and asked about once more where it does not agree
    said_before = CheckState({"on_front_line": True, "employment": status}, ("employment", "post")).token()
    kept = text_of(page_of(client, f"/check/result/?{PARAMETER}={said_before}"))
    assert "失业或已退休，又在生产服务一线岗位工作" in kept


# -- where to go, and the sheet ------------------------------------------------------------------------------


def test_the_window_of_the_chosen_banner_is_shown(client: Client) -> None:
    ServiceWindow.objects.filter(pk=OTOG).update(address="乌兰镇某街1号")
    result = to_result(client, ORDINARY, ["leave"])
    assert '<optgroup label="鄂尔多斯市">' in page_of(client, result)
    reply = client.post(result, {"banner": OTOG})
    assert reply.status_code == 303 and reply["Location"].endswith("#where")
    page = page_of(client, reply["Location"])
    assert "乌兰镇某街1号" in page and "待公布" in page and f'value="{OTOG}" selected' in page
    assert client.post(result, {"banner": "999999"}).status_code == 303


def test_the_sheet_says_everything_without_opening_anything(client: Client) -> None:
    result = to_result(client, ORDINARY)
    sheet = page_of(client, result.replace("/result/", "/sheet/"))
    text = text_of(sheet)
    assert "<details" not in sheet.split("<main")[1]
    for words in (
        "技术工人待遇查询单",
        "政策版本",
        "核对码",
        "2,000元",
        "目前不符合的（16项）",
        "依据的信息",
        "不是办理决定",
    ):
        assert words in text, words
    assert "失业保险累计缴费月数 180个月" in text
    digests = set(re.findall(r"核对码 ([0-9a-f]{12})", text))
    assert len(digests) == 6


def test_there_are_styles_for_paper() -> None:
    css = (STATIC / "check.css").read_text(encoding="utf-8")
    assert "@media print" in css and "size: A4" in css


def test_pages_stay_small_and_cost_few_queries(client: Client, django_assert_max_num_queries: Any) -> None:
    names = ("tokens.css", "portal.css", "public.css", "check.css", "portal.js", "mark.svg")
    shared = sum((STATIC / name).stat().st_size for name in names)
    talent = ORDINARY | {"leading_talent": True, "honours": ["may_day_medal"]}
    result = to_result(client, talent)
    step = re.search(r'href="([^"]+then=result)"', page_of(client, result))
    assert step
    for address, most in (
        ("/check/", 1),
        (step[1].replace("&amp;", "&"), 4),
        (result, 24),
        (result.replace("/result/", "/sheet/"), 24),
    ):
        with django_assert_max_num_queries(most):
            page = client.get(address)
        assert shared + len(page.content) < 100_000, address


def test_elders_see_fewer_things(client: Client) -> None:
    result = to_result(client, ORDINARY)
    before = page_of(client, result)
    client.get("/display/elder/")
    after = page_of(client, result)
    assert len(after) < len(before) and "核对码" in before and after.count("核对码") < before.count("核对码")


def test_the_home_page_and_the_navigation_lead_here(client: Client) -> None:
    home = page_of(client, "/")
    assert home.count('href="/check/"') >= 2 and "待遇查询" in home and "开始查询" in home


def test_what_was_answered_in_other_words_is_told_in_them(client: Client) -> None:
    text = text_of(
        page_of(
            client,
            to_result(client, ORDINARY | {"certificate_level": "apprentice", "certificate_issued_on": None}),
        )
    )
    assert "最近没有考证" in text


def test_who_asks_faster_than_many_people_read_is_asked_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.my import checking
    from portal.throttle import Limit

    monkeypatch.setattr(checking, "PAGES", Limit("check-pages-test", 2, seconds=60))
    first = begin(client)
    assert client.get(first).status_code == 200
    refused = client.get(first)
    assert refused.status_code == 429 and int(refused["Retry-After"]) <= 60
    assert "1 分钟后再试" in refused.content.decode()
    assert client.get(first, REMOTE_ADDR="198.51.100.7").status_code == 200
