"""Who has given the right password and no second factor yet. It stands in the session of a stranger: nothing but the
pages of the second factor reads it, and `request.user` stays anonymous.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.models import User

SECONDS = 600
_KEY = "second_factor_of"


@dataclass(frozen=True)
class Pending:
    """`enrols`: the release whose code was typed, with which a first device may be added. `passed`: with which kind of
    factor they have come through, while their recovery codes are still shown.
    """

    user: User
    next: str
    enrols: int = 0
    passed: str = ""


def safe_next(request: HttpRequest) -> str:
    """The address to go on to, if it is one of ours; otherwise nothing."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    fine = wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if fine else ""


def begin(request: HttpRequest, user: User) -> None:
    """From now on, for ten minutes. Under a new key: whoever knew the stranger's session does not know this one."""
    request.session.cycle_key()
    _write(request, Pending(user, safe_next(request)))


def change(request: HttpRequest, now: Pending, **values: Any) -> None:
    """A step further: ten minutes for the next one."""
    _write(request, replace(now, **values))


def _write(request: HttpRequest, state: Pending) -> None:
    request.session[_KEY] = {
        "user": state.user.pk,
        # Changes with the password: a reset meanwhile ends this too.
        "password": state.user.get_session_auth_hash(),
        "at": int(time.time()),
        "next": state.next,
        "release": state.enrols,
        "passed": state.passed,
    }


def read(request: HttpRequest) -> Pending | None:
    """None when there is nobody, it took too long, or the account was changed or disabled meanwhile."""
    kept = request.session.get(_KEY)
    if not kept or time.time() - kept["at"] > SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != kept["password"]:
        return None
    return Pending(user, kept["next"], kept.get("release", 0), kept["passed"])


def end(request: HttpRequest) -> None:
    request.session.pop(_KEY, None)
