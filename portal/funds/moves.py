"""What money may do: the buckets of a line, and the moves between them. Code says it, the database holds it.

A transfer is one move of money from a bucket of a line to a bucket of a line, so nothing has to sum to zero. The
application installs these lists as tables it can only read (portal.funds.reference); foreign keys make them law.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models


class Bucket(models.TextChoices):
    """Where money of a line is."""

    TREASURY = "treasury", "来源（系统外）"
    AVAILABLE = "available", "可用"
    RESERVED = "reserved", "已预留"
    COMMITTED = "committed", "已批准待付"
    IN_TRANSIT = "in_transit", "已发出"
    PAID = "paid", "已支付"
    RECOVERABLE = "recoverable", "待追回"
    WRITTEN_OFF = "written_off", "已核销"


# Money comes out of the world outside, which owes nobody an account here; every other bucket holds what it holds.
WITHOUT_FLOOR = frozenset({Bucket.TREASURY})


class MoveCode(models.TextChoices):
    """What is done with money, in the words of a ledger."""

    APPROPRIATE = "appropriate", "下达"
    WITHDRAW = "withdraw", "收回指标"
    REALLOCATE = "reallocate", "调剂"
    RESERVE = "reserve", "预留"
    RELEASE = "release", "释放"
    COMMIT = "commit", "批准"
    CANCEL = "cancel", "撤销批准"
    SEND = "send", "发出"
    SETTLE = "settle", "到账"
    BOUNCE = "bounce", "退回"
    LATE_RETURN = "late_return", "到账后退回"
    CLAIM_BACK = "claim_back", "追回"
    RECOVERED = "recovered", "已追回"
    WRITE_OFF = "write_off", "核销"
    # Of what comes back of a payment that stays paid, to its line or to the one that takes it for a closed line.
    RECOUP = "recoup", "追回到账"
    RECOUP_OVER = "recoup_over", "追回转入"
    SET_OFF = "set_off", "抵扣追回"
    SET_OFF_OVER = "set_off_over", "抵扣转入"
    PAID_BY_SET_OFF = "paid_by_set_off", "抵扣支付"
    WRITE_OFF_REST = "write_off_rest", "核销余额"
    # A benefit that is larger than what is set off from it goes, its two parts come.
    SPLIT = "split", "拆分"
    SPLIT_PART = "split_part", "拆分"


@dataclass(frozen=True)
class Move:
    """One kind of move: between which buckets, and what it must rest on."""

    code: MoveCode
    from_bucket: Bucket
    to_bucket: Bucket
    # What moves: a payable, whole; or money of a line, by an order that was approved; or a share of a recovery.
    of_payable: bool
    of_recovery: bool = False
    needs_approval: bool = False
    needs_bank_row: bool = False
    within_line: bool = True
    # Whether it spends: only on days on which the line may be used.
    spends: bool = False


_B, _M = Bucket, MoveCode


def _of_recovery(code: MoveCode, source: Bucket = _B.PAID, to: Bucket = _B.AVAILABLE, **more: bool) -> Move:
    return Move(code, source, to, of_payable=False, of_recovery=True, **more)


MOVES: dict[str, Move] = {
    move.code: move
    for move in (
        Move(_M.APPROPRIATE, _B.TREASURY, _B.AVAILABLE, of_payable=False, needs_approval=True),
        Move(_M.WITHDRAW, _B.AVAILABLE, _B.TREASURY, of_payable=False, needs_approval=True),
        Move(
            _M.REALLOCATE,
            _B.AVAILABLE,
            _B.AVAILABLE,
            of_payable=False,
            needs_approval=True,
            within_line=False,
        ),
        Move(_M.RESERVE, _B.AVAILABLE, _B.RESERVED, of_payable=True, spends=True),
        Move(_M.RELEASE, _B.RESERVED, _B.AVAILABLE, of_payable=True),
        Move(_M.COMMIT, _B.RESERVED, _B.COMMITTED, of_payable=True, needs_approval=True, spends=True),
        Move(_M.CANCEL, _B.COMMITTED, _B.AVAILABLE, of_payable=True, needs_approval=True),
        Move(_M.SEND, _B.COMMITTED, _B.IN_TRANSIT, of_payable=True, needs_approval=True, spends=True),
        Move(_M.SETTLE, _B.IN_TRANSIT, _B.PAID, of_payable=True, needs_bank_row=True),
        Move(_M.BOUNCE, _B.IN_TRANSIT, _B.COMMITTED, of_payable=True, needs_bank_row=True),
        Move(_M.LATE_RETURN, _B.PAID, _B.COMMITTED, of_payable=True, needs_bank_row=True),
        Move(_M.CLAIM_BACK, _B.PAID, _B.RECOVERABLE, of_payable=True, needs_approval=True),
        Move(_M.RECOVERED, _B.RECOVERABLE, _B.AVAILABLE, of_payable=True, needs_bank_row=True),
        Move(_M.WRITE_OFF, _B.RECOVERABLE, _B.WRITTEN_OFF, of_payable=True, needs_approval=True),
        _of_recovery(_M.RECOUP, needs_bank_row=True),
        _of_recovery(_M.RECOUP_OVER, needs_bank_row=True, within_line=False),
        _of_recovery(_M.SET_OFF),
        _of_recovery(_M.SET_OFF_OVER, within_line=False),
        _of_recovery(_M.PAID_BY_SET_OFF, _B.COMMITTED, _B.PAID, spends=True),
        _of_recovery(_M.WRITE_OFF_REST, to=_B.WRITTEN_OFF),
        Move(_M.SPLIT, _B.COMMITTED, _B.AVAILABLE, of_payable=True),
        Move(_M.SPLIT_PART, _B.AVAILABLE, _B.COMMITTED, of_payable=True),
    )
}
