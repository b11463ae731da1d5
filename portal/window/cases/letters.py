"""The letters of one's regions: find one, see which are not yet served, print many as one file in list order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.accounts.access import can, scope
from portal.letters import kinds
from portal.letters.actions import AlreadyDone, BadLetter, record_service
from portal.letters.forms import ServiceForm
from portal.letters.models import NEWEST_FIRST, FileState, Letter
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done
from portal.pages.confirm_many import LeftOut, confirm_many, confirmed
from portal.pages.filters import ALL, FilterForm, in_region
from portal.pages.view_log import asked_of, record_shown
from portal.paging import page_asked
from portal.typed_fields import WholeNumberField
from portal.workforce.models import Worker

_STATES = [
    ALL,
    ("unserved", "未登记送达"),
    ("served", "已登记送达"),
    ("superseded", "已被替代"),
    ("pending", "正在生成"),
    ("failed", "生成失败"),
]
# A page of letters is what goes to the printer together.
_SIZE = 50


class LetterFilter(FilterForm):
    number = forms.CharField(label="发文字号", required=False, max_length=40)
    name = forms.CharField(label="姓名", required=False, max_length=20)
    region = forms.ChoiceField(label="地区", required=False)
    kind = forms.ChoiceField(label="种类", required=False)
    year = WholeNumberField(label="年份", required=False, min_value=2019, max_value=2100)
    state = forms.ChoiceField(label="送达和效力", required=False, choices=_STATES)

    def offer(self) -> None:
        super().offer()
        self.fields["kind"].choices = [ALL, *kinds.labels().items()]  # type: ignore[attr-defined]

    def apply(self, letters: Any) -> Any:
        if number := self.value("number"):
            letters = letters.filter(number_text__startswith=number)
        if name := self.value("name"):
            letters = letters.filter(worker__in=Worker.objects.visible_to(self.user).named(name).values("pk"))
        if region := self.value("region"):
            letters = letters.filter(in_region(region))
        if kind := self.value("kind"):
            letters = letters.filter(kind=kind)
        if year := self.value("year"):
            letters = letters.filter(year=year)
        wanted: dict[str, dict[str, Any]] = {
            "unserved": {"served_on__isnull": True, "superseded_by__isnull": True},
            "served": {"served_on__isnull": False},
            "superseded": {"superseded_by__isnull": False},
            "pending": {"file__state": FileState.PENDING},
            "failed": {"file__state": FileState.FAILED},
        }
        return letters.filter(**wanted.get(self.value("state"), {}))


@staff("letter.view")
def letters(request: HttpRequest) -> HttpResponse:
    form = LetterFilter(request.GET, user=request.user)
    seen = form.apply(Letter.objects.visible_to(request.user)).select_related(
        "worker", "case", "region__parent", "file"
    )
    page = page_asked(
        seen.defer("context", "grounds", "worker__id_number", "worker__phone"),
        request.GET,
        order=NEWEST_FIRST,
        size=_SIZE,
        count=True,
    )
    record_shown([letter.worker_id for letter in page.rows], by=request.user, asked=asked_of(form))
    context = {
        "title": "信函",
        "form": form,
        "page": page,
        "labels": kinds.labels(),
        "prints": can(request.user, "letter.print"),
        "chooses": can(request.user, "letter.print") or can(request.user, "letter.serve"),
        "clear": reverse("window:letters") if form.used else "",
        "bulk": _bulk(request.user),
    }
    return render(request, "window/letters.html", context)


def _bulk(user: Any) -> list[dict[str, Any]]:
    """What may be done with the chosen letters."""
    actions: list[dict[str, Any]] = []
    if can(user, "letter.print"):
        actions += [
            {"name": "double_sided", "value": "0", "label": "合并打印（单面）"},
            {"name": "double_sided", "value": "1", "label": "合并打印（双面）", "kind": "secondary"},
        ]
    if can(user, "letter.serve"):
        serve = reverse("window:letters_serve")
        actions.append(
            {"label": "登记送达", "kind": "secondary", "address": serve, "name": "what", "value": "serve"}
        )
    return actions


@staff("letter.serve", "POST")
def letters_serve(request: HttpRequest) -> HttpResponse:
    """First repeats which letters reached their addressees, then notes how and when, for each."""
    ids = [int(key) for key in request.POST.getlist("letter") if key.isascii() and key.isdigit()][:_SIZE]
    letters, left_out = _to_serve(request.user, ids)
    back = reverse("window:letters")

    def act(given: dict[str, Any]) -> Done:
        served, missed = 0, []
        for letter in letters:
            try:
                record_service(letter_id=letter.pk, by=request.user, **given)
            except (AlreadyDone, BadLetter) as refusal:
                missed.append(str(refusal))
            else:
                served += 1
        return Done(f"已登记{served}件信函的送达情况。", back, "".join(missed))

    page = ActionPage(
        title=f"登记送达：{len(letters)}件",
        crumbs=[("信函", back), ("登记送达", "")],
        consequence="所列信函以同一方式、在同一天送达的，一并登记；登记后不能更改。",
        submit="登记送达",
        back=back,
    )
    form = ServiceForm(confirmed(request), letters=letters)
    return confirm_many(
        request, page, letters, form, act, left_out=left_out, template="window/letters_serve.html"
    )


def _to_serve(user: Any, ids: list[int]) -> tuple[list[Letter], list[LeftOut]]:
    """The chosen letters that the user may note as served, and the others with the reason."""
    seen = Letter.objects.visible_to(user).filter(pk__in=ids).order_by(*NEWEST_FIRST)
    where = scope(user, "letter.serve")
    letters, left_out = [], []
    for letter in seen.select_related("region__parent").defer("context", "grounds"):
        if letter.served_on is not None:
            left_out.append(LeftOut(letter.addressee, letter.number_text, "已登记过送达。"))
        elif not where.covers(letter.region_id):
            left_out.append(LeftOut(letter.addressee, letter.number_text, "不属于您负责的地区。"))
        else:
            letters.append(letter)
    return letters, left_out
