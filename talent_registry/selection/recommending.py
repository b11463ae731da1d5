"""What a league does with its nominees: recommend within its places, pass over with a reason, or take either
back.

A place is taken by locking the row of the quota; whoever comes second waits and then sees what is left. The
database refuses a number above the places whatever code asks (constraint quota_is_never_exceeded).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from portal.cases.actions import NotNow, transition
from portal.cases.models import Case, CaseEvent
from talent_registry.models import (
    ListedNominee,
    Nomination,
    Quota,
    QuotaKind,
    RegistryEntry,
    SelectionRound,
    Status,
)
from talent_registry.selection.nominating import hold
from talent_registry.selection.workflow import NominationState, RoundState


def recommend(case_id: int, *, by: Any, on: date) -> Case:
    """Recommend a nominee to the ranking, for one of the league's places.

    Somebody on the registry already takes none. Raises Refused (who), NotNow (the league's places are used,
    the round is not at its recommendations).
    """
    worker_id = Nomination.objects.values_list("worker_id", flat=True).get(pk=case_id)
    needs_place = not on_registry(worker_id)
    with transition(case_id, "recommend", by=by, on=on, detail={"took_place": needs_place}) as case:
        round_id = _round_at_recommendations(case)
        if needs_place:
            _take_place(round_id, case)
    return case


def pass_over(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Decide not to recommend; the person gets the reason with the result of the round.

    Raises Refused, NotNow.
    """
    with transition(case_id, "pass_over", by=by, on=on, reason=reason) as case:
        _round_at_recommendations(case)
    return case


def take_back(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Undo a recommendation or a refusal to recommend until the ranking; a place taken is free again.

    Raises Refused, NotNow.
    """
    with transition(case_id, "take_back", by=by, on=on, reason=reason) as case:
        round_id = _round_at_recommendations(case)
        decisions = CaseEvent.objects.filter(case=case, action__in=["recommend", "pass_over"])
        last = decisions.order_by("-position").first()
        if last is not None and last.detail.get("took_place"):
            _free_place(round_id, case)
    return case


def on_registry(worker_id: int) -> bool:
    """Whether the worker is on the registry now, suspended entries included."""
    return RegistryEntry.objects.filter(worker_id=worker_id).exclude(status=Status.REMOVED).exists()


def places_needed(nominations: Collection[Nomination]) -> int:
    """How many places it takes to recommend all of these: whoever is on the registry already takes none."""
    workers = {nomination.worker_id for nomination in nominations}
    listed = RegistryEntry.objects.filter(worker__in=workers).exclude(status=Status.REMOVED)
    return len(workers) - listed.values("worker").distinct().count()


def _round_at_recommendations(case: Case) -> int:
    """The round of a nomination, held in its state until this transaction ends.

    A ranking waits, or has come first: then NotNow.
    """
    round_id = Nomination.objects.values_list("round_id", flat=True).get(pk=case.pk)
    state = hold(round_id)
    if state != RoundState.RECOMMENDATION:
        raise NotNow(
            f"本年度遴选当前为“{RoundState(state).label}”，"
            f"只有在“{RoundState.RECOMMENDATION.label}”阶段才能办理推荐。"
        )
    return round_id


def _quota(round_id: int, league_code: str) -> Quota | None:
    """The league's places to recommend, locked; none when the round sets no such limit."""
    quotas = Quota.objects.select_for_update().filter(round_id=round_id, kind=QuotaKind.RECOMMENDATION)
    return quotas.filter(key=league_code).first()


def _take_place(round_id: int, case: Case) -> None:
    quota = _quota(round_id, case.league_code)
    if quota is None:
        if Quota.objects.filter(round_id=round_id, kind=QuotaKind.RECOMMENDATION).exists():
            raise NotNow("本年度没有给该盟市分配推荐名额。")
        return
    if quota.used >= quota.places:
        raise NotNow(f"本盟市的{quota.places}个推荐名额已用完。取消其他人选的推荐后，才能推荐{case.worker}。")
    quota.used += 1
    quota.save(update_fields=["used"])


def _free_place(round_id: int, case: Case) -> None:
    quota = _quota(round_id, case.league_code)
    if quota is not None:
        quota.used -= 1
        quota.save(update_fields=["used"])


@dataclass(frozen=True)
class LeagueWork:
    """How far one league is: its places, and its nominees by state."""

    code: str
    places: int | None
    used: int
    nominated: int
    undecided: int
    recommended: int
    passed_over: int
    waiting: int

    @property
    def left(self) -> int | None:
        return None if self.places is None else self.places - self.used


_ENDED = Q(case__state__in=[NominationState.SELECTED, NominationState.NOT_SELECTED])
_NOMINATIONS_BY_STATE = {
    "undecided": Q(case__state=NominationState.ACCEPTED),
    "waiting": Q(case__state__in=[NominationState.SUBMITTED, NominationState.RETURNED]),
    # The result ends both; only who was recommended was on a list.
    "recommended": Q(case__state=NominationState.RECOMMENDED) | _ENDED & Q(ranked=True),
    "passed_over": Q(case__state=NominationState.NOT_RECOMMENDED) | _ENDED & Q(ranked=False),
}


def work_of_leagues(round_: SelectionRound) -> dict[str, LeagueWork]:
    """How far every league is that has places or nominees, by code; two queries."""
    quotas = {quota.key: quota for quota in round_.quotas.filter(kind=QuotaKind.RECOMMENDATION)}
    counts = _counts_of_leagues(round_)
    none = dict.fromkeys(("nominated", *_NOMINATIONS_BY_STATE), 0)
    work = {}
    for code in sorted({*quotas, *counts}):
        quota = quotas.get(code)
        work[code] = LeagueWork(
            code=code,
            places=quota.places if quota else None,
            used=quota.used if quota else 0,
            **counts.get(code, none),
        )
    return work


def _counts_of_leagues(round_: SelectionRound) -> dict[str, dict[str, int]]:
    """The valid nominations of every league, all of them and by state."""
    listings = ListedNominee.objects.filter(nomination=OuterRef("pk"))
    nominations = Nomination.objects.filter(round=round_).valid()
    nominations = nominations.exclude(case__state=NominationState.DRAFT).alias(ranked=Exists(listings))
    by_state = {name: Count("pk", filter=which) for name, which in _NOMINATIONS_BY_STATE.items()}
    rows: Any = nominations.order_by().values("case__league_code")
    counts = {}
    for row in rows.annotate(nominated=Count("pk"), **by_state):
        counts[row.pop("case__league_code")] = row
    return counts
