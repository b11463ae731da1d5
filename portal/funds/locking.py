"""A batch is locked: who is paid by each item is asked afresh, and kept as it stands.

What changed since the payment was approved, or last tried, is named and confirmed by whoever locks. An item that nobody
can be paid by yet is named as well; it is taken out, and the others go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal import crypto
from portal.accounts.access import NotNow
from portal.funds.batches import locked, take, unpayable, why_unpayable
from portal.funds.models import Batch, BatchState, Item, ItemPayee, ItemState, PayableSplit, Step
from portal.funds.payees import Payee, changed, digests, payees_of
from portal.funds.refusals import told_in_words
from portal.names import person_or_unit
from portal.workforce.identity import narrow

ACCOUNT, NAME = "account of a payment", "name of a payment"


def plain_account(text: str) -> str:
    """An account as it is compared: narrow digits and letters, without what people put between them."""
    return "".join(character for character in narrow(text).upper() if character.isalnum())


def plain_name(text: str) -> str:
    """A name as it is compared: in its one form."""
    return person_or_unit(text)


@dataclass(frozen=True)
class Ready:
    """An item, who is paid by it, and what of that changed, in words."""

    item: Item
    payee: Payee
    digest: str
    changed: str
    # The payment that came back from the same account, in the same name; it would be paid there again.
    came_back: Item | None

    def kept(self, account_digest: bytes, name_digest: bytes) -> ItemPayee:
        """The row that keeps it."""
        payee = self.payee
        assert payee.confirmed_by and payee.confirmed_at  # noqa: S101 - nothing else is ready
        return ItemPayee(
            item_id=self.item.pk,
            kind=payee.kind,
            legal_name=payee.legal_name,
            bank_spelling=payee.bank_spelling or "",
            account=payee.account,
            identity_number=payee.identity_number,
            bank=payee.bank,
            digest=self.digest,
            account_digest=account_digest,
            name_digest=name_digest,
            changed=self.changed,
            recorded_by_id=payee.recorded_by,
            confirmed_by_id=payee.confirmed_by,
            confirmed_at=payee.confirmed_at,
        )


@dataclass(frozen=True)
class Looked:
    """What came of asking afresh: the items that are ready, and why others are not. `digest` is of all of it."""

    ready: list[Ready]
    unready: list[tuple[Item, str]]
    digest: str

    @property
    def changed(self) -> list[Ready]:
        return [one for one in self.ready if one.changed]

    @property
    def unmended(self) -> list[Ready]:
        """What came back, and would be paid again just as before."""
        return [one for one in self.ready if one.came_back is not None]


def look_at(batch: Batch) -> Looked:
    """Ask who is paid by each item of a batch."""
    listed = batch.items.filter(state=ItemState.LISTED)
    items = list(listed.select_related("payable__case", "retry_of__payee").order_by("position"))
    fallen = {item.pk: why_unpayable(item) for item in unpayable(batch)}
    payees = payees_of([item.payable.case_id for item in items])
    unready, found = [], []
    for item in items:
        payee = payees.get(item.payable.case_id)
        if item.pk in fallen:
            unready.append((item, fallen[item.pk]))
        elif payee is None or (reason := _lacking(item, payee)):
            unready.append((item, reason if payee else "没有收款账户"))
        else:
            found.append((item, payee))
    returned = _came_back(batch, [item.payable_id for item, _ in found if item.retry_of_id])
    ready = [
        Ready(
            item,
            payee,
            digest,
            "、".join(changed(_before(item), digest)),
            returned.get((item.payable_id, digest)),
        )
        for (item, payee), digest in zip(found, digests(payee for _, payee in found), strict=True)
    ]
    said = hashlib.sha256()
    for one in ready:
        said.update(f"{one.item.pk}:{one.digest}\n".encode())
    for item, reason in unready:
        said.update(f"{item.pk}?{reason}\n".encode())
    return Looked(ready, unready, said.hexdigest())


def _came_back(batch: Batch, payables: Sequence[int]) -> dict[tuple[int, str], Item]:
    """The payments of these that came back, by payable and of whom it was to be paid then; of what is the rest of a benefit
    that was taken apart, the payments of that.
    """
    rests = PayableSplit.objects.filter(rest__items__batch=batch).values_list("payable", "rest")
    rest_of = dict(rests)
    back = Item.objects.filter(payable__in=[*payables, *rest_of], state=ItemState.RETURNED)
    return {
        (rest_of.get(item.payable_id, item.payable_id), item.payee.digest): item
        for item in back.select_related("payee").order_by("pk")
    }


def _lacking(item: Item, payee: Payee) -> str:
    if payee.confirmed_at is None or payee.confirmed_by is None:
        return "收款账户尚未复核"
    if payee.recorded_by == payee.confirmed_by:
        return "收款账户的登记人和复核人是同一人"
    if payee.kind != item.payee_kind:
        return "收款对象类别与应付款不一致"
    return ""


def _before(item: Item) -> str:
    """The digest of the payee when the payment was last tried, or else approved."""
    tried = item.retry_of
    payee = getattr(tried, "payee", None) if tried else None
    return payee.digest if payee else item.payable.payee_digest


@told_in_words
def lock(batch_id: int, *, confirmed: str, by: Any) -> Batch:
    """Lock a batch with the payees that the page showed (the digest of `look_at`). Raises Refused, NotNow."""
    batch = locked(batch_id, "funds.batch", by=by)
    if batch.state != BatchState.DRAFT:
        raise NotNow(f"批次当前为“{batch.get_state_display()}”，请刷新页面。")
    looked = look_at(batch)
    if looked.unready:
        named = "；".join(f"{item.payable.case.number}：{reason}" for item, reason in looked.unready[:3])
        raise NotNow(f"有{len(looked.unready)}笔不能支付（{named}）。请先撤出这些付款，再锁定其余的。")
    if looked.digest != confirmed:
        raise NotNow("收款人信息已有变化，没有锁定。请刷新页面，核对后再锁定。")
    _keep(looked.ready)
    remark = f"{len(looked.changed)}笔的收款人信息有变更" if looked.changed else ""
    return take(batch, Step.LOCK, by=by, remark=remark)


def _keep(ready: list[Ready]) -> None:
    of_account, of_name = crypto.digester(ACCOUNT), crypto.digester(NAME)
    rows = [
        one.kept(of_account(plain_account(one.payee.account)), of_name(plain_name(one.payee.name_at_bank)))
        for one in ready
    ]
    ItemPayee.objects.bulk_create(rows, batch_size=2000)
