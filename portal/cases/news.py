"""Who is told what happened to a case, and that they have looked at it.

Told are, of every move that somebody else made: whoever is responsible for the case; of one that came back, whoever had
led it on from there before; of a correction that was answered, whoever asked for it. Nobody is told of what they did
themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils import timezone

from portal.cases.models import Case, CaseEvent, Correction, News, NewsKind
from portal.cases.workflow import Clock, Transition

# The bell counts no further; a page shows as many at once.
COUNTED_AT_MOST = 100
# How long what was seen stays on the page.
KEPT_DAYS = 90
_BATCH = 2000

# One who is told: the person's number, the case, why, and what was done.
Told = tuple[int, Case, NewsKind, str]


def unseen_along() -> ArraySubquery:
    """The numbers of what an account has not seen yet, as far as the bell counts: read along with the account."""
    unseen = News.objects.unseen().filter(person=OuterRef("pk")).order_by()
    return ArraySubquery(unseen.values("pk")[:COUNTED_AT_MOST])


def tell(told: Iterable[Told], *, by: Any) -> None:
    """Note for each what they are to know, once a case; whoever did it needs not be told. Call it inside the
    transaction in which it happens.
    """
    now, who = timezone.now(), by.pk if by is not None else None
    noted: dict[tuple[int, int], News] = {}
    for person_id, case, kind, label in told:
        if person_id != who:
            said = News(person_id=person_id, case=case, kind=kind, label=label, by=by, at=now)
            noted.setdefault((person_id, case.pk), said)
    News.objects.bulk_create(noted.values(), batch_size=_BATCH)


def tell_of_moves(moved: Sequence[tuple[Case, Transition]], *, by: Any) -> None:
    """Cases were moved, their events are written. What came back and what was answered is said before the rest."""
    told = [*_answered(moved), *_came_back(moved)]
    for case, row in moved:
        if case.assigned_to_id is not None:
            told.append((case.assigned_to_id, case, NewsKind.MOVED, row.label))
    tell(told, by=by)


def _answered(moved: Sequence[tuple[Case, Transition]]) -> list[Told]:
    """What was missing is there: for whoever asked for it, and whoever is responsible."""
    cases = {case.pk: (case, row) for case, row in moved if _ends_correction(row)}
    if not cases:
        return []
    asked = Correction.objects.filter(case__in=cases).order_by("case_id", "-pk").distinct("case_id")
    told: list[Told] = []
    for case_id, person_id in asked.values_list("case_id", "opened_by_id"):
        case, row = cases[case_id]
        told.append((person_id, case, NewsKind.ANSWERED, row.label))
        if case.assigned_to_id is not None:
            told.append((case.assigned_to_id, case, NewsKind.ANSWERED, row.label))
    return told


def _ends_correction(row: Transition) -> bool:
    return row.while_correcting and row.clock is Clock.RESUME


def _came_back(moved: Sequence[tuple[Case, Transition]]) -> list[Told]:
    """A case stands where it stood before: for whoever had led it on from there, and whoever is responsible. Nothing is
    sent back without a reason.
    """
    cases = {case.pk: (case, row) for case, row in moved if row.needs_reason and not row.by_applicant}
    if not cases:
        return []
    targets = {row.target for _, row in cases.values()}
    led_on = CaseEvent.objects.filter(case__in=cases, from_state__in=targets, by__isnull=False).exclude(
        role=""
    )
    told: list[Told] = []
    seen = set()
    for case_id, state, person_id in led_on.order_by("-position").values_list(
        "case_id", "from_state", "by_id"
    ):
        case, row = cases[case_id]
        if state != row.target or case_id in seen:
            continue
        seen.add(case_id)
        told.append((person_id, case, NewsKind.CAME_BACK, row.label))
        if case.assigned_to_id is not None:
            told.append((case.assigned_to_id, case, NewsKind.CAME_BACK, row.label))
    return told


def tell_responsible(case_ids: Collection[int], kind: NewsKind, *, by: Any) -> None:
    """Something happened beside these cases: for whoever is responsible for each."""
    cases = Case.objects.filter(pk__in=case_ids, assigned_to__isnull=False).only("assigned_to_id")
    tell([(case.assigned_to_id, case, kind, "") for case in cases if case.assigned_to_id], by=by)


def mark_seen(news: Collection[News], *, by: Any) -> None:
    """Somebody has looked at these of theirs."""
    unseen = [one.pk for one in news if one.seen_at is None]
    if unseen:
        News.objects.filter(pk__in=unseen, person=by).unseen().update(seen_at=timezone.now())


def mark_all_seen(*, by: Any) -> int:
    """Somebody needs not look at the rest of theirs; how many there were."""
    return News.objects.filter(person=by).unseen().update(seen_at=timezone.now())


def sweep_news() -> int:
    """What was seen long ago is taken away; the case keeps its own events. Returns how many."""
    long_ago = timezone.now() - timedelta(days=KEPT_DAYS)
    return News.objects.filter(seen_at__lt=long_ago).delete()[0]
