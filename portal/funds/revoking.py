"""Taking back what money was set aside for, when the decision does not stand any more.

What waits ends, and what is reserved is released at once. What is committed is cancelled by a finance officer; both who
signed have approved that. What was sent or paid stays as it is and is on record as to be recovered. When the decision comes
to stand again while its money is still out, the revocation is lifted and nothing is drawn a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from portal import audit
from portal.formats import yuan as in_words
from portal.funds import ledger, waiting
from portal.funds.models import Payable, RecoveryShare, RecoveryState, Revocation, ShareKind
from portal.funds.money import yuan
from portal.funds.moves import Bucket, MoveCode


@dataclass(frozen=True)
class Fallen:
    """A decision that does not stand any more: of which case, why, by which clause, and who signed that (accounts)."""

    case_id: int
    grounds: str
    clause: str
    decided_by: int
    signed_by: int


_APPROVE = """
INSERT INTO funds_approval (payable_id, at_moves, move, by_id, at)
SELECT p.id, p.moves, 'cancel', given.by_id, now()
FROM unnest(%(payables)s::bigint[], %(by)s::bigint[]) AS given (id, by_id) JOIN funds_payable p ON p.id = given.id
WHERE public.funds_person(given.by_id) <> public.funds_person(p.made_by_id)
ORDER BY p.id
"""


@transaction.atomic
def revoke(fallen: Sequence[Fallen], *, by: Any, on: date) -> list[Revocation]:
    """Take back the money of these decisions as far as it has not left. Call it inside the action that annuls them, which
    has asked for the permission; `by` is who gave the second signature.
    """
    waiting.end([one.case_id for one in fallen])
    of_case = {one.case_id: one for one in fallen}
    payables = list(standing_of(of_case))
    made = Revocation.objects.bulk_create(
        Revocation(
            payable=payable,
            stood_in=payable.bucket,
            amount=payable.amount,
            grounds=of_case[payable.case_id].grounds,
            clause=of_case[payable.case_id].clause,
            decided_by_id=of_case[payable.case_id].decided_by,
            signed_by_id=of_case[payable.case_id].signed_by,
            on=on,
        )
        for payable in payables
    )
    audit.record_many(
        "funds.revoke",
        by=by,
        about=[
            (
                one,
                one.payable.case.worker_id,
                one.payable.case.region_id,
                {"amount": str(yuan(one.amount)), "from": one.stood_in},
            )
            for one in made
        ],
    )
    reserved = [one.pk for one in payables if one.bucket == Bucket.RESERVED]
    ledger.post(reserved, MoveCode.RELEASE, by=by)
    _approve_cancelling([one for one in made if one.stood_in == Bucket.COMMITTED])
    return made


def _approve_cancelling(revocations: Sequence[Revocation]) -> None:
    signatures = [
        (one.payable_id, signer) for one in revocations for signer in (one.decided_by_id, one.signed_by_id)
    ]
    if signatures:
        given = {"payables": [one for one, _ in signatures], "by": [signer for _, signer in signatures]}
        with connection.cursor() as cursor:
            cursor.execute(_APPROVE, given)


def standing_of(case_ids: Collection[int]) -> Any:
    """The payables of cases that are anywhere but back on their line, whether or not their decision stands. Of which all
    was paid back is not among them.
    """
    found = Payable.objects.filter(case__in=case_ids).exclude(bucket=Bucket.AVAILABLE).exclude(paid_back())
    return found.select_related("case", "line").order_by("pk")


def paid_back() -> Q:
    """Payables of which all came back, or was set off."""
    shares = RecoveryShare.objects.filter(payable=OuterRef("pk")).exclude(kind=ShareKind.WRITTEN_OFF)
    come = shares.order_by().values("payable").annotate(back=Sum("amount")).values("back")
    return Q(amount=Coalesce(Subquery(come), 0))


# -- decided anew --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StillOut:
    """What was drawn for an earlier decision of a case and is still out, or on its way: one payable, or the parts of one
    that was taken apart.
    """

    payables: list[Payable]

    @property
    def amount(self) -> int:
        """Together, in fen."""
        return sum(payable.amount for payable in self.payables)


def still_out(case_ids: Collection[int]) -> dict[int, StillOut]:
    """By case what of an earlier decision is still out, or on its way."""
    found: dict[int, StillOut] = {}
    for payable in standing_of(case_ids).prefetch_related("recoveries__shares"):
        found.setdefault(payable.case_id, StillOut([])).payables.append(payable)
    return found


def against_deciding_anew(out: StillOut, amount: int) -> str:
    """Why a case whose earlier money is still out cannot be decided anew with this sum, in fen; empty when it can: then the
    earlier payables stand again.
    """
    told = "、".join(f"{in_words(one.sum)}{one.get_bucket_display()}" for one in out.payables)
    for payable in out.payables:
        for recovery in payable.recoveries.all():
            if recovery.state != RecoveryState.DROPPED or recovery.shares.all():
                return f"原批准的{in_words(payable.sum)}正在追回或者没有全部追回（{recovery.number}），全部退回后再批准。"
        if payable.bucket in {Bucket.RECOVERABLE, Bucket.WRITTEN_OFF}:
            return f"原批准的{in_words(payable.sum)}{payable.get_bucket_display()}，追回办结后再批准。"
    if out.amount != amount:
        return f"原批准的{told}，与现在的{in_words(yuan(amount))}不同，撤销付款或者追回后再批准。"
    return ""


@transaction.atomic
def lift(payables: Sequence[Payable], *, by: Any) -> int:
    """The decisions stand again: their payables are paid as they were, or stay paid. Returns how many were revoked."""
    standing = Revocation.objects.standing().filter(payable__in=payables)
    lifted = list(standing.select_related("payable__case"))
    standing.update(lifted_at=timezone.now(), lifted_by=by)
    audit.record_many(
        "funds.revoke.lift",
        by=by,
        about=[
            (one, one.payable.case.worker_id, one.payable.case.region_id, {"amount": str(yuan(one.amount))})
            for one in lifted
        ],
    )
    return len(lifted)
