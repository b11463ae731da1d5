"""An expert's assignment as its page shows it: one nominee with facts, files and scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.cases.models import Case, Evidence
from portal.pages.action_page import Crumbs
from portal.pages.case_page import Fact
from talent_registry.models import Nomination, PanelAssignment
from talent_registry.selection import panel
from talent_registry.selection.scheme import PanelCriterion, points_text
from talent_registry.selection.workflow import PANEL_WORKS, NominationState
from talent_registry.views import nominees

TITLE = "专家评审"
WAITING, LATE = "待评审", "已过截止日期"


def own_assignments(user: Any) -> QuerySet[PanelAssignment]:
    """The expert's assignments with everything a sheet shows."""
    return PanelAssignment.objects.of_expert(user).select_related(
        "nomination__case__region__parent",
        "nomination__round__case",
        "nomination__worker__employer",
        "nomination__worker__work_region__parent",
        "nomination__case__employer",
    )


def state_of(assignment: PanelAssignment) -> tuple[str, str]:
    """(word, tone) of where an assignment stands for its expert."""
    nomination = assignment.nomination
    if assignment.submitted_at:
        return "已提交", "good"
    if nomination.case.state != NominationState.ACCEPTED or nomination.round.state not in PANEL_WORKS:
        return "不再评审", "plain"
    if timezone.localdate() > nomination.round.panel_until:
        return LATE, "bad"
    return WAITING, "warn"


@dataclass(frozen=True)
class SheetPage:
    """One nominee as an expert sees them: without the ID number."""

    assignment: PanelAssignment
    user: Any

    @classmethod
    def open(cls, request: HttpRequest, pk: int) -> SheetPage:
        return cls(get_object_or_404(own_assignments(request.user), pk=pk), request.user)

    @cached_property
    def base(self) -> str:
        return nominees.frame_of(self.user)

    @property
    def in_staff_frame(self) -> bool:
        return self.base == "base_staff.html"

    @property
    def nomination(self) -> Nomination:
        return self.assignment.nomination

    @property
    def case(self) -> Case:
        return self.nomination.case

    @property
    def name(self) -> str:
        return self.nomination.worker.name

    @property
    def title(self) -> str:
        return f"评审：{self.name}"

    @property
    def crumbs(self) -> Crumbs:
        return [(TITLE, reverse("registry:panel")), (self.name, "")]

    @property
    def state(self) -> str:
        return state_of(self.assignment)[0]

    @property
    def tone(self) -> str:
        return state_of(self.assignment)[1]

    @property
    def may_score(self) -> bool:
        return self.state == WAITING

    @property
    def too_late(self) -> str:
        return panel.too_late(self.nomination.round) if self.state == LATE else ""

    @property
    def person(self) -> list[Fact]:
        return nominees.person_facts(self.nomination.worker, with_number=False)

    @property
    def made(self) -> list[Fact]:
        return nominees.made_facts(self.nomination)

    @property
    def records(self) -> list[nominees.Record]:
        return nominees.records_of(self.nomination.worker)

    @property
    def evidence(self) -> list[Evidence]:
        return list(nominees.evidence_of(self.nomination, self.user))

    @cached_property
    def criteria(self) -> Sequence[PanelCriterion]:
        return panel.criteria(self.nomination.round)

    @property
    def drafted(self) -> dict[str, str]:
        """What the expert kept of scores that are not handed in, as the form writes it."""
        scores = {f"score-{code}": points_text(points) for code, points in self.assignment.scores.items()}
        return scores | {"comment": self.assignment.comment}

    @property
    def own_scores(self) -> list[tuple[str, str, str]]:
        """(criterion, points given, most points)."""
        scores = self.assignment.scores
        return [
            (criterion.label, points_text(scores.get(criterion.code, 0)), points_text(criterion.most))
            for criterion in self.criteria
        ]

    @property
    def own_sum(self) -> str:
        return points_text(sum(self.assignment.scores.values()))

    @cached_property
    def all_scores(self) -> list[nominees.PanelRow]:
        """Everybody's, once all are in and this expert's are among them."""
        if self.nomination.panel_score is None or not self.assignment.submitted_at:
            return []
        return nominees.panel_rows(self.nomination, self.user)

    @property
    def panel_score(self) -> str:
        score = self.nomination.panel_score
        return "" if score is None else points_text(score)

    def record_view(self) -> None:
        """Write to the audit that the expert opened the page."""
        nomination, case = self.nomination, self.case
        audit.record("case.view", by=self.user, obj=case, worker=nomination.worker_id, region=case.region_id)
