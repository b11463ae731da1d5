"""Who needs a second factor, and what they have for it."""

from __future__ import annotations

from django.http import HttpRequest

from portal.accounts.access import roles
from portal.accounts.demonstration import is_demonstration
from portal.accounts.models import User
from portal.accounts.roles import STAFF_ROLES
from portal.accounts.second_factor.hosts import host_for_passkeys

# In a session: with which factor it began, and when one was given last.
FACTOR = "factor"
_STAFF = frozenset(STAFF_ROLES)


def is_required(user: User) -> bool:
    """Of everybody who works inside the office, but in a demonstration."""
    return not _STAFF.isdisjoint(roles(user)) and not is_demonstration()


def is_enough(request: HttpRequest) -> bool:
    """Whether the session of the account that is signed in may open anything."""
    return FACTOR in request.session or not is_required(request.user)  # type: ignore[arg-type]


def first_page(request: HttpRequest, user: User) -> str | None:
    """The name of the page that asks for a factor of theirs: None when they have none."""
    if user.totp_devices.exists():
        return "accounts:factor"
    hosts = set(user.passkeys.values_list("host", flat=True))
    if not hosts:
        return None
    return "accounts:factor_passkey" if host_for_passkeys(request) in hosts else "accounts:factor_recovery"
