"""Setting money aside for what was decided: a payable on a line that carries it, reserved in the same transaction.

A programme calls this inside the action that decides, which has asked for the permission: whoever reviewed has made the
payable, and whoever decided has approved that it is committed. What a fund pays by right and no line can carry waits
(portal.funds.waiting); of all other money a decision needs a line beforehand (`lacking`).

A line is one of the fund and use, for the place or one above it, that may be used today and is not closed. The nearest
place comes first, then what may be used for the shortest time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow
from portal.formats import yuan as in_words
from portal.funds.models import AwaitingMoney, Fund, FundRule, Line, Payable, PayeeKind, Use
from portal.funds.moment import moment, told
from portal.funds.money import yuan
from portal.funds.moves import MOVES, MoveCode

Order = tuple[date, int]


@dataclass(frozen=True)
class Share:
    """What a decision gives somebody out of a fund: the sum in fen, for whom, and who stands behind it."""

    case_id: int
    region: str
    fund: str
    use: str
    amount: int
    payee_kind: str
    calculation_digest: str
    payee_digest: str
    # Who reviewed, and who decided: accounts.
    made_by: int
    approved_by: int
    handed_in_on: date
    number: int = 1

    @property
    def order(self) -> Order:
        """Who was handed in first draws first."""
        return self.handed_in_on, self.case_id


@dataclass
class Purse:
    """What lines have left while shares are allotted to them, in fen; held until the transaction ends."""

    lines: list[Line]
    left: dict[int, int]
    # Of a line for what is paid by right: the first that waits for it. Nobody behind it is served before.
    waiting: dict[int, Order] = field(default_factory=dict)

    def of(self, share: Share) -> list[Line]:
        """The lines on which the share may be drawn, the first to take first."""
        places = covering(share.region)
        near = [line for line in self.lines if line.region_id in places]
        return sorted(near, key=lambda line: (places.index(line.region_id), line.usable_until, line.pk))

    def take(self, share: Share) -> Line | None:
        """The line that carries the share, with so much less left; None when none does."""
        for line in self.of(share):
            first = self.waiting.get(line.pk)
            if self.left[line.pk] >= share.amount and (first is None or share.order <= first):
                self.left[line.pk] -= share.amount
                return line
        return None

    def keep_in_order(self, share: Share) -> None:
        """The share waits: what came later does not go before it."""
        for line in self.of(share):
            self.waiting[line.pk] = min(self.waiting.get(line.pk, share.order), share.order)


def covering(region: str) -> list[str]:
    """The codes of the places whose money is for a place: itself, its league, the autonomous region."""
    return list(dict.fromkeys((region, f"{region[:4]}00", f"{region[:2]}0000")))


def open_lines(fund: str, use: str, places: Sequence[str], on: date) -> list[Line]:
    """The lines on which something may be drawn on a day for any of the places."""
    over = {code for place in places for code in covering(place)}
    found = Line.objects.filter(
        fund=fund, use=use, region__in=over, usable_from__lte=on, usable_until__gte=on
    ).exclude(closings__closed_at__isnull=False)
    return list(found.select_related("fund", "region").order_by("pk"))


def hold(fund: str, use: str, places: Sequence[str]) -> Purse:
    """What there is for the places today, held still: nobody else draws on it until the transaction ends."""
    lines = open_lines(fund, use, places, timezone.localdate())
    return _held(lines)


def hold_line(line: Line) -> Purse:
    """What one line has left, held still; nothing when it may not be used today."""
    return _held(
        [
            one
            for one in open_lines(line.fund_id, line.use, [line.region_id], timezone.localdate())
            if one == line
        ]
    )


def _held(lines: list[Line]) -> Purse:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT line, available FROM public.funds_hold(%s::bigint[])", [[one.pk for one in lines]]
        )
        left = dict(cursor.fetchall())
    # A line that was closed meanwhile gives nothing.
    return Purse([one for one in lines if one.pk in left], left)


# -- what there is no money for ------------------------------------------------------------------------------
def lacking(shares: Sequence[Share]) -> dict[int, str]:
    """By case why its share cannot be decided: no line carries it, after those that were handed in earlier. Money of
    lines is held still from here on. Nothing of what a fund pays by right.
    """
    refused: dict[int, str] = {}
    for (fund, use), of_fund in _by_fund(shares).items():
        barred = _not_permitted(fund, of_fund)
        refused |= barred
        if fund.pays_a_right:
            continue
        asking = sorted((one for one in of_fund if one.case_id not in barred), key=lambda one: one.order)
        purse = hold(fund.pk, use, [one.region for one in asking])
        before = 0
        for share in asking:
            if purse.take(share) is None:
                refused[share.case_id] = _words_of(share, fund, purse, before)
            else:
                before += 1
    return refused


def _by_fund(shares: Sequence[Share]) -> dict[tuple[Fund, str], list[Share]]:
    funds = Fund.objects.in_bulk({one.fund for one in shares})
    parts: dict[tuple[Fund, str], list[Share]] = {}
    for share in sorted(shares, key=lambda one: (one.fund, one.use)):
        parts.setdefault((funds[share.fund], share.use), []).append(share)
    return parts


def _not_permitted(fund: Fund, shares: Sequence[Share]) -> dict[int, str]:
    """Whom the fund does not pay, with where that is written."""
    rules = {rule.payee: rule for rule in FundRule.objects.filter(fund=fund).exclude(payee="")}
    refused = {}
    for share in shares:
        rule = rules.get(share.payee_kind)
        if rule is None or not rule.permitted:
            cited = f"（{rule.document}{rule.article}）" if rule else ""
            refused[share.case_id] = f"{fund}不得支付给{PayeeKind(share.payee_kind).label}{cited}。"
    return refused


def _words_of(share: Share, fund: Fund, purse: Purse, before: int) -> str:
    named = f"{fund}·{Use(share.use).label}"
    lines = purse.of(share)
    if not lines:
        return (
            f"本地区今天没有可以使用的资金科目（{named}），暂不能批准。财务人员设立科目并下达资金后再办理。"
        )
    most = max(purse.left[line.pk] for line in lines)
    ahead = f"先提交的{before:,}件预留后，" if before else ""
    return (
        f"资金不足，暂不能批准：本件{in_words(yuan(share.amount))}，{ahead}{named}可用余额{in_words(yuan(most))}，"
        f"还差{in_words(yuan(share.amount - most))}。资金下达后再办理。"
    )


# -- setting aside -------------------------------------------------------------------------------------------
@transaction.atomic
def set_aside(shares: Sequence[Share], *, by: Any) -> list[Payable]:
    """Draw what was decided: what a line carries is reserved, and what is paid by right and finds none waits.

    Call it inside the action that decides; `by` is who does. Raises NotNow for other money that no line carries.
    """
    drawn: list[tuple[Share, Line]] = []
    waiting: list[Share] = []
    for (fund, use), of_fund in _by_fund(shares).items():
        purse = hold(fund.pk, use, [one.region for one in of_fund])
        if fund.pays_a_right:
            purse.waiting = first_waiting(fund.pk, use, purse.lines)
        for share in sorted(of_fund, key=lambda one: one.order):
            line = purse.take(share)
            if line is not None:
                drawn.append((share, line))
            elif fund.pays_a_right:
                purse.keep_in_order(share)
                waiting.append(share)
            else:
                raise NotNow(_words_of(share, fund, purse, 0))
    _wait(waiting, by=by)
    return reserve(drawn, by=by)


def first_waiting(fund: str, use: str, lines: Sequence[Line]) -> dict[int, Order]:
    """By line the first that waits for its money."""
    waits = AwaitingMoney.objects.waiting().filter(fund=fund, use=use)
    of_place = waits.order_by("region_id", "handed_in_on", "case_id").distinct("region_id")
    firsts = list(of_place.values_list("region_id", "handed_in_on", "case_id"))
    found: dict[int, Order] = {}
    for line in lines:
        mine = [(day, case) for region, day, case in firsts if line.region_id in covering(region)]
        if mine:
            found[line.pk] = min(mine)
    return found


def _wait(shares: Sequence[Share], *, by: Any) -> None:
    made = AwaitingMoney.objects.bulk_create(
        AwaitingMoney(
            case_id=share.case_id,
            share=share.number,
            fund_id=share.fund,
            use=share.use,
            region_id=share.region,
            payee_kind=share.payee_kind,
            amount=share.amount,
            calculation_digest=share.calculation_digest,
            payee_digest=share.payee_digest,
            made_by_id=share.made_by,
            approved_by_id=share.approved_by,
            handed_in_on=share.handed_in_on,
        )
        for share in shares
    )
    waits = AwaitingMoney.objects.filter(pk__in=[one.pk for one in made]).select_related("case")
    audit.record_many(
        "funds.wait",
        by=by,
        about=[(one, one.case.worker_id, one.region_id, {"amount": str(yuan(one.amount))}) for one in waits],
    )


_RESERVE = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
SELECT %(move)s, p.line_id, %(from)s, p.line_id, %(to)s, p.amount, p.id, given.by_id, coalesce(%(at)s::timestamptz, now())
FROM unnest(%(payables)s::bigint[], %(by)s::bigint[]) AS given (id, by_id) JOIN funds_payable p ON p.id = given.id
ORDER BY p.id
"""
# Who has come to be one person with the maker since approves nothing of theirs: another one has to.
_APPROVE = """
INSERT INTO funds_approval (payable_id, at_moves, move, by_id, at)
SELECT p.id, p.moves, %(move)s, given.by_id, coalesce(%(at)s::timestamptz, now())
FROM unnest(%(payables)s::bigint[], %(by)s::bigint[]) AS given (id, by_id) JOIN funds_payable p ON p.id = given.id
WHERE public.funds_person(given.by_id) <> public.funds_person(p.made_by_id)
ORDER BY p.id
"""


def reserve(drawn: Sequence[tuple[Share, Line]], *, by: Any) -> list[Payable]:
    """Payables of these shares, reserved on their lines in the name of who decided, who so approves that they are
    committed. `by` is who does it now, or None for the system.
    """
    if not drawn:
        return []
    made = Payable.objects.bulk_create(
        Payable(
            case_id=share.case_id,
            share=share.number,
            line=line,
            use=share.use,
            payee_kind=share.payee_kind,
            amount=share.amount,
            calculation_digest=share.calculation_digest,
            payee_digest=share.payee_digest,
            made_by_id=share.made_by,
            made_at=moment(),
        )
        for share, line in drawn
    )
    way = MOVES[MoveCode.RESERVE]
    signed = [share.approved_by for share, _ in drawn]
    numbers = [one.pk for one in made]
    given = {"payables": numbers, "by": signed, "at": told()}
    with connection.cursor() as cursor:
        cursor.execute(_RESERVE, {**given, "move": way.code, "from": way.from_bucket, "to": way.to_bucket})
        cursor.execute(_APPROVE, {**given, "move": MoveCode.COMMIT})
    stored = Payable.objects.filter(pk__in=numbers).select_related("case").order_by("pk")
    audit.record_many(
        "funds.set_aside",
        by=by,
        about=[
            (one, one.case.worker_id, one.case.region_id, {"amount": str(one.sum), "line": one.line_id})
            for one in stored
        ],
    )
    return list(stored)


def next_numbers(case_ids: Sequence[int]) -> Mapping[int, int]:
    """By case the number of its next share: what was drawn for an earlier decision keeps its own."""
    used: dict[int, int] = dict.fromkeys(case_ids, 0)
    for rows in (Payable.objects, AwaitingMoney.objects):
        for case_id, number in rows.filter(case__in=case_ids).values_list("case_id", "share"):
            used[case_id] = max(used[case_id], number)
    return {case_id: number + 1 for case_id, number in used.items()}
