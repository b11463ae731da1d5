"""Offers at the window (免申即享): whom to tell of what, and the worker's answer; and the looks over the
whole register.
"""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can, scope
from portal.cases.actions import NotNow
from portal.entitlements import offers as actions
from portal.entitlements.catalogue import BITS, OFFERED
from portal.entitlements.evidence import relation_with_sources
from portal.entitlements.jobs import start_matching
from portal.entitlements.models import MatchRun, Offer, OfferState
from portal.entitlements.wording import determination_conditions, determination_summary
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.filters import ALL, COUNTED_AT_MOST, FilterForm, in_region
from portal.pages.view_log import asked_of, record_list
from portal.paging import page_asked
from portal.policy.benefits import BY_CODE
from portal.policy.determine import foresee_determination
from portal.templatetags.portal import date_iso

TONES = {
    OfferState.MATCHED: "warn",
    OfferState.NOTIFIED: "info",
    OfferState.CONSENTED: "good",
    OfferState.DECLINED: "plain",
    OfferState.EXPIRED: "plain",
}
_OPEN = ("open", "待告知、待答复")
# Told in one go: as many as a page shows.
_MOST = 50


class OfferFilter(FilterForm):
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="工作地", required=False)
    benefit = forms.ChoiceField(
        label="事项", required=False, choices=[ALL, *((code, BY_CODE[code].title) for code in OFFERED)]
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[_OPEN, *OfferState.choices, ("all", "全部")]
    )

    def apply(self, found: QuerySet[Offer]) -> QuerySet[Offer]:
        state = self.value("state") or "open"
        if state == "open":
            found = found.filter(state__in=[OfferState.MATCHED, OfferState.NOTIFIED])
        elif state != "all":
            found = found.filter(state=state)
        if benefit := self.value("benefit"):
            found = found.filter(benefit=benefit)
        if region := self.value("region"):
            found = found.filter(in_region(region))
        if name := self.value("name"):
            found = found.of_worker_named(name)  # type: ignore[attr-defined]
        return found


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="本人的意见",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如已通过其他途径办理。",
    )


@staff("offer.view")
def offers(request: HttpRequest) -> HttpResponse:
    """Offers of one's regions, newest first; those that wait for somebody unless others are asked for."""
    form = OfferFilter(request.GET, user=request.user)
    seen = form.apply(Offer.objects.visible_to(request.user))
    listed = seen.select_related("worker", "region__parent", "notified_by").defer(
        "worker__id_number", "worker__phone"
    )
    page = page_asked(listed, request.GET, order=("-id",), count=True, count_up_to=COUNTED_AT_MOST)
    record_list([offer.worker for offer in page.rows], by=request.user, asked=asked_of(form))
    where = scope(request.user, "offer.handle")
    handles = can(request.user, "offer.handle")
    context = {
        "title": "惠享事项",
        "form": form,
        "page": page,
        "handles": handles,
        "clear": reverse("window:offers") if form.used else "",
        "rows": [
            {
                "offer": offer,
                "title": BY_CODE[offer.benefit].title,
                "tone": TONES[OfferState(offer.state)],
                "may": handles and offer.state == OfferState.MATCHED and where.covers(offer.region_id),
            }
            for offer in page.rows
        ],
        "last": MatchRun.objects.first(),
        "may_match": can(request.user, "offer.match"),
        "export": [(f"{reverse('window:offers_export')}?{request.GET.urlencode()}", "导出")],
        "bulk": [{"name": "what", "value": "tell", "label": "登记为已告知"}],
    }
    return render(request, "window/offers.html", context)


@staff("offer.view")
def offers_export(request: HttpRequest) -> StreamingHttpResponse:
    """The offers of the list: to telephone people, or to send to their units."""
    seen = OfferFilter(request.GET, user=request.user).apply(Offer.objects.visible_to(request.user))
    listed = seen.select_related("worker__employer", "region__parent").defer("worker__phone").order_by("-id")
    rows = (
        (
            offer.worker.name,
            offer.worker.masked_id_number,
            offer.region.full_name,
            offer.worker.employer or "",
            BY_CODE[offer.benefit].title,
            offer.distinction,
            offer.get_state_display(),
            date_iso(offer.matched_on),
            date_iso(offer.notified_at),
        )
        for offer in listed.iterator(chunk_size=2000)
    )
    heads = ("姓名", "证件号码", "工作地", "用人单位", "事项", "依据", "状态", "匹配日期", "告知日期")
    return audited_csv(request, "offer", heads, rows, count=seen.count())


@staff("offer.handle", "POST")
def offers_tell(request: HttpRequest) -> HttpResponse:
    """The ticked people were told. Each by the same action as one alone: what fails for one does not stop the
    others.
    """
    chosen = [
        int(pk)
        for pk in request.POST.getlist("chosen")[:_MOST]
        if pk.isascii() and pk.isdigit() and len(pk) < 19
    ]
    told, not_told = 0, []
    for offer in (
        Offer.objects.visible_to(request.user).filter(pk__in=chosen).select_related("worker").order_by("id")
    ):
        try:
            actions.notify(offer.pk, by=request.user, on=timezone.localdate())
            told += 1
        except (NotNow, Refused) as refusal:
            not_told.append(f"{offer.worker.name}（{BY_CODE[offer.benefit].title}）：{refusal}")
    if told:
        messages.success(request, f"已登记告知{told}项。本人同意的，打开该事项登记同意办理。")
    for line in not_told:
        messages.warning(request, line)
    if not told and not not_told:
        messages.warning(request, "没有选中待告知的事项。请先勾选。")
    return redirect(f"{reverse('window:offers')}?{request.POST.get('filters', '')}")


def _seen(request: HttpRequest, pk: int) -> Offer:
    seen = Offer.objects.visible_to(request.user).select_related(
        "worker__account", "region__parent", "determination__rule_version", "notified_by", "request__case"
    )
    return get_object_or_404(seen, pk=pk)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("惠享事项", reverse("window:offers")), *more]


@staff("offer.view")
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer: why it holds, where it stands, what may be done."""
    found = _seen(request, pk)
    audit.record("offer.view", by=request.user, obj=found, worker=found.worker_id, region=found.region_id)
    today = timezone.localdate()
    # What somebody was told or agreed to is shown as it was determined then; before that, as it is today.
    determination = found.determination or foresee_determination(
        relation_with_sources(found.worker, today), today, found.benefit
    )
    handles = can(request.user, "offer.handle", found.region_id)
    context = {
        "title": BY_CODE[found.benefit].title,
        "crumbs": _crumbs((found.worker.name, "")),
        "offer": found,
        "tone": TONES[OfferState(found.state)],
        "benefit": BY_CODE[found.benefit],
        "determination": determination,
        "conditions": determination_conditions(determination),
        "summary": determination_summary(determination),
        "case": getattr(getattr(found, "request", None), "case", None),
        "actions": _actions(found) if handles else [],
        "refused": []
        if handles or not found.is_open
        else [{"label": "登记告知、同意", "reason": "由本人工作地的窗口经办员办理。"}],
    }
    return render(request, "window/offer.html", context)


def _actions(found: Offer) -> list[dict[str, str]]:
    if not found.is_open:
        return []
    rows = [
        (
            "登记同意办理",
            "window:offer_consent",
            "本人同意的，今天重新核对条件并留存依据，建立代办办件。",
            "primary",
        ),
        ("暂不办理", "window:offer_decline", "本人不需要的，不再提示这一项。", "secondary"),
    ]
    return [
        {"label": label, "href": reverse(name, args=[found.pk]), "consequence": consequence, "kind": kind}
        for label, name, consequence, kind in rows
    ]


@staff("offer.handle", "POST")
def offer_tell(request: HttpRequest, pk: int) -> HttpResponse:
    """This one was told."""
    found = _seen(request, pk)
    try:
        actions.notify(found.pk, by=request.user, on=timezone.localdate())
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, f"已登记告知{found.worker.name}。本人同意的，在本页登记同意办理。")
    return redirect("window:offer", pk)


@staff("offer.handle", "GET", "HEAD", "POST")
def offer_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """The person at the window agrees: repeats who and what, then opens the case."""
    found = _seen(request, pk)
    error = ""
    if request.method == "POST":
        try:
            case = actions.consent(found.pk, by=request.user, on=timezone.localdate())
        except (NotNow, Refused) as refusal:
            error = str(refusal)
        else:
            messages.success(request, f"已登记{found.worker.name}同意办理，办件编号{case.number}。")
            return redirect("window:case", case.number)
    return _step(
        request, found, "登记同意办理", forms.Form(request.POST or None), error, "确认本人同意", "primary"
    )


@staff("offer.handle", "GET", "HEAD", "POST")
def offer_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The person does not want it."""
    found = _seen(request, pk)
    form, error = ReasonForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline(
                found.pk, by=request.user, on=timezone.localdate(), reason=form.cleaned_data["reason"]
            )
        except (NotNow, Refused) as refusal:
            error = str(refusal)
        else:
            messages.success(request, f"已登记{found.worker.name}暂不办理“{BY_CODE[found.benefit].title}”。")
            return redirect("window:offers")
    return _step(request, found, "暂不办理", form, error, "确认暂不办理", "secondary")


def _step(
    request: HttpRequest, found: Offer, title: str, form: forms.Form, error: str, submit: str, kind: str
) -> HttpResponse:
    back = reverse("window:offer", args=[found.pk])
    context = {
        "title": title,
        "crumbs": _crumbs((found.worker.name, back), (title, "")),
        "offer": found,
        "benefit": BY_CODE[found.benefit],
        "form": form,
        "error": error,
        "submit": submit,
        "kind": kind,
        "back": back,
    }
    return render(request, "window/offer_step.html", context, status=409 if error else 200)


@staff("offer.match")
def matching(request: HttpRequest) -> HttpResponse:
    """The looks over the whole register: when, why, who gained and lost what; and how many hold what now."""
    runs = list(MatchRun.objects.select_related("by")[:20])
    last = runs[0] if runs else None
    context = {
        "title": "全库匹配",
        "runs": runs,
        "last": last,
        "may_view": can(request.user, "offer.view"),
        "crumbs": _crumbs(("全库匹配", "")) if can(request.user, "offer.view") else [],
        "rows": [
            {"benefit": BY_CODE[code], "offered": code in OFFERED, **last.counts[code]}
            for code in BITS
            if code in BY_CODE and code in last.counts
        ]
        if last
        else [],
    }
    return render(request, "window/matching.html", context)


@staff("offer.match", "POST")
def matching_start(request: HttpRequest) -> HttpResponse:
    try:
        job = start_matching(by=request.user, on=timezone.localdate())
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect("window:matching")
    return redirect("window:job", job.pk)
