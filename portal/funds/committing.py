"""Posting what was decided and reserved as committed: by somebody who neither made nor approved it, one or many.

One that cannot be posted is told and loses none of the others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts.access import NotNow, scope
from portal.funds import ledger
from portal.funds.frozen import hold_cases, why_frozen
from portal.funds.models import Payable, Revocation
from portal.funds.moves import MOVES, MoveCode

_COUNT = """
SELECT p.id, t.approvals,
       count(DISTINCT public.funds_person(a.by_id)) FILTER (
           WHERE public.funds_person(a.by_id) <> public.funds_person(p.made_by_id)
             AND public.funds_person(a.by_id) <> public.funds_person(%(by)s)),
       public.funds_person(p.made_by_id) = public.funds_person(%(by)s)
FROM funds_payable p
LEFT JOIN funds_approval a ON a.payable_id = p.id AND a.at_moves = p.moves AND a.move = %(move)s
LEFT JOIN funds_threshold t ON t.amounts @> p.amount AND t.days @> %(today)s
WHERE p.id = ANY (%(payables)s) GROUP BY p.id, t.approvals
"""


_STANDS = "付款依据没有撤销，不能撤销付款。"
_FELL = "付款依据已撤销，不能付款。"


@dataclass
class Posted:
    """Which payables were posted, and why each other one was not, by payable."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)


def against(payables: Sequence[Payable], code: MoveCode, *, by: Any) -> Mapping[int, str]:
    """Why each of the payables cannot be posted by somebody now; not among them: those that can. Their lines and cases are
    read.
    """
    way, where, today = MOVES[code], scope(by, "funds.post"), timezone.localdate()
    with connection.cursor() as cursor:
        asked = {"by": by.pk, "move": code, "today": today, "payables": [one.pk for one in payables]}
        cursor.execute(_COUNT, asked)
        counted = {number: given for number, *given in cursor.fetchall()}
    revoked = set(
        Revocation.objects.standing().filter(payable__in=payables).values_list("payable", flat=True)
    )
    refused = {}
    for one in payables:
        needed, people, is_maker = counted[one.pk]
        if not where.covers(one.line.region_id):
            refused[one.pk] = "您的记账权限不包括该地区。"
        elif one.bucket != way.from_bucket:
            refused[one.pk] = f"当前为“{one.get_bucket_display()}”，不能{way.code.label}。"
        elif (one.pk in revoked) is not (code == MoveCode.CANCEL):
            refused[one.pk] = _STANDS if code == MoveCode.CANCEL else _FELL
        elif code == MoveCode.COMMIT and (words := why_frozen(one.case)):
            refused[one.pk] = f"{words}。"
        elif is_maker:
            refused[one.pk] = "经办人不能记账，须由另一人办理。"
        elif needed is None:
            refused[one.pk] = "该金额没有规定审批人数，不能记账。"
        elif people < needed:
            refused[one.pk] = f"须{needed}人审批，现有{people}人（经办人和记账人不计入）。"
        elif way.spends and not one.line.usable_from <= today <= one.line.usable_until:
            refused[one.pk] = (
                f"资金科目的使用期是{one.line.usable_from}至{one.line.usable_until}，今天不能使用。"
            )
    return refused


@transaction.atomic
def post_many(payable_ids: Collection[int], code: MoveCode, *, by: Any) -> Posted:
    """Post a move of payables that was approved, as far as it can be. Raises NotNow when others moved them meanwhile."""
    hold_cases(list(payable_ids))
    asked = Payable.objects.filter(pk__in=payable_ids).select_related("line", "case")
    payables = list(asked.order_by("pk"))
    refused = dict(against(payables, code, by=by))
    done = [one.pk for one in payables if one.pk not in refused]
    if done:
        try:
            with transaction.atomic():
                ledger.move(done, code, by=by)
        except IntegrityError as error:
            diagnosis = getattr(error.__cause__, "diag", None)
            if getattr(diagnosis, "constraint_name", None) != "a_payable_moves_whole_and_once":
                raise
            raise NotNow("其中有的刚刚由他人办理，本次未记账。请刷新后重新选择。") from error
    return Posted(done, refused)
