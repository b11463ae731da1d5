"""Funds, what they may pay, their lines, and the ledger of every move of money."""

from portal.funds.models.answers import Answer, AnswerPhase, BankRow, Cause, CauseText, Outcome
from portal.funds.models.batches import (
    HOLDING,
    Batch,
    BatchState,
    BatchStep,
    Item,
    ItemPayee,
    ItemState,
    PaymentFile,
    Step,
    Withdrawal,
)
from portal.funds.models.channels import BankProfile, Channel, ChannelRule, NoticeRule, SignatureThreshold
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
from portal.funds.models.seals import DailySeal
from portal.funds.models.waiting import AwaitingMoney

__all__ = [
    "HOLDING",
    "Answer",
    "AnswerPhase",
    "Approval",
    "AuthorisingDocument",
    "AwaitingMoney",
    "Balance",
    "BankProfile",
    "BankRow",
    "Batch",
    "BatchState",
    "BatchStep",
    "Cause",
    "CauseText",
    "Channel",
    "DailySeal",
    "ChannelRule",
    "Closing",
    "DocumentKind",
    "Fund",
    "FundRule",
    "Item",
    "ItemPayee",
    "ItemState",
    "LedgerMove",
    "Line",
    "NoticeRule",
    "LineClosing",
    "Order",
    "OrderApproval",
    "Outcome",
    "Payable",
    "PayeeKind",
    "PaymentFile",
    "Revocation",
    "SignatureThreshold",
    "Step",
    "Threshold",
    "Transfer",
    "Use",
    "Withdrawal",
]
