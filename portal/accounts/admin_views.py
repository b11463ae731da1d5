"""Accounts and roles for the system and the security administrator. Both see the list; each may do their own
part of it.
"""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.accounts import actions, releases
from portal.accounts.access import NotNow, Refused, can, require
from portal.accounts.forms import (
    AccountFilter,
    AccountForm,
    ConfirmForm,
    DisableForm,
    RoleForm,
    duties_of,
)
from portal.accounts.models import Release, RoleAssignment, User
from portal.accounts.reach import ANOTHER_ADMINISTRATOR, is_administrator, reaches
from portal.accounts.roles import Role
from portal.formats import date_cn
from portal.paging import page_asked

LIST = "账号与角色"


def _me(request: HttpRequest) -> User:
    """Who asks; every view here is behind the login."""
    return cast(User, request.user)


def _may_enter(user: Any) -> None:
    """Either administrator may read the pages; Refused names whose work it is."""
    if not can(user, "role.grant"):
        require(user, "account.manage")


@login_required
@require_safe
def users(request: HttpRequest) -> HttpResponse:
    _may_enter(request.user)
    form = AccountFilter(request.GET or None)
    accounts = User.objects.visible_to(request.user)
    if form.is_bound and form.is_valid():
        accounts = _filtered(accounts, **form.cleaned_data)
    in_force = RoleAssignment.objects.in_force().select_related("region__parent")
    accounts = accounts.prefetch_related(Prefetch("assignments", in_force, to_attr="held"))
    context = {
        "title": LIST,
        "crumbs": [("工作台", reverse("window:home")), (LIST, "")],
        "form": form if form.is_bound else AccountFilter(),
        "page": page_asked(accounts, request.GET, order=("username",), size=50, count=True),
        "may_create": can(request.user, "account.manage"),
    }
    return render(request, "accounts/users.html", context)


def _filtered(accounts: Any, *, q: str, role: str, state: str) -> Any:
    accounts = accounts.matching(q.strip())
    in_force = RoleAssignment.objects.in_force().filter(user=OuterRef("pk"))
    if role:
        accounts = accounts.filter(Exists(in_force.filter(role=role)))
    if state == "none":
        return accounts.filter(~Exists(in_force))
    if state:
        return accounts.filter(is_active=state == "active")
    return accounts


def visible_account(request: HttpRequest, pk: int) -> User:
    _may_enter(request.user)
    return get_object_or_404(User.objects.visible_to(request.user), pk=pk)


@never_cache
@login_required
@require_safe
def user(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, visible_account(request, pk))


def _show(
    request: HttpRequest, account: User, *, role_form: Any = None, disable_form: Any = None
) -> HttpResponse:
    """The page of an account, with the form that did not go through."""
    by: Any = request.user
    is_own = account.pk == by.pk
    manages = can(by, "account.manage")
    # Of another administrator nothing is changed on a page.
    is_beyond = manages and not is_own and is_administrator(account)
    assignments = account.assignments.select_related("region__parent", "granted_by", "ended_by")
    rows = _assignment_rows(account, list(assignments.order_by("-since", "-id")), by)
    context = {
        "title": account.display_name,
        "account": account,
        "rows": rows,
        "own": is_own,
        "crumbs": [
            ("工作台", reverse("window:home")),
            (LIST, reverse("accounts:users")),
            (account.display_name, ""),
        ],
        "may_manage": manages and not is_own and not is_beyond and reaches(by, account, "account.manage"),
        "beyond": ANOTHER_ADMINISTRATOR if is_beyond else "",
        "is_worker": any(row["assignment"].role == Role.WORKER for row in rows),
        "may_grant": can(by, "role.grant") and not is_own,
        "role_form": role_form or RoleForm(by=by),
        "disable_form": disable_form or DisableForm(),
        "locked": manages and actions.is_locked(account),
        "due_on": actions.due_on(account, settings.PASSWORD_MAX_AGE_DAYS),
        "activated": account.has_usable_password(),
        "codes": account.releases.filter(used_at__isnull=True, ended_at__isnull=True).order_by("kind"),
        "kinds": Release.Kind.choices if releases.may_ask(account, by) else [],
    }
    return render(request, "accounts/user.html", context)


def _assignment_rows(account: User, assignments: list[RoleAssignment], by: Any) -> list[dict[str, Any]]:
    """The roles of an account, with what each lets one do and whether `by` may end it."""
    in_force_ids = {assignment.pk for assignment in account.assignments.in_force()}
    rows = []
    for assignment in assignments:
        in_force = assignment.pk in in_force_ids
        is_own = assignment.user_id == by.pk
        may_end = in_force and not is_own and can(by, "role.grant", assignment.region_id)
        rows.append(
            {
                "assignment": assignment,
                "in_force": in_force,
                "may_end": may_end,
                "duties": duties_of(assignment.role),
            }
        )
    return rows


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    require(request.user, "account.manage")
    form = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            account = actions.create_account(**form.cleaned_data, by=_me(request))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(
                request, "账号已建立。设置密码的一次性代码已申请，由安全管理员批准并当面交给使用人。"
            )
            return redirect("accounts:user", account.pk)
    context = {
        "title": "新建账号",
        "form": form,
        "crumbs": [("工作台", reverse("window:home")), (LIST, reverse("accounts:users")), ("新建账号", "")],
    }
    return render(request, "accounts/user_new.html", context)


@login_required
@require_POST
def disable(request: HttpRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    form = DisableForm(request.POST)
    if not form.is_valid():
        return _show(request, account, disable_form=form)
    return do(
        request,
        account,
        f"账号{account.username}已停用，已登录的会话立即失效。",
        lambda: actions.disable_account(pk, by=_me(request), reason=form.cleaned_data["reason"]),
    )


@login_required
@require_POST
def enable(request: HttpRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    return do(
        request,
        account,
        f"账号{account.username}已启用。",
        lambda: actions.enable_account(pk, by=_me(request)),
    )


@login_required
@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    account = visible_account(request, pk)
    return do(
        request,
        account,
        f"账号{account.username}的登录锁定已解除。",
        lambda: actions.unlock_login(pk, by=_me(request)),
    )


def ask_first(
    request: HttpRequest,
    account: User,
    label: str,
    consequence: str,
    *,
    form: Any = None,
    kind: str = "primary",
) -> HttpResponse:
    """The page that repeats what a click will do, for whom, before it is done."""
    address = reverse("accounts:user", args=[account.pk])
    crumbs = [("工作台", reverse("window:home")), (LIST, reverse("accounts:users"))]
    page = {
        "base": "base_staff.html",
        "consequence": consequence,
        "heading": f"确认{label}",
        "submit": f"确认{label}",
        "kind": kind,
        "back": address,
    }
    context = {
        "page": page,
        "title": f"{label}：{account.display_name}",
        "crumbs": [*crumbs, (account.display_name, address), (label, "")],
        "form": form or ConfirmForm(),
    }
    return render(request, "pages/action.html", context)


@never_cache
@login_required
@require_POST
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role: first what was chosen is repeated, then it is done.

    What stands against it is shown in the form, with what was chosen.
    """
    account = visible_account(request, pk)
    form = RoleForm(request.POST, by=_me(request))
    if not form.is_valid():
        return _show(request, account, role_form=form)
    chosen = form.cleaned_data
    role = f"{chosen['region'].full_name}{Role(chosen['role']).label}"
    try:
        if "confirmed" not in request.POST:
            actions.check_grant(
                pk, chosen["role"], chosen["region"].pk, by=_me(request), until=chosen["until"]
            )
            until = f"至{date_cn(chosen['until'])}（含当日）" if chosen["until"] else "长期"
            consequence = f"任用{account}（{account.username}）为{role}，{until}，立即生效。"
            form.hide()
            return ask_first(request, account, "任用", consequence, form=form)
        actions.grant_role(pk, chosen["role"], chosen["region"].pk, by=_me(request), until=chosen["until"])
    except (NotNow, Refused) as problem:
        form.add_error(None, str(problem))
        return _show(request, account, role_form=form)
    messages.success(request, f"已任用{account}为{role}，立即生效。")
    return redirect("accounts:user", pk)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """First what the person loses; then it is taken away."""
    require(request.user, "role.grant")
    assignments = RoleAssignment.objects.filter(user__in=User.objects.visible_to(request.user))
    assignment = get_object_or_404(assignments.select_related("user", "region__parent"), pk=pk)
    account, role = assignment.user, assignment.get_role_display()
    if request.method != "POST":
        return ask_first(
            request,
            account,
            "解除",
            f"解除{account}（{account.username}）的{assignment.region.full_name}{role}角色，立即生效；"
            "名下未办结的事项请另行分派。",
            kind="danger",
        )
    label = f"已解除{account}的{role}角色，立即生效。"
    return do(request, account, label, lambda: actions.end_role(pk, by=_me(request)))


def do(request: HttpRequest, account: User, done: str, action: Any) -> HttpResponse:
    """Run an action of the page of an account and say what came of it."""
    try:
        action()
    except NotNow as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, done)
    return redirect("accounts:user", account.pk)
