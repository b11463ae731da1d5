"""What the office found a worker entitled to without their asking, and the worker's answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.access import Refused
from portal.cases.actions import NotNow
from portal.entitlements import offers as actions
from portal.entitlements.models import Offer, OfferState
from portal.entitlements.wording import determination_conditions, determination_summary
from portal.my.record_of import own_record, tabs_of
from portal.policy.benefits import BY_CODE
from portal.workforce.models import Worker

_TONES = {
    OfferState.MATCHED: "info",
    OfferState.NOTIFIED: "info",
    OfferState.CONSENTED: "good",
    OfferState.DECLINED: "plain",
    OfferState.EXPIRED: "plain",
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 3})
    )


def open_offers(worker: Worker, by: Any) -> list[dict[str, Any]]:
    """What waits for the worker's answer. Reading it is being told: see portal.entitlements.offers.notify_on_own_page."""
    actions.notify_on_own_page(worker.pk, by=by, on=timezone.localdate())
    found = (
        Offer.objects.visible_to(by)
        .filter(worker=worker)
        .open()
        .select_related("determination__rule_version")
        .order_by("-id")
    )
    return [row(one) for one in found]


def row(offer: Offer) -> dict[str, Any]:
    """An offer as the worker's lists show it."""
    decided = offer.determination
    return {
        "offer": offer,
        "benefit": BY_CODE[offer.benefit],
        "amount": decided.amount if decided else None,
        "summary": determination_summary(decided) if decided else BY_CODE[offer.benefit].summary,
        "state": "等您答复" if offer.is_open else offer.get_state_display(),
        "tone": _TONES[OfferState(offer.state)],
    }


@never_cache
@login_required
@require_GET
def offers(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, and what was answered or lapsed."""
    worker = own_record(request)
    if worker is None:
        return render(request, "my/no_record.html", {"title": "为我找到的待遇"})
    waiting = open_offers(worker, request.user)
    past = (
        Offer.objects.visible_to(request.user)
        .filter(worker=worker)
        .exclude(pk__in=[one["offer"].pk for one in waiting])
    )
    context = {
        "title": "为我找到的待遇",
        "crumbs": [("我的待遇", reverse("my:home")), ("为我找到的待遇", "")],
        "tabs": tabs_of(request),
        "waiting": waiting,
        "past": [
            row(one)
            for one in past.select_related("determination__rule_version", "request__case").order_by("-id")[
                :50
            ]
        ],
    }
    return render(request, "my/offers.html", context)


def _seen(request: HttpRequest, pk: int) -> Offer:
    seen = Offer.objects.visible_to(request.user).filter(worker__account_id=request.user.pk)
    return get_object_or_404(
        seen.select_related("determination__rule_version", "worker", "request__case"), pk=pk
    )


@never_cache
@login_required
@require_GET
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer: what one gets, why, and the two answers."""
    worker = own_record(request)
    if worker is not None:
        actions.notify_on_own_page(worker.pk, by=request.user, on=timezone.localdate())
    found = _seen(request, pk)
    context = {
        "title": BY_CODE[found.benefit].title,
        **row(found),
        "case": getattr(getattr(found, "request", None), "case", None),
        "crumbs": [
            ("我的待遇", reverse("my:home")),
            ("为我找到的待遇", reverse("my:offers")),
            (BY_CODE[found.benefit].title, ""),
        ],
        "conditions": determination_conditions(found.determination) if found.determination else [],
    }
    return render(request, "my/offer.html", context)


@never_cache
@login_required
@require_http_methods(["POST"])
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    try:
        case = actions.consent(found.pk, by=request.user, on=timezone.localdate())
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect("my:offer", pk)
    messages.success(
        request, f"已同意办理，办件编号{case.number}。服务窗口会按办理期限为您办理，进度可在“我的办件”查看。"
    )
    return redirect("my:case", case.number)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    found = _seen(request, pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline(
                found.pk, by=request.user, on=timezone.localdate(), reason=form.cleaned_data["reason"]
            )
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已记录，这一项不再提示。以后需要的，可到服务窗口办理。")
            return redirect("my:offers")
    back = reverse("my:offer", args=[pk])
    context = {
        "title": "暂不办理",
        **row(found),
        "form": form,
        "back": back,
        "crumbs": [("我的待遇", reverse("my:home")), (BY_CODE[found.benefit].title, back), ("暂不办理", "")],
    }
    return render(request, "my/offer_decline.html", context, status=409 if form.non_field_errors() else 200)
