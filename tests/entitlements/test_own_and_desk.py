"""The check on what the register knows: for the worker, and for the clerk who serves one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.models import Entry
from portal.entitlements.guides import save_guide
from portal.entitlements.models import BenefitGuide
from portal.workforce.actions import verify_honour
from portal.workforce.models import Employment
from tests.cast import KUNDULUN, make_account, make_honour, make_worker
from tests.listed import listed
from tests.window.given import known_worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(cast: Any) -> Any:
    return known_worker(cast("clerk"))


@pytest.fixture
def known_user(known: Any) -> Any:
    user = make_account("w20260009", known.name, "worker", known.work_region_id)
    known.account = user
    known.save(update_fields=["account"])
    return user


def page_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def link(page: str, words: str) -> str:
    found = re.search(rf'href="([^"]+)"[^>]*>{words}', page)
    assert found, words
    return found[1].replace("&amp;", "&")


# -- the worker's own ----------------------------------------------------------------------------------------


def test_the_register_answers_with_source_and_date(known: Any, known_user: Any, as_user: Any) -> None:
    page = page_of(as_user(known_user), "/my/check/")
    assert "我能享受的待遇" in page and 'aria-current="page">待遇查询' in page
    row = page[page.index("失业保险累计缴费月数</th>") :]
    row = row[: row.index("</tr>")]
    assert (
        "48个月" in row
        and "窗口登记（失业保险）" in row
        and f"{timezone.localdate():%Y-%m-%d}" in row
        and "申请更正" in row
    )
    assert "没有登记记录" in page  # what nobody wrote down is not made up
    assert known.id_number not in page and "1985" not in page
    # Facts of the register are not asked, and the window is that of one's place of work.
    assert "<select" not in page and f"/windows/{known.work_region_id}/" in page


def test_only_what_the_register_does_not_know_is_asked_and_it_stays_in_the_address(
    known: Any, known_user: Any, as_user: Any
) -> None:
    client = as_user(known_user)
    address, asked = link(page_of(client, "/my/check/"), "继续回答"), []
    while "/my/check/?" not in address:
        page = page_of(client, address)
        asked += re.findall(r'name="(\w+)"', page)
        address = client.post(
            address,
            {"in_skilled_post": "true", "do": "next"} if 'name="in_skilled_post"' in page else {"do": "skip"},
        )["Location"]
    assert "in_skilled_post" in asked and not {
        "unemployment_insured_months",
        "employment",
        "on_front_line",
        "skill_level",
    } & set(asked)
    page = page_of(client, address)
    assert "本人填写，未核实" in page and "在技能岗位工作" in page
    assert known.employments.get().in_skilled_post is None
    told = re.search(r"应当落实的待遇.*?</section>", page, re.S)
    assert told and "技师、高级技师考评" in told[0]


def test_the_register_s_word_stands_before_what_is_typed(known: Any, known_user: Any, as_user: Any) -> None:
    """What is known cannot be typed over: the page that would ask it leads on."""
    answer = as_user(known_user).post(
        "/my/check/insured/", {"unemployment_insured_months": "1", "do": "next"}
    )
    assert answer.status_code == 302 and "/insured/" not in answer["Location"]


def test_another_s_address_is_of_no_use(known: Any, known_user: Any, as_user: Any) -> None:
    other = make_worker("李秀英")
    other.account = make_account("w20260010", other.name, "worker", other.work_region_id)
    other.save(update_fields=["account"])
    address = link(page_of(as_user(known_user), "/my/check/"), "继续回答")
    answer = as_user(other.account).get(address)
    assert answer.status_code == 400 and known.name not in answer.content.decode()


def test_who_has_no_record_is_told_where_to_get_one(cast: Any, as_user: Any) -> None:
    for address in ("/my/check/", "/my/check/sheet/", "/my/check/employment/"):
        assert "没有对应的技术工人档案" in page_of(as_user(cast("employer_agent")), address)
    assert Client().get("/my/check/")["Location"].startswith("/accounts/login/")
    assert as_user(cast("employer_agent")).get("/my/check/none-such/").status_code == 404


# -- at the desk ---------------------------------------------------------------------------------------------


def test_the_clerk_sees_answers_facts_and_what_is_missing(known: Any, cast: Any, as_user: Any) -> None:
    client, address = as_user(cast("clerk")), reverse("window:check", args=[known.pk])
    page = page_of(client, address)
    person = reverse("window:worker", args=[known.pk])
    assert f'href="{person}#credential">更正' in page and f'href="{person}#employment">更正' in page
    assert "不作为决定" in page and "内党办发〔2019〕6号（一）" in page and "没有登记的：" in page
    groups = {
        one.answer.benefit: group.code
        for group, answers in client.get(address).context["groups"]
        for one in answers
    }
    assert "registry.direct-inclusion" not in groups  # the honour is not verified yet
    verify_honour(known.honours.get().pk, by=cast("reviewer"), on=timezone.localdate())
    groups = {
        one.answer.benefit: group.code
        for group, answers in client.get(address).context["groups"]
        for one in answers
    }
    assert groups["registry.direct-inclusion"] == "entitled" and groups["evaluation.open"] == "undetermined"
    assert "全国技术能手" in page_of(client, address)
    # One place for it: the record's own page links here.
    record = page_of(client, reverse("window:worker", args=[known.pk]))
    assert f'href="{address}"' in record and "待遇预判" not in record and "tab=facts" not in record


def test_looking_is_written_down(known: Any, cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))
    page_of(client, reverse("window:check", args=[known.pk]))
    page_of(client, reverse("window:check_sheet", args=[known.pk]))
    dates = client.get(reverse("window:check_calendar", args=[known.pk]))
    assert dates["Content-Type"].startswith("text/calendar") and known.name not in dates.content.decode()
    entries = Entry.objects.filter(action="worker.check").order_by("id")
    assert [(entry.actor, entry.worker_ref, entry.detail["what"]) for entry in entries] == [
        (cast("clerk"), known.pk, "结果"),
        (cast("clerk"), known.pk, "打印单"),
        (cast("clerk"), known.pk, "日历"),
    ]


def test_the_clerk_asks_and_prints_for_the_person(known: Any, cast: Any, as_user: Any) -> None:
    client = as_user(cast("clerk"))
    step = link(page_of(client, reverse("window:check", args=[known.pk])), "是否在技能岗位工作")
    assert known.name in page_of(client, step)
    result = client.post(step, {"in_skilled_post": "true", "do": "next"})["Location"]
    page = page_of(client, result)
    assert "本人填写，未核实" in page
    sheet = page_of(client, link(page, "打印结果"))
    assert known.masked_id_number in sheet and known.id_number not in sheet and "技术工人待遇查询单" in sheet


def test_another_league_s_worker_is_not_there(cast: Any, as_user: Any) -> None:
    there = known_worker(cast("baotou_clerk"), "李外地", region=KUNDULUN)
    client = as_user(cast("clerk"))
    for name, args in (("check", []), ("check_sheet", []), ("check_step", ["post"])):
        answer = client.get(reverse(f"window:{name}", args=[there.pk, *args]))
        assert answer.status_code == 404 and "李外地" not in answer.content.decode()
    assert not Entry.objects.filter(action="worker.check").exists()


def test_who_may_not_see_workers_does_not_see_their_answers(known: Any, cast: Any, as_user: Any) -> None:
    for who in ("policy_officer", "system_admin", "employer_agent"):
        assert as_user(cast(who)).get(reverse("window:check", args=[known.pk])).status_code == 403
    assert as_user(cast("auditor")).get(reverse("window:check", args=[known.pk])).status_code == 200
    assert (
        as_user(cast("clerk")).get(reverse("window:check_step", args=[known.pk, "none-such"])).status_code
        == 404
    )


def test_many_records_cost_no_more_queries(
    known: Any, known_user: Any, cast: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    for year in range(2003, 2023):
        make_honour(known, recorded_by=cast("clerk"), verified_by=cast("reviewer"), year=year)
    listed(known)
    desk, own = as_user(cast("clerk")), as_user(known_user)
    for client, address, most in (
        (own, "/my/check/", 45),
        (own, "/my/check/sheet/", 45),
        (own, "/my/check/post/", 32),
        (desk, reverse("window:check", args=[known.pk]), 45),
        (desk, reverse("window:check_sheet", args=[known.pk]), 45),
        (desk, reverse("window:check_step", args=[known.pk, "post"]), 32),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(address).status_code == 200


# -- the office's guides -------------------------------------------------------------------------------------


def test_a_policy_officer_writes_what_to_bring_and_everybody_reads_it(
    cast: Any, as_user: Any, client: Client
) -> None:
    officer = as_user(cast("policy_officer"))
    BenefitGuide.objects.create(benefit="leave.annual", materials="身份证（示例）", is_sample=True)
    listed = page_of(officer, reverse("window:guides"))
    assert listed.count("data-row-link") == 22 and "示例" in listed
    address = reverse("window:guide", args=["leave.annual"])
    page = page_of(officer, address)
    seen = re.search(r'name="seen_at" value="([^"]+)"', page)
    assert seen and "身份证（示例）" in page
    refused = officer.post(address, {"materials": "身份证（示例）", "seen_at": seen[1]}).content.decode()
    assert "仍含“示例”字样" in refused
    saved = officer.post(
        address, {"materials": "劳动合同", "handling_time": "单位自行安排", "seen_at": seen[1]}
    )
    assert saved["Location"] == reverse("window:guides")
    guide = BenefitGuide.objects.get()
    assert (guide.materials, guide.is_sample, guide.edited_by) == ("劳动合同", False, cast("policy_officer"))
    entry = Entry.objects.get(action="guide.edit")
    assert entry.detail == {
        "kind": "leave.annual",
        "fields": ["materials", "handling_time"],
        "was_sample": True,
    }
    # What another wrote meanwhile is not overwritten.
    assert "他人已更新" in officer.post(address, {"materials": "x", "seen_at": seen[1]}).content.decode()
    start = client.post("/check/", {"topics": ["leave"]})["Location"]
    step = client.post(start, {"employment": "employed", "do": "next"})["Location"]
    told = client.get(
        client.post(step, {"continuous_months": "20年", "worked_years": "20", "do": "next"})["Location"]
    ).content.decode()
    assert "劳动合同" in told and "单位自行安排" in told


@pytest.mark.parametrize("who", ["clerk", "reviewer", "registry_officer", "auditor", "system_admin"])
def test_nobody_else_writes_guides(cast: Any, as_user: Any, who: str) -> None:
    from portal.accounts.access import Refused

    assert as_user(cast(who)).get(reverse("window:guides")).status_code == 403
    with pytest.raises(Refused, match="维护办事指南"):
        save_guide("leave.annual", {}, by=cast(who))
    assert as_user(cast("supervisor")).get(reverse("window:guide", args=["leave.annual"])).status_code == 200
    assert as_user(cast("supervisor")).get(reverse("window:guide", args=["none.such"])).status_code == 404


def test_what_the_register_says_of_a_retired_person_stands_before_what_goes_without_saying(
    as_user: Any, cast: Any
) -> None:
    # given two people who are retired, of whom one works on the front line again
    resting, again = make_worker("王建国"), make_worker("李静")
    retired = {"status": "retired", "source": "窗口登记"}
    Employment.objects.create(worker=resting, **retired)
    Employment.objects.create(worker=again, **retired, on_front_line=True)
    desk = as_user(cast("clerk"))

    def front_line(worker: Any) -> tuple[bool | None, str]:
        """Whether the condition of the nomination holds, and what the page says."""
        page = desk.get(reverse("window:check", args=[worker.pk]))
        told = [answer for answer, _ in page.context["later"]] + page.context["ineligible"]
        told += [guided.answer for _, all_guided in page.context["groups"] for guided in all_guided]
        [nomination] = [answer for answer in told if answer.benefit == "registry.nomination"]
        [holds] = [row["holds"] for row in nomination.conditions if row["code"] == "front-line"]
        return holds, page.content.decode()

    # then the front line is a no of the one, which the page says, and a yes of the other
    holds, page = front_line(resting)
    assert holds is False and "在生产服务一线岗位工作" in page[page.index("按“否”判断") :]
    holds, page = front_line(again)
    assert holds is True and "在技能岗位工作" in page[page.index("按“否”判断") :].split("</p>")[0]
    assert "在生产服务一线岗位工作" not in page[page.index("按“否”判断") :].split("</p>")[0]
