"""One-time codes on the pages: one administrator asks, another releases, the person uses."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal import audit
from portal.accounts import actions, refusals, releases
from portal.accounts.access import NotNow, can, require
from portal.accounts.activation import CodeRefused
from portal.accounts.admin_views import LIST, ask_first, do, visible_account
from portal.accounts.forms import CodeForm, password_rules
from portal.accounts.models import Release, User
from portal.accounts.tries import place_of
from portal.shown_once import SheetForm, is_made, new_sheet, once, remember

TITLE = "一次性代码"


def _me(request: HttpRequest) -> User:
    """Who asks; the administrators' views here are behind the login."""
    return cast(User, request.user)


def _may_enter(user: Any) -> None:
    if not can(user, "role.grant"):
        require(user, "account.manage")


def _crumbs(*further: tuple[str, str]) -> list[tuple[str, str]]:
    crumbs = [("工作台", reverse("window:home")), (LIST, reverse("accounts:users"))]
    return [*crumbs, *further]


@never_cache
@login_required
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this administrator, and what they asked for themselves."""
    _may_enter(request.user)
    mine = Release.objects.visible_to(request.user).waiting().filter(asked_by=_me(request))
    context = {
        "title": TITLE,
        "crumbs": _crumbs((TITLE, "")),
        "waiting": releases.waiting_for(request.user).select_related("user", "asked_by"),
        "mine": mine.select_related("user"),
        "days": releases.WAITS_FOR.days,
    }
    return render(request, "accounts/releases.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Ask for a code for an account: first what it means, then it waits for the other administrator."""
    account = visible_account(request, pk)
    if kind not in Release.Kind.values:
        raise Http404
    label = Release.Kind(kind).label
    if request.method != "POST":
        means = (
            f"为{account}（{account.username}）申请“{label}”的一次性代码，由另一管理员批准后当面交给本人。"
        )
        if kind == Release.Kind.PASSWORD:
            means += "批准后原密码立即失效，该账号的登录全部退出。"
        return ask_first(request, account, f"申请代码：{label}", f"{means}请先核实是本人申请。")
    return do(
        request,
        account,
        f"已申请“{label}”的代码，等待另一管理员批准。",
        lambda: releases.ask_release(pk, kind, _me(request)),
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree to what another asked for: first for whom it is, then the code, once."""
    _may_enter(request.user)
    visible = Release.objects.visible_to(request.user).select_related("user", "asked_by")
    found = get_object_or_404(visible, pk=pk)
    label, account = found.get_kind_display(), found.user
    if request.method != "POST":
        means = (
            f"批准{found.asked_by}为{account}（{account.username}）申请的“{label}”代码。代码只显示一次，"
            "请当面核实身份后交给本人，不得转交他人。"
        )
        if found.kind == Release.Kind.PASSWORD:
            means += "原密码立即失效，该账号的登录全部退出。"
        form = SheetForm(initial=new_sheet())
        return ask_first(request, account, f"批准代码：{label}", means, form=form, kind="danger")
    sheet = request.POST.get("sheet", "")
    if is_made(request, sheet):
        messages.warning(
            request, "代码已经生成，刷新不会再生成新的，已交给本人的仍然有效。遗失的，请重新申请。"
        )
        return redirect("accounts:releases")
    try:
        code = releases.release(pk, _me(request))
    except NotNow as problem:
        messages.error(request, str(problem))
        return redirect("accounts:releases")
    remember(request, sheet)
    context = {
        "title": f"代码：{label}",
        "crumbs": _crumbs((TITLE, reverse("accounts:releases")), (label, "")),
        "account": account,
        "kind": label,
        "code": code,
        "for_password": found.kind == Release.Kind.PASSWORD,
        "address": f"{settings.PUBLIC_URL}{reverse('accounts:set_password')}",
        "login_url": f"{settings.PUBLIC_URL}{reverse('accounts:login')}",
    }
    return once(render(request, "accounts/release_code.html", context))


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    _may_enter(request.user)
    get_object_or_404(Release.objects.visible_to(request.user), pk=pk)
    try:
        releases.withdraw(pk, _me(request))
    except NotNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "已撤回，该申请作废。")
    return redirect("accounts:releases")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest) -> HttpResponse:
    """Somebody sets the password of their account with a code, and then signs in as always."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if wait := releases.WRONG_BY_ADDRESS.wait_if_spent(place_of(request)):
            return refusals.answer(request, refusals.PAPER_CODE, wait)
        try:
            actions.set_password_with_code(given["username"], given["code"], given["new"])
        except CodeRefused as refused:
            releases.WRONG_BY_ADDRESS.wait(place_of(request))
            audit.record("account.activation_failed", by=None)
            form.add_error("code", str(refused))
        except ValidationError as error:
            form.add_error("new", error)
        else:
            messages.success(request, "密码已设置，请用它登录。")
            return redirect("accounts:login")
    context = {
        "title": "设置密码",
        "crumbs": [("首页", "/"), ("登录", reverse("accounts:login")), ("设置密码", "")],
        "form": form,
        "rules": password_rules()[:-1],
    }
    return render(request, "accounts/set_password.html", context)
