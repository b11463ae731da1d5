"""One-time codes that two administrators give out together."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import can
from portal.accounts.models.accounts import User
from portal.accounts.roles import Role

# One asks, one of the other role releases.
RELEASING = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)


class ReleaseQuerySet(models.QuerySet["Release"]):
    def waiting(self) -> ReleaseQuerySet:
        """Asked for, neither released nor withdrawn, and not too old."""
        return self.filter(released_at__isnull=True, ended_at__isnull=True, expires_at__gt=timezone.now())

    def usable(self) -> ReleaseQuerySet:
        """Released, and the code neither used, nor replaced, nor expired."""
        released = self.filter(released_at__isnull=False, used_at__isnull=True, ended_at__isnull=True)
        return released.filter(expires_at__gt=timezone.now())

    def visible_to(self, user: Any) -> ReleaseQuerySet:
        """Of accounts that the administrator manages or gives roles to; nothing for everybody else."""
        if not (can(user, "account.manage") or can(user, "role.grant")):
            return self.none()
        return self.filter(user__in=User.objects.visible_to(user))


class Release(models.Model):
    """A one-time code for a person: asked for by one administrator, released by one of the other role, neither
    of them the person. Without both it comes from who operates the server. Only the digest of the code is kept.
    """

    class Kind(models.TextChoices):
        PASSWORD = "password", "设置密码"
        ENROL = "enrol", "登记第二重验证"
        FACTOR_LOST = "factor-lost", "更换遗失的第二重验证"

    user = models.ForeignKey(User, models.PROTECT, related_name="releases")
    kind = models.CharField("用途", max_length=20, choices=Kind)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_as = models.CharField(max_length=20, blank=True, default="")
    asked_at = models.DateTimeField("申请时间", default=timezone.now)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_as = models.CharField(max_length=20, blank=True, default="")
    released_at = models.DateTimeField("批准时间", null=True)
    digest = models.BinaryField(null=True, unique=True)
    # Of what was asked for, until it is released; of the code from then on.
    expires_at = models.DateTimeField("有效期至")
    used_at = models.DateTimeField("使用时间", null=True)
    ended_at = models.DateTimeField("作废时间", null=True)

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name = verbose_name_plural = "一次性代码"
        indexes = [models.Index(fields=["user", "kind"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"],
                condition=Q(used_at__isnull=True, ended_at__isnull=True),
                name="one_open_release",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("asked_by")),
                name="released_by_another",
            ),
            models.CheckConstraint(
                condition=(Q(asked_by__isnull=True) | ~Q(asked_by=F("user")))
                & (Q(released_by__isnull=True) | ~Q(released_by=F("user"))),
                name="released_by_nobody_concerned",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True)
                | Q(asked_as=Role.SYSTEM_ADMIN, released_as=Role.SECURITY_ADMIN)
                | Q(asked_as=Role.SECURITY_ADMIN, released_as=Role.SYSTEM_ADMIN),
                name="released_by_the_other_role",
            ),
            # A code exists from the release on; without an asker and a releaser the server's operator gave it.
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True, digest__isnull=True)
                | Q(released_at__isnull=False, digest__isnull=False, released_by__isnull=False)
                & Q(asked_by__isnull=False)
                | Q(released_at__isnull=False, digest__isnull=False, released_by__isnull=True)
                & Q(asked_by__isnull=True),
                name="a_code_is_released",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(released_at__isnull=False),
                name="used_after_its_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.user}"
