"""Where the register and the published rows differ: the list, proposing a correction, deciding on it, keeping what
is published.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.view_log import record_shown
from portal.paging import count_of, page_asked
from talent_registry import actions
from talent_registry.actions.correcting import CONFIRM, PROPOSE
from talent_registry.correction_queues import corrections_to_confirm
from talent_registry.forms import CorrectionForm
from talent_registry.models import CorrectionState, EntryCorrection, PublishedDifference
from talent_registry.views.entry_page import DECIDED, EntryPage
from talent_registry.views.entry_page import LIST as ENTRIES

TITLE = "与已公布的信息不一致"
_TONES = {
    CorrectionState.PROPOSED: "warn",
    CorrectionState.CONFIRMED: "good",
    CorrectionState.REFUSED: "bad",
    CorrectionState.KEPT: "plain",
}
_ENTRY = ("entry__region__parent", "entry__worker__employer", "entry__worker__work_region__parent")
_SHOWN = (*_ENTRY, "entry__selection", *DECIDED)


def _crumbs(*more: tuple[str, str]) -> Crumbs:
    here = reverse("registry:corrections") if more else ""
    return [("工作台", reverse("window:home")), (ENTRIES, reverse("registry:entries")), (TITLE, here), *more]


@staff("case.view")
def corrections(request: HttpRequest) -> HttpResponse:
    """Entries that differ from the register, what is proposed, and what was decided, each as a list."""
    name = request.GET.get("list", "waiting")
    name = name if name in ("waiting", "proposed", "decided") else "waiting"
    differing = PublishedDifference.objects.visible_to(request.user).unsettled().without_proposal()
    made = EntryCorrection.objects.visible_to(request.user)
    proposed = corrections_to_confirm(request.user) if "mine" in request.GET else made.open()
    lists: dict[str, tuple[str, QuerySet[Any]]] = {
        "waiting": ("待处理", differing),
        "proposed": ("待复核", proposed),
        "decided": ("已处理", made.exclude(state=CorrectionState.PROPOSED)),
    }
    chosen = lists[name][1]
    if name == "waiting":
        page = page_asked(
            chosen.select_related(*_ENTRY),
            request.GET,
            order=("-since", "-entry_id"),
            count=True,
        )
        rows = [_differing(difference, request.user) for difference in page.rows]
    else:
        page = page_asked(chosen.select_related(*_SHOWN), request.GET, order=("-id",), count=True)
        rows = [_decided(correction, request.user) for correction in page.rows]
    shown = [row.entry.worker_id for row in page.rows]
    record_shown(shown, by=request.user, asked=[f"{TITLE}：{lists[name][0]}"])
    context = {
        "title": TITLE,
        "crumbs": _crumbs(),
        "list_name": name,
        "tabs": [
            {"label": label, "href": f"?list={key}", "current": key == name, "count": count_of(rows_of)}
            for key, (label, rows_of) in lists.items()
        ],
        "page": page,
        "rows": rows,
    }
    return render(request, "registry/corrections.html", context)


def _differing(difference: PublishedDifference, user: Any) -> dict[str, Any]:
    entry = difference.entry
    may = can(user, PROPOSE, entry.region_id)
    return {
        "entry": entry,
        "differences": actions.differences_of(entry, difference),
        "at": difference.since,
        "do": reverse("registry:record", args=[entry.number]) if may else "",
        "label": "办理",
    }


def _decided(correction: EntryCorrection, user: Any) -> dict[str, Any]:
    waits = correction.state == CorrectionState.PROPOSED
    may = waits and can(user, CONFIRM, correction.entry.region_id) and correction.proposed_by_id != user.pk
    return {
        "entry": correction.entry,
        "differences": correction.differences,
        "at": correction.proposed_at if waits else correction.decided_at,
        "by": correction.proposed_by if waits else correction.decided_by,
        "state": correction.get_state_display(),
        "tone": _TONES[CorrectionState(correction.state)],
        "do": reverse("registry:correction_confirm", args=[correction.pk]) if may else "",
        "label": "复核",
    }


@staff(PROPOSE, "GET", "HEAD", "POST")
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Propose that the published row shall say what the register says."""
    shown = EntryPage.open(request, number)
    if shown.open_correction or not shown.correctable:
        messages.info(request, f"{number}没有需要提出的更正，或者已有待复核的更正。")
        return redirect(shown.address)

    def act(given: dict[str, Any]) -> Done:
        actions.propose_correction(
            shown.entry.pk, given["chosen"], reason=given["reason"], by=request.user, on=timezone.localdate()
        )
        return Done("已提出更正，由另一名名录管理员复核后公布。", shown.address)

    page = ActionPage(
        title=f"更正公布的信息：{shown.entry.name}",
        crumbs=shown.crumbs_to("更正公布的信息"),
        consequence="由另一名名录管理员复核。复核后公布的名录、查询和文件显示更正后的内容，原信函由新信函替代。",
        heading="更正内容",
        submit="提出更正",
        back=shown.address,
    )
    form = CorrectionForm(posted(request), differences=shown.correctable)
    answer = act_on(request, form, act)
    return answer or show_action(
        request, page, form, template="registry/correct.html", about=shown, differences=shown.correctable
    )


@staff(CONFIRM, "GET", "HEAD", "POST")
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """Decide that what is published stays, although the register says something else by now."""
    shown = EntryPage.open(request, number)
    if shown.open_correction or not shown.differs:
        messages.info(request, f"{number}公布的内容没有需要决定保留的，或者已有待复核的更正。")
        return redirect(shown.address)

    def act(given: dict[str, Any]) -> Done:
        actions.keep_published(
            shown.entry.pk, reason=given["reason"], by=request.user, on=timezone.localdate()
        )
        return Done(f"已决定保留{number}原公布的内容。", shown.address)

    page = ActionPage(
        title=f"保留原公布内容：{shown.entry.name}",
        crumbs=shown.crumbs_to("保留原公布内容"),
        consequence="公布的内容当时无误、其后本人情况变化的，不作更正。登记信息再次变化时会重新提示。",
        heading="决定",
        submit="保留原公布内容",
        back=shown.address,
    )
    form = ReasonForm(posted(request), label="保留的理由", help_text="例如：纳入后更换工作单位。")
    answer = act_on(request, form, act)
    return answer or show_action(
        request, page, form, template="registry/correct.html", about=shown, differences=shown.differences
    )


def _correction(request: HttpRequest, pk: int) -> EntryCorrection:
    seen = EntryCorrection.objects.visible_to(request.user).select_related(*_SHOWN)
    return get_object_or_404(seen, pk=pk)


@staff(CONFIRM, "GET", "HEAD", "POST")
def correction_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm what somebody else has proposed: from then on it is published."""
    correction = _correction(request, pk)
    record = reverse("registry:record", args=[correction.entry.number])

    def act(given: dict[str, Any]) -> Done:
        actions.confirm_correction(pk, by=request.user, on=timezone.localdate())
        return Done("已更正公布的信息，原信函已由新信函替代。请及时送达并登记送达情况。", record)

    page = ActionPage(
        title=f"复核更正：{correction.entry.number}",
        crumbs=_crumbs((correction.entry.number, record), ("复核更正", "")),
        consequence="与登记信息和证件材料核对一致后再确认。确认后立即公布，复核人记为您。",
        submit="核对无误，更正公布",
        back=record,
    )
    return _decide(request, page, NothingForm(posted(request)), act, correction)


@staff(CONFIRM, "GET", "HEAD", "POST")
def correction_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the row as it is published."""
    correction = _correction(request, pk)
    record = reverse("registry:record", args=[correction.entry.number])

    def act(given: dict[str, Any]) -> Done:
        actions.refuse_correction(pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Done("已作不予更正处理，公布的内容不变。", record)

    page = ActionPage(
        title=f"不予更正：{correction.entry.number}",
        crumbs=_crumbs((correction.entry.number, record), ("不予更正", "")),
        consequence="公布的内容不变，可以核对后重新提出更正。",
        submit="不予更正",
        kind="danger",
        back=record,
    )
    return _decide(request, page, ReasonForm(posted(request), label="不予更正的理由"), act, correction)


def _decide(
    request: HttpRequest, page: ActionPage, form: Any, act: Any, correction: EntryCorrection
) -> HttpResponse:
    if posted(request) is None and correction.state != CorrectionState.PROPOSED:
        messages.info(request, f"该更正已经办理，当前为“{correction.get_state_display()}”。")
        return redirect(reverse("registry:record", args=[correction.entry.number]))
    refusing = isinstance(form, ReasonForm)
    other = "" if refusing else reverse("registry:correction_refuse", args=[correction.pk])
    answer = act_on(request, form, act)
    return answer or show_action(
        request,
        page,
        form,
        template="registry/correct.html",
        about=EntryPage(correction.entry, request.user),
        differences=correction.differences,
        correction=correction,
        other=other,
    )
