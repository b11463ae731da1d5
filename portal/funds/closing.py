"""Closing lines of a year by decision: drawn up by one, confirmed by another.

The decision names document and day, and for each line where its rest goes and where what comes back later goes. With the
confirmation the lines are closed, all of them or none, and an order is there for each rest, approved by whoever confirmed;
it is carried out like any other. What is reserved, committed or in transit is named as a hindrance: it is paid or taken back
first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, require
from portal.formats import date_cn
from portal.formats import yuan as in_words
from portal.funds.models import Balance, Closing, Fund, Line, LineClosing, Order, OrderApproval
from portal.funds.money import yuan
from portal.funds.moves import Bucket, MoveCode

_UNDER_WAY = (Bucket.RESERVED, Bucket.COMMITTED, Bucket.IN_TRANSIT)


@dataclass(frozen=True)
class Said:
    """What the decision says of a line; no line to go to means back to where the money came from."""

    line: Line
    rest_to: Line | None = None
    returns_to: Line | None = None


@transaction.atomic
def draw_up(
    fund: Fund, said: Sequence[Said], *, number: str, title: str, day: date, region: str, by: Any
) -> Closing:
    """Draw up a decision. Raises Refused, NotNow: no line, a closed one, a rest that would not go to the next year."""
    if not said:
        raise NotNow("请至少选择一个要关闭的科目。")
    for one in said:
        require(by, "funds.record", one.line.region_id)
    _require_right(fund, said)
    closing = Closing.objects.create(
        fund=fund, number=number, title=title, day=day, region_id=region, made_by=by
    )
    LineClosing.objects.bulk_create(
        LineClosing(closing=closing, line=one.line, rest_to=one.rest_to, returns_to=one.returns_to)
        for one in said
    )
    audit.record("funds.closing.draw_up", by=by, obj=closing, region=region, detail={"number": number})
    return closing


def _require_right(fund: Fund, said: Sequence[Said]) -> None:
    shut = closed_among([one.line.pk for one in said])
    ending = {one.line.pk for one in said}
    targets = [goal.pk for one in said for goal in (one.rest_to, one.returns_to) if goal]
    shut_targets = closed_among(targets)
    for one in said:
        if one.line.fund_id != fund.pk:
            raise NotNow(f"{one.line}不是{fund}的科目。")
        if one.line.pk in shut:
            raise NotNow(f"{one.line}已经关闭。")
        if one.rest_to and one.rest_to.year != one.line.year + 1:
            raise NotNow(f"{one.line}的结余只能转入{one.line.year + 1}年度的科目。")
        for goal in (one.rest_to, one.returns_to):
            if goal and (goal.pk in shut_targets or goal.pk in ending):
                raise NotNow(f"{goal}已经关闭，或者在本决定中关闭，不能转入。")


def closed_among(lines: Sequence[int]) -> set[int]:
    """Those of the lines that are closed."""
    return set(LineClosing.objects.closed().filter(line__in=lines).values_list("line_id", flat=True))


def hindrances(closing: Closing) -> Mapping[int, str]:
    """By line what stands in the way of closing it, in words."""
    lines = closing.lines.values_list("line_id", flat=True)
    found: dict[int, list[str]] = {}
    held = Balance.objects.filter(line__in=lines, bucket__in=_UNDER_WAY).exclude(amount=0)
    for line, bucket, amount in held.order_by("bucket").values_list("line_id", "bucket", "amount"):
        found.setdefault(line, []).append(f"{Bucket(bucket).label}{in_words(yuan(amount))}")
    return {line: "、".join(parts) for line, parts in found.items()}


@transaction.atomic
def confirm(closing_id: int, *, by: Any) -> Closing:
    """Another person confirms the decision: its lines are closed from now on. Raises Refused, NotNow with each hindrance."""
    closing = Closing.objects.select_for_update().get(pk=closing_id)
    parts = list(closing.lines.select_related("line__fund", "line__region", "rest_to").order_by("line_id"))
    for part in parts:
        require(by, "funds.approve", part.line.region_id)
    if closing.confirmed_at or closing.dropped_at:
        raise NotNow(f"决定{closing.number}已经办结。")
    if closing.made_by_id == by.pk:
        raise NotNow("拟办人不能确认自己拟办的决定，须由另一人对照原件确认。")
    if closing.day > timezone.localdate():
        raise NotNow(f"关闭日期是{date_cn(closing.day)}，到期后再确认。")
    _require_right(closing.fund, [Said(part.line, part.rest_to, part.returns_to) for part in parts])
    rests = _hold([part.line_id for part in parts])
    if in_the_way := hindrances(closing):
        named = {part.line_id: part.line for part in parts}
        words = "；".join(f"{named[line]}：{said}" for line, said in in_the_way.items())
        raise NotNow(f"还有没有办结的款项，先支付或者撤销后再关闭：{words}。")
    closing.confirmed_by, closing.confirmed_at = by, timezone.now()
    closing.save(update_fields=["confirmed_by", "confirmed_at"])
    for part in parts:
        part.rest, part.closed_at = rests[part.line_id], closing.confirmed_at
        part.rest_order = _order_of(closing, part, by)
        part.save(update_fields=["rest", "closed_at", "rest_order"])
    audit.record(
        "funds.closing.confirm",
        by=by,
        obj=closing,
        region=closing.region_id,
        detail={"number": closing.number},
    )
    return closing


def _hold(lines: Sequence[int]) -> dict[int, int]:
    """What each line has left, in fen, held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT line, available FROM public.funds_hold(%s::bigint[])", [list(lines)])
        return dict(cursor.fetchall())


def _order_of(closing: Closing, part: LineClosing, by: Any) -> Order | None:
    """The order for what is left, made by whoever drew the decision up and approved by whoever confirms it."""
    if not part.rest:
        return None
    made = Order.objects.create(
        move=MoveCode.REALLOCATE if part.rest_to_id else MoveCode.WITHDRAW,
        from_line=part.line,
        to_line=part.rest_to or part.line,
        amount=part.rest,
        document_id=None if part.rest_to_id else _came_by(part.line),
        reason=f"{closing.number}关闭科目，结余{'转入下年度' if part.rest_to_id else '收回'}",
        made_by=closing.made_by,
    )
    OrderApproval.objects.create(order=made, by=by)
    return made


def _came_by(line: Line) -> int:
    """The document by which money came to the line last."""
    came = Order.objects.filter(to_line=line, move=MoveCode.APPROPRIATE, transfer__isnull=False)
    document = came.order_by("-pk").values_list("document_id", flat=True).first()
    return int(document or line.document_id)


@transaction.atomic
def drop(closing_id: int, *, by: Any) -> Closing:
    """A decision that was drawn up is not taken. Raises Refused, NotNow."""
    closing = Closing.objects.select_for_update().get(pk=closing_id)
    require(by, "funds.record", closing.region_id)
    if closing.confirmed_at or closing.dropped_at:
        raise NotNow(f"决定{closing.number}已经办结。")
    closing.dropped_at = timezone.now()
    closing.save(update_fields=["dropped_at"])
    audit.record("funds.closing.drop", by=by, obj=closing, region=closing.region_id)
    return closing


# -- what comes back later -----------------------------------------------------------------------------------
def takes_returns_of(line: Line) -> Line | None:
    """The line on which money counts that comes back to this one: itself while it is open, then the one that the closing
    decision named; None: it is to be returned to the treasury.
    """
    seen = {line.pk}
    while part := LineClosing.objects.closed().filter(line=line).select_related("returns_to").first():
        if part.returns_to is None or part.returns_to.pk in seen:
            return None
        line = part.returns_to
        seen.add(line.pk)
    return line
