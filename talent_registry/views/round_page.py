"""A year's selection as its page shows it to the office: numbers, what may be done, and what it decides by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Scope, can, scope
from portal.cases.models import CaseEvent
from portal.cases.workflow import Transition
from portal.formats import date_cn
from portal.jobs.models import Job
from portal.pages.action_page import Crumbs
from portal.pages.case_page import CasePage, Fact, Offered
from portal.paging import count_of
from talent_registry.models import AssessmentRun, SelectionList, SelectionRound
from talent_registry.selection import assessment, jobs, overview, panel, steps
from talent_registry.selection.workflow import PANEL_WORKS, NominationState, RoundState

ALL = "年度遴选"
# Nobody needs to know more exactly how many were overlooked.
COUNTED = 1_000
_EDITS = (
    ("days", "修改日期", "各阶段日期和公示工作日。"),
    ("places", "修改名额", "入选名额和推荐名额、盟市和行业上限。"),
    ("scheme", "修改评分办法", "各项分值、评审项目和办法文号。"),
)


def crumbs_of(round_: SelectionRound, *more: tuple[str, str]) -> Crumbs:
    """The way to the page of a round, or to a page below it."""
    address = reverse("registry:round", args=[round_.year]) if more else ""
    return [
        ("工作台", reverse("window:home")),
        (ALL, reverse("registry:rounds")),
        (f"{round_.year}年", address),
        *more,
    ]


def find_round(request: HttpRequest, year: int) -> SelectionRound:
    seen = SelectionRound.objects.visible_to(request.user).select_related("case", "notice", "standing_list")
    return get_object_or_404(seen, year=year)


@dataclass(frozen=True)
class RoundPage(CasePage):
    """One year's selection, as far as the user's places go."""

    round: SelectionRound

    @classmethod
    def open(cls, request: HttpRequest, year: int) -> RoundPage:
        round_ = find_round(request, year)
        return cls(round_.case, request.user, round_)

    @property
    def title(self) -> str:
        return self.round.title

    @property
    def address(self) -> str:
        return reverse("registry:round", args=[self.round.year])

    @property
    def way_here(self) -> Crumbs:
        return crumbs_of(self.round)[:-1]

    @property
    def crumbs(self) -> Crumbs:
        return crumbs_of(self.round)

    @cached_property
    def where(self) -> Scope:
        return scope(self.user, "case.view")

    @property
    def sees_all(self) -> bool:
        return self.where.whole

    @cached_property
    def manages(self) -> bool:
        return can(self.user, "selection.manage") or can(self.user, "selection.confirm")

    @cached_property
    def may_assign_panel(self) -> bool:
        return can(self.user, "nomination.assign_panel")

    # -- the steps ---------------------------------------------------------------------------------------
    @cached_property
    def due(self) -> Transition | None:
        """The step that comes next."""
        step = steps.next_step(self.round)
        return steps.row_of(step) if step else None

    @cached_property
    def blockers(self) -> list[str]:
        """What is in the way of the next step, for those who take it."""
        if self.due is None or not self.manages:
            return []
        return steps.blockers(self.round, self.due.action, on=timezone.localdate(), thorough=False)

    @cached_property
    def _case_events(self) -> list[CaseEvent]:
        return list(self.case.events.select_related("by").order_by("position"))

    @property
    def steps(self) -> list[overview.StepRow]:
        return overview.step_rows(self.round, self._case_events, timezone.localdate())

    @property
    def event_rows(self) -> list[dict[str, Any]]:
        return overview.event_rows(self.round, self._case_events)

    # -- what may be done --------------------------------------------------------------------------------
    def address_of(self, row: Transition) -> str:
        return reverse("registry:round_step", args=[self.round.year, row.action])

    def reason_against(self, row: Transition) -> str:
        return "".join(self.blockers) if row.action in steps.STEPS else ""

    def kind_of_button(self, row: Transition, place: int) -> str:
        return "secondary" if row.action == "rank_again" else "primary"

    @cached_property
    def actions(self) -> list[Offered]:
        if not can(self.user, "selection.manage"):
            return super().actions
        return [*super().actions, *self._trial(), *self._more_time(), *self._edits()]

    def _trial(self) -> list[Offered]:
        if self.round.state != RoundState.OPEN:
            return []
        consequence = "按现有信息评价一遍，看哪些人符合条件而未申报；不作为遴选依据。"
        return [Offered("试评", reverse("registry:round_step", args=[self.round.year, "trial"]), consequence)]

    def _more_time(self) -> list[Offered]:
        if self.round.state not in PANEL_WORKS or not panel.criteria(self.round):
            return []
        consequence = f"评审截止{date_cn(self.round.panel_until)}，过后专家不能再提交评分。"
        return [Offered("延长评审", reverse("registry:round_extend", args=[self.round.year]), consequence)]

    def _edits(self) -> list[Offered]:
        if self.round.state != RoundState.DRAFT:
            return []
        return [
            Offered(label, reverse(f"registry:round_{what}", args=[self.round.year]), consequence)
            for what, label, consequence in _EDITS
        ]

    # -- numbers -----------------------------------------------------------------------------------------
    @cached_property
    def leagues(self) -> overview.Leagues:
        return overview.league_rows(self.round, self.where, timezone.localdate())

    @property
    def last_year(self) -> int:
        return self.round.year - 1

    @cached_property
    def charts(self) -> dict[str, Any] | None:
        if not self.leagues.rows or self.round.state == RoundState.DRAFT:
            return None
        return overview.charts(self.round, self.leagues)

    @cached_property
    def lists(self) -> list[SelectionList]:
        """The versions of the list, each with how many it ranks and how many of them are in."""
        counts = {
            "listed": Count("nominees"),
            "selected": Count("nominees", filter=Q(nominees__selected=True)),
        }
        return list(self.round.lists.annotate(**counts))

    @cached_property
    def experts(self) -> Sequence[tuple[Any, int]]:
        """Experts with scores still to give, and how many."""
        return panel.late_experts(self.round) if self.may_assign_panel else []

    @property
    def panel_is_late(self) -> bool:
        return timezone.localdate() > self.round.panel_until

    @property
    def job(self) -> Job | None:
        return jobs.running(self.round.year) if self.manages else None

    @property
    def rules(self) -> list[Fact]:
        """What the round decides by."""
        round_ = self.round
        return [
            Fact("开始申报", round_.opens_on),
            Fact("申报截止", round_.nominations_until),
            Fact("评审截止", round_.panel_until),
            Fact("推荐截止", round_.recommend_until),
            Fact("事实截止日", round_.as_of),
            Fact("公示", f"{round_.notice_working_days}个工作日"),
            Fact("入选名额", f"{round_.places:,}"),
            Fact("评分办法和名额依据", round_.scheme_document or "示例，尚无文号"),
        ]

    @property
    def stats(self) -> list[dict[str, Any]]:
        """Counts that are links, of what the user may see."""
        return [
            *self._stats_of_nominations(),
            *self._stats_of_assessment(),
            *self._stats_of_panel(),
        ]

    def _stats_of_nominations(self) -> list[dict[str, Any]]:
        total = self.leagues.total
        nominations = reverse("registry:nominations")
        items: list[dict[str, Any]] = [
            {
                "label": "申报",
                "value": total["nominated"],
                "href": f"{nominations}?round={self.round.year}",
            }
        ]
        if total["waiting"]:
            state = NominationState.SUBMITTED.value
            items.append(
                {
                    "label": "待受理或补正中",
                    "value": total["waiting"],
                    "tone": "warn",
                    "href": f"{nominations}?year={self.round.year}&state={state}",
                }
            )
        items.append(
            {
                "label": "已推荐",
                "value": total["recommended"],
                "note": f"推荐名额{total['places']:,}",
            }
        )
        if self.lists:
            items.append(
                {
                    "label": "入选",
                    "value": total["selected"],
                    "tone": "good",
                    "note": f"入选名额{self.round.places:,}",
                }
            )
        return items

    @cached_property
    def run(self) -> AssessmentRun | None:
        """The newest assessment, when there was one."""
        return self.round.runs.order_by("-number").first()

    def _stats_of_assessment(self) -> list[dict[str, Any]]:
        run = self.run
        if run is None:
            return []
        trial = "（试评）" if run.is_trial else ""
        note = f"评价{run.assessed:,}人{trial}"
        if run.listed:
            note += f"，另有{run.listed:,}人已在名录"
        # As the leagues below are counted: without those who are on the registry already.
        eligible = {"label": "全区符合条件", "value": run.eligible - (run.listed or 0), "note": note}
        if not can(self.user, "worker.view"):
            return [eligible]
        overlooked = {
            "label": "符合条件而未申报",
            "value": count_of(assessment.overlooked(self.round, self.user).order_by(), COUNTED),
            "href": reverse("registry:round_overlooked", args=[self.round.year]),
        }
        return [eligible, overlooked]

    def _stats_of_panel(self) -> list[dict[str, Any]]:
        if self.round.state not in PANEL_WORKS or not self.may_assign_panel:
            return []
        unfinished = panel.unfinished(self.round)
        return [
            {
                "label": "未完成评审",
                "value": unfinished,
                "tone": "warn" if unfinished else "good",
                "href": reverse("registry:panel_overview", args=[self.round.year]),
            }
        ]
