"""One-time codes with which a person sets the first password of an account, or a new one after forgetting it.

The code is valid together with an answer that only its holder should know (for workers the ID number, never printed
beside the code; its last four characters alone are published in the registry). One keyed digest over both is stored: the table
yields neither, and a found sheet of paper is not enough.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.utils import timezone

from portal import audit, crypto
from portal.accounts.access import NotNow
from portal.accounts.models import ActivationCode, User
from portal.accounts.models.factors import forget_all
from portal.accounts.passwords import keep_past
from portal.throttle import Limit

VALID_FOR = timedelta(days=7)
# Crockford's alphabet: no I, L, O, U. Twelve of them are 60 bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
_MISREAD = str.maketrans("OIL", "011")
TRIES_BY_ADDRESS = Limit("activate-address", 30)
# Whoever knows when somebody was born knows most of their ID number: five tries a day leave no room for the rest.
TRIES_OF_CODE = Limit("activate-code", 5, 86400)


class CodeRefused(NotNow):
    """Unknown, used, expired or replaced, or the answer is wrong: from outside all look the same."""


@dataclass(frozen=True)
class NewCode:
    """A code as it is printed, once."""

    code: str
    expires_at: datetime


def normal_code(text: str) -> str:
    """What was typed, as it is compared: upper case, no gaps, letters that are read for digits taken as
    digits.
    """
    narrow = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in narrow if c.isalnum()).translate(_MISREAD)


def drawn_code() -> str:
    """Twelve characters, as they are compared."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def printed(code: str) -> str:
    """A code in groups of four, as people read it."""
    return "-".join(code[i : i + 4] for i in range(0, _LENGTH, 4))


def _digest(code: str, answer: str) -> bytes:
    return crypto.digest(f"{code}:{answer.strip().upper()}", purpose="activation")


def new_code(user: User, *, answer: str, by: User) -> NewCode:
    """A code for `user`; earlier unused ones end. The caller has checked that `by` may, and holds a
    transaction.
    """
    now = timezone.now()
    user.activation_codes.filter(used_at__isnull=True, expires_at__gt=now).update(expires_at=now)
    code = drawn_code()
    issued = ActivationCode.objects.create(
        user=user, digest=_digest(code, answer), issued_by=by, expires_at=now + VALID_FOR
    )
    return NewCode(printed(code), issued.expires_at)


def activate(code: str, answer: str, password: str) -> User:
    """Use a code up and set the password. CodeRefused, NotNow (account disabled), ValidationError
    (password).

    Two people with one code: the second waits for the first's commit and then finds it used.
    """
    # Codes that were printed before the whole number was asked for go with its last six characters.
    digests = [_digest(normal_code(code), known) for known in (answer, answer[-6:])]
    with transaction.atomic():
        unused = ActivationCode.objects.filter(used_at__isnull=True, expires_at__gt=timezone.now())
        issued = unused.select_for_update().filter(digest__in=digests).first()
        if issued is None:
            raise CodeRefused(
                "激活码与证件号码不相符，或激活码已使用、已过期、已被新的激活码代替。"
                "请核对后再试，或携带居民身份证到服务窗口重新领取。"
            )
        user = User.objects.select_for_update().get(pk=issued.user_id)
        if not user.is_active:
            raise NotNow("该账号已停用，不能激活。请到服务窗口咨询。")
        validate_password(password, user)
        keep_past(user)
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "password_changed_at", "must_change_password"])
        issued.used_at = timezone.now()
        issued.save(update_fields=["used_at"])
        audit.record("account.activate", by=user, obj=user)
        # Who they are was seen at the window, also of those whose telephone is gone.
        if removed := forget_all(user):
            audit.record("factor.lost", by=user, obj=user, detail={"removed": removed})
    return user
