"""Taking a benefit apart of which only a part is set off: that part, and what is paid all the same.

Neither who decided nor who is paid changes, so nobody approves anything anew; the database holds that
(portal.funds.split_guards).
"""

from __future__ import annotations

from typing import Any

from portal.funds import drawing
from portal.funds.models import Payable, PayableSplit, Recovery, RecoveryShare
from portal.funds.moment import moment


def split(payable: Payable, off: int, *, recovery: Recovery, by: Any) -> Payable:
    """The part of a payable that is set off, in fen; the rest of it waits to be paid as before. Call it inside the action
    that sets off, which holds the recovery.
    """
    number = drawing.next_numbers([payable.case_id])[payable.case_id]
    parts = Payable.objects.bulk_create(
        Payable(
            case_id=payable.case_id,
            share=share,
            line_id=payable.line_id,
            use=payable.use,
            payee_kind=payable.payee_kind,
            amount=amount,
            calculation_digest=payable.calculation_digest,
            payee_digest=payable.payee_digest,
            made_by_id=payable.made_by_id,
            made_at=moment(),
        )
        for share, amount in ((number, off), (number + 1, payable.amount - off))
    )
    PayableSplit.objects.create(
        recovery=recovery, payable=payable, off=parts[0], rest=parts[1], by=by, at=moment()
    )
    return parts[0]


def split_of(share: RecoveryShare) -> PayableSplit | None:
    """How the benefit was taken apart of which a share was set off; None where all of it was, or it came otherwise."""
    return getattr(share.settled, "split_as_off", None) if share.settled else None


def split_about(payable: Payable) -> PayableSplit | None:
    """What became of a payable that was taken apart, or of which one it is a part; None of all others."""
    for name in ("split", "split_as_off", "split_as_rest"):
        if (found := getattr(payable, name, None)) is not None:
            return found
    return None
