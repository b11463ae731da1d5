"""What waits for money draws as soon as a line has some: in order of first hand-in, as far as the money goes.

A line serves who waits for it strictly in order: while the first does not fit, nobody behind goes before. It is done in
parts, each a transaction: what was drawn is drawn once, whatever is killed in between or done twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.accounts.access import require
from portal.cases.models import Case
from portal.funds.drawing import Purse, Share, hold_line, reserve
from portal.funds.models import AwaitingMoney, Line
from portal.updating import update_each

_AT_ONCE = 200


def for_line(line: Line) -> Any:
    """What waits for money of the line, in the order in which it draws."""
    waits = AwaitingMoney.objects.waiting().filter(fund=line.fund_id, use=line.use)
    return waits.filter(_covered_by(line.region_id)).first_come()


def _covered_by(place: str) -> Q:
    """The claims whose place a line of this place is for; that of the autonomous region is for all."""
    if place.endswith("0000"):
        return Q()
    if place.endswith("00"):
        return Q(league_code=place)
    return Q(region=place)


def draw_in_order(line_id: int, *, by: Any) -> int:
    """Somebody who keeps the line's money lets draw what waits for it. Returns how many did. Raises Refused."""
    line = Line.objects.get(pk=line_id)
    require(by, "funds.post", line.region_id)
    return draw_waiting(line_id, by=by)


def draw_waiting(line_id: int, *, by: Any = None) -> int:
    """Draw on a line what waits for it, as far as its money goes. Returns how many drew. Can be done again at any time."""
    drawn, is_more = 0, True
    while is_more:
        part, is_more = _draw_some(line_id, by)
        drawn += part
    return drawn


@transaction.atomic
def _draw_some(line_id: int, by: Any) -> tuple[int, bool]:
    """How many drew, and whether there may be more to do."""
    line = Line.objects.select_related("fund").get(pk=line_id)
    asked = dict(for_line(line).values_list("pk", "case_id")[:_AT_ONCE]) if line.fund.pays_a_right else {}
    if not asked:
        return 0, False
    # Cases before money, as everybody who decides: a decision that is being taken back is waited for.
    cases = Case.objects.select_for_update(no_key=True).filter(pk__in=asked.values())
    list(cases.order_by("pk").values_list("pk"))
    purse = hold_line(line)
    # Meanwhile others may have drawn or ended some, or somebody came to wait who is earlier.
    waits = list(for_line(line).select_for_update(of=("self",))[:_AT_ONCE])
    known = list(takewhile(lambda one: one.pk in asked, waits))
    drawn = _draw(known, purse, by)
    return drawn, drawn == len(known)


def _draw(waits: Sequence[AwaitingMoney], purse: Purse, by: Any) -> int:
    fitting = []
    for one in waits:
        share = share_of(one)
        line = purse.take(share)
        if line is None:
            break
        fitting.append((one, share, line))
    payables = reserve([(share, line) for _, share, line in fitting], by=by)
    of_case = {(payable.case_id, payable.share): payable for payable in payables}
    for one, _, _ in fitting:
        one.payable = of_case[one.case_id, one.share]
    update_each([one for one, _, _ in fitting], ["payable"])
    return len(fitting)


def share_of(one: AwaitingMoney) -> Share:
    return Share(
        case_id=one.case_id,
        region=one.region_id,
        fund=one.fund_id,
        use=one.use,
        amount=one.amount,
        payee_kind=one.payee_kind,
        calculation_digest=one.calculation_digest,
        payee_digest=one.payee_digest,
        made_by=one.made_by_id,
        approved_by=one.approved_by_id,
        handed_in_on=one.handed_in_on,
        number=one.share,
    )


def end(case_ids: Sequence[int]) -> int:
    """The decisions do not stand any more: what still waits of them ends. Returns how many. Call it inside the action
    that takes them back, which holds the cases.
    """
    waits = AwaitingMoney.objects.waiting().filter(case__in=case_ids)
    ended = list(waits.values_list("fund", "use").distinct())
    count = int(waits.update(ended_at=timezone.now()))
    if ended:
        draw_after_commit(None)
    return count


def draw_after_commit(line_ids: Collection[int] | None) -> None:
    """Money came to these lines (None: whoever was first waits no more): a task lets draw what waits for it. If the broker
    is away the run of the hour does it.
    """
    from portal.funds.tasks import draw_all_waiting, draw_waiting_on

    if line_ids is None:
        transaction.on_commit(lambda: draw_all_waiting.delay(), robust=True)
    else:
        numbers = sorted(set(line_ids))
        transaction.on_commit(lambda: draw_waiting_on.delay(numbers), robust=True)


def lines_with_money() -> list[int]:
    """The lines that may be used today and have something left, for whose money somebody waits."""
    today = timezone.localdate()
    awaited = AwaitingMoney.objects.waiting().values_list("fund", "use").distinct()
    found = Q(pk__in=[])
    for fund, use in awaited:
        found |= Q(fund=fund, use=use)
    usable = Line.objects.filter(found, usable_from__lte=today, usable_until__gte=today)
    usable = usable.exclude(closings__closed_at__isnull=False)
    with_money = usable.filter(balances__bucket="available", balances__amount__gt=0)
    return list(with_money.order_by("pk").values_list("pk", flat=True))
