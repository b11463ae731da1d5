"""Everything that the list's filter finds, moved in one go: how many and which is confirmed before."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, require
from portal.jobs.targets import DIGEST, Found
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, posted, show_action
from portal.pages.case_page import Fact
from portal.pages.forms import ReasonForm
from portal.paging import PAGE_SIZE
from portal.regions.models import Region
from portal.typed_fields import WholeNumberField
from subsidies import jobs
from subsidies.finding import FILTERS
from subsidies.schemes import SCHEMES
from subsidies.views.claim_filter import ClaimFilter
from subsidies.views.claim_page import LIST
from subsidies.views.claims import BulkForm

# So many places are named beside the numbers.
_PLACES = 20


class FoundForm(BulkForm):
    """What was looked at, and, of more than a page holds, the number typed."""

    count = forms.IntegerField(widget=forms.HiddenInput)
    digest = forms.RegexField(DIGEST, widget=forms.HiddenInput)
    typed = WholeNumberField(
        label="要办理的件数",
        help_text="为避免误操作，请输入上面列出的总件数。",
        error_messages={"required": "请输入要办理的件数。"},
    )

    def __init__(self, bulk: jobs.Bulk, found: Found, data: Any = None) -> None:
        super().__init__(data, initial=asdict(found))
        if bulk.needs_reason:
            self.fields["note"] = ReasonForm().fields["reason"]
        elif bulk.action != "review":
            del self.fields["note"]
        self.order_fields(["note", "typed"])
        if found.count <= PAGE_SIZE:
            del self.fields["typed"]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("typed") not in (None, given.get("count")):
            self.add_error(
                "typed", f"应为{given['count']}件，请核对。" if "count" in given else "请重新打开本页。"
            )
        return given


def address_of(action: str, form: ClaimFilter) -> str:
    """The page on which the action is confirmed for all that the list's filter finds."""
    asked = {name: form.value(name) for name in FILTERS if form.value(name)}
    return f"{reverse('subsidies:move_found')}?{urlencode({'action': action, **asked})}"


@staff("case.view", "GET", "HEAD", "POST")
def move_found(request: HttpRequest) -> HttpResponse:
    """How many claims, of which subsidies and places; sent with that, starts the job."""
    bulk = jobs.BULKS.get(request.GET.get("action", ""))
    if bulk is None:
        raise Http404
    require(request.user, bulk.permission)
    chosen = ClaimFilter(request.GET, user=request.user)
    asked = {name: chosen.value(name) for name in FILTERS}
    found = jobs.look(bulk.action, asked, by=request.user)
    form = FoundForm(bulk, found, posted(request))

    def act(given: dict[str, Any]) -> Done | None:
        confirmed = Found(given["count"], given["digest"])
        job = jobs.start_moving_found(
            bulk.action,
            asked,
            confirmed,
            note=given.get("note", ""),
            by=request.user,
            on=timezone.localdate(),
        )
        words = f"已开始办理{confirmed.count:,}件。办理后，每件的结果列在本页；离开本页不影响办理。"
        return Done(words, reverse("window:job", args=[job.pk]))

    try:
        answer = _acted(request, form, act)
    except NotNow as refusal:
        # What is confirmed next is what there is now.
        messages.warning(request, str(refusal))
        return redirect(request.get_full_path())
    back = (
        f"{reverse('subsidies:claims')}?{urlencode({name: value for name, value in asked.items() if value})}"
    )
    page = ActionPage(
        title=f"{bulk.label}：符合条件的{found.count:,}件",
        crumbs=[("工作台", reverse("window:home")), (LIST, back), (bulk.label, "")],
        consequence=bulk.consequence,
        submit=bulk.label,
        heading="确认",
        back=back,
    )
    context = {
        "found": found,
        "filters": _filters_in_words(chosen, bulk.state),
        "sums": _sums(bulk.action, asked, request.user),
    }
    return answer or show_action(request, page, form, template="subsidies/move_found.html", **context)


def _acted(request: HttpRequest, form: forms.Form, act: Any) -> HttpResponse | None:
    """Act when the page was sent and is right. What speaks against it now is raised, not shown over the form."""
    if not form.is_valid():
        return None
    done = act(form.cleaned_data)
    messages.success(request, done.words)
    return redirect(done.address)


def _filters_in_words(form: ClaimFilter, state: str) -> list[Fact]:
    """What was asked, as the list's filter says it."""
    said = []
    for name, field in form.fields.items():
        value = form.value(name)
        if not value and name != "state":
            continue
        if isinstance(field, forms.ChoiceField):
            value = _label_of(field, state if name == "state" else value)
        said.append(Fact(str(field.label), value))
    return said


def _label_of(field: forms.ChoiceField, value: str) -> str:
    for key, label in list(field.choices):  # type: ignore[arg-type]
        if isinstance(label, list | tuple):
            for inner, inner_label in label:
                if inner == value:
                    return str(inner_label)
        elif key == value:
            return str(label)
    return value


def _sums(action: str, asked: dict[str, Any], user: Any) -> list[Fact]:
    """How many of each subsidy and of each place."""
    claims = jobs.to_move(action, asked, by=user).order_by()
    kinds = claims.values_list("case__kind").annotate(count=Count("pk")).order_by("case__kind")
    places = claims.values_list("case__region").annotate(count=Count("pk")).order_by("-count", "case__region")
    counted = list(places[:_PLACES])
    regions = Region.objects.select_related("parent").in_bulk([code for code, _ in counted])
    return [
        *(Fact(SCHEMES[kind].title, f"{count:,}件") for kind, count in kinds),
        *(Fact(regions[code].full_name, f"{count:,}件") for code, count in counted),
    ]
