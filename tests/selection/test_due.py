"""When a round or a nomination waits for somebody: exactly when that person can take its next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.cases.models import Case
from talent_registry.models import Nomination, PanelAssignment
from talent_registry.selection import nominating, panel, recommending, steps
from tests.cast import ORDOS, REGION, make_account
from tests.selection.nominees import make_round, make_skilled, nominated, today
from tests.selection.running import (
    REASON,
    day_of,
    draft_round,
    fresh,
    nominate,
    recommend_all,
    score_all,
)

CASTS = ("registry_officer", "approver", "regional_reviewer", "reviewer", "clerk", "supervisor")


def waits_for(cast: Callable[[str], Any], case: Any, on: Any = None) -> set[str]:
    """For whom of the cast a case waits."""
    return {name for name in CASTS if Case.objects.waiting_for(cast(name), on).filter(pk=case.pk).exists()}


def compare(cast: Callable[[str], Any], round_: Any) -> None:
    """On several days: the round waits for whoever takes its due step, if nothing is in the way."""
    step = steps.next_step(round_)
    for days in (-400, -1, 0, 1, 21, 60):
        on = today() + timedelta(days=days)
        free = step is not None and not steps.blockers(round_, step, on=on, thorough=False)
        who = {"approver"} if step == "confirm" else {"registry_officer"}
        assert waits_for(cast, round_, on) == (who if free else set()), (step, on)


@pytest.mark.sweep
def test_a_round_waits_exactly_when_its_step_can_be_taken(cast) -> None:
    officer = cast("registry_officer")
    round_ = draft_round(officer)
    nominees: list[Any] = []
    for step in steps.STEPS:
        compare(cast, fresh())
        if step == "assess":
            late = nominated(make_skilled("赵巧云"), round_, cast("clerk"))
        if step == "recommend":
            # Somebody is to be taken in, then nobody is scored: both are in the way.
            compare(cast, fresh())
            nominating.accept(late.pk, by=cast("clerk"), on=today())
            nominees.append(Nomination.objects.select_related("case").get(pk=late.pk))
            compare(cast, fresh())
            score_all(cast, nominees)
        if step == "rank":
            recommend_all(cast, nominees)
        compare(cast, fresh())
        by = cast("approver") if step == "confirm" else officer
        steps.take_step(2026, step, by=by, on=day_of(step))
        if step == "open":
            nominees = nominate(cast, fresh(), 2, 1)
    compare(cast, fresh())
    assert fresh().state == "closed"


def test_a_round_without_places_or_recommendations_waits_for_nobody(cast) -> None:
    officer = cast("registry_officer")
    bare = make_round(officer, state="draft", year=2027)
    compare(cast, bare)
    assert waits_for(cast, bare) == set()
    in_stage = make_round(officer, state="recommendation", year=2028)
    compare(cast, in_stage)
    one = nominated(make_skilled(), make_round(officer, year=2029), cast("clerk"))
    assert waits_for(cast, one) == {"clerk", "reviewer"} and waits_for(cast, in_stage) == set()


def test_a_scheme_without_a_panel_asks_for_no_experts(cast) -> None:
    officer = cast("registry_officer")
    scheme = make_round(officer, state="draft", year=2030).scheme
    without = scheme | {"panel": [], "most": scheme["most"] | {"panel": 0}}
    round_ = make_round(officer, scheme=without)
    taken_in = nominated(make_skilled(), round_, cast("clerk"), state="accepted")
    assert waits_for(cast, taken_in) == set()


@pytest.fixture
def taken_in(cast) -> Any:
    return nominated(make_skilled(), make_round(cast("registry_officer")), cast("clerk"), state="accepted")


def test_who_is_to_be_scored_waits_until_experts_are_asked(cast, taken_in, as_user) -> None:
    assert waits_for(cast, taken_in) == {"registry_officer", "regional_reviewer"}
    assert taken_in.case.number in _home(as_user, cast("regional_reviewer"))
    expert = cast("panel_expert")
    (sheet,) = panel.assign([taken_in.pk], [expert.pk], by=cast("regional_reviewer"), on=today()).made
    assert waits_for(cast, taken_in) == set()
    # Whoever steps aside leaves nobody: somebody else is to be asked.
    panel.declare_conflict(sheet.pk, reason="师徒关系", by=expert, on=today())
    assert waits_for(cast, taken_in) == {"registry_officer", "regional_reviewer"}
    second = make_account("region.expert2", "专家二", "panel_expert", REGION)
    panel.assign([taken_in.pk], [second.pk], by=cast("registry_officer"), on=today())
    assert waits_for(cast, taken_in) == set()
    assert PanelAssignment.objects.filter(nomination=taken_in).count() == 2


def test_a_nomination_waits_for_each_in_turn(cast) -> None:
    """The window for its drafts and what was handed in, the league when it recommends: not before."""
    officer, clerk = cast("registry_officer"), cast("clerk")
    round_ = make_round(officer)
    one = nominated(make_skilled(), round_, clerk, state="draft")
    assert waits_for(cast, one) == {"clerk", "reviewer"}
    nominating.submit(one.pk, by=clerk, on=today())
    assert waits_for(cast, one) == {"clerk", "reviewer"}
    nominating.return_for_correction(one.pk, missing=["证书"], by=clerk, on=today())
    # What is missing is the applicant's to bring, and so is a draft of the applicant's own.
    own = make_skilled("张春梅")
    own.account = make_account("w10000001", "张春梅", "worker", own.work_region_id)
    own.save()
    draft = nominated(own, round_, own.account, channel="self", state="draft")
    assert waits_for(cast, one) == waits_for(cast, draft) == set()


def test_a_nominee_waits_for_the_league_only_while_it_recommends(cast, scored) -> None:
    nominees = list(Nomination.objects.filter(round=scored, case__league_code=ORDOS).order_by("pk"))
    assert [waits_for(cast, one) for one in nominees] == [{"reviewer"}] * len(nominees)
    first, second = nominees[:2]
    recommending.recommend(first.pk, by=cast("reviewer"), on=today())
    recommending.pass_over(second.pk, reason=REASON, by=cast("reviewer"), on=today())
    # Both could be taken back; neither waits for it.
    assert waits_for(cast, first) == waits_for(cast, second) == set()


def test_the_home_asks_no_more_for_more_rounds_and_nominees(
    cast, as_user, django_assert_max_num_queries
) -> None:
    for year in (2026, 2027, 2028):
        round_ = make_round(cast("registry_officer"), year=year)
        for n in range(3):
            nominated(make_skilled(f"申报人{n}"), round_, cast("clerk"), state="accepted")
    client = as_user(cast("registry_officer"))
    with django_assert_max_num_queries(22):
        page = client.get("/window/")
    assert page.context["page"].total == 9


def _home(as_user: Any, user: Any) -> str:
    return as_user(user).get("/window/").content.decode()
