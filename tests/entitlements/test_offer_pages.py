"""The pages of offers and requests: what each person finds on them, bad input, and that a list costs few
queries.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from portal.cases.models import Case
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.formats import date_cn
from portal.regions.models import Region
from tests.by_two import changed_by_two
from tests.cast import KUNDULUN, make_account, make_worker
from tests.entitlements.given import certified, employed, welder
from tests.roles import compared, drawn_once, one_of_each

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_programme_opens")]
UPGRADE = "training.skill-upgrade"


@pytest.fixture
def worker(db: None) -> Any:
    found = welder()
    found.account = make_account("w20260001", found.name, "worker", found.work_region_id)
    found.save(update_fields=["account"])
    return found


@pytest.fixture
def matched(worker: Any) -> Offer:
    from django.utils import timezone

    match(timezone.localdate(), cause="试")
    return Offer.objects.get(benefit=UPGRADE)


def test_the_worker_finds_and_answers_offers(matched: Offer, worker: Any, as_user: Any) -> None:
    client = as_user(worker.account)
    home = client.get("/my/").content.decode()
    assert "为您找到的待遇" in home and "技能提升补贴" in home and "2,000元" in home
    # What the office must still confirm of an amount stands beside it wherever the amount stands.
    for page in (home, client.get(reverse("my:offers")).content.decode()):
        assert "请注意：" in page[page.index("2,000元") :].split("</li>")[0]
    assert Offer.objects.get(pk=matched.pk).state == "notified"
    page = client.get(reverse("my:offer", args=[matched.pk])).content.decode()
    assert "同意，请为我办理" in page and "失业保险累计缴费" in page and "焊工 高级工 2026-05-10" in page
    answer = client.post(reverse("my:offer_consent", args=[matched.pk]), follow=True)
    number = Case.objects.get().number
    assert f"办件编号{number}" in answer.content.decode() and "撤回，不再办理" in answer.content.decode()
    # Two such cases are told apart by what they are about.
    for address in (reverse("my:case", args=[number]), reverse("my:cases"), reverse("my:home")):
        assert f"技能提升补贴：{worker.name}" in client.get(address).content.decode()
    # Twice: said plainly, nothing opened.
    again = client.post(reverse("my:offer_consent", args=[matched.pk]), follow=True).content.decode()
    assert "不能再次答复" in again and Case.objects.count() == 1
    assert "已撤回" in client.post(reverse("my:withdraw", args=[number]), follow=True).content.decode()


def test_an_offer_says_until_when_and_what_follows_a_consent(
    matched: Offer, worker: Any, clerk: Any, as_user: Any
) -> None:
    """Given an offer of money, when it is read, then its last day, the caveat beside the amount, who handles it
    and how long it takes stand on it, and no cross; the last day can be taken along.
    """
    from portal.policy.growth import months_after

    client = as_user(worker.account)
    client.get("/my/")
    page = client.get(reverse("my:offer", args=[matched.pk])).content.decode()
    last = months_after(dt.date(2026, 5, 10), 12)
    assert f"申请期限到{date_cn(last)}止" in page and "✗" not in page
    assert page.index("2,000元") < page.index("请注意") < page.index("同意以后")
    for words in ("服务窗口", "自申请之日起10个工作日内", "社会保险经办条例第二十四条", "我的办件"):
        assert words in page[page.index("同意以后") :]
    file = client.get(reverse("my:offer_calendar", args=[matched.pk]))
    assert f"DTSTART;VALUE=DATE:{last:%Y%m%d}" in file.content.decode()
    desk = as_user(clerk)
    shown = desk.get(reverse("window:offer", args=[matched.pk])).content.decode()
    assert f"申请期限到{date_cn(last)}止" in shown and "✗" not in shown
    step = desk.get(reverse("window:offer_consent", args=[matched.pk])).content.decode()
    assert "由服务窗口办理，自申请之日起10个工作日内办好" in step and "我的办件" in step


def test_nobody_opens_the_offer_of_another(matched: Offer, as_user: Any, baotou_clerk: Any) -> None:
    other = make_worker("李静")
    other.account = make_account("w2", "李静", "worker", "150624")
    other.save(update_fields=["account"])
    stranger = as_user(other.account)
    for name in ("my:offer", "my:offer_decline", "my:offer_calendar"):
        assert stranger.get(reverse(name, args=[matched.pk])).status_code == 404
    assert stranger.post(reverse("my:offer_consent", args=[matched.pk])).status_code == 404
    assert as_user(baotou_clerk).get(reverse("window:offer", args=[matched.pk])).status_code == 404


def test_the_clerk_tells_and_records_the_answer(matched: Offer, clerk: Any, as_user: Any) -> None:
    client = as_user(clerk)
    page = client.get(reverse("window:offers"), {"benefit": UPGRADE}).content.decode()
    assert "王建国" in page and "待告知" in page
    told = client.post(
        reverse("window:offers_tell"),
        {"chosen": [matched.pk, "x", 10**20], "filters": "state=all"},
        follow=True,
    )
    assert "已登记告知1项" in told.content.decode() and told.redirect_chain[0][0].endswith("?state=all")
    assert "待告知" in client.post(reverse("window:offers_tell"), {}, follow=True).content.decode()
    one = client.get(reverse("window:offer", args=[matched.pk])).content.decode()
    assert "登记同意办理" in one and "认定记录" in one
    confirm = client.get(reverse("window:offer_consent", args=[matched.pk])).content.decode()
    assert "请核对" in confirm and "确认本人同意" in confirm
    done = client.post(reverse("window:offer_consent", args=[matched.pk]), follow=True).content.decode()
    case = Case.objects.get()
    assert f"办件编号{case.number}" in done and "代办：技能提升补贴" in done
    # The case says of the amount what the offer said of it.
    assert done.index("2,000元") < done.index("请注意") and "申请期限到" in done
    twice = client.post(reverse("window:offer_consent", args=[matched.pk]))
    assert twice.status_code == 409 and "不能再次答复" in twice.content.decode()
    # The worklist holds it; it is finished on a page that wants the words.
    assert case.number in client.get("/window/").content.decode()
    step = reverse("window:request_step", args=[case.number, "finish"])
    assert "请写明办理结果" in client.post(step, {"reason": " "}).content.decode()
    assert "已办结" in client.post(step, {"reason": "已代为提交。"}, follow=True).content.decode()
    assert client.get(reverse("window:request_step", args=[case.number, "fly"])).status_code == 302


def test_a_correction_from_the_worker_to_the_answer(worker: Any, clerk: Any, as_user: Any) -> None:
    client = as_user(worker.account)
    new = reverse("my:rectification_new")
    page = client.get(new, {"fact": "unemployment_insured_months"}).content.decode()
    assert "36个月" in page and page.count("checked") == 1 and "<details>" in page
    absent = client.get(new, {"fact": "front_line_years"}).content.decode()
    assert absent.count("checked") == 1 and "<details open>" in absent
    assert "请至少选择一项" in client.post(new, {"statement": "不对"}).content.decode()
    sent = client.post(
        new, {"recorded": ["unemployment_insured_months"], "statement": "我已缴费60个月"}, follow=True
    ).content.decode()
    case = Case.objects.get()
    assert f"办件编号{case.number}" in sent
    twice = client.post(new, {"recorded": ["unemployment_insured_months"], "statement": "我已缴费60个月"})
    assert twice.status_code == 409 and "不必重复" in twice.content.decode()
    desk = as_user(clerk)
    page = desk.get(reverse("window:rectification", args=[case.number])).content.decode()
    assert "36个月" in page and "未变化" in page and "我已缴费60个月" in page
    step = reverse("window:request_step", args=[case.number, "rectify"])
    assert "还没有变化" in desk.post(step, {"reason": "改了"}).content.decode()
    changed_by_two(worker.insurance, months=60)
    desk.post(step, {"reason": "已更正为60个月。"})
    assert "已更正为60个月。" in client.get(reverse("my:case", args=[case.number])).content.decode()


@pytest.mark.sweep
def test_which_roles_open_which_pages(matched: Offer, cast: Any, as_user: Any) -> None:
    """(page, role) -> status, for every role of the cast at once."""
    pages = {
        "list": reverse("window:offers"),
        "export": reverse("window:offers_export"),
        "one": reverse("window:offer", args=[matched.pk]),
        "consent": reverse("window:offer_consent", args=[matched.pk]),
        "matching": reverse("window:matching"),
    }
    of_banner = {"clerk", "reviewer", "second_reviewer"}
    of_region = {
        "regional_reviewer",
        "approver",
        "finance_officer",
        "registry_officer",
        "second_registry_officer",
        "supervisor",
    }
    elsewhere = {"baotou_clerk", "baotou_reviewer"}
    matches = {"policy_officer", "second_policy_officer", "supervisor"}
    people = one_of_each(cast)
    with drawn_once(), compared() as expect:
        for who, user, *_ in people:
            client, sees = as_user(user), who in of_banner | of_region | elsewhere
            expected = {
                "list": 200 if sees else 403,
                "export": 200 if sees else 403,
                "one": 404 if who in elsewhere else 200 if sees else 403,
                "consent": 200 if who == "clerk" else 404 if who == "baotou_clerk" else 403,
                "matching": 200 if who in matches else 403,
            }
            for name, address in pages.items():
                expect(f"{who} {name}", client.get(address).status_code, expected[name])


def test_lists_cost_few_queries_and_export_what_is_filtered(
    worker: Any, clerk: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    from django.utils import timezone

    for number in range(6):
        person = make_worker(f"张{number}")
        employed(person)
        certified(person, occupation=f"电工{number}")
    certified(make_worker("远方", region=KUNDULUN))
    match(timezone.localdate(), cause="试")
    client = as_user(clerk)
    client.get(reverse("window:offers"))
    with django_assert_max_num_queries(16):
        page = client.get(reverse("window:offers"), {"state": "all"})
    assert "张5" in page.content.decode() and "远方" not in page.content.decode()
    lines = (
        b"".join(client.get(reverse("window:offers_export"), {"name": "张3"}))
        .decode("utf-8-sig")
        .splitlines()
    )
    assert len(lines) == 1 + Offer.objects.filter(worker__name="张3").count()
    assert "********" in lines[1] and Region.objects.get(pk="150624").name in lines[1]


def test_matching_is_started_and_not_twice(
    matched: Offer, policy_officer: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(policy_officer)
    page = client.get(reverse("window:matching")).content.decode()
    assert "技能提升补贴" in page and "目前符合各项条件的人数" in page
    assert client.get(reverse("window:matching_start")).status_code == 405
    assert "/window/jobs/" in client.post(reverse("window:matching_start"))["Location"]
    assert "正在进行" in client.post(reverse("window:matching_start"), follow=True).content.decode()
