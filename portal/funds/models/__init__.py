"""Funds, what they may pay, their lines, and the ledger of every move of money."""

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

__all__ = [
    "Approval",
    "AuthorisingDocument",
    "Balance",
    "DocumentKind",
    "Fund",
    "FundRule",
    "LedgerMove",
    "Line",
    "Order",
    "OrderApproval",
    "Payable",
    "PayeeKind",
    "Threshold",
    "Transfer",
    "Use",
]
