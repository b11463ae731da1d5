"""Entries for staff: the list with those removed, one record, a change of status, letters for the printer,
proposing again.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import can
from portal.letters.actions import BadLetter, request_print
from portal.letters.models import Letter
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_page import show_case
from portal.pages.confirm_many import chosen_ids
from portal.pages.forms import ReasonForm
from portal.pages.view_log import asked_of, record_shown
from portal.paging import page_asked
from portal.workforce.occupations import unlisted
from talent_registry import actions, letters
from talent_registry.actions.status import VERBS, change_status
from talent_registry.forms import StaffEntryFilter, StatusForm
from talent_registry.models import RegistryEntry, Status
from talent_registry.models.registry import NEWEST_FIRST
from talent_registry.search import league_choices
from talent_registry.views.entry_page import LIST, TONES, EntryPage

# How many people's letters go into one file for the printer.
MOST_PRINTED = 2_000


@staff("case.view")
def entries(request: HttpRequest) -> HttpResponse:
    """The registry as the office sees it: removed entries by filter."""
    form = StaffEntryFilter(request.GET)
    seen = RegistryEntry.objects.visible_to(request.user)
    if "status" not in form.wanted.values:
        seen = seen.exclude(status=Status.REMOVED)
    page = page_asked(form.of(seen).for_list(), request.GET, order=NEWEST_FIRST, count=True)
    record_shown([entry.worker_id for entry in page.rows], by=request.user, asked=asked_of(form))
    rows = [{"entry": entry, "tone": TONES[Status(entry.status)]} for entry in page.rows]
    context = {
        "title": LIST,
        "crumbs": [("工作台", reverse("window:home")), (LIST, "")],
        "form": form,
        "page": page,
        "rows": rows,
        "unlisted": unlisted(entry.occupation for entry in page.rows),
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
    seen = form.of(RegistryEntry.objects.visible_to(request.user).exclude(status=Status.REMOVED))
    seen = seen.newest_first()
    if request.POST.get("action") == "print":
        seen = seen.filter(pk__in=chosen_ids(request))
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


@staff("case.view")
def open_entry(request: HttpRequest, number: str) -> HttpResponse:
    """One entry on its page."""
    return show_case(request, EntryPage.open(request, number), "registry/record.html")


@staff("registry.status", "GET", "HEAD", "POST")
def status(request: HttpRequest, number: str) -> HttpResponse:
    """Suspend, reinstate or remove: repeats whom it is about and what follows, asks for document and reason."""
    shown = EntryPage.open(request, number)
    if shown.entry.status == Status.REMOVED:
        messages.info(request, f"{number}已移出名录，状态不能再变更。")
        return redirect(shown.address)

    def act(given: dict[str, Any]) -> Done:
        change = change_status(shown.entry.pk, by=request.user, on=timezone.localdate(), **given)
        verb = VERBS[Status(change.to_status)]
        told = letters.told_of_letter("告知本人的文书", adverse=change.to_status != Status.ACTIVE)
        words = f"已{verb}{shown.entry.name}的名录资格。{told}"
        return Done(words, shown.address)

    page = ActionPage(
        title=f"变更状态：{shown.entry.name}",
        crumbs=shown.crumbs_to("变更状态"),
        consequence="变更自今天起生效，向本人发出文书，并在公布的名录上标明决定文号。",
        heading="变更",
        submit="办理变更",
        kind="danger",
        back=shown.address,
    )
    form = StatusForm(posted(request), entry=shown.entry)
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form, template="registry/status.html", about=shown)


@staff("registry.propose", "GET", "HEAD", "POST")
def propose_again(request: HttpRequest, number: str) -> HttpResponse:
    """Propose a removed person again for the same recognition."""
    shown = EntryPage.open(request, number)
    entry, honour_id = shown.entry, shown.entry.honour_id
    if honour_id is None:
        messages.info(request, f"{number}经年度遴选纳入，没有可以据以再次提出的荣誉。")
        return redirect(shown.address)

    def act(given: dict[str, Any]) -> Done:
        case = actions.propose_again(
            honour_id, by=request.user, on=timezone.localdate(), reason=given["reason"]
        )
        words = f"已再次提出纳入建议，办件编号{case.number}。"
        return Done(words, reverse("registry:case", args=[case.number]))

    page = ActionPage(
        title=f"再次提出：{entry.name}",
        crumbs=shown.crumbs_to("再次提出"),
        consequence="依据同一荣誉再次提出纳入建议，由名录管理员另行确认；确认后给予新的名录编号。",
        heading=f"{entry.name}　{entry.honour_name}（{entry.honour_year}年）",
        submit="再次提出",
        back=shown.address,
    )
    form = ReasonForm(posted(request), label="再次提出的理由")
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form, template="registry/again.html", about=shown)
