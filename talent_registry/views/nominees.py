"""What pages show of a nominee: facts with their source, recognitions and results, files, the panel and
scores.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from portal.accounts.access import can
from portal.cases.models import Channel, Evidence
from portal.formats import date_iso
from portal.pages.case_page import Fact
from portal.workforce.models import AttestedFact, CompetitionResult, Honour, Worker
from portal.workforce.models.facts import Attested
from portal.workforce.models.honours import HonourState
from talent_registry.models import Nomination, PanelAssignment
from talent_registry.selection import panel
from talent_registry.selection.scheme import points_text
from talent_registry.selection.scoring import Part
from talent_registry.views.person import PersonFacts

# Contributions that the scheme may count (selection.scheme.CONTRIBUTIONS), as the register attests them.
_CONTRIBUTIONS = (Attested.SOLVED_PROBLEM, Attested.INNOVATION_AWARD, Attested.MENTOR, Attested.CONTRIBUTION)


def frame_of(user: Any) -> str:
    """The house in which a page about a nomination opens: the office's, or everybody's."""
    return "base_staff.html" if can(user, "window.use") else "base_public.html"


def person_facts(worker: Worker, *, with_number: bool = True, for_office: bool = False) -> list[Fact]:
    """The person, each fact with where it comes from. Experts do not need the ID number, not even masked."""
    person = PersonFacts(worker, for_office=for_office)
    number = [person.id_number] if with_number else []
    return [
        person.name,
        *number,
        person.work_region,
        person.employer,
        person.occupation,
        person.skill_level,
        person.front_line,
        person.front_line_years,
    ]


def made_facts(nomination: Nomination) -> list[Fact]:
    """How the nomination was made."""
    case = nomination.case
    channel = nomination.get_channel_display()
    if nomination.channel == Channel.EMPLOYER:
        channel = f"{channel}（{case.employer}）"
    return [
        Fact("年度遴选", nomination.round.title),
        Fact("申报方式", channel),
        Fact("所属行业", nomination.get_industry_display()),
        Fact("办理地区", case.region.full_name),
        Fact("发起日期", date_iso(case.opened_on)),
    ]


@dataclass(frozen=True)
class Record:
    """Something that a score can rest on, with its document."""

    kind: str
    what: str
    when: str
    document: str
    source: str


def records_of(worker: Worker) -> list[Record]:
    """Verified honours, results in competitions and attested contributions of the worker."""
    honours = worker.honours.filter(state=HonourState.VERIFIED).select_related("type")
    results = worker.competition_results.order_by("-held_on", "pk")
    facts = worker.attested_facts.filter(code__in=_CONTRIBUTIONS, value=True, until__isnull=True)
    return [
        *(_honour_record(honour) for honour in honours.order_by("-year", "pk")),
        *(_result_record(result) for result in results),
        *(_contribution_record(fact) for fact in facts.order_by("-since", "pk")),
    ]


def _honour_record(honour: Honour) -> Record:
    what = honour.named_as or honour.type.name
    return Record("荣誉", what, f"{honour.year}年", honour.document, honour.source)


def _result_record(result: CompetitionResult) -> Record:
    rank = f"第{result.rank}名" if result.rank else ""
    what = "，".join(filter(None, [result.name, rank, result.get_prize_display()]))
    return Record("竞赛成绩", what, date_iso(result.held_on), result.document, result.source)


def _contribution_record(fact: AttestedFact) -> Record:
    what = fact.get_code_display()
    return Record("核定事项", what, date_iso(fact.since), fact.document, fact.source)


def evidence_of(nomination: Nomination, user: Any) -> QuerySet[Evidence]:
    seen = Evidence.objects.visible_to(user).not_removed().filter(case_id=nomination.pk)
    return seen.select_related("uploaded_by")


@dataclass(frozen=True)
class PanelRow:
    """An expert and how far they are; points only where the user may read them (selection.panel.may_read)."""

    assignment: PanelAssignment
    state: str
    tone: str
    readable: bool
    points: list[tuple[str, str]]
    sum: str

    @property
    def comment(self) -> str:
        return self.assignment.comment if self.readable else ""

    @property
    def remark(self) -> str:
        """What the expert wrote: why they stepped aside, or about the nominee."""
        return self.assignment.conflict_reason if self.assignment.conflict_at else self.comment


def panel_rows(nomination: Nomination, user: Any) -> list[PanelRow]:
    criteria = panel.criteria(nomination.round)
    rows = []
    for assignment in nomination.panel.select_related("expert").order_by("expert__display_name", "pk"):
        assignment.nomination = nomination
        readable = panel.may_read(assignment, user)
        scores = assignment.scores if readable else {}
        points = [
            (criterion.label, points_text(scores.get(criterion.code, 0)) if readable else "—")
            for criterion in criteria
        ]
        total = points_text(sum(scores.values())) if readable else ""
        state, tone = _state_of(assignment)
        rows.append(PanelRow(assignment, state, tone, readable, points, total))
    return rows


def _state_of(assignment: PanelAssignment) -> tuple[str, str]:
    if assignment.conflict_at:
        return "已回避", "warn"
    return ("已提交", "good") if assignment.submitted_at else ("待评审", "info")


def score_rows(parts: Iterable[Part]) -> list[dict[str, str]]:
    """How a score adds up, criterion by criterion, as registry/nomination_score.html shows it."""
    return [
        {
            "label": part.label,
            "sum_in_words": part.sum_in_words,
            "points": part.text,
            "most": points_text(part.most),
        }
        for part in parts
    ]
