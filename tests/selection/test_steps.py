"""The steps of a round: in order, by the right person, once, with everything that is in the way said
beforehand.
"""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import Any

import pytest

from portal import audit
from portal.accounts.access import Refused
from portal.accounts.models import RoleAssignment
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.jobs.models import Job, JobState
from portal.jobs.runner import run_job
from portal.letters.models import Letter
from talent_registry.models import (
    Assessment,
    AssessmentRun,
    Nomination,
    RegistryEntry,
    SelectionList,
    SelectionRound,
)
from talent_registry.selection import by_date, jobs, nominating, panel, recommending, rounds, steps, verifying
from tests import copies
from tests.by_two import all_changed_by_two
from tests.cast import confirm_everything
from tests.roles import compared, everybody, refusal, undone
from tests.selection.nominees import make_skilled, nominated, today
from tests.selection.running import (
    REASON,
    afterwards,
    day_of,
    draft_round,
    fresh,
    nominate,
    play,
    recommend_all,
    score_all,
)

# Where the round stands when a step is due.
DUE = {step: steps.row_of(step).sources[0] for step in steps.STEPS}


# -- the whole way -------------------------------------------------------------------------------------------
def test_a_round_from_the_draft_to_the_archive(cast) -> None:
    round_ = play(cast, "closed")
    assert [event.action for event in round_.case.events.order_by("position")][1:] == list(steps.STEPS)
    standing = round_.standing_list
    assert verifying.verify(round_) == [] and standing.digest == round_.notice.versions.get().digest
    selected = standing.nominees.filter(selected=True)
    assert selected.count() == 3 == RegistryEntry.objects.filter(selection=round_).count()
    states = sorted(Nomination.objects.filter(round=round_).values_list("case__state", flat=True))
    assert states == ["not_selected"] * 2 + ["selected"] * 3
    assert Letter.objects.filter(kind="registry.selection-result").count() == 2
    assert steps.next_step(round_) is None and steps.blockers(round_, "close", on=today()) != []


def test_a_step_out_of_order_says_which_one_is_due(cast) -> None:
    draft_round(cast("registry_officer"))
    for state, due in (("draft", "“开始申报”。"), ("open", "“全员评价”。")):
        for step in steps.STEPS if state == "open" else steps.STEPS[1:]:
            if step == "assess" and state == "open":
                continue
            by = cast("approver" if step == "confirm" else "registry_officer")
            with pytest.raises(NotNow, match=f"应办理的下一步是{due}"):
                steps.take_step(2026, step, by=by, on=today())
            assert fresh().state == state, step
        if state == "draft":
            steps.take_step(2026, "open", by=cast("registry_officer"), on=today())


def test_a_year_without_a_round_is_said(registry_officer) -> None:
    with pytest.raises(NotNow, match="2031年度遴选还没有建立"):
        steps.take_step(2031, "open", by=registry_officer, on=today())


# -- who -----------------------------------------------------------------------------------------------------
def test_who_may_take_a_step(cast) -> None:
    """For every role and step, in a draft: who may not is refused; who may hears what is due, or has opened
    the round.
    """
    draft_round(cast("registry_officer"))
    people = everybody(cast)
    with compared() as expect:
        for step in steps.STEPS:
            allowed = {"approver"} if step == "confirm" else {"registry_officer"}
            for person in people:
                wanted = Refused if person.role not in allowed else None if step == "open" else NotNow
                with undone():
                    came = refusal(
                        lambda step=step, by=person.user: steps.take_step(2026, step, by=by, on=today())
                    )
                    expect(
                        f"{person.name} {step}",
                        (came, fresh().state),
                        (wanted, "draft" if wanted else "open"),
                    )


def test_the_system_does_nothing_that_needs_judgement(registry_officer) -> None:
    draft_round(registry_officer)
    for step in steps.STEPS:
        if step not in steps.BY_THE_SYSTEM:
            with pytest.raises(Refused, match="须由有权限的人员办理"):
                steps.take_step(2026, step, by=None, on=today())
    assert steps.take_step(2026, "open", by=None, on=today()).state == "open"


def test_who_ranked_does_not_confirm(cast, in_public) -> None:
    officer = cast("registry_officer")
    RoleAssignment.objects.create(user=officer, role="approver", region_id="150000")
    both = type(officer).objects.get(pk=officer.pk)
    with pytest.raises(Refused, match="须由另一人办理"):
        steps.take_step(2026, "confirm", by=both, on=afterwards())
    assert steps.take_step(2026, "confirm", by=cast("approver"), on=afterwards()).state == "confirmed"


# -- what is in the way --------------------------------------------------------------------------------------
def test_before_the_opening(registry_officer) -> None:
    draft_round(registry_officer)
    early, late = today() - timedelta(days=1), today() + timedelta(days=1)
    assert "尚未到期" in steps.blockers(fresh(), "open", on=early)[0]
    assert "已过" in steps.blockers(fresh(), "open", on=late)[0]
    SelectionRound.objects.get().quotas.all().delete()
    assert steps.blockers(fresh(), "open", on=today()) == ["还没有确定各盟市的推荐名额。"]


def test_nominations_are_not_ended_before_their_day(open_for_one) -> None:
    """The last day belongs to those who nominate, until its end."""
    for days in (-1, 0):
        on = today() + timedelta(days=days)
        assert "（含当日）截止，期满后方可截止申报" in steps.blockers(fresh(), "assess", on=on)[0]
        with pytest.raises(NotNow, match="含当日"):
            steps.take_step(2026, "assess", by=None, on=on)
    assert fresh().state == "open" and steps.blockers(fresh(), "assess", on=today() + timedelta(days=1)) == []


def test_on_the_last_day_somebody_may_still_hand_in(cast, open_for_one) -> None:
    last = open_for_one.nominations_until
    late = nominated(make_skilled("赵春明"), open_for_one, cast("clerk"), state="draft")
    nominating.submit(late.pk, by=cast("clerk"), on=last)
    with pytest.raises(NotNow, match="截止"):
        steps.take_step(2026, "assess", by=cast("registry_officer"), on=last)
    assert Case.objects.get(pk=late.pk).state == "submitted"


def test_what_waits_and_what_is_not_scored_keeps_the_recommendations_back(cast) -> None:
    clerk, officer = cast("clerk"), cast("registry_officer")
    play(cast, "open", ordos=2, baotou=1)
    nominated(make_skilled("李海燕"), fresh(), clerk, state="submitted")
    nominated(make_skilled("赵春明"), fresh(), clerk, state="draft")
    steps.take_step(2026, "assess", by=officer, on=day_of("assess"))
    assert Case.objects.get(nomination__worker__name="赵春明").state == "withdrawn", (
        "what was never handed in ends"
    )
    first, second = steps.blockers(fresh(), "recommend", on=today())
    assert "还有1件申报未办结" in first and "鄂尔多斯市1件" in first
    assert "3件已受理的申报没有安排评审专家" in second
    accepted = Nomination.objects.filter(case__state="accepted")
    panel.assign(accepted.values_list("pk", flat=True), [cast("panel_expert").pk], by=officer, on=today())
    assert "3件申报的专家评分没有提交" in steps.blockers(fresh(), "recommend", on=today())[1]


def test_undecided_nominees_keep_the_ranking_back(cast, scored) -> None:
    (said,) = steps.blockers(fresh(), "rank", on=today())
    assert "还有4件申报既未推荐也未作出不推荐：包头市1件、鄂尔多斯市3件" in said
    for one in Nomination.objects.select_related("case"):
        by = cast("reviewer" if one.case.league_code == "150600" else "baotou_reviewer")
        recommending.pass_over(one.pk, reason=REASON, by=by, on=today())
    assert "没有被推荐的人选" in steps.blockers(fresh(), "rank", on=today())[0]


def test_changed_facts_keep_the_freeze_back_until_ranked_again(cast, drawn_up) -> None:
    officer = cast("registry_officer")
    worker = drawn_up.lists.get().nominees.order_by("-position").first().nomination.worker
    all_changed_by_two(worker.credentials.all(), level=70)
    confirm_everything(worker.pk)
    said = steps.blockers(fresh(), "freeze", on=today())
    assert "技能等级" in said[0] and "请重新排序" in said[-1]
    with pytest.raises(NotNow, match="技能等级"):
        steps.take_step(2026, "freeze", by=officer, on=today())
    with pytest.raises(NotNow, match="须写明原因"):
        steps.rank_again(2026, reason=" ", by=officer, on=today())
    again = steps.rank_again(2026, reason="更正技能等级。", by=officer, on=today())
    assert again.version == 2 and again.nominees.get(nomination__worker=worker).position == 1
    assert steps.take_step(2026, "freeze", by=officer, on=today()).standing_list == again


def test_the_notice_must_be_over_before_the_confirmation(cast, in_public) -> None:
    assert "公示尚未期满" in steps.blockers(in_public, "confirm", on=in_public.notice.closes_on)[0]
    with pytest.raises(NotNow, match="公示尚未期满"):
        steps.take_step(2026, "confirm", by=cast("approver"), on=in_public.notice.closes_on)


def test_nothing_left_open_is_archived(over) -> None:
    assert steps.blockers(fresh(), "close", on=today()) == []


# -- by the clock --------------------------------------------------------------------------------------------
def test_the_clock_opens_only_what_stands_in_a_document(registry_officer) -> None:
    round_ = draft_round(registry_officer)
    assert by_date.advance(today()) == []
    rounds.set_scheme(round_, round_.scheme, document="内人社发〔2026〕9号", by=registry_officer, on=today())
    assert by_date.advance(today() - timedelta(days=1)) == []
    assert by_date.advance(today()) == [(2026, "open")] and by_date.advance(today()) == []


def test_the_clock_ends_nominations_and_begins_recommendations_but_never_ranks(cast, open_for_one) -> None:
    tomorrow = today() + timedelta(days=1)
    assert by_date.advance(today()) == [], "the last day is a day of nominations"
    assert by_date.advance(tomorrow) == [(2026, "assess")]
    assert by_date.advance(tomorrow) == [], "no panel yet: it waits"
    score_all(cast, list(Nomination.objects.all()))
    assert by_date.advance(tomorrow) == [(2026, "recommend")]
    recommend_all(cast, list(Nomination.objects.select_related("case")))
    assert by_date.advance(tomorrow) == [] and fresh().state == "recommendation"


def test_every_night_somebody_looks_who_is_missing(open_for_one) -> None:
    make_skilled("李海燕")
    assert by_date.look_who_is_missing(today()) == [2026]
    run = AssessmentRun.objects.get()
    assert run.is_trial and run.by is None and fresh().state == "open"
    steps.take_step(2026, "assess", by=None, on=day_of("assess"))
    assert by_date.look_who_is_missing(today()) == []
    assert list(AssessmentRun.objects.values_list("is_trial", flat=True)) == [True, False]


# -- as a job ------------------------------------------------------------------------------------------------
def test_a_long_step_runs_as_a_job_and_again_is_already_done(cast, open_for_one) -> None:
    officer = cast("registry_officer")
    job = jobs.start_step(2026, "assess", by=officer, on=day_of("assess"))
    with pytest.raises(NotNow, match="正在办理"):
        jobs.start_trial(2026, by=officer, on=today())
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE and fresh().state == "assessed" and job.done == job.total == 1
    Job.objects.filter(pk=job.pk).update(state="running", beat_at="2026-01-01T00:00:00Z")
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE and AssessmentRun.objects.count() == 1


def test_a_job_says_what_is_in_the_way(cast, open_for_one) -> None:
    officer = cast("registry_officer")
    with pytest.raises(NotNow, match="期满后方可截止申报"):
        jobs.start_step(2026, "assess", by=officer, on=today())
    with pytest.raises(Refused):
        jobs.start_step(2026, "assess", by=cast("clerk"), on=day_of("assess"))
    job = jobs.start_trial(2026, by=officer, on=today())
    steps.take_step(2026, "assess", by=officer, on=day_of("assess"))
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED and "试评只在" in job.message


def test_many_nominees_in_a_job_each_with_its_result(cast) -> None:
    play(cast, "recommendation", ordos=3, baotou=1, recommended={"150600": 2, "150200": 1})
    mixed = list(Nomination.objects.order_by("pk").values_list("pk", flat=True))
    job = jobs.decide_many(mixed, "recommend", by=cast("reviewer"), on=today())
    run_job(job.pk)
    job.refresh_from_db()
    assert job.result == {"done": 2, "refused": 2}
    said = list(job.items.order_by("id").values_list("ok", "message"))
    assert [ok for ok, _ in said] == [True, True, False, False]
    assert "名额已用完" in said[2][1] and "不属于您负责的地区" in said[3][1]
    with pytest.raises(NotNow, match="须写明理由"):
        jobs.decide_many(mixed, "pass_over", by=cast("reviewer"), on=today())


# -- killed --------------------------------------------------------------------------------------------------
# step: after which entries of the audit the process dies before its last one, and after the how-manieth of
# them. The later a death, the more may already be done: a publication decides about each nominee by itself.
_DEATHS: dict[str, list[tuple[str, int]]] = {
    "assess": [("selection.assess", 1)],
    "rank": [("selection.draw_up", 1)],
    "notice": [("notice.publish", 1)],
    "publish": [("case.select", 1), ("case.select", 3), ("case.not_select", 2)],
}


def _killed(step: str, by: Any, action: str, time: int) -> int:
    """How a process ended that took the step and was killed right after that entry of the audit."""

    def act() -> None:
        real, real_many, left = audit.record, audit.record_many, time

        def written(name: str) -> None:
            nonlocal left
            left -= name == action
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        def record(name: str, **given: Any) -> None:
            real(name, **given)
            written(name)

        def record_many(name: str, **given: Any) -> None:
            real_many(name, **given)
            written(name)

        audit.record, audit.record_many = record, record_many
        steps.take_step(2026, step, by=type(by).objects.get(pk=by.pk), on=day_of(step))

    return copies.ended(copies.begin(act))


@pytest.mark.kill
def test_killed_in_the_middle_a_step_is_simply_taken_again(committed, cast) -> None:
    """A whole round in which every step dies at each of its stages, leaves nothing half done, and is taken
    again.
    """
    draft_round(cast("registry_officer"))
    for step in steps.STEPS:
        if step == "recommend":
            score_all(cast, list(Nomination.objects.select_related("case").order_by("pk")))
        if step == "rank":
            recommend_all(cast, list(Nomination.objects.select_related("case").order_by("pk")))
        by = cast("approver" if step == "confirm" else "registry_officer")
        for action, time in [*_DEATHS.get(step, []), (f"case.{step}", 1)]:
            assert _killed(step, by, action, time) == -signal.SIGKILL, (
                f"{step} went on after entry {time} of {action}"
            )
            assert fresh().state == DUE[step], f"{step} half done after entry {time} of {action}"
        assert steps.take_step(2026, step, by=by, on=day_of(step)).state == steps.row_of(step).target
        _is_whole(step)
        if step == "open":
            nominate(cast, fresh(), 4, 1)


def _is_whole(step: str) -> None:
    """What a step leaves behind, once."""
    after = fresh()
    assert after.case.events.filter(action=step).exclude(from_state="").count() == 1, step
    if step == "assess":
        assert AssessmentRun.objects.filter(is_trial=False).count() >= 1
        assert (
            Assessment.objects.filter(round=after).values("worker").distinct().count()
            == Assessment.objects.count()
            == 5
        )
    if step in ("rank", "notice"):
        assert SelectionList.objects.count() == 1 and after.case.notices.count() == (step == "notice")
    if step == "publish":
        numbers = list(RegistryEntry.objects.order_by("number").values_list("number", flat=True))
        year = afterwards().year
        assert numbers == [f"LJ-{year}-{n:06d}" for n in range(1, 4)]
        assert Letter.objects.filter(kind="registry.selection-result").count() == 2
        assert Letter.objects.filter(kind="registry.selection-certificate").count() == 3
        assert not Nomination.objects.filter(case__closed_at__isnull=True).exists()


def test_two_officers_at_once_take_it_once(cast, open_for_one) -> None:
    steps.take_step(2026, "assess", by=cast("registry_officer"), on=day_of("assess"))
    with pytest.raises(NotNow, match="“全员评价”已经办理"):
        steps.take_step(2026, "assess", by=cast("second_registry_officer"), on=day_of("assess"))


def test_a_step_nobody_knows_is_a_mistake_of_the_program(registry_officer) -> None:
    with pytest.raises(ValueError, match="no such step"):
        steps.take_step(2026, "celebrate", by=registry_officer, on=today())
