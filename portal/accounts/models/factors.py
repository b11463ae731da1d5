"""What a person signs in with besides the password, and the mark of a demonstration, which does without."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.fields import EncryptedTextField


class DemonstrationMark(models.Model):
    """There is one in a demonstration and none in a real portal (portal.accounts.factor_guards)."""

    ONLY = 1
    database_rights = "append_only"

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_demonstration_mark")]

    def __str__(self) -> str:
        return "演示系统"


class TotpDevice(models.Model):
    """A program or telephone that shows a new code of six digits every thirty seconds (RFC 6238)."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="totp_devices")
    name = models.CharField("名称", max_length=40)
    secret = EncryptedTextField(bound_to=("user_id", "name"))
    # The time step of the last code that was taken: no code of it or of one before it is taken again.
    last_step = models.BigIntegerField()
    confirmed_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="one_totp_device_of_a_name",
                violation_error_message="已有同名的验证器，请换一个名称。",
            ),
            models.CheckConstraint(condition=Q(last_step__gt=0), name="totp_step_is_counted"),
        ]

    def __str__(self) -> str:
        return self.name


class Passkey(models.Model):
    """A key on a device or a stick, which signs what the portal asks (WebAuthn)."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="passkeys")
    name = models.CharField("名称", max_length=40)
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    # Of keys that count: one that comes with a lower number was copied.
    sign_count = models.BigIntegerField()
    transports = ArrayField(models.CharField(max_length=20), default=list)
    # The host name the key was made for; it answers to no other.
    host = models.CharField(max_length=253)
    added_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="one_passkey_of_a_name",
                violation_error_message="已有同名的通行密钥，请换一个名称。",
            ),
            models.CheckConstraint(condition=Q(sign_count__gte=0), name="passkey_counts_upwards"),
        ]

    def __str__(self) -> str:
        return self.name


class RecoveryCode(models.Model):
    """One of ten codes on paper, for the day the telephone is gone; only its keyed digest is kept."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__gte=models.F("made_at")),
                name="recovery_code_is_used_after_it_is_made",
            ),
        ]

    def __str__(self) -> str:
        return f"恢复码 {self.made_at:%Y-%m-%d}"


def forget_all(user: Any) -> int:
    """Every device, key and recovery code of the account goes. Returns how many devices and keys there were."""
    count = int(user.totp_devices.count() + user.passkeys.count())
    for kept in (user.totp_devices, user.passkeys, user.recovery_codes):
        kept.all().delete()
    return count
