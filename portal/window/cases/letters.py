"""The letters of one's regions: find one, see which are not yet served, print many as one file in list order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.accounts.access import can
from portal.letters import kinds
from portal.letters.models import NEWEST_FIRST, FileState, Letter
from portal.pages.access import staff
from portal.pages.filters import ALL, FilterForm, in_region
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
    state = forms.ChoiceField(label="情况", required=False, choices=_STATES)

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
        "worker", "region__parent", "file"
    )
    page = page_asked(
        seen.defer("context", "grounds", "worker__id_number", "worker__phone"),
        request.GET,
        order=NEWEST_FIRST,
        size=_SIZE,
        count=True,
    )
    context = {
        "title": "信函",
        "form": form,
        "page": page,
        "labels": kinds.labels(),
        "prints": can(request.user, "letter.print"),
        "clear": reverse("window:letters") if form.used else "",
        "bulk": [
            {"name": "double_sided", "value": "0", "label": "合并打印（单面）"},
            {"name": "double_sided", "value": "1", "label": "合并打印（双面）", "kind": "secondary"},
        ],
    }
    return render(request, "window/letters.html", context)
