"""The numbers and days on the pages of the result: where they stand, what they say, what can be taken along."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.formats import date_cn
from portal.policy.growth import months_after
from tests.entitlements.test_check_pages import page_of, text_of, to_result
from tests.entitlements.test_questions import ORDINARY

pytestmark = pytest.mark.django_db


def issued(days_ago: int) -> str:
    return (timezone.localdate() - timedelta(days=days_ago)).isoformat()


def test_an_end_that_is_close_is_red_and_said_in_words(client: Client) -> None:
    """Given a certificate that serves for ten more days or so, when the result is read, then it hurries."""
    facts = ORDINARY | {"certificate_issued_on": issued(350), "skill_level": "senior"}
    result = to_result(client, facts, ["training"])
    page = page_of(client, result)
    assert 'class="deadline--close"' in page and "即将到期，请尽快办理" in page
    caveat, amount = page.index("请注意"), page.index("2,000元")
    assert amount < caveat < page.index("条件、依据和怎么办", amount)
    far = page_of(client, to_result(client, facts | {"certificate_issued_on": issued(20)}, ["training"]))
    assert "deadline--close" not in far and "申请期限到" in far


def test_what_comes_with_time_stands_before_what_does_not_apply(client: Client) -> None:
    facts = ORDINARY | {
        "unemployment_insured_months": 33,
        "worked_years": 20,
        "certificate_issued_on": issued(60),
    }
    result = to_result(client, facts)
    text = text_of(page_of(client, result))
    day = date_cn(months_after(timezone.localdate(), 3))
    assert f"预计从{day}起符合条件" in text
    assert "需要36个月，现有33个月，合2年9个月，还差3个月；如继续按月缴费" in text
    order = ["还差一段时间的", "然后还可享受", "您的单位可以申请的", "目前不符合的"]
    assert sorted(order, key=text.index) == order
    sheet = text_of(page_of(client, result.replace("/result/", "/sheet/")))
    assert f"预计从{day}起符合条件" in sheet and "还差3个月" in sheet and "然后还可享受" in sheet


def test_what_is_still_open_has_its_days_and_caveats_on_the_sheet_too(client: Client) -> None:
    """Given a claim of which one thing is unknown, then page and sheet say until when it would serve."""
    facts = {fact: value for fact, value in ORDINARY.items() if fact != "claims_this_year"}
    result = to_result(client, facts | {"certificate_issued_on": issued(60)}, ["training"])
    last = date_cn(months_after(timezone.localdate() - timedelta(days=60), 12))
    for address in (result, result.replace("/result/", "/sheet/")):
        text = text_of(page_of(client, address))
        assert f"如果符合，申请期限到{last}止" in text and "是否继续放宽须由经办机关确认" in text


def test_the_days_can_be_taken_along(client: Client) -> None:
    facts = ORDINARY | {"certificate_issued_on": issued(20)}
    result = to_result(client, facts, ["training"])
    link = re.search(r'href="(/check/dates\.ics\?[^"]+)"', page_of(client, result))
    assert link
    answer = client.get(link[1].replace("&amp;", "&"))
    last = months_after(timezone.localdate() - timedelta(days=20), 12)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert f"DTSTART;VALUE=DATE:{last:%Y%m%d}\r\n" in answer.content.decode()
    assert client.get("/check/dates.ics").status_code == 302
    assert client.get("/check/dates.ics?t=zzz").status_code == 400
    without = page_of(
        client, to_result(client, ORDINARY | {"technical_school_class": "none"}, ["evaluation"])
    )
    assert "dates.ics" not in without


def test_who_has_no_certificate_is_not_said_not_to_know_its_date(client: Client) -> None:
    """Given 最近没有考证, when the answers are read again, then no date and no occupation is missed, and the way
    to a first certificate is told.
    """
    facts: dict[str, Any] = {**ORDINARY, "skill_level": "apprentice", "certificate_level": "apprentice"}
    del facts["certificate_issued_on"]
    text = text_of(page_of(client, to_result(client, facts)))
    assert "证书核发日期" not in text and "技师证书请查询" not in text
    assert "取得初级工、中级工或高级工证书后" in text
    assert "取得初级工证书后" in text and "1,000元" in text and "企业新型学徒制培训补贴" in text


def test_months_typed_as_years_are_read_as_years(client: Client) -> None:
    from tests.entitlements.test_check_pages import answer_page, begin, code_of

    address = begin(client, ["training"])
    while code_of(address) != "insured":
        address = answer_page(client, address, ORDINARY)
    given = {"unemployment_insured_months": "10年", "paying_unemployment_insurance": "true", "do": "next"}
    address = client.post(address, given)["Location"]
    while "/result/" not in address:
        address = answer_page(client, address, ORDINARY)
    assert "120个月（10年）" in text_of(page_of(client, address))
    wrong = begin(client, ["training"])
    while code_of(wrong) != "certificate":
        wrong = answer_page(client, wrong, ORDINARY)
    day = {"certificate_level": "senior", "certificate_issued_on": "2031-01-01", "do": "next"}
    page = client.post(wrong, day).content.decode()
    assert f"日期不能晚于今天（{date_cn(timezone.localdate())}）" in page and "办理基准日" not in page


def test_a_telephone_number_can_be_touched(client: Client) -> None:
    from portal.templatetags.portal import phone

    assert 'href="tel:12333"' in page_of(client, "/about/")
    assert phone("0477-8581234、13900001234（示例）") == (
        '<a href="tel:04778581234">0477-8581234</a>、<a href="tel:13900001234">13900001234</a>（示例）'
    )
    assert phone("<b>") == "&lt;b&gt;" and phone(None) == "" and phone("2026-11-30") == "2026-11-30"
