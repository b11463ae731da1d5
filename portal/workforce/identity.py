"""Numbers that identify: citizen ID numbers (GB 11643), unified social credit codes (GB 32100), mobile
phones.

An ID number is checked for length, digits, check digit and a real date of birth that is not in the future,
and for nothing else: tables of birthplaces refuse genuine numbers of people born before their county's code
changed.
"""

from __future__ import annotations

import re
from datetime import date
from operator import mul

from django.utils import timezone
from stdnum.cn import uscc

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Of the character 0, seventeen times: what is weighed are bytes.
_ZEROS = 48 * sum(_WEIGHTS)
_CHECK = "10X98765432"
_PHONE = re.compile(r"1[3-9]\d{9}")
# Full-width digits and letters, as Chinese input methods type them, and the space that goes with them.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE[0x3000] = 0x20
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣─"), "-")


class InvalidNumber(ValueError):
    """A number that cannot be right; the message is for the person who typed it."""


def narrow(text: str) -> str:
    """Full-width characters as half-width ones, white space taken away from both ends."""
    return text.translate(_WIDE).strip()


def certificate_number(text: str) -> str:
    """A certificate's number in its one form: half-width, capital letters, one kind of dash, no blanks."""
    return re.sub(r"\s", "", narrow(text).translate(_DASHES)).upper()


def check_id_number(text: str) -> str:
    """The number in its 18-character form, or InvalidNumber that says what is wrong with it."""
    number = narrow(text).replace(" ", "").upper()
    if len(number) == 15 and number.isdigit():
        raise InvalidNumber("证件号码为15位旧号码，请填写18位公民身份号码。")
    if len(number) != 18:
        raise InvalidNumber(f"证件号码应为18位，现为{len(number)}位。")
    first_17, last = number[:17], number[17]
    if not (first_17.isascii() and first_17.isdigit()) or last not in "0123456789X":
        raise InvalidNumber("证件号码前17位应为数字，最后一位应为数字或X。")
    if check_digit(first_17) != last:
        raise InvalidNumber("证件号码校验位不符，请核对是否有误。")
    try:
        born = birth_date(number)
    except ValueError as error:
        raise InvalidNumber("证件号码中的出生日期不存在，请核对。") from error
    if not date(1900, 1, 1) <= born <= timezone.localdate():
        raise InvalidNumber("证件号码中的出生日期不合理，请核对。")
    return number


class PlainNumbers:
    """Knows numbers that are right as they stand, hundreds of thousands of them in a second; what is wrong with others
    `check_id_number` says.
    """

    def __init__(self, today: date) -> None:
        self._today = today
        self._born: dict[str, bool] = {}

    def has(self, number: str) -> bool:
        if len(number) != 18 or not number.isascii() or not number[:17].isdigit():
            return False
        total = sum(map(mul, _WEIGHTS, number.encode())) - _ZEROS
        return _CHECK[total % 11] == number[17] and self._is_born(number)

    def _is_born(self, number: str) -> bool:
        born = self._born.get(number[6:14])
        if born is None:
            try:
                born = date(1900, 1, 1) <= birth_date(number) <= self._today
            except ValueError:
                born = False
            self._born[number[6:14]] = born
        return born


def check_digit(first_17: str) -> str:
    """The last character of an ID number, from the seventeen digits before it."""
    weighted = sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True))
    return _CHECK[weighted % 11]


def birth_date(number: str) -> date:
    """The date of birth in an ID number; ValueError when there is no such day."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex_of(number: str) -> str:
    """The sex as an ID number says it: odd numbers are given to men."""
    is_odd = int(number[16]) % 2 == 1
    return "male" if is_odd else "female"


def mask_id_number(number: str) -> str:
    """Never the seventh to fourteenth digit, which are the date of birth."""
    if len(number) != 18:
        return "*" * len(number)
    return f"{number[:6]}********{number[14:]}"


def check_phone(text: str) -> str:
    """The number in its 11-digit form, or InvalidNumber."""
    phone = re.sub(r"[\s-]", "", narrow(text)).removeprefix("+86")
    if not _PHONE.fullmatch(phone):
        raise InvalidNumber("手机号应为11位数字，以1开头。")
    return phone


def mask_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}"


def check_credit_code(text: str) -> str:
    """The unified social credit code in its 18-character form, or InvalidNumber."""
    code = narrow(text).replace(" ", "").upper()
    if len(code) != 18:
        raise InvalidNumber(f"统一社会信用代码应为18位，现为{len(code)}位。")
    if not uscc.is_valid(code):
        raise InvalidNumber("统一社会信用代码校验不符，请核对是否有误。")
    return code
