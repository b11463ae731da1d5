"""Asking back what was paid: drawn up by one, decided by another after the person was heard.

The payment stays paid. What comes back is taken from rows of the bank by the number of the recovery
(portal.funds.answer_judging), set off or written off (portal.funds.recovery_steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, require
from portal.formats import date_cn
from portal.formats import yuan as in_words
from portal.funds import recovery_letters
from portal.funds.models import (
    Instalment,
    Payable,
    Recovery,
    RecoveryCause,
    RecoveryHearing,
    RecoveryShare,
    RecoveryState,
    Revocation,
    Way,
)
from portal.funds.moment import moment
from portal.funds.money import fen, yuan
from portal.funds.moves import Bucket
from portal.funds.refusals import told_in_words


@dataclass(frozen=True)
class Asked:
    """What is to come back, why, and how. `plan` is day and sum in yuan of each instalment; one where it comes at once,
    none where it is set off.
    """

    amount: Decimal
    cause: str
    grounds: str
    clause: str
    way: str
    pay_to: str = ""
    plan: Sequence[tuple[date, Decimal]] = ()


def not_asked_back(payable: Payable) -> int:
    """What of a payment neither came back nor is asked back yet, in fen; nothing while it is not paid."""
    if payable.bucket != Bucket.PAID:
        return 0
    stands = payable.recoveries.exclude(state=RecoveryState.DROPPED).aggregate(sum=Sum("amount"))["sum"] or 0
    dropped = RecoveryShare.objects.filter(payable=payable, recovery__state=RecoveryState.DROPPED)
    return payable.amount - stands - (dropped.aggregate(sum=Sum("amount"))["sum"] or 0)


def come_of(recovery: Recovery) -> int:
    """What of it is settled, in fen: came, was set off, was written off."""
    return int(recovery.shares.aggregate(sum=Sum("amount"))["sum"] or 0)


@told_in_words
def draw_up(payable_id: int, asked: Asked, *, by: Any) -> Recovery:
    """Draw up that something of a payment comes back. Raises Refused, NotNow; ValueError for parts of a fen."""
    payable = Payable.objects.select_related("line__fund", "case").get(pk=payable_id)
    require(by, "funds.recover", payable.line.region_id)
    _require_possible(payable, asked)
    _require_plan(asked)
    recovery = Recovery.objects.create(
        payable=payable,
        region_id=payable.line.region_id,
        amount=fen(asked.amount),
        cause=asked.cause,
        grounds=asked.grounds.strip(),
        clause=asked.clause.strip(),
        way=asked.way,
        pay_to=asked.pay_to.strip(),
        made_by=by,
        made_at=moment(),
    )
    Instalment.objects.bulk_create(
        Instalment(recovery=recovery, position=position, due_on=day, amount=fen(amount))
        for position, (day, amount) in enumerate(sorted(asked.plan), start=1)
    )
    note("funds.recovery.draw_up", recovery, by=by, amount=str(recovery.sum))
    return recovery


def _require_possible(payable: Payable, asked: Asked) -> None:
    if payable.bucket != Bucket.PAID:
        raise NotNow(f"该笔付款当前为“{payable.get_bucket_display()}”，没有支付的不追回。")
    left = not_asked_back(payable)
    if fen(asked.amount) > left:
        raise NotNow(f"该笔付款还可以追回{in_words(yuan(left))}，不能追回{in_words(asked.amount)}。")
    fell = Revocation.objects.standing().filter(payable=payable).exists()
    if asked.cause == RecoveryCause.FALLEN and not fell:
        raise NotNow("该笔付款的批准没有撤销。批准有误的，先按规定撤销批准，再办理追回。")
    if asked.cause == RecoveryCause.OVERPAID and fell:
        raise NotNow("该笔付款的批准已撤销，原因请选择“批准已撤销”。")
    if asked.cause == RecoveryCause.OVERPAID and fen(asked.amount) >= left:
        raise NotNow("批准没有撤销的，只能追回多付的部分，不能追回全部。")
    if asked.way == Way.SET_OFF and not payable.line.fund.sets_off_by:
        raise NotNow(f"{payable.line.fund}没有抵扣的法律依据，只能一次或者分期退回。")


def _require_plan(asked: Asked) -> None:
    if asked.way == Way.SET_OFF:
        if asked.plan or asked.pay_to.strip():
            raise NotNow("从以后的待遇中抵扣的，不填写退回账户和期限。")
        return
    if not asked.pay_to.strip():
        raise NotNow("请填写退回账户。")
    if sum((amount for _, amount in asked.plan), Decimal(0)) != asked.amount:
        raise NotNow(f"各期金额合计须等于追回金额{in_words(asked.amount)}。")
    if (asked.way == Way.AT_ONCE) != (len(asked.plan) == 1):
        raise NotNow("一次退回只有一个期限，分期退回不少于两期。")
    if len({day for day, _ in asked.plan}) != len(asked.plan):
        raise NotNow("两期的退回期限不能是同一天。")
    if any(day <= timezone.localdate(moment()) for day, _ in asked.plan):
        raise NotNow("退回期限须在今天以后。")


def held(recovery_id: int, permission: str, *, by: Any) -> Recovery:
    """A recovery, held still, of whoever holds the permission in its place. Raises Refused."""
    recovery = Recovery.objects.select_for_update(of=("self",)).get(pk=recovery_id)
    require(by, permission, recovery.region_id)
    return recovery


def require_state(recovery: Recovery, *states: RecoveryState) -> None:
    """NotNow where it is elsewhere."""
    if recovery.state not in states:
        raise NotNow(f"追回{recovery.number}当前为“{recovery.get_state_display()}”，请刷新页面。")


@told_in_words
def record_hearing(recovery_id: int, said: dict[str, Any], *, by: Any) -> RecoveryHearing:
    """Record when the person was told, and what they said: told_on, heard, heard_on, said, answer. Raises Refused, NotNow."""
    recovery = held(recovery_id, "funds.recover", by=by)
    require_state(recovery, RecoveryState.DRAWN)
    if RecoveryHearing.objects.filter(recovery=recovery).exists():
        raise NotNow("已登记听取意见情况。")
    if said["heard_on"] > timezone.localdate():
        raise NotNow(f"听取意见或者期满的日期是{date_cn(said['heard_on'])}，到期后再登记。")
    hearing = RecoveryHearing.objects.create(recovery=recovery, by=by, at=moment(), **said)
    note("funds.recovery.hear", recovery, by=by)
    return hearing


@told_in_words
def decide(recovery_id: int, *, seen: int, by: Any, on: date, letter_number: str = "") -> Recovery:
    """Another person decides it, of the sum that the page showed (`seen`, in fen): the person is told by a letter with
    grounds, clause and remedies. Raises Refused, NotNow.
    """
    recovery = held(recovery_id, "funds.recover.decide", by=by)
    require_decidable(recovery, by=by, on=on)
    if recovery.amount != seen:
        raise NotNow("追回金额已有变化，没有决定。请刷新页面。")
    recovery.state, recovery.decided_by = RecoveryState.DECIDED, by
    recovery.decided_on, recovery.decided_at = on, moment()
    recovery.letter_number = recovery_letters.tell_decision(recovery, by_hand=letter_number, by=by, on=on)
    recovery.save(update_fields=["state", "decided_by", "decided_on", "decided_at", "letter_number"])
    note("funds.recovery.decide", recovery, by=by, amount=str(recovery.sum), document=recovery.letter_number)
    return recovery


def require_decidable(recovery: Recovery, *, by: Any, on: date) -> None:
    """NotNow, saying why, where it cannot be decided by this person on a day."""
    require_state(recovery, RecoveryState.DRAWN)
    if recovery.made_by_id == by.pk:
        raise NotNow("拟办人不能决定自己拟办的追回，须由另一人决定。")
    hearing = RecoveryHearing.objects.filter(recovery=recovery).first()
    if hearing is None or hearing.heard_on > on:
        raise NotNow("听取当事人意见之后才能决定：请先登记事先告知和陈述申辩情况。")
    late = recovery.instalments.filter(due_on__lte=on).first()
    if late is not None:
        raise NotNow(f"退回期限{date_cn(late.due_on)}已过。请撤回后按新的期限重新拟办。")


@told_in_words
def drop(recovery_id: int, *, reason: str, by: Any) -> Recovery:
    """It is not asked back any more, for a reason: before the decision by whoever may draw up, afterwards by whoever
    decides. What has come stays as it came. Raises Refused, NotNow.
    """
    recovery = Recovery.objects.select_for_update(of=("self",)).get(pk=recovery_id)
    is_decided = recovery.state == RecoveryState.DECIDED
    require(by, "funds.recover.decide" if is_decided else "funds.recover", recovery.region_id)
    require_state(recovery, RecoveryState.DRAWN, RecoveryState.DECIDED)
    if not reason.strip():
        raise NotNow("请写明理由。")
    recovery.state, recovery.dropped_by = RecoveryState.DROPPED, by
    recovery.dropped_at, recovery.dropped_because = moment(), reason.strip()
    recovery.save(update_fields=["state", "dropped_by", "dropped_at", "dropped_because"])
    note("funds.recovery.drop", recovery, by=by, reason=reason.strip())
    return recovery


def note(action: str, recovery: Recovery, *, by: Any, **detail: Any) -> None:
    """The entry of the audit about a recovery: of whom, where."""
    audit.record(
        action,
        by=by,
        obj=recovery,
        worker=recovery.payable.case.worker_id,
        region=recovery.region_id,
        detail={"number": recovery.number, **detail},
    )
