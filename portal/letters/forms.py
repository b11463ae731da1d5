"""Forms of the letters' pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from portal.letters.models import Letter, Service, read_code
from portal.typed_fields import DayField


class CodeForm(forms.Form):
    """The verification code printed on a letter.

    Dashes, spaces, small and full-width letters are forgiven.
    """

    code = forms.CharField(
        label="验证码",
        max_length=40,
        help_text="印在信函末页二维码旁，12位字母和数字，横线可不填",
        error_messages={"required": "请填写验证码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )

    def clean_code(self) -> str:
        code = read_code(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError("验证码应为12位字母和数字，请对照信函核对。")
        return code


class ServiceForm(forms.Form):
    """How and when a letter, or each of several, reached its addressee: today, unless another day is given."""

    how = forms.ChoiceField(
        label="送达方式", choices=Service, error_messages={"required": "请选择送达方式。"}
    )
    served_on = DayField(
        label="送达日期",
        error_messages={"required": "请填写送达日期。"},
    )

    def __init__(self, data: Any = None, *, letters: Sequence[Letter]) -> None:
        super().__init__(data, initial={"served_on": timezone.localdate()})
        self.letters = letters

    def clean_served_on(self) -> date:
        day: date = self.cleaned_data["served_on"]
        if early := [letter.number_text for letter in self.letters if day < letter.issued_on]:
            which = f"（{early[0]}等）" if len(self.letters) > 1 else ""
            raise forms.ValidationError(f"送达日期不能早于成文日期{which}。")
        if day > timezone.localdate():
            raise forms.ValidationError("送达日期不能晚于今天。")
        return day
