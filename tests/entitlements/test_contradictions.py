"""What somebody typed in against themselves is asked about once; who is listed is not told how to get listed."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from portal.entitlements.check_state import CheckState, answers_for_facts, missing_facts_in
from portal.entitlements.pages import SeeOther
from portal.entitlements.questions import benefits_worth_telling, next_step, steps_by_code
from portal.policy.benefits import BY_CODE
from portal.workforce.models import HonourAlias, HonourType
from tests.entitlements.test_check_pages import answer_page, begin, code_of, page_of, text_of, to_result
from tests.entitlements.test_questions import ORDINARY, walked

pytestmark = pytest.mark.django_db
REGISTRY = ("registry.direct-inclusion", "registry.nomination")


def at_page(client: Client, code: str, truth: dict[str, Any]) -> str:
    """The address of a page, on the way to which everything before was answered."""
    address = begin(client)
    while code_of(address) != code:
        address = answer_page(client, address, truth)
    return address


def state_of(address: str) -> CheckState:
    return CheckState.read(parse_qs(urlsplit(address).query)["t"][0], timezone.localdate())


# -- contradictions ------------------------------------------------------------------------------------------


def test_a_contradiction_on_a_page_is_asked_about_once(client: Client) -> None:
    address = at_page(client, "leave", ORDINARY)
    given = {"continuous_months": "10年", "worked_years": "2", "do": "next"}
    asked = client.post(address, given)
    assert asked.status_code == 200
    page = asked.content.decode()
    assert "连续工作的时间比累计工作的时间还长" in page and "请核对" in page
    # Corrected, it goes on; sent again as it is, too.
    assert client.post(address, {**given, "worked_years": "30"}).status_code == SeeOther.status_code
    agreed = asked.context["form"]["agreed"].value()
    kept = client.post(address, {**given, "agreed": agreed})
    assert kept.status_code == SeeOther.status_code
    assert state_of(kept["Location"]).facts["worked_years"] == 2


def test_a_contradiction_with_another_page_is_asked_about(client: Client) -> None:
    """Given somebody employed who said where they work, when they go back and are unemployed, then both are asked."""
    post = at_page(client, "post", ORDINARY)
    given = {"on_front_line": "true", "in_skilled_post": "true", "do": "next"}
    token = parse_qs(urlsplit(client.post(post, given)["Location"]).query)["t"][0]
    back = next(code for code, step in steps_by_code().items() if "employment" in step.facts)
    address, unemployed = f"/check/{back}/?t={token}", {"employment": "unemployed", "do": "next"}
    asked = client.post(address, unemployed)
    page = text_of(asked.content.decode())
    assert "失业或已退休，又在生产服务一线岗位工作" in page and "失业或已退休，又在技能岗位工作" in page
    # Who agrees to one of them is asked about the other.
    one = asked.context["form"]["agreed"].value().split(",")[0]
    assert client.post(address, unemployed | {"agreed": one}).status_code == 200


def test_what_was_kept_against_each_other_is_said_beside_the_result(client: Client) -> None:
    address = at_page(client, "leave", ORDINARY)
    given = {"continuous_months": "120", "worked_years": "2", "do": "next"}
    agreed = client.post(address, given).context["form"]["agreed"].value()
    location = client.post(address, {**given, "agreed": agreed})["Location"]
    token = parse_qs(urlsplit(location).query)["t"][0]
    for path in ("result", "sheet"):
        text = text_of(page_of(client, f"/check/{path}/?t={token}"))
        assert "连续工作的时间比累计工作的时间还长" in text
    assert "对不上" not in text_of(page_of(client, to_result(client, ORDINARY)))


# -- who is listed -------------------------------------------------------------------------------------------


def test_who_is_listed_is_not_told_to_enter_or_to_be_nominated(client: Client) -> None:
    truth = ORDINARY | {
        "leading_talent": True,
        "honours": ["national_technical_expert"],
        "recruited": "none",
        "liaison_expert": False,
        "solved_major_technical_problem": False,
        "regional_innovation_award": False,
        "outstanding_mentor": False,
        "child_in_compulsory_education": False,
        "jobless_willing_spouse_or_child": False,
    }
    result = to_result(client, truth)
    for address in (result, result.replace("/result/", "/sheet/")):
        text = text_of(page_of(client, address))
        assert "已在高技能领军人才名录中" in text
        assert "直接纳入高技能领军人才名录" not in text and "参加高技能领军人才年度遴选" not in text
    assert "在工作地落户" in text
    other = text_of(page_of(client, to_result(client, ORDINARY)))
    assert "已在高技能领军人才名录中" not in other and "参加高技能领军人才年度遴选" in other


def test_who_is_listed_is_not_asked_for_honours() -> None:
    facts = {"leading_talent": True}
    told = benefits_worth_telling(BY_CODE, facts)
    assert set(BY_CODE) - set(told) == set(REGISTRY)
    missing = missing_facts_in(answers_for_facts(facts, dt.date(2026, 11, 22), told))
    assert missing and missing.isdisjoint({"honours", "special_allowance", "recognised_scarce_talent"})
    assert benefits_worth_telling(BY_CODE, {"leading_talent": False}) == list(BY_CODE)
    assert benefits_worth_telling(BY_CODE, {}) == list(BY_CODE)


def test_who_asks_only_how_to_get_listed_and_is_has_an_answer(client: Client) -> None:
    address = client.post("/check/", {"topics": ["registry"]})["Location"]
    token = CheckState({"leading_talent": True}, topics=("registry",)).token()
    text = text_of(page_of(client, f"/check/result/?t={token}"))
    assert "已在高技能领军人才名录中" in text and "/check/" in address
    assert next_step(missing_facts_in([]), frozenset()) is None


# -- names of honours ----------------------------------------------------------------------------------------


def test_every_other_name_of_an_honour_can_be_chosen(client: Client) -> None:
    page = page_of(client, at_page(client, "honours", ORDINARY))
    assert "草原英才（也称：英才兴蒙）" in page
    for alias in HonourAlias.objects.filter(type__category="honour").select_related("type"):
        if alias.type.code != "regional_technical_expert" and "“" not in alias.name:
            assert alias.name in page, alias.name


def test_a_name_is_told_once_and_not_before_its_time() -> None:
    kind = HonourType.objects.get(pk="grassland_talent")
    assert kind.called == "草原英才（也称：英才兴蒙）"
    HonourAlias.objects.create(type=kind, name="将来的名称", since=dt.date(2099, 1, 1))
    assert HonourType.objects.get(pk="grassland_talent").called == "草原英才（也称：英才兴蒙）"
    assert HonourType.objects.get(pk="china_skills_award").called == "中华技能大奖"


def test_somebody_may_be_retired() -> None:
    state, asked = walked(ORDINARY | {"employment": "retired"})
    assert state.facts["employment"] == "retired" and "leave" not in asked
