"""What comes after the password: a code, a passkey or a recovery code; for staff always, for workers who want it.

A session of a real portal's staff says with which factor it began (`factor`); one that does not opens nothing
(portal.accounts.middleware.SecondFactor).
"""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.second_factor import pending
from portal.accounts.second_factor.required import first_page, is_enough, is_required

__all__ = ["is_enough", "is_required", "next_step"]


def next_step(request: HttpRequest, user: User) -> str | None:
    """Where somebody whose password was right has to go before a session begins; None when it begins at once."""
    page = first_page(request, user)
    if page is None and not is_required(user):
        return None
    pending.begin(request, user)
    return reverse(page or "accounts:factor_enrol")
