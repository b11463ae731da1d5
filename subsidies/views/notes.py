"""What officers note about a claim: the part of its page, and the address to which a note is sent."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.cases import notes
from portal.cases.models import Case, CaseNote
from portal.pages.access import staff
from portal.pages.action_page import Done, act_at_once
from portal.pages.case_page import Happened
from portal.reasons import ReasonField
from subsidies.models import Claim


class NoteForm(forms.Form):
    text = ReasonField(
        label="备注",
        max_length=notes.AT_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="只有办理人员可以看到，不写入案卷。请勿填写证件号码、银行账号。",
        error_messages={"required": "请写明备注的内容。"},
    )


class Noted:
    """Of the page of a claim (subsidies.views.claim_page), which is about a case and a user."""

    case: Case
    user: Any

    @cached_property
    def notes(self) -> list[Happened]:
        """What officers noted, first to last; nothing for anybody else."""
        seen = CaseNote.objects.visible_to(self.user).filter(case=self.case).select_related("by")
        return [Happened(one.at, one.text, by=str(one.by)) for one in seen.order_by("pk")]

    @cached_property
    def note_form(self) -> NoteForm | None:
        return NoteForm() if notes.may_note(self.case, self.user) else None


@staff("case.view", "POST")
def add_note(request: HttpRequest, number: str) -> HttpResponse:
    """Write a note down, and go back to where it was written: the page of the claim."""
    seen = Claim.objects.visible_to(request.user).select_related("case")
    claim = get_object_or_404(seen, case__number=number)
    here = reverse("subsidies:claim", args=[number])

    def act() -> Done:
        notes.note(claim.pk, text=request.POST.get("text", ""), by=request.user)
        return Done("备注已记录。", f"{here}#notes")

    return act_at_once(request, act, otherwise=f"{here}#notes")
