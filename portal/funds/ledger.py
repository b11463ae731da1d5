"""Moving money: orders for money of lines, payables drawn on them, approvals, and the posting itself.

The database decides what may be posted (portal.funds.guards). An action here says beforehand, in words, why something
cannot be; who comes too late meanwhile is refused by the database all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from portal import audit
from portal.accounts.access import NotNow, require
from portal.funds.models import (
    Approval,
    AuthorisingDocument,
    Balance,
    Line,
    Order,
    OrderApproval,
    Payable,
    Transfer,
)
from portal.funds.moment import moment, told
from portal.funds.money import fen, yuan
from portal.funds.moves import MOVES, Bucket, Move, MoveCode
from portal.funds.waiting import draw_after_commit


# -- money of lines ------------------------------------------------------------------------------------------
@transaction.atomic
def order(
    move: MoveCode,
    line: Line,
    *,
    amount: Decimal,
    reason: str,
    by: Any,
    document: AuthorisingDocument | None = None,
    to: Line | None = None,
) -> Order:
    """Draw up an order: to give a line money, to take it back, or to move it to another line of the fund.

    Raises Refused, NotNow; ValueError for an amount that is no whole number of fen.
    """
    require(by, "funds.record", line.region_id)
    if to is not None:
        require(by, "funds.record", to.region_id)
    if MOVES[move].of_payable or MOVES[move].of_recovery:
        raise ValueError(f"{move} is no move of lines")
    made = Order.objects.create(
        move=move,
        from_line=line,
        to_line=to or line,
        amount=fen(amount),
        document=document,
        reason=reason,
        made_by=by,
        made_at=moment(),
    )
    audit.record(
        "funds.order",
        by=by,
        obj=made,
        region=line.region_id,
        detail={"move": move, "amount": str(yuan(made.amount))},
    )
    return made


@transaction.atomic
def approve_order(order_id: int, *, by: Any) -> OrderApproval:
    """One of the people that the order's sum asks for. Raises Refused, NotNow."""
    made = Order.objects.select_related("from_line").get(pk=order_id)
    require(by, "funds.approve", made.from_line.region_id)
    if Transfer.objects.filter(order=made).exists():
        raise NotNow("该指令已经执行。")
    if made.made_by_id == by.pk:
        raise NotNow("提出指令的人不能审批本指令，须由另一人审批。")
    at = {"at": moment()}
    approval, is_new = OrderApproval.objects.get_or_create(order=made, by=by, defaults=at)
    if not is_new:
        raise NotNow("您已审批过本指令。")
    audit.record("funds.order.approve", by=by, obj=made, region=made.from_line.region_id)
    return approval


@transaction.atomic
def carry_out(order_id: int, *, by: Any) -> Transfer:
    """Post an order that enough people approved. Raises Refused, NotNow."""
    made = Order.objects.select_related("from_line").get(pk=order_id)
    require(by, "funds.post", made.from_line.region_id)
    if Transfer.objects.filter(order=made).exists():
        raise NotNow("该指令已经执行。")
    move = MOVES[made.move]
    posted = Transfer.objects.create(
        move=made.move,
        from_line_id=made.from_line_id,
        from_bucket=move.from_bucket,
        to_line_id=made.to_line_id,
        to_bucket=move.to_bucket,
        amount=made.amount,
        order=made,
        by=by,
        at=moment(),
    )
    audit.record(
        "funds.order.carry_out",
        by=by,
        obj=made,
        region=made.from_line.region_id,
        detail={"move": made.move, "amount": str(yuan(made.amount))},
    )
    if move.to_bucket == Bucket.AVAILABLE:
        draw_after_commit([made.to_line_id])
    return posted


def available(line: Line) -> Decimal:
    """What a line has left, in yuan: the one place that says so."""
    return yuan(Balance.objects.get(line=line, bucket=Bucket.AVAILABLE).amount)


# -- payables ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Draw:
    """What a payable is about: a share of a case's decision, and the digests of what was calculated and who is paid."""

    case_id: int
    amount: Decimal
    payee_kind: str
    calculation_digest: str
    payee_digest: str
    share: int = 1


@transaction.atomic
def draw(line: Line, shares: Sequence[Draw], *, by: Any) -> list[Payable]:
    """Draw up payables on a line, all of them or none. Raises Refused, ValueError."""
    require(by, "funds.record", line.region_id)
    made = Payable.objects.bulk_create(
        Payable(
            case_id=share.case_id,
            share=share.share,
            line=line,
            use=line.use,
            payee_kind=share.payee_kind,
            amount=fen(share.amount),
            calculation_digest=share.calculation_digest,
            payee_digest=share.payee_digest,
            made_by=by,
        )
        for share in shares
    )
    _note("funds.draw", made, by=by)
    return made


@transaction.atomic
def approve(payable_ids: Sequence[int], move: MoveCode, *, by: Any) -> int:
    """Approve the next move of payables as they stand now; how many. Raises Refused, NotNow."""
    payables = _in_places(payable_ids, "funds.approve", by=by)
    _require_standing(payables, MOVES[move])
    Approval.objects.bulk_create(
        Approval(payable=payable, at_moves=payable.moves, move=move, by=by) for payable in payables
    )
    _note("funds.approve", payables, by=by, detail={"move": move})
    return len(payables)


_POST = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
SELECT %(move)s, p.line_id, %(from)s, p.line_id, %(to)s, p.amount, p.id, %(by)s, coalesce(%(at)s::timestamptz, now())
FROM funds_payable p WHERE p.id = ANY (%(payables)s) ORDER BY p.id
"""


@transaction.atomic
def move(payable_ids: Sequence[int], code: MoveCode, *, by: Any) -> int:
    """Move payables, all of them or none, in one statement; how many. Raises Refused, NotNow."""
    payables = _in_places(payable_ids, "funds.post", by=by)
    _require_standing(payables, MOVES[code])
    return post(payables, code, by=by)


@transaction.atomic
def post(payables: Sequence[Payable], code: MoveCode, *, by: Any) -> int:
    """The same inside an action that has asked for its own permission. Their cases are read."""
    if not payables:
        return 0
    way = MOVES[code]
    with connection.cursor() as cursor:
        cursor.execute(
            _POST,
            {
                "move": code,
                "from": way.from_bucket,
                "to": way.to_bucket,
                "by": by.pk,
                "at": told(),
                "payables": [payable.pk for payable in payables],
            },
        )
    _note("funds.move", payables, by=by, detail={"move": code})
    if way.to_bucket == Bucket.AVAILABLE:
        draw_after_commit({payable.line_id for payable in payables})
    return len(payables)


def _in_places(payable_ids: Sequence[int], permission: str, *, by: Any) -> list[Payable]:
    """The payables, in one order; Refused where the permission does not reach one of them."""
    asked = Payable.objects.filter(pk__in=payable_ids).order_by("pk")
    payables: list[Payable] = list(asked.select_related("case", "line"))
    for region in sorted({payable.line.region_id for payable in payables}):
        require(by, permission, region)
    return payables


def _require_standing(payables: Sequence[Payable], way: Move) -> None:
    elsewhere = [payable for payable in payables if payable.bucket != way.from_bucket]
    if elsewhere:
        named = "、".join(payable.case.number for payable in elsewhere[:3])
        raise NotNow(
            f"{len(elsewhere)}笔不处于“{way.from_bucket.label}”，不能{way.code.label}：{named}。请刷新后重新选择。"
        )


def _note(
    action: str, payables: Sequence[Payable], *, by: Any, detail: Mapping[str, Any] | None = None
) -> None:
    audit.record_many(
        action,
        by=by,
        about=[
            (
                payable,
                payable.case.worker_id,
                payable.case.region_id,
                {**(detail or {}), "amount": str(payable.sum)},
            )
            for payable in payables
        ],
    )
