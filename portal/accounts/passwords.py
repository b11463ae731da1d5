"""What a password must be. Django's own checks, in the words of a government office, and some more."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Container, Iterator
from typing import Any

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from portal.accounts.common_words import WALKS, WORDS


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


_LEET = str.maketrans("@4301!5$78+", "aaeoiisstbt")
# What stands on the keys of the digits with the shift key held.
_SHIFTED = str.maketrans("!@#$%^&*()", "1234567890")
_ENDS = re.compile(r"^[^a-z]+|[^a-z]+$")
_DAYS = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:19|20)\d\d|1[3-9]\d{9}|(.)\1\1+", re.ASCII
)
_WALKED = 4
# A password in which something guessable was found needs so many different letters and digits besides.
_BESIDES = 5


def _walks() -> Iterator[str]:
    """Four keys in a row, in either direction."""
    for keys in WALKS:
        for row in (keys, keys[::-1]):
            for start in range(len(row) - _WALKED + 1):
                yield row[start : start + _WALKED]


_WALKS = frozenset(_walks())
_BY_LENGTH = sorted((word for word in WORDS if len(word) > 2), key=len, reverse=True)
_WORD = re.compile("|".join(map(re.escape, _BY_LENGTH)))


def _without_walks(text: str) -> str:
    """The text without keys that lie in a row."""
    in_a_row: set[int] = set()
    for start in range(len(text) - _WALKED + 1):
        if text[start : start + _WALKED] in _WALKS:
            in_a_row.update(range(start, start + _WALKED))
    return "".join(" " if place in in_a_row else letter for place, letter in enumerate(text))


def is_guessable(password: str, common: Container[str]) -> bool:
    """Whether the password is a word that many take, a place or a duty of this field, keys in a row, a day or a year,
    or little more than these: whatever was written with other signs and hung on at its ends.
    """
    typed = unicodedata.normalize("NFKC", password).lower()
    for text in {typed, typed.translate(_LEET), typed.translate(_SHIFTED)}:
        core = _ENDS.sub("", text)
        if text in common or core in common or core in WORDS:
            return True
        rest = _WORD.sub(" ", _DAYS.sub(" ", _without_walks(text)))
        besides = {letter for letter in rest if letter.isalnum()}
        if rest != text and len(besides) < _BESIDES:
            return True
    return False


class NotCommon(password_validation.CommonPasswordValidator):
    def validate(self, password: str, user: Any = None) -> None:
        if is_guessable(password, self.passwords):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def get_error_message(self) -> str:
        return "这个密码过于常见，容易被猜到，请换一个。"

    def get_help_text(self) -> str:
        return "不能使用容易被猜到的密码，如常见单词、地名、单位和岗位的拼音、年份、键盘上相邻的键，以及它们的组合。"


class NotUsedBefore:
    """Not one of the last passwords of the account."""

    kept = 5

    def validate(self, password: str, user: Any = None) -> None:
        if user is None or user.pk is None:
            return
        earlier = user.past_passwords.values_list("password", flat=True)[: self.kept]
        if any(check_password(password, encoded) for encoded in earlier):
            raise ValidationError(f"不能使用最近{self.kept}次用过的密码。", code="password_used_before")

    def get_help_text(self) -> str:
        return f"不能使用最近{self.kept}次用过的密码。"


def keep_past(user: Any) -> None:
    """The password that the account has now is about to end: it is kept among the earlier ones."""
    if user.pk is None or not user.has_usable_password():
        return
    user.past_passwords.create(password=user.password)
    kept = user.past_passwords.values("pk")[: NotUsedBefore.kept]
    user.past_passwords.exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()


class NotLikeTheAccount(password_validation.UserAttributeSimilarityValidator):
    """Not close to the user name or the person's own name."""

    DEFAULT_USER_ATTRIBUTES = ("username", "display_name")

    def __init__(self) -> None:
        super().__init__(user_attributes=self.DEFAULT_USER_ATTRIBUTES)

    def get_error_message(self) -> str:
        return "密码与用户名或姓名过于相似，请换一个。"

    def get_help_text(self) -> str:
        return "不能与用户名或姓名相似。"
