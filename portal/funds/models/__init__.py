"""Funds, what they may pay, their lines, and the ledger of every move of money."""

from portal.funds.models.closings import Closing, LineClosing
from portal.funds.models.funds import AuthorisingDocument, DocumentKind, Fund, FundRule, Line, PayeeKind, Use
from portal.funds.models.ledger import (
    Approval,
    Balance,
    LedgerMove,
    Order,
    OrderApproval,
    Payable,
    Threshold,
    Transfer,
)
from portal.funds.models.revocations import Revocation
from portal.funds.models.waiting import AwaitingMoney

__all__ = [
    "Approval",
    "AuthorisingDocument",
    "AwaitingMoney",
    "Balance",
    "Closing",
    "DocumentKind",
    "Fund",
    "FundRule",
    "LedgerMove",
    "Line",
    "LineClosing",
    "Order",
    "OrderApproval",
    "Payable",
    "PayeeKind",
    "Revocation",
    "Threshold",
    "Transfer",
    "Use",
]
