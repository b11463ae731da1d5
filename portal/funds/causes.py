"""What the bank's words mean: one officer says it, another confirms it. Words that nobody has explained are shown as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from portal import audit
from portal.accounts.access import WHOLE_REGION, NotNow, require
from portal.funds.answer_reading import plain_words
from portal.funds.course import Step
from portal.funds.models import BankRow, Cause, CauseText, Item, ItemState, Outcome
from portal.funds.moves import Bucket
from portal.funds.refusals import told_in_words


@told_in_words
def say(words: str, cause: Cause, *, by: Any) -> CauseText:
    """Say what words of a bank mean. It counts once somebody else has confirmed it. Raises Refused, NotNow."""
    require(by, "funds.batch")
    made = CauseText.objects.create(words=plain_words(words), cause=cause, recorded_by=by)
    audit.record(
        "funds.cause.say", by=by, obj=made, region=WHOLE_REGION, detail={"words": made.words, "cause": cause}
    )
    return made


@told_in_words
def confirm(cause_id: int, *, by: Any) -> CauseText:
    """Somebody else confirms what words mean. Raises Refused, NotNow."""
    require(by, "funds.batch")
    said = CauseText.objects.select_for_update().get(pk=cause_id)
    if said.confirmed_at is not None:
        raise NotNow("该对照已经确认。")
    if said.recorded_by_id == by.pk:
        raise NotNow("登记人不能确认自己登记的对照，须由另一人确认。")
    said.confirmed_by, said.confirmed_at = by, timezone.now()
    said.save(update_fields=["confirmed_by", "confirmed_at"])
    audit.record("funds.cause.confirm", by=by, obj=said, region=WHOLE_REGION, detail={"words": said.words})
    return said


def meanings(words: Iterable[str]) -> dict[str, str]:
    """What each of the words means, of those that two people explained."""
    known = CauseText.objects.filter(words__in=set(words), confirmed_at__isnull=False)
    return {one.words: one.get_cause_display() for one in known}


def unexplained() -> QuerySet[Any]:
    """Words of returned payments that nobody has explained, with how often they came; the commonest first."""
    said = CauseText.objects.filter(words=OuterRef("words"))
    returned = BankRow.objects.filter(~Exists(said), outcome=Outcome.RETURNED).exclude(words="")
    return returned.order_by().values("words").annotate(count=Count("pk")).order_by("-count", "words")


@dataclass(frozen=True)
class Returned:
    """A payment of a case that came back and was not tried again: why, in plain words, and when."""

    item_id: int
    cause: str
    at: datetime
    # Of whom it was to be paid then: what is another now was mended.
    payee_digest: str
    # Whether it was the bank's own fault: nothing is to be mended.
    is_of_the_bank: bool


def _in_words(row: BankRow, meaning: dict[str, str]) -> str:
    """Why a row says that a payment came back."""
    return meaning.get(row.words) or (f"银行说明：{row.words}" if row.words else "银行未说明原因")


def return_steps(payable_ids: Collection[int]) -> dict[int, list[Step]]:
    """Why payments came back, among what whoever waits for the money reads of it (portal.funds.course)."""
    back = BankRow.objects.filter(
        item__payable__in=list(payable_ids), outcome=Outcome.RETURNED, transfer__isnull=False
    )
    rows = list(back.select_related("item", "transfer").order_by("pk"))
    meaning = meanings(row.words for row in rows)
    told: dict[int, list[Step]] = {}
    for row in rows:
        assert row.item  # noqa: S101 - as asked
        said = Step(row.transfer.at, f"退回原因：{_in_words(row, meaning)}", "bad")
        told.setdefault(row.item.payable_id, []).append(said)
    return told


def causes_of(item_ids: Collection[int]) -> dict[int, str]:
    """Why each of these payments came back, in plain words."""
    rows = list(BankRow.objects.filter(item__in=item_ids, outcome=Outcome.RETURNED).order_by("pk"))
    meaning = meanings(row.words for row in rows)
    return {row.item_id: _in_words(row, meaning) for row in rows if row.item_id is not None}


def returned_of(case_ids: Collection[int]) -> dict[int, list[Returned]]:
    """What came back of cases and waits to be paid again, for the pages of their programmes."""
    # Of the case, not of the payable: of one that was taken apart its rest is paid again (portal.funds.splitting).
    later = Item.objects.filter(payable__case=OuterRef("payable__case"), pk__gt=OuterRef("pk"))
    tried = later.exclude(state=ItemState.WITHDRAWN)
    items = Item.objects.filter(~Exists(tried), payable__case__in=case_ids, state=ItemState.RETURNED)
    # All of it was set off meanwhile.
    items = items.exclude(payable__bucket=Bucket.PAID)
    rows = BankRow.objects.filter(item__in=items, outcome=Outcome.RETURNED)
    last: dict[int, BankRow] = {}
    for row in rows.select_related("item__payable", "item__payee", "transfer").order_by("pk"):
        if row.item_id is not None:
            last[row.item_id] = row
    meaning = meanings(row.words for row in last.values())
    told: dict[int, list[Returned]] = {}
    for item_id, row in last.items():
        assert row.item  # noqa: S101
        cause = _in_words(row, meaning)
        is_of_the_bank = cause == Cause.BANK_FAULT.label
        said = Returned(item_id, cause, row.transfer.at, row.item.payee.digest, is_of_the_bank)
        told.setdefault(row.item.payable.case_id, []).append(said)
    return told
