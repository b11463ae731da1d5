"""Two rounds for the demonstration: last year's, played to its end, and this year's, open until today.

Every step is the action a person would take, on the day it would have been taken. Scheme and places stay the
shipped samples, with few places, so that not everybody is selected. The people are the synthetic roster's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.models import Channel, ClockRule
from portal.cases.notices.workflow import OBJECTION
from portal.demo import Demo
from portal.regions.calendar import add_working_days
from portal.workforce.actions import appoint_agent
from portal.workforce.models import SkillLevel, Worker
from talent_registry.models import Industry, Nomination, QuotaKind, SelectionRound, Status
from talent_registry.selection import nominating, panel, recommending, rounds, steps
from talent_registry.selection.workflow import NOMINATION

# Who acts behind the scenes beside the accounts one can sign in with: user name, name, role, place.
_BEHIND_THE_SCENES = (
    ("league_clerk", "chuangkou.eerduosi", "苏和", Role.WINDOW_CLERK, "150600"),
    ("baotou_clerk", "chuangkou.baotou", "赵敏", Role.WINDOW_CLERK, "150200"),
    ("hohhot_clerk", "chuangkou.huhehaote", "云霞", Role.WINDOW_CLERK, "150100"),
    ("second_expert", "zhuanjia.erhao", "秦淑芬", Role.PANEL_EXPERT, "150000"),
)


@dataclass(frozen=True)
class _League:
    """Short names of who takes in and who recommends, and how many were nominated last year."""

    clerk: str
    reviewer: str
    nominees: int


_LEAGUES = {
    "150600": _League("league_clerk", "reviewer", 6),
    "150200": _League("baotou_clerk", "baotou_reviewer", 4),
    "150100": _League("hohhot_clerk", "hohhot_reviewer", 4),
}
_PLACES = 6
_FEW_PLACES = {QuotaKind.RECOMMENDATION: 5, QuotaKind.LEAGUE: 3, QuotaKind.INDUSTRY: 4}
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
    _set_clocks()
    _hire_backstage(demo)
    people = _candidates(demo)
    of_the_unit = _choose_unit(demo, people)
    _play_last_year(demo, people)
    _begin_this_year(demo, people["150600"], of_the_unit)


def _set_clocks() -> None:
    for kind, working_days in ((NOMINATION, 5), (OBJECTION, 10)):
        ClockRule.objects.create(
            kind=kind,
            working_days=working_days,
            basis="示例，由主管机关确定",
            is_sample=True,
        )


def _hire_backstage(demo: Demo) -> None:
    since = date(demo.on.year - 2, 1, 1)
    for short, username, name, role, region in _BEHIND_THE_SCENES:
        user = User.objects.create_user(username, None, display_name=name)
        RoleAssignment.objects.create(user=user, role=role, region_id=region, since=since)
        demo.backstage[short] = user


def _actor(demo: Demo, short: str) -> Any:
    return demo.people.get(short) or demo.backstage[short]


def _choose_unit(demo: Demo, people_by_league: dict[str, list[Worker]]) -> list[Worker]:
    """Name the agent of the clerk's unit with most people to nominate; these are kept for this year."""
    people = people_by_league["150600"]
    of_the_banner = [worker for worker in people if worker.work_region_id == "150624"]
    units = [worker.employer_id for worker in of_the_banner if worker.employer_id]
    unit = max(sorted(set(units)), key=units.count)
    agent = demo.people["employer_agent"]
    appoint_agent(
        unit,
        username=agent.username,
        name=agent.display_name,
        authority="授权委托书（示例）",
        by=demo.people["clerk"],
    )
    of_the_unit = [worker for worker in of_the_banner if worker.employer_id == unit]
    kept = of_the_unit[:_BY_THE_UNIT]
    people_by_league["150600"] = [worker for worker in people if worker not in kept]
    return kept


def _candidates(demo: Demo) -> dict[str, list[Worker]]:
    """Who may be nominated, by league: on the front line, not on the registry, and senior since before the round
    of last year.
    """
    workers = Worker.objects.filter(
        credentials__level__gte=SkillLevel.SENIOR,
        credentials__issued_on__lt=date(demo.on.year - 1, 1, 1),
        employments__ended_on__isnull=True,
        employments__on_front_line=True,
        inclusion_proposals__isnull=True,
    )
    workers = workers.exclude(registry_entries__status__in=[Status.ACTIVE, Status.SUSPENDED])
    people: dict[str, list[Worker]] = {code: [] for code in _LEAGUES}
    for worker in workers.select_related("employer").order_by("pk").distinct():
        people[worker.league_code].append(worker)
    return people


def _open_round(demo: Demo, year: int, days: _Days) -> SelectionRound:
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
    quotas = {}
    for kind, keys in rounds.quota_keys().items():
        quotas[kind] = dict.fromkeys(keys, _FEW_PLACES[QuotaKind(kind)])
    rounds.set_places(round_, total=_PLACES, quotas=quotas, by=officer, on=days.prepared)
    steps.take_step(year, "open", by=officer, on=days.opens)
    return steps.find(year)


def _nominate(round_: SelectionRound, workers: list[Worker], clerk: Any, on: date) -> list[int]:
    """Nominated at the window and taken in."""
    taken_in = []
    for place, worker in enumerate(workers):
        nomination = nominating.draft(
            round_,
            worker.pk,
            channel=Channel.WINDOW,
            industry=_INDUSTRIES[place % len(_INDUSTRIES)],
            statement=_statement(worker),
            by=clerk,
            on=on,
        )
        nominating.submit(nomination.pk, by=clerk, on=on)
        nominating.accept(nomination.pk, by=clerk, on=on)
        taken_in.append(nomination.pk)
    return taken_in


def _statement(worker: Worker) -> str:
    return _STATEMENT.format(occupation=worker.occupation or "技能")


def _assign_experts(demo: Demo, nominations: list[int], on: date) -> None:
    experts = [demo.people["panel_expert"].pk, demo.backstage["second_expert"].pk]
    panel.assign(nominations, experts, by=demo.people["registry_officer"], on=on)


def _score(demo: Demo, nominations: list[int], on: date, *, short: str) -> None:
    """An expert hands in between half and all of what each criterion gives."""
    expert = _actor(demo, short)
    nominees = Nomination.objects.filter(pk__in=nominations).select_related("round")
    for nomination in nominees.order_by("pk"):
        scores = {}
        for criterion in panel.criteria(nomination.round):
            half = criterion.most // 2
            scores[criterion.code] = half + demo.random.randrange(0, half, 50)
        sheet = nomination.panel.get(expert=expert)
        panel.score(sheet.pk, scores, "（演示评语）", by=expert, on=on)


def _play_last_year(demo: Demo, people: dict[str, list[Worker]]) -> None:
    year = demo.on.year - 1
    days = _Days(
        prepared=date(year, 2, 10),
        opens=date(year, 3, 1),
        nominations_until=date(year, 4, 30),
        panel_until=date(year, 5, 31),
        recommend_until=date(year, 6, 20),
    )
    officer = demo.people["registry_officer"]
    round_ = _open_round(demo, year, days)
    taken_in: dict[str, list[int]] = {}
    for code, league in _LEAGUES.items():
        nominees = people[code][: league.nominees]
        people[code] = people[code][league.nominees :]
        taken_in[code] = _nominate(round_, nominees, _actor(demo, league.clerk), date(year, 4, 10))
    everybody = [nomination for of_league in taken_in.values() for nomination in of_league]
    _assign_experts(demo, everybody, date(year, 5, 6))
    steps.take_step(year, "assess", by=officer, on=date(year, 5, 6))
    for short in ("panel_expert", "second_expert"):
        _score(demo, everybody, date(year, 5, 20), short=short)
    steps.take_step(year, "recommend", by=officer, on=date(year, 6, 3))
    for code, league in _LEAGUES.items():
        _recommend_all_but_one(taken_in[code], _actor(demo, league.reviewer), date(year, 6, 10))
    _finish(demo, year, date(year, 6, 24))


def _recommend_all_but_one(nominations: list[int], reviewer: Any, on: date) -> None:
    *others, last = nominations
    for nomination in others:
        recommending.recommend(nomination, by=reviewer, on=on)
    recommending.pass_over(last, reason="本盟市推荐人选已满。（演示）", by=reviewer, on=on)


def _finish(demo: Demo, year: int, on: date) -> None:
    """From the ranking to the end, with nobody objecting."""
    officer = demo.people["registry_officer"]
    for step in ("rank", "freeze", "notice"):
        steps.take_step(year, step, by=officer, on=on)
    over = add_working_days(on, 6).on
    steps.take_step(year, "confirm", by=demo.people["approver"], on=over)
    steps.take_step(year, "publish", by=officer, on=over)
    steps.take_step(year, "close", by=officer, on=over + timedelta(days=30))


def _begin_this_year(demo: Demo, people: list[Worker], of_the_unit: list[Worker]) -> None:
    """Some taken in and before the panel; then those whom the unit nominates."""
    today = demo.on
    days = _Days(
        prepared=today - timedelta(days=40),
        opens=today - timedelta(days=30),
        nominations_until=today,
        panel_until=today + timedelta(days=15),
        recommend_until=today + timedelta(days=25),
    )
    round_ = _open_round(demo, today.year, days)
    clerk = demo.backstage["league_clerk"]
    taken_in = _nominate(round_, people[:_THIS_YEAR], clerk, today - timedelta(days=10))
    _assign_experts(demo, taken_in, today - timedelta(days=6))
    _score(demo, taken_in, today, short="second_expert")
    _score(demo, taken_in[:-_LEFT_TO_SCORE], today, short="panel_expert")
    _nominate_by_unit(demo, round_, of_the_unit)


def _nominate_by_unit(demo: Demo, round_: SelectionRound, of_the_unit: list[Worker]) -> None:
    """One waits for the window, one lacks something, one is still a draft."""
    today = demo.on
    agent = demo.people["employer_agent"]
    drafts = []
    for worker in of_the_unit:
        draft = nominating.draft(
            round_,
            worker.pk,
            channel=Channel.EMPLOYER,
            industry=Industry.C,
            employer_id=worker.employer_id,
            statement=_statement(worker),
            by=agent,
            on=today,
        )
        drafts.append(draft)
    for draft in drafts[:2]:
        nominating.submit(draft.pk, by=agent, on=today)
    if len(drafts) > 1:
        nominating.return_for_correction(
            drafts[1].pk,
            missing=["近三年主要业绩的证明材料"],
            by=demo.people["clerk"],
            on=today,
        )
