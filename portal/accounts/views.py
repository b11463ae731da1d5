"""Signing in and out, one's own password, and the first password of a worker."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal import audit
from portal.accounts import refusals, second_factor, signing_in
from portal.accounts.access import NotNow, can
from portal.accounts.actions import WrongPassword, change_password, due_on
from portal.accounts.activation import TRIES_BY_ADDRESS, TRIES_OF_CODE, CodeRefused, activate
from portal.accounts.forms import ActivationForm, LoginForm, PasswordForm, password_rules
from portal.accounts.homes import homes
from portal.accounts.models import User
from portal.accounts.tries import place_of
from portal.addresses import own

HOME = ("首页", "/")


def home_of(user: Any) -> str:
    """Where a person's work begins: the worktable for staff, their own page for everybody else
    (portal.accounts.homes).
    """
    return reverse(homes(user)[0][1])


def _safe_next(request: HttpRequest) -> str:
    """The address to go on to, if it is one of ours; otherwise nothing."""
    return own(request, request.POST.get("next") or request.GET.get("next", ""))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(_safe_next(request) or home_of(request.user))
    form = LoginForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            user = signing_in.check_password(request, **form.cleaned_data)
        except signing_in.TooOften as often:
            return refusals.of_password(request, often)
        if user is not None:
            return _go_on(request, user, _safe_next(request))
        form.add_error(None, "用户名或密码不正确。连续输错后账号会被暂时锁定。")
    timed_out = request.method == "GET" and request.GET.get("timeout")
    wanted = _safe_next(request)
    context = {
        "title": _title_of_login(timed_out=bool(timed_out), wanted=wanted),
        "crumbs": [HOME, ("登录", "")],
        "form": form,
        "next": wanted,
        "minutes": settings.SESSION_COOKIE_AGE // 60 if timed_out else None,
    }
    return render(request, "accounts/login.html", context)


def _go_on(request: HttpRequest, user: User, wanted: str) -> HttpResponse:
    """The password is theirs: to the second factor where there is one, otherwise in."""
    further = second_factor.next_step(request, user)
    if further is None:
        signing_in.begin(request, user, "account.login")
    return redirect(further or wanted or home_of(user))


def _title_of_login(*, timed_out: bool, wanted: str) -> str:
    """Why one is asked to sign in: each of these pages is called otherwise."""
    if timed_out:
        return "登录已超时，请重新登录"
    return "请先登录" if wanted else "登录"


@never_cache
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    signing_in.sign_out(request)
    messages.success(request, "您已安全退出。")
    return redirect("accounts:login")


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password. With ?due=1 the rest of the portal waits for it."""
    user: Any = request.user
    form = PasswordForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            if not signing_in.may_try_own_password(request):
                raise WrongPassword("原密码输错的次数过多，请一小时后再试。")
            changed = change_password(user, form.cleaned_data["old"], form.cleaned_data["new"])
        except WrongPassword as problem:
            if signing_in.own_password_was_wrong(request):
                messages.error(request, "原密码连续输错，为保护账号安全已退出登录。请重新登录。")
                return redirect("accounts:login")
            form.add_error("old", str(problem))
        except ValidationError as error:
            form.add_error("new", error)
        else:
            signing_in.keep_after_change(request, changed)
            messages.success(request, "密码已修改。其他设备上的登录已全部退出。")
            return redirect(home_of(changed))
    staff = can(user, "window.use")
    due = user.must_change_password or due_on(user, settings.PASSWORD_MAX_AGE_DAYS) <= timezone.localdate()
    title = "修改密码"
    if user.must_change_password:
        title = "修改初始密码"
    elif due:
        title = "更换到期的密码"
    context = {
        "title": title,
        "crumbs": [(homes(user)[0][0], home_of(user)), (title, "")],
        "form": form,
        "rules": password_rules(),
        "first": user.must_change_password,
        "due": due,
        "days": settings.PASSWORD_MAX_AGE_DAYS,
        "changed_at": user.password_changed_at,
        "base": "base_staff.html" if staff else "base_public.html",
    }
    return render(request, "accounts/password.html", context)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def activate_account(request: HttpRequest) -> HttpResponse:
    """A worker sets a password with the code from the window, and is signed in."""
    if request.user.is_authenticated:
        messages.info(request, "您已登录。要用激活码设置另一账号的密码，请先退出登录。")
        return redirect(home_of(request.user))
    form = ActivationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if wait := TRIES_BY_ADDRESS.wait(place_of(request)):
            return refusals.answer(request, refusals.ACTIVATION, wait)
        if form.is_valid():
            if wait := TRIES_OF_CODE.wait(form.cleaned_data["code"]):
                return refusals.answer(request, refusals.ACTIVATION, wait)
            try:
                user = activate(
                    form.cleaned_data["code"], form.cleaned_data["answer"], form.cleaned_data["new"]
                )
            except CodeRefused as refused:
                audit.record("account.activation_failed", by=None)
                form.add_error("code", str(refused))
            except NotNow as problem:
                form.add_error(None, str(problem))
            except ValidationError as error:
                form.add_error("new", error)
            else:
                messages.success(
                    request, f"账号已激活。您的用户名是 {user.username}，今后请用它和刚设置的密码登录。"
                )
                return _go_on(request, user, reverse("my:home"))
    context = {
        "title": "激活账号",
        "crumbs": [HOME, ("登录", reverse("accounts:login")), ("激活账号", "")],
        "form": form,
        "rules": password_rules()[:-1],
    }
    return render(request, "accounts/activate.html", context)
