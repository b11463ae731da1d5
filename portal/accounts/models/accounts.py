"""Accounts, and the roles a person holds in regions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, scope
from portal.accounts.roles import ADMINISTRATORS, Role
from portal.names import searched_name
from portal.regions.models import Region


def _held_in(where: Any) -> Q:
    """Assignments in the banners and leagues of a scope."""
    inside = Q(region_id__in=where.banners)
    for league in sorted(where.leagues):
        inside |= Q(region__code__startswith=league[:4])
    return inside


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, user: Any) -> UserQuerySet:
        """Who manages accounts or roles sees those of their regions and those without any role; everybody
        else themselves.
        """
        if not user.is_authenticated:
            return self.none()
        scopes = [scope(user, permission) for permission in ("account.manage", "role.grant")]
        if any(where.whole for where in scopes):
            return self.all()
        if all(where.empty for where in scopes):
            return self.filter(pk=user.pk)
        not_ended = RoleAssignment.objects.filter(ended_at__isnull=True)
        visible: Any = Q(pk=user.pk) | ~Exists(not_ended.filter(user=OuterRef("pk")))
        for where in scopes:
            if not where.empty:
                visible |= Q(Exists(not_ended.filter(_held_in(where), user=OuterRef("pk"))))
        return self.filter(visible)

    def holding(self, role: Role, region: str) -> UserQuerySet:
        """Active accounts that hold `role` over `region` today: in it, in its league, or in the autonomous
        region.
        """
        places = {region, f"{region[:4]}00", WHOLE_REGION}
        held = RoleAssignment.objects.in_force().filter(role=role, region__in=places)
        return self.filter(Exists(held.filter(user=OuterRef("pk"))), is_active=True)

    def matching(self, text: str) -> UserQuerySet:
        """Whose user name or own name contains `text`."""
        if not text:
            return self
        name = searched_name(text)
        own_name = Q(display_name__icontains=text) | Q(display_name__icontains=name)
        return self.filter(Q(username__icontains=text) | own_name)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """One account, one person."""

    username = models.CharField("用户名", max_length=64, unique=True)
    display_name = models.CharField("姓名", max_length=40)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("首次登录须改密码", default=False)
    password_changed_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        ordering = ["username"]
        verbose_name = verbose_name_plural = "账号"

    def __str__(self) -> str:
        return self.display_name or self.username

    def set_password(self, raw_password: str | None) -> None:
        super().set_password(raw_password)
        self.password_changed_at = timezone.now()


class RoleAssignmentQuerySet(models.QuerySet["RoleAssignment"]):
    def in_force(self) -> RoleAssignmentQuerySet:
        """Begun, not past their last day, and not ended by the security administrator."""
        today = timezone.localdate()
        return self.filter(since__lte=today, ended_at__isnull=True).filter(
            Q(until__isnull=True) | Q(until__gte=today)
        )


class RoleAssignment(models.Model):
    """A person holds a role in a region, from a day until a day. What is ended ends at once and stays on
    record.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    role = models.CharField("角色", max_length=20, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+")
    since = models.DateField("自", default=timezone.localdate)
    until = models.DateField("至", null=True, blank=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["user", "role", "region"]
        verbose_name = verbose_name_plural = "角色任用"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "region"],
                condition=Q(until__isnull=True),
                name="one_open_assignment",
                violation_error_message="该人员在该地区已担任此角色。",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(role__in=ADMINISTRATORS, until__isnull=True),
                name="one_administrator_role",
                violation_error_message="系统、安全、审计三类管理员须由三人分别担任。",
            ),
            # A planned last day would take the assignment out of the constraint above while it is still in
            # force.
            models.CheckConstraint(
                condition=~Q(role__in=ADMINISTRATORS) | Q(until__isnull=True) | Q(ended_at__isnull=False),
                name="administrator_role_has_no_planned_end",
                violation_error_message="管理员角色不能预设截止日期，需要时请直接解除。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(until__isnull=False),
                name="ended_assignment_has_a_last_day",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="assignment_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()} {self.region}"


class ActivationCode(models.Model):
    """A one-time code printed at the window after the ID card was checked; only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="activation_codes")
    digest = models.BinaryField(unique=True)
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"])]

    def __str__(self) -> str:
        return f"激活码 {self.issued_at:%Y-%m-%d}"
