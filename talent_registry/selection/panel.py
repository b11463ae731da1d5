"""The panel: who scores whom, who steps aside, and the mean that counts once everybody is in.

An expert sees own scores only, and so does the office, until every expert who was asked has handed in or
stepped aside. Then the mean of the sums, rounded half up to a hundredth of a point, stands on the nomination
and nothing of it changes any more. Work on one nominee is done under the lock of their case: the last one in
is the last one, also when two hand in at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can, require
from portal.accounts.models import RoleAssignment, User
from portal.accounts.roles import Role
from portal.cases.actions import NotNow
from portal.cases.models import Case
from portal.formats import date_cn
from portal.reasons import reason_in
from portal.workforce.models import EmployerAgent, Worker
from portal.workforce.models.base import records_of_person
from talent_registry.models import Nomination, PanelAssignment, SelectionRound
from talent_registry.selection import scheme
from talent_registry.selection.nominating import hold
from talent_registry.selection.scheme import PanelCriterion, points_text
from talent_registry.selection.workflow import PANEL_WORKS, NominationState, RoundState

MOST_AT_ONCE = 500


def criteria(round_: SelectionRound) -> Sequence[PanelCriterion]:
    """What the experts score by, in the order of the scheme."""
    return scheme.read(round_.scheme).panel


def experts() -> list[User]:
    """Everybody who holds the role today; `left` is how many nominees each has still to score, `unit` and
    `occupation` what the register says of their work, None where it does not know them.
    """
    assignments = RoleAssignment.objects.in_force().filter(role=Role.PANEL_EXPERT)
    people = User.objects.filter(pk__in=assignments.values("user"), is_active=True)
    to_score = Q(
        panel_assignments__conflict_at__isnull=True,
        panel_assignments__submitted_at__isnull=True,
        panel_assignments__nomination__case__state=NominationState.ACCEPTED,
    )
    own = Worker.objects.filter(account=OuterRef("pk"))
    people = people.annotate(
        left=Count("panel_assignments", filter=to_score),
        unit=Subquery(own.values("employer__name")[:1]),
        occupation=Subquery(own.values("occupation")[:1]),
    )
    return list(people.order_by("display_name", "pk"))


# -- assigning -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Assigned:
    """The new assignments, and the pairs that were left out, each with the reason."""

    made: list[PanelAssignment]
    left_out: list[str]


@transaction.atomic
def assign(nomination_ids: Collection[int], expert_ids: Collection[int], *, by: Any, on: date) -> Assigned:
    """Every one of the experts is to score every one of the nominees.

    Left out, with the reason: the nominee themselves, agents of the nominee's unit or of the unit that
    nominated, pairs that exist, nominees who are not taken in or whose panel is done. Raises Refused
    (permission, per place), NotNow (nothing chosen).
    """
    ids = sorted(set(nomination_ids))
    chosen = sorted(set(expert_ids))
    if not ids or not chosen:
        raise NotNow("请选择参评人员和评审专家。")
    if len(ids) > MOST_AT_ONCE:
        raise NotNow(f"一次最多安排{MOST_AT_ONCE}人。")
    states = _hold_rounds_of(ids)
    nominations = _locked_nominations(ids)
    for region in {nomination.case.region_id for nomination in nominations}:
        require(by, "nomination.assign_panel", region)
    people = [expert for expert in experts() if expert.pk in chosen]
    left_out = []
    if len(people) < len(chosen):
        left_out.append("所选账号中有人目前不是评审专家，未作安排。")
    agencies = _agencies(people)
    existing = _existing_pairs(ids)
    made = []
    for nomination in nominations:
        problem = _not_to_be_assigned(nomination, states[nomination.round_id])
        if problem:
            left_out.append(f"{nomination.worker.name}：{problem}")
            continue
        for expert in people:
            problem = _too_near(nomination, expert, agencies)
            if not problem and (nomination.pk, expert.pk) in existing:
                problem = "已安排过。"
            if problem:
                left_out.append(f"{nomination.worker.name}、{expert}：{problem}")
            else:
                made.append(PanelAssignment(nomination=nomination, expert=expert, assigned_by=by))
    PanelAssignment.objects.bulk_create(made, batch_size=1000)
    _record_assignments(made, by)
    return Assigned(made, left_out)


def _hold_rounds_of(nomination_ids: Sequence[int]) -> dict[int, str]:
    """The rounds of these nominations, held, with their states."""
    rounds = Nomination.objects.filter(pk__in=nomination_ids).order_by("round_id")
    round_ids = rounds.values_list("round_id", flat=True).distinct()
    return {round_id: hold(round_id) for round_id in round_ids}


def _locked_nominations(nomination_ids: Sequence[int]) -> list[Nomination]:
    """These nominations with their cases locked."""
    locked = Case.objects.select_for_update().filter(pk__in=nomination_ids).order_by("pk")
    cases = {case.pk: case for case in locked}
    nominations = Nomination.objects.filter(pk__in=nomination_ids).select_related("round", "worker")
    in_order = list(nominations.order_by("pk"))
    for nomination in in_order:
        nomination.case = cases[nomination.pk]
    return in_order


def _existing_pairs(nomination_ids: Sequence[int]) -> set[tuple[int, int]]:
    assignments = PanelAssignment.objects.filter(nomination_id__in=nomination_ids)
    return set(assignments.values_list("nomination_id", "expert_id"))


def _record_assignments(assignments: Iterable[PanelAssignment], by: Any) -> None:
    entries = []
    for assignment in assignments:
        nomination = assignment.nomination
        detail = {"expert": assignment.expert.username}
        entries.append((assignment, nomination.worker_id, nomination.case.region_id, detail))
    audit.record_many("panel.assign", by=by, about=entries)


def _not_to_be_assigned(nomination: Nomination, round_state: str) -> str:
    """Why nobody may be asked about this nominee now; empty when experts may be."""
    if nomination.case.state != NominationState.ACCEPTED:
        return f"申报现为“{nomination.case.state_label}”，受理后才能安排评审。"
    if round_state not in PANEL_WORKS:
        return f"本年度遴选现为“{RoundState(round_state).label}”，评审已结束。"
    if nomination.panel_score is not None:
        return "评审已完成，不再增加专家。"
    return ""


def _too_near(nomination: Nomination, expert: User, agencies: set[tuple[int, int]]) -> str:
    """Why this expert may not score this nominee, whenever it is asked; empty when they may."""
    if nomination.worker_id in records_of_person(expert):
        return "专家就是参评人员本人。"
    units = {nomination.worker.employer_id, nomination.case.employer_id} - {None}
    if any((expert.pk, unit) in agencies for unit in units):
        return "专家是参评人员所在单位的经办人，应当回避。"
    return ""


def _agencies(people: Iterable[User]) -> set[tuple[int, int]]:
    """(account, unit) of those who act for a unit today."""
    agents = EmployerAgent.objects.filter(user__in=people)
    return set(agents.values_list("user_id", "employer_id"))


@transaction.atomic
def release(assignment_id: int, *, by: Any, on: date) -> None:
    """Take an assignment back that was neither handed in nor declined: the expert is away.

    Raises Refused, NotNow.
    """
    assignment, nomination = _locked(assignment_id)
    require(by, "nomination.assign_panel", nomination.case.region_id)
    _require_unsettled(assignment, nomination)
    audit.record(
        "panel.release",
        by=by,
        obj=assignment,
        worker=nomination.worker_id,
        region=nomination.case.region_id,
        detail={"expert": assignment.expert.username},
    )
    assignment.delete()
    _complete_if_all_are_in(nomination, by)


# -- the expert ----------------------------------------------------------------------------------------------
@transaction.atomic
def declare_conflict(assignment_id: int, *, reason: str, by: Any, on: date) -> PanelAssignment:
    """The expert steps aside from this nominee, for good: sees them no more and scores nothing.

    Raises Refused, NotNow.
    """
    reason = reason_in(" ".join(reason.split()))
    if not reason:
        raise NotNow("请写明回避的理由。")
    if len(reason) > 200:
        raise NotNow("回避的理由不超过200个字。")
    assignment, nomination = _own(assignment_id, by)
    assignment.conflict_at = timezone.now()
    assignment.conflict_reason = reason
    # What was only a draft is nothing that anybody was scored by.
    assignment.scores, assignment.comment = {}, ""
    assignment.save(update_fields=["conflict_at", "conflict_reason", "scores", "comment"])
    audit.record(
        "panel.conflict",
        by=by,
        obj=assignment,
        worker=nomination.worker_id,
        region=nomination.case.region_id,
    )
    _complete_if_all_are_in(nomination, by)
    return assignment


@transaction.atomic
def keep_draft(
    assignment_id: int, scores: Mapping[str, int], comment: str, *, by: Any, on: date
) -> PanelAssignment:
    """Keep scores that are not handed in yet, of as many criteria as were given: the expert alone reads them, and they
    count nothing. Raises Refused and NotNow as handing in does.
    """
    assignment, nomination = _to_score(assignment_id, by, on)
    asked = [criterion for criterion in criteria(nomination.round) if criterion.code in scores]
    _write(assignment, _within(scores, asked), comment)
    assignment.save(update_fields=["scores", "comment"])
    _record("panel.draft", assignment, nomination, by)
    return assignment


@transaction.atomic
def score(
    assignment_id: int, scores: Mapping[str, int], comment: str, *, by: Any, on: date
) -> PanelAssignment:
    """Hand in the scores, hundredths of a point per criterion of the round's scheme. They stay as they are.

    With the last expert's, the nomination gets its panel score. Raises Refused (not one's assignment), NotNow
    (handed in, stepped aside, by now an agent of the nominee's unit, the panel's last day over, a criterion
    missing or out of range).
    """
    assignment, nomination = _to_score(assignment_id, by, on)
    _write(assignment, _within(scores, criteria(nomination.round)), comment)
    assignment.submitted_at = timezone.now()
    assignment.save(update_fields=["scores", "comment", "submitted_at"])
    _record("panel.score", assignment, nomination, by)
    _complete_if_all_are_in(nomination, by)
    return assignment


def _to_score(assignment_id: int, by: Any, on: date) -> tuple[PanelAssignment, Nomination]:
    """An assignment whose scores the person may give on a day, locked; Refused or NotNow otherwise."""
    assignment, nomination = _own(assignment_id, by)
    problem = _too_near(nomination, assignment.expert, _agencies([assignment.expert]))
    if problem:
        raise NotNow(f"{problem}请对该参评人员声明回避。")
    if on > nomination.round.panel_until:
        raise NotNow(too_late(nomination.round))
    return assignment, nomination


def _write(assignment: PanelAssignment, scores: dict[str, int], comment: str) -> None:
    assignment.scores, assignment.comment = scores, comment.strip()
    if len(assignment.comment) > 500:
        raise NotNow("评语不超过500个字。")


def _record(action: str, assignment: PanelAssignment, nomination: Nomination, by: Any) -> None:
    audit.record(action, by=by, obj=assignment, worker=nomination.worker_id, region=nomination.case.region_id)


def too_late(round_: SelectionRound) -> str:
    """What an expert is told after the panel's last day."""
    return (
        f"{round_.title}的评分已于{date_cn(round_.panel_until)}截止，不能再提交。"
        "确需补评的，请联系名录管理员延长评审期限；不能评审的，可以声明回避。"
    )


def _within(scores: Mapping[str, int], asked: Iterable[PanelCriterion]) -> dict[str, int]:
    """The scores by criterion; NotNow when one is missing, unknown or out of range."""
    known = {criterion.code: criterion for criterion in asked}
    unknown = set(scores) - set(known)
    if unknown:
        raise NotNow(f"评分办法中没有这些评审项目：{'、'.join(sorted(unknown))}。")
    for code, criterion in known.items():
        points = scores.get(code)
        if not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= criterion.most:
            raise NotNow(f"“{criterion.label}”应为0至{points_text(criterion.most)}分，最多两位小数。")
    return {code: scores[code] for code in known}


def _locked(assignment_id: int) -> tuple[PanelAssignment, Nomination]:
    """The assignment and its nominee, with round and case held."""
    ids = PanelAssignment.objects.values_list("nomination_id", "nomination__round_id")
    nomination_id, round_id = ids.get(pk=assignment_id)
    state = hold(round_id)
    case = Case.objects.select_for_update().get(pk=nomination_id)
    assignments = PanelAssignment.objects.select_related("expert", "nomination__round", "nomination__worker")
    assignment = assignments.get(pk=assignment_id)
    nomination = assignment.nomination
    nomination.case = case
    if state not in PANEL_WORKS:
        raise NotNow(f"{nomination.round.title}现为“{RoundState(state).label}”，评审已结束。")
    return assignment, nomination


def _own(assignment_id: int, by: Any) -> tuple[PanelAssignment, Nomination]:
    """An assignment that is the person's to answer now, locked; Refused or NotNow otherwise."""
    assignment, nomination = _locked(assignment_id)
    if assignment.expert_id != by.pk:
        raise Refused("只能评审分配给您本人的参评人员。")
    require(by, "nomination.score", nomination.case.region_id)
    _require_unsettled(assignment, nomination)
    return assignment, nomination


def _require_unsettled(assignment: PanelAssignment, nomination: Nomination) -> None:
    if assignment.submitted_at:
        raise NotNow("评分已提交，不能再更改。")
    if assignment.conflict_at:
        raise NotNow("已声明回避，不能再评审。")
    if nomination.case.state != NominationState.ACCEPTED:
        raise NotNow(f"申报现为“{nomination.case.state_label}”，不需要评审。")


def _complete_if_all_are_in(nomination: Nomination, by: Any) -> None:
    """Once all who are to score have done so: the mean of their sums, half a hundredth up."""
    sheets = [sheet for sheet in nomination.panel.all() if sheet.conflict_at is None]
    if not sheets or any(sheet.submitted_at is None for sheet in sheets):
        return
    count = len(sheets)
    total = sum(sum(sheet.scores.values()) for sheet in sheets)
    nomination.panel_score = (2 * total + count) // (2 * count)
    nomination.save(update_fields=["panel_score"])
    audit.record(
        "panel.complete",
        by=by,
        obj=nomination,
        worker=nomination.worker_id,
        region=nomination.case.region_id,
        detail={"experts": count, "score": nomination.panel_score},
    )


# -- how far it has come -------------------------------------------------------------------------------------
def unfinished(round_: SelectionRound) -> int:
    """How many nominees taken in have no panel score yet; 0 when the scheme has no panel."""
    if not criteria(round_):
        return 0
    accepted = round_.nominations.filter(case__state=NominationState.ACCEPTED)
    return accepted.filter(panel_score__isnull=True).count()


def late_experts(round_: SelectionRound) -> list[tuple[User, int]]:
    """Experts who still have nominees of the round to score, and how many; most first."""
    waiting = Q(
        panel_assignments__nomination__round=round_,
        panel_assignments__nomination__case__state=NominationState.ACCEPTED,
        panel_assignments__conflict_at__isnull=True,
        panel_assignments__submitted_at__isnull=True,
    )
    late = User.objects.annotate(left=Count("panel_assignments", filter=waiting)).filter(left__gt=0)
    return [(user, user.left) for user in late.order_by("-left", "display_name", "pk")]


def may_read(assignment: PanelAssignment, user: Any) -> bool:
    """Whether the user may read these scores: the expert's own at once, those of others when all are in.

    `assignment.nomination` decides; whoever may see the nomination as staff, or was on its panel, may read
    them then.
    """
    if assignment.submitted_at is None:
        return False
    nomination = assignment.nomination
    may_score = can(user, "nomination.score", nomination.case.region_id)
    if assignment.expert_id == user.pk:
        return may_score
    if nomination.panel_score is None:
        return False
    if can(user, "case.view", nomination.case.region_id):
        return True
    return may_score and nomination.panel.filter(expert=user, submitted_at__isnull=False).exists()
