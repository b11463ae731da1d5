"""The catalogue of occupations: searched as a page, and while one is typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.pages.access import staff
from portal.paging import page_asked
from portal.workforce.models import Occupation

TITLE = "职业目录"
# More suggestions than these are no help.
_SUGGESTED = 20


def _typed(request: HttpRequest, name: str) -> str:
    return " ".join(request.GET.get(name, "").replace("\0", "").split())[:60]


@staff("worker.view")
def occupations(request: HttpRequest) -> HttpResponse:
    """The lines in force and those that ended, by code or under what was typed."""
    text = _typed(request, "q")
    lines = Occupation.objects.all()
    if text:
        lines = lines.filter(pk__in=lines.searched(text).order_by().values("pk"))
    page = page_asked(lines, request.GET, order=("code", "name", "id"), count=True)
    context = {
        "title": TITLE,
        "crumbs": [("人员", reverse("window:workers")), (TITLE, "")],
        "text": text,
        "page": page,
        "today": timezone.localdate(),
        "loaded": bool(page.rows) or Occupation.objects.exists(),
    }
    return render(request, "window/occupations.html", context)


@staff("worker.view")
def options(request: HttpRequest) -> HttpResponse:
    """Options for the field of an occupation: those in force that have what was typed so far."""
    text = _typed(request, "occupation") or _typed(request, "certificate_occupation")
    lines = Occupation.objects.none()
    if text:
        lines = Occupation.objects.in_force(timezone.localdate()).searched(text)[:_SUGGESTED]
    return render(request, "window/occupation_options.html", {"occupations": lines})


def occupations_of(sections: list[dict[str, Any]]) -> Iterator[str]:
    """Every occupation that the records on a worker's page name."""
    cells = (cell for section in sections for row in section["rows"] for cell in row["cells"])
    return (name for label, name in cells if label == "职业（工种）")
