"""What officers note about a claim: the part of its page. Notes are written down by subsidies.views.claims.add_note."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms

from portal.cases import notes
from portal.cases.models import Case, CaseNote
from portal.pages.case_page import Happened
from portal.reasons import ReasonField


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
