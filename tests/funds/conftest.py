"""A fund of employment subsidies in 鄂托克旗 with 1,000,000 yuan on one line, and who keeps it: 周会计 and a colleague record
and post, 孙立新 and a colleague approve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.accounts.roles import Role
from portal.funds.moves import MoveCode
from tests.cast import OTOG, REGION, make_account, make_worker

YEAR = (date(2020, 1, 1), date(2099, 12, 31))


@dataclass
class Office:
    """The people who keep money."""

    finance: Any
    second_finance: Any
    approver: Any
    second_approver: Any


@pytest.fixture
def office(cast: Callable[[str], Any]) -> Office:
    return Office(
        finance=cast("finance_officer"),
        second_finance=make_account("region.finance2", "吴会计", Role.FINANCE_OFFICER, REGION),
        approver=cast("approver"),
        second_approver=make_account("region.approver2", "那日苏", Role.APPROVER, REGION),
    )


def confirmed_document(office: Office, *, fund: str = "employment_subsidy_fund", **said: Any) -> Any:
    """An 指标文 over 1,000,000 yuan for 鄂托克旗, recorded by one and confirmed by another."""
    from portal.funds import lines
    from portal.funds.models import DocumentKind, Fund

    amount = said.pop("amount", Decimal(1_000_000))
    given = {
        "kind": DocumentKind.INDICATOR,
        "number": "合成财社〔2026〕1号",
        "title": "下达就业补助资金的通知",
        "issuer": "合成财政局",
        "issued_on": date(2026, 1, 15),
    }
    region = said.pop("region", OTOG)
    document = lines.record_document(
        Fund.objects.get(pk=fund), said=given | said, amount=amount, region=region, by=office.finance
    )
    return lines.confirm_document(document.pk, by=office.second_finance)


def opened(office: Office, document: Any, *, use: str = "training", usable: tuple[date, date] = YEAR) -> Any:
    from portal.funds import lines

    return lines.open_line(
        document, use=use, region=document.region_id, year=2026, usable=usable, by=office.finance
    )


def ordered(office: Office, move: str, line: Any, amount: Decimal, **more: Any) -> Any:
    """An order that both approvers approved, carried out."""
    from portal.funds import ledger

    made = ledger.order(move, line, amount=amount, reason="年初下达", by=office.finance, **more)
    for approver in (office.approver, office.second_approver):
        ledger.approve_order(made.pk, by=approver)
    return ledger.carry_out(made.pk, by=office.finance)


@pytest.fixture
def line(office: Office) -> Any:
    document = confirmed_document(office)
    line = opened(office, document)
    ordered(office, "appropriate", line, Decimal(1_000_000), document=document)
    return line


@pytest.fixture
def cases() -> Callable[[int], list[Any]]:
    """So many cases of the house: of people of 鄂托克旗, who ask for a rectification."""
    from portal.cases.opening import NewCase, open_cases
    from portal.entitlements.workflow import RECTIFICATION

    def make(count: int) -> list[Any]:
        new = [NewCase(OTOG, make_worker().pk, "更正") for _ in range(count)]
        return open_cases(RECTIFICATION, new, by=None, on=date(2026, 11, 16))

    return make


@pytest.fixture
def drawn(office: Office, line: Any, cases: Callable[[int], list[Any]]) -> Callable[..., list[Any]]:
    """Payables of these sums on the line, one for each case."""

    def make(
        *amounts: int, payee_kind: str = "person", on: Any = None, payee_digest: Any = lambda case: "p" * 64
    ) -> list[Any]:
        from portal.funds import ledger

        shares = [
            ledger.Draw(case.pk, Decimal(amount), payee_kind, "c" * 64, payee_digest(case.pk))
            for case, amount in zip(cases(len(amounts)), amounts, strict=True)
        ]
        return ledger.draw(on or line, shares, by=office.finance)

    return make


def committed_by(office: Office, payables: list[Any]) -> None:
    """Reserved, approved by both, and committed, posted by the colleague."""
    from portal.funds import ledger

    numbers = [payable.pk for payable in payables]
    ledger.move(numbers, MoveCode.RESERVE, by=office.second_finance)
    for approver in (office.approver, office.second_approver):
        ledger.approve(numbers, MoveCode.COMMIT, by=approver)
    ledger.move(numbers, MoveCode.COMMIT, by=office.second_finance)


@pytest.fixture
def batching(office: Office, cast: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Batches of payables of the house's cases, whose payees are said by the test."""
    from portal.entitlements.workflow import RECTIFICATION
    from portal.funds import payees
    from tests.funds.batching import Accounts, Batching

    accounts = Accounts(cast("clerk"), cast("reviewer"))
    monkeypatch.setattr(payees, "_PROVIDERS", {RECTIFICATION: accounts.provide})
    third = make_account("region.finance3", "郑会计", Role.FINANCE_OFFICER, REGION)
    return Batching(office, third, accounts)


@pytest.fixture
def approved(office: Office, drawn: Callable[..., list[Any]], batching: Any) -> Callable[..., list[Any]]:
    """Payables of these sums that were approved, each with the digest of who is paid."""

    def make(*amounts: int, **said: Any) -> list[Any]:
        payables = drawn(*amounts, payee_digest=lambda case: batching.accounts.payee(case).digest, **said)
        committed_by(office, payables)
        return payables

    return make


@pytest.fixture
def recovering(office: Office, batching: Any, cast: Callable[[str], Any]) -> Any:
    """Recoveries, and what the bank says of them."""
    from tests.funds.recovering import Recovering

    return Recovering(office, batching, cast("supervisor"))


@pytest.fixture
def fallen(paid: Any, recovering: Any) -> Any:
    """Payments whose approval was revoked after they were paid."""

    def make(*amounts: int) -> list[Any]:
        return recovering.fallen(paid(*amounts))

    return make


@pytest.fixture
def paid(approved: Callable[..., list[Any]], batching: Any) -> Callable[..., list[Any]]:
    """Payables of these sums that the bank paid out."""
    from tests.funds.recovering import paid_by_the_bank

    def make(*amounts: int, **said: Any) -> list[Any]:
        return paid_by_the_bank(batching, approved(*amounts, **said))

    return make
