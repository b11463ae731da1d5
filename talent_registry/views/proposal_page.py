"""A proposal as its pages show it: the person, the honour it rests on, the conditions, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.cases.models import Case, CaseEvent
from portal.cases.workflow import Transition
from portal.pages.action_page import Crumbs
from portal.pages.case_page import CasePage, Fact, found_by_number
from portal.policy.models import Determination
from portal.workforce.models.honours import HonourState
from talent_registry import actions, benefits
from talent_registry.models import InclusionProposal, RegistryEntry
from talent_registry.views.person import PersonFacts
from talent_registry.workflow import DIRECT_INCLUSION, State

LIST = "纳入名录办理"
_SHOWN = (
    "case__region__parent",
    "worker__employer",
    "worker__work_region__parent",
    "honour__type",
    "honour__recorded_by",
    "honour__verified_by",
    "determination__rule_version",
)


def crumbs_of_list() -> Crumbs:
    return [("工作台", reverse("window:home")), (LIST, reverse("registry:proposals"))]


@dataclass(frozen=True)
class ProposalPage(CasePage):
    """One proposal to include somebody directly."""

    proposal: InclusionProposal

    primary = frozenset({"confirm", "resubmit"})
    letters_may_wait = True
    event_tones = {
        "confirm": "good",
        "decline": "bad",
        "withdraw": "warn",
        "return_for_correction": "warn",
    }

    @classmethod
    def open(cls, request: HttpRequest, number: str) -> ProposalPage:
        seen = InclusionProposal.objects.visible_to(request.user).select_related(*_SHOWN)
        proposal = found_by_number(seen, number)
        return cls(proposal.case, request.user, proposal)

    @property
    def title(self) -> str:
        return f"{self.name}：{self.proposal.honour.type.name}"

    @property
    def name(self) -> str:
        return self.proposal.worker.name

    @property
    def address(self) -> str:
        return reverse("registry:case", args=[self.case.number])

    @property
    def way_here(self) -> Crumbs:
        return crumbs_of_list()

    # -- what it rests on --------------------------------------------------------------------------------
    @property
    def person(self) -> list[Fact]:
        person = PersonFacts(self.proposal.worker, for_office=True)
        return [
            person.name,
            person.id_number,
            person.work_region,
            person.employer,
            person.occupation,
            person.skill_level,
            person.certificates,
            person.front_line,
        ]

    @property
    def honour(self) -> list[Fact]:
        """The recognition, with its document."""
        honour = self.proposal.honour
        return [
            Fact("荣誉", honour.type.name, honour.source),
            Fact("原文名称", honour.named_as),
            Fact("年度", f"{honour.year}年"),
            Fact("授予日期", honour.conferred_on),
            Fact("文号", honour.document),
        ]

    @property
    def honour_and_who_stands_for_it(self) -> list[Fact]:
        honour = self.proposal.honour
        recorded = f"{honour.recorded_by or '系统导入'}（{timezone.localdate(honour.recorded_at)}）"
        verified = ""
        if honour.verified_at:
            verified = f"{honour.verified_by}（{timezone.localdate(honour.verified_at)}）"
        opinion = [Fact("核实意见", honour.verdict)] if honour.verdict else []
        return [
            *self.honour,
            Fact("核实状态", honour.get_state_display()),
            *opinion,
            Fact("依据类别", self.proposal.get_basis_display()),
            Fact("登记", recorded),
            Fact("核实", verified),
        ]

    @property
    def honour_stands(self) -> bool:
        return self.proposal.honour.state == HonourState.VERIFIED

    @cached_property
    def entry(self) -> RegistryEntry | None:
        seen = RegistryEntry.objects.visible_to(self.user).select_related("determination__rule_version")
        return seen.filter(case=self.case).first()

    @property
    def determination(self) -> Determination:
        """What was decided with the entry; before that, what the proposal rests on."""
        return self.entry.determination if self.entry else self.proposal.determination

    @cached_property
    def conditions(self) -> list[dict[str, Any]]:
        return benefits.explain(self.determination)

    @property
    def conditions_proposed(self) -> list[dict[str, Any]]:
        return benefits.explain(self.proposal.determination)

    # -- what may be done --------------------------------------------------------------------------------
    def address_of(self, row: Transition) -> str:
        return reverse(f"registry:{row.action}", args=[self.case.number])

    @cached_property
    def is_listed_already(self) -> bool:
        """Whether the person of an open proposal has come onto the list in another way."""
        return not self.case.closed_at and actions.current_entry(self.proposal.worker_id) is not None

    def reason_against(self, row: Transition) -> str:
        """A proposal that stands is decided, not withdrawn; one that does not stand is not confirmed."""
        if row.action == "withdraw" and self.honour_stands and not self.is_listed_already:
            return "所依据的荣誉仍然有效，应当作出决定。"
        if row.action == "confirm" and self.is_listed_already:
            return "本人已在名录中，不再重复纳入，请撤回本件。"
        if row.action == "confirm" and not self.honour_stands:
            return "所依据的荣誉已不是“已核实”，不能据此纳入。"
        return ""

    @cached_property
    def next_case(self) -> Case | None:
        """The next one that waits for this officer, by deadline."""
        if not self.case.closed_at or not can(self.user, "registry.confirm"):
            return None
        waiting = Case.objects.visible_to(self.user).waiting_for(self.user)
        waiting = waiting.filter(kind=DIRECT_INCLUSION, state=State.PROPOSED)
        return waiting.exclude(pk=self.case.pk).by_deadline().first()

    # -- what happened -----------------------------------------------------------------------------------
    def text_of(self, event: CaseEvent) -> str:
        if event.action == "open" and event.by is None:
            return "荣誉核实后符合直接纳入条件，自动提出。"
        return super().text_of(event) or event.detail.get("how", "")
