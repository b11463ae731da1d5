"""What the fields of forms say when something is wrong with them, as an office would say it.

Django's own Chinese is a translation of sentences to programmers (确保该变量包含不超过 60 字符). A form's own
words come before these.
"""

from __future__ import annotations

from django import forms
from django.core import validators

# Kind of field: what is wrong with it, and the words for it. Special kinds come before those they are made
# of.
_FIELDS: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: {"required": "请填写此项。"},
    forms.BooleanField: {"required": "请勾选此项。"},
    forms.ChoiceField: {"required": "请选择一项。", "invalid_choice": "列表中没有“%(value)s”，请重新选择。"},
    forms.ModelChoiceField: {
        "required": "请选择一项。",
        "invalid_choice": "列表中没有“%(value)s”，请重新选择。",
    },
    forms.IntegerField: {"invalid": "请填写整数。"},
    forms.DecimalField: {"invalid": "请填写数字。"},
    forms.FileField: {"required": "请选择文件。", "empty": "文件是空的，请重新选择。"},
}
_VALIDATORS: dict[type[validators.BaseValidator], str] = {
    validators.MaxLengthValidator: "最多%(limit_value)d个字，现有%(show_value)d个字。",
    validators.MinLengthValidator: "至少%(limit_value)d个字，现有%(show_value)d个字。",
    validators.MinValueValidator: "不能小于%(limit_value)s。",
    validators.MaxValueValidator: "不能大于%(limit_value)s。",
}


def use() -> None:
    """Once, before any form is made."""
    for field, words in _FIELDS.items():
        field.default_error_messages = {**vars(field).get("default_error_messages", {}), **words}
    for validator, message in _VALIDATORS.items():
        validator.message = message
    validators.ProhibitNullCharactersValidator.message = "含有不能识别的字符。"
