"""Two rounds for the demonstration: last year's, played to its end, and this year's, in which nominations are
taken until today.

Every step is the action a person would take, on the day it would have been taken. Scheme and places stay the
shipped samples, with few places, so that not everybody is selected. The people are the synthetic roster's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.models import ClockRule
from portal.cases.notices.workflow import OBJECTION
from portal.demo import Demo
from portal.regions.calendar import add_working_days
from portal.workforce.actions import appoint_agent
from portal.workforce.models import SkillLevel, Worker
from talent_registry.models import Channel, Industry, Nomination, QuotaKind, SelectionRound, Status
from talent_registry.selection import nominating, panel, recommending, rounds, steps
from talent_registry.selection.workflow import NOMINATION

# Who acts behind the scenes beside the accounts one can sign in with: user name, name, role, place.
_BEHIND_THE_SCENES = (
    ("league_clerk", "chuangkou.eerduosi", "苏和", Role.WINDOW_CLERK, "150600"),
    ("baotou_clerk", "chuangkou.baotou", "赵敏", Role.WINDOW_CLERK, "150200"),
    ("hohhot_clerk", "chuangkou.huhehaote", "云霞", Role.WINDOW_CLERK, "150100"),
    ("second_expert", "zhuanjia.erhao", "秦淑芬", Role.PANEL_EXPERT, "150000"),
)
# League: (short name of who takes in, of who recommends, nominees of last year).
_LEAGUES = {
    "150600": ("league_clerk", "reviewer", 6),
    "150200": ("baotou_clerk", "baotou_reviewer", 4),
    "150100": ("hohhot_clerk", "hohhot_reviewer", 4),
}
_PLACES, _A_LEAGUE, _AN_INDUSTRY = 6, 3, 4
_THIS_YEAR = 7
# Nominated by the unit, in three different states.
_BY_THE_UNIT = 3
# Of this year's nominees, as many are left for the expert to score.
_LEFT_TO_SCORE = 3
_INDUSTRIES = (Industry.B, Industry.C, Industry.D, Industry.E)
_STATEMENT = "长期在生产一线从事{occupation}工作，承担设备改造和疑难故障处理，带徒传艺。（演示内容）"


@dataclass(frozen=True)
class _Days:
    """The days of one round."""

    prepared: date
    opens: date
    nominations_until: date
    panel_until: date
    recommend_until: date


def load(demo: Demo) -> None:
    for kind, working_days in ((NOMINATION, 5), (OBJECTION, 10)):
        ClockRule.objects.create(
            kind=kind, working_days=working_days, basis="示例，由主管机关确定", is_sample=True
        )
    for short, username, name, role, region in _BEHIND_THE_SCENES:
        demo.backstage[short] = User.objects.create_user(username, None, display_name=name)
        RoleAssignment.objects.create(
            user=demo.backstage[short], role=role, region_id=region, since=date(demo.on.year - 2, 1, 1)
        )
    people = _candidates()
    of_the_unit = _agency(demo, people["150600"])
    _last_year(demo, people)
    _this_year(demo, people["150600"], of_the_unit)


def _who(demo: Demo, short: str) -> Any:
    return demo.people.get(short) or demo.backstage[short]


def _agency(demo: Demo, people: list[Worker]) -> list[Worker]:
    """The agent acts for the unit in the clerk's banner with most people to nominate; these are kept for this
    year.
    """
    units = [
        worker.employer_id for worker in people if worker.work_region_id == "150624" and worker.employer_id
    ]
    unit = max(sorted(set(units)), key=units.count)
    agent = demo.people["employer_agent"]
    appoint_agent(
        unit,
        username=agent.username,
        name=agent.display_name,
        authority="授权委托书（示例）",
        by=demo.people["clerk"],
    )
    theirs = [
        worker for worker in people if worker.employer_id == unit and worker.work_region_id == "150624"
    ][:_BY_THE_UNIT]
    people[:] = [worker for worker in people if worker not in theirs]
    return theirs


def _candidates() -> dict[str, list[Worker]]:
    """Who may be nominated, by league: senior workers on the front line who are not on the registry."""
    found = Worker.objects.filter(
        skill_level__gte=SkillLevel.SENIOR,
        employments__ended_on__isnull=True,
        employments__on_front_line=True,
        inclusion_proposals__isnull=True,
    ).exclude(registry_entries__status__in=[Status.ACTIVE, Status.SUSPENDED])
    people: dict[str, list[Worker]] = {code: [] for code in _LEAGUES}
    for worker in found.select_related("employer").order_by("pk"):
        people[worker.league_code].append(worker)
    return people


def _prepared(demo: Demo, year: int, days: _Days) -> SelectionRound:
    officer = demo.people["registry_officer"]
    round_ = rounds.prepare(year, by=officer, on=days.prepared)
    rounds.set_days(
        round_,
        opens_on=days.opens,
        nominations_until=days.nominations_until,
        panel_until=days.panel_until,
        recommend_until=days.recommend_until,
        as_of=days.nominations_until,
        notice_working_days=round_.notice_working_days,
        by=officer,
        on=days.prepared,
    )
    keys = rounds.quota_keys()
    few = {QuotaKind.RECOMMENDATION: 5, QuotaKind.LEAGUE: _A_LEAGUE, QuotaKind.INDUSTRY: _AN_INDUSTRY}
    rounds.set_places(
        round_,
        total=_PLACES,
        quotas={kind: dict.fromkeys(keys[kind], few[QuotaKind(kind)]) for kind in keys},
        by=officer,
        on=days.prepared,
    )
    steps.take_step(year, "open", by=officer, on=days.opens)
    return steps.find(year)


def _nominated(demo: Demo, round_: SelectionRound, workers: list[Worker], clerk: Any, on: date) -> list[int]:
    """Nominated at the window and taken in."""
    taken = []
    for place, worker in enumerate(workers):
        nomination = nominating.draft(
            round_,
            worker.pk,
            channel=Channel.WINDOW,
            industry=_INDUSTRIES[place % len(_INDUSTRIES)],
            statement=_STATEMENT.format(occupation=worker.occupation or "技能"),
            by=clerk,
            on=on,
        )
        nominating.submit(nomination.pk, by=clerk, on=on)
        nominating.accept(nomination.pk, by=clerk, on=on)
        taken.append(nomination.pk)
    return taken


def _assigned(demo: Demo, nominations: list[int], on: date) -> None:
    experts = [demo.people["panel_expert"].pk, demo.backstage["second_expert"].pk]
    panel.assign(nominations, experts, by=demo.people["registry_officer"], on=on)


def _scored(demo: Demo, nominations: list[int], on: date, *, short: str) -> None:
    """An expert hands in between half and all of what each criterion gives."""
    expert = _who(demo, short)
    for one in Nomination.objects.filter(pk__in=nominations).select_related("round").order_by("pk"):
        sheet = one.panel.get(expert=expert)
        given = {
            criterion.code: criterion.most // 2 + demo.random.randrange(0, criterion.most // 2, 50)
            for criterion in panel.criteria(one.round)
        }
        panel.score(sheet.pk, given, "（演示评语）", by=expert, on=on)


def _last_year(demo: Demo, people: dict[str, list[Worker]]) -> None:
    year = demo.on.year - 1
    days = _Days(date(year, 2, 10), date(year, 3, 1), date(year, 4, 30), date(year, 5, 31), date(year, 6, 20))
    officer, round_ = demo.people["registry_officer"], _prepared(demo, year, days)
    taken: dict[str, list[int]] = {}
    for code, (clerk, _, count) in _LEAGUES.items():
        chosen, people[code] = people[code][:count], people[code][count:]
        taken[code] = _nominated(demo, round_, chosen, _who(demo, clerk), date(year, 4, 10))
    everybody = [one for codes in taken.values() for one in codes]
    _assigned(demo, everybody, date(year, 5, 6))
    steps.take_step(year, "assess", by=officer, on=date(year, 5, 6))
    for short in ("panel_expert", "second_expert"):
        _scored(demo, everybody, date(year, 5, 20), short=short)
    steps.take_step(year, "recommend", by=officer, on=date(year, 6, 3))
    for code, (_, reviewer, _) in _LEAGUES.items():
        *others, last = taken[code]
        for nomination in others:
            recommending.recommend(nomination, by=_who(demo, reviewer), on=date(year, 6, 10))
        recommending.pass_over(
            last, reason="本盟市推荐人选已满。（演示）", by=_who(demo, reviewer), on=date(year, 6, 10)
        )
    on = date(year, 6, 24)
    for step in ("rank", "freeze", "notice"):
        steps.take_step(year, step, by=officer, on=on)
    over = add_working_days(on, 6).on
    steps.take_step(year, "confirm", by=demo.people["approver"], on=over)
    steps.take_step(year, "publish", by=officer, on=over)
    steps.take_step(year, "close", by=officer, on=over + timedelta(days=30))


def _this_year(demo: Demo, people: list[Worker], of_the_unit: list[Worker]) -> None:
    """Some taken in and before the panel; of the unit's, one waits for the window, one lacks something, one
    is still a draft.
    """
    today = demo.on
    days = _Days(
        today - timedelta(days=40),
        today - timedelta(days=30),
        today,
        today + timedelta(days=15),
        today + timedelta(days=25),
    )
    round_ = _prepared(demo, today.year, days)
    taken = _nominated(
        demo, round_, people[:_THIS_YEAR], demo.backstage["league_clerk"], today - timedelta(days=10)
    )
    _assigned(demo, taken, today - timedelta(days=6))
    _scored(demo, taken, today, short="second_expert")
    _scored(demo, taken[:-_LEFT_TO_SCORE], today, short="panel_expert")
    agent, clerk = demo.people["employer_agent"], demo.people["clerk"]
    drafts = [
        nominating.draft(
            round_,
            worker.pk,
            channel=Channel.EMPLOYER,
            industry=Industry.C,
            employer_id=worker.employer_id,
            statement=_STATEMENT.format(occupation=worker.occupation or "技能"),
            by=agent,
            on=today,
        )
        for worker in of_the_unit
    ]
    for nomination in drafts[:2]:
        nominating.submit(nomination.pk, by=agent, on=today)
    if len(drafts) > 1:
        nominating.return_for_correction(
            drafts[1].pk, missing=["近三年主要业绩的证明材料"], by=clerk, on=today
        )
