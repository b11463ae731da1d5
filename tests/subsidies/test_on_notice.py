"""Claims of technicians on public notice: after the second review, before the approval, as the course of their day says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from portal.accounts.access import NotNow, Refused
from portal.cases.actions import transition
from portal.cases.models import Case, PublicNotice
from portal.cases.notices import objections, publishing
from portal.workforce.models import Employment
from subsidies import case_file, claiming, courses, handling, tasks
from subsidies.models import AnnouncedClaim, Claim, Course
from subsidies.on_notice import announcing, standing
from subsidies.schemes import SKILL_UPGRADE, TECHNICIAN
from tests.by_two import all_changed_by_two
from tests.cast import BAOTOU, KUNDULUN, make_account, make_worker
from tests.subsidies.announced import (
    AFTER,
    LAST,
    SAID,
    course_for_technicians,
    notice_of,
    object_to,
    reviewed_twice,
    state_of,
)
from tests.subsidies.conftest import GROUNDS, MONDAY, certificate, in_work, technician_figure

pytestmark = pytest.mark.django_db


# -- what is announced ---------------------------------------------------------------------------------------
def test_the_list_shows_what_the_registry_shows_of_a_person_and_what_would_be_paid(announced: Claim) -> None:
    notice, worker = notice_of(announced), announced.worker
    version = publishing.current_version(notice)
    assert [row["key"] for row in version.rows] == [announced.case.number]
    assert version.rows[0]["cells"] == [
        "1",
        "王建国",
        worker.id_number[-4:],
        "未登记",
        "鄂托克旗",
        "焊工",
        "技师证书",
        "3000.00",
    ]
    assert worker.id_number[:14] not in f"{version.rows}{notice.body}{notice.title}"
    assert notice.region_id == "150600" and notice.case is None and notice.place == "150600"
    assert (notice.opens_on, notice.closes_on, notice.working_days) == (MONDAY, LAST, 5)
    assert "第（十）条" in notice.legal_basis and "个人信息保护法" in notice.legal_basis
    assert "示例设置" in notice.body, "no figure without a source passes for law"
    assert version.digest == publishing.digest_of_rows(version.rows)


def test_everybody_reads_it(announced: Claim, client: Any) -> None:
    page = client.get(f"/notices/{notice_of(announced).number}/").content.decode()
    assert "王建国" in page and "3000.00" in page and "公示人数" in page
    assert announced.worker.id_number not in page


@pytest.mark.parametrize("seen_by", ["own", "reviewer"])
def test_the_page_of_the_claim_says_where_it_stands(
    announced: Claim, own: Any, cast: Any, as_user: Any, seen_by: str
) -> None:
    user = own if seen_by == "own" else cast(seen_by)
    page = as_user(user).get(f"/subsidies/claims/{announced.case.number}/").content.decode()
    assert "公示至2026年11月23日（含当日）" in page and notice_of(announced).number in page
    assert "公示期间不计入办理时限" in page


def test_who_announces_reads_before_what_everybody_will(technician: Claim, cast: Any, as_user: Any) -> None:
    """Given a reviewed claim, when the reviewer opens the step, then the row stands there; sent, it is announced."""
    address = f"/subsidies/claims/{technician.case.number}/do/announce/"
    reviewer = as_user(cast("reviewer"))
    page = reviewer.get(address).content.decode()
    assert "证件尾号" in page and technician.worker.id_number[-4:] in page and "3000.00" in page
    assert reviewer.post(address).status_code == 302 and state_of(technician) == "on_notice"
    page = reviewer.get(f"/subsidies/claims/{technician.case.number}/").content.decode()
    assert "公示尚未期满" in page, "why it does not end yet"


def test_a_claim_for_a_training_is_announced_by_its_project(cast: Any, welder: Any, figure: None) -> None:
    from subsidies.models import TRAINING
    from tests.subsidies.conftest import training

    one = training(welder, by=cast("clerk"), confirmed_by=cast("reviewer"))
    claim = claiming.claim_at_once(
        one.pk, TECHNICIAN, about=TRAINING, channel="window", by=cast("clerk"), on=MONDAY
    )
    claiming.accept(claim.pk, by=cast("clerk"), on=MONDAY)
    announcing.announce(reviewed_twice(claim, cast).pk, by=cast("reviewer"), on=MONDAY)
    assert publishing.current_version(notice_of(claim)).rows[0]["cells"][6] == "高级技师岗位技能提升培训"


# -- when it is announced ------------------------------------------------------------------------------------
def test_only_where_the_course_asks_for_it(cast: Any, welding: Any, accepted: Any) -> None:
    claim = accepted(welding)
    assert claim.course.notice_days is None, "skill-upgrade has none"
    handling.review(claim.pk, by=cast("reviewer"), on=MONDAY)
    with pytest.raises(NotNow, match="不需要公示"):
        announcing.announce(claim.pk, by=cast("reviewer"), on=MONDAY)
    handling.approve(claim.pk, by=cast("approver"), on=MONDAY)


def test_a_course_without_a_notice_is_approved_at_once(
    cast: Any, welder: Any, accepted: Any, figure: None
) -> None:
    course_for_technicians(cast)
    senior = certificate(welder, cast("reviewer"), level=50, number="J1")
    claim = reviewed_twice(accepted(senior, TECHNICIAN), cast)
    assert claim.case in Case.objects.waiting_for(cast("approver"), MONDAY)
    assert handling.approve(claim.pk, by=cast("approver"), on=MONDAY).amount == 3000


def test_without_a_figure_nothing_is_announced(cast: Any, welder: Any, accepted: Any) -> None:
    senior = certificate(welder, cast("reviewer"), level=50, number="J1")
    claim = reviewed_twice(accepted(senior, TECHNICIAN), cast)
    assert state_of(claim) == "no_figure"
    assert claim.case not in Case.objects.waiting_for(cast("reviewer"), MONDAY)
    with pytest.raises(NotNow, match="标准没有依据，暂不能公示"):
        announcing.announce(claim.pk, by=cast("reviewer"), on=MONDAY)
    technician_figure(cast)
    announcing.announce(claim.pk, by=cast("reviewer"), on=MONDAY)
    assert state_of(claim) == "on_notice"


def test_who_does_not_fulfil_the_conditions_any_more_is_not_announced(cast: Any, technician: Claim) -> None:
    all_changed_by_two(Employment.objects.filter(worker=technician.worker_id), status="unemployed")
    with pytest.raises(NotNow, match="不符合条件"):
        announcing.announce(technician.pk, by=cast("reviewer"), on=MONDAY)
    assert not PublicNotice.objects.exists()


def test_it_waits_for_who_announces_and_then_for_who_approves(cast: Any, technician: Claim) -> None:
    def waits_for(person: str, on: date) -> bool:
        return technician.case in Case.objects.waiting_for(cast(person), on)

    assert waits_for("second_reviewer", MONDAY) and not waits_for("approver", MONDAY)
    announcing.announce(technician.pk, by=cast("reviewer"), on=MONDAY)
    assert not waits_for("second_reviewer", MONDAY) and not waits_for("approver", AFTER)
    announcing.end(technician.pk, by=cast("reviewer"), on=AFTER)
    assert waits_for("approver", AFTER)


@pytest.mark.parametrize(("days", "stops"), [(5, True), (3, False), (1, True)])
def test_days_and_clock_are_those_of_the_course(
    cast: Any, welder: Any, accepted: Any, figure: None, days: int, stops: bool
) -> None:
    """The days of the notice count towards the time of the office, or stand still, as the course says."""
    course_for_technicians(cast, notice_days=days, notice_stops_clock=stops)
    senior = certificate(welder, cast("reviewer"), level=50, number="J1")
    claim = reviewed_twice(accepted(senior, TECHNICIAN), cast)
    due = claim.case.due_on
    announcing.announce(claim.pk, by=cast("reviewer"), on=MONDAY)
    case, notice = Case.objects.get(pk=claim.pk), notice_of(claim)
    assert notice.closes_on == MONDAY + timedelta(days=days if days < 5 else 7)
    assert case.stopped_on == (MONDAY if stops else None) and case.due_on == due
    over = notice.closes_on + timedelta(days=1)
    announcing.end(claim.pk, by=cast("reviewer"), on=over)
    case.refresh_from_db()
    gone = publishing.add_working_days(due, days + 1).on
    assert (case.stopped_on, case.due_on) == (None, gone if stops else due)


def test_what_waited_for_its_figure_goes_on_where_it_stood(cast: Any, welder: Any, accepted: Any) -> None:
    """The time that was left when it began to wait is left when the notice is over."""
    senior = certificate(welder, cast("reviewer"), level=50, number="J1")
    claim = reviewed_twice(accepted(senior, TECHNICIAN), cast)
    left = publishing.add_working_days(MONDAY, 20).on
    assert claim.case.due_on == left
    technician_figure(cast)
    later = MONDAY + timedelta(days=7)
    announcing.announce(claim.pk, by=cast("reviewer"), on=later)
    case = Case.objects.get(pk=claim.pk)
    assert (case.stopped_on, case.due_on) == (later, publishing.add_working_days(later, 20).on)


def test_days_off_do_not_count(cast: Any, technician: Claim) -> None:
    from portal.regions.models import CalendarDay

    CalendarDay.objects.create(on=date(2026, 11, 18), year_id=2026, works=False, name="合成调休")
    announcing.announce(technician.pk, by=cast("reviewer"), on=MONDAY)
    assert notice_of(technician).closes_on == date(2026, 11, 24)


# -- until when ----------------------------------------------------------------------------------------------
def test_the_last_day_is_over_at_midnight(cast: Any, announced: Claim) -> None:
    with pytest.raises(NotNow, match="公示至2026年11月23日"):
        announcing.end(announced.pk, by=cast("reviewer"), on=LAST)
    assert announcing.end_due(LAST) == 0
    with pytest.raises(NotNow, match="当前状态为“公示中”"):
        handling.approve(announced.pk, by=cast("approver"), on=AFTER)
    assert announcing.end_due(AFTER) == 1 and announcing.end_due(AFTER) == 0
    assert handling.approve(announced.pk, by=cast("approver"), on=AFTER).amount == 3000


def test_the_night_ends_them(announced: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.timezone, "localdate", lambda: AFTER)
    assert tasks.end_notices() == 1 and state_of(announced) == "noticed"
    event = announced.case.events.get(action="end_notice")
    assert event.by is None and event.on == AFTER


def test_a_notice_that_was_made_longer_bars_again(cast: Any, announced: Claim) -> None:
    announcing.end_due(AFTER)
    publishing.extend_notice(
        notice_of(announced).pk, working_days=2, reason="材料补充。", by=cast("supervisor"), on=AFTER
    )
    for act in (handling.approve, handling.reject):
        with pytest.raises(NotNow, match="公示至2026年11月26日"):
            given = {} if act is handling.approve else {"reason": GROUNDS}
            act(announced.pk, **given, by=cast("approver"), on=AFTER)
    handling.approve(announced.pk, by=cast("approver"), on=date(2026, 11, 27))
    with pytest.raises(NotNow, match="已办结，不能再延长"):
        publishing.extend_notice(
            notice_of(announced).pk, working_days=2, reason="补充。", by=cast("supervisor"), on=AFTER
        )


# -- many ----------------------------------------------------------------------------------------------------
def test_a_set_is_announced_as_a_list_for_each_league(
    cast: Any, technician: Claim, another: Claim, welding: Any, accepted: Any, figure: None
) -> None:
    """And each claim stands as it would by itself: the one that needs no notice stays, with the reason."""
    far = in_work(make_worker("包技孙", region=KUNDULUN), cast("baotou_reviewer"))
    senior = certificate(far, cast("baotou_reviewer"), level=50, number="J3")
    third = claiming.claim_at_once(
        senior.pk, TECHNICIAN, channel="window", by=cast("baotou_clerk"), on=MONDAY
    )
    claiming.accept(third.pk, by=cast("baotou_clerk"), on=MONDAY)
    handling.review(third.pk, by=cast("baotou_reviewer"), on=MONDAY)
    other = make_account("region.reviewer2", "乌恩", "regional_reviewer", "150000")
    handling.review_again(third.pk, by=other, on=MONDAY)
    moving = announcing.announce_many(
        [technician.pk, another.pk, third.pk], by=cast("regional_reviewer"), on=MONDAY
    )
    assert moving.refused == {} and len(moving.cases) == 3
    places = PublicNotice.objects.order_by("region").values_list("region", flat=True)
    assert list(places) == [BAOTOU, "150600"]
    rows = publishing.current_version(notice_of(technician)).rows
    assert [row["key"] for row in rows] == [technician.case.number, another.case.number]
    assert [row["cells"][0] for row in rows] == ["1", "2"]
    detail = technician.case.events.get(action="announce").detail
    assert detail["notice"] == notice_of(technician).number


def test_many_take_no_more_statements_than_a_few(
    cast: Any, accepted: Any, figure: None, django_assert_max_num_queries: Any
) -> None:
    claims = []
    for number in range(8):
        worker = in_work(make_worker(f"工人{number}"), cast("reviewer"))
        senior = certificate(worker, cast("reviewer"), level=50, number=f"J{number}")
        claims.append(reviewed_twice(accepted(senior, TECHNICIAN), cast))
    with django_assert_max_num_queries(60):
        announcing.announce_many([one.pk for one in claims], by=cast("reviewer"), on=MONDAY)
    with django_assert_max_num_queries(25):
        assert announcing.end_due(AFTER) == 8


def test_in_bulk_it_runs_as_a_job(cast: Any, technician: Claim, another: Claim) -> None:
    from portal.jobs.runner import run_job
    from subsidies import jobs

    for action, person, on, state in (
        ("announce", "reviewer", MONDAY, "on_notice"),
        ("approve_noticed", "approver", AFTER, "approved"),
    ):
        versions = dict(Case.objects.filter(pk__in=[technician.pk, another.pk]).values_list("pk", "version"))
        run_job(jobs.start_moving(action, versions, by=cast(person), on=on).pk)
        assert {state_of(technician), state_of(another)} == {state}
        announcing.end_due(AFTER)


# -- kept ----------------------------------------------------------------------------------------------------
def test_the_file_of_the_finished_case_tells_of_it(cast: Any, announced: Claim) -> None:
    objection = object_to(notice_of(announced), announced)
    objections.dismiss(objection.case_id, **SAID, by=cast("supervisor"), on=MONDAY)
    announcing.end_due(AFTER)
    handling.approve(announced.pk, by=cast("approver"), on=AFTER)
    told = dict(case_file.tell(Case.objects.get(pk=announced.pk)).decided)
    number = notice_of(announced).number
    assert told["公示"] == f"{number}，2026年11月16日至2026年11月23日，收到异议1件"


def refused_by_database(name: str, act: Any) -> None:
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_holds_it(cast: Any, announced: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = AnnouncedClaim.objects.filter(claim=announced)
    refused_by_database("what was announced stays", mine.delete)
    refused_by_database("what was announced stays", lambda: mine.update(claim=announced, notice=None))
    monkeypatch.setattr(standing, "against_deciding", lambda claims, action, on: {})
    announcing.end(announced.pk, by=cast("reviewer"), on=MONDAY)
    refused_by_database(
        "approved before its notice is over",
        lambda: handling.approve(announced.pk, by=cast("approver"), on=LAST),
    )


def test_the_database_wants_a_notice_at_all(
    cast: Any, technician: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "against_deciding", lambda claims, action, on: {})
    refused_by_database(
        "approved before its notice is over",
        lambda: handling.approve(technician.pk, by=cast("approver"), on=AFTER),
    )


# -- settings ------------------------------------------------------------------------------------------------
def test_the_sample_says_that_it_is_one() -> None:
    sample = Course.objects.get(kind=TECHNICIAN, is_sample=True)
    assert (sample.notice_days, sample.notice_stops_clock) == (5, True) and "示例" in sample.basis


def test_only_technicians_have_one_and_a_clock_stands_only_beside_one(cast: Any) -> None:
    given = {"league": None, "since": MONDAY, "working_days": 10, "basis": "合成"}
    for kind in (SKILL_UPGRADE, "subsidies.proposal"):
        with pytest.raises(NotNow, match="只有“技师、高级技师培训补贴”设公示"):
            courses.enter(
                given | {"kind": kind, "notice_days": 5}, by=cast("supervisor"), on=date(2026, 11, 2)
            )
    with pytest.raises(NotNow, match="不设公示的"):
        courses.enter(
            given | {"kind": TECHNICIAN, "notice_stops_clock": True},
            by=cast("supervisor"),
            on=date(2026, 11, 2),
        )


def test_no_other_way_leads_past_it(cast: Any, announced: Claim) -> None:
    """The step that an upheld objection takes is none of the page of a claim."""
    from subsidies.views.claim_page import HERE

    assert "uphold_objection" not in HERE
    with (
        pytest.raises(Refused),
        transition(announced.pk, "uphold_objection", by=cast("reviewer"), on=MONDAY, reason="无。"),
    ):
        pass
