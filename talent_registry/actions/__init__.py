"""The only code that proposes, decides, and changes the status of an entry.

propose(worker_ids, by=None, on=today)                    who is to be included
confirm(case_id, by=officer, on=today, how="…")           an entry, a fact, two letters
decline / return_for_correction / resubmit / withdraw     the other ways a case goes
change_status(entry_id, Status.SUSPENDED, by=officer, …)  suspend, reinstate, remove
"""

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
    "current_entry",
    "decline",
    "propose",
    "propose_again",
    "resubmit",
    "return_for_correction",
    "withdraw",
    "withdraw_unfounded",
]
