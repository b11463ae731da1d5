"""Moving money: orders for money of lines, payables drawn on them, approvals, and the posting itself.

The database decides what may be posted (portal.funds.guards). An action here says beforehand, in words, why something
cannot be; who comes too late meanwhile is refused by the database all the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

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
    _note("funds.draw", _standing([one.pk for one in made]), by=by)
    return made


@transaction.atomic
def approve(payable_ids: Sequence[int], move: MoveCode, *, by: Any) -> int:
    """Approve the next move of payables as they stand now; how many. Raises Refused, NotNow."""
    payables = _in_places(payable_ids, "funds.approve", by=by)
    _require_standing(payables, MOVES[move])
    Approval.objects.bulk_create(
        Approval(payable_id=payable.pk, at_moves=payable.moves, move=move, by=by) for payable in payables
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
    return _post(payables, code, by=by)


@transaction.atomic
def post(payable_ids: Sequence[int], code: MoveCode, *, by: Any) -> int:
    """The same inside an action that has asked for its own permission."""
    return _post(_standing(payable_ids), code, by=by)


def _post(payables: Sequence[Standing], code: MoveCode, *, by: Any) -> int:
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


class Standing(NamedTuple):
    """A payable as it stands, with what is asked of its line and its case. Amount in fen."""

    pk: int
    bucket: str
    moves: int
    amount: int
    line_id: int
    # Of the line, who may move its money; of the case, who may read of it.
    place: str
    number: str
    worker_id: int | None
    region_id: str


# Written out: one payable is read as quickly as it is posted, and a hundred thousand are not made into objects of three
# models each.
_STANDING = """
SELECT p.id, p.bucket, p.moves, p.amount, p.line_id, l.region_id, c.number, c.worker_id, c.region_id
FROM funds_payable p JOIN funds_line l ON l.id = p.line_id JOIN cases_case c ON c.id = p.case_id
WHERE p.id = ANY (%s) ORDER BY p.id
"""


def _standing(payable_ids: Sequence[int]) -> list[Standing]:
    """The payables as they stand, in one order."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(payable_ids)])
        return list(map(Standing._make, cursor.fetchall()))


def _in_places(payable_ids: Sequence[int], permission: str, *, by: Any) -> list[Standing]:
    """The same; Refused where the permission does not reach one of them."""
    payables = _standing(payable_ids)
    for region in sorted({payable.place for payable in payables}):
        require(by, permission, region)
    return payables


def _require_standing(payables: Sequence[Standing], way: Move) -> None:
    elsewhere = [payable for payable in payables if payable.bucket != way.from_bucket]
    if elsewhere:
        named = "、".join(payable.number for payable in elsewhere[:3])
        raise NotNow(
            f"{len(elsewhere)}笔不处于“{way.from_bucket.label}”，不能{way.code.label}：{named}。请刷新后重新选择。"
        )


# More than that are one entry of each place, which names all of them.
_EACH = 100


def _note(
    action: str, payables: Sequence[Standing], *, by: Any, detail: Mapping[str, Any] | None = None
) -> None:
    """Each has its entry, found by the person; of many it is one of each place, found by every person."""
    said = dict(detail or {})
    if len(payables) <= _EACH:
        audit.record_many(
            action,
            by=by,
            about=[
                (Payable(pk=one.pk), one.worker_id, one.region_id, {**said, "amount": str(yuan(one.amount))})
                for one in payables
            ],
        )
        return
    of_place: defaultdict[str, list[Standing]] = defaultdict(list)
    for one in payables:
        of_place[one.region_id].append(one)
    for region, listed in sorted(of_place.items()):
        audit.record(
            action,
            by=by,
            region=region,
            detail={
                **said,
                "count": len(listed),
                "amount": str(yuan(sum(one.amount for one in listed))),
                "payables": in_runs(one.pk for one in listed),
            },
            people=(one.worker_id for one in listed if one.worker_id is not None),
        )


def in_runs(numbers: Iterable[int]) -> str:
    """Rising numbers as text, those that follow one another as their first and last: 3-7,9."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ",".join("-".join(map(str, run)) for run in runs)
