"""How claims are handled: by the settings of the day they were handed in, whatever comes later."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.accounts.access import NotNow, Refused
from portal.cases.models import Case
from subsidies import courses, handling, signing
from subsidies.adverse_letters import look_again
from subsidies.models import Claim, Course
from subsidies.schemes import SKILL_UPGRADE
from tests.cast import make_account
from tests.subsidies.conftest import MONDAY

pytestmark = pytest.mark.django_db
SINCE = date(2026, 11, 16)


def in_use(cast: Any, **values: Any) -> Course:
    """Settings that one officer entered a week before and another confirmed."""
    given = {
        "kind": SKILL_UPGRADE,
        "league": None,
        "since": SINCE,
        "working_days": 10,
        "second_review_from": None,
        "region_decides_from": None,
        "basis": "合成文号〔2026〕3号",
    }
    entered = courses.enter(given | values, by=cast("supervisor"), on=date(2026, 11, 9))
    return courses.confirm(entered.pk, by=cast("policy_officer"), on=date(2026, 11, 9))


def test_a_claim_keeps_the_settings_of_its_day(cast: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    assert claim.course.is_sample
    in_use(cast, since=date(2026, 11, 17), second_review_from=Decimal(0))
    handling.review(claim.pk, by=cast("reviewer"), on=date(2026, 11, 18))
    assert Case.objects.get(pk=claim.pk).state == "reviewed"


def test_a_league_has_its_own(cast: Any, welding: Any, handed_in: Any) -> None:
    from portal.regions.models import Region

    in_use(cast)
    its_own = in_use(cast, league=Region.objects.get(code="150600"), working_days=5)
    claim = handed_in(welding)
    assert claim.course == its_own and claim.case.due_on == date(2026, 11, 23)
    assert courses.course_of(SKILL_UPGRADE, "150200", MONDAY).league is None


def test_what_was_only_entered_does_not_count(cast: Any, welding: Any, handed_in: Any) -> None:
    given = {"kind": SKILL_UPGRADE, "league": None, "since": SINCE, "working_days": 3, "basis": "合成"}
    courses.enter(given, by=cast("supervisor"), on=date(2026, 11, 9))
    assert handed_in(welding).course.is_sample


def test_above_a_threshold_it_is_reviewed_again_and_decided_by_the_region(
    cast: Any, welding: Any, accepted: Any
) -> None:
    in_use(cast, second_review_from=Decimal(1500), region_decides_from=Decimal(1500))
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    assert Case.objects.get(pk=claim.pk).state == "first_reviewed"
    handling.review_again(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
    of_the_league = make_account("ordos.approver", "那木拉", "approver", "150600")
    with pytest.raises(Refused, match="由自治区审批人审批"):
        handling.approve(claim.pk, by=of_the_league, on=MONDAY)
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)


def test_above_it_the_region_annuls_and_looks_again(cast: Any, welding: Any, approved: Any) -> None:
    in_use(cast, region_decides_from=Decimal(1500), ask_again_days=15, answer_again_days=20)
    claim = approved(welding)
    given = {
        "reason": "经核查证书已注销。",
        "by": make_account("ordos.approver", "那木拉", "approver", "150600"),
    }
    with pytest.raises(Refused, match="撤销和复核也由自治区办理"):
        signing.annul(claim.pk, clause="合成文号第三条", on=MONDAY, **given)
    signing.annul(claim.pk, clause="合成文号第三条", on=MONDAY, **given | {"by": cast("supervisor")})
    signing.countersign(claim.pk, by=cast("regional_reviewer"), on=MONDAY)
    signing.ask(claim.pk, grounds="证书没有注销。", by=cast("clerk"), on=MONDAY)
    for act in (signing.uphold, signing.turn):
        with pytest.raises(Refused, match="撤销和复核也由自治区办理"):
            act(claim.pk, on=MONDAY, **given)


def test_the_days_of_the_second_look_come_together(cast: Any, welding: Any, handed_in: Any) -> None:
    with pytest.raises(NotNow, match="须同时填写"):
        in_use(cast, ask_again_days=10)
    own = in_use(cast, ask_again_days=10, answer_again_days=8)
    assert handed_in(welding).course == own
    assert "10日内，也可以向本机关申请复核" in look_again(Claim.objects.select_related("course").get())


def test_below_it_an_approver_of_the_league_decides(cast: Any, welding: Any, accepted: Any) -> None:
    in_use(cast, region_decides_from=Decimal(1501))
    claim = accepted(welding)
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    of_the_league = make_account("ordos.approver", "那木拉", "approver", "150600")
    handling.approve(claim.pk, by=of_the_league, on=MONDAY)
    assert Case.objects.get(pk=claim.pk).state == "approved"


def test_nobody_confirms_their_own_or_what_has_begun(cast: Any) -> None:
    given = {"kind": SKILL_UPGRADE, "league": None, "since": SINCE, "working_days": 3, "basis": "合成"}
    entered = courses.enter(given, by=cast("supervisor"), on=date(2026, 11, 9))
    with pytest.raises(NotNow, match="另一人复核"):
        courses.confirm(entered.pk, by=cast("supervisor"), on=date(2026, 11, 9))
    with pytest.raises(NotNow, match="已过"):
        courses.confirm(entered.pk, by=cast("policy_officer"), on=SINCE)
    with pytest.raises(NotNow, match="该日期已有一条"):
        courses.enter(given, by=cast("supervisor"), on=date(2026, 11, 9))
    with pytest.raises(Refused):
        courses.enter(given, by=cast("clerk"), on=date(2026, 11, 9))


def test_how_long_a_person_has_to_answer_their_unit_is_set_in_the_same_way(cast: Any) -> None:
    from subsidies.by_unit.workflow import PROPOSAL

    assert courses.course_of(PROPOSAL, "150600", MONDAY).working_days == 15
    in_use(cast, kind=PROPOSAL, working_days=5)
    assert courses.course_of(PROPOSAL, "150600", SINCE).working_days == 5
    for amount in ("second_review_from", "region_decides_from"):
        with pytest.raises(NotNow, match="只设本人确认期限"):
            in_use(cast, kind=PROPOSAL, since=date(2026, 11, 18), **{amount: Decimal(0)})


def test_the_page_says_nothing_of_reviews_where_there_are_none(cast: Any, as_user: Any) -> None:
    from django.urls import reverse

    page = as_user(cast("supervisor")).get(reverse("subsidies:courses"))
    said = {row["title"]: row["second_review"] for row in page.context["rows"]}
    assert said["单位代为提出（本人确认期限）"] == "—" and said["技师、高级技师培训补贴"] == "一律"
