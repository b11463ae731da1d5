"""Nominating: every move, for whom it is open, when, and what the database holds whatever code asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal.accounts.access import Refused
from portal.accounts.models import RoleAssignment, User
from portal.audit.models import Entry as AuditEntry
from portal.cases.actions import NotNow
from portal.cases.models import Case, ClockRule
from portal.letters.models import Letter
from portal.workforce.models import Employment, SkillCredential
from talent_registry.models import Nomination
from talent_registry.selection import nominating
from tests.by_two import all_changed_by_two
from tests.cast import KUNDULUN, OTOG
from tests.roles import compared, everybody, refusal, undone
from tests.selection.nominees import (
    drafted,
    make_employer,
    make_round,
    make_skilled,
    move_round,
    nominated,
    today,
    with_account,
)


@pytest.fixture
def round_(registry_officer) -> Any:
    return make_round(registry_officer)


@pytest.fixture
def unit(employer_agent) -> Any:
    return make_employer(agents=(employer_agent,))


# -- beginning -----------------------------------------------------------------------------------------------
def test_a_unit_a_worker_and_a_window_nominate(round_, unit, employer_agent, clerk) -> None:
    of_unit, own, present = (make_skilled(name, unit=unit) for name in ("王建国", "李海燕", "赵春明"))
    first = drafted(round_, of_unit, employer_agent, channel="employer", employer_id=unit.pk)
    second = drafted(round_, own, with_account(own), channel="self")
    third = drafted(round_, present, clerk)
    assert [one.case.state for one in (first, second, third)] == ["draft"] * 3
    assert [one.case.employer_id for one in (first, second, third)] == [unit.pk, None, None]
    assert first.case.number.startswith("TJ-") and first.case.region_id == OTOG and first.case.due_on is None
    assert AuditEntry.objects.filter(action="case.open", worker_ref=of_unit.pk).exists()


def test_an_agent_nominates_only_who_works_in_the_unit_today(round_, unit, employer_agent) -> None:
    elsewhere = make_skilled(unit=make_employer("包头铝业", region=KUNDULUN))
    left = make_skilled("离职", unit=unit)
    all_changed_by_two(Employment.objects.filter(worker=left), ended_on=today() - timedelta(days=3))
    for worker in (elsewhere, left):
        with pytest.raises(Refused, match="本单位目前在职"):
            drafted(round_, worker, employer_agent, channel="employer", employer_id=unit.pk)
    with pytest.raises(Refused, match="本单位目前在职"):
        drafted(round_, elsewhere, employer_agent, channel="employer", employer_id=elsewhere.employer_id)
    RoleAssignment.objects.filter(user=employer_agent).update(until=today(), ended_at="2026-01-01T00:00:00Z")
    with pytest.raises(Refused):
        drafted(
            round_,
            make_skilled("在职", unit=unit),
            User.objects.get(pk=employer_agent.pk),
            channel="employer",
            employer_id=unit.pk,
        )
    assert not Nomination.objects.exists()


def test_a_worker_nominates_only_themselves(round_, worker_user) -> None:
    with pytest.raises(Refused, match="只能为自己申报"):
        drafted(round_, make_skilled(), worker_user, channel="self")


def test_who_may_nominate_for_a_present_worker(round_, cast) -> None:
    worker, people = make_skilled(), everybody(cast)
    with compared() as expect:
        for person in people:
            may = person.role in {"window_clerk", "league_reviewer"} and person.region[:4] == "1506"
            with undone():
                expect(
                    person.name,
                    refusal(lambda by=person.user: drafted(round_, worker, by)),
                    None if may else Refused,
                )
                made = list(Nomination.objects.values_list("channel", flat=True))
                expect(f"{person.name}: made", made, ["window"] if may else [])


def test_not_before_it_opens_and_not_after_it_closed(registry_officer, clerk) -> None:
    worker, on = make_skilled(), today()
    early = make_round(registry_officer, opens_on=on + timedelta(days=1))
    with pytest.raises(NotNow, match="尚未开始申报"):
        drafted(early, worker, clerk)
    late = make_round(
        registry_officer, year=2025, opens_on=on - timedelta(days=9), nominations_until=on - timedelta(days=1)
    )
    with pytest.raises(NotNow, match="已于.*截止"):
        drafted(late, worker, clerk)
    begun = make_round(registry_officer, year=2024, state="draft")
    with pytest.raises(NotNow, match="尚未开始申报"):
        drafted(begun, worker, clerk)
    assessed = make_round(registry_officer, year=2023, state="assessed")
    with pytest.raises(NotNow, match="不再接受申报"):
        drafted(assessed, worker, clerk)
    assert nominating.open_round(on) is None


def test_nobody_twice_in_a_round_but_again_after_a_withdrawal(round_, clerk, unit, employer_agent) -> None:
    worker = make_skilled(unit=unit)
    first = drafted(round_, worker, clerk)
    with pytest.raises(NotNow, match="已有申报"):
        drafted(round_, worker, employer_agent, channel="employer", employer_id=unit.pk)
    nominating.withdraw(first.pk, by=clerk, on=today(), reason="本人要求由单位申报。")
    again = drafted(round_, worker, employer_agent, channel="employer", employer_id=unit.pk)
    assert again.pk != first.pk and Nomination.objects.get(pk=first.pk).outcome == "withdrawn"


def test_who_is_on_the_registry_is_told_so_kindly(round_, clerk, cast) -> None:
    from talent_registry.actions import confirm, propose
    from tests.cast import make_honour

    worker = make_skilled()
    make_honour(worker, recorded_by=clerk, verified_by=cast("reviewer"))
    waiting = drafted(round_, worker, clerk)
    (case,) = propose([worker.pk], by=None, on=today())
    confirm(case.pk, by=cast("registry_officer"), on=today(), how="查验职业技能等级证书")
    with pytest.raises(NotNow, match="已在高技能领军人才名录中.*不需要再参加遴选"):
        nominating.submit(waiting.pk, by=clerk, on=today())
    nominating.withdraw(waiting.pk, by=clerk, on=today(), reason="已列入名录。")
    with pytest.raises(NotNow, match="已在高技能领军人才名录中"):
        drafted(round_, worker, clerk)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"industry": "Z"}, "所属行业"),
        ({"statement": " \n"}, "主要业绩"),
        ({"statement": "长" * 2001}, "不超过2000"),
        ({"channel": "x"}, "申报方式"),
    ],
)
def test_what_has_to_be_filled_in(round_, clerk, given, said) -> None:
    with pytest.raises(NotNow, match=said):
        drafted(round_, make_skilled(), clerk, **given)
    assert not Case.objects.filter(kind="registry.nomination").exists()


def test_what_was_written_changes_while_it_is_a_draft_or_returned(
    round_, clerk, reviewer, unit, employer_agent
) -> None:
    one = nominated(
        make_skilled(unit=unit),
        round_,
        employer_agent,
        channel="employer",
        employer_id=unit.pk,
        state="draft",
    )
    with pytest.raises(Refused, match="的经办人办理"):
        nominating.edit(one.pk, industry="B", statement="x", by=clerk, on=today())
    nominating.edit(one.pk, industry="B", statement=" 新的业绩 ", by=employer_agent, on=today())
    one.refresh_from_db()
    assert (one.industry, one.statement) == ("B", "新的业绩")
    nominating.submit(one.pk, by=employer_agent, on=today())
    with pytest.raises(NotNow, match="不能再修改"):
        nominating.edit(one.pk, industry="C", statement="x", by=employer_agent, on=today())
    nominating.return_for_correction(one.pk, missing=["业绩写得具体些"], by=clerk, on=today())
    nominating.edit(one.pk, industry="C", statement="窗口代为补充", by=clerk, on=today())
    assert AuditEntry.objects.filter(action="nomination.change").count() == 2


# -- handing in ----------------------------------------------------------------------------------------------
def test_handing_in_keeps_the_determination_and_starts_the_clock(round_, clerk) -> None:
    ClockRule.objects.update_or_create(
        kind="registry.nomination", defaults={"working_days": 5, "basis": "示例", "is_sample": True}
    )
    one = nominated(make_skilled(), round_, clerk)
    assert one.case.state == "submitted" and one.case.started_on == today() and one.case.due_on > today()
    assert one.determination.benefit == "registry.nomination" and one.determination.outcome == "eligible"
    assert nominating.missing(one) == []


@pytest.mark.parametrize(
    ("facts", "unmet", "met"),
    [
        ({"level": 30}, "技能等级为高级工及以上", "在生产服务一线岗位工作"),
        ({"on_front_line": False}, "在生产服务一线岗位工作", "技能等级为高级工及以上"),
    ],
)
def test_who_fails_a_condition_is_refused_with_it_and_its_clause(round_, clerk, facts, unmet, met) -> None:
    one = nominated(make_skilled(**facts), round_, clerk, state="draft")
    with pytest.raises(NotNow) as refusal:
        nominating.submit(one.pk, by=clerk, on=today())
    assert (
        unmet in str(refusal.value)
        and "内党办发〔2019〕6号（一）" in str(refusal.value)
        and met not in str(refusal.value)
    )
    one.refresh_from_db()
    assert one.case.state == "draft" and one.determination is None


def test_every_unmet_condition_is_named(round_, clerk) -> None:
    one = nominated(make_skilled(level=20, on_front_line=False), round_, clerk, state="draft")
    with pytest.raises(NotNow, match="技能等级为高级工及以上.*在生产服务一线岗位工作"):
        nominating.submit(one.pk, by=clerk, on=today())


def test_what_is_not_known_does_not_keep_from_handing_in_and_is_named(round_, clerk) -> None:
    worker = make_skilled(level=None, on_front_line=None)
    one = nominated(worker, round_, clerk)
    assert one.determination.outcome == "undetermined"
    assert len(nominating.missing(one)) == 2 and "技能等级" in nominating.missing(one)[0]
    with pytest.raises(NotNow, match="不能受理.*技能等级为高级工及以上.*在生产服务一线岗位工作"):
        nominating.accept(one.pk, by=clerk, on=today())
    SkillCredential.objects.create(
        worker=worker, occupation="炼焦工", level=50, number="S1", source="窗口登记"
    )
    all_changed_by_two(Employment.objects.filter(worker=worker), on_front_line=True)
    nominating.accept(one.pk, by=clerk, on=today())
    again = Nomination.objects.get(pk=one.pk)
    assert (
        again.determination.outcome == "eligible"
        and again.determination.supersedes_id == one.determination_id
    )


def test_the_conditions_must_still_hold_when_it_is_taken_in(round_, clerk) -> None:
    one = nominated(make_skilled(), round_, clerk)
    all_changed_by_two(Employment.objects.all(), on_front_line=False)
    with pytest.raises(NotNow, match="不符合申报条件"):
        nominating.accept(one.pk, by=clerk, on=today())
    assert Case.objects.get(pk=one.pk).state == "submitted"


def test_who_left_the_unit_is_not_handed_in_by_it(round_, unit, employer_agent) -> None:
    worker = make_skilled(unit=unit)
    one = nominated(worker, round_, employer_agent, channel="employer", employer_id=unit.pk, state="draft")
    all_changed_by_two(Employment.objects.filter(worker=worker), ended_on=today())
    with pytest.raises(Refused, match="目前在职"):
        nominating.submit(one.pk, by=employer_agent, on=today())


def test_not_handed_in_after_the_last_day(round_, clerk) -> None:
    one = nominated(make_skilled(), round_, clerk, state="draft")
    with pytest.raises(NotNow, match="截止"):
        nominating.submit(one.pk, by=clerk, on=round_.nominations_until + timedelta(days=1))
    move_round(round_.pk, User.objects.get(username="region.registry"), "assessed")
    with pytest.raises(NotNow, match="不再接受申报"):
        nominating.submit(one.pk, by=clerk, on=today())


# -- taking in -----------------------------------------------------------------------------------------------
def test_the_clerk_who_handed_in_for_a_present_worker_may_take_it_in(round_, clerk) -> None:
    one = nominated(make_skilled(), round_, clerk, state="accepted")
    assert one.case.state == "accepted" and one.case.due_on is None
    assert one.case.duties.get().duty == "accept"


def test_missing_is_said_once_in_full_by_letter_and_the_clock_stops(
    round_, clerk, unit, employer_agent
) -> None:
    ClockRule.objects.update_or_create(
        kind="registry.nomination", defaults={"working_days": 5, "basis": "示例", "is_sample": True}
    )
    one = nominated(make_skilled(unit=unit), round_, employer_agent, channel="employer", employer_id=unit.pk)
    with pytest.raises(NotNow, match="至少写明一项"):
        nominating.return_for_correction(one.pk, missing=[" "], by=clerk, on=today())
    assert not Letter.objects.exists()
    nominating.return_for_correction(one.pk, missing=["岗位证明", " 成果证明 ", ""], by=clerk, on=today())
    case = Case.objects.get(pk=one.pk)
    assert case.state == "returned" and case.stopped_on == today()
    assert case.corrections.get().missing == ["岗位证明", "成果证明"]
    letter = Letter.objects.get(case=case)
    assert letter.kind == "registry.nomination-correction" and "成果证明" in str(letter.context)
    with pytest.raises(NotNow):
        nominating.accept(one.pk, by=clerk, on=today())
    nominating.resubmit(one.pk, by=employer_agent, on=today() + timedelta(days=2), reason="已补交。")
    case.refresh_from_db()
    assert (
        case.state == "submitted"
        and case.stopped_on is None
        and case.corrections.get().resolved_by == employer_agent
    )


def test_who_brings_what_is_missing(round_, clerk, baotou_clerk, unit, employer_agent) -> None:
    worker = make_skilled(unit=unit)
    own = with_account(worker)
    one = nominated(worker, round_, employer_agent, channel="employer", employer_id=unit.pk)
    nominating.return_for_correction(one.pk, missing=["岗位证明"], by=clerk, on=today())
    for person in (own, baotou_clerk):
        with pytest.raises(Refused):
            nominating.resubmit(one.pk, by=person, on=today())
    nominating.resubmit(one.pk, by=clerk, on=today(), reason="单位送来岗位证明。")
    assert Case.objects.get(pk=one.pk).state == "submitted"


def test_refusing_needs_a_reason_and_ends_it_with_a_letter(round_, clerk) -> None:
    one = nominated(make_skilled(), round_, clerk)
    with pytest.raises(NotNow, match="须写明理由"):
        nominating.refuse(one.pk, reason=" ", by=clerk, on=today())
    nominating.refuse(one.pk, reason="所附成果不是本人完成。", by=clerk, on=today())
    one.refresh_from_db()
    assert one.outcome == "refused" and Case.objects.get(pk=one.pk).closed_at
    letter = Letter.objects.get(case_id=one.pk)
    assert letter.kind == "registry.nomination-refusal" and "所附成果不是本人完成" in letter.grounds


def test_nobody_decides_what_concerns_themselves(round_, clerk) -> None:
    worker = make_skilled()
    worker.account = clerk
    worker.save(update_fields=["account"])
    one = nominated(worker, round_, clerk)
    with pytest.raises(Refused, match="须由另一人"):
        nominating.accept(one.pk, by=clerk, on=today())
    with pytest.raises(Refused, match="须由另一人"):
        nominating.refuse(one.pk, reason="核实", by=clerk, on=today())


def test_who_took_it_in_does_not_recommend_it(round_, reviewer, registry_officer) -> None:
    from portal.cases.actions import transition

    one = nominated(make_skilled(), round_, reviewer, state="accepted")
    with pytest.raises(Refused, match="须由另一人"), transition(one.pk, "recommend", by=reviewer, on=today()):
        pass


def test_taking_in_ends_when_recommending_begins(round_, clerk, registry_officer) -> None:
    waiting = nominated(make_skilled(), round_, clerk)
    returned = nominated(make_skilled("李海燕"), round_, clerk)
    nominating.return_for_correction(returned.pk, missing=["岗位证明"], by=clerk, on=today())
    move_round(round_.pk, registry_officer, "assessed")
    nominating.accept(waiting.pk, by=clerk, on=today())
    move_round(round_.pk, registry_officer, "recommendation")
    with pytest.raises(NotNow, match="受理已结束"):
        nominating.resubmit(returned.pk, by=clerk, on=today())
    nominating.withdraw(returned.pk, by=clerk, on=today(), reason="逾期未补正，经本人同意撤回。")
    assert Case.objects.get(pk=returned.pk).closed_at


# -- taking back ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "accepted"])
def test_taking_back_from_every_state_in_which_it_is_possible(
    round_, clerk, unit, employer_agent, state
) -> None:
    one = nominated(
        make_skilled(unit=unit),
        round_,
        employer_agent,
        channel="employer",
        employer_id=unit.pk,
        clerk=clerk,
        state="submitted" if state == "returned" else state,
    )
    if state == "returned":
        nominating.return_for_correction(one.pk, missing=["岗位证明"], by=clerk, on=today())
    nominating.withdraw(one.pk, by=employer_agent, on=today())
    case = Case.objects.get(pk=one.pk)
    assert case.state == "withdrawn" and not case.corrections.filter(resolved_on=None).exists()
    with pytest.raises(NotNow):
        nominating.withdraw(one.pk, by=employer_agent, on=today())


def test_a_worker_takes_back_what_the_unit_handed_in(round_, clerk, unit, employer_agent) -> None:
    worker = make_skilled(unit=unit)
    own = with_account(worker)
    one = nominated(worker, round_, employer_agent, channel="employer", employer_id=unit.pk)
    other = make_employer("另一单位")
    with pytest.raises(NotNow, match="须写明是谁提出"):
        nominating.withdraw(one.pk, by=clerk, on=today())
    assert other.pk != unit.pk
    nominating.withdraw(one.pk, by=own, on=today(), reason="本人不参加。")
    assert Case.objects.get(pk=one.pk).events.last().by == own
