"""Sheets that are shown once, with a code or a first password: the same answer sent again makes no other one."""

from __future__ import annotations

import uuid

from django import forms
from django.http import HttpRequest, HttpResponse

_MADE = "sheets_shown"
# So many sheets of a session are remembered.
_KEPT = 50


class SheetForm(forms.Form):
    """Of a page whose answer is a sheet: it carries which one."""

    sheet = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)


def new_sheet() -> dict[str, str]:
    """What the form is shown with."""
    return {"sheet": uuid.uuid4().hex}


def is_made(request: HttpRequest, sheet: str) -> bool:
    """Whether this session has made the sheet already."""
    return bool(sheet) and sheet in request.session.get(_MADE, [])


def remember(request: HttpRequest, sheet: str) -> None:
    """That this sheet was made in this session."""
    request.session[_MADE] = [*request.session.get(_MADE, []), sheet][-_KEPT:]


def once(sheet: HttpResponse) -> HttpResponse:
    """The answer with a code, a password or a full number: nothing keeps it (portal.pages.kept_answers)."""
    sheet.shown_once = True  # type: ignore[attr-defined]
    return sheet
