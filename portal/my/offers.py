"""What the office found a worker entitled to without their asking, and the worker's answer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from portal.calendar_file import calendar_response
from portal.cases.models import Case
from portal.entitlements import offers as actions
from portal.entitlements.guides import Guidance, guidance_for_consent
from portal.entitlements.models import Offer
from portal.entitlements.numbers import AnswerDays, entries_of
from portal.entitlements.wording import conditions_of_answer
from portal.my.record_of import no_record_page, own_record, tabs_of
from portal.pages.access import signed_in
from portal.pages.action_page import ActionPage, Crumbs, Done, act_at_once, act_on, posted, show_action
from portal.pages.forms import ReasonForm
from portal.policy.benefits import BY_CODE, Benefit
from portal.policy.determine import explain_determination
from portal.policy.law import law_on
from portal.regions.models import ServiceWindow
from portal.workforce.models import Worker
from portal.workforce.models.base import own_records

_TITLE = "为我找到的待遇"
# What was answered or lapsed, the newest so many.
_MOST_PAST = 50


@dataclass
class OwnOffer:
    """An offer as the worker it was made to reads it."""

    offer: Offer

    @classmethod
    def open(cls, request: HttpRequest, pk: int) -> OwnOffer:
        seen = Offer.objects.visible_to(request.user).filter(worker__in=own_records(request.user))
        shown = seen.select_related("determination__rule_version", "worker", "request__case")
        return cls(get_object_or_404(shown, pk=pk))

    @property
    def benefit(self) -> Benefit:
        return BY_CODE[self.offer.benefit]

    @property
    def amount(self) -> Decimal | None:
        determination = self.offer.determination
        return determination.amount if determination else None

    @cached_property
    def answer(self) -> dict[str, Any] | None:
        """What was decided when the worker was told, in the words of then."""
        determination = self.offer.determination
        return explain_determination(determination) if determination else None

    @property
    def summary(self) -> str:
        return self.answer["gives"]["summary"] if self.answer else self.benefit.summary

    @property
    def caveats(self) -> list[str]:
        return self.answer["caveats"] if self.answer else []

    @cached_property
    def days(self) -> AnswerDays:
        """Until when to apply, counted from today."""
        today = timezone.localdate()
        return AnswerDays.read(self.answer, today) if self.answer else AnswerDays(today)

    @cached_property
    def guide(self) -> Guidance:
        """Who takes the matter up after a consent, and how long it takes."""
        return guidance_for_consent(self.offer.benefit, law_on(timezone.localdate()))

    @property
    def state(self) -> str:
        return "等您答复" if self.offer.is_open else self.offer.get_state_display()

    @property
    def tone(self) -> str:
        return "info" if self.offer.is_open else self.offer.state_tone

    @property
    def conditions(self) -> list[dict[str, Any]]:
        determination = self.offer.determination
        if self.answer is None or determination is None:
            return []
        return conditions_of_answer(self.answer, determination)

    @property
    def case(self) -> Case | None:
        """What the consent opened."""
        request = getattr(self.offer, "request", None)
        return request.case if request else None

    @property
    def address(self) -> str:
        return reverse("my:offer", args=[self.offer.pk])


def open_offers(worker: Worker, by: Any) -> list[OwnOffer]:
    """What waits for the worker's answer. Reading it is being told: see
    portal.entitlements.offers.notify_on_own_page.
    """
    actions.notify_on_own_page(worker.pk, by=by, on=timezone.localdate())
    seen = Offer.objects.visible_to(by).filter(worker=worker).open()
    return [OwnOffer(offer) for offer in seen.select_related("determination__rule_version").order_by("-id")]


@signed_in()
def offers(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, and what was answered or lapsed."""
    worker = own_record(request)
    if worker is None:
        return no_record_page(request, _TITLE)
    waiting = open_offers(worker, request.user)
    own = Offer.objects.visible_to(request.user).filter(worker=worker)
    past = own.exclude(pk__in=[shown.offer.pk for shown in waiting])
    past = past.select_related("determination__rule_version", "request__case").order_by("-id")
    context = {
        "title": _TITLE,
        "crumbs": [("我的待遇", reverse("my:home")), (_TITLE, "")],
        "tabs": tabs_of(request),
        "waiting": waiting,
        "past": [OwnOffer(offer) for offer in past[:_MOST_PAST]],
    }
    return render(request, "my/offers.html", context)


@signed_in()
def open_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer: what one gets, why, and the two answers."""
    worker = own_record(request)
    if worker is not None:
        actions.notify_on_own_page(worker.pk, by=request.user, on=timezone.localdate())
    page = OwnOffer.open(request, pk)
    context = {
        "title": page.benefit.title,
        "crumbs": [
            ("我的待遇", reverse("my:home")),
            (_TITLE, reverse("my:offers")),
            (page.benefit.title, ""),
        ],
        "page": page,
        "offer": page.offer,
        "case": page.case,
        "place": ServiceWindow.objects.filter(region_id=page.offer.region_id).first(),
    }
    return render(request, "my/offer.html", context)


@signed_in()
def offer_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The last day to apply, for the telephone."""
    page = OwnOffer.open(request, pk)
    entries = entries_of(page.offer.benefit, page.benefit.title, page.days, basis=page.offer.distinction)
    return calendar_response(entries, page.benefit.title)


@signed_in("POST")
def consent(request: HttpRequest, pk: int) -> HttpResponse:
    """The worker agrees; the window takes the matter up."""
    shown = OwnOffer.open(request, pk)

    def agree() -> Done:
        case = actions.consent(pk, by=request.user, on=timezone.localdate())
        time = f"，{shown.guide.time}" if shown.guide.time else ""
        words = (
            f"已同意办理，办件编号{case.number}。接下来由{shown.guide.handled_by}办理{time}；"
            "需要补充材料时会联系您，进度在“我的办件”查看。"
        )
        return Done(words, reverse("my:case", args=[case.number]))

    return act_at_once(request, agree, otherwise=shown.address)


@signed_in("GET", "HEAD", "POST")
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The worker does not want it."""
    shown = OwnOffer.open(request, pk)
    form = ReasonForm(posted(request), label="原因", required=False, longest=200, rows=3)

    def act(given: dict[str, Any]) -> Done:
        actions.decline(pk, by=request.user, on=timezone.localdate(), reason=given["reason"])
        words = "已记录，这一项不再提示。以后需要的，可到服务窗口办理。"
        return Done(words, reverse("my:offers"))

    page = ActionPage(
        title="暂不办理",
        crumbs=_crumbs_to_decline(shown),
        consequence=f"{shown.benefit.title}：不再提示这一项，以后需要的仍可到服务窗口办理。",
        submit="确认暂不办理",
        kind="secondary",
        back=shown.address,
        base="base_public.html",
    )
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)


def _crumbs_to_decline(shown: OwnOffer) -> Crumbs:
    return [
        ("我的待遇", reverse("my:home")),
        (shown.benefit.title, shown.address),
        ("暂不办理", ""),
    ]
