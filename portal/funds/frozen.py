"""What stands still because its decision is in doubt: it comes into no batch, is not posted as committed and not sent, until
the doubt is settled. Each programme says in which state of its cases, when the application starts.

    register_frozen(KIND, {STATE: "已提出撤销批准，会签前暂停支付"})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from portal.cases.models import Case
from portal.funds.moves import Bucket

# What stands still only then: money that was sent is with the bank.
NOT_PAID_YET = (Bucket.RESERVED, Bucket.COMMITTED)
# By kind of case: the states in which its money stands still, and why, in words.
_FROZEN: dict[str, dict[str, str]] = {}


def register_frozen(kind: str, states: Mapping[str, str]) -> None:
    """A programme says when the money of its cases stands still. ValueError where somebody else does already."""
    if _FROZEN.get(kind, states) != states:
        raise ValueError(f"when the money of {kind} stands still is said by somebody already")
    _FROZEN[kind] = dict(states)


def frozen(case: str = "case") -> Q:
    """What stands still, of rows that name a case; `case` is the way to it."""
    found = Q(pk__in=[])
    for kind, states in _FROZEN.items():
        found |= Q(**{f"{case}__kind": kind, f"{case}__state__in": list(states)})
    return found


def why_frozen(case: Case) -> str:
    """Why the money of a case stands still, in words; empty when it does not."""
    return _FROZEN.get(case.kind, {}).get(case.state, "")


# In one order, as everybody who takes several cases; nobody proposes anything against them until the transaction ends.
_HOLD = """
SELECT count(*) FROM (
    SELECT FROM cases_case c
    WHERE c.kind = ANY (%s) AND c.id IN (SELECT p.case_id FROM funds_payable p WHERE p.id = ANY (%s))
    ORDER BY c.id FOR SHARE
) AS held
"""


def hold_cases(payables: Sequence[int]) -> None:
    """Hold the cases of payables as they stand: what is asked of them afterwards stays true until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sorted(_FROZEN), list(payables)])


def shown_as_frozen(payable: Any) -> str:
    """Why a payable that is not paid yet stands still, for pages. Its case is read."""
    return why_frozen(payable.case) if payable.bucket in NOT_PAID_YET else ""
