"""Where the worker's own money goes: the accounts that are known, a new one, and taking back what waits to be confirmed."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.my.record_of import no_record_page, own_record, tabs_of
from portal.pages.access import signed_in
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, show_action
from portal.workforce.actions import keep_document, propose_own_payee, withdraw_own_payee
from portal.workforce.models import PayeeAccount, Worker
from portal.workforce.models.base import own_records
from portal.workforce.models.credentials import PayeeState
from portal.workforce.payee_forms import OwnPayeeForm
from portal.workforce.record_kinds import PAYEE

TITLE = "收款账户"
_NEW, _SOURCE, _COPY = "更换收款账户", "本人网上登记", "银行卡或存折照片"
_TONES = {
    PayeeState.CONFIRMED: "good",
    PayeeState.PROPOSED: "warn",
    PayeeState.REFUSED: "bad",
}


def _own_accounts(request: HttpRequest) -> Any:
    accounts = PayeeAccount.objects.visible_to(request.user)
    return accounts.filter(worker__in=own_records(request.user))


@signed_in()
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account that was written down, the newest first, and what may be done."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, TITLE)
    listed = list(_own_accounts(request).order_by("-pk")[:50])
    waits = next((one for one in listed if one.state == PayeeState.PROPOSED), None)
    user: Any = request.user
    context = {
        "title": TITLE,
        "crumbs": [("我的待遇", reverse("my:home")), (TITLE, "")],
        "tabs": tabs_of(request),
        "rows": [(one, _TONES.get(PayeeState(one.state), "plain")) for one in listed],
        "waits": waits,
        "may_withdraw": waits is not None and waits.recorded_by_id == user.pk,
    }
    return render(request, "my/accounts.html", context)


@signed_in("GET", "HEAD", "POST")
def account_new(request: HttpRequest) -> HttpResponse:
    """Say where the money shall go from now on; somebody of the office confirms it against the picture."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, TITLE)
    back = reverse("my:accounts")
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = OwnPayeeForm(*given, user=request.user)

    def act(entered: dict[str, Any]) -> Done | None:
        try:
            _propose(worker, entered, request.user)
        except ValidationError as error:
            form.take(error)
            return None
        return Done("已登记。工作人员核对后启用，以后的款项付到这个账户。", back)

    page = ActionPage(
        title=_NEW,
        crumbs=[("我的待遇", reverse("my:home")), (TITLE, back), (_NEW, "")],
        consequence="必须是您本人名下的账户。工作人员核对前，现在的账户继续使用；没有付成的款项，核对后重新支付。",
        submit="提交",
        back=back,
        base="base_public.html",
    )
    return act_on(request, form, act) or show_action(request, page, form)


def _propose(worker: Worker, entered: dict[str, Any], by: Any) -> None:
    """The account with its picture: both or none."""
    today = timezone.localdate()
    values = {name: entered[name] for name in ("bank", "account_number")}
    with transaction.atomic():
        account = propose_own_payee(worker.pk, **values, source=_SOURCE, by=by, on=today)
        keep_document(PAYEE.code, account.pk, entered["copy"], label=_COPY, by=by, on=today)


@signed_in("POST")
def account_withdraw(request: HttpRequest) -> HttpResponse:
    """Take back what waits to be confirmed."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, TITLE)
    here = reverse("my:accounts")

    def act() -> Done:
        withdraw_own_payee(worker.pk, by=request.user, on=timezone.localdate())
        return Done("已撤回，可以重新登记。", here)

    return act_at_once(request, act, otherwise=here)
