"""Forms that everybody may send."""

from __future__ import annotations

import re

from django import forms

from portal.cases.lookup import TAIL_OF_CONTACT, is_of_an_objection
from portal.cases.numbers import number_as_issued
from portal.workforce.identity import narrow


class CaseStatusForm(forms.Form):
    """Number of a case and the end of the applicant's ID number, or of the contact given with an objection.

    What an input method made of them is forgiven.
    """

    number = forms.CharField(
        label="办件编号",
        max_length=40,
        help_text="印在通知书上，例如 ZJ-2026-000123",
        error_messages={"required": "请填写办件编号。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    tail = forms.CharField(
        label="证件号码后6位",
        max_length=12,
        help_text="最后一位是字母的填 X；公示异议填写联系方式后4位",
        error_messages={"required": "请填写证件号码后6位，公示异议填写联系方式后4位。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "maxlength": 6}),
    )

    def clean_number(self) -> str:
        return number_as_issued(self.cleaned_data["number"])

    def clean_tail(self) -> str:
        tail = re.sub(r"\s", "", narrow(self.cleaned_data["tail"])).upper()
        if is_of_an_objection(self.cleaned_data.get("number", "")):
            if not re.fullmatch(rf"[0-9A-Z]{{{TAIL_OF_CONTACT}}}", tail, re.ASCII):
                raise forms.ValidationError("查询异议应填写联系方式的后4位数字或字母。")
            return tail
        if not re.fullmatch(r"[0-9]{5}[0-9X]", tail, re.ASCII):
            raise forms.ValidationError("应为6位，前5位是数字，最后一位是数字或 X。")
        return tail
