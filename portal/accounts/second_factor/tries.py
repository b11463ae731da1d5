"""How often a code is tried. Counted before it is looked at, right or wrong; only who knows the password gets here."""

from __future__ import annotations

from django.http import HttpRequest

from portal import audit
from portal.accounts.models import User
from portal.accounts.tries import place_of
from portal.throttle import Limit, wait_of_first_spent

# Three of a million codes are right at a time: a hundred tries leave less than one in three thousand a day.
OF_ACCOUNT = Limit("factor-account", 10, 900)
OF_ACCOUNT_A_DAY = Limit("factor-account-day", 100, 86_400)
# A whole office may sit behind one address.
OF_ADDRESS = Limit("factor-address", 300, 3600)
# That it was too often is written down once in that time.
_TOLD = Limit("factor-refused", 1, 900)


class TooManyCodes(Exception):
    """Too many codes; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} s")


def count(request: HttpRequest, user: User) -> None:
    """Count one try of `user`. Raises TooManyCodes."""
    one = str(user.pk)
    # Of the first that is spent the others are not used up.
    wait = wait_of_first_spent([(OF_ADDRESS, place_of(request)), (OF_ACCOUNT, one), (OF_ACCOUNT_A_DAY, one)])
    if not wait:
        return
    if not _TOLD.wait(one):
        audit.record("factor.refused", by=None, obj=user)
    raise TooManyCodes(wait)
