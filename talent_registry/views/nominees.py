"""What pages show of a nominee: facts with their source, recognitions and results, files, the panel, and what
happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from portal.cases.models import Case, Evidence
from portal.templatetags.portal import date_iso
from portal.workforce.facts import sources_of
from portal.workforce.models import Worker
from portal.workforce.models.facts import Attested
from portal.workforce.models.honours import HonourState
from talent_registry.models import Channel, Nomination, PanelAssignment
from talent_registry.selection import panel
from talent_registry.selection.scheme import points_text
from talent_registry.selection.scoring import Part
from talent_registry.selection.workflow import NominationState

TONES = {
    NominationState.DRAFT: "plain",
    NominationState.SUBMITTED: "info",
    NominationState.RETURNED: "warn",
    NominationState.ACCEPTED: "info",
    NominationState.RECOMMENDED: "info",
    NominationState.NOT_RECOMMENDED: "warn",
    NominationState.SELECTED: "good",
    NominationState.NOT_SELECTED: "plain",
    NominationState.REFUSED: "bad",
    NominationState.WITHDRAWN: "plain",
}
_EVENT_TONES = {
    "accept": "good",
    "refuse": "bad",
    "return_for_correction": "warn",
    "withdraw": "warn",
    "recommend": "good",
    "pass_over": "warn",
    "select": "good",
}
# Contributions that the scheme may count (selection.scheme.CONTRIBUTIONS), as the register attests them.
_CONTRIBUTIONS = (Attested.SOLVED_PROBLEM, Attested.INNOVATION_AWARD, Attested.MENTOR, Attested.CONTRIBUTION)
RELATED = (
    "case__region__parent",
    "case__employer",
    "round__case",
    "worker__employer",
    "worker__work_region__parent",
    "determination__rule_version",
)


def tone_of(nomination: Nomination) -> str:
    return TONES[NominationState(nomination.case.state)]


def who_rows(worker: Worker, *, with_number: bool = True) -> list[dict[str, Any]]:
    """The person, each fact with where it comes from. Experts do not need the ID number, not even masked."""
    source = {name: found["source"] for name, found in sources_of(worker).items()}
    employment = worker.employments.filter(ended_on__isnull=True).first()
    years = employment.front_line_years if employment else None
    front_line = {True: "是", False: "否", None: ""}[employment.on_front_line if employment else None]
    number = (
        [{"label": "证件号码", "value": worker.masked_id_number, "source": worker.source}]
        if with_number
        else []
    )
    return [
        {"label": "姓名", "value": worker.name, "source": worker.source},
        *number,
        {"label": "工作地", "value": worker.work_region.full_name, "source": source.get("work_region")},
        {
            "label": "用人单位",
            "value": worker.employer and worker.employer.name,
            "source": source.get("employment"),
        },
        {
            "label": "职业（工种）",
            "value": worker.occupation,
            "source": source.get("certificate_occupation") or source.get("employment"),
        },
        {
            "label": "技能等级",
            "value": worker.get_skill_level_display() if worker.skill_level else "",
            "source": source.get("skill_level"),
        },
        {"label": "一线岗位", "value": front_line, "source": source.get("on_front_line")},
        {
            "label": "一线年限",
            "value": f"{years.normalize():f}年" if years is not None else "",
            "source": source.get("front_line_years"),
        },
    ]


def made_rows(nomination: Nomination) -> list[dict[str, Any]]:
    """How the nomination was made."""
    case = nomination.case
    by_unit = nomination.channel == Channel.EMPLOYER
    made = (
        f"{nomination.get_channel_display()}（{case.employer}）"
        if by_unit
        else nomination.get_channel_display()
    )
    return [
        {"label": "年度遴选", "value": nomination.round.title},
        {"label": "申报方式", "value": made},
        {"label": "所属行业", "value": nomination.get_industry_display()},
        {"label": "办理地区", "value": case.region.full_name},
        {"label": "发起日期", "value": date_iso(case.opened_on)},
    ]


def records_of(worker: Worker) -> list[dict[str, str]]:
    """Verified honours, results in competitions and attested contributions: what a score can rest on, each
    with its document.
    """
    rows = [
        {
            "kind": "荣誉",
            "what": one.named_as or one.type.name,
            "when": f"{one.year}年",
            "document": one.document,
            "source": one.source,
        }
        for one in worker.honours.filter(state=HonourState.VERIFIED)
        .select_related("type")
        .order_by("-year", "pk")
    ]
    rows += [
        {
            "kind": "竞赛成绩",
            "what": "，".join(
                filter(None, [one.name, f"第{one.rank}名" if one.rank else "", one.get_prize_display()])
            ),
            "when": date_iso(one.held_on),
            "document": one.document,
            "source": one.source,
        }
        for one in worker.competition_results.order_by("-held_on", "pk")
    ]
    facts = worker.attested_facts.filter(code__in=_CONTRIBUTIONS, value=True, until__isnull=True)
    rows += [
        {
            "kind": "核定事项",
            "what": one.get_code_display(),
            "when": date_iso(one.since),
            "document": one.document,
            "source": one.source,
        }
        for one in facts.order_by("-since", "pk")
    ]
    return rows


def evidence_of(nomination: Nomination, user: Any) -> QuerySet[Evidence]:
    return (
        Evidence.objects.visible_to(user)
        .standing()
        .filter(case_id=nomination.pk)
        .select_related("uploaded_by")
    )


def panel_rows(nomination: Nomination, user: Any) -> list[dict[str, Any]]:
    """The experts and how far each is; scores only where the user may read them (selection.panel.may_read)."""
    rows = []
    criteria = panel.criteria(nomination.round)
    for one in nomination.panel.select_related("expert").order_by("expert__display_name", "pk"):
        one.nomination = nomination
        readable = panel.may_read(one, user)
        rows.append(
            {
                "assignment": one,
                "state": _sheet_state(one),
                "readable": readable,
                "points": [
                    (criterion.label, points_text(one.scores.get(criterion.code, 0)) if readable else "—")
                    for criterion in criteria
                ],
                "sum": points_text(sum(one.scores.values())) if readable else "",
            }
        )
    return rows


def score_rows(parts: Iterable[Part]) -> list[dict[str, str]]:
    """How a score adds up, criterion by criterion, as registry/nomination_score.html shows it."""
    return [
        {
            "label": one.label,
            "sum_in_words": one.sum_in_words,
            "points": one.text,
            "most": points_text(one.most),
        }
        for one in parts
    ]


def _sheet_state(one: PanelAssignment) -> tuple[str, str]:
    if one.conflict_at:
        return "已回避", "warn"
    return ("已提交", "good") if one.submitted_at else ("待评审", "info")


def events_of(shown: Case) -> list[dict[str, Any]]:
    """What was done, newest first, with who did it."""
    events = []
    for event in shown.events.select_related("by").order_by("-position"):
        missing = event.detail.get("missing")
        text = event.reason or ("需补正：" + "；".join(missing) if missing else "")
        who = (
            f"{event.by}（{event.get_role_display()}）"
            if event.by and event.role
            else str(event.by or "系统")
        )
        events.append(
            {
                "at": event.at,
                "title": event.label,
                "by": who,
                "text": text,
                "tone": _EVENT_TONES.get(event.action, ""),
            }
        )
    if events and not shown.closed_at:
        events[0]["tone"] = "current"
    return events
