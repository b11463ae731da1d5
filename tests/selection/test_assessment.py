"""Everybody's assessment: against a second writing of it, against the relation of one person's facts, and
what it leaves behind.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.actions import NotNow
from portal.policy.sets import Relation, evaluate
from portal.workforce.facts import relation
from portal.workforce.models import Employment, Honour, HonourType
from talent_registry.models import Assessment, AssessmentRun
from talent_registry.selection import assessment, nominating
from talent_registry.selection.assessment import assess, breakdown, overlooked
from talent_registry.selection.register import Codes
from talent_registry.selection.scheme import SAMPLE, read
from talent_registry.selection.scoring import Facts, parts
from tests.by_two import all_changed_by_two, removed_by_two
from tests.cast import ORDOS, confirm_everything, make_honour, make_worker
from tests.selection.nominees import make_round, make_skilled, move_round, nominated, today
from tests.selection.population import AS_OF, expected, people, places, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of all, to see what each came to."""
    monkeypatch.setattr(assessment, "_WHOM", "true")


@pytest.fixture
def assessed(registry_officer: Any, clerk: Any, reviewer: Any) -> Any:
    """`assessed(people)` is the open round assessed over them: (round, {worker: description}, run)."""

    def make(described: list[dict[str, Any]], **given: Any) -> Any:
        by_worker = store(described, recorded_by=clerk, verified_by=reviewer)
        round_ = make_round(registry_officer, as_of=AS_OF, **given)
        return round_, by_worker, assess(round_, trial=True, by=registry_officer, on=today())

    return make


COLUMNS = (
    "skill_level",
    "on_front_line",
    "front_line_tenths",
    "honours",
    "achievements",
    "on_registry",
    "outcome",
    "failed",
    "unknown",
    "skill",
    "achievement",
    "contribution",
    "front_line",
    "score",
    "region_code",
    "league_code",
)


@pytest.mark.usefixtures("everybody_is_kept")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everybody_is_assessed_as_a_second_writing_says(assessed, seed) -> None:
    round_, by_worker, run = assessed(people(120, seed))
    said = {
        one.worker_id: {name: getattr(one, name) for name in COLUMNS} | {"place": one.place}
        for one in round_.assessments.all()
    }
    for one in said.values():
        one["achievements"] = sorted(one["achievements"])
    wanted = {pk: expected(one, SAMPLE.data()) for pk, one in by_worker.items()}
    ranked = places(by_worker, wanted, round_.year)
    groups = Counter(
        (one["outcome"], one["failed"], one["unknown"], one["on_registry"]) for one in wanted.values()
    )
    assert {tuple(group.values())[:-1]: group["people"] for group in _in_order(run.outcomes)} == groups
    assert said == {pk: {**one, "place": ranked[pk]} for pk, one in wanted.items()}
    eligible = [one for one in wanted.values() if one["outcome"] == "eligible"]
    assert (run.assessed, run.eligible) == (120, len(eligible)) and 0 < run.eligible < 120
    assert {one["outcome"] for one in wanted.values()} == {"eligible", "ineligible", "undetermined"}


def _in_order(outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("outcome", "failed", "unknown", "on_registry", "people")
    return [{name: group[name] for name in names} for group in outcomes]


def test_rows_are_of_who_could_be_on_a_list_or_is_nominated_and_numbers_of_all(
    registry_officer: Any, clerk: Any
) -> None:
    # given: one who meets the conditions, one who does not, two who do not and were nominated, one of them in vain
    good, other = make_skilled("高娃"), make_skilled("那仁", on_front_line=False)
    named, withdrawn = make_skilled("苏和"), make_skilled("朝鲁")
    round_ = make_round(registry_officer, as_of=AS_OF)
    nominated(named, round_, clerk)
    nomination = nominated(withdrawn, round_, clerk)
    nominating.withdraw(nomination.pk, reason="本人提出撤回。", by=clerk, on=today())
    all_changed_by_two(Employment.objects.filter(worker__in=[named, withdrawn]), on_front_line=False)
    confirm_everything()
    # when
    run = assess(round_, trial=True, by=registry_officer, on=today())
    # then
    assert set(round_.assessments.values_list("worker_id", "place")) == {(good.pk, 1), (named.pk, None)}
    assert (run.assessed, run.eligible, run.listed) == (4, 1, 0)
    failed = {group["failed"]: group["people"] for group in run.outcomes if group["outcome"] == "ineligible"}
    assert failed == {4: 3}
    assert run.unmet == [{"label": "在生产服务一线岗位工作", "failed": 3, "unknown": 0}]
    assert not round_.assessments.filter(worker__in=[other, withdrawn]).exists()


@pytest.mark.usefixtures("everybody_is_kept")
def test_conditions_are_those_that_one_person_would_be_told(assessed) -> None:
    """The rule executor over the relation of one person's facts gives the same outcome, and the facts are the
    same.
    """
    round_, by_worker, _ = assessed(people(80, 4))
    one_by_one = Relation(relation(AS_OF, workers=list(by_worker)))
    told = {
        row["subject_id"]: row
        for row in evaluate(one_by_one, on=AS_OF, benefits=["registry.nomination"], form="answers").rows()
    }
    for one in round_.assessments.all():
        assert one.outcome == told[one.worker_id]["outcome"]
        assert Facts.of(one).of_policy() == told[one.worker_id]["facts"]
        holds = [condition["holds"] for condition in told[one.worker_id]["conditions"]]
        assert [condition["holds"] for condition in breakdown(one).conditions] == holds


@pytest.mark.usefixtures("everybody_is_kept")
def test_a_score_in_sql_is_the_score_in_python(assessed) -> None:
    round_, _, _ = assessed(people(80, 5))
    for one in round_.assessments.all():
        assert {"panel": 0} | {
            code: getattr(one, code) for code in ("skill", "achievement", "contribution", "front_line")
        } == parts(Facts.of(one), SAMPLE)
        assert breakdown(one).score == one.score


def test_a_scheme_that_gives_nothing_gives_nothing(assessed) -> None:
    nothing = {
        "most": dict.fromkeys(SAMPLE.most, 0),
        "levels": {},
        "honours": {},
        "competitions": {},
        "contributions": {},
        "front_line_year": 0,
        "panel": [],
    }
    round_, _, run = assessed(people(40, 6), scheme=nothing)
    assert set(round_.assessments.values_list("score", flat=True)) == {0}
    assert read(run.scheme) == read(nothing)


def test_who_is_on_the_registry_has_no_place(assessed, cast) -> None:
    from talent_registry.actions import confirm, propose
    from tests.cast import make_honour

    worker, other = make_skilled("乌日娜"), make_skilled("其木格")
    make_honour(worker, recorded_by=cast("clerk"), verified_by=cast("reviewer"))
    (case,) = propose([worker.pk], by=None, on=today())
    confirm(case.pk, by=cast("registry_officer"), on=today(), how="查验职业技能等级证书")
    round_, _, _ = assessed([])
    said = {one.worker_id: one for one in round_.assessments.all()}
    assert (said[worker.pk].on_registry, said[worker.pk].outcome, said[worker.pk].place) == (
        True,
        "eligible",
        None,
    )
    assert (said[other.pk].on_registry, said[other.pk].place) == (False, 1)


@pytest.mark.usefixtures("everybody_is_kept")
def test_the_run_keeps_rule_law_scheme_and_what_its_bits_mean(assessed, registry_officer) -> None:
    worker = make_worker("宝音")
    round_, _, run = assessed([])
    assert [one["code"] for one in run.conditions] == ["policy-in-force", "senior-or-above", "front-line"]
    assert (
        run.conditions[1]["label"] == "技能等级为高级工及以上"
        and run.conditions[1]["clause"] == "内党办发〔2019〕6号（一）"
    )
    assert (
        run.rule_version.benefit == "registry.nomination"
        and read(run.scheme) == SAMPLE
        and run.as_of == AS_OF
    )
    said = breakdown(round_.assessments.get(worker=worker))
    assert [one["holds"] for one in said.conditions] == [True, None, None]
    assert said.conditions[1]["remedy"] and not said.conditions[1]["observed"]
    assert Entry.objects.filter(action="selection.assess", actor_name=registry_officer.username).count() == 1


def test_bits_stand_for_what_they_stood_for_when_they_were_written(assessed, clerk, reviewer) -> None:
    worker = make_skilled()
    make_honour(worker, recorded_by=clerk, verified_by=reviewer, type="northern_border_craftsman")
    round_, _, first = assessed([])
    HonourType.objects.create(code="a_kind_of_its_own", name="新设荣誉", grade="other")
    one = round_.assessments.get()
    assert (one.honours, first.codes["honours"][0]) == (["northern_border_craftsman"], "china_skills_award")
    make_honour(worker, recorded_by=clerk, verified_by=reviewer, type="a_kind_of_its_own")
    second = assess(round_, trial=True, by=None, on=today())
    again = round_.assessments.get()
    assert (again.honours, second.codes["honours"][0]) == (
        ["a_kind_of_its_own", "northern_border_craftsman"],
        "a_kind_of_its_own",
    )
    assert again.honour_bits != one.honour_bits and again.achievement == one.achievement == 12_00


def test_more_kinds_than_bits_are_refused_and_not_dropped() -> None:
    assert Codes(tuple(f"kind-{number}" for number in range(63))).honours[-1] == "kind-62"
    with pytest.raises(ValueError, match="honours: 64 codes do not fit into 63 bits"):
        Codes(tuple(f"kind-{number}" for number in range(64)))


def test_assessed_again_the_rows_are_replaced_and_the_runs_counted(assessed, registry_officer) -> None:
    round_, by_worker, first = assessed(people(10, 7))
    make_skilled("新来的人")
    steps = []
    second = assess(
        round_, trial=True, by=None, on=today(), progress=lambda done, total: steps.append((done, total))
    )
    assert (first.number, second.number, second.assessed, second.by) == (1, 2, 11, None)
    assert set(round_.assessments.values_list("run_id", flat=True)) == {second.pk}
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_number_of_statements_does_not_grow_with_the_register(assessed, registry_officer) -> None:
    round_, _, _ = assessed(people(5, 8))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assess(round_, trial=True, by=registry_officer, on=today())
        return len(queries)

    few = asked()
    for number in range(20):
        make_skilled(f"李秀英{number}")
    assert asked() == few


def test_only_the_registry_officer_assesses_and_only_while_the_round_takes_nominations(
    assessed, registry_officer, reviewer, approver
) -> None:
    round_, _, _ = assessed([])
    for user in (reviewer, approver):
        with pytest.raises(Refused, match="组织年度遴选"):
            assess(round_, trial=True, by=user, on=today())
    move_round(round_.pk, registry_officer, "assessed")
    with pytest.raises(NotNow, match="已评价.*不能试评"):
        assess(round_, trial=True, by=registry_officer, on=today())
    assert not assess(round_, trial=False, by=registry_officer, on=today()).is_trial
    move_round(round_.pk, registry_officer, "recommendation")
    with pytest.raises(NotNow, match="盟市推荐.*不能评价"):
        assess(round_, trial=False, by=registry_officer, on=today())


def test_a_draft_is_not_assessed(registry_officer) -> None:
    with pytest.raises(NotNow, match="筹备"):
        assess(make_round(registry_officer, state="draft"), trial=False, by=registry_officer, on=today())


# -- what the database holds ---------------------------------------------------------------------------------
def test_an_assessment_is_of_somebody_of_a_run_and_stays_from_the_ranking_on(
    assessed, registry_officer
) -> None:
    worker = make_skilled()
    round_, _, run = assessed([])
    other = make_round(registry_officer, year=2025)
    mine = round_.assessments.get()

    def again(**changed: Any) -> None:
        mine.pk = None
        given = {"round_id": round_.pk, "run_id": run.pk, "worker_id": make_worker().pk} | changed
        for name, value in given.items():
            setattr(mine, name, value)
        with transaction.atomic():
            mine.save(force_insert=True)

    for changed in ({"worker_id": 10**9}, {"run_id": 10**9}, {"round_id": 10**9}, {"round_id": other.pk}):
        with pytest.raises(IntegrityError):
            again(**changed)
    again()
    with (
        pytest.raises(IntegrityError, match="was assessed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        for record in (*worker.employments.all(), *worker.credentials.all()):
            removed_by_two(record)
        cursor.execute("DELETE FROM workforce_worker WHERE id = %s", [worker.pk])
    move_round(round_.pk, registry_officer, "ranked")
    for change in (
        lambda: round_.assessments.update(score=1),
        lambda: round_.assessments.all().delete(),
        again,
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


# -- who should have been nominated --------------------------------------------------------------------------
def test_the_overlooked_are_the_eligible_nobody_nominated_best_first(
    assessed, clerk, reviewer, baotou_reviewer, registry_officer
) -> None:
    best, good, named = make_skilled("苏和", level=60), make_skilled("高娃"), make_skilled("朝鲁", level=80)
    make_skilled("那仁", on_front_line=False)
    far = make_skilled("刘建华", region="150203")
    round_, _, _ = assessed([])
    nomination = nominated(named, round_, clerk)
    assert [one.worker_id for one in overlooked(round_, reviewer)] == [best.pk, good.pk]
    assert [one.worker_id for one in overlooked(round_, baotou_reviewer)] == [far.pk]
    assert [one.worker_id for one in overlooked(round_, registry_officer)] == [far.pk, best.pk, good.pk]
    nominating.withdraw(nomination.pk, reason="本人提出撤回。", by=clerk, on=today())
    assert [one.worker_id for one in overlooked(round_, reviewer)] == [named.pk, best.pk, good.pk]


@pytest.mark.usefixtures("everybody_is_kept")
def test_an_assessment_is_seen_by_staff_of_the_region_and_by_oneself(
    assessed, worker_user, clerk, baotou_clerk, panel_expert
) -> None:
    assessed([])
    assert [
        Assessment.objects.visible_to(user).count()
        for user in (worker_user, clerk, baotou_clerk, panel_expert)
    ] == [1, 1, 0, 0]


def test_an_honour_verified_later_counts_in_the_next_run(assessed, clerk, reviewer, registry_officer) -> None:
    worker = make_skilled()
    honour = Honour.objects.create(
        worker=worker,
        type_id="northern_border_craftsman",
        named_as="北疆工匠",
        year=2025,
        source="窗口登记",
        recorded_by=clerk,
    )
    round_, _, _ = assessed([])
    assert round_.assessments.get(worker=worker).achievement == 0
    honour.state, honour.verified_by, honour.verified_at = "verified", reviewer, timezone.now()
    honour.save()
    assess(round_, trial=True, by=registry_officer, on=today())
    said = round_.assessments.get(worker=worker)
    assert (said.achievement, said.league_code) == (12_00, ORDOS)
    assert AssessmentRun.objects.filter(round=round_).count() == 2
