"""Forms of the accounts that money may be paid to, and of the copy that a number is read from."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.workforce.form_fields import InspectedField, SourceField
from portal.workforce.forms import EntryForm
from portal.workforce.identity import narrow


class CopyField(InspectedField):
    """The copy of the passbook or card that an account number is read from."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {
            "label": "存折或银行卡复印件",
            "help_text": "卡号一面的照片或PDF。加密保存，只供复核人核对，每次查看都有记录。",
        }
        super().__init__(**usual | options)


class CopyForm(forms.Form):
    """The copy, handed in after the account was written down."""

    copy = CopyField(error_messages={"required": "请选择存折或银行卡复印件。"})


class AccountForm(EntryForm):
    """An account, typed twice."""

    bank = forms.CharField(
        label="开户银行", max_length=80, help_text="写到支行，例如：中国农业银行鄂托克旗支行"
    )
    account_number = forms.CharField(label="银行账号", max_length=48, help_text="本人名下的账号，8至32位数字")
    again = forms.CharField(label="再次输入银行账号", max_length=48)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("account_number", "again"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "inputmode": "numeric"}

    def clean(self) -> dict[str, Any]:
        entered = super().clean() or self.cleaned_data
        first = narrow(entered.get("account_number", "")).replace(" ", "")
        second = narrow(entered.get("again", "")).replace(" ", "")
        if first and second and first != second:
            self.add_error("again", "两次输入的账号不一致。")
        return entered


class PayeeForm(AccountForm):
    """At the window: with where it is from, and the copy where there is one."""

    source = SourceField()
    copy = CopyField(required=False)


class OwnPayeeForm(AccountForm):
    """By the worker: whoever confirms it has nothing else before them than the copy."""

    copy = CopyField(
        error_messages={"required": "请选择银行卡或存折的照片。"},
        help_text="卡号一面的照片。加密保存，只供工作人员核对，每次查看都有记录。",
    )
