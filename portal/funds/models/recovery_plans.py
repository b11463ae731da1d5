"""A plan by which a recovery comes back is changed after it was decided: proposed by one, decided by another, for a reason.

The earlier plan stays on record. What the database holds of it: portal.funds.recovery_plan_guards.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.funds.models.recoveries import OfRecovery, Recovery
from portal.funds.money import yuan


class PlanChange(models.Model):
    """Other days and sums for what is still to come of a recovery. It counts from its decision on."""

    recovery = models.ForeignKey(
        Recovery, models.PROTECT, related_name="plan_changes", verbose_name="追回", db_index=False
    )
    # What was still to come when it was proposed; it is decided only while that is so.
    amount = models.BigIntegerField("尚未追回的金额（分）")
    reason = models.CharField("变更理由", max_length=500)
    clause = models.CharField("依据", max_length=300)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟办人")
    made_at = models.DateTimeField("拟办时间", default=timezone.now)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    decided_on = models.DateField("决定日期", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    letter_number = models.CharField("文书文号", max_length=80, blank=True)
    dropped_at = models.DateTimeField("放弃时间", null=True)

    objects = OfRecovery.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "变更退回期限"
        indexes = [models.Index(fields=["recovery", "-id"], name="plan_change_by_recovery")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_plan_is_changed_of_something"),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(clause=""), name="a_plan_is_changed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=True,
                    decided_on__isnull=True,
                    decided_at__isnull=True,
                    letter_number="",
                )
                | Q(
                    decided_by__isnull=False,
                    decided_on__isnull=False,
                    decided_at__isnull=False,
                    dropped_at__isnull=True,
                )
                & ~Q(letter_number="")
                & ~Q(decided_by=F("made_by")),
                name="a_plan_is_changed_by_another",
                violation_error_message="拟办人不能决定自己拟办的变更。",
            ),
            models.UniqueConstraint(
                fields=["recovery"],
                condition=Q(decided_at__isnull=True, dropped_at__isnull=True),
                name="one_open_change_of_a_plan",
                violation_error_message="该追回已有待决定的变更。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class ChangedInstalment(models.Model):
    """What is to come back until a day, as a changed plan says."""

    change = models.ForeignKey(
        PlanChange, models.PROTECT, related_name="instalments", verbose_name="变更", db_index=False
    )
    position = models.PositiveSmallIntegerField("期次")
    due_on = models.DateField("退回期限")
    amount = models.BigIntegerField("金额（分）")

    database_rights = "append_only"

    class Meta:
        ordering = ["change", "position"]
        verbose_name = verbose_name_plural = "变更后的退回期次"
        constraints = [
            models.UniqueConstraint(
                fields=["change", "position"], name="one_changed_instalment_of_a_position"
            ),
            models.UniqueConstraint(fields=["change", "due_on"], name="one_changed_instalment_of_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_changed_instalment_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)
