"""What a league does with its nominees: recommend within its places, pass over with a reason, or take either
back.

A place is taken by locking the row of the quota; whoever comes second waits and then sees what is left. The
database refuses a number above the places whatever code asks (constraint quota_is_never_exceeded).
"""

from __future__ import annotations

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
    """Recommend a nominee to the ranking, for one of the league's places; somebody on the registry already
    takes none.

    Raises Refused (who), NotNow (the league's places are used, the round is not at its recommendations).
    """
    takes = not on_registry(Nomination.objects.values_list("worker_id", flat=True).get(pk=case_id))
    with transition(case_id, "recommend", by=by, on=on, detail={"took_place": takes}) as case:
        round_id = _round_at_recommendations(case)
        if takes:
            _take_place(round_id, case)
    return case


def pass_over(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Decide not to recommend. The person is told the reason with the result of the round. Raises Refused,
    NotNow.
    """
    with transition(case_id, "pass_over", by=by, on=on, reason=reason) as case:
        _round_at_recommendations(case)
    return case


def take_back(case_id: int, *, reason: str, by: Any, on: date) -> Case:
    """Undo a recommendation or a refusal to recommend until the ranking; a place that was taken is free
    again.

    Raises Refused, NotNow.
    """
    with transition(case_id, "take_back", by=by, on=on, reason=reason) as case:
        round_id = _round_at_recommendations(case)
        last = (
            CaseEvent.objects.filter(case=case, action__in=["recommend", "pass_over"])
            .order_by("-position")
            .first()
        )
        if (
            last is not None
            and last.detail.get("took_place")
            and (quota := _quota(round_id, case.league_code))
        ):
            quota.used -= 1
            quota.save(update_fields=["used"])
    return case


def on_registry(worker_id: int) -> bool:
    """Whether the worker stands on the registry now, suspended entries included."""
    return RegistryEntry.objects.filter(worker_id=worker_id).exclude(status=Status.REMOVED).exists()


def _round_at_recommendations(case: Case) -> int:
    """The round of a nomination, held in its state until this transaction ends: a ranking waits, or has come
    first.
    """
    round_id = Nomination.objects.values_list("round_id", flat=True).get(pk=case.pk)
    state = hold(round_id)
    if state != RoundState.RECOMMENDATION:
        raise NotNow(
            f"本年度遴选当前为“{RoundState(state).label}”，只有在“{RoundState.RECOMMENDATION.label}”阶段才能办理推荐。"
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


def work_of_leagues(round_: SelectionRound) -> dict[str, LeagueWork]:
    """The state of every league that has places or nominees, by code; two queries."""
    quotas = {quota.key: quota for quota in round_.quotas.filter(kind=QuotaKind.RECOMMENDATION)}
    ended = Q(case__state__in=[NominationState.SELECTED, NominationState.NOT_SELECTED])
    of_state = {
        "undecided": Q(case__state=NominationState.ACCEPTED),
        "waiting": Q(case__state__in=[NominationState.SUBMITTED, NominationState.RETURNED]),
        # The result ends both; only who was recommended stood on a list.
        "recommended": Q(case__state=NominationState.RECOMMENDED) | ended & Q(ranked=True),
        "passed_over": Q(case__state=NominationState.NOT_RECOMMENDED) | ended & Q(ranked=False),
    }
    nominations = Nomination.objects.filter(round=round_).valid().exclude(case__state=NominationState.DRAFT)
    nominations = nominations.alias(ranked=Exists(ListedNominee.objects.filter(nomination=OuterRef("pk"))))
    rows: Any = (
        nominations.order_by()
        .values("case__league_code")
        .annotate(
            nominated=Count("pk"), **{name: Count("pk", filter=which) for name, which in of_state.items()}
        )
    )
    counted = {
        row["case__league_code"]: {name: row[name] for name in ("nominated", *of_state)} for row in rows
    }
    none = dict.fromkeys(("nominated", *of_state), 0)
    return {
        code: LeagueWork(
            code=code,
            places=quotas[code].places if code in quotas else None,
            used=quotas[code].used if code in quotas else 0,
            **(counted.get(code) or none),
        )
        for code in sorted({*quotas, *counted})
    }
