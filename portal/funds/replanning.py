"""Changing the days and sums by which a recovery comes back, after it was decided: proposed by one, decided by another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from portal.accounts.access import NotNow
from portal.formats import date_cn
from portal.formats import yuan as in_words
from portal.funds import recovery_letters
from portal.funds.models import ChangedInstalment, PlanChange, Recovery, RecoveryState, Way
from portal.funds.moment import moment
from portal.funds.money import fen, yuan
from portal.funds.recovering import held, note, require_state
from portal.funds.recovery_steps import rest_of
from portal.funds.refusals import told_in_words


@told_in_words
def propose(
    recovery_id: int, plan: Sequence[tuple[date, Decimal]], *, reason: str, clause: str, by: Any
) -> PlanChange:
    """Propose other days and sums (yuan) for what is still to come. Raises Refused, NotNow; ValueError for parts of a fen."""
    recovery = held(recovery_id, "funds.recover", by=by)
    require_state(recovery, RecoveryState.DECIDED)
    rest = rest_of(recovery)
    _require_plan(recovery, plan, rest)
    if recovery.plan_changes.filter(decided_at__isnull=True, dropped_at__isnull=True).exists():
        raise NotNow("该追回已有待决定的变更。")
    change = PlanChange.objects.create(
        recovery=recovery,
        amount=rest,
        reason=reason.strip(),
        clause=clause.strip(),
        made_by=by,
        made_at=moment(),
    )
    ChangedInstalment.objects.bulk_create(
        ChangedInstalment(change=change, position=position, due_on=day, amount=fen(amount))
        for position, (day, amount) in enumerate(sorted(plan), start=1)
    )
    note("funds.recovery.plan.propose", recovery, by=by, amount=str(change.sum), reason=change.reason)
    return change


def _require_plan(recovery: Recovery, plan: Sequence[tuple[date, Decimal]], rest: int) -> None:
    if recovery.way == Way.SET_OFF:
        raise NotNow("从以后的待遇中抵扣的，没有退回期限。")
    if sum((amount for _, amount in plan), Decimal(0)) != yuan(rest):
        raise NotNow(f"各期金额合计须等于尚未追回的{in_words(yuan(rest))}。")
    if len({day for day, _ in plan}) != len(plan):
        raise NotNow("两期的退回期限不能是同一天。")
    if any(day <= timezone.localdate(moment()) for day, _ in plan):
        raise NotNow("退回期限须在今天以后。")


@told_in_words
def decide(change_id: int, *, by: Any, on: date, letter_number: str = "") -> PlanChange:
    """Another person decides it: from now on the new plan counts, and the person is told by a letter. Raises Refused, NotNow."""
    recovery_id = PlanChange.objects.values_list("recovery_id", flat=True).get(pk=change_id)
    recovery = held(recovery_id, "funds.recover.decide", by=by)
    require_state(recovery, RecoveryState.DECIDED)
    change = PlanChange.objects.select_for_update().get(pk=change_id)
    require_open(change)
    if change.made_by_id == by.pk:
        raise NotNow("拟办人不能决定自己拟办的变更，须由另一人决定。")
    if (rest := rest_of(recovery)) != change.amount:
        raise NotNow(f"拟办以后又有到账，尚未追回的是{in_words(yuan(rest))}。请放弃后重新拟办。")
    if late := change.instalments.filter(due_on__lte=on).first():
        raise NotNow(f"退回期限{date_cn(late.due_on)}已过。请放弃后按新的期限重新拟办。")
    change.recovery = recovery
    change.decided_by, change.decided_on, change.decided_at = by, on, moment()
    change.letter_number = recovery_letters.tell_change(change, by_hand=letter_number, by=by, on=on)
    change.save(update_fields=["decided_by", "decided_on", "decided_at", "letter_number"])
    note("funds.recovery.plan.decide", recovery, by=by, document=change.letter_number)
    return change


@told_in_words
def drop(change_id: int, *, by: Any) -> PlanChange:
    """The plan stays as it was. Raises Refused, NotNow."""
    recovery_id = PlanChange.objects.values_list("recovery_id", flat=True).get(pk=change_id)
    recovery = held(recovery_id, "funds.recover", by=by)
    change = PlanChange.objects.select_for_update().get(pk=change_id)
    require_open(change)
    change.dropped_at = moment()
    change.save(update_fields=["dropped_at"])
    note("funds.recovery.plan.drop", recovery, by=by)
    return change


def require_open(change: PlanChange) -> None:
    """NotNow where it was decided or dropped."""
    if change.decided_at or change.dropped_at:
        raise NotNow("这项变更已决定或者已放弃。")
