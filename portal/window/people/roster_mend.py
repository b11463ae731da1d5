"""Rows of a roster that were refused, as a form: what is put right is read again, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal import audit
from portal.accounts.access import NotNow, Refused
from portal.pages.access import staff
from portal.workforce.models import RosterImport
from portal.workforce.roster import mending
from portal.workforce.roster.columns import COLUMNS
from portal.workforce.roster.mending import FaultyRow

_ROWS_AT_ONCE = 20
_LONGEST = 2000


class RowForm(forms.Form):
    """One row, cell by cell; a cell that is wrong stands in front of the others."""

    def __init__(self, row: FaultyRow, data: Any = None, wrong: Mapping[str, str] | None = None) -> None:
        super().__init__(data, prefix=f"row{row.place}")
        self.row = row
        self.fields["read"] = forms.BooleanField(
            label="重新读入本行", required=False, initial=not row.is_hidden
        )
        for column in COLUMNS:
            self.fields[column.key] = forms.CharField(
                label=column.label,
                required=False,
                max_length=_LONGEST,
                strip=True,
                initial=row.cells.get(column.key, ""),
                help_text=column.hint if column.key in (wrong or row.faulty) else "",
            )
        self.in_front = set(wrong or row.faulty) or {"name", "number"}
        if wrong:
            self.full_clean()
            for key, words in wrong.items():
                self.add_error(key, f"{words.rstrip('。')}。")

    @property
    def faulty(self) -> list[forms.BoundField]:
        return [self[key] for key in self.fields if key in self.in_front]

    @property
    def others(self) -> list[forms.BoundField]:
        return [self[key] for key in self.fields if key != "read" and key not in self.in_front]

    @property
    def was_sent(self) -> bool:
        """Whether the row was shown, and is to be read."""
        return self.add_prefix("number") in self.data and bool(self.data.get(self.add_prefix("read")))

    def cells(self) -> dict[str, str]:
        """What was typed."""
        return {
            column.key: (self.data.get(self.add_prefix(column.key)) or "")[:_LONGEST] for column in COLUMNS
        }


@staff("roster.import", "GET", "HEAD", "POST")
def roster_mend(request: HttpRequest, pk: int) -> HttpResponse:
    """The first of the refused rows; what is right is read again, the others stay with what was typed."""
    given = get_object_or_404(RosterImport.objects.visible_to(request.user), pk=pk)
    here = reverse("window:roster_import", args=[pk])
    try:
        rows = mending.faulty_rows(given, by=request.user)
        if not rows:
            raise NotNow("未通过的行都已更正并重新读入。")
        forms_of_rows = [RowForm(row, request.POST if request.method == "POST" else None) for row in rows]
        if request.method != "POST":
            shown = forms_of_rows[:_ROWS_AT_ONCE]
            audit.record("roster.mend.open", by=request.user, obj=given, detail={"rows": len(shown)})
            return _show(request, given, shown, len(rows))
        sent = [form for form in forms_of_rows if form.was_sent]
        done = mending.mend(pk, {form.row.place: form.cells() for form in sent}, by=request.user)
    except (NotNow, Refused) as refusal:
        messages.warning(request, str(refusal))
        return redirect(here)
    if done.given is not None and not done.wrong:
        return redirect("window:roster_import", done.given.pk)
    if not sent:
        messages.warning(request, "没有选中要重新读入的行。")
        return redirect("window:roster_mend", pk)
    if done.given is not None:
        read = len(sent) - len(done.wrong)
        messages.success(request, f"更正的{read}行正在重新读入，结果见“我的导入”。以下各行仍有错误。")
    wrong = [
        RowForm(form.row, request.POST, done.wrong[form.row.place])
        for form in sent
        if form.row.place in done.wrong
    ]
    return _show(request, given, wrong, len(rows) - len(sent) + len(wrong), status=400)


def _show(
    request: HttpRequest, given: RosterImport, shown: list[RowForm], waiting: int, status: int = 200
) -> HttpResponse:
    here = reverse("window:roster_import", args=[given.pk])
    context = {
        "title": f"更正未通过的行：{given.file_name}",
        "crumbs": [("花名册导入", reverse("window:roster")), (given.file_name, here), ("更正", "")],
        "given": given,
        "row_forms": shown,
        "waiting": waiting,
        "later": waiting - len(shown),
        "has_errors": status != 200,
    }
    return render(request, "window/roster_mend.html", context, status=status)
