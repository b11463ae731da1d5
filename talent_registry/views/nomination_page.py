"""A nomination as its page shows it: to the office, to those who nominated, and to the person.

One address for everybody: it opens in the staff frame for the office and in the public one for its
applicants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused, can
from portal.cases import applicants
from portal.cases.evidence import files
from portal.cases.models import Channel, Evidence
from portal.cases.workflow import Transition
from portal.pages.action_page import Crumbs
from portal.pages.case_page import CasePage, Fact, NotOffered, Offered, found_by_number
from portal.policy.models import Determination
from portal.workforce.models.base import own_records
from talent_registry import benefits
from talent_registry.models import Assessment, Nomination
from talent_registry.selection import nominating, panel
from talent_registry.selection.assessment import Explained, breakdown
from talent_registry.selection.explain import Explanation, explain
from talent_registry.selection.scheme import PanelCriterion, points_text
from talent_registry.selection.workflow import RoundState
from talent_registry.views import nominees

LIST = "遴选申报"
# Actions with a page of their own here; recommending has its own pages and its own time.
HERE = frozenset({"submit", "accept", "return_for_correction", "resubmit", "refuse", "withdraw"})
_RECOMMENDING = frozenset({"recommend", "pass_over", "take_back"})
_SHOWN = (
    "case__employer",
    "case__assigned_to",
    "round__case",
    "worker__employer",
    "determination__rule_version",
)
# Read beside it: planning a join of four tables more takes 23 ms instead of 15, at every look.
_PLACES = ("case__region__parent", "worker__work_region__parent")


@dataclass(frozen=True)
class NominationPage(CasePage):
    """One nomination."""

    nomination: Nomination

    primary = frozenset({"submit", "accept", "resubmit", "recommend"})
    letters_may_wait = True
    event_tones = {
        "accept": "good",
        "refuse": "bad",
        "return_for_correction": "warn",
        "withdraw": "warn",
        "recommend": "good",
        "pass_over": "warn",
        "select": "good",
    }

    @classmethod
    def open(cls, request: HttpRequest, number: str) -> NominationPage:
        seen = Nomination.objects.visible_to(request.user).select_related(*_SHOWN)
        seen = seen.prefetch_related(*_PLACES)
        nomination = found_by_number(seen, number)
        return cls(nomination.case, request.user, nomination)

    # -- who reads it, and where it stands ---------------------------------------------------------------
    @cached_property
    def base(self) -> str:
        return nominees.frame_of(self.user)

    @property
    def in_staff_frame(self) -> bool:
        return self.base == "base_staff.html"

    @cached_property
    def office(self) -> bool:
        return can(self.user, "case.view", self.case.region_id)

    @property
    def is_of_applicant_or_office(self) -> bool:
        """Whoever is neither sees the nomination as an expert."""
        return can(self.user, "case.view") or self.case.is_of(self.user)

    @property
    def title(self) -> str:
        return f"{self.name}：{self.nomination.round.year}年度遴选申报"

    @property
    def name(self) -> str:
        return self.nomination.worker.name

    @property
    def address(self) -> str:
        return reverse("registry:nomination", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        if can(self.user, "window.use"):
            return [("工作台", reverse("window:home")), (LIST, reverse("registry:nominations"))]
        if self.nomination.channel == Channel.EMPLOYER and not self._is_own:
            return [("单位申报", reverse("registry:agent"))]
        return [("我的待遇", reverse("my:home")), ("年度遴选", reverse("registry:mine"))]

    @property
    def _is_own(self) -> bool:
        return self.nomination.worker_id in own_records(self.user)

    @property
    def shows_letters(self) -> bool:
        return self.office

    # -- what it says ------------------------------------------------------------------------------------
    @property
    def person(self) -> list[Fact]:
        return nominees.person_facts(self.nomination.worker, for_office=self.office)

    @property
    def made(self) -> list[Fact]:
        return nominees.made_facts(self.nomination)

    @property
    def records(self) -> list[nominees.Record]:
        return nominees.records_of(self.nomination.worker)

    @cached_property
    def determination(self) -> Determination:
        """What was decided when it was handed in; before that, what would be decided today."""
        return self.nomination.determination or self._foreseen()

    def _foreseen(self) -> Determination:
        today = timezone.localdate()
        return benefits.foreseen(self.nomination.worker_id, on=today, benefit=benefits.NOMINATION)

    @property
    def conditions(self) -> list[dict[str, Any]]:
        return benefits.explain(self.determination)

    def conditions_before(self, action: str) -> list[dict[str, Any]]:
        """As they stand before an action: who hands in or takes in decides by the register of today."""
        if action in {"submit", "accept"}:
            return benefits.explain(self._foreseen())
        return self.conditions

    @cached_property
    def missing(self) -> list[str]:
        return nominating.missing(self.nomination)

    # -- files -------------------------------------------------------------------------------------------
    @cached_property
    def evidence(self) -> list[Evidence]:
        return list(nominees.evidence_of(self.nomination, self.user))

    @property
    def evidence_count(self) -> int:
        return nominees.evidence_of(self.nomination, self.user).count()

    @cached_property
    def may_attach(self) -> bool:
        return self.may_write and files.may_change(self.case, self.user)

    # -- how it ended ------------------------------------------------------------------------------------
    @property
    def is_published(self) -> bool:
        return self.nomination.round.state in {RoundState.PUBLISHED, RoundState.CLOSED}

    @cached_property
    def explained(self) -> Explanation | None:
        """Why in or out of the list; before it is published for the office alone."""
        return explain(self.nomination) if self.is_published or self.office else None

    @cached_property
    def parts(self) -> list[dict[str, str]]:
        """How the score adds up: for the person and the office; who nominated learns the outcome and why."""
        if self.explained is None or not (self.office or self._is_own):
            return []
        return nominees.score_rows(self.explained.parts)

    # -- what the office sees besides --------------------------------------------------------------------
    @cached_property
    def panel(self) -> list[nominees.PanelRow]:
        return nominees.panel_rows(self.nomination, self.user)

    @cached_property
    def criteria(self) -> Sequence[PanelCriterion]:
        return panel.criteria(self.nomination.round)

    @property
    def panel_score(self) -> str:
        score = self.nomination.panel_score
        return "" if score is None else points_text(score)

    @cached_property
    def assessment(self) -> AssessedHere | None:
        """What the assessment of the round found, when there was one."""
        seen = Assessment.objects.visible_to(self.user).select_related("run")
        row = seen.filter(round_id=self.nomination.round_id, worker_id=self.nomination.worker_id).first()
        return AssessedHere(row, breakdown(row)) if row else None

    @cached_property
    def may_assign(self) -> bool:
        return can(self.user, "nomination.assign_panel", self.case.region_id)

    # -- what may be done --------------------------------------------------------------------------------
    @cached_property
    def may_write(self) -> bool:
        return applicants.may_write(self.nomination, self.user)

    def has_page(self, row: Transition) -> bool:
        recommending = self.nomination.round.state == RoundState.RECOMMENDATION
        return row.action in HERE or (recommending and row.action in _RECOMMENDING)

    def address_of(self, row: Transition) -> str:
        if row.action in HERE:
            return reverse("registry:nomination_step", args=[self.case.number, row.action])
        return reverse(f"registry:{row.action}", args=[self.case.number])

    def reason_against(self, row: Transition) -> str:
        if row.action not in HERE:
            return ""
        try:
            applicants.check_person(self.nomination, row.action, self.user)
        except Refused as refusal:
            return str(refusal)
        return ""

    @cached_property
    def actions(self) -> list[Offered]:
        offered = list(super().actions)
        if self.may_write:
            href = reverse("registry:nomination_edit", args=[self.case.number])
            offered.insert(1, Offered("修改申报内容", href, "更改所属行业和主要业绩。"))
        return offered

    @property
    def refused(self) -> list[NotOffered]:
        """Which office does what is of use to staff alone."""
        return super().refused if can(self.user, "window.use") else []


@dataclass(frozen=True)
class AssessedHere:
    """What the assessment found of this nominee, and how the score adds up."""

    row: Assessment
    breakdown: Explained

    @property
    def score(self) -> str:
        return self.breakdown.score_text

    @property
    def parts(self) -> list[dict[str, str]]:
        return nominees.score_rows(self.breakdown.parts)
