"""Forms around accounts. They check what was typed; what it does is in actions, sessions and activation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.access import PERMISSIONS, scope
from portal.accounts.activation import normal_code
from portal.accounts.models import User
from portal.accounts.roles import ADMINISTRATORS, Role
from portal.reasons import ReasonField
from portal.regions.models import Region, Tier
from portal.typed_fields import DayField

_SECRET = {"spellcheck": "false", "autocapitalize": "none"}


def password_rules() -> list[str]:
    """What a password must be, said before it is chosen."""
    return [*password_validators_help_texts(), "不能与正在使用的密码相同。"]


class LoginForm(forms.Form):
    username = forms.CharField(
        label="用户名",
        max_length=64,
        help_text="技术工人也可以填写本人的18位证件号码，或者在窗口确认过的手机号",
        error_messages={"required": "请填写用户名、本人的证件号码或者确认过的手机号。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, **_SECRET}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPassword(forms.Form):
    """A new password, typed twice. `user` is whom it must not resemble."""

    new = forms.CharField(
        label="新密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输入一次新密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请再输入一次新密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "new" in cleaned and "again" in cleaned and cleaned["new"] != cleaned["again"]:
            self.add_error("again", "两次输入的新密码不一致。")
        return cleaned


class PasswordForm(NewPassword):
    old = forms.CharField(
        label="原密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写原密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old", "new", "again"]


class ActivationForm(NewPassword):
    code = forms.CharField(
        label="激活码",
        max_length=40,
        help_text="印在激活单上，12位，字母不分大小写，可以不输入短横",
        error_messages={"required": "请填写激活码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    answer = forms.CharField(
        label="证件号码",
        max_length=40,
        help_text="18位，最后一位是字母的填 X",
        error_messages={"required": "请填写证件号码。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ["code", "answer", "new", "again"]

    def clean_code(self) -> str:
        code = normal_code(self.cleaned_data["code"])
        if len(code) != 12:
            raise ValidationError(f"激活码应为12位，现为{len(code)}位。")
        return code

    def clean_answer(self) -> str:
        answer = unicodedata.normalize("NFKC", self.cleaned_data["answer"]).replace(" ", "").upper()
        if not re.fullmatch(r"[0-9]{17}[0-9X]", answer):
            raise ValidationError("应为18位，前17位是数字，最后一位是数字或 X。")
        return answer


class CodeForm(NewPassword):
    """A password of an account, set with the code that the person was handed."""

    username = forms.CharField(
        label="用户名",
        max_length=64,
        error_messages={"required": "请填写用户名。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", **_SECRET}),
    )
    code = forms.CharField(
        label="一次性代码",
        max_length=40,
        help_text="管理员当面交给您的代码，12位，字母不分大小写，可以不输入短横",
        error_messages={"required": "请填写一次性代码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    field_order = ["username", "code", "new", "again"]

    def clean_code(self) -> str:
        code = normal_code(self.cleaned_data["code"])
        if len(code) != 12:
            raise ValidationError(f"一次性代码应为12位，现为{len(code)}位。")
        return code


class AccountFilter(forms.Form):
    """Filters of the list of accounts; all optional."""

    q = forms.CharField(label="用户名或姓名", max_length=40, required=False)
    role = forms.ChoiceField(label="角色", required=False, choices=[("", "全部角色"), *Role.choices])
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部状态"), ("active", "启用"), ("disabled", "停用"), ("none", "未任用角色")],
    )


class AccountForm(forms.Form):
    username = forms.CharField(
        label="用户名",
        max_length=64,
        help_text="3至64位小写字母、数字和 . _ - ，以字母开头；建好后不能更改",
        error_messages={"required": "请填写用户名。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", **_SECRET}),
    )
    display_name = forms.CharField(
        label="姓名",
        max_length=40,
        help_text="使用人的真实姓名；一人一号，不得共用",
        error_messages={"required": "请填写姓名。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class DisableForm(forms.Form):
    reason = ReasonField(
        label="停用原因",
        max_length=200,
        help_text="写入审计记录，请勿填写个人信息",
        error_messages={"required": "请填写停用原因。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label="用途",
        max_length=40,
        help_text="哪个程序使用，便于日后辨认",
        error_messages={"required": "请填写用途。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ConfirmForm(forms.Form):
    """Of a page that asks for nothing but the click."""


class RoleForm(forms.Form):
    """A role, a region within the reach of who grants, and optionally the last day."""

    role = forms.ChoiceField(label="角色", error_messages={"required": "请选择角色。"})
    region = forms.ModelChoiceField(
        label="地区",
        queryset=Region.objects.none(),
        error_messages={"required": "请选择地区。"},
        help_text="在盟市任用的角色及于所辖旗县，在自治区任用的及于全区",
    )
    until = DayField(
        label="任用至",
        required=False,
        help_text="当日仍有效；不填为长期，管理员角色不能填",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((role.value, role.label) for role in Role if role != Role.WORKER),
        ]
        reach = scope(by, "role.grant")
        regions = Region.objects.select_related("parent").order_by("code")
        if not reach.whole:
            regions = regions.filter(pk__in=[r.pk for r in regions if reach.covers(r.pk)])
        field: Any = self.fields["region"]
        field.queryset = regions
        # Behind the queryset, which would make the choices anew.
        field.choices = [("", "请选择"), *_by_league(regions)]

    def hide(self) -> None:
        """Carry what was chosen on, unseen, to be confirmed."""
        for field in self.fields.values():
            field.widget = forms.HiddenInput()
        self.fields["confirmed"] = forms.CharField(widget=forms.HiddenInput(), initial="on")
        self.data = {**{name: self.data.get(name, "") for name in self.fields}, "confirmed": "on"}

    def clean_until(self) -> Any:
        until = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise ValidationError("截止日期不能早于今天。")
        return until

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("until") and cleaned.get("role") in ADMINISTRATORS:
            self.add_error("until", "管理员角色不能预设截止日期，需要时请直接解除。")
        return cleaned


def _by_league(regions: Iterable[Region]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The regions in groups, each under its league or city, the autonomous region before them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for region in regions:
        if region.tier == Tier.AUTONOMOUS_REGION:
            group, label = "全区", region.name
        elif region.tier == Tier.LEAGUE_CITY:
            group, label = region.name, f"{region.name}（含所辖旗县）"
        else:
            group, label = region.parent.name, region.name  # type: ignore[union-attr]
        groups.setdefault(group, []).append((region.pk, label))
    return list(groups.items())


def duties_of(role: str) -> list[str]:
    """What a role lets one do, in words."""
    return [label for label, roles in PERMISSIONS.values() if role in roles]
