"""One's own account: where one is signed in, and the tokens of the API."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts import sessions, tokens
from portal.accounts.access import NotNow, can
from portal.accounts.forms import TokenForm
from portal.accounts.homes import homes
from portal.accounts.models import User
from portal.accounts.session_store import digest_of
from portal.shown_once import once

SESSIONS, TOKENS = "登录情况", "接口令牌"


def _me(request: HttpRequest) -> User:
    """Who asks; every view here is behind the login."""
    return cast(User, request.user)


def _own_digest(request: HttpRequest) -> str:
    return digest_of(request.session.session_key)


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    """What every page here has: the frame of the person's house, and the way back."""
    home, name = homes(request.user)[0]
    return {
        "title": title,
        "crumbs": [(home, reverse(name)), (title, "")],
        "base": "base_staff.html" if can(request.user, "window.use") else "base_public.html",
    }


@never_cache
@login_required
@require_safe
def own_sessions(request: HttpRequest) -> HttpResponse:
    rows = list(sessions.open_sessions(_me(request)))
    context = {
        **_frame(request, SESSIONS),
        "rows": rows,
        "own": _own_digest(request),
        "others": len(rows) > 1,
        "hours": settings.SESSION_HOURS,
    }
    return render(request, "accounts/sessions.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest) -> HttpResponse:
    try:
        sessions.end(_me(request), request.POST.get("session", "")[:64])
    except NotNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "该登录已结束，从其中领取的令牌同时停用。")
    return redirect("accounts:sessions")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    count = sessions.end_others(_me(request), _own_digest(request))
    messages.success(request, f"已结束其他{count}处登录。" if count else "没有其他登录。")
    return redirect("accounts:sessions")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own_tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that open something; a new one is shown once, in the answer to the form."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = tokens.issue(_me(request), form.cleaned_data["name"], _own_digest(request))
        except NotNow as problem:
            form.add_error(None, str(problem))
        else:
            context = {
                **_frame(request, "令牌已领取"),
                "token": token,
                "text": text,
            }
            return once(render(request, "accounts/token_new.html", context))
    context = {
        **_frame(request, TOKENS),
        "form": form,
        "rows": _me(request).tokens.live(),
        "hours": settings.API_TOKEN_HOURS,
    }
    return render(request, "accounts/tokens.html", context)


@login_required
@require_POST
def end_token(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        token = tokens.end(pk, _me(request))
    except NotNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"令牌“{token.name}”已停用。")
    return redirect("accounts:tokens")
