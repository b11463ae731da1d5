"""Supervision: how the work of a place stands, as tables with charts beside them, printed or as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, TYPE_CHECKING, Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import scope
from portal.audit.middleware import client_address
from portal.lists.workbook import CONTENT_TYPE, add_list, workbook_file
from portal.pages.access import staff
from portal.pages.filters import ALL, FilterForm, region_choices
from portal.pages.supervision import Asked, Part, Table
from portal.throttle import Limit, too_many
from portal.window.office.supervision_tables import PERMISSION, parts

if TYPE_CHECKING:
    import xlsxwriter

# Excel allows no more of the name of a sheet.
_SHEET_NAME = 31
# The first year the portal may hold anything of.
_FIRST_YEAR = 2024
FILES = Limit("supervision-file", 60)


class SupervisionFilter(FilterForm):
    """Which year and place; which part is shown stays."""

    part = forms.CharField(required=False, widget=forms.HiddenInput)
    year = forms.TypedChoiceField(label="年度", required=False, coerce=int, empty_value="")
    region = forms.ChoiceField(label="地区", required=False)

    def offer(self) -> None:
        this_year = timezone.localdate().year
        years = [(str(year), f"{year}年") for year in range(this_year, _FIRST_YEAR - 1, -1)]
        self.fields["year"].choices = [("", f"{this_year}年（本年度）"), *years[1:]]  # type: ignore[attr-defined]
        choices = region_choices(scope(self.user, PERMISSION))
        if sum(len(group) for _, group in choices) > 1:
            self.fields["region"].choices = [ALL, *choices]  # type: ignore[attr-defined]
        else:
            del self.fields["region"]

    @property
    def asked(self) -> Asked:
        today = timezone.localdate()
        return Asked(self.user, today, self.value("year") or today.year, self.value("region"))

    @property
    def used(self) -> bool:
        return any(self.value(name) for name in self.fields if name != "part")

    def in_words(self, part: Part) -> str:
        said = f"截至{self.asked.today:%Y-%m-%d}" if part.of_today else f"{self.asked.year}年"
        if region := self.value("region"):
            groups: Any = self.fields["region"].choices  # type: ignore[attr-defined]
            known = {code: name for _, group in groups if isinstance(group, list) for code, name in group}
            said += f"，{known[region]}"
        return said


@staff(PERMISSION)
def supervision(request: HttpRequest) -> HttpResponseBase:
    """One part at a time; with `file=xlsx` what it shows as a workbook."""
    form = SupervisionFilter(request.GET, user=request.user)
    known = {part.code: part for part in parts()}
    part = known.get(form.value("part")) or next(iter(known.values()))
    tables, words = part.tables(form.asked), form.in_words(part)
    if request.GET.get("file") == "xlsx":
        if wait := FILES.wait(client_address(request)):
            return too_many(request, wait)
        return _taken_away(request, part, words, tables)
    return _page(request, form, part, tables, words)


def _page(
    request: HttpRequest, form: SupervisionFilter, part: Part, tables: Sequence[Table], words: str
) -> HttpResponse:
    context = {
        "title": "监督统计",
        "crumbs": [("工作台", reverse("window:home")), ("监督统计", "")],
        "lead": part.lead,
        "words": words,
        "form": form,
        "clear": f"?part={part.code}",
        "tabs": [
            {"label": one.title, "href": _address(request, part=one.code), "current": one is part}
            for one in parts()
        ],
        "tables": tables,
        "export": [(_address(request, file="xlsx"), "下载 Excel")],
        "charts": any(table.chart for table in tables),
    }
    return render(request, "window/supervision.html", context)


def _address(request: HttpRequest, **changed: str) -> str:
    """This page with another part, or as a file."""
    query = request.GET.copy()
    query.pop("file", None)
    for name, value in changed.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _taken_away(request: HttpRequest, part: Part, words: str, tables: Sequence[Table]) -> FileResponse:
    """Each table on a sheet of its own, and what was asked."""
    audit.record("supervision.download", by=request.user, detail={"what": part.title, "asked": words})
    name = f"监督统计-{part.title}-{timezone.localdate():%Y%m%d}.xlsx"
    book = _workbook(tables, [part.lead, words])
    return FileResponse(book, as_attachment=True, filename=name, content_type=CONTENT_TYPE)


def _workbook(tables: Sequence[Table], said: Sequence[str]) -> IO[bytes]:
    def fill(book: xlsxwriter.Workbook) -> None:
        for table in tables:
            widths = [14 if is_number else 30 for _, is_number in table.heads]
            add_list(book, table.title[:_SHEET_NAME], table.columns, widths, table.plain_rows)
        notes = [*said, *(table.note for table in tables if table.note)]
        add_list(book, "说明", ["说明"], [100], ([line] for line in notes))

    return workbook_file(fill)
