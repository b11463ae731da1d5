"""Reasons that somebody has to give: a decision rests on them, a letter repeats them.

Whatever asks for one asks here whether what was written is one. 无 and a stroke fill the field and say nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_NOTHING = frozenset(
    (
        "无", "無", "没", "空", "没有", "沒有", "暂无", "无理由", "没有理由", "暂无理由", "无原因", "没有原因",
        "无说明", "没有说明", "无依据", "没有依据", "不详", "不清楚", "不知道", "未知", "未填", "未填写", "略", "同上", "同前",
        "如上", "见上", "na", "none", "null", "nil", "no",
    )
)  # fmt: skip
# So many times the same Latin letter or digit is what a hand falls on: 1, 111, xx.
_MOST_ALIKE = 3


def reason_in(text: str) -> str:
    """The reason that a text gives, without stray spaces; empty when it gives none."""
    reason = text.strip()
    plain = unicodedata.normalize("NFKC", reason).lower()
    letters = "".join(character for character in plain if character.isalnum())
    is_alike = letters.isascii() and len(letters) <= _MOST_ALIKE and len(set(letters)) <= 1
    return "" if is_alike or letters in _NOTHING else reason


# An ID number in full: 17 digits and a digit or X.
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
NUMBER_IN_FULL = "文字中有完整的证件号码。这些文字会写入文书、供多人查看，请只写后四位，或者不写。"


def names_id_number(text: str) -> bool:
    """Whether a text holds an ID number in full: such texts are read by many, and letters repeat them."""
    return bool(_ID_NUMBER.search(unicodedata.normalize("NFKC", text)))


class ReasonField(forms.CharField):
    """A reason; what gives none is as good as empty. It holds no ID number in full."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if names_id_number(text):
            raise ValidationError(NUMBER_IN_FULL, code="id_number")
        if self.required and not reason_in(text):
            raise ValidationError(self.error_messages["required"], code="required")
        return text
