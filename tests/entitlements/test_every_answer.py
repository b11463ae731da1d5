"""Every way in which an answer is given says the same: what is required, what one has and how long it serves, what must
still be confirmed beside the amount, and what comes next.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.entitlements.models import Offer
from portal.entitlements.wording import explain_answers, register_vocabulary
from portal.formats import date_cn
from portal.policy.growth import months_after
from tests.entitlements.test_check_pages import text_of
from tests.entitlements.test_offer_pages import UPGRADE, matched, worker

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_programme_opens")]
__all__ = ["matched", "worker"]
CAVEAT = "是否继续放宽须由经办机关确认"
Shown = Callable[[str], str]


@pytest.fixture
def shown(matched: Offer, worker: Any, clerk: Any, as_user: Any) -> Shown:
    """The text of one of the pages that give the answer about the same claim."""
    own, desk = as_user(worker.account), as_user(clerk)
    own.get("/my/")

    def text(name: str) -> str:
        if name == "case":
            done = desk.post(reverse("window:offer_consent", args=[matched.pk]), follow=True)
            return text_of(done.content.decode())
        client, address = {
            "own check": (own, reverse("my:check")),
            "own sheet": (own, reverse("my:check_sheet")),
            "own offer": (own, reverse("my:offer", args=[matched.pk])),
            "clerk's check": (desk, reverse("window:check", args=[worker.pk])),
            "clerk's sheet": (desk, reverse("window:check_sheet", args=[worker.pk])),
            "offer at the window": (desk, reverse("window:offer", args=[matched.pk])),
        }[name]
        return text_of(client.get(address).content.decode())

    return text


PAGES = [
    "own check",
    "own sheet",
    "own offer",
    "clerk's check",
    "clerk's sheet",
    "offer at the window",
    "case",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_all_of_it(shown: Shown, worker: Any, page: str) -> None:
    text = shown(page)
    issued_on = worker.credentials.get().issued_on
    # Required and had, until when, the amount and what touches it.
    assert "需要36个月，现有36个月" in text
    assert f"申请期限到{date_cn(months_after(issued_on, 12))}止" in text
    assert text.index("2,000元") < text.index(CAVEAT)


@pytest.mark.parametrize("page", ["own check", "own sheet", "own offer", "clerk's check", "clerk's sheet"])
def test_who_can_ask_is_told_who_handles_it_and_how_long_it_takes(shown: Shown, page: str) -> None:
    assert "自申请之日起10个工作日内" in shown(page)


@pytest.mark.parametrize("page", ["own check", "own sheet", "clerk's check", "clerk's sheet"])
def test_a_check_tells_what_follows(shown: Shown, page: str) -> None:
    text = shown(page)
    assert "取得技师证书后" in text[text.index("然后还可享受") :]


def test_programs_are_told_all_of_it(client: Client) -> None:
    facts = {
        "employment": "employed",
        "skill_level": "senior",
        "certificate_level": "senior",
        "certificate_issued_on": "2026-05-10",
        "unemployment_insured_months": 30,
        "paying_unemployment_insurance": True,
        "drawing_unemployment_benefit": False,
        "claims_this_year": 0,
        "claimed_same_occupation_level": False,
        "highest_level_claimed": "none",
        "training_subsidy_for_same_certificate": False,
    }
    asked = {"on": "2026-11-22", "facts": facts | {"unemployment_insured_months": 33}}
    answer = client.post("/api/eligibility-checks/", json.dumps(asked), "application/json").json()
    [claim] = [one for one in answer["results"] if one["benefit"] == UPGRADE]
    [insured] = [one["measure"] for one in claim["conditions"] if one["code"] == "insured"]
    assert (insured["required"], insured["has"], insured["missing"]) == (36, 33, 3)
    assert claim["windows"] == [{"from": "2027-02-22", "until": "2027-05-10"}]
    assert any(CAVEAT in caveat for caveat in claim["caveats"])
    assert [step["label"] for step in answer["following"]] == ["取得技师证书后"]


SAID = {
    "training.skill-upgrade": (
        "能否再以较低等级证书申领，文件没有写明",
        {"skill_level": "technician", "certificate_level": "senior", "certificate_issued_on": "2026-05-10"},
        {"skill_level": "senior"},
    ),
    "award.worldskills": (
        "文件没有写明按每人还是按项目组计算",
        {"competition": "worldskills", "competition_role": "coach", "competition_prize": "gold"},
        {"competition_role": "competitor"},
    ),
}


@pytest.mark.parametrize("benefit", SAID)
def test_what_the_law_leaves_open_is_told_to_programs_and_people_alike(client: Client, benefit: str) -> None:
    # given facts that an open question touches, and facts that it does not touch
    words, touched, otherwise = SAID[benefit]

    def told(facts: dict[str, Any]) -> tuple[bool, bool]:
        """Whether a program is told, and a page: among the caveats, and once."""
        asked = {"on": "2026-11-22", "facts": facts, "benefits": [benefit]}
        answer = client.post("/api/eligibility-checks/", json.dumps(asked), "application/json").json()
        [result] = answer["results"]
        by_program = [caveat for caveat in result["caveats"] if words in caveat]
        [explained] = explain_answers([result], register_vocabulary(), on=date(2026, 11, 22), facts=facts)
        open_questions = [question.code for question in explained.questions]
        assert not {"higher-level-held", "worldskills-staff-award"} & set(open_questions)
        return len(by_program) == 1, sum(words in caveat for caveat in explained.caveats) == 1

    # then both are told among what must still be confirmed, or neither
    assert told(touched) == (True, True)
    assert told(touched | otherwise) == (False, False)
    assert told({}) == (False, False)
