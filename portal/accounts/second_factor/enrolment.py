"""Pages of the first sign-in: the code of two administrators, the first device, the recovery codes, the session."""

from __future__ import annotations

from base64 import b64decode, b64encode
from contextlib import suppress

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal import audit, crypto
from portal.accounts.access import NotNow
from portal.accounts.activation import CodeRefused
from portal.accounts.models import User
from portal.accounts.second_factor import actions, asked, codes, pending, tries
from portal.accounts.second_factor.forms import NewTotpForm, PaperCodeForm
from portal.accounts.second_factor.pictures import picture
from portal.accounts.second_factor.required import first_page
from portal.accounts.second_factor.views import crumbs, page, too_many
from portal.shown_once import once

_SECRET = "second_factor_secret"  # noqa: S105 - the name of a place in the session


def kept_secret(request: HttpRequest) -> str:
    """The secret that is being set up: the same until a code of it is given. The session holds it encrypted."""
    kept = request.session.get(_SECRET)
    if kept:
        # What an earlier release encrypted opens no more: then it is a new secret.
        with suppress(crypto.Undecipherable):
            return crypto.decrypt(b64decode(kept), purpose=crypto.Purpose.SESSIONS, bound_to=_SECRET.encode())
    secret = codes.new_secret()
    sealed = crypto.encrypt(secret, purpose=crypto.Purpose.SESSIONS, bound_to=_SECRET.encode())
    request.session[_SECRET] = b64encode(sealed).decode()
    return secret


def forget_secret(request: HttpRequest) -> None:
    request.session.pop(_SECRET, None)


def about_device(request: HttpRequest, user: User) -> dict[str, str]:
    """What an authenticator program is told, as a picture and as text."""
    secret = kept_secret(request)
    return {
        "qr": picture(codes.address_of_secret(user, secret)),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "issuer": codes.ISSUER,
    }


def add_device(request: HttpRequest, user: User, form: NewTotpForm, *, release: int = 0) -> bool:
    """Whether the device was added, the first one with its `release`; otherwise the form says why not. CodeRefused."""
    entered = {"secret": kept_secret(request), **form.cleaned_data}
    try:
        if release:
            actions.enrol(user, release, **entered)
        else:
            actions.add_totp(user, **entered)
    except CodeRefused:
        raise
    except NotNow as problem:
        is_name = str(problem) == actions.SAME_NAME
        form.add_error("name" if is_name else "code", str(problem))
        return False
    forget_secret(request)
    return True


@page
def enrol(request: HttpRequest) -> HttpResponse:
    state = pending.read(request)
    if state is None or state.passed:
        return asked.away(request)
    if first_page(request, state.user):
        return redirect("accounts:factor")
    if state.enrols:
        return redirect("accounts:factor_enrol_app")
    form = PaperCodeForm(request.POST if request.method == "POST" else None, label="一次性代码")
    if request.method == "POST" and form.is_valid():
        try:
            tries.count(request, state.user)
            release = actions.allow_enrolment(state.user, form.cleaned_data["code"])
        except tries.TooManyCodes as often:
            return too_many(request, often)
        except CodeRefused as refused:
            audit.record("factor.failed", by=None, obj=state.user, detail={"kind": "enrol"})
            form.add_error("code", str(refused))
        else:
            pending.change(request, state, enrols=release)
            return redirect("accounts:factor_enrol_app")
    context = {
        "title": "首次登录：登记第二重验证",
        "crumbs": crumbs("登记第二重验证"),
        "form": form,
    }
    return render(request, "accounts/second_factor/enrol.html", context)


@page
def app(request: HttpRequest) -> HttpResponse:
    """The first device. Only who used a code gets here, and only while there is none."""
    state = pending.read(request)
    if state is None or not state.enrols or state.passed:
        return asked.away(request)
    form = NewTotpForm(request.POST if request.method == "POST" else None, initial={"name": "我的验证器"})
    if request.method == "POST" and form.is_valid():
        try:
            tries.count(request, state.user)
        except tries.TooManyCodes as often:
            return too_many(request, often)
        try:
            added = add_device(request, state.user, form, release=state.enrols)
        except CodeRefused as refused:
            pending.change(request, state, enrols=0)
            messages.error(request, str(refused))
            return redirect("accounts:factor_enrol")
        if added:
            pending.change(request, state, enrols=0, passed="totp")
            return _codes(request, state.user)
    context = {
        "title": "登记验证器",
        "crumbs": crumbs("登记第二重验证"),
        "form": form,
        **about_device(request, state.user),
    }
    # With the secret on it: no answer of this page is kept.
    return once(render(request, "accounts/second_factor/app.html", context))


def _codes(request: HttpRequest, user: User, *, new: bool = True) -> HttpResponse:
    context = {
        "title": "请保存恢复码",
        "crumbs": crumbs("登记第二重验证"),
        "account": user,
        "codes": codes.new_recovery_codes(user) if new else [],
        "begins": True,
    }
    return once(render(request, "accounts/second_factor/codes.html", context))


@page
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Shown once; who reloads the page gets other ones on request."""
    state = pending.read(request)
    if state is None or not state.passed:
        return asked.away(request)
    return _codes(request, state.user, new=request.method == "POST")


@page
def done(request: HttpRequest) -> HttpResponse:
    """The codes are put away: the session begins."""
    state = pending.read(request)
    if state is None or not state.passed:
        return asked.away(request)
    if request.method != "POST":
        return redirect("accounts:factor_enrol_codes")
    audit.record("factor.accept", by=state.user, obj=state.user, detail={"kind": state.passed})
    return asked.begin_session(request, state.user, state.passed, state.next)
