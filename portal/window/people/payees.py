"""Payee accounts: written down by one person, confirmed by another who has the passbook or the card before
them.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, can, require
from portal.file_inspection import FileRefused
from portal.pages.access import staff
from portal.pages.view_log import record_shown
from portal.pages.waiting import payees_to_confirm
from portal.paging import page_asked
from portal.window.people.verdicts import judged_already
from portal.window.people.workers import crumbs, visible_worker
from portal.workforce.actions import (
    confirm_payee,
    documents_of,
    keep_document,
    propose_payee,
    refuse_payee,
    withdraw_payee,
)
from portal.workforce.forms import ReasonForm
from portal.workforce.models import PayeeAccount, Worker
from portal.workforce.models.credentials import PayeeState
from portal.workforce.payee_forms import CopyForm, PayeeForm
from portal.workforce.record_kinds import PAYEE

COPY = "存折或银行卡复印件"


@staff("payee.confirm")
def payees(request: HttpRequest) -> HttpResponse:
    """Those that wait for this user."""
    waiting = payees_to_confirm(request.user)
    listed = waiting.select_related("worker__work_region__parent", "recorded_by").defer("worker__phone")
    page = page_asked(listed, request.GET, order=("id",), count=True)
    record_shown([account.worker_id for account in page.rows], by=request.user, asked=["收款账户复核"])
    return render(
        request,
        "window/payees.html",
        {
            "title": "收款账户复核",
            "page": page,
        },
    )


@staff("payee.change", "GET", "HEAD", "POST")
def payee_new(request: HttpRequest, worker_id: int) -> HttpResponse:
    person = visible_worker(request, worker_id)
    require(request.user, "payee.change", person.work_region_id)
    back = f"{reverse('window:worker', args=[person.pk])}#payee"
    form = PayeeForm(*((request.POST, request.FILES) if request.method == "POST" else ()), user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            _propose(person, form.cleaned_data, request.user)
        except NotNow as error:
            form.add_error(None, str(error))
        except ValidationError as error:
            form.take(error)
        else:
            messages.success(request, "收款账户已登记，待另一人复核后启用。")
            return redirect(back)
    context = {
        "title": "登记收款账户",
        "crumbs": crumbs(person, ("登记收款账户", "")),
        "worker": person,
        "form": form,
        "cancel": back,
        "in_use": person.payee_accounts.filter(state=PayeeState.CONFIRMED).first(),
    }
    return render(request, "window/payee_new.html", context)


def _propose(person: Worker, entered: dict[str, Any], by: Any) -> None:
    """The account with the copy that was handed in beside it: both or none."""
    today = timezone.localdate()
    values = {name: entered[name] for name in ("bank", "account_number", "source")}
    with transaction.atomic():
        account = propose_payee(person.pk, **values, by=by, on=today)
        if entered["copy"]:
            keep_document(PAYEE.code, account.pk, entered["copy"], label=COPY, by=by, on=today)


@staff("worker.view", "GET", "HEAD", "POST")
def payee(request: HttpRequest, payee_id: int) -> HttpResponse:
    """The full number is shown to whoever confirms it, and that is written to the audit."""
    visible = PayeeAccount.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "recorded_by"
    )
    account = get_object_or_404(visible, pk=payee_id)
    person, user = account.worker, request.user
    back = f"{reverse('window:worker', args=[person.pk])}#payee"
    if account.state != PayeeState.PROPOSED:
        return judged_already(
            request,
            f"该收款账户已处理，状态为“{account.get_state_display()}”。",
            reverse("window:payees") if can(user, "payee.confirm", person.work_region_id) else back,
        )
    confirms = can(user, "payee.confirm", person.work_region_id) and account.recorded_by_id != user.pk
    withdraws = can(user, "payee.change", person.work_region_id) and account.recorded_by_id == user.pk
    if not (confirms or withdraws):
        require(user, "payee.confirm", person.work_region_id)
        raise Refused("该收款账户由您登记，须由另一人复核。")
    asked = request.POST.get("do")
    form = ReasonForm(request.POST if asked == "refuse" else None, user=user)
    copy_form = CopyForm(*((request.POST, request.FILES) if asked == "attach" else ()))
    error = ""
    if asked == "attach":
        if _attach(request, account, copy_form):
            return redirect("window:payee", account.pk)
    elif request.method == "POST":
        try:
            done, error = _decide(request, account, form)
        except NotNow as refused:
            error = str(refused)
        else:
            if done:
                messages.success(request, done)
                return redirect(back)
    if confirms:
        audit.record("payee.view", by=user, obj=account, worker=person, region=person.work_region_id)
    title = "复核收款账户" if confirms else "待复核的收款账户"
    context = {
        "title": title,
        "crumbs": crumbs(person, (title, "")),
        "account": account,
        "worker": person,
        "form": form,
        "copy_form": copy_form,
        "documents": documents_of(PAYEE.code, account),
        "confirms": confirms,
        "withdraws": withdraws,
        "error": error,
        "in_use": person.payee_accounts.filter(state=PayeeState.CONFIRMED).first(),
    }
    return render(request, "window/payee.html", context)


def _attach(request: HttpRequest, account: PayeeAccount, form: CopyForm) -> bool:
    """Hand in the copy; what is wrong with it stands beside its field."""
    if not form.is_valid():
        return False
    try:
        keep_document(
            PAYEE.code,
            account.pk,
            form.cleaned_data["copy"],
            label=COPY,
            by=request.user,
            on=timezone.localdate(),
        )
    except (FileRefused, NotNow) as refused:
        form.add_error("copy", str(refused))
        return False
    messages.success(request, f"已上传{COPY}。")
    return True


def _decide(request: HttpRequest, account: PayeeAccount, form: ReasonForm) -> tuple[str, str]:
    """Do what was asked for: (what was done, what is wrong).

    A reason that is missing stands beside its field.
    """
    user, today = request.user, timezone.localdate()
    match request.POST.get("do"):
        case "confirm":
            confirm_payee(account.pk, by=user, on=today)
            return f"已复核{account.worker.name}的收款账户，今后的款项拨付到该账户。", ""
        case "withdraw":
            withdraw_payee(account.pk, by=user, on=today)
            return "已撤回待复核的收款账户。", ""
        case "refuse":
            if not form.is_valid():
                return "", ""
            refuse_payee(account.pk, reason=form.cleaned_data["reason"], by=user, on=today)
            return "已作复核未通过处理，原账户继续使用。", ""
    return "", "请选择要办理的操作。"
