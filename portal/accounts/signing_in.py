"""The one way in, for pages, the API and whatever comes: a try is counted, then looked at, then audited.

`check_password` says whose name and password these are; `begin` gives a session, after the second factor where
there is one. Nothing else does either.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any, cast

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from portal import audit
from portal.accounts import browsers, failures, hashing, sessions, tokens, tries
from portal.accounts.models import User
from portal.accounts.names import account_name, name_digest
from portal.accounts.session_store import ADDRESS, BROWSER, SINCE, digest_of
from portal.accounts.tries import Busy, TooOften
from portal.audit.middleware import client_address
from portal.throttle import Limit

__all__ = ["BACKEND", "Busy", "TooOften", "begin", "check_password", "keep_after_change", "sign_out"]

BACKEND = "portal.accounts.backends.ActiveUserBackend"
# What was typed as the name, as a digest, from the password until the session begins.
_TYPED = "signing_in_as"


# Of one's own password, by whoever is signed in: in one session, and in all of an account.
_WRONG_IN_SESSION = Limit("own-password-session", 5)
_WRONG_OF_ACCOUNT = Limit("own-password-account", 20)


def check_password(request: HttpRequest, username: str, password: str) -> User | None:
    """Whose name and password these are, or None. Raises TooOften. Begins no session.

    Tries are counted under what was typed, before anything is looked up or computed: a name that nobody has takes
    as long as any other.
    """
    typed = name_digest(username)
    try:
        tried = tries.counted(request, typed)
    except TooOften:
        failures.refused(username, tries.place_of(request))
        raise
    with closing(tried), hashing.behind_others(tried.stranger):
        name = account_name(username)
        user = cast("User | None", auth.authenticate(request, username=name, password=password))
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


def may_try_own_password(request: HttpRequest) -> bool:
    """Whether somebody signed in may give their own password once more: a session that somebody else has got hold of
    is no place to guess.
    """
    session, account = _own(request)
    return not (_WRONG_IN_SESSION.wait_if_spent(session) or _WRONG_OF_ACCOUNT.wait_if_spent(account))


def own_password_was_wrong(request: HttpRequest) -> bool:
    """Count and audit it. After too many the session is over: True."""
    user: Any = request.user
    session, account = _own(request)
    _WRONG_IN_SESSION.wait(session)
    _WRONG_OF_ACCOUNT.wait(account)
    over = not may_try_own_password(request)
    audit.record("account.password_wrong", by=user, obj=user, detail={"ended": over})
    if over:
        sign_out(request)
    return over


def _own(request: HttpRequest) -> tuple[str, str]:
    return digest_of(request.session.session_key), str(request.user.pk)


def minutes_locked() -> int:
    """For how long too many wrong passwords close a name for whoever tried them."""
    return int(settings.LOGIN_LOCK_MINUTES)
