"""Changes of what counts: the list, one change with what was and what shall be side by side, and deciding on it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Crumbs, Done, act_on, posted, show_action
from portal.pages.forms import NothingForm, ReasonForm
from portal.pages.waiting import changes_to_confirm
from portal.paging import count_of, page_asked
from portal.window.people.sections import section_of
from portal.window.people.verifying import SeenOfRecordForm
from portal.workforce.actions import confirm_change, documents_of, refuse_change, withdraw_change
from portal.workforce.actions.changing import PERMISSION, place_of, why_not
from portal.workforce.change_subjects import SUBJECTS, said_after, said_before
from portal.workforce.models import ChangeState, ChangeWhat, RecordChange
from portal.workforce.models.record_changes import OF_UNIT, OF_WORKER

TITLE = "待确认变更"
TONES = {
    ChangeState.PROPOSED: "warn",
    ChangeState.CONFIRMED: "good",
    ChangeState.REFUSED: "bad",
    ChangeState.WITHDRAWN: "plain",
}
_WITH = (
    "worker__work_region__parent", "unit__region__parent", "to_region__parent", "proposed_by", "decided_by",
)  # fmt: skip
_LISTS = {"open": "待确认", "done": "已处理"}


def title_of(change: RecordChange) -> str:
    """What it does, in words: 更改以往补贴."""
    return f"{change.get_what_display()}{SUBJECTS[change.kind].title}"


def whose(change: RecordChange) -> Any:
    """The worker or the unit."""
    return change.worker or change.unit


def address_of_subject(change: RecordChange) -> str:
    """Where what is changed stands."""
    if change.kind == OF_UNIT:
        return reverse("window:employer", args=[change.unit_id])
    place = "" if change.kind == OF_WORKER else f"#{change.kind}"
    return f"{reverse('window:worker', args=[change.worker_id])}{place}"


def side_by_side(change: RecordChange) -> list[dict[str, Any]]:
    """What each column said and shall say, as the page of the person calls it."""
    before, after = said_before(change), said_after(change)
    if change.kind == OF_WORKER:
        columns: Any = (("工作地", lambda worker: worker.work_region.full_name),)
    elif change.kind == OF_UNIT:
        columns = (("单位性质", lambda unit: unit.get_kind_display()),)
    else:
        columns = (*section_of(change.kind).columns, ("来源", lambda record: record.source))
    rows = []
    for label, cell in columns:
        was = cell(before)
        shall_be = cell(after) if after is not None else ""
        rows.append({"label": label, "was": was, "shall_be": shall_be, "differs": was != shall_be})
    return rows


def _follows(change: RecordChange) -> list[dict[str, Any]]:
    """The record that begins when this one ends."""
    if not change.follows:
        return []
    from portal.workforce.change_subjects import filled_in

    begins = filled_in(SUBJECTS[change.kind].model(), change.follows)
    cells = [(label, cell(begins)) for label, cell in section_of(change.kind).columns]
    return [{"label": label, "value": value} for label, value in cells if value]


def _crumbs(*more: tuple[str, str]) -> Crumbs:
    here = reverse("window:changes") if more else ""
    return [("工作台", reverse("window:home")), (TITLE, here), *more]


@staff("worker.view")
def changes(request: HttpRequest) -> HttpResponse:
    """What waits for another person, and what was decided."""
    name = request.GET.get("list", "open")
    name = name if name in _LISTS else "open"
    seen = RecordChange.objects.visible_to(request.user)
    lists = {"open": seen.open(), "done": seen.exclude(state=ChangeState.PROPOSED)}
    chosen = lists[name]
    mine = name == "open" and "mine" in request.GET
    if mine:
        chosen = changes_to_confirm(request.user)
    page = page_asked(chosen.select_related(*_WITH), request.GET, order=("-id",), count=True)
    context = {
        "title": TITLE,
        "crumbs": _crumbs(),
        "tabs": [
            {"label": label, "href": f"?list={key}", "current": key == name, "count": count_of(lists[key])}
            for key, label in _LISTS.items()
        ],
        "list_name": name,
        "mine": mine,
        "page": page,
        "rows": [
            {
                "change": change,
                "title": title_of(change),
                "whose": whose(change),
                "tone": TONES[ChangeState(change.state)],
                "differences": [row for row in side_by_side(change) if row["differs"]]
                if change.after
                else [],
            }
            for change in page.rows
        ],
    }
    return render(request, "window/changes.html", context)


def _change(request: HttpRequest, pk: int) -> RecordChange:
    seen = RecordChange.objects.visible_to(request.user).select_related(*_WITH)
    return get_object_or_404(seen, pk=pk)


def _shown(request: HttpRequest, change: RecordChange) -> dict[str, Any]:
    """What every page of one change shows."""
    subject = SUBJECTS[change.kind]
    documents: Any = []
    if subject.record_kind is not None:
        documents = documents_of(change.kind, _Where(change))
    region = change.worker.work_region_id if change.worker else change.unit.region_id  # type: ignore[union-attr]
    return {
        "change": change,
        "whose": whose(change),
        "subject": subject.title,
        "removes": change.what == ChangeWhat.REMOVE,
        "pair": side_by_side(change),
        "follows": _follows(change),
        "documents": documents,
        "about": address_of_subject(change) if can(request.user, "worker.view", region) else "",
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
