"""Entries for staff: the list with those removed, one record, a change of status, letters for the printer,
proposing again.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import Refused, can
from portal.cases.actions import NotNow
from portal.letters.actions import BadLetter, request_print
from portal.letters.models import Letter
from portal.pages.access import staff
from portal.paging import page_asked
from portal.workforce.models.honours import HonourState
from talent_registry import benefits
from talent_registry.actions import change_status, propose_again
from talent_registry.actions.status import MOVES, VERBS
from talent_registry.forms import ReasonForm, StaffEntryFilter, StatusForm
from talent_registry.models import RegistryEntry, Status, StatusChange
from talent_registry.search import league_choices
from talent_registry.views.proposals import chosen

LIST = "名录管理"
TONES = {Status.ACTIVE: "good", Status.SUSPENDED: "warn", Status.REMOVED: "bad"}
# How many people's letters go into one file for the printer.
MOST_PRINTED = 2_000


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("工作台", reverse("window:home")), (LIST, reverse("registry:entries") if more else ""), *more]


@staff("case.view")
def entries(request: HttpRequest) -> HttpResponse:
    """The registry as the office sees it: removed entries by filter."""
    form = StaffEntryFilter(request.GET)
    seen = RegistryEntry.objects.visible_to(request.user)
    if "status" not in form.wanted.values:
        seen = seen.exclude(status=Status.REMOVED)
    page = page_asked(form.of(seen).for_list(), request.GET, order=("-id",), count=True)
    rows = [{"entry": one, "tone": TONES[Status(one.status)]} for one in page.rows]
    context = {
        "title": LIST,
        "crumbs": crumbs(),
        "form": form,
        "page": page,
        "rows": rows,
        "leagues": league_choices(),
        "may_print": can(request.user, "letter.print") and bool(rows),
        "bulk": [{"name": "action", "value": "print", "label": "打印所选人员的信函"}],
        "print_all": page.total is not None and not page.total.more and page.total <= MOST_PRINTED,
        "filters": request.GET.urlencode(),
    }
    return render(request, "registry/entries.html", context)


@staff("letter.print", "POST")
def print_letters(request: HttpRequest) -> HttpResponse:
    """The letters in force of the chosen entries, or of everybody under the filters, as one file in the order
    of the list.
    """
    form = StaffEntryFilter(request.GET)
    seen = form.of(RegistryEntry.objects.visible_to(request.user).exclude(status=Status.REMOVED)).order_by(
        "-id"
    )
    if request.POST.get("action") == "print":
        seen = seen.filter(pk__in=chosen(request))
    cases = list(seen.values_list("case_id", flat=True)[: MOST_PRINTED + 1])
    back = f"{reverse('registry:entries')}{'?' if request.GET else ''}{request.GET.urlencode()}"
    if form.wanted.errors:
        messages.error(request, "查询条件有误，没有生成打印文件。请更正标出的条件后再打印。")
        return redirect(back)
    if not cases:
        messages.error(request, "没有选择人员，或者所选人员已移出名录。请选中要打印信函的人员。")
        return redirect(back)
    if len(cases) > MOST_PRINTED:
        messages.error(
            request, f"一次最多打印{MOST_PRINTED:,}人的信函，符合条件的超过此数。请缩小查询范围后再打印。"
        )
        return redirect(back)
    place = {case_id: number for number, case_id in enumerate(cases)}
    found = (
        Letter.objects.visible_to(request.user)
        .in_force()
        .filter(case_id__in=cases)
        .values_list("pk", "case_id")
    )
    ordered = [pk for pk, case_id in sorted(found, key=lambda pair: (place[pair[1]], pair[0]))]
    if not ordered:
        messages.error(request, "所选人员目前没有有效的信函，没有可打印的内容。")
        return redirect(back)
    try:
        print_file = request_print(letter_ids=ordered, by=request.user)
    except BadLetter as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
    return redirect("letters:print", print_file.pk)


def _seen(request: HttpRequest, number: str) -> RegistryEntry:
    changes = StatusChange.objects.select_related("by").order_by("-position")
    found = RegistryEntry.objects.visible_to(request.user).select_related(
        "region__parent",
        "case",
        "worker",
        "honour",
        "determination__rule_version",
        "confirmed_by",
        "selection",
    )
    return get_object_or_404(found.prefetch_related(Prefetch("changes", changes)), number=number)


@staff("case.view")
def record(request: HttpRequest, number: str) -> HttpResponse:
    """One entry: what was decided, on what it rests, what became of it, its letters."""
    entry = _seen(request, number)
    audit.record("registry.view", by=request.user, obj=entry, worker=entry.worker_id, region=entry.region_id)
    may, may_not = _actions(request.user, entry)
    letters = (
        Letter.objects.visible_to(request.user)
        .filter(case_id=entry.case_id)
        .select_related("file", "superseded_by")
    )
    context = {
        "title": f"{entry.name}　{entry.number}",
        "crumbs": crumbs((entry.number, "")),
        "entry": entry,
        "tone": TONES[Status(entry.status)],
        "conditions": benefits.explain(entry.determination),
        "events": _events(entry),
        "fallen": bool(entry.on_the_list and entry.honour and entry.honour.state != HonourState.VERIFIED),
        "case_href": reverse(entry.case.workflow.page, args=[entry.case.number]),
        "letters": letters.order_by("pk"),
        "actions": may,
        "refused": may_not,
    }
    return render(request, "registry/record.html", context)


def _actions(user: Any, entry: RegistryEntry) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    if entry.status == Status.REMOVED:
        if entry.selection_id:
            said = "经遴选纳入后又移出的，可以在以后年度重新申报遴选；获得符合直接纳入条件的荣誉的，经核实后自动提出纳入建议。"
            return [], [{"label": "再次提出", "reason": said}]
        if can(user, "registry.propose", entry.region_id):
            said = "依据同一荣誉重新提出纳入建议，须写明理由。"
            return [_action("再次提出", "again", entry, said)], []
        return [], [
            {"label": "变更状态", "reason": "已移出名录的不能恢复；重新纳入的，另行办理并给予新的编号。"}
        ]
    words = "、".join(VERBS[to] for to in MOVES[entry.status])
    if can(user, "registry.status", entry.region_id):
        return [_action("变更状态", "status", entry, f"可办理：{words}。须有决定文号，并书面告知本人。")], []
    return [], [{"label": "变更状态", "reason": "名录状态由名录管理员变更。"}]


def _action(label: str, page: str, entry: RegistryEntry, consequence: str) -> dict[str, str]:
    href = reverse(f"registry:{page}", args=[entry.number])
    return {"label": label, "href": href, "kind": "secondary", "consequence": consequence}


def _events(entry: RegistryEntry) -> list[dict[str, Any]]:
    tones = {Status.ACTIVE: "good", Status.SUSPENDED: "warn", Status.REMOVED: "bad"}
    events = [
        {
            "at": change.at,
            "title": f"{VERBS[Status(change.to_status)]}（自{change.on}起）",
            "by": change.by,
            "text": f"{change.document}：{change.reason}",
            "tone": tones[Status(change.to_status)],
        }
        for change in entry.changes.all()
    ]
    included = {"title": "纳入并公布", "by": entry.confirmed_by, "text": entry.law, "tone": "good"}
    return [*events, {"at": entry.published_at, **included}]


@staff("registry.status", "GET", "HEAD", "POST")
def status(request: HttpRequest, number: str) -> HttpResponse:
    """Suspend, reinstate or remove: repeats whom it is about and what follows, asks for document and reason."""
    entry = _seen(request, number)
    if entry.status == Status.REMOVED:
        messages.info(request, f"{entry.number}已移出名录，状态不能再变更。")
        return redirect("registry:record", number)
    form = StatusForm(request.POST if request.method == "POST" else None, entry=entry)
    if request.method == "POST" and form.is_valid():
        try:
            change = change_status(entry.pk, by=request.user, on=timezone.localdate(), **form.cleaned_data)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            verb = VERBS[Status(change.to_status)]
            messages.success(
                request, f"已{verb}{entry.name}的名录资格，告知本人的文书正在生成，请及时送达并登记送达情况。"
            )
            return redirect("registry:record", number)
    back = reverse("registry:record", args=[number])
    context = {
        "title": f"变更状态：{entry.name}",
        "crumbs": crumbs((number, back), ("变更状态", "")),
        "back": back,
        "entry": entry,
        "form": form,
        "tone": TONES[Status(entry.status)],
    }
    return render(request, "registry/status.html", context, status=409 if form.non_field_errors() else 200)


@staff("registry.propose", "GET", "HEAD", "POST")
def again(request: HttpRequest, number: str) -> HttpResponse:
    """Propose a removed person again for the same recognition."""
    entry = _seen(request, number)
    if entry.honour_id is None:
        messages.info(request, f"{entry.number}经年度遴选纳入，没有可以据以再次提出的荣誉。")
        return redirect("registry:record", number)
    form = ReasonForm(request.POST if request.method == "POST" else None, label="再次提出的理由")
    if request.method == "POST" and form.is_valid():
        try:
            case = propose_again(
                entry.honour_id, by=request.user, on=timezone.localdate(), reason=form.cleaned_data["reason"]
            )
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已再次提出纳入建议，办件编号{case.number}。")
            return redirect("registry:case", case.number)
    back = reverse("registry:record", args=[number])
    context = {
        "title": f"再次提出：{entry.name}",
        "crumbs": crumbs((number, back), ("再次提出", "")),
        "entry": entry,
        "form": form,
        "back": back,
    }
    return render(request, "registry/again.html", context, status=409 if form.non_field_errors() else 200)
