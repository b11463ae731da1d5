"""Payments that the bank returned, as the worker and the office read them: why, and who does what next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.funds.causes import Returned, returned_of
from portal.funds.payees import Payee, changed, payees_of
from subsidies.models import Claim
from subsidies.payees import with_an_account_that_waits

_MENDED = "新的收款账户已复核，由财务人员重新支付，不需要再办理。"
_WAITS = "新的收款账户已登记，工作人员复核后由财务人员重新支付。"
_OF_THE_BANK = "由财务人员重新支付，不需要办理。"
_TO_MEND = "请登记本人名下可以收款的账户，复核后重新支付。批准不受影响，不需要重新申请。"
_OF_OFFICE = "由本人在网上或者到窗口更换收款账户，另一人复核后，编入下一批次支付。"


@dataclass(frozen=True)
class ReturnedShown:
    """One payment that came back and was not tried again."""

    claim: Claim
    cause: str
    at: datetime
    # What comes next; `to_mend`: the worker says where the money shall go.
    words: str
    to_mend: bool

    @property
    def for_office(self) -> str:
        return _OF_OFFICE if self.to_mend else self.words


def returned_payments(claims: Sequence[Claim]) -> list[ReturnedShown]:
    """What of these claims came back, in a few statements for any number; each with what was mended since."""
    numbers = [claim.pk for claim in claims]
    returned = returned_of(numbers)
    payees = payees_of(list(returned)) if returned else {}
    of_case = {claim.pk: claim for claim in claims}
    waiting = with_an_account_that_waits([of_case[number] for number in returned])
    return [
        _shown(of_case[number], one, payees.get(number), is_waiting=number in waiting)
        for number, payments in returned.items()
        for one in payments
    ]


def _shown(claim: Claim, one: Returned, payee: Payee | None, *, is_waiting: bool) -> ReturnedShown:
    is_mended = payee is not None and bool(changed(one.payee_digest, payee.digest))
    if one.is_of_the_bank:
        words = _OF_THE_BANK
    elif payee is not None and is_mended and payee.confirmed_at:
        words = _MENDED
    elif is_waiting:
        words = _WAITS
    else:
        words = _TO_MEND
    return ReturnedShown(claim, one.cause, one.at, words, to_mend=words == _TO_MEND)
