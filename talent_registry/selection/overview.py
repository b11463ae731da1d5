"""What the page of a round shows: where it stands, how far each league is, what is late, and the year before
beside it.

Everything is a handful of queries, whatever the size of the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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
    done = {event.action: event for event in events if event.from_state}
    due = steps.next_step(round_)
    rows = []
    for step in steps.STEPS:
        event = done.get(step)
        planned = getattr(round_, _PLANNED[step]) if step in _PLANNED else None
        if event is not None:
            state, tone = "已办理", "good"
        elif step == due:
            late = planned is not None and today > planned
            state, tone = ("已到期，待办理", "warn") if late else ("下一步", "info")
        else:
            state, tone = "未开始", "plain"
        rows.append(
            StepRow(
                step=step,
                label=steps.row_of(step).label,
                planned=planned,
                on=event.on if event else None,
                by=str(event.by or "系统") if event else "",
                state=state,
                tone=tone,
            )
        )
    return rows


@dataclass(frozen=True)
class LeagueRow:
    """One league in one round. `eligible` are those not on the registry, None before anybody was assessed;
    `late` says what it still has to do.
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
        of_work = ("nominated", "waiting", "undecided", "recommended", "passed_over", "used")
        total = {name: sum(getattr(row.work, name) for row in self.rows) for name in of_work}
        total |= {
            name: sum(getattr(row, name) or 0 for row in self.rows) for name in ("eligible", "selected")
        }
        total["places"] = sum(row.work.places or 0 for row in self.rows)
        return total | {
            f"before_{key}": sum(row.before.get(key, 0) for row in self.rows)
            for key in ("nominated", "selected")
        }


def league_rows(round_: SelectionRound, where: Scope, today: date) -> Leagues:
    """The leagues that the scope covers, with last year's figures beside this year's."""
    work = work_of_leagues(round_)
    selected = _on_the_list(round_)
    assessed = round_.runs.exists()
    before = SelectionRound.objects.filter(year=round_.year - 1).select_related("list_in_force").first()
    last = _figures_of(before) if before else {}
    # The place of the last one is how many there are.
    of_league = Assessment.objects.filter(
        round=round_, league_code=OuterRef("code"), place__isnull=False
    ).order_by("-place")
    leagues = Region.objects.leagues().annotate(eligible=Subquery(of_league.values("place")[:1]))
    none = LeagueWork("", None, 0, 0, 0, 0, 0, 0)
    rows = []
    for region in leagues.order_by("code"):
        if not where.covers(region.code):
            continue
        one = work.get(region.code, none)
        rows.append(
            LeagueRow(
                code=region.code,
                name=region.name,
                eligible=(region.eligible or 0) if assessed else None,
                work=one,
                selected=selected.get(region.code, 0),
                late=late_league(round_, one, today),
                before=last.get(region.code, {}),
            )
        )
    return Leagues(rows)


def late_league(round_: SelectionRound, work: LeagueWork, today: date) -> str:
    """What a league has still to do although its time is over, or nearly; empty when nothing."""
    if round_.state == RoundState.RECOMMENDATION and work.undecided:
        left = (round_.recommend_until - today).days
        when = (
            f"推荐已逾期{-left}天"
            if left < 0
            else "推荐今天截止"
            if left == 0
            else f"推荐还有{left}天截止"
            if left <= 7
            else ""
        )
        return f"{when}，{work.undecided}件未定" if when else ""
    if (
        round_.state in (RoundState.OPEN, RoundState.ASSESSED)
        and work.waiting
        and today >= round_.nominations_until
    ):
        return f"{work.waiting}件申报未办结"
    return ""


def _on_the_list(round_: SelectionRound) -> dict[str, int]:
    """Selected by the standing list, or by the newest one while none stands, by league."""
    newest = round_.list_in_force or round_.lists.order_by("-version").first()
    if newest is None:
        return {}
    found = (
        newest.nominees.filter(selected=True).order_by().values_list("league_code").annotate(n=Count("pk"))
    )
    return dict(found)


def _figures_of(round_: SelectionRound) -> dict[str, dict[str, int]]:
    """Nominated and selected of another year, by league."""
    selected = _on_the_list(round_)
    nominated = dict(
        Nomination.objects.valid()
        .filter(round=round_)
        .exclude(case__state=NominationState.DRAFT)
        .order_by()
        .values_list("case__league_code")
        .annotate(n=Count("pk"))
    )
    return {
        code: {"nominated": nominated.get(code, 0), "selected": selected.get(code, 0)}
        for code in {*selected, *nominated}
    }


def charts(round_: SelectionRound, leagues: Leagues) -> dict[str, Any]:
    """The figures of the table for the charts beside it: names, and a series each with the colour of the
    design it takes.
    """
    names = [row.name for row in leagues.rows]
    nominated = [row.work.nominated for row in leagues.rows]
    selected = [row.selected for row in leagues.rows]

    def series(name: str, colour: str, values: list[int]) -> dict[str, Any]:
        return {"name": name, "colour": f"--{colour}", "values": values}

    year = round_.year
    return {
        "progress": {
            "names": names,
            "series": [
                series("申报", "action-line", nominated),
                series("推荐", "action", [row.work.recommended for row in leagues.rows]),
                series("入选", "good", selected),
            ],
        },
        "years": {
            "names": names,
            "series": [
                series(
                    f"{year - 1}年申报",
                    "action-line",
                    [row.before.get("nominated", 0) for row in leagues.rows],
                ),
                series(f"{year}年申报", "action", nominated),
                series(
                    f"{year - 1}年入选", "good-line", [row.before.get("selected", 0) for row in leagues.rows]
                ),
                series(f"{year}年入选", "good", selected),
            ],
        },
    }


def event_rows(round_: SelectionRound, events: list[Any]) -> list[dict[str, Any]]:
    """What happened to the round, newest first, for components/timeline.html."""
    rows = [
        {
            "at": event.at,
            "title": event.label if event.from_state else "建立",
            "text": event.reason,
            "tone": "",
            "by": f"{event.by}（{event.get_role_display()}）"
            if event.by and event.role
            else str(event.by or "系统"),
        }
        for event in reversed(events)
    ]
    if rows and round_.state not in ROUND_WORKFLOW.final_states:
        rows[0]["tone"] = "current"
    return rows
