"""What comes after the password."""

from __future__ import annotations

from django.http import HttpRequest

from portal.accounts.models import User


def next_step(request: HttpRequest, user: User) -> str | None:
    """Where somebody whose password was right has to go before a session begins; None when it begins at once."""
    return None
