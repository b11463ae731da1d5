"""Forms of the pages of the second factor. They check what was typed; whether it is right, the actions know."""

from __future__ import annotations

from django import forms

from portal.accounts.activation import normal_code
from portal.accounts.second_factor.codes import DIGITS, normal_totp

_CODE = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}


class TotpForm(forms.Form):
    code = forms.CharField(
        label="动态验证码",
        max_length=20,
        help_text="打开手机或电脑上的验证器，填写本平台账号当前显示的6位数字",
        error_messages={"required": "请填写6位动态验证码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )

    def clean_code(self) -> str:
        code = normal_totp(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(f"动态验证码是{DIGITS}位数字，请核对后重新填写。")
        return code


class PaperCodeForm(forms.Form):
    """A code of twelve characters, as it is printed."""

    code = forms.CharField(
        max_length=40,
        help_text="12位，字母不分大小写，可以不输入短横",
        widget=forms.TextInput(attrs={**_CODE, "autofocus": True}),
    )

    def __init__(self, *args: object, label: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["code"].label = label
        self.fields["code"].error_messages["required"] = f"请填写{label}。"

    def clean_code(self) -> str:
        code = normal_code(self.cleaned_data["code"])
        if len(code) != 12:
            raise forms.ValidationError(f"应为12位，现为{len(code)}位。")
        return code


class NameForm(forms.Form):
    """What a device is called on one's own list."""

    name = forms.CharField(
        label="名称",
        max_length=40,
        help_text="便于自己辨认，例如“办公手机”“办公电脑”",
        error_messages={"required": "请填写名称。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewTotpForm(NameForm, TotpForm):
    field_order = ["name", "code"]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["code"].help_text = "添加后验证器显示的6位数字"
        self.fields["code"].widget.attrs.pop("autofocus")


class AnswerForm(forms.Form):
    """What the browser answers for a passkey; a script fills it in."""

    answer = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": "浏览器没有完成验证，请重试。"},
    )


class NewPasskeyForm(NameForm, AnswerForm):
    pass


class PasswordAgainForm(forms.Form):
    password = forms.CharField(
        label="登录密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写登录密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
