"""Whom the pages ask for a factor: somebody whose password was right, or somebody who is about to change their own."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from portal import audit
from portal.accounts import signing_in
from portal.accounts.homes import homes
from portal.accounts.models import User
from portal.accounts.second_factor import pending
from portal.accounts.second_factor.required import FACTOR, first_page

# In a session: where the change is that a factor was asked for again, and when one was given.
_CHANGE = "factor_again_for"
_GIVEN = "factor_again_at"
AGAIN_SECONDS = 900
# What whoever has no factor gives before adding the first one: it is none itself.
PASSWORD = "password"  # noqa: S105 - the name of a kind


@dataclass(frozen=True)
class Asked:
    user: User
    next: str
    signs_in: bool


def whom(request: HttpRequest) -> Asked | None:
    """None when nobody is asked for anything: the page leads away then."""
    if request.user.is_authenticated:
        wanted = request.session.get(_CHANGE, "")
        return Asked(request.user, wanted, signs_in=False) if wanted else None
    state = pending.read(request)
    if state is None or state.passed:
        return None
    return Asked(state.user, state.next, signs_in=True)


def away(request: HttpRequest) -> HttpResponse:
    """Where one goes who is not asked: the login, or the list of one's own."""
    return redirect("accounts:factors" if request.user.is_authenticated else "accounts:login")


@transaction.atomic
def passed(request: HttpRequest, asked: Asked, kind: str) -> HttpResponse:
    """On with who has given a factor: their session begins, or they go on with the change."""
    audit.record("factor.accept", by=asked.user, obj=asked.user, detail={"kind": kind})
    if asked.signs_in:
        return begin_session(request, asked.user, kind, asked.next)
    if kind != PASSWORD:
        note(request, kind)
    request.session[_GIVEN] = int(time.time())
    return redirect(request.session.pop(_CHANGE))


def begin_session(request: HttpRequest, user: User, kind: str, wanted: str) -> HttpResponse:
    pending.end(request)
    signing_in.begin(request, user, "account.login")
    note(request, kind)
    return redirect(wanted or reverse(homes(user)[0][1]))


def note(request: HttpRequest, kind: str) -> None:
    """That the session has this factor, from now on."""
    request.session[FACTOR] = {"kind": kind, "at": int(time.time())}


def ask_again(request: HttpRequest, user: User, change: str) -> HttpResponse | None:
    """Where to give a factor before this change; None when one was given for it. Who has none gives the password."""
    if time.time() - request.session.get(_GIVEN, 0) <= AGAIN_SECONDS:
        return None
    request.session[_CHANGE] = change
    return redirect(first_page(request, user) or "accounts:factor_password")


def changed(request: HttpRequest) -> None:
    """The next change asks again."""
    request.session.pop(_GIVEN, None)
