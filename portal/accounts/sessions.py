"""Signing in and out: what is counted, what is refused for how long, what the audit keeps.

Two limits stand side by side. axes locks a user name for an address after settings.AXES_FAILURE_LIMIT
failures; `BY_NAME` and `BY_ADDRESS` bound the guessing that comes from many addresses, or goes over many
names from one.
"""

from __future__ import annotations

import re
import unicodedata
from ipaddress import ip_address
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import auth
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from portal import audit, crypto
from portal.accounts.models import User
from portal.audit.middleware import client_address
from portal.throttle import Limit

BACKEND = "portal.accounts.backends.ActiveUserBackend"
# A whole office may sit behind one address; one person types a wrong password ten times an hour at most.
BY_ADDRESS = Limit("login-address", 600)
BY_NAME = Limit("login-name", 60)


class TooOften(Exception):
    """Too many tries; `seconds` until the next one is looked at."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"wait {seconds} s")


def normal_name(username: str) -> str:
    """A user name as accounts are stored: half-width, without white space around it."""
    return unicodedata.normalize("NFKC", username).strip()


_ID_NUMBER = re.compile(r"\d{17}[\dXx]", re.ASCII)


def account_name(typed: str) -> str:
    """The user name behind what was typed: a worker may give the ID number instead, which is not forgotten.

    What belongs to nobody comes back as it is.
    """
    name = normal_name(typed)
    if not _ID_NUMBER.fullmatch(name):
        return name
    digest = crypto.digest(name.upper(), purpose="id")
    own = User.objects.filter(worker__id_digest=digest, is_active=True)
    found = own.values_list("username", flat=True).first()
    return found or _account_of_merged(digest) or name


# The accounts of all records of the person whose number it is: those in use first, then that of the record with
# the number, then that of the record that stands.
_ACCOUNT_OF_MERGED = """
WITH typed AS (
    SELECT w.id, coalesce(m.target_id, w.id) AS standing
    FROM workforce_worker w LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
    WHERE w.id_digest = %s
)
SELECT u.username
FROM typed t
JOIN workforce_worker r
  ON r.id IN (t.id, t.standing)
  OR r.id IN (SELECT m.source_id FROM workforce_mergedperson m WHERE m.target_id = t.standing)
JOIN accounts_user u ON u.id = r.account_id
ORDER BY u.is_active DESC, r.id = t.id DESC, r.id = t.standing DESC, r.id
LIMIT 1
"""


def _account_of_merged(digest: bytes) -> str:
    """Whoever was registered under two numbers signs in with either, whichever record has the account."""
    with connection.cursor() as cursor:
        cursor.execute(_ACCOUNT_OF_MERGED, [digest])
        row = cursor.fetchone()
    return str(row[0]) if row else ""


def name_digest(username: str) -> str:
    """A user name as failed tries are counted under it."""
    return crypto.digest(normal_name(username).lower(), purpose="login").hex()


def attempt_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under which name axes counts a try: a keyed digest, since people type ID numbers and passwords into
    this field.
    """
    typed = (credentials or {}).get("username") or request.POST.get("username", "")
    return name_digest(typed)


def attempt_address(request: HttpRequest) -> str | None:
    """The address axes counts under; None where there is none (a local socket), never the client's
    own claim.
    """
    try:
        return str(ip_address(client_address(request)))
    except ValueError:
        return None


def seconds_locked(request: HttpRequest, username: str) -> int:
    """How long the name stays locked for this address."""
    attempts = AccessAttempt.objects.filter(
        username=name_digest(username), ip_address=attempt_address(request)
    )
    last_attempt = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    lock_seconds = round(settings.AXES_COOLOFF_TIME * 3600)
    if last_attempt is None:
        return lock_seconds
    passed = int((timezone.now() - last_attempt).total_seconds())
    return max(1, lock_seconds - passed)


def sign_in(request: HttpRequest, username: str, password: str) -> User | None:
    """Sign in with a new session key, or None.

    Raises TooOften. Failures are audited without what was typed.
    """
    # Tries are counted under what was typed: whoever tries out an ID number does not shut out the user name.
    wait = max(BY_ADDRESS.wait(client_address(request)), BY_NAME.wait(normal_name(username).lower()))
    if wait:
        raise TooOften(wait)
    name = account_name(username)
    user = auth.authenticate(request, username=name, password=password)
    if user is None:
        account = User.objects.filter(username=name).first()
        is_locked = bool(getattr(request, "axes_locked_out", False))
        audit.record(
            "account.login_failed",
            by=None,
            obj=account,
            detail={"known": account is not None, "locked": is_locked},
        )
        return None
    begin(request, user, "account.login")
    return user


def begin(request: HttpRequest, user: User, action: str) -> None:
    """Give `user` the session, under a new key, and write `action` into the audit."""
    auth.login(request, user, backend=BACKEND)
    audit.record(action, by=user, obj=user)


def sign_out(request: HttpRequest) -> None:
    """End the session and forget everything in it."""
    if request.user.is_authenticated:
        audit.record("account.logout", by=request.user, obj=request.user)
    auth.logout(request)


def keep_after_change(request: HttpRequest, user: User) -> None:
    """After a change of one's own password: this session goes on under a new key, all others end."""
    auth.update_session_auth_hash(request, user)
