"""What a password must contain."""
from __future__ import annotations

import string
from typing import Any

from django.core.exceptions import ValidationError


class CharacterKinds:
    """At least three of: capital letters, small letters, digits, other characters (GB/T 22239, complexity)."""

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
