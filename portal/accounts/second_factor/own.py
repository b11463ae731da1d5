"""One's own list: what one signs in with besides the password. Each change asks for a factor again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from portal.accounts.access import NotNow, can
from portal.accounts.homes import homes
from portal.accounts.second_factor import actions, asked, codes, passkeys, tries
from portal.accounts.second_factor.enrolment import about_device, add_device
from portal.accounts.second_factor.forms import NameForm, NewPasskeyForm, NewTotpForm
from portal.accounts.second_factor.hosts import why_no_passkeys
from portal.accounts.second_factor.required import FACTOR, is_required
from portal.accounts.second_factor.views import page, too_many
from portal.shown_once import once

View = Callable[..., HttpResponse]
LIST = "登录验证方式"


def own_page(view: View) -> View:
    """A page of whoever is signed in."""
    return page(login_required(view))


def _change(view: View) -> View:
    """A page that changes something: a factor is asked for first, for this one change."""

    @wraps(view)
    def again_first(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        back = request.get_full_path()
        return asked.ask_again(request, request.user, back) or view(request, *args, **kwargs)  # type: ignore[arg-type]

    return own_page(again_first)


def _frame(request: HttpRequest, title: str) -> dict[str, Any]:
    user: Any = request.user
    home, address = homes(user)[0]
    above = [] if title == LIST else [(LIST, reverse("accounts:factors"))]
    return {
        "title": title,
        "crumbs": [(home, reverse(address)), *above, (title, "")],
        "base": "base_staff.html" if can(user, "window.use") else "base_public.html",
        "account": user,
    }


@own_page
def factors(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    devices = [("app", "验证器", device, device.confirmed_at) for device in user.totp_devices.all()]
    keys = [("passkey", "通行密钥", key, key.added_at) for key in user.passkeys.all()]
    context = _frame(request, LIST) | {
        "factors": [
            {"kind": kind, "kind_label": label, "factor": factor, "since": since}
            for kind, label, factor, since in [*devices, *keys]
        ],
        "codes_left": codes.recovery_codes_left(user),
        "required": is_required(user),
        "no_passkeys": why_no_passkeys(request),
    }
    return render(request, "accounts/second_factor/factors.html", context)


def _after_adding(request: HttpRequest) -> HttpResponse:
    """Who had no factor has one now: their recovery codes are shown."""
    asked.changed(request)
    messages.success(request, "已添加。下次登录时即可使用。")
    if codes.recovery_codes_left(request.user):  # type: ignore[arg-type]
        return redirect("accounts:factors")
    return _show_codes(request)


def _show_codes(request: HttpRequest) -> HttpResponse:
    context = _frame(request, "请保存恢复码") | {
        "codes": codes.new_recovery_codes(request.user),  # type: ignore[arg-type]
    }
    return once(render(request, "accounts/second_factor/codes.html", context))


@_change
def new_app(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = NewTotpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            tries.count(request, user)
        except tries.TooManyCodes as often:
            return too_many(request, often)
        if add_device(request, user, form):
            if FACTOR not in request.session:
                asked.note(request, "totp")
            return _after_adding(request)
    context = _frame(request, "添加验证器") | {
        "form": form,
        **about_device(request, user),
    }
    return once(render(request, "accounts/second_factor/app.html", context))


@_change
def new_passkey(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    form = NewPasskeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = passkeys.made(request, form.cleaned_data["answer"])
            actions.add_passkey(user, name=form.cleaned_data["name"], made=made)
        except passkeys.NotAnswered:
            form.add_error(None, "浏览器没有完成登记，请重试。")
        except NotNow as problem:
            form.add_error("name", str(problem))
        else:
            if FACTOR not in request.session:
                asked.note(request, "passkey")
            return _after_adding(request)
    why_not = why_no_passkeys(request)
    context = _frame(request, "添加通行密钥") | {
        "form": form,
        "no_passkeys": why_not,
        "options": "" if why_not else passkeys.ask_for_new(request, user),
    }
    return render(request, "accounts/second_factor/passkey_new.html", context)


@_change
def name(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    user: Any = request.user
    found = actions.KINDS[kind].objects.filter(user=user, pk=pk).first()
    if found is None:
        return _gone(request)
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename(user, kind, pk, form.cleaned_data["name"])
        except NotNow as problem:
            form.add_error("name", str(problem))
        else:
            asked.changed(request)
            messages.success(request, "名称已修改。")
            return redirect("accounts:factors")
    context = _frame(request, "修改名称") | {"form": form}
    return render(request, "accounts/second_factor/name.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    messages.error(request, "没有这个验证方式，可能已经移除。")
    return redirect("accounts:factors")


@_change
def remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    user: Any = request.user
    found = actions.KINDS[kind].objects.filter(user=user, pk=pk).first()
    if found is None:
        return _gone(request)
    if request.method == "POST":
        try:
            actions.remove(user, kind, pk)
        except NotNow as problem:
            messages.error(request, str(problem))
        else:
            asked.changed(request)
            messages.success(request, f"“{found.name}”已移除，不能再用它登录。")
        return redirect("accounts:factors")
    context = _frame(request, "移除验证方式") | {"factor": found}
    return render(request, "accounts/second_factor/remove.html", context)


@_change
def new_codes(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    if not (user.totp_devices.exists() or user.passkeys.exists()):
        messages.error(request, "请先添加验证器或通行密钥，再生成恢复码。")
        return redirect("accounts:factors")
    if request.method == "POST":
        asked.changed(request)
        return _show_codes(request)
    return render(request, "accounts/second_factor/codes_new.html", _frame(request, "重新生成恢复码"))
