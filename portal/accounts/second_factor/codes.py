"""Codes that are typed: those of an authenticator program (TOTP, RFC 6238) and those on paper."""

from __future__ import annotations

import hmac
import time
import unicodedata
from dataclasses import dataclass

import pyotp
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal import audit, crypto
from portal.accounts.activation import drawn_code, normal_code, printed
from portal.accounts.models import Passkey, RecoveryCode, TotpDevice, User

STEP = 30
DIGITS = 6
# The clock of a telephone may be a step behind or ahead.
DRIFT = (0, -1, 1)
ISSUER = "匠惠通"
RECOVERY_CODES = 10


def new_secret() -> str:
    """160 bits in base 32, as authenticator programs take them."""
    return pyotp.random_base32(32)


def address_of_secret(user: User, secret: str) -> str:
    """What the picture says to an authenticator program."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP).provisioning_uri(
        name=user.username, issuer_name=ISSUER
    )


def normal_totp(typed: str) -> str:
    """Six plain digits, or nothing."""
    digits = "".join(unicodedata.normalize("NFKC", typed).split())
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else ""


def step_of(secret: str, typed: str) -> int | None:
    """The time step whose code this is, one earlier or later than now at most."""
    code = normal_totp(typed)
    now = int(time.time()) // STEP
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    matching = [
        now + drift for drift in DRIFT if hmac.compare_digest(totp.generate_otp(now + drift), code or "-")
    ]
    return matching[0] if matching else None


def take_totp(user: User, typed: str) -> bool:
    """Whether it is the code of one of their devices; it is used up then. Two at once: one of them is late."""
    if not normal_totp(typed):
        return False
    for device in user.totp_devices.all():
        step = step_of(device.secret, typed)
        if step is None:
            continue
        unused = TotpDevice.objects.filter(pk=device.pk, last_step__lt=step)
        if unused.update(last_step=step, last_used_at=timezone.now()):
            return True
    return False


def _digest(user: User, code: str) -> bytes:
    return crypto.digest(f"{user.pk}:{code}", purpose="recovery")


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Ten codes, returned this one time; those before them end."""
    User.objects.select_for_update().get(pk=user.pk)
    user.recovery_codes.all().delete()
    codes = [drawn_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(user, code)) for code in codes)
    audit.record("factor.recovery_codes", by=user, obj=user)
    return [printed(code) for code in codes]


def take_recovery(user: User, typed: str) -> bool:
    """Whether it is one of their codes that was not used yet; it is used up then."""
    unused = user.recovery_codes.filter(digest=_digest(user, normal_code(typed)), used_at__isnull=True)
    return bool(unused.update(used_at=timezone.now()))


def recovery_codes_left(user: User) -> int:
    return user.recovery_codes.filter(used_at__isnull=True).count()


@dataclass(frozen=True)
class Factors:
    """What somebody has besides the password; `hosts` are those that their passkeys are bound to."""

    app: bool
    recovery: bool
    hosts: frozenset[str]


def factors_of(user: User) -> Factors:
    """In one question to the database."""
    own = User.objects.filter(pk=user.pk)
    app, recovery, hosts = own.values_list(
        Exists(TotpDevice.objects.filter(user=OuterRef("pk"))),
        Exists(RecoveryCode.objects.filter(user=OuterRef("pk"), used_at__isnull=True)),
        ArraySubquery(Passkey.objects.filter(user=OuterRef("pk")).values("host")),
    ).get()
    return Factors(app, recovery, frozenset(hosts))
