"""What of payments was decided to come back, what has come, and what is due next: in the words of whoever has to pay it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from portal.formats import date_cn
from portal.formats import yuan as in_words
from portal.funds.models import (
    ChangedInstalment,
    Instalment,
    PlanChange,
    Recovery,
    RecoveryShare,
    RecoveryState,
    ShareKind,
    Way,
)
from portal.funds.models.recoveries import RecoveryQuerySet
from portal.funds.money import yuan
from portal.regions.calendar import OfficeCalendar

# What has to be read beforehand of recoveries whose standing is told.
PARTS = ("shares", "instalments", "plan_changes__instalments")


@dataclass(frozen=True)
class Plan:
    """By which days and sums it comes back now: as decided, or as changed. `before` was settled (in fen) before it began."""

    instalments: Sequence[Instalment | ChangedInstalment]
    before: int = 0
    changed: bool = False


def plan_of(recovery: Recovery) -> Plan:
    """The plan that counts: that of the last change that was decided, otherwise that of the decision."""
    decided = [one for one in recovery.plan_changes.all() if one.decided_at is not None]
    if not decided:
        return Plan(sorted(recovery.instalments.all(), key=lambda one: one.position))
    last = max(decided, key=lambda one: one.pk)
    plan = sorted(last.instalments.all(), key=lambda one: one.position)
    return Plan(plan, recovery.amount - last.amount, changed=True)


@dataclass(frozen=True)
class Due:
    """What is to be paid until a day, in fen. `until` is that day, or the next working day where nobody works on it."""

    on: date
    until: date
    amount: int

    @property
    def is_late(self) -> bool:
        return self.until < timezone.localdate()


def due_next(
    plan: Sequence[Instalment | ChangedInstalment], settled: int, calendar: OfficeCalendar
) -> Due | None:
    """The first instalment that what was settled (in fen) does not cover, with what is missing of it."""
    so_far = 0
    for instalment in plan:
        so_far += instalment.amount
        if so_far > settled:
            day = instalment.due_on
            return Due(day, calendar.ends_on(day), so_far - settled)
    return None


@dataclass(frozen=True)
class AskedBack:
    """A recovery that was decided, in fen: `come` came or was set off, `off` was written off."""

    recovery: Recovery
    come: int
    off: int
    due: Due | None

    @property
    def under_way(self) -> bool:
        return self.recovery.state == RecoveryState.DECIDED

    @property
    def rest(self) -> int:
        """What is still to come; nothing of one that was dropped."""
        return self.recovery.amount - self.come - self.off if self.under_way else 0

    @property
    def come_sum(self) -> Decimal:
        """What came or was set off, in yuan."""
        return yuan(self.come)

    @property
    def rest_sum(self) -> Decimal:
        """What is still to come, in yuan."""
        return yuan(self.rest)

    @property
    def told(self) -> str:
        """How it stands, in words."""
        recovery = self.recovery
        parts = [f"应当退还{in_words(recovery.sum)}（追回编号{recovery.number}）"]
        if self.come:
            parts.append(f"已退还{in_words(yuan(self.come))}")
        if recovery.state == RecoveryState.DROPPED:
            parts.append("其余不再追回")
        elif self.off:
            parts.append(f"已核销{in_words(yuan(self.off))}")
        elif not self.rest:
            parts.append("已全部退还")
        else:
            parts.append(f"还应退还{in_words(yuan(self.rest))}")
        return "，".join(parts) + "。" + (self._how if self.under_way else "")

    @property
    def _how(self) -> str:
        if self.recovery.way == Way.SET_OFF:
            return "从以后批准的待遇中抵扣。"
        if self.due is None:
            return ""
        until = f"{date_cn(self.due.until)}前应退还{in_words(yuan(self.due.amount))}"
        late = "，现已逾期" if self.due.is_late else ""
        return f"{until}{late}。退到：{self.recovery.pay_to}，汇款时请在附言中写明追回编号。"


def asked_back(payable_ids: Collection[int]) -> dict[int, list[AskedBack]]:
    """By payable what was decided to come back of it; what was only proposed is not told."""
    decided = Recovery.objects.filter(payable__in=payable_ids, decided_on__isnull=False).order_by("pk")
    found: dict[int, list[AskedBack]] = {}
    for told in told_of_each(decided.prefetch_related(*PARTS)):
        found.setdefault(told.recovery.payable_id, []).append(told)
    return found


def told_of_each(recoveries: Iterable[Recovery]) -> list[AskedBack]:
    """How each of them stands; PARTS of them are read beforehand."""
    listed = list(recoveries)
    if not listed:
        return []
    calendar = OfficeCalendar()
    return [told_of(recovery, calendar) for recovery in listed]


def told_of(recovery: Recovery, calendar: OfficeCalendar) -> AskedBack:
    """How one recovery stands."""
    shares = list(recovery.shares.all())
    off = sum(share.amount for share in shares if share.kind == ShareKind.WRITTEN_OFF)
    come = sum(share.amount for share in shares) - off
    plan = plan_of(recovery)
    return AskedBack(recovery, come, off, due_next(plan.instalments, come + off - plan.before, calendar))


def late(recoveries: RecoveryQuerySet, today: date) -> RecoveryQuerySet:
    """Those of which less is settled than was due before a day; what ends on a day off is due until the next working day."""
    last = OfficeCalendar().last_before(today)
    due = Instalment.objects.filter(recovery=OuterRef("pk"), due_on__lte=last).order_by()
    asked = due.values("recovery").annotate(asked=Sum("amount")).values("asked")
    # A change counts from what was settled before it.
    change = PlanChange.objects.filter(recovery=OuterRef("pk"), decided_at__isnull=False).order_by("-pk")
    due_of_change = ChangedInstalment.objects.filter(change=OuterRef("change"), due_on__lte=last).order_by()
    changed = due_of_change.values("change").annotate(asked=Sum("amount")).values("asked")
    settled = RecoveryShare.objects.filter(recovery=OuterRef("pk")).order_by()
    come = settled.values("recovery").annotate(come=Sum("amount")).values("come")
    with_change = recoveries.under_way().annotate(
        change=Subquery(change.values("pk")[:1]), of_change=Subquery(change.values("amount")[:1])
    )
    to_come = Case(
        When(change__isnull=True, then=Coalesce(Subquery(asked), 0)),
        default=F("amount") - F("of_change") + Coalesce(Subquery(changed), 0),
        output_field=BigIntegerField(),
    )
    return with_change.filter(GreaterThan(to_come, Coalesce(Subquery(come), 0)))
