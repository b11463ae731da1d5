"""What the page of a round shows: its steps, how far each league is, what is late, and the year before.

Everything is a handful of queries, whatever the size of the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from portal.accounts.access import Scope
from portal.regions.models import Region
from talent_registry.models import Assessment, Nomination, SelectionRound
from talent_registry.selection import steps
from talent_registry.selection.recommending import LeagueWork, work_of_leagues
from talent_registry.selection.workflow import ROUND_WORKFLOW, NominationState, RoundState

# Steps with a day of their own; the others follow when the work is done.
_PLANNED = {
    "open": "opens_on",
    "assess": "nominations_until",
    "recommend": "panel_until",
    "rank": "recommend_until",
}


@dataclass(frozen=True)
class StepRow:
    """One line of the table of steps."""

    step: str
    label: str
    planned: date | None
    on: date | None
    by: str
    state: str
    tone: str


def step_rows(round_: SelectionRound, events: list[Any], today: date) -> list[StepRow]:
    """Every step with its planned day, when it was taken and by whom."""
    # Opening the case and opening the round have the same name; the first comes from no state.
    event_of = {event.action: event for event in events if event.from_state}
    due = steps.next_step(round_)
    return [_step_row(round_, step, event_of.get(step), due, today) for step in steps.STEPS]


def _planned(round_: SelectionRound, step: str) -> date | None:
    if step not in _PLANNED:
        return None
    day: date = getattr(round_, _PLANNED[step])
    # The last day is a day of nominations until its end.
    return day + timedelta(days=1) if step == "assess" else day


def _step_row(round_: SelectionRound, step: str, event: Any, due: str | None, today: date) -> StepRow:
    planned = _planned(round_, step)
    if event is not None:
        state, tone = "已办理", "good"
    elif step != due:
        state, tone = "未开始", "plain"
    elif planned is not None and today > planned:
        state, tone = "已到期，待办理", "warn"
    else:
        state, tone = "下一步", "info"
    return StepRow(
        step=step,
        label=steps.row_of(step).label,
        planned=planned,
        on=event.on if event else None,
        by=str(event.by or "系统") if event else "",
        state=state,
        tone=tone,
    )


@dataclass(frozen=True)
class LeagueRow:
    """One league in one round; `late` says what it still has to do.

    `eligible` are those not on the registry, None before anybody was assessed.
    """

    code: str
    name: str
    eligible: int | None
    work: LeagueWork
    selected: int
    late: str
    before: dict[str, int]


@dataclass(frozen=True)
class Leagues:
    """The table of leagues with its sums."""

    rows: list[LeagueRow]

    @property
    def total(self) -> dict[str, int]:
        total = {}
        for name in ("nominated", "waiting", "undecided", "recommended", "passed_over", "used"):
            total[name] = sum(getattr(row.work, name) for row in self.rows)
        for name in ("eligible", "selected"):
            total[name] = sum(getattr(row, name) or 0 for row in self.rows)
        total["places"] = sum(row.work.places or 0 for row in self.rows)
        for name in ("nominated", "selected"):
            total[f"before_{name}"] = sum(row.before.get(name, 0) for row in self.rows)
        return total


def league_rows(round_: SelectionRound, where: Scope, today: date) -> Leagues:
    """The leagues that the scope covers, with last year's figures beside this year's."""
    work = work_of_leagues(round_)
    no_work = LeagueWork("", None, 0, 0, 0, 0, 0, 0)
    selected = _selected_by_league(round_)
    assessed = round_.runs.exists()
    before = _figures_of_year(round_.year - 1)
    rows = []
    for region in _leagues_with_eligible(round_):
        if not where.covers(region.code):
            continue
        of_league = work.get(region.code, no_work)
        rows.append(
            LeagueRow(
                code=region.code,
                name=region.name,
                eligible=(region.eligible or 0) if assessed else None,
                work=of_league,
                selected=selected.get(region.code, 0),
                late=late_league(round_, of_league, today),
                before=before.get(region.code, {}),
            )
        )
    return Leagues(rows)


def _leagues_with_eligible(round_: SelectionRound) -> Any:
    """The leagues in order; `eligible` is the place of their last assessed worker, which is how many."""
    placed = Assessment.objects.filter(
        round=round_,
        league_code=OuterRef("code"),
        place__isnull=False,
    )
    last_place = Subquery(placed.order_by("-place").values("place")[:1])
    return Region.objects.leagues().annotate(eligible=last_place).order_by("code")


def late_league(round_: SelectionRound, work: LeagueWork, today: date) -> str:
    """What a league has still to do although its time is over, or nearly; empty when nothing."""
    if round_.state == RoundState.RECOMMENDATION and work.undecided:
        when = _recommendations_due((round_.recommend_until - today).days)
        return f"{when}，{work.undecided}件未定" if when else ""
    takes_in = round_.state in (RoundState.OPEN, RoundState.ASSESSED)
    if takes_in and work.waiting and today > round_.nominations_until:
        return f"{work.waiting}件申报未办结"
    return ""


def _recommendations_due(days_left: int) -> str:
    """How near the end of the recommendations is; empty while there is more than a week."""
    if days_left < 0:
        return f"推荐已逾期{-days_left}天"
    if days_left == 0:
        return "推荐今天截止"
    return f"推荐还有{days_left}天截止" if days_left <= 7 else ""


def _selected_by_league(round_: SelectionRound) -> dict[str, int]:
    """Selected by the list in force, or by the newest one while none is."""
    selection_list = round_.standing_list or round_.lists.order_by("-version").first()
    if selection_list is None:
        return {}
    selected = selection_list.nominees.filter(selected=True).order_by()
    return dict(selected.values_list("league_code").annotate(n=Count("pk")))


def _figures_of_year(year: int) -> dict[str, dict[str, int]]:
    """Nominated and selected of another year, by league; nothing when the year had no selection."""
    round_ = SelectionRound.objects.filter(year=year).select_related("standing_list").first()
    if round_ is None:
        return {}
    selected = _selected_by_league(round_)
    nominations = Nomination.objects.valid().filter(round=round_)
    nominations = nominations.exclude(case__state=NominationState.DRAFT).order_by()
    nominated = dict(nominations.values_list("case__league_code").annotate(n=Count("pk")))
    figures = {}
    for code in {*selected, *nominated}:
        figures[code] = {"nominated": nominated.get(code, 0), "selected": selected.get(code, 0)}
    return figures


def charts(round_: SelectionRound, leagues: Leagues) -> dict[str, Any]:
    """The figures of the table for the charts beside it."""
    rows = leagues.rows
    names = [row.name for row in rows]
    nominated = [row.work.nominated for row in rows]
    recommended = [row.work.recommended for row in rows]
    selected = [row.selected for row in rows]
    nominated_before = [row.before.get("nominated", 0) for row in rows]
    selected_before = [row.before.get("selected", 0) for row in rows]
    year = round_.year
    return {
        "progress": {
            "names": names,
            "series": [
                _series("申报", "action-line", nominated),
                _series("推荐", "action", recommended),
                _series("入选", "good", selected),
            ],
        },
        "years": {
            "names": names,
            "series": [
                _series(f"{year - 1}年申报", "action-line", nominated_before),
                _series(f"{year}年申报", "action", nominated),
                _series(f"{year - 1}年入选", "good-line", selected_before),
                _series(f"{year}年入选", "good", selected),
            ],
        },
    }


def _series(name: str, colour: str, values: list[int]) -> dict[str, Any]:
    """One series of a chart with the colour of the design it takes."""
    return {"name": name, "colour": f"--{colour}", "values": values}


def event_rows(round_: SelectionRound, events: list[Any]) -> list[dict[str, Any]]:
    """What happened to the round, newest first, for components/timeline.html."""
    rows = [_event_row(event) for event in reversed(events)]
    if rows and round_.state not in ROUND_WORKFLOW.final_states:
        rows[0]["tone"] = "current"
    return rows


def _event_row(event: Any) -> dict[str, Any]:
    by = str(event.by or "系统")
    if event.by and event.role:
        by = f"{event.by}（{event.get_role_display()}）"
    return {
        "at": event.at,
        "title": event.label if event.from_state else "建立",
        "text": event.reason,
        "tone": "",
        "by": by,
    }
