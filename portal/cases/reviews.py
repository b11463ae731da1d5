"""Reviewing and deciding what was taken in: on what somebody read, and never on what changed since.

A review holds the conditions against the evidence and recommends; a decision approves or rejects. Both are written
over a set of cases. The programme says what they rest on (its determination), and what it does with them:

    register_reviewed(ReviewedKind(KIND, grounds=…, changes=…, at_decision=…))

Which transition is the next review, and back to which one a case goes, is in the workflow of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Protocol

from django.db import models, transaction

from portal.cases.actions import Moving, NotNow, Refusal, transition_many
from portal.cases.models import Case, CaseEvent
from portal.cases.workflow import Duty, workflow_of

REVIEWS = (Duty.REVIEW, Duty.SECOND_REVIEW)
DECISIONS = (Duty.APPROVE, Duty.COUNTERSIGN, Duty.ANNUL, Duty.RECONSIDER)


class Recommendation(models.TextChoices):
    """What a reviewer recommends to whoever decides."""

    APPROVE = "approve", "建议批准"
    REJECT = "reject", "建议不予批准"


class Stale(NotNow):
    """What somebody read of a case is not so any more; the message says what has changed."""


class AsRead(NamedTuple):
    """What somebody had before them: the version of the case, and the digest of what a decision would rest on; None
    where they saw the case alone.
    """

    version: int
    digest: str | None


class Grounds(Protocol):
    """What a review or a decision rests on, such as a determination. Equal digests say the same."""

    digest: str


class Decided(NamedTuple):
    """A case that moved, with what its review or decision rests on."""

    case: Case
    grounds: Any


class FindGrounds(Protocol):
    """What an action in each of the cases would rest on now, or why it cannot be taken. They are locked."""

    def __call__(
        self, cases: Sequence[Case], /, *, action: str, by: Any, on: date
    ) -> Mapping[int, Grounds | Refusal]: ...


class CheckGrounds(Protocol):
    """Which of the cases stay where they are because of what was found, by case, and why."""

    def __call__(self, cases: Sequence[Case], grounds: Mapping[int, Any], /) -> Mapping[int, Refusal]: ...


class Effect(Protocol):
    """What a programme does with cases that were reviewed or decided. What it raises undoes all of it."""

    def __call__(
        self, decided: Sequence[Decided], /, *, action: str, reason: str, by: Any, on: date
    ) -> Any: ...


def _nothing(*given: Any, **more: Any) -> None:
    pass


@dataclass(frozen=True)
class ReviewedKind:
    """A kind of case that is reviewed and decided, as its programme registered it."""

    kind: str
    grounds: FindGrounds
    # What came out otherwise than under the digest that was read, in words.
    changes: Callable[[Case, str, Any], Sequence[str]]
    at_review: Effect = _nothing
    at_decision: Effect = _nothing


_KINDS: dict[str, ReviewedKind] = {}


def register_reviewed(kind: ReviewedKind) -> None:
    """Make known what reviews and decisions of a kind of case rest on. Called once when the application starts."""
    _KINDS[kind.kind] = kind


def reviewed_kind(kind: str) -> ReviewedKind:
    """KeyError for a kind of case that is not reviewed this way."""
    return _KINDS[kind]


# -- reviewing and deciding ----------------------------------------------------------------------------------
def review_many(
    case_ids: Collection[int],
    action: str,
    *,
    recommendation: Recommendation,
    by: Any,
    on: date,
    opinion: str = "",
    as_read: Mapping[int, AsRead] | None = None,
    check: CheckGrounds | None = None,
) -> Moving:
    """Take a review on cases of one kind, with one opinion; `refused` says why others stay.

    `check` says, after all else, which of them stay because of what the review would rest on. Where something was read
    (`as_read`), it must still be so. Raises NotNow: who recommends to reject says why.
    """
    if recommendation == Recommendation.REJECT and not opinion.strip():
        raise NotNow("建议不予批准的，须写明审核意见。")
    return _take(
        case_ids,
        action,
        REVIEWS,
        by=by,
        on=on,
        reason=opinion,
        as_read=as_read or {},
        said={"recommendation": str(recommendation)},
        further=check,
    )


def decide_many(
    case_ids: Collection[int],
    action: str,
    *,
    by: Any,
    on: date,
    as_read: Mapping[int, AsRead],
    reason: str = "",
    check: CheckGrounds | None = None,
) -> Moving:
    """Decide cases of one kind, each on what was read of it; `refused` says why others stay, `check` after all else.

    KeyError for a case of which nobody has read anything.
    """
    unread = sorted(set(case_ids) - as_read.keys())
    if unread:
        raise KeyError(f"nothing was read of the cases {unread[:5]}")
    return _take(
        case_ids, action, DECISIONS, by=by, on=on, reason=reason, as_read=as_read, said={}, further=check
    )


@transaction.atomic
def review(
    case_id: int,
    action: str,
    *,
    recommendation: Recommendation,
    by: Any,
    on: date,
    opinion: str = "",
    as_read: AsRead | None = None,
) -> Case:
    """Review one. Raises Refused, NotNow."""
    read = {case_id: as_read} if as_read else {}
    moving = review_many(
        [case_id], action, recommendation=recommendation, by=by, on=on, opinion=opinion, as_read=read
    )
    return _only(moving)


@transaction.atomic
def decide(case_id: int, action: str, *, by: Any, on: date, as_read: AsRead, reason: str = "") -> Case:
    """Decide one. Raises Refused, NotNow."""
    return _only(decide_many([case_id], action, by=by, on=on, as_read={case_id: as_read}, reason=reason))


@transaction.atomic
def send_back(case_id: int, action: str, *, reason: str, by: Any, on: date) -> Case:
    """Back to an earlier stage, with what is to be looked at again. Raises Refused, NotNow."""
    if not reason.strip():
        raise NotNow("退回的，须写明需要再核对的内容。")
    with transition_many([case_id], action, by=by, on=on, reason=reason) as moving:
        return _only(moving)


def _only(moving: Moving) -> Case:
    for refusal in moving.refused.values():
        raise refusal
    return moving.cases[0]


def _take(
    case_ids: Collection[int],
    action: str,
    duties: Collection[Duty],
    *,
    by: Any,
    on: date,
    reason: str,
    as_read: Mapping[int, AsRead],
    said: Mapping[str, Any],
    further: CheckGrounds | None = None,
) -> Moving:
    kind = _kind_of(case_ids, action, duties)
    grounds: dict[int, Any] = {}

    def check(cases: list[Case]) -> Mapping[int, Refusal]:
        refused = _moved_since(cases, as_read)
        remaining = [case for case in cases if case.pk not in refused]
        for pk, found in kind.grounds(remaining, action=action, by=by, on=on).items():
            if isinstance(found, Refusal):
                refused[pk] = found
            else:
                grounds[pk] = found
        for case in remaining:
            if case.pk in grounds and (stale := _otherwise(kind, case, grounds[case.pk], as_read)):
                refused[case.pk] = stale
        if further is not None:
            refused |= further([case for case in remaining if case.pk not in refused], grounds)
        return refused

    with transition_many(case_ids, action, by=by, on=on, reason=reason, check=check) as moving:
        decided = [Decided(case, grounds[case.pk]) for case in moving.cases]
        for case, ground in decided:
            moving.details[case.pk].update({**said, "digest": ground.digest})
        effect = kind.at_review if duties == REVIEWS else kind.at_decision
        effect(decided, action=action, reason=reason.strip(), by=by, on=on)
    return moving


def _kind_of(case_ids: Collection[int], action: str, duties: Collection[Duty]) -> ReviewedKind:
    kinds = set(Case.objects.filter(pk__in=case_ids).values_list("kind", flat=True))
    if not kinds:
        raise Case.DoesNotExist(f"no cases {sorted(case_ids)[:5]}")
    if len(kinds) > 1:
        raise ValueError(f"cases of one kind are reviewed at once, not of {sorted(kinds)}")
    kind = kinds.pop()
    if workflow_of(kind).transition(action).duty not in duties:
        raise ValueError(f"{kind}: {action} is taken on under none of the duties {sorted(duties)}")
    return reviewed_kind(kind)


# -- what changed since it was read --------------------------------------------------------------------------
def _moved_since(cases: Sequence[Case], as_read: Mapping[int, AsRead]) -> dict[int, Refusal]:
    """Which of the cases moved after they were read, with what was done."""
    moved = [case for case in cases if case.pk in as_read and as_read[case.pk].version != case.version]
    if not moved:
        return {}
    done: dict[int, list[str]] = {}
    events = CaseEvent.objects.filter(case__in=moved).select_related("by").order_by("case_id", "position")
    for event in events:
        if event.position > as_read[event.case_id].version:
            done.setdefault(event.case_id, []).append(f"{event.by or '系统'}办理了“{event.label}”")
    return {
        case.pk: Stale(
            f"您打开页面之后，办件{case.number}有新的办理：{'；'.join(done.get(case.pk, []))}。"
            "请刷新页面核对后再办理。"
        )
        for case in moved
    }


def _otherwise(kind: ReviewedKind, case: Case, grounds: Any, as_read: Mapping[int, AsRead]) -> Stale | None:
    """What came out otherwise than it was read; None when it is the same, or nothing was read."""
    read = as_read.get(case.pk)
    if read is None or read.digest is None or read.digest == grounds.digest:
        return None
    changes = list(kind.changes(case, read.digest, grounds)) or ["认定所依据的信息有更新"]
    return Stale(f"您打开页面之后情况有变化：{'；'.join(changes)}。请刷新页面核对后再办理。")


# -- what was said -------------------------------------------------------------------------------------------
class Opinion(NamedTuple):
    """What a reviewer said of a case, for whoever decides."""

    event: CaseEvent
    recommendation: Recommendation
    text: str


def opinions_of(case: Case) -> list[Opinion]:
    """The reviews of a case, first to last, also those after which it went back."""
    reviews = case.events.filter(detail__has_key="recommendation").select_related("by")
    return [
        Opinion(event, Recommendation(event.detail["recommendation"]), event.reason)
        for event in reviews.order_by("position")
    ]
