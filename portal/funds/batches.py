"""The life of a batch, one action a step: drawn up, its items taken out for a reason, announced, signed, sent, closed.

What holds is held by the database (portal.funds.batch_guards); here permission, words and the audit. Locking stands in
`portal.funds.locking`, files in `portal.funds.payment_files`, what the bank says in `portal.funds.answering`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from portal import audit, locks
from portal.accounts.access import NotNow, require
from portal.funds.frozen import frozen, hold_cases, why_frozen
from portal.funds.models import (
    HOLDING,
    Batch,
    BatchStep,
    Channel,
    Fund,
    Item,
    ItemState,
    NoticeRule,
    Payable,
    Revocation,
    Step,
    Withdrawal,
)
from portal.funds.moment import moment, told
from portal.funds.money import yuan
from portal.funds.moves import Bucket, MoveCode
from portal.funds.refusals import told_in_words
from portal.regions.calendar import add_working_days

MOST_ITEMS = 100_000


# -- drawn up ------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Selection:
    """Which payables come into a batch: those approved and not paid, of a fund, in a place, that a channel serves, and that
    do not stand still; of one use, and approved until a day, where said.
    """

    fund: Fund
    channel: Channel
    region: str
    use: str = ""
    until: date | None = None

    def payables(self, on: date) -> QuerySet[Payable]:
        return self._due(on).exclude(frozen())

    def frozen(self, on: date) -> QuerySet[Payable]:
        """What would come into the batch if it did not stand still."""
        return self._due(on).filter(frozen()).select_related("case").order_by("pk")

    def _due(self, on: date) -> QuerySet[Payable]:
        kinds = self.channel.rules.filter(fund=self.fund).values("payee")
        holding = Item.objects.filter(payable=OuterRef("pk"), state__in=HOLDING)
        revoked = Revocation.objects.standing().filter(payable=OuterRef("pk"))
        found = Payable.objects.filter(
            ~Exists(holding),
            ~Exists(revoked),
            bucket=Bucket.COMMITTED,
            line__fund=self.fund,
            line__region=self.region,
            line__usable_from__lte=on,
            line__usable_until__gte=on,
            payee_kind__in=kinds,
        )
        if self.use:
            found = found.filter(use=self.use)
        if self.until:
            found = found.filter(made_at__date__lte=self.until)
        return found


@dataclass(frozen=True)
class Found:
    """How many payables, how much in yuan, and a digest of which, each as it stands."""

    count: int
    amount: Decimal
    digest: str

    def as_shown(self, digest: str) -> Found:
        """What somebody was shown, by its digest: what is other than that is drawn up by nobody."""
        return self if digest == self.digest else Found(self.count, self.amount, digest)


_DIGEST = "count(*), coalesce(sum(amount), 0), coalesce(md5(string_agg(payable || ':' || moves, ',' ORDER BY payable)), '')"


def look(selection: Selection, *, on: date) -> Found:
    """What a batch would hold now; nothing is written."""
    sql, given = _selected(selection, on)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_DIGEST} FROM ({sql}) AS found (payable, moves, amount, payee_kind)", given)  # noqa: S608
        count, amount, digest = cursor.fetchone()
    return Found(count, yuan(int(amount)), digest)


def _selected(selection: Selection, on: date) -> tuple[str, tuple[Any, ...]]:
    rows = selection.payables(on).order_by().values_list("pk", "moves", "amount", "payee_kind")
    sql, given = rows.query.sql_with_params()
    return sql, given


# One statement: what comes to be approved meanwhile is not in it.
_LIST = """
WITH found (payable, moves, amount, payee_kind) AS MATERIALIZED ({sql}),
listed AS (
    INSERT INTO funds_item
        (batch_id, position, payable_id, reference, amount, payee_kind, retry_of_id, state, fund_id, channel_id, region_id)
    SELECT %s, placed.position, placed.payable,
           'FK' || lpad(%s::text, 6, '0') || 'N' || lpad(placed.position::text, 6, '0'),
           placed.amount, placed.payee_kind, placed.before, 'listed', %s, %s, %s
    FROM (SELECT found.*, row_number() OVER (ORDER BY payable) AS position, tried.item AS before
          FROM found LEFT JOIN (
              SELECT i.payable_id, max(i.id) AS item
              FROM funds_item i WHERE i.payable_id IN (SELECT payable FROM found) GROUP BY i.payable_id
          ) AS tried ON tried.payable_id = found.payable) AS placed
    RETURNING 1
)
SELECT {digest} FROM found WHERE (SELECT count(*) FROM listed) >= 0
"""


@told_in_words
def draw_up(selection: Selection, *, confirmed: Found, by: Any) -> Batch:
    """Draw up a batch of what was looked at, by one statement. Raises Refused, NotNow where it is something else now."""
    require(by, "funds.batch", selection.region)
    if not confirmed.count:
        raise NotNow("没有符合条件的应付款。")
    if confirmed.count > MOST_ITEMS:
        raise NotNow(f"一个批次最多{MOST_ITEMS:,}笔，请按用途或日期分批。")
    batch = Batch.objects.create(
        fund=selection.fund,
        channel=selection.channel,
        region_id=selection.region,
        made_by=by,
        made_at=moment(),
    )
    sql, given = _selected(selection, timezone.localdate())
    with connection.cursor() as cursor:
        cursor.execute(
            _LIST.format(sql=sql, digest=_DIGEST),
            [*given, batch.pk, batch.pk, selection.fund.pk, selection.channel.pk, selection.region],
        )
        count, amount, digest = cursor.fetchone()
    if Found(count, yuan(int(amount)), digest) != confirmed:
        raise NotNow(
            f"符合条件的由{confirmed.count:,}笔变为{count:,}笔，或有新的办理，没有拟定。请核对后重新确认。"
        )
    batch.refresh_from_db()
    note(batch, "funds.batch.draw_up", by=by)
    return batch


# -- the steps -----------------------------------------------------------------------------------------------
def locked(batch_id: int, permission: str, *, by: Any) -> Batch:
    """The batch; until the transaction ends nobody else works on it. Raises Refused."""
    locks.hold(f"funds.batch {batch_id}")
    batch = Batch.objects.select_related("fund", "channel__profile").get(pk=batch_id)
    require(by, permission, batch.region_id)
    return batch


def take(batch: Batch, step: Step, *, by: Any, remark: str = "", until: date | None = None) -> Batch:
    """Write a step down; the database judges it and moves the batch."""
    BatchStep.objects.create(
        batch=batch, round=batch.round, step=step, by=by, note=remark, until=until, at=moment()
    )
    batch.refresh_from_db()
    note(batch, f"funds.batch.{step}", by=by, **({"reason": remark} if remark else {}))
    return batch


def note(batch: Batch, action: str, *, by: Any, **detail: Any) -> None:
    """An entry of the audit, found by each person who is paid."""
    listed = batch.items.exclude(state=ItemState.WITHDRAWN)
    people = listed.filter(payable__case__worker__isnull=False).values_list(
        "payable__case__worker_id", flat=True
    )
    audit.record(
        action,
        by=by,
        obj=batch,
        region=batch.region_id,
        detail={"count": batch.count, "amount": str(batch.sum), "round": batch.round, **detail},
        people=people,
    )


def notice_days(batch: Batch, on: date) -> tuple[int, str]:
    """For how many working days the public is shown it first, and by which document; (0, "") where nothing asks for it."""
    asked = (0, "")
    uses = (
        batch.items.filter(state=ItemState.LISTED)
        .values_list("payable__use", flat=True)
        .order_by()
        .distinct()
    )
    for use in uses:
        rule = NoticeRule.objects.filter(use=use, since__lte=on).order_by("-since").first()
        if rule is not None:
            asked = max(asked, (rule.working_days, rule.document))
    return asked


@told_in_words
def announce(batch_id: int, *, where: str, on: date, by: Any) -> Batch:
    """Write down where the public is shown the batch, from `on`; it may be signed when the days are over. Raises Refused,
    NotNow.
    """
    batch = locked(batch_id, "funds.batch", by=by)
    days, _ = notice_days(batch, on)
    if not days:
        raise NotNow("本批次不要求公示。")
    return take(batch, Step.ANNOUNCE, by=by, remark=where, until=add_working_days(on, days).on)


_SIGN = """
INSERT INTO funds_approval (payable_id, at_moves, move, by_id, at)
SELECT p.id, p.moves, %s, %s, coalesce(%s::timestamptz, now())
FROM funds_item i JOIN funds_payable p ON p.id = i.payable_id
WHERE i.batch_id = %s AND i.state = 'listed' ORDER BY p.id
ON CONFLICT DO NOTHING
"""


@told_in_words
def sign(batch_id: int, *, seen: str, by: Any) -> Batch:
    """Sign what stands in the batch: each of its payments may be sent, as far as it is up to this person. `seen` is what
    the page showed (`standing`). Raises Refused, NotNow.
    """
    batch = locked(batch_id, "funds.sign", by=by)
    if standing(batch) != seen:
        raise NotNow("批次内容已有变化，没有签发。请刷新页面，核对后再签发。")
    with connection.cursor() as cursor:
        cursor.execute(_SIGN, [MoveCode.SEND, by.pk, told(), batch.pk])
    return take(batch, Step.SIGN, by=by)


def standing(batch: Batch) -> str:
    """What stands in a batch, to hold a page against it: its round, how many and how much."""
    return f"{batch.round}-{batch.count}-{batch.amount}"


_SEND = """
INSERT INTO funds_transfer (move, from_line_id, from_bucket, to_line_id, to_bucket, amount, payable_id, by_id, at)
SELECT 'send', p.line_id, 'committed', p.line_id, 'in_transit', p.amount, p.id, %s, coalesce(%s::timestamptz, now())
FROM funds_item i JOIN funds_payable p ON p.id = i.payable_id
WHERE i.batch_id = %s AND i.state = 'listed' ORDER BY p.id
"""


@told_in_words
def send(batch_id: int, *, by: Any) -> Batch:
    """The files were handed to the bank: all the money of the batch is under way. Raises Refused, NotNow."""
    batch = locked(batch_id, "funds.post", by=by)
    listed = batch.items.filter(state=ItemState.LISTED)
    hold_cases(list(listed.values_list("payable_id", flat=True)))
    _require_payable(batch)
    with connection.cursor() as cursor:
        cursor.execute(_SEND, [by.pk, told(), batch.pk])
    return take(batch, Step.SEND, by=by)


def unpayable(batch: Batch) -> QuerySet[Item]:
    """Items whose decision does not stand any more, or is in doubt, or whose money was taken back: they are taken out."""
    revoked = Revocation.objects.standing().filter(payable=OuterRef("payable"))
    listed = batch.items.filter(state=ItemState.LISTED).select_related("payable__case")
    fallen = Exists(revoked) | ~Q(payable__bucket=Bucket.COMMITTED) | frozen("payable__case")
    return listed.filter(fallen).order_by("position")


def why_unpayable(item: Item) -> str:
    """Of one of these why. Its payable and case are read."""
    return why_frozen(item.payable.case) or "批准已撤销"


def _require_payable(batch: Batch) -> None:
    fallen = list(unpayable(batch)[:3])
    if fallen:
        named = "、".join(item.payable.case.number for item in fallen)
        words = why_frozen(fallen[0].payable.case) or "已撤销批准"
        raise NotNow(f"批次中有{words}的付款（{named}等），没有发送。请先撤出这些付款。")


@told_in_words
def close(batch_id: int, *, by: Any) -> Batch:
    """The bank has answered every item. Raises Refused, NotNow."""
    return take(locked(batch_id, "funds.post", by=by), Step.CLOSE, by=by)


# -- taken out -----------------------------------------------------------------------------------------------
@told_in_words
def withdraw(item_ids: Sequence[int], *, reason: str, by: Any) -> Batch:
    """Take items out of their batch before it is sent; their payables may go into another one. What was signed and written
    of the batch no longer counts. Raises Refused, NotNow.
    """
    items = list(Item.objects.filter(pk__in=item_ids).select_related("payable__case").order_by("pk"))
    (batch_id,) = {item.batch_id for item in items}
    batch = locked(batch_id, "funds.batch", by=by)
    if batch.items.filter(pk__in=item_ids).exclude(state=ItemState.LISTED).exists():
        raise NotNow("已发送或已撤出的付款不能撤出。请刷新页面。")
    Withdrawal.objects.bulk_create(Withdrawal(item=item, reason=reason, by=by) for item in items)
    batch.refresh_from_db()
    audit.record_many(
        "funds.batch.withdraw",
        by=by,
        about=[
            (item, item.payable.case.worker_id, batch.region_id, {"amount": str(item.sum), "reason": reason})
            for item in items
        ],
    )
    return batch


@told_in_words
def drop(batch_id: int, *, reason: str, by: Any) -> Batch:
    """Take everything out of a batch that was not sent, and give it up. Raises Refused, NotNow."""
    batch = locked(batch_id, "funds.batch", by=by)
    listed = list(batch.items.filter(state=ItemState.LISTED).values_list("pk", flat=True))
    if listed:
        batch = withdraw(listed, reason=reason, by=by)
    return take(batch, Step.DROP, by=by, remark=reason)


def signers(batch: Batch) -> QuerySet[BatchStep]:
    """Who signed the batch as it stands."""
    return batch.steps.filter(round=batch.round, step=Step.SIGN).select_related("by")


def signatures_needed(batch: Batch) -> int | None:
    """How many sign; None where nobody may sign such a sum."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT funds_signatures_needed(%s, %s)", [batch.pk, timezone.localdate()])
        needed: int | None = cursor.fetchone()[0]
    return needed
