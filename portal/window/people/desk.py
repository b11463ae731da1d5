"""The service desk: whoever stands before the clerk is found by any number they bring, and one page says who they are,
what is open for them, and where their matters and their money are. From there to check, consent and receipt.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from portal import audit
from portal.accounts.access import NotNow, Refused, can
from portal.cases.models import Case, Correction
from portal.cases.models.life import NEWEST_FIRST
from portal.entitlements import offers as offer_actions
from portal.entitlements.models import Offer, OfferState, RectificationRequest
from portal.entitlements.wording import fact_label
from portal.entitlements.workflow import RECTIFICATION
from portal.formats import date_cn
from portal.letters.models import NEWEST_FIRST as LETTERS
from portal.letters.models import Letter
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted
from portal.pages.case_page import Happened
from portal.pages.confirm_many import chosen_ids, confirm_many, confirmed
from portal.pages.deadlines import deadline_of
from portal.pages.desk import Asked, DeskPart, DeskRow, parts
from portal.pages.forms import NothingForm
from portal.pages.view_log import name_asked, record_list
from portal.policy.benefits import BY_CODE
from portal.reasons import ReasonField
from portal.regions.calendar import OfficeCalendar
from portal.window.people import searching
from portal.window.people.workers import visible_worker
from portal.workforce.actions.contacts import AT_MOST, record_contact
from portal.workforce.actions.contacts import PERMISSION as CONTACT
from portal.workforce.merged import records_of
from portal.workforce.models import Contact, ContactChannel, Worker
from portal.workforce.occupations import unlisted


class ContactForm(forms.Form):
    """What the office and the person spoke of."""

    channel = forms.ChoiceField(label="联系方式", choices=ContactChannel.choices)
    said = ReasonField(
        label="联系内容",
        max_length=AT_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="本人可以取得这些记录。请勿填写证件号码、银行账号。",
        error_messages={"required": "请写明联系的内容。"},
    )


TITLE = "窗口服务"
# Of each kind the newest so many.
_MOST = 20


@staff("worker.view")
def desk(request: HttpRequest) -> HttpResponse:
    """Find who is at the desk, by whatever they know of themselves."""
    text = " ".join(request.GET.get("q", "").replace("\0", "").split())[:60]
    groups: list[dict[str, Any]] = []
    people: list[Worker] = []
    message = ""
    if text:
        hit, message = searching.exact(text, request.user)
        if hit is not None:
            searching.remember(request, hit.remembered_as, hit.href)
            return redirect("window:desk_person", hit.worker_id) if hit.worker_id else redirect(hit.href)
        if not message:
            groups = searching.by_name(text, request.user)
            people = [person for group in groups if group["kind"] == "workers" for person in group["rows"]]
            record_list(people, by=request.user, asked=[name_asked(text)])
        if not groups and not message and searching.tail_is_too_common(text, request.user):
            message = searching.ADD_A_NAME
        if not groups:
            searching.remember_not_found(request, text)
    context = {
        "title": TITLE,
        "search_text": text,
        "groups": groups,
        "unlisted": unlisted(person.occupation for person in people),
        "message": message,
        "searches": searching.last_searches(request),
        "may_register": can(request.user, "worker.edit"),
    }
    return render(request, "window/desk.html", context)


# -- who is there --------------------------------------------------------------------------------------------
@staff("worker.view", "GET", "HEAD", "POST")
def desk_person(request: HttpRequest, worker_id: int) -> HttpResponse:
    """Everything that stands open for one person. Who opened the page is written to the audit. POST writes down what was
    spoken of; what is refused stays in its field.
    """
    person = visible_worker(request, worker_id)
    form = ContactForm(posted(request)) if can(request.user, CONTACT, person.work_region_id) else None
    if form is not None and (answer := _write_contact(request, person, form)):
        return answer
    audit.record("worker.view", by=request.user, obj=person, worker=person, region=person.work_region_id)
    asked = Asked(records_of(person.pk), request.user, timezone.localdate())
    handles = can(request.user, "offer.handle", person.work_region_id)
    shown = [*parts(), _CORRECTIONS]
    context = {
        "title": person.name,
        "crumbs": _crumbs((person.name, "")),
        "worker": person,
        "offers": _open_offers(asked),
        "handles": handles,
        "parts": [{"part": part, "rows": part.rows(asked)} for part in shown],
        "cases": _cases(asked, [kind for part in shown for kind in part.kinds]),
        "letters": _letters(asked),
        "contacts": _contacts(asked),
        "form": form,
        "actions": _ways(person, request.user),
    }
    return render(request, "window/desk_person.html", context)


def _write_contact(request: HttpRequest, person: Worker, form: ContactForm) -> HttpResponse | None:
    def act(given: dict[str, Any]) -> Done:
        record_contact(person.pk, **given, by=request.user, on=timezone.localdate())
        return Done("已记录联系情况。", f"{reverse('window:desk_person', args=[person.pk])}#contacts")

    return act_on(request, form, act)


def _contacts(asked: Asked) -> list[Happened]:
    """What was spoken of, the newest first."""
    seen = Contact.objects.visible_to(asked.user).filter(worker__in=asked.records).select_related("by")
    return [
        Happened(
            one.at,
            one.get_channel_display(),
            by=str(one.by),
            text=f"{one.said}（保存至{date_cn(one.kept_until)}）",
        )
        for one in seen[:_MOST]
    ]


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(TITLE, reverse("window:desk")), *more]


def _open_offers(asked: Asked) -> list[dict[str, Any]]:
    """What was found for the person and waits to be told or answered."""
    offers = Offer.objects.visible_to(asked.user).open().filter(worker__in=asked.records)
    return [
        {"offer": offer, "title": BY_CODE[offer.benefit].title, "told": offer.state == OfferState.NOTIFIED}
        for offer in offers.order_by("-id")[:_MOST]
    ]


def _cases(asked: Asked, elsewhere: Sequence[str]) -> list[DeskRow]:
    """The person's cases that stand in no part of their own; what is missing is told beside those sent back."""
    seen = Case.objects.visible_to(asked.user).filter(worker__in=asked.records).exclude(kind__in=elsewhere)
    cases = list(seen.order_by(*NEWEST_FIRST)[:_MOST])
    open_corrections = Correction.objects.filter(
        case__in=[case.pk for case in cases if case.stopped_on], resolved_on__isnull=True
    )
    missing = {correction.case_id: correction.missing for correction in open_corrections}
    calendar = OfficeCalendar()
    return [_case_row(case, missing.get(case.pk, []), asked.on, calendar) for case in cases]


def _case_row(case: Case, missing: Sequence[str], today: date, calendar: OfficeCalendar) -> DeskRow:
    told = ""
    if missing:
        told = f"请本人补齐：{'；'.join(missing)}。"
    elif case.due_on and not case.closed_at:
        told = f"{date_cn(case.due_on)}前办理，{deadline_of(case, today, calendar).words}。"
    return DeskRow(
        case.subject or case.kind_label,
        reverse("window:case", args=[case.number]),
        case.state_label,
        case.state_tone,
        number=case.number,
        since=case.opened_on,
        told=told,
    )


def _corrections(asked: Asked) -> list[DeskRow]:
    """What the person said is recorded wrongly."""
    seen = Case.objects.visible_to(asked.user).filter(worker__in=asked.records, kind=RECTIFICATION)
    requests = RectificationRequest.objects.filter(case__in=seen).select_related("case")
    return [
        DeskRow(
            "、".join(fact_label(fact) for fact in request.facts),
            reverse("window:rectification", args=[request.case.number]),
            request.case.state_label,
            request.case.state_tone,
            number=request.case.number,
            since=request.case.opened_on,
            told=request.answer or f"本人说明：{request.statement}",
        )
        for request in requests.order_by("-case__opened_on", "-pk")[:_MOST]
    ]


_CORRECTIONS = DeskPart(
    "corrections", "本人要求更正的信息", "没有更正申请。", _corrections, kinds=(RECTIFICATION,)
)


def _letters(asked: Asked) -> list[Letter]:
    letters = Letter.objects.visible_to(asked.user).filter(worker__in=asked.records)
    return list(letters.defer("context", "grounds").select_related("file").order_by(*LETTERS)[:_MOST])


def _ways(person: Worker, user: Any) -> list[dict[str, str]]:
    """Where it goes on from here, the check first."""
    ways = [("待遇查询", "window:check", "worker.view", "逐项核对本人可以享受的待遇，可打印带走。")]
    ways += [("打开档案", "window:worker", "worker.view", "登记、更正就业、证书、荣誉等信息和收款账户。")]
    return [
        {
            "label": label,
            "href": reverse(address, args=[person.pk]),
            "consequence": consequence,
            "kind": "secondary" if number else "primary",
        }
        for number, (label, address, permission, consequence) in enumerate(ways)
        if can(user, permission, person.work_region_id)
    ]


# -- consent and receipt -------------------------------------------------------------------------------------
@staff("offer.handle", "GET", "HEAD", "POST")
def desk_consent(request: HttpRequest, worker_id: int) -> HttpResponse:
    """The person agrees to what was ticked: the page names each, and agreeing to one does not hang on the others."""
    person = visible_worker(request, worker_id)
    here = reverse("window:desk_person", args=[person.pk])
    if request.method != "POST":
        return redirect(here)
    seen = Offer.objects.visible_to(request.user).open().filter(worker__in=records_of(person.pk))
    chosen = list(seen.filter(pk__in=chosen_ids(request)).order_by("id"))
    for offer in chosen:
        offer.title = BY_CODE[offer.benefit].title  # type: ignore[attr-defined]

    def act(_given: dict[str, Any]) -> Done:
        return _consent_to(chosen, person, request.user, here)

    page = ActionPage(
        title="登记同意办理",
        crumbs=_crumbs((person.name, here), ("登记同意办理", "")),
        consequence="本人同意的，今天重新核对条件并留存依据，逐项建立办件，随后打印回执。",
        submit="确认本人同意",
        back=here,
    )
    form = NothingForm(confirmed(request))
    return confirm_many(request, page, chosen, form, act, template="window/desk_consent.html", worker=person)


def _consent_to(chosen: Sequence[Offer], person: Worker, user: Any, here: str) -> Done:
    """Each by the action of one alone; what does not hold any more is said, the others stand."""
    numbers: list[str] = []
    not_done: list[str] = []
    for offer in chosen:
        title = BY_CODE[offer.benefit].title
        try:
            case = offer_actions.consent(offer.pk, by=user, on=timezone.localdate())
        except (NotNow, Refused) as refusal:
            not_done.append(f"{title}：{refusal}")
        else:
            numbers.append(case.number)
    if not numbers:
        return Done("", here, left_undone="".join(not_done))
    receipt = reverse("window:desk_receipt", args=[person.pk])
    address = f"{receipt}?{urlencode({'case': numbers}, doseq=True)}"
    words = f"已登记{person.name}同意办理{len(numbers)}项。"
    return Done(words, address, left_undone="".join(not_done))


@staff("offer.handle")
def desk_receipt(request: HttpRequest, worker_id: int) -> HttpResponse:
    """What the person takes along: the numbers of the matters that were opened, and until when each is done."""
    person = visible_worker(request, worker_id)
    seen = Case.objects.visible_to(request.user).filter(worker__in=records_of(person.pk))
    numbers = request.GET.getlist("case")[:_MOST]
    cases = list(seen.filter(number__in=numbers).select_related("region").order_by("id"))
    letters = Letter.objects.visible_to(request.user).filter(case__in=[case.pk for case in cases])
    here = reverse("window:desk_person", args=[person.pk])
    context = {
        "title": "办理回执",
        "crumbs": _crumbs((person.name, here), ("办理回执", "")),
        "worker": person,
        "cases": cases,
        "letters": list(letters.select_related("file").order_by(*LETTERS)),
        "on": timezone.localdate(),
        "by": request.user,
    }
    return render(request, "window/desk_receipt.html", context)
