"""Payee accounts: written down by one person, confirmed by another who has the passbook or the card before
them.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, can, require
from portal.pages.access import staff
from portal.pages.waiting import payees_to_confirm
from portal.paging import page_asked
from portal.window.people.workers import crumbs, visible_worker
from portal.workforce.actions import confirm_payee, propose_payee, refuse_payee, withdraw_payee
from portal.workforce.forms import PayeeForm, ReasonForm
from portal.workforce.models import PayeeAccount
from portal.workforce.models.credentials import PayeeState


@staff("payee.confirm")
def payees(request: HttpRequest) -> HttpResponse:
    """Those that wait for this user."""
    waiting = payees_to_confirm(request.user)
    listed = waiting.select_related("worker__work_region__parent", "recorded_by").defer("worker__phone")
    page = page_asked(listed, request.GET, order=("id",), count=True)
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
    form = PayeeForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        entered = {name: form.cleaned_data[name] for name in ("bank", "account_number", "source")}
        try:
            propose_payee(person.pk, **entered, by=request.user, on=timezone.localdate())
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
        messages.info(request, f"该收款账户已处理，状态为“{account.get_state_display()}”。")
        return redirect(back)
    confirms = can(user, "payee.confirm", person.work_region_id) and account.recorded_by_id != user.pk
    withdraws = can(user, "payee.change", person.work_region_id)
    if not (confirms or withdraws):
        require(user, "payee.confirm", person.work_region_id)
        raise Refused("该收款账户由您登记，须由另一人复核。")
    refusing = request.POST.get("do") == "refuse"
    form = ReasonForm(request.POST if refusing else None, user=user)
    error = ""
    if request.method == "POST":
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
    context = {
        "title": "复核收款账户",
        "crumbs": crumbs(person, ("复核收款账户", "")),
        "account": account,
        "worker": person,
        "form": form,
        "confirms": confirms,
        "withdraws": withdraws,
        "error": error,
        "in_use": person.payee_accounts.filter(state=PayeeState.CONFIRMED).first(),
    }
    return render(request, "window/payee.html", context)


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
