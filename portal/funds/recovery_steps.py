"""What is done when money does not come back by itself: set off from later benefits, reminded, handed to the court, and
written off by a decision of two.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.access import NotNow, require
from portal.file_inspection import Inspected
from portal.formats import date_cn
from portal.formats import yuan as in_words
from portal.funds import court_documents, recovery_letters, splitting
from portal.funds.court_documents import Paper
from portal.funds.frozen import frozen
from portal.funds.models import (
    HOLDING,
    CourtHandover,
    CourtPaper,
    Item,
    Payable,
    Recovery,
    RecoveryShare,
    RecoveryState,
    Reminder,
    Revocation,
    ShareKind,
    Way,
    WriteOff,
)
from portal.funds.moment import moment
from portal.funds.money import yuan
from portal.funds.moves import Bucket
from portal.funds.recovering import come_of, held, note, require_state
from portal.funds.recovery_letters import SetOff
from portal.funds.refusals import told_in_words
from portal.funds.waiting import draw_after_commit
from portal.workforce.merged import records_of

# 行政强制法第五十四条: so many days after the reminder was served a court may be asked.
DAYS_AFTER_REMINDER = 10
_LAW = "《行政强制法》第五十三条、第五十四条"


def rest_of(recovery: Recovery) -> int:
    """What is still to come, in fen."""
    return recovery.amount - come_of(recovery)


# -- set off -------------------------------------------------------------------------------------------------
def due_to_the_same(recovery: Recovery) -> QuerySet[Payable]:
    """Benefits of the same person, by whichever record of theirs, out of the same fund that were approved and are in no
    batch: what it may be set off from, oldest first.
    """
    line, worker = recovery.payable.line, recovery.payable.case.worker_id
    found = Payable.objects.filter(
        case__worker__in=records_of(worker) if worker else [],
        line__fund=line.fund_id,
        bucket=Bucket.COMMITTED,
    )
    in_batches = Item.objects.filter(state__in=HOLDING).values("payable")
    fallen = Revocation.objects.standing().values("payable")
    return found.exclude(pk__in=in_batches).exclude(pk__in=fallen).exclude(frozen()).order_by("pk")


def require_something_due(recovery: Recovery) -> None:
    """NotNow where there is nothing that it may be set off from."""
    if not due_to_the_same(recovery).exists():
        raise NotNow(
            "当事人现在没有可以抵扣的待遇：须出自同一资金，已批准待付，没有编入批次。有新的待遇批准后再办理。"
        )


@told_in_words
def set_off(
    recovery_id: int,
    payable_id: int,
    *,
    by: Any,
    seen: int | None = None,
    on: date | None = None,
    letter_number: str = "",
) -> RecoveryShare:
    """A later benefit is not paid out: its sum counts as come back. Of one that is larger than what is left, exactly that is
    set off and the rest is paid as it was approved. `seen` is the sum to be set off that the page showed, in fen. Raises
    Refused, NotNow.
    """
    recovery = held(recovery_id, "funds.recover", by=by)
    require_state(recovery, RecoveryState.DECIDED)
    if recovery.way != Way.SET_OFF:
        raise NotNow("决定的退回方式不是抵扣。")
    payable = due_to_the_same(recovery).filter(pk=payable_id).first()
    if payable is None:
        raise NotNow("只能从同一人、同一资金、已批准待付、没有编入批次的待遇中抵扣。")
    off = min(payable.amount, rest_of(recovery))
    if seen is not None and seen != off:
        raise NotNow(f"现在可以抵扣的是{in_words(yuan(off))}，没有抵扣。请刷新页面。")
    paid = payable.amount - off
    settled = splitting.split(payable, off, recovery=recovery, by=by) if paid else payable
    number = recovery_letters.tell_set_off(
        SetOff(recovery, payable, off), by_hand=letter_number, by=by, on=on or timezone.localdate()
    )
    share = RecoveryShare.objects.create(
        recovery=recovery,
        payable_id=recovery.payable_id,
        kind=ShareKind.SET_OFF,
        amount=off,
        settled=settled,
        letter_number=number,
        by=by,
        at=moment(),
    )
    said = {"amount": str(share.sum), "case": payable.case.number, "paid_all_the_same": str(yuan(paid))}
    note("funds.recovery.set_off", recovery, by=by, **said)
    draw_on_what_takes([share.pk])
    return share


def draw_on_what_takes(share_ids: list[int]) -> None:
    """Money came back to lines: what waits for it is drawn after the commit."""
    took = RecoveryShare.objects.filter(pk__in=share_ids, to_treasury=False)
    if lines := set(took.exclude(kind=ShareKind.WRITTEN_OFF).values_list("to_line_id", flat=True)):
        draw_after_commit([line for line in lines if line])


# -- reminder and court --------------------------------------------------------------------------------------
@told_in_words
def remind(recovery_id: int, *, pay_by: date, by: Any, on: date, letter_number: str = "") -> Reminder:
    """Remind the person in writing to pay until a day. Raises Refused, NotNow: also while the time of a reminder runs."""
    recovery = held(recovery_id, "funds.recover", by=by)
    require_remindable(recovery, on=on)
    if pay_by <= on:
        raise NotNow("限期退回的日期须在今天以后。")
    number = recovery_letters.remind(
        recovery, rest=rest_of(recovery), pay_by=pay_by, by_hand=letter_number, by=by, on=on
    )
    reminder = Reminder.objects.create(
        recovery=recovery, on=on, pay_by=pay_by, letter_number=number, by=by, at=moment()
    )
    note("funds.recovery.remind", recovery, by=by, document=number)
    return reminder


def require_remindable(recovery: Recovery, *, on: date) -> None:
    """NotNow where it is not to come back, or was reminded of and the time to pay is not over."""
    require_state(recovery, RecoveryState.DECIDED)
    last = recovery.reminders.order_by("-pk").first()
    if last is not None and last.pay_by >= on:
        raise NotNow(
            f"已于{date_cn(last.on)}催告（{last.letter_number}），限{date_cn(last.pay_by)}前退还，期满后才能再次催告。"
        )


@told_in_words
def hand_over(
    recovery_id: int, said: dict[str, Any], *, by: Any, scan: Inspected | None = None
) -> CourtHandover:
    """A court was asked to enforce it: reminder_served_on, final_on, on, court, document; with the scan of the application,
    where there is one. It rests on the last reminder (行政强制法 53, 54). Raises Refused, NotNow, FileRefused.
    """
    recovery = held(recovery_id, "funds.recover", by=by)
    require_state(recovery, RecoveryState.DECIDED)
    if CourtHandover.objects.filter(recovery=recovery).exists():
        raise NotNow("已申请人民法院强制执行。")
    reminder = recovery.reminders.order_by("-pk").first()
    if reminder is None:
        raise NotNow(f"申请人民法院强制执行前须先催告（{_LAW}）。")
    if said["reminder_served_on"] < reminder.on:
        raise NotNow(f"催告书送达日期不能早于催告日期{date_cn(reminder.on)}。")
    if (said["on"] - said["reminder_served_on"]).days <= DAYS_AFTER_REMINDER:
        raise NotNow(f"催告书送达满{DAYS_AFTER_REMINDER}日后仍未退回的，才能申请（{_LAW}）。")
    if said["on"] > timezone.localdate():
        raise NotNow("申请日期不能在今天以后。")
    handed = CourtHandover.objects.create(recovery=recovery, reminder=reminder, by=by, at=moment(), **said)
    note("funds.recovery.hand_over", recovery, by=by, document=handed.document)
    if scan is not None:
        application = Paper(CourtPaper.APPLICATION, handed.document, handed.on)
        court_documents.keep(handed, scan, application, by=by)
    return handed


# -- written off ---------------------------------------------------------------------------------------------
@told_in_words
def draw_up_write_off(recovery_id: int, *, grounds: str, clause: str, document: str, by: Any) -> WriteOff:
    """Propose that what is still to come is written off. Raises Refused, NotNow."""
    recovery = held(recovery_id, "funds.recover", by=by)
    require_state(recovery, RecoveryState.DECIDED)
    made = WriteOff.objects.create(
        recovery=recovery,
        amount=rest_of(recovery),
        grounds=grounds.strip(),
        clause=clause.strip(),
        document=document.strip(),
        made_by=by,
        made_at=moment(),
    )
    note("funds.recovery.write_off.draw_up", recovery, by=by, amount=str(made.sum), document=made.document)
    return made


@told_in_words
def decide_write_off(write_off_id: int, *, by: Any) -> WriteOff:
    """Another person decides it: the rest is written off, and the recovery is done. Raises Refused, NotNow."""
    recovery = held(
        WriteOff.objects.values_list("recovery_id", flat=True).get(pk=write_off_id),
        "funds.recover.decide",
        by=by,
    )
    require_state(recovery, RecoveryState.DECIDED)
    made = WriteOff.objects.select_for_update().get(pk=write_off_id)
    _require_open(made)
    if made.made_by_id == by.pk:
        raise NotNow("拟办人不能决定自己拟办的核销，须由另一人决定。")
    if (rest := rest_of(recovery)) != made.amount:
        raise NotNow(f"拟办以后又有到账，尚未追回的是{in_words(yuan(rest))}。请放弃后重新拟办。")
    made.decided_by, made.decided_at = by, moment()
    made.save(update_fields=["decided_by", "decided_at"])
    RecoveryShare.objects.create(
        recovery=recovery,
        payable_id=recovery.payable_id,
        kind=ShareKind.WRITTEN_OFF,
        amount=made.amount,
        write_off=made,
        by=by,
        at=moment(),
    )
    note("funds.recovery.write_off.decide", recovery, by=by, amount=str(made.sum), document=made.document)
    return made


@told_in_words
def drop_write_off(write_off_id: int, *, by: Any) -> WriteOff:
    """It is not written off. Raises Refused, NotNow."""
    made = WriteOff.objects.select_for_update(of=("self",)).select_related("recovery").get(pk=write_off_id)
    require(by, "funds.recover", made.recovery.region_id)
    _require_open(made)
    made.dropped_at = moment()
    made.save(update_fields=["dropped_at"])
    note("funds.recovery.write_off.drop", made.recovery, by=by, document=made.document)
    return made


def _require_open(made: WriteOff) -> None:
    if made.decided_at or made.dropped_at:
        raise NotNow(f"核销决定{made.document}已经办结。")
