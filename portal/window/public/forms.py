"""Forms that everybody may send."""

from __future__ import annotations

from django import forms

from portal.cases.lookup import is_of_an_objection
from portal.cases.numbers import number_as_issued
from portal.workforce.identity import InvalidNumber, check_id_number


class CaseStatusForm(forms.Form):
    """Number of a case and the applicant's ID number, or the contact given with an objection.

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
    proof = forms.CharField(
        label="证件号码",
        max_length=200,
        help_text="18位；查询公示异议的，填写提出异议时留的联系方式",
        error_messages={"required": "请填写证件号码，公示异议填写联系方式。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "maxlength": 200}),
    )

    def clean_number(self) -> str:
        return number_as_issued(self.cleaned_data["number"])

    def clean_proof(self) -> str:
        proof: str = self.cleaned_data["proof"]
        if is_of_an_objection(self.cleaned_data.get("number", "")):
            return proof
        try:
            return check_id_number(proof)
        except InvalidNumber as error:
            raise forms.ValidationError(str(error)) from error
