"""The only code that proposes, decides, and changes the status of an entry.

propose(worker_ids, by=None, on=today)                    who is to be included
confirm(case_id, by=officer, on=today, how="…")           an entry, a fact, two letters
decline / return_for_correction / resubmit / withdraw     the other ways a case goes
change_status(entry_id, Status.SUSPENDED, by=officer, …)  suspend, reinstate, remove
propose_correction / confirm_correction / …               correct what was published wrongly
"""

from talent_registry.actions.correcting import (
    confirm_correction,
    differences_of,
    keep_published,
    propose_correction,
    refuse_correction,
)
from talent_registry.actions.deciding import (
    confirm,
    current_entry,
    decline,
    resubmit,
    return_for_correction,
    withdraw,
    withdraw_unfounded,
)
from talent_registry.actions.proposing import propose, propose_again
from talent_registry.actions.status import change_status

__all__ = [
    "change_status",
    "confirm",
    "confirm_correction",
    "current_entry",
    "decline",
    "differences_of",
    "keep_published",
    "propose",
    "propose_again",
    "propose_correction",
    "refuse_correction",
    "resubmit",
    "return_for_correction",
    "withdraw",
    "withdraw_unfounded",
]
