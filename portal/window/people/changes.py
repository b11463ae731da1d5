"""Changes of what counts: the list, many confirmed at once, and one with both sides and what may be decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can, scope
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.confirm_many import LeftOut, chosen_ids, confirm_many, confirmed
from portal.pages.filters import ChangeFilter
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.view_log import asked_of, record_shown
from portal.pages.waiting import changes_to_confirm
from portal.paging import count_of, page_asked
from portal.window.people.change_words import (
    WITH,
    Sides,
    address_of_subject,
    region_of,
    sides_of,
    title_of,
    whose,
)
from portal.window.people.verdicts import ChangesSeenForm, SeenOfRecordForm
from portal.workforce.actions import confirm_change, documents_of, refuse_change, withdraw_change
from portal.workforce.actions.changing import PERMISSION, place_of, why_not, why_not_each
from portal.workforce.change_subjects import SUBJECTS
from portal.workforce.models import ChangeState, ChangeWhat, RecordChange
from portal.workforce.verification import MOST_CHANGES_AT_ONCE, start_confirmation_of_changes

TITLE = "待确认变更"
TONES = {
    ChangeState.PROPOSED: "warn",
    ChangeState.CONFIRMED: "good",
    ChangeState.REFUSED: "bad",
    ChangeState.WITHDRAWN: "plain",
}


def _crumbs(*more: tuple[str, str]) -> Crumbs:
    here = reverse("window:changes") if more else ""
    return [("工作台", reverse("window:home")), (TITLE, here), *more]


@staff("worker.view")
def changes(request: HttpRequest) -> HttpResponse:
    """What waits for another person, and what was decided."""
    form = ChangeFilter(request.GET, user=request.user)
    name = form.chosen_list
    seen = RecordChange.objects.visible_to(request.user)
    lists = {"open": seen.open(), "done": seen.exclude(state=ChangeState.PROPOSED)}
    page = page_asked(form.apply(lists[name].select_related(*WITH)), request.GET, order=("-id",), count=True)
    record_shown([change.worker_id for change in page.rows], by=request.user, asked=asked_of(form))
    confirms = name == "open" and can(request.user, PERMISSION)
    context = {
        "title": TITLE,
        "crumbs": _crumbs(),
        "form": form,
        "clear": f"?list={name}",
        "tabs": [
            {"label": label, "href": f"?list={key}", "current": key == name, "count": count_of(lists[key])}
            for key, label in form.LISTS.items()
        ],
        "page": page,
        "rows": _rows(page.rows, request.user, confirms=confirms),
        "confirms": confirms,
        "filters": request.GET.urlencode(),
        "bulk": [
            {"name": "what", "value": "chosen", "label": "确认所选"},
            {"name": "what", "value": "all", "label": "确认全部筛选结果", "kind": "secondary", "whole": True},
        ],
    }
    return render(request, "window/changes.html", context)


def _rows(changes: Sequence[RecordChange], user: Any, *, confirms: bool) -> list[dict[str, Any]]:
    """The changes of the list; what one has proposed or written oneself is confirmed by somebody else."""
    where = scope(user, PERMISSION)
    reasons = why_not_each(changes, user) if confirms else {}
    return [
        {
            "change": sides.change,
            "title": title_of(sides.change),
            "whose": whose(sides.change),
            "tone": TONES[ChangeState(sides.change.state)],
            "differences": sides.differences,
            "begins": sides.begins,
            "may": confirms and sides.change.pk not in reasons and where.covers(place_of(sides.change)),
            "reason": reasons.get(sides.change.pk, ""),
        }
        for sides in sides_of(changes)
    ]


@staff(PERMISSION, "POST")
def changes_confirm(request: HttpRequest) -> HttpResponse:
    """First repeats the chosen changes, both sides of each, and asks what was seen; with that, starts the job."""
    filters = QueryDict(request.POST.get("filters", "")).urlencode() or "mine=on"
    back = f"{reverse('window:changes')}?{filters}"
    ids = _chosen(request)
    if not ids or (len(ids) > MOST_CHANGES_AT_ONCE and request.POST.get("what") != "all"):
        messages.error(request, f"请选择1至{MOST_CHANGES_AT_ONCE}项由您确认的变更。")
        return redirect(back)
    more = len(ids) > MOST_CHANGES_AT_ONCE
    sides, left_out = _that_the_user_may_confirm(ids[:MOST_CHANGES_AT_ONCE], request.user)

    def act(given: dict[str, Any]) -> Done:
        chosen = [one.change.pk for one in sides]
        job = start_confirmation_of_changes(
            chosen, seen=given["seen"], by=request.user, on=timezone.localdate()
        )
        words = f"已开始确认{len(chosen)}项变更，逐项办理。离开本页不影响办理。"
        return Done(words, reverse("window:job", args=[job.pk]))

    title = f"确认变更：{len(sides)}项"
    page = ActionPage(
        title=title,
        crumbs=_crumbs((title, "")),
        consequence="请与材料逐项核对。确认后立即生效，可能影响其享受的待遇；确认人记为您。",
        submit="核对一致，全部确认",
        back=back,
    )
    rows = [
        {
            "pk": one.change.pk,
            "sides": one,
            "title": title_of(one.change),
            "whose": whose(one.change),
            "region": region_of(one.change),
        }
        for one in sides
    ]
    return confirm_many(
        request,
        page,
        rows,
        ChangesSeenForm(confirmed(request)),
        act,
        template="window/changes_confirm.html",
        left_out=left_out,
        most=MOST_CHANGES_AT_ONCE if more else 0,
        filters=filters,
    )


def _chosen(request: HttpRequest) -> list[int]:
    """The ticked changes, or all that the filters of the list give and the user may confirm: one more than are
    confirmed at once says that there are more.
    """
    if request.POST.get("what") != "all":
        return chosen_ids(request)
    form = ChangeFilter(QueryDict(request.POST.get("filters", "")), user=request.user)
    waiting = form.apply(changes_to_confirm(request.user)).order_by("id")
    return list(waiting.values_list("pk", flat=True)[: MOST_CHANGES_AT_ONCE + 1])


def _that_the_user_may_confirm(ids: list[int], user: Any) -> tuple[list[Sides], list[LeftOut]]:
    """Those of the chosen that the user may confirm now, and the others with the reason. The action checks
    each again.
    """
    where = scope(user, PERMISSION)
    seen = RecordChange.objects.visible_to(user).select_related(*WITH)
    chosen = list(seen.filter(pk__in=ids).order_by("id"))
    reasons = why_not_each(chosen, user)
    changes, left_out = [], []
    for one in chosen:
        reason = reasons.get(one.pk, "")
        if one.state != ChangeState.PROPOSED:
            reason = f"已由{one.decided_by}处理，结果为“{one.get_state_display()}”"
        elif not reason and not where.covers(place_of(one)):
            reason = "须由接收地确认" if one.to_region_id else "不在您负责的地区"
        if reason:
            left_out.append(LeftOut(str(whose(one)), title_of(one), reason.rstrip("。")))
        else:
            changes.append(one)
    return sides_of(changes), left_out


def _change(request: HttpRequest, pk: int) -> RecordChange:
    seen = RecordChange.objects.visible_to(request.user).select_related(*WITH)
    return get_object_or_404(seen, pk=pk)


def _shown(request: HttpRequest, change: RecordChange) -> dict[str, Any]:
    """What every page of one change shows."""
    subject = SUBJECTS[change.kind]
    [sides] = sides_of([change])
    documents: Any = []
    if subject.record_kind is not None:
        documents = documents_of(change.kind, _Where(change))
    return {
        "change": change,
        "whose": whose(change),
        "subject": subject.title,
        "removes": change.what == ChangeWhat.REMOVE,
        "pair": sides.pair,
        "follows": sides.begins,
        "documents": documents,
        "about": address_of_subject(change) if can(request.user, "worker.view", region_of(change).pk) else "",
        "tone": TONES[ChangeState(change.state)],
    }


class _Where:
    """The number of a record that may be gone, as its documents name it."""

    def __init__(self, change: RecordChange) -> None:
        self.pk, self.worker_id = change.record_id, change.worker_id


@staff("worker.view")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: both sides, who proposed and who decided, and what may be done."""
    one, user = _change(request, pk), request.user
    waits = one.state == ChangeState.PROPOSED
    reason = why_not(one, user) if waits else ""
    decides = waits and not reason and can(user, PERMISSION, place_of(one))
    title = f"{title_of(one)}：{whose(one)}"
    context = {
        "title": title,
        "crumbs": _crumbs((title, "")),
        **_shown(request, one),
        "waits": waits,
        "reason": reason,
        "confirm": reverse("window:change_confirm", args=[pk]) if decides else "",
        "refuse": reverse("window:change_refuse", args=[pk]) if decides else "",
        "withdraw": reverse("window:change_withdraw", args=[pk])
        if waits and one.proposed_by_id == user.pk
        else "",
    }
    return render(request, "window/change.html", context)


def _decide(
    request: HttpRequest, one: RecordChange, page: ActionPage, form: forms.Form, act: Any
) -> HttpResponse:
    if posted(request) is None and one.state != ChangeState.PROPOSED:
        messages.info(request, f"该项变更已经处理，结果为“{one.get_state_display()}”。")
        return redirect("window:change", one.pk)
    answer = act_on(request, form, act)
    return answer or show_action(
        request, page, form, template="window/change_step.html", **_shown(request, one)
    )


def _page(one: RecordChange, verb: str, consequence: str, submit: str, kind: str = "primary") -> ActionPage:
    here = reverse("window:change", args=[one.pk])
    title = f"{verb}：{title_of(one)}，{whose(one)}"
    return ActionPage(
        title=title,
        crumbs=_crumbs((f"{title_of(one)}：{whose(one)}", here), (verb, "")),
        consequence=consequence,
        submit=submit,
        kind=kind,
        back=here,
    )


def _to_the_next(request: HttpRequest) -> str:
    return f"{reverse('window:changes')}?mine=on"


@staff(PERMISSION, "GET", "HEAD", "POST")
def change_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it take effect, after looking at the documents."""
    one = _change(request, pk)
    form = SeenOfRecordForm(posted(request), _shown(request, one)["documents"])

    def act(given: dict[str, Any]) -> Done:
        confirm_change(
            pk,
            seen=given["seen"],
            documents=given.get("documents", []),
            by=request.user,
            on=timezone.localdate(),
        )
        return Done(f"已确认，{title_of(one)}已生效。", _to_the_next(request))

    page = _page(
        one,
        "确认变更",
        "与材料逐项核对一致后再确认。确认后立即生效，可能影响其享受的待遇；确认人记为您。",
        "核对一致，确认",
    )
    return _decide(request, one, page, form, act)


@staff(PERMISSION, "GET", "HEAD", "POST")
def change_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the record as it is."""
    one = _change(request, pk)
    form = ReasonForm(posted(request), label="不予通过的理由")

    def act(given: dict[str, Any]) -> Done:
        refuse_change(pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Done("已作未通过处理，原内容不变。", _to_the_next(request))

    page = _page(
        one, "不予通过", "原内容不变，继续作为判定依据。提出人会看到这里写的理由。", "不予通过", "danger"
    )
    return _decide(request, one, page, form, act)


@staff("worker.view", "GET", "HEAD", "POST")
def change_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one has proposed oneself."""
    one = _change(request, pk)

    def act(given: dict[str, Any]) -> Done:
        withdraw_change(pk, by=request.user, on=timezone.localdate())
        return Done("已撤回，原内容不变。", address_of_subject(one))

    page = _page(one, "撤回", "撤回后原内容不变，可以重新提出。", "撤回变更", "secondary")
    return _decide(request, one, page, NothingForm(posted(request)), act)
