"""Pages that ask for a factor: the code of a program, a passkey, a recovery code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.accounts import signing_in
from portal.accounts.activation import CodeRefused
from portal.accounts.second_factor import actions, asked, codes, passkeys, pending, tries
from portal.accounts.second_factor.asked import Asked
from portal.accounts.second_factor.forms import AnswerForm, PaperCodeForm, PasswordAgainForm, TotpForm
from portal.accounts.second_factor.hosts import host_for_passkeys, why_no_passkeys

View = Callable[..., HttpResponse]


def page(view: View) -> View:
    """What all of these pages have: nothing of them is kept or logged, and HEAD asks as GET does."""
    guarded = require_http_methods(["GET", "HEAD", "POST"])(view)
    return sensitive_post_parameters()(never_cache(guarded))


def too_many(request: HttpRequest, often: tries.TooManyCodes) -> HttpResponse:
    context = {
        "title": "尝试次数过多",
        "minutes": -(-often.seconds // 60),
    }
    response = render(request, "accounts/second_factor/too_many.html", context, status=429)
    response["Retry-After"] = str(often.seconds)
    return response


def crumbs(title: str) -> list[tuple[str, str]]:
    return [("首页", "/"), ("登录", reverse("accounts:login")), (title, "")]


def _ways(request: HttpRequest, has: codes.Factors, here: str) -> list[tuple[str, str]]:
    """(words, address) of the other ways to answer."""
    ways = {
        "accounts:factor": ("使用动态验证码", has.app),
        "accounts:factor_passkey": ("使用通行密钥", host_for_passkeys(request) in has.hosts),
        "accounts:factor_recovery": ("使用恢复码", has.recovery),
    }
    return [(words, reverse(name)) for name, (words, there) in ways.items() if there and name != here]


def _show(request: HttpRequest, one: Asked, here: str, **context: Any) -> HttpResponse:
    has = codes.factors_of(one.user)
    context |= {
        "crumbs": crumbs(context["title"]),
        "ways": _ways(request, has, here),
        "signs_in": one.signs_in,
        "account": one.user,
        "no_passkeys": why_no_passkeys(request) if has.hosts else "",
    }
    return render(request, "accounts/second_factor/ask.html", context)


def _too_often(request: HttpRequest, one: Asked) -> HttpResponse | None:
    """Counts a try before it is looked at; the answer when there were too many."""
    try:
        tries.count(request, one.user)
    except tries.TooManyCodes as often:
        return too_many(request, often)
    return None


def _refused(one: Asked, kind: str) -> None:
    audit.record("factor.failed", by=None, obj=one.user, detail={"kind": kind})


@page
def totp(request: HttpRequest) -> HttpResponse:
    one = asked.whom(request)
    if one is None:
        return asked.away(request)
    form = TotpForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if refusal := _too_often(request, one):
            return refusal
        if codes.take_totp(one.user, form.cleaned_data["code"]):
            return asked.passed(request, one, "totp")
        _refused(one, "totp")
        form.add_error("code", "动态验证码不正确或已用过。请等验证器显示下一个数字后再填。")
    return _show(request, one, "accounts:factor", title="输入动态验证码", form=form)


@page
def recovery(request: HttpRequest) -> HttpResponse:
    one = asked.whom(request)
    if one is None:
        return asked.away(request)
    form = PaperCodeForm(request.POST if request.method == "POST" else None, label="恢复码")
    if request.method == "POST" and form.is_valid():
        if refusal := _too_often(request, one):
            return refusal
        if codes.take_recovery(one.user, form.cleaned_data["code"]):
            left = codes.recovery_codes_left(one.user)
            answer = asked.passed(request, one, "recovery")
            messages.warning(request, f"恢复码已使用一个，还剩{left}个。可在“登录验证方式”中重新生成。")
            return answer
        _refused(one, "recovery")
        form.add_error("code", "恢复码不正确或已用过。")
    return _show(request, one, "accounts:factor_recovery", title="使用恢复码", form=form)


@page
def passkey(request: HttpRequest) -> HttpResponse:
    one = asked.whom(request)
    if one is None:
        return asked.away(request)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if refusal := _too_often(request, one):
            return refusal
        if passkeys.take_passkey(request, one.user, form.cleaned_data["answer"]):
            return asked.passed(request, one, "passkey")
        _refused(one, "passkey")
        form = AnswerForm()
        messages.error(request, "通行密钥没有通过验证，请重试，或改用其他方式。")
    why_not = why_no_passkeys(request)
    return _show(
        request,
        one,
        "accounts:factor_passkey",
        title="使用通行密钥",
        form=form,
        passkey=not why_not,
        options="" if why_not else passkeys.ask(request, one.user),
    )


@page
def password_again(request: HttpRequest) -> HttpResponse:
    """Who has no factor yet gives the password before adding the first one."""
    one = asked.whom(request)
    if one is None or one.signs_in:
        return asked.away(request)
    form = PasswordAgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            right = signing_in.check_password(request, one.user.username, form.cleaned_data["password"])
        except signing_in.TooOften as often:
            return too_many(request, tries.TooManyCodes(often.seconds))
        if right is not None and right.pk == one.user.pk:
            return asked.passed(request, one, asked.PASSWORD)
        form.add_error("password", "密码不正确。")
    return _show(request, one, "accounts:factor_password", title="请再次输入密码", form=form)


@page
def lost(request: HttpRequest) -> HttpResponse:
    """The device is gone: with a code of two administrators all there was is removed, and a new one is added."""
    state = pending.read(request)
    if state is None or state.passed:
        return asked.away(request)
    form = PaperCodeForm(request.POST if request.method == "POST" else None, label="一次性代码")
    if request.method == "POST" and form.is_valid():
        try:
            tries.count(request, state.user)
            release = actions.replace_lost(state.user, form.cleaned_data["code"])
        except tries.TooManyCodes as often:
            return too_many(request, often)
        except CodeRefused as refused:
            audit.record("factor.failed", by=None, obj=state.user, detail={"kind": "factor-lost"})
            form.add_error("code", str(refused))
        else:
            pending.change(request, state, enrols=release)
            return redirect("accounts:factor_enrol_app")
    context = {
        "title": "验证方式遗失",
        "crumbs": crumbs("验证方式遗失"),
        "form": form,
    }
    return render(request, "accounts/second_factor/lost.html", context)
