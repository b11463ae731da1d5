"""What the policy gives, as somebody reads it who knows no clause: by occasion, by benefit, by a word."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.cases.models import PublicNotice
from portal.entitlements.check_state import CheckState
from portal.entitlements.questions import benefits_of_topics, occasions
from portal.policy.benefits import BY_CODE, CATALOGUE, UNIT_BENEFITS
from tests.cast import OTOG

pytestmark = pytest.mark.django_db


def page(client: Client, address: str, status: int = 200, **asked: str) -> str:
    answer = client.get(address, asked)
    assert answer.status_code == status, address
    return answer.content.decode()


# -- a page for each -----------------------------------------------------------------------------------------
def test_every_benefit_has_a_page_that_is_short_to_load(client: Client) -> None:
    for benefit in CATALOGUE:
        told = page(client, f"/benefits/{benefit.code}/")
        for heading in ("怎么办理", "谁能享受", "依据", "带什么", "到哪里", "多久办好"):
            assert heading in told, (benefit.code, heading)
        assert f"/check/for/{benefit.code}/" in told
        assert len(told.encode()) < 60_000, benefit.code


def test_a_benefit_says_who_how_much_and_on_which_basis(client: Client) -> None:
    told = page(client, "/benefits/training.skill-upgrade/")
    for words in (
        "证书等级为初级工、中级工或高级工",
        "失业保险累计缴费达到规定月数",
        "/policy/%E4%B9%9D/",
        "个工作日内",
        "失业保险基金",
        "居民身份证原件",
        "/policy/figures/training.skill-upgrade.ceiling/",
    ):
        assert words in told, words
    assert "待核实" not in told, "nobody in particular is looked at"


@pytest.mark.parametrize("code", ["nothing", "facility.master-studio", "training.skill-upgrade'"])
def test_what_is_no_benefit_of_people_has_no_page(client: Client, code: str) -> None:
    page(client, f"/benefits/{code}/", 404)


def test_it_asks_little_of_the_database(client: Client, django_assert_max_num_queries: Any) -> None:
    page(client, "/benefits/training.skill-upgrade/")
    with django_assert_max_num_queries(11):
        page(client, "/benefits/training.skill-upgrade/")
    with django_assert_max_num_queries(2):
        page(client, "/benefits/")


# -- by what happened ----------------------------------------------------------------------------------------
def test_every_benefit_is_found_by_something_that_happens() -> None:
    named = {code for occasion in occasions() for code in occasion.benefits}
    assert named <= BY_CODE.keys()
    assert {code for occasion in occasions() for code in occasion.unit_benefits} <= UNIT_BENEFITS.keys()
    assert len({occasion.code for occasion in occasions()}) == len(occasions())
    assert set(BY_CODE) - named == set(), "somebody would have to know its name"


def test_an_occasion_tells_what_it_is_about_and_nothing_else(client: Client) -> None:
    front = page(client, "/benefits/")
    for occasion in occasions():
        assert f"?for={occasion.code}" in front
        told = page(client, "/benefits/", **{"for": occasion.code})
        for benefit in CATALOGUE:
            link = f'href="/benefits/{benefit.code}/"'
            assert (link in told) is (benefit.code in occasion.benefits), (occasion.code, benefit.code)
    hired = page(client, "/benefits/", **{"for": "hired"})
    assert "企业新型学徒制培训补贴" in hired and "/policy/%E4%B9%9D/" in hired
    page(client, "/benefits/", 404, **{"for": "nothing"})


# -- from the page to the check ------------------------------------------------------------------------------
def test_the_check_asks_only_what_one_benefit_turns_on(client: Client) -> None:
    """Given the page of annual leave, when it is checked, then its own questions are asked and it alone is answered."""
    answer = client.get("/check/for/leave.annual/")
    assert answer.status_code == 303
    state = CheckState.read(answer["Location"].partition("t=")[2], timezone.localdate())
    assert state.benefits == ["leave.annual"]
    assert client.get(answer["Location"]).status_code == 200
    assert client.get("/check/for/nothing/").status_code == 404


def test_a_benefit_may_be_chosen_beside_topics() -> None:
    assert benefits_of_topics(["leave.annual", "training"]) == [
        code for code in BY_CODE if code in {"leave.annual", "training.skill-upgrade", "training.technician"}
    ]
    assert benefits_of_topics(["nothing"]) == list(BY_CODE)


# -- by a word -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "title", "address"),
    [
        ("技能提升", "技能提升补贴", "/benefits/training.skill-upgrade/"),
        ("失业了", "技能提升补贴", "/benefits/training.skill-upgrade/"),
        ("落户", "落户", "/benefits/household.registration/"),
        ("学徒", "企业新型学徒制培训补贴", "/benefits/#units"),
        ("第九条", "第九条", "/policy/%E4%B9%9D/"),
        ("月数", "月", "/policy/figures/training.skill-upgrade.insured-months/"),
        ("技术能手", "全国技术能手", "/benefits/registry.direct-inclusion/"),
        ("鄂托克旗", "鄂尔多斯市鄂托克旗服务窗口", f"/windows/{OTOG}/"),
        ("鄂尔多斯 鄂托克旗", "鄂托克旗服务窗口", f"/windows/{OTOG}/"),
        ("补贴公示", "技能提升补贴公示", "/notices/GS-2026-000001/"),
        ("GS-2026-000001", "技能提升补贴公示", "/notices/GS-2026-000001/"),
    ],
)
def test_a_word_finds_what_is_published(client: Client, asked: str, title: str, address: str) -> None:
    today = timezone.localdate()
    PublicNotice.objects.create(
        number="GS-2026-000001",
        kind="tests",
        region_id=OTOG,
        title="技能提升补贴公示",
        legal_basis="条款九",
        body="现予公示。",
        published_on=today,
        opens_on=today,
        closes_on=today,
        working_days=1,
    )
    told = page(client, "/find/", q=asked)
    assert title in told and f'href="{address}"' in told


@pytest.mark.parametrize("asked", ["没有这个词", "<script>", "100%", "补贴 没有这个词", "\x00", "　"])
def test_what_is_not_found_is_said_or_asked_for(client: Client, asked: str) -> None:
    told = page(client, "/find/", q=asked)
    assert "<script>" not in told.partition("<main")[2].partition("</main>")[0]
    assert 'href="/benefits/' not in told.partition("<main")[2]


def test_it_asks_the_database_as_often_for_much_as_for_little(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for asked in ("区", "补贴", "没有这个词"):
        with django_assert_max_num_queries(8):
            page(client, "/find/", q=asked)
