"""The only code that writes down, corrects and ends what the register knows about people and units.

Each action is permission + lock + re-check + effect + audit in one transaction, whoever calls it: a page, the
API, a job. Refusals are `portal.accounts.access.Refused` (who), `NotNow` (what, or not now) and Django's
`ValidationError` (which field), each with a message for the person.
"""

from portal.accounts.access import NotNow
from portal.workforce.actions.agents import accounts_in_role_of, appoint_agent, dismiss_agent
from portal.workforce.actions.changing import (
    confirm_change,
    refuse_change,
    remove_by_decision,
    withdraw_change,
)
from portal.workforce.actions.documents import (
    attach_document,
    documents_counted,
    documents_of,
    keep_document,
    may_hand_in,
    open_document,
    open_original_document,
    remove_document,
)
from portal.workforce.actions.employers import correct_employer, create_employer
from portal.workforce.actions.honours import record_honour, refute_honour, verify_honour, withdraw_honour
from portal.workforce.actions.locking import Stale, derive, version_of
from portal.workforce.actions.payees import (
    confirm_payee,
    propose_own_payee,
    propose_payee,
    refuse_payee,
    withdraw_own_payee,
    withdraw_payee,
)
from portal.workforce.actions.plausibility import Unexplained, review_improbable
from portal.workforce.actions.pointers import (
    confirm_pointer,
    propose_pointer,
    propose_undoing,
    refuse_pointer,
    settle_finding,
)
from portal.workforce.actions.records import end_record, remove_record, save_record
from portal.workforce.actions.taken_numbers import AlreadyRegistered
from portal.workforce.actions.unmasking import reveal, review_unmasking
from portal.workforce.actions.verifying import confirm_record, refute_record
from portal.workforce.actions.workers import correct_worker, create_worker

__all__ = [
    "AlreadyRegistered",
    "NotNow",
    "Stale",
    "Unexplained",
    "accounts_in_role_of",
    "appoint_agent",
    "attach_document",
    "confirm_change",
    "confirm_payee",
    "confirm_pointer",
    "confirm_record",
    "correct_employer",
    "correct_worker",
    "create_employer",
    "create_worker",
    "derive",
    "dismiss_agent",
    "documents_counted",
    "documents_of",
    "end_record",
    "keep_document",
    "may_hand_in",
    "open_document",
    "open_original_document",
    "propose_own_payee",
    "propose_payee",
    "propose_pointer",
    "propose_undoing",
    "record_honour",
    "remove_by_decision",
    "remove_document",
    "refuse_change",
    "refuse_payee",
    "refuse_pointer",
    "refute_honour",
    "refute_record",
    "remove_record",
    "reveal",
    "review_improbable",
    "review_unmasking",
    "save_record",
    "settle_finding",
    "verify_honour",
    "version_of",
    "withdraw_change",
    "withdraw_honour",
    "withdraw_own_payee",
    "withdraw_payee",
]
