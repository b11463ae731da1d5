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
from portal.funds.models.court_documents import CourtDocument, CourtPaper
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
from portal.funds.models.recoveries import (
    Heard,
    Instalment,
    Recovery,
    RecoveryCause,
    RecoveryHearing,
    RecoveryState,
    Way,
)
from portal.funds.models.recovery_plans import ChangedInstalment, PlanChange
from portal.funds.models.recovery_shares import (
    CourtHandover,
    PayableSplit,
    RecoveryShare,
    Reminder,
    ShareKind,
    WriteOff,
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
    "ChannelRule",
    "ChangedInstalment",
    "Closing",
    "CourtDocument",
    "CourtHandover",
    "CourtPaper",
    "DailySeal",
    "DocumentKind",
    "Fund",
    "FundRule",
    "Heard",
    "Instalment",
    "Item",
    "ItemPayee",
    "ItemState",
    "LedgerMove",
    "Line",
    "LineClosing",
    "NoticeRule",
    "Order",
    "OrderApproval",
    "Outcome",
    "Payable",
    "PayableSplit",
    "PayeeKind",
    "PaymentFile",
    "PlanChange",
    "Recovery",
    "RecoveryCause",
    "RecoveryHearing",
    "RecoveryShare",
    "RecoveryState",
    "Reminder",
    "Revocation",
    "ShareKind",
    "SignatureThreshold",
    "Step",
    "Threshold",
    "Transfer",
    "Use",
    "Way",
    "Withdrawal",
    "WriteOff",
]
