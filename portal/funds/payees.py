"""Who is paid for a case: each programme says it of its own kinds of cases when the application starts.

    register_payees(KIND, provider)          # provider(case ids) gives the payee of each case that has one

Whoever draws up a payable keeps the payee's digest with it. Before money leaves, it is asked again who is paid, and a
digest that differs says what changed, without holding a name or an account.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal import crypto
from portal.cases.models import Case
from portal.funds.models import PayeeKind

# Of a digest the beginning stands for everything together, and decides; each of the rest names one part that changed.
_WHOLE, _PART = 24, 8
_PARTS = {
    "legal_name": "户名",
    "bank_spelling": "银行户名写法",
    "account": "账号",
    "bank": "开户银行",
    "identity_number": "证件号码",
}


@dataclass(frozen=True)
class Payee:
    """Who is paid, and where. `bank_spelling` is the name as the bank writes it, where that is not the legal one;
    `identity_number` a person's ID number or a unit's credit code. `recorded_by` and `confirmed_by` are accounts; nobody
    has confirmed it yet where `confirmed_at` is None.
    """

    kind: PayeeKind
    legal_name: str = field(repr=False)
    bank_spelling: str | None = field(repr=False)
    account: str = field(repr=False)
    bank: str
    identity_number: str = field(repr=False)
    recorded_by: int | None
    confirmed_by: int | None
    confirmed_at: datetime | None

    @property
    def name_at_bank(self) -> str:
        """The name that the bank is told."""
        return self.bank_spelling or self.legal_name

    @property
    def digest(self) -> str:
        """64 hex digits, keyed, of all that decides who gets the money."""
        return digests([self])[0]


def digests(payees: Iterable[Payee]) -> list[str]:
    """The digest of each; the key is taken in once."""
    digest = crypto.digester("payee of a payable")
    said = []
    for payee in payees:
        parts = [getattr(payee, name) or "" for name in _PARTS]
        whole = json.dumps([str(payee.kind), *parts], ensure_ascii=False)
        pieces = [digest(whole).hex()[:_WHOLE]]
        for name, part in zip(_PARTS, parts, strict=True):
            pieces.append(digest(f"{name}\0{part}").hex()[:_PART])
        said.append("".join(pieces))
    return said


def changed(before: str, now: str) -> list[str]:
    """What of the payee is another than when the first digest was taken, in words; nothing where nothing is."""
    if before[:_WHOLE] == now[:_WHOLE]:
        return []
    named = []
    for place, label in enumerate(_PARTS.values()):
        start = _WHOLE + place * _PART
        if before[start : start + _PART] != now[start : start + _PART]:
            named.append(label)
    return named or ["收款对象类别"]


Provider = Callable[[Collection[int]], Mapping[int, Payee]]
_PROVIDERS: dict[str, Provider] = {}


def register_payees(kind: str, provider: Provider) -> None:
    """A programme says who is paid for its kind of case. ValueError where somebody else does already."""
    if _PROVIDERS.get(kind, provider) is not provider:
        raise ValueError(f"who is paid for cases of {kind} is said by somebody already")
    _PROVIDERS[kind] = provider


def payees_of(case_ids: Collection[int]) -> dict[int, Payee]:
    """The payee of each case that has one; each programme is asked once."""
    by_kind: dict[str, list[int]] = {}
    for case_id, kind in Case.objects.filter(pk__in=case_ids).values_list("pk", "kind"):
        by_kind.setdefault(kind, []).append(case_id)
    payees: dict[int, Payee] = {}
    for kind in sorted(by_kind.keys() & _PROVIDERS.keys()):
        payees.update(_PROVIDERS[kind](by_kind[kind]))
    return payees
