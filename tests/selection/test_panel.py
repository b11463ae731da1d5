"""The panel: who may be asked, who steps aside, what stays hidden until all are in, and the mean."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.access import Refused
from portal.accounts.models import RoleAssignment
from portal.cases.actions import NotNow
from talent_registry.models import Nomination, PanelAssignment
from talent_registry.selection import nominating, panel, rounds
from tests.cast import REGION, make_account
from tests.roles import compared, everybody, refusal, undone
from tests.selection.nominees import make_employer, make_round, make_skilled, move_round, nominated, today

FULL = {"skill-shown": 8_00, "results": 6_00, "passing-on": 6_00}


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def experts(panel_expert) -> list[Any]:
    """In the order of their names, as they are offered and assigned."""
    return [
        *(make_account(f"region.expert{n}", f"专家{n}", "panel_expert", REGION) for n in (2, 3)),
        panel_expert,
    ]


@pytest.fixture
def nominee(round_, clerk) -> Any:
    return nominated(make_skilled(), round_, clerk, state="accepted")


def _assign(nominee: Any, experts: list[Any], officer: Any) -> list[PanelAssignment]:
    return panel.assign([nominee.pk], [one.pk for one in experts], by=officer, on=today()).made


def _score(assignment: Any, **scores: int) -> PanelAssignment:
    return panel.score(assignment.pk, FULL | scores, "技艺精湛。", by=assignment.expert, on=today())


def _panel_score(nominee: Any) -> int | None:
    return Nomination.objects.get(pk=nominee.pk).panel_score


# -- assigning -----------------------------------------------------------------------------------------------
def test_several_experts_for_several_nominees(round_, clerk, registry_officer, experts) -> None:
    nominees = [
        nominated(make_skilled(name), round_, clerk, state="accepted") for name in ("王建国", "李海燕")
    ]
    found = panel.assign(
        [one.pk for one in nominees], [one.pk for one in experts], by=registry_officer, on=today()
    )
    assert len(found.made) == 6 and found.left_out == []
    again = panel.assign([one.pk for one in nominees], [experts[0].pk], by=registry_officer, on=today())
    assert not again.made and all("已安排过" in said for said in again.left_out) and len(again.left_out) == 2
    assert panel.late_experts(round_) == [(one, 2) for one in experts]


def test_never_oneself_nor_an_agent_of_the_unit(round_, clerk, registry_officer) -> None:
    unit, nominator = make_employer(), make_employer("推荐单位")
    worker = make_skilled(unit=unit)
    people = [make_account(f"expert.{n}", f"专家{n}", "panel_expert", REGION) for n in range(4)]
    worker.account = people[0]
    worker.save(update_fields=["account"])
    unit.agents.create(user=people[1])
    nominee = nominated(worker, round_, clerk, state="accepted")
    type(nominee.case).objects.filter(pk=nominee.pk).update(employer=nominator)
    nominator.agents.create(user=people[2])
    found = panel.assign([nominee.pk], [one.pk for one in people], by=registry_officer, on=today())
    assert [one.expert for one in found.made] == [people[3]]
    assert (
        len(found.left_out) == 3 and "本人" in "".join(found.left_out) and "经办人" in "".join(found.left_out)
    )


def test_only_experts_of_today_and_only_nominees_taken_in(
    round_, clerk, registry_officer, experts, supervisor
) -> None:
    waiting = nominated(make_skilled(), round_, clerk)
    RoleAssignment.objects.filter(user=experts[1]).update(until=today(), ended_at="2026-01-01T00:00:00Z")
    found = panel.assign(
        [waiting.pk], [one.pk for one in [*experts[:2], supervisor]], by=registry_officer, on=today()
    )
    assert (
        not found.made
        and "目前不是评审专家" in found.left_out[0]
        and "受理后才能安排评审" in found.left_out[1]
    )
    with pytest.raises(NotNow, match="请选择"):
        panel.assign([], [experts[0].pk], by=registry_officer, on=today())


def test_who_assigns(nominee, cast, experts) -> None:
    people = everybody(cast)
    with compared() as expect:
        for person in people:
            may = person.name in {"registry_officer", "second_registry_officer", "regional_reviewer"}
            with undone():
                came = refusal(lambda by=person.user: _assign(nominee, experts, by))
                expect(person.name, (came, nominee.panel.count()), (None, 3) if may else (Refused, 0))


def test_an_expert_who_is_away_is_released(nominee, registry_officer, experts) -> None:
    first, second, _ = _assign(nominee, experts, registry_officer)
    _score(first)
    with pytest.raises(NotNow, match="不能再更改"):
        panel.release(first.pk, by=registry_officer, on=today())
    panel.release(second.pk, by=registry_officer, on=today())
    assert nominee.panel.count() == 2 and _panel_score(nominee) is None
    with pytest.raises(Refused):
        panel.release(nominee.panel.get(submitted_at=None).pk, by=experts[2], on=today())
    panel.release(nominee.panel.get(submitted_at=None).pk, by=registry_officer, on=today())
    assert _panel_score(nominee) == 20_00, "those who are left are all in"


# -- in its time ---------------------------------------------------------------------------------------------
def test_scores_are_taken_until_the_last_day_and_again_when_it_is_put_off(
    registry_officer, clerk, experts
) -> None:
    round_ = make_round(registry_officer, nominations_until=today(), panel_until=today())
    nominee = nominated(make_skilled(), round_, clerk, state="accepted")
    first, second, third = _assign(nominee, experts, registry_officer)
    _score(first)
    late = today() + timedelta(days=1)
    with pytest.raises(NotNow, match="评分已于.*截止，不能再提交.*请联系名录管理员延长"):
        panel.score(second.pk, FULL, "", by=second.expert, on=late)
    assert nominee.panel.filter(submitted_at__isnull=False).count() == 1
    panel.declare_conflict(third.pk, reason="师徒关系。", by=third.expert, on=late)
    rounds.extend_panel(
        round_,
        panel_until=late,
        recommend_until=round_.recommend_until,
        reason="专家出差。",
        by=registry_officer,
        on=late,
    )
    panel.score(second.pk, FULL, "", by=second.expert, on=late)
    assert _panel_score(nominee) == 20_00


# -- scoring -------------------------------------------------------------------------------------------------
def test_the_mean_counts_when_all_are_in(nominee, registry_officer, experts, round_) -> None:
    assignments = _assign(nominee, experts, registry_officer)
    for assignment, points in zip(assignments, (7_00, 7_01, 7_01), strict=True):
        assert _panel_score(nominee) is None and panel.unfinished(round_) == 1
        _score(assignment, **{"skill-shown": points})
    assert _panel_score(nominee) == 19_01, "19.0067 is 19.01"
    assert panel.unfinished(round_) == 0 and panel.late_experts(round_) == []
    more = panel.assign(
        [nominee.pk],
        [make_account("e9", "专家九", "panel_expert", REGION).pk],
        by=registry_officer,
        on=today(),
    )
    assert not more.made and "评审已完成" in more.left_out[0]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=st.lists(st.integers(0, 8_00), min_size=1, max_size=3))
def test_the_mean_is_rounded_half_up(nominee, registry_officer, experts, points) -> None:
    from decimal import ROUND_HALF_UP, Decimal

    with transaction.atomic():
        for assignment, given_ in zip(
            _assign(nominee, experts[: len(points)], registry_officer), points, strict=True
        ):
            panel.score(
                assignment.pk,
                {"skill-shown": given_, "results": 0, "passing-on": 0},
                "",
                by=assignment.expert,
                on=today(),
            )
        mean = (Decimal(sum(points)) / len(points)).quantize(Decimal(1), ROUND_HALF_UP)
        assert _panel_score(nominee) == int(mean)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ({"skill-shown": 8_01}, "技艺水平和解决难题的能力.*0至8分"),
        ({"results": -1}, "0至6分"),
        ({"results": True}, "0至6分"),
        ({"other": 1_00}, "没有这些评审项目：other"),
    ],
)
def test_only_within_the_scheme(nominee, registry_officer, experts, scores, said) -> None:
    (assignment,) = _assign(nominee, experts[:1], registry_officer)
    with pytest.raises(NotNow, match=said):
        _score(assignment, **scores)
    with pytest.raises(NotNow, match="专家评审|0至"):
        panel.score(assignment.pk, {"results": 1_00}, "", by=assignment.expert, on=today())
    assignment.refresh_from_db()
    assert assignment.submitted_at is None and assignment.scores == {}


def test_handed_in_once_and_by_the_expert_alone(nominee, registry_officer, experts) -> None:
    first, _second, _ = _assign(nominee, experts, registry_officer)
    for other in (experts[1], registry_officer):
        with pytest.raises(Refused, match="分配给您本人"):
            panel.score(first.pk, FULL, "", by=other, on=today())
    _score(first)
    with pytest.raises(NotNow, match="不能再更改"):
        _score(first, results=1_00)
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        PanelAssignment.objects.filter(pk=first.pk).update(comment="改")
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        PanelAssignment.objects.filter(pk=first.pk).delete()


def test_who_has_lost_the_role_scores_no_more(nominee, registry_officer, experts) -> None:
    from portal.accounts.models import User

    (assignment,) = _assign(nominee, experts[:1], registry_officer)
    RoleAssignment.objects.filter(user=experts[0]).update(until=today(), ended_at="2026-01-01T00:00:00Z")
    with pytest.raises(Refused):
        panel.score(assignment.pk, FULL, "", by=User.objects.get(pk=experts[0].pk), on=today())


def test_who_becomes_an_agent_of_the_unit_after_being_assigned_steps_aside(
    round_, clerk, registry_officer, experts
) -> None:
    unit = make_employer()
    nominee = nominated(make_skilled(unit=unit), round_, clerk, state="accepted")
    first, second, _ = _assign(nominee, experts, registry_officer)
    unit.agents.create(user=first.expert)
    with pytest.raises(NotNow, match="应当回避。请对该参评人员声明回避"):
        _score(first)
    assert PanelAssignment.objects.get(pk=first.pk).submitted_at is None
    panel.declare_conflict(first.pk, reason="已担任该单位经办人", by=first.expert, on=today())
    assert _score(second).submitted_at


# -- stepping aside ------------------------------------------------------------------------------------------
def test_who_steps_aside_is_barred_and_sees_the_nominee_no_more(nominee, registry_officer, experts) -> None:
    first, second, _ = _assign(nominee, experts, registry_officer)
    assert Nomination.objects.visible_to(experts[0]).filter(pk=nominee.pk).exists()
    with pytest.raises(NotNow, match="写明回避的理由"):
        panel.declare_conflict(first.pk, reason=" ", by=experts[0], on=today())
    with pytest.raises(Refused):
        panel.declare_conflict(first.pk, reason="师徒关系", by=experts[1], on=today())
    panel.declare_conflict(first.pk, reason="与参评人员是师徒关系。", by=experts[0], on=today())
    assert not Nomination.objects.visible_to(experts[0]).filter(pk=nominee.pk).exists()
    with pytest.raises(NotNow, match="已声明回避"):
        _score(first)
    again = panel.assign([nominee.pk], [experts[0].pk], by=registry_officer, on=today())
    assert not again.made
    _score(second)
    with pytest.raises(NotNow, match="不能再更改"):
        panel.declare_conflict(second.pk, reason="核实", by=experts[1], on=today())


def test_when_the_last_one_steps_aside_the_others_count(nominee, registry_officer, experts, round_) -> None:
    first, second, third = _assign(nominee, experts, registry_officer)
    _score(first)
    _score(second, results=4_00)
    panel.declare_conflict(third.pk, reason="亲属关系。", by=experts[2], on=today())
    assert _panel_score(nominee) == 19_00


def test_when_all_step_aside_there_is_no_score(nominee, registry_officer, experts, round_) -> None:
    for assignment in _assign(nominee, experts, registry_officer):
        panel.declare_conflict(assignment.pk, reason="同一单位。", by=assignment.expert, on=today())
    assert _panel_score(nominee) is None and panel.unfinished(round_) == 1


# -- what is hidden ------------------------------------------------------------------------------------------
def test_nobody_reads_the_scores_of_others_until_all_are_in(
    nominee, registry_officer, experts, employer_agent
) -> None:
    first, second, _ = _assign(nominee, experts[:2], registry_officer) + [None]

    def readers(assignment: Any) -> set[str]:
        one = PanelAssignment.objects.select_related("nomination__case").get(pk=assignment.pk)
        people = {
            "first": experts[0],
            "second": experts[1],
            "third": experts[2],
            "officer": registry_officer,
            "agent": employer_agent,
        }
        return {name for name, user in people.items() if panel.may_read(one, user)}

    assert readers(first) == set()
    _score(first)
    assert readers(first) == {"first"}
    _score(second)
    assert readers(first) == {"first", "second", "officer"} == readers(second)


# -- its time ------------------------------------------------------------------------------------------------
def test_the_panel_is_done_before_the_recommendation(
    nominee, round_, registry_officer, experts, clerk
) -> None:
    first, second, _ = _assign(nominee, experts, registry_officer)
    move_round(round_.pk, registry_officer, "assessed")
    _score(first)
    move_round(round_.pk, registry_officer, "recommendation")
    for act in (
        lambda: _score(second),
        lambda: panel.declare_conflict(second.pk, reason="核实", by=second.expert, on=today()),
        lambda: panel.release(second.pk, by=registry_officer, on=today()),
    ):
        with pytest.raises(NotNow, match="评审已结束"):
            act()
    other = nominated(
        make_skilled("李海燕"), make_round(registry_officer, year=2027), clerk, state="accepted"
    )
    assert "评审已结束" in "".join(
        panel.assign([nominee.pk], [experts[0].pk], by=registry_officer, on=today()).left_out
    )
    assert _assign(other, experts[:1], registry_officer)


def test_who_took_back_is_not_scored(nominee, registry_officer, experts, clerk, round_) -> None:
    (assignment,) = _assign(nominee, experts[:1], registry_officer)
    nominating.withdraw(nominee.pk, by=clerk, on=today(), reason="本人要求。")
    with pytest.raises(NotNow, match="不需要评审"):
        _score(assignment)
    assert panel.unfinished(round_) == 0 and panel.late_experts(round_) == []


def test_the_last_two_at_once_make_one_mean(committed, cast) -> None:
    officer = cast("registry_officer")
    nominee = nominated(make_skilled(), make_round(officer), cast("clerk"), state="accepted")
    experts = [cast("panel_expert"), make_account("e2", "专家二", "panel_expert", REGION)]
    assignments = _assign(nominee, experts, officer)
    ready, wrong = threading.Barrier(2), []

    def run(assignment: Any, points: int) -> None:
        try:
            ready.wait(10)
            _score(assignment, results=points)
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=pair) for pair in zip(assignments, (4_00, 5_01), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and _panel_score(nominee) == 18_51
