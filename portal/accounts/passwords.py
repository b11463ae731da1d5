"""What a password must be. Django's own checks, in the words of a government office, and one more."""

from __future__ import annotations

import string
from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError


class CharacterKinds:
    """At least three of: capital letters, small letters, digits, other characters (GB/T 22239,
    complexity).
    """

    least = 3

    def validate(self, password: str, user: Any = None) -> None:
        kinds = [
            any(c in string.ascii_uppercase for c in password),
            any(c in string.ascii_lowercase for c in password),
            any(c in string.digits for c in password),
            any(c not in string.ascii_letters + string.digits for c in password),
        ]
        if sum(kinds) < self.least:
            raise ValidationError(self.get_help_text(), code="password_kinds")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三类。"


class LongEnough(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return self.get_help_text()

    def get_help_text(self) -> str:
        return f"密码不少于{self.min_length}个字符。"


class NotCommon(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "这个密码过于常见，容易被猜到，请换一个。"

    def get_help_text(self) -> str:
        return "不能使用容易被猜到的常见密码。"


class NotLikeTheAccount(password_validation.UserAttributeSimilarityValidator):
    """Not close to the user name or the person's own name."""

    DEFAULT_USER_ATTRIBUTES = ("username", "display_name")

    def __init__(self) -> None:
        super().__init__(user_attributes=self.DEFAULT_USER_ATTRIBUTES)

    def get_error_message(self) -> str:
        return "密码与用户名或姓名过于相似，请换一个。"

    def get_help_text(self) -> str:
        return "不能与用户名或姓名相似。"
