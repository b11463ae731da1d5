"""Offers at the window (免申即享): whom to tell of what, and the worker's answer; and the looks over the
whole register.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, can, scope
from portal.cases.models import Case
from portal.entitlements import offers as actions
from portal.entitlements.catalogue import BITS, MONEY, OFFERED
from portal.entitlements.evidence import relation_with_sources
from portal.entitlements.guides import guidance_for_consent, what_follows_consent
from portal.entitlements.jobs import start_matching
from portal.entitlements.models import MatchRun, Offer, OfferState
from portal.entitlements.offered_subjects import foresee_offered, subject_in_question
from portal.formats import date_iso
from portal.lists.csv_files import audited_csv
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_at_once, act_on, posted, show_action
from portal.pages.case_page import NotOffered, Offered, show_case
from portal.pages.confirm_many import chosen_ids
from portal.pages.filters import ALL, COUNTED_AT_MOST, FilterForm, in_region
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.view_log import asked_of, numbers_of, record_list
from portal.pages.waiting import people_to_tell
from portal.paging import page_asked
from portal.policy.benefits import BY_CODE, Benefit
from portal.policy.determine import foresee_determination
from portal.policy.law import law_on
from portal.policy.models import Determination
from portal.window.cases.answer_shown import AnswerShown

_OPEN = ("open", "待告知、待答复")
# Told in one go: as many as a page shows.
_MOST = 50
_RUNS_SHOWN = 20
LIST = "惠享事项"


class OfferFilter(FilterForm):
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="工作地", required=False)
    benefit = forms.ChoiceField(
        label="事项", required=False, choices=[ALL, *((code, BY_CODE[code].title) for code in OFFERED)]
    )
    state = forms.ChoiceField(
        label="状态", required=False, choices=[_OPEN, *OfferState.choices, ("all", "全部")]
    )
    mine = forms.BooleanField(label="只看等我告知的", required=False)

    def offer(self) -> None:
        super().offer()
        if not can(self.user, "offer.handle"):
            del self.fields["mine"]

    def apply(self, found: QuerySet[Offer]) -> QuerySet[Offer]:
        state = self.value("state") or "open"
        if state == "open":
            found = found.filter(state__in=[OfferState.MATCHED, OfferState.NOTIFIED])
        elif state != "all":
            found = found.filter(state=state)
        if self.value("mine"):
            found = found.filter(pk__in=people_to_tell(self.user).values("pk"))
        if benefit := self.value("benefit"):
            found = found.filter(benefit=benefit)
        if region := self.value("region"):
            found = found.filter(in_region(region))
        if name := self.value("name"):
            found = found.of_worker_named(name)  # type: ignore[attr-defined]
        return found


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
        "title": LIST,
        "form": form,
        "page": page,
        "handles": handles,
        "clear": reverse("window:offers") if form.used else "",
        "rows": [
            {
                "offer": offer,
                "title": BY_CODE[offer.benefit].title,
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
    return audited_csv(
        request, "offer", heads, rows, count=seen.count(), people=numbers_of(seen, "worker_id")
    )


@staff("offer.handle", "POST")
def offers_tell(request: HttpRequest) -> HttpResponse:
    """The ticked people were told. Each by the same action as one alone: what fails for one does not stop the
    others.
    """
    chosen = Offer.objects.visible_to(request.user).filter(pk__in=chosen_ids(request)[:_MOST])
    told = 0
    not_told = []
    for offer in chosen.select_related("worker").order_by("id"):
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


# -- one of them ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OfferPage(AnswerShown):
    """One offer: why it holds, where it stands, what may be done."""

    offer: Offer
    user: Any

    base: ClassVar[str] = "base_staff.html"

    @classmethod
    def open(cls, request: HttpRequest, pk: int) -> OfferPage:
        seen = Offer.objects.visible_to(request.user).select_related(
            "worker__account", "region__parent", "determination__rule_version", "notified_by", "request__case"
        )
        return cls(get_object_or_404(seen, pk=pk), request.user)

    @property
    def benefit(self) -> Benefit:
        return BY_CODE[self.offer.benefit]

    @property
    def title(self) -> str:
        return self.benefit.title

    @property
    def address(self) -> str:
        return reverse("window:offer", args=[self.offer.pk])

    @property
    def crumbs(self) -> Crumbs:
        return [*_crumbs_of_list(), (self.offer.worker.name, "")]

    def crumbs_to(self, label: str) -> Crumbs:
        return [*_crumbs_of_list(), (self.offer.worker.name, self.address), (label, "")]

    @property
    def case(self) -> Case | None:
        """What the worker's consent opened."""
        request = getattr(self.offer, "request", None)
        return request.case if request else None

    @cached_property
    def determination(self) -> Determination:
        """As it was determined when somebody was told or agreed; before that, as it is today."""
        if self.offer.determination:
            return self.offer.determination
        today = timezone.localdate()
        about = subject_in_question(self.offer)
        if about is not None and (foreseen := foresee_offered(self.offer, about, on=today)):
            return foreseen
        return foresee_determination(
            relation_with_sources(self.offer.worker, today, verified=self.offer.benefit in MONEY),
            today,
            self.offer.benefit,
        )

    @property
    def under_way(self) -> bool:
        return self.offer.is_open

    @cached_property
    def handles(self) -> bool:
        return can(self.user, "offer.handle", self.offer.region_id)

    @property
    def actions(self) -> list[Offered]:
        if not self.handles or not self.offer.is_open:
            return []
        return [
            Offered(
                "登记同意办理",
                reverse("window:offer_consent", args=[self.offer.pk]),
                "本人同意的，今天重新核对条件并留存依据，建立代办办件。",
                "primary",
            ),
            Offered(
                "暂不办理",
                reverse("window:offer_decline", args=[self.offer.pk]),
                "本人不需要的，不再提示这一项。",
            ),
        ]

    @property
    def refused(self) -> list[NotOffered]:
        if self.handles or not self.offer.is_open:
            return []
        return [NotOffered("登记告知、同意", "由本人工作地的窗口经办员办理。")]

    def record_view(self) -> None:
        """Write to the audit that the user opened the page."""
        offer = self.offer
        audit.record("offer.view", by=self.user, obj=offer, worker=offer.worker_id, region=offer.region_id)


def _crumbs_of_list() -> Crumbs:
    return [(LIST, reverse("window:offers"))]


@staff("offer.view")
def open_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer on its page."""
    return show_case(request, OfferPage.open(request, pk), "window/offer.html")


@staff("offer.handle", "POST")
def offer_tell(request: HttpRequest, pk: int) -> HttpResponse:
    """This one was told."""
    page = OfferPage.open(request, pk)

    def tell() -> Done:
        actions.notify(pk, by=request.user, on=timezone.localdate())
        words = f"已登记告知{page.offer.worker.name}。本人同意的，在本页登记同意办理。"
        return Done(words, page.address)

    return act_at_once(request, tell, otherwise=page.address)


@staff("offer.handle", "GET", "HEAD", "POST")
def offer_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """The person at the window agrees: repeats who and what, then opens the case."""
    shown = OfferPage.open(request, pk)

    def act(given: dict[str, Any]) -> Done:
        case = actions.consent(pk, by=request.user, on=timezone.localdate())
        words = f"已登记{shown.offer.worker.name}同意办理，办件编号{case.number}。"
        return Done(words, reverse("window:case", args=[case.number]))

    page = ActionPage(
        title="登记同意办理",
        crumbs=shown.crumbs_to("登记同意办理"),
        consequence=what_follows_consent(
            guidance_for_consent(shown.offer.benefit, law_on(timezone.localdate()))
        ),
        submit="确认本人同意",
        back=shown.address,
    )
    form = NothingForm(posted(request))
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form, template="window/offer_step.html", about=shown)


@staff("offer.handle", "GET", "HEAD", "POST")
def offer_decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The person does not want it."""
    shown = OfferPage.open(request, pk)
    form = ReasonForm(
        posted(request),
        label="本人的意见",
        help_text="例如已通过其他途径办理。",
        required=False,
        longest=200,
        rows=3,
    )

    def act(given: dict[str, Any]) -> Done:
        actions.decline(pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        words = f"已登记{shown.offer.worker.name}暂不办理“{shown.benefit.title}”。"
        return Done(words, reverse("window:offers"))

    page = ActionPage(
        title="暂不办理",
        crumbs=shown.crumbs_to("暂不办理"),
        submit="确认暂不办理",
        kind="secondary",
        back=shown.address,
    )
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form, template="window/offer_step.html", about=shown)


# -- the looks over the whole register -----------------------------------------------------------------------
@staff("offer.match")
def matching(request: HttpRequest) -> HttpResponse:
    """The looks over the whole register: when, why, who gained and lost what; and how many hold what now."""
    runs = list(MatchRun.objects.select_related("by")[:_RUNS_SHOWN])
    last = runs[0] if runs else None
    may_view = can(request.user, "offer.view")
    context = {
        "title": "全库匹配",
        "runs": runs,
        "last": last,
        "may_view": may_view,
        "crumbs": [*_crumbs_of_list(), ("全库匹配", "")] if may_view else [],
        "rows": _counts_by_benefit(last) if last else [],
    }
    return render(request, "window/matching.html", context)


def _counts_by_benefit(run: MatchRun) -> list[dict[str, Any]]:
    known = [code for code in BITS if code in BY_CODE and code in run.counts]
    return [
        {
            "benefit": BY_CODE[code],
            "offered": code in OFFERED,
            **run.counts[code],
        }
        for code in known
    ]


@staff("offer.match", "POST")
def matching_start(request: HttpRequest) -> HttpResponse:
    try:
        job = start_matching(by=request.user, on=timezone.localdate())
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect("window:matching")
    return redirect("window:job", job.pk)
