"""Lists: drawn up from recommended nominees, kept with what they rest on, derived again, and what moves when
something changes.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from portal.audit.models import Entry
from portal.cases.actions import NewCase, NotNow, open_cases, transition
from portal.cases.models import Objection, PublicNotice
from portal.cases.notices.workflow import OBJECTION
from talent_registry.models import Exclusion, ListedNominee, Nomination, Quota, QuotaKind, SelectionList
from talent_registry.selection import recommending
from talent_registry.selection.explain import Words, explain, explain_listed, moves_in_words
from talent_registry.selection.listing import draw_up, preview
from talent_registry.selection.ranking import Reason
from talent_registry.selection.verifying import stale, verify
from tests.by_two import all_changed_by_two
from tests.cast import BAOTOU, KUNDULUN, ORDOS, OTOG, REGION, confirm_everything, make_honour, make_worker
from tests.selection.nominees import make_round, make_skilled, move_round, nominated, today

pytestmark = pytest.mark.django_db
LEVELS = [40, 50, 60, 70, 80]


@pytest.fixture
def recommended(
    registry_officer: Any, clerk: Any, baotou_clerk: Any, reviewer: Any, baotou_reviewer: Any
) -> Any:
    """`recommended([(region, level), …], places=…)`: that round with those nominations recommended, in that
    order.
    """

    def make(people: list[tuple[str, int]], **given: Any) -> list[Nomination]:
        quotas = given.pop("quotas", [])
        round_ = make_round(registry_officer, state="draft", **given)
        Quota.objects.bulk_create(
            [Quota(round=round_, kind=kind, key=key, places=places) for kind, key, places in quotas]
            + [
                Quota(round=round_, kind=QuotaKind.RECOMMENDATION, key=key, places=20)
                for key in (ORDOS, BAOTOU)
            ]
        )
        move_round(round_.pk, registry_officer, "open")
        by_region = {OTOG: (clerk, reviewer), KUNDULUN: (baotou_clerk, baotou_reviewer)}
        made = [
            nominated(
                make_skilled(f"王建国{place}", region=region, level=level),
                round_,
                by_region[region][0],
                state="accepted",
            )
            for place, (region, level) in enumerate(people)
        ]
        move_round(round_.pk, registry_officer, "recommendation")
        for one, (region, _) in zip(made, people, strict=True):
            recommending.recommend(one.pk, by=by_region[region][1], on=today())
        return list(
            Nomination.objects.filter(pk__in=[one.pk for one in made])
            .select_related("case", "worker", "round")
            .order_by("pk")
        )

    return make


def ranked(round_: Any, by: Any, **given: Any) -> SelectionList:
    """As the step does it: the list, and the round moved on."""
    action = "rank" if round_.case.state == "recommendation" else "rank_again"
    with transition(round_.pk, action, by=by, on=today()):
        made = draw_up(round_, by=by, on=today(), reason="全区排序", **given)
    round_.case.refresh_from_db()
    return made


def announced(round_: Any, made: SelectionList, by: Any) -> PublicNotice:
    """Frozen and under public notice."""
    round_.standing_list = made
    for action in ("freeze", "notice"):
        with transition(round_.pk, action, by=by, on=today()):
            pass
    round_.notice = PublicNotice.objects.create(
        number=f"GS-2026-{round_.pk:06d}",
        kind="registry.selection",
        case=round_.case,
        title="公示",
        legal_basis="一",
        body="",
        published_on=today(),
        opens_on=today(),
        closes_on=today(),
        working_days=5,
        published_by=by,
    )
    round_.save(update_fields=["standing_list", "notice"])
    round_.case.refresh_from_db()
    return round_.notice


def excluded(nomination: Nomination, by: Any, reason: str = "申报业绩不属实。") -> Exclusion:
    (case,) = open_cases(
        OBJECTION, [NewCase(region_id=REGION, worker_id=None, subject="异议")], by=None, on=today()
    )
    objection = Objection.objects.create(
        case=case,
        notice=nomination.round.notice,
        objector="某人",
        contact="13800000000",
        text="业绩不实",
        received_on=today(),
    )
    return Exclusion.objects.create(
        nomination=nomination, objection=objection, reason=reason, on=today(), by=by
    )


def said(made: SelectionList) -> list[tuple[int, bool, str]]:
    return [(one.nomination_id, one.selected, one.reason) for one in made.nominees.order_by("position")]


# -- drawn up ------------------------------------------------------------------------------------------------
def test_the_best_are_in_within_the_places_of_region_league_and_industry(
    recommended, registry_officer
) -> None:
    people = [(OTOG, 80), (OTOG, 70), (OTOG, 60), (KUNDULUN, 50), (KUNDULUN, 40)]
    nominations = recommended(people, places=3, quotas=[("league", ORDOS, 2)])
    round_ = nominations[0].round
    made = ranked(round_, registry_officer)
    keys = [one.pk for one in nominations]
    assert said(made) == [
        (keys[0], True, "selected"),
        (keys[1], True, "selected"),
        (keys[2], False, "league-full"),
        (keys[3], True, "selected"),
        (keys[4], False, "places-full"),
    ]
    assert (made.version, made.places, made.quotas, made.moved) == (
        1,
        3,
        {"league": {ORDOS: 2}, "industry": {}},
        [],
    )
    listed = made.nominees.get(nomination=nominations[2])
    assert listed.detail == {
        "quota": "league",
        "key": ORDOS,
        "places": 2,
        "last_total": made.nominees.get(position=2).score,
    }
    assert verify(round_) == []
    assert Entry.objects.filter(action="selection.draw_up").count() == 1


def test_the_order_of_nomination_and_recommendation_changes_nothing(recommended, registry_officer) -> None:
    """Two rounds over the same people, nominated in opposite order, with many ties."""
    first = recommended([(OTOG, 40), (OTOG, 50), (OTOG, 40), (OTOG, 50)], places=2)
    by_worker = [
        one.nomination.worker_id
        for one in ranked(first[0].round, registry_officer).nominees.select_related("nomination")
    ]
    placed = [one.candidate.key.worker_id for one in preview(first[0].round, reversed(first))]
    assert placed == by_worker


def test_the_panel_score_counts_and_a_missing_one_is_nothing(recommended, registry_officer) -> None:
    low, high = recommended([(OTOG, 40), (OTOG, 40)], places=1)
    Nomination.objects.filter(pk=high.pk).update(panel_score=17_33)
    made = ranked(low.round, registry_officer)
    assert said(made)[0][0] == high.pk
    assert [one.parts["panel"] for one in made.nominees.order_by("position")] == [17_33, 0]
    assert verify(low.round) == []


def test_who_got_onto_the_registry_meanwhile_uses_no_place(recommended, registry_officer, cast) -> None:
    from talent_registry.actions import confirm, propose

    best, next_ = recommended([(OTOG, 80), (OTOG, 40)], places=1)
    make_honour(best.worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"))
    (case,) = propose([best.worker_id], by=None, on=today())
    confirm(case.pk, by=registry_officer, on=today(), how="查验证书")
    made = ranked(best.round, registry_officer)
    assert said(made) == [(next_.pk, True, "selected"), (best.pk, False, "on-registry")]


def test_who_no_longer_meets_the_conditions_is_out_with_the_condition(recommended, registry_officer) -> None:
    good, moved_on = recommended([(OTOG, 40), (OTOG, 80)])
    all_changed_by_two(moved_on.worker.employments.all(), on_front_line=False)
    confirm_everything(moved_on.worker.pk)
    made = ranked(good.round, registry_officer)
    assert said(made) == [(good.pk, True, "selected"), (moved_on.pk, False, "not-eligible")]
    made.refresh_from_db()
    sentence = explain_listed(made.nominees.get(position=2), made, of=2, words=Words.read()).sentence
    assert "在生产服务一线岗位工作（内党办发〔2019〕6号（一））" in sentence and "不符合遴选条件" in sentence


def test_without_a_recommended_nominee_there_is_no_list(registry_officer) -> None:
    round_ = make_round(registry_officer, state="recommendation")
    with pytest.raises(NotNow, match="没有已推荐的人选"):
        draw_up(round_, by=registry_officer, on=today(), reason="排序")


# -- before the freeze ---------------------------------------------------------------------------------------
def test_before_the_freeze_what_changed_in_the_register_is_named_and_ranked_again(
    recommended, registry_officer
) -> None:
    one, other = recommended([(OTOG, 40), (OTOG, 50)], places=1)
    round_ = one.round
    first = ranked(round_, registry_officer)
    assert stale(round_) == []
    all_changed_by_two(one.worker.credentials.all(), level=80)
    confirm_everything(one.worker.pk)
    assert stale(round_) == [f"{one.case.number}（{one.worker.name}）的技能等级在排序后有变动"]
    second = ranked(round_, registry_officer)
    assert stale(round_) == [] and second.version == 2 and second.digest != first.digest
    assert second.moved == [
        {"nomination": one.pk, "from": "not_selected", "to": "selected"},
        {"nomination": other.pk, "from": "selected", "to": "not_selected"},
    ]
    assert (
        moves_in_words(second, second.nominees.all())[0]
        == f"{one.worker.name}（{one.case.number}）：未入选→入选"
    )
    assert verify(round_) == []


def test_ranked_again_with_nothing_changed_list_and_digest_are_the_same(
    recommended, registry_officer
) -> None:
    nominations = recommended([(OTOG, 40), (OTOG, 50), (KUNDULUN, 60)], places=2)
    first, second = (ranked(nominations[0].round, registry_officer) for _ in range(2))
    assert (second.version, second.digest, second.moved) == (2, first.digest, []) and said(first) == said(
        second
    )


# -- after it ------------------------------------------------------------------------------------------------
def test_after_the_freeze_facts_stay_as_frozen(recommended, registry_officer) -> None:
    one, other = recommended([(OTOG, 40), (OTOG, 50)], places=1)
    round_ = one.round
    first = ranked(round_, registry_officer)
    announced(round_, first, registry_officer)
    all_changed_by_two(one.worker.credentials.all(), level=80)
    confirm_everything(one.worker.pk)
    Nomination.objects.filter(pk=one.pk).update(panel_score=20_00)
    again = draw_up(round_, by=None, on=today(), reason="复核")
    assert again.digest == first.digest and again.moved == []
    refreshed = draw_up(round_, by=None, on=today(), reason="异议成立：按核定等级", refresh=[one.pk])
    assert [row[:2] for row in said(refreshed)] == [(one.pk, True), (other.pk, False)]
    assert refreshed.nominees.get(nomination=one).facts["skill_level"] == 80
    round_.standing_list = refreshed
    round_.save(update_fields=["standing_list"])
    assert verify(round_) == []


def test_an_excluded_nominee_frees_the_place_and_stands_at_the_end(
    recommended, registry_officer, regional_reviewer
) -> None:
    best, next_ = recommended([(OTOG, 80), (OTOG, 40)], places=1)
    round_ = best.round
    announced(round_, ranked(round_, registry_officer), registry_officer)
    excluded(best, regional_reviewer)
    made = draw_up(round_, by=regional_reviewer, on=today(), reason="异议成立")
    assert said(made) == [(next_.pk, True, "selected"), (best.pk, False, "excluded")]
    assert [(one["from"], one["to"]) for one in made.moved] == [
        ("not_selected", "selected"),
        ("selected", "excluded"),
    ]
    round_.standing_list = made
    round_.save(update_fields=["standing_list"])
    assert verify(round_) == []
    told = explain(Nomination.objects.select_related("case", "round").get(pk=best.pk))
    assert (
        told and not told.selected and "已取消遴选资格" in told.sentence and "申报业绩不属实" in told.sentence
    )


def test_the_notice_must_carry_the_digest_of_the_standing_list(recommended, registry_officer) -> None:
    from portal.cases.models import NoticeVersion

    nominations = recommended([(OTOG, 40)])
    round_ = nominations[0].round
    made = ranked(round_, registry_officer)
    notice = announced(round_, made, registry_officer)
    NoticeVersion.objects.create(notice=notice, position=1, columns=[], rows=[], digest=made.digest)
    assert verify(round_) == []
    NoticeVersion.objects.create(notice=notice, position=2, columns=[], rows=[], digest="0" * 64)
    assert verify(round_) == [f"公示的摘要{'0' * 64}与现行名单的{made.digest}不一致"]


# -- kept ----------------------------------------------------------------------------------------------------
def test_a_list_and_its_nominees_cannot_be_changed_by_the_portal(recommended, registry_officer) -> None:
    made = ranked(recommended([(OTOG, 40)])[0].round, registry_officer)
    for change in (
        lambda: SelectionList.objects.filter(pk=made.pk).update(digest="x"),
        lambda: made.nominees.update(selected=False),
        lambda: made.nominees.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change()


def test_the_digest_of_a_known_list_is_known(db) -> None:
    """Pinned: another digest of the same list would make every published one look changed."""
    from datetime import date

    from portal.cases.models import Case
    from portal.policy.models import RuleVersion
    from talent_registry.selection.listing import digest_of_list
    from talent_registry.selection.scheme import SAMPLE

    made = SelectionList(
        scheme=SAMPLE.data(),
        places=1,
        quotas={"league": {ORDOS: 1}, "industry": {}},
        as_of=date(2026, 10, 31),
        rule_version=RuleVersion(digest="a" * 64),
        law={"x": {"value": 3, "document": "文件"}},
    )
    counter = itertools.count(1)
    nominees = [
        ListedNominee(
            nomination=Nomination(case=Case(number=f"TJ-2026-{next(counter):06d}")),
            position=place,
            league_code=ORDOS,
            industry="C",
            facts={"skill_level": 40, "honours": [], "excluded": False},
            parts={"skill": 10_00, "panel": 0},
            score=10_00,
            draw="b" * 64,
            selected=place == 1,
            reason=Reason.SELECTED if place == 1 else Reason.PLACES_FULL,
        )
        for place in (1, 2)
    ]
    digest = digest_of_list(2026, made, nominees)
    assert (
        digest
        == digest_of_list(2026, made, reversed(nominees))
        == "6f6239c9fc45daa94dd5e018ade9df41786408c9a34aff35a33dd7eb84bb897c"
    )
    made.law["x"]["document"] = "同一数字的另一文件"
    assert digest_of_list(2026, made, nominees) == digest
    nominees[1].score += 1
    assert digest_of_list(2026, made, nominees) != digest


# -- in words ------------------------------------------------------------------------------------------------
def test_everybody_is_told_why_with_the_quota_that_decided(recommended, registry_officer) -> None:
    people = [(OTOG, 80), (OTOG, 70), (KUNDULUN, 60), (KUNDULUN, 50)]
    nominations = recommended(people, places=2, quotas=[("league", ORDOS, 1)])
    made = ranked(nominations[0].round, registry_officer)
    words = Words.read()
    told = [explain_listed(one, made, of=4, words=words) for one in made.nominees.order_by("position")]
    totals = [one.score_text for one in told]
    assert told[0].sentence == f"总分{totals[0]}分，列第1位，在入选名额以内，入选。"
    assert told[1].sentence == (
        f"总分{totals[1]}分，列第2位。鄂尔多斯市的入选名额1名已用完，其中最后一名入选人员总分{totals[0]}分，未入选。"
    )
    assert told[3].sentence == (
        f"总分{totals[3]}分，列第4位。全区入选名额2名已用完，其中最后一名入选人员总分{totals[2]}分，未入选。"
    )
    assert [part.label for part in told[0].parts] == [
        "技能水平",
        "业绩成果",
        "突出贡献",
        "一线年限",
        "专家评审",
    ]
    assert (
        told[0].parts[0].sum_in_words == "首席技师25分" and told[0].parts[3].sum_in_words == "一线满12年6分"
    )
    assert sum(part.points for part in told[0].parts) == told[0].score
    assert all(condition["holds"] for condition in told[0].conditions)


def test_whom_the_league_passed_over_learns_its_reason(registry_officer, clerk, reviewer) -> None:
    round_ = make_round(registry_officer, state="draft")
    Quota.objects.create(round=round_, kind=QuotaKind.RECOMMENDATION, key=ORDOS, places=1)
    move_round(round_.pk, registry_officer, "open")
    chosen, passed = (nominated(make_skilled(f"王建国{n}"), round_, clerk, state="accepted") for n in (1, 2))
    move_round(round_.pk, registry_officer, "recommendation")
    recommending.recommend(chosen.pk, by=reviewer, on=today())
    recommending.pass_over(passed.pk, reason="业绩材料与岗位关联不足。", by=reviewer, on=today())
    round_.case.refresh_from_db()
    assert explain(Nomination.objects.select_related("case", "round").get(pk=passed.pk)) is None
    announced(round_, ranked(round_, registry_officer), registry_officer)
    told = explain(Nomination.objects.select_related("case", "round__standing_list").get(pk=passed.pk))
    assert (
        told
        and told.sentence == "鄂尔多斯市未推荐参加全区排序：业绩材料与岗位关联不足。"
        and told.position is None
    )
    assert make_worker("无关人员").nominations.count() == 0
