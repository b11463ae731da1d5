"""The one way in, for pages, the API and whatever comes: a try is counted, then looked at, then audited.

`check_password` says whose name and password these are; `begin` gives a session, after the second factor where
there is one. Nothing else does either.
"""

from __future__ import annotations

import time
from typing import cast

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from portal import audit
from portal.accounts import browsers, failures, sessions, tokens, tries
from portal.accounts.models import User
from portal.accounts.names import account_name, name_digest
from portal.accounts.session_store import ADDRESS, BROWSER, SINCE, digest_of
from portal.accounts.tries import Busy, TooOften
from portal.audit.middleware import client_address

__all__ = ["BACKEND", "Busy", "TooOften", "begin", "check_password", "keep_after_change", "sign_out"]

BACKEND = "portal.accounts.backends.ActiveUserBackend"
# What was typed as the name, as a digest, from the password until the session begins.
_TYPED = "signing_in_as"


def check_password(request: HttpRequest, username: str, password: str) -> User | None:
    """Whose name and password these are, or None. Raises TooOften. Begins no session.

    Tries are counted under what was typed, before anything is looked up or computed: a name that nobody has takes
    as long as any other.
    """
    typed = name_digest(username)
    try:
        tried = tries.count(request, typed)
        with tries.in_turn(tried):
            name = account_name(username)
            user = cast("User | None", auth.authenticate(request, username=name, password=password))
    except TooOften:
        failures.refused(username, tries.place_of(request))
        raise
    if user is None:
        failures.wrong(User.objects.filter(username=name).first(), locked=not tried.left)
        if not tried.left:
            raise TooOften(tried.pause)
        return None
    tries.right(tried)
    if typed != name_digest(user.username):
        request.session[_TYPED] = typed
    return user


def begin(request: HttpRequest, user: User, action: str) -> None:
    """Give `user` the session, under a new key, and write `action` into the audit."""
    typed = request.session.pop(_TYPED, "")
    auth.login(request, user, backend=BACKEND)
    request.session[SINCE] = int(time.time())
    request.session[ADDRESS] = client_address(request)
    request.session[BROWSER] = browsers.in_words(request)
    tries.remember(request, [digest for digest in (name_digest(user.username), typed) if digest])
    audit.record(action, by=user, obj=user)


def sign_out(request: HttpRequest) -> None:
    """End the session and forget everything in it; the tokens issued in it end too."""
    tokens.end_of_sessions([digest_of(request.session.session_key)])
    if request.user.is_authenticated:
        audit.record("account.logout", by=request.user, obj=request.user)
    auth.logout(request)


def keep_after_change(request: HttpRequest, user: User) -> None:
    """After a change of one's own password: this session goes on under a new key, all others end."""
    auth.update_session_auth_hash(request, user)
    sessions.end_others(user, digest_of(request.session.session_key))


def minutes_locked() -> int:
    """For how long too many wrong passwords close a name for whoever tried them."""
    return int(settings.LOGIN_LOCK_MINUTES)
