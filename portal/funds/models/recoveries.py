"""What was paid and is to come back: the decision that says so, until when, and every sum that came.

The payment it comes from stays paid. What the database holds of all this: portal.funds.recovery_guards.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, LPad
from django.utils import timezone

from portal.funds.models.ledger import Payable
from portal.funds.money import yuan
from portal.workforce.models.base import league_of


class RecoveryCause(models.TextChoices):
    """Why money is to come back."""

    FALLEN = "fallen", "批准已撤销"
    OVERPAID = "overpaid", "多付"


class Way(models.TextChoices):
    """How it comes back."""

    AT_ONCE = "at_once", "一次退回"
    INSTALMENTS = "instalments", "分期退回"
    SET_OFF = "set_off", "从以后的待遇中抵扣"


class RecoveryState(models.TextChoices):
    DRAWN = "drawn", "待决定"
    DECIDED = "decided", "追回中"
    DONE = "done", "已办结"
    DROPPED = "dropped", "已撤回"


# What counts of the payment it comes from: drawn up, decided or done. One that was dropped counts with what has come.
STANDING = (RecoveryState.DRAWN, RecoveryState.DECIDED, RecoveryState.DONE)


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    def visible_to(self, user: Any) -> RecoveryQuerySet:
        """Who sees a payable sees what of it is to come back."""
        return self.filter(payable__in=Payable.objects.visible_to(user))

    def under_way(self) -> RecoveryQuerySet:
        """Decided, and not all of it has come."""
        return self.filter(state=RecoveryState.DECIDED)


class Recovery(models.Model):
    """A sum of a payment that is to come back: why, by which clause, how. Drawn up by one, decided by another after the
    person was heard; from then on it is taken by its number on a row of the bank.
    """

    # By which a row of the bank names it.
    number = models.GeneratedField(
        expression=Concat(Value("ZH"), LPad(Cast("id", models.CharField()), 8, Value("0"))),
        output_field=models.CharField(max_length=24),
        db_persist=True,
        unique=True,
        verbose_name="追回编号",
    )
    payable = models.ForeignKey(
        Payable, models.PROTECT, related_name="recoveries", verbose_name="原付款", db_index=False
    )
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, related_name="+", verbose_name="地区", db_index=False
    )
    league_code = league_of("region_id")
    amount = models.BigIntegerField("追回金额（分）")
    cause = models.CharField("原因", max_length=10, choices=RecoveryCause)
    grounds = models.CharField("事实和理由", max_length=500)
    clause = models.CharField("依据", max_length=300)
    way = models.CharField("退回方式", max_length=12, choices=Way)
    # The office's own account; nothing is paid into one where it is set off.
    pay_to = models.CharField("退回账户", max_length=200, blank=True)
    state = models.CharField("状态", max_length=8, choices=RecoveryState, default=RecoveryState.DRAWN)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟办人")
    made_at = models.DateTimeField("拟办时间", default=timezone.now)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    decided_on = models.DateField("决定日期", null=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    letter_number = models.CharField("决定书文号", max_length=80, blank=True)
    done_at = models.DateTimeField("办结时间", null=True)
    dropped_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="撤回人"
    )
    dropped_at = models.DateTimeField("撤回时间", null=True)
    dropped_because = models.CharField("撤回理由", max_length=200, blank=True)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "追回"
        indexes = [
            models.Index(fields=["payable"], name="recovery_by_payable"),
            models.Index(fields=["state", "-id"], name="recovery_by_state"),
            models.Index(fields=["region", "-id"], name="recovery_by_place"),
            models.Index(fields=["league_code", "-id"], name="recovery_by_league"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_recovery_is_of_something"),
            models.CheckConstraint(
                condition=~Q(grounds="") & ~Q(clause=""), name="a_recovery_says_why_and_by_which_clause"
            ),
            models.CheckConstraint(
                condition=Q(way=Way.SET_OFF, pay_to="") | (~Q(way=Way.SET_OFF) & ~Q(pay_to="")),
                name="a_recovery_says_where_it_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(
                    decided_by__isnull=True,
                    decided_on__isnull=True,
                    decided_at__isnull=True,
                    letter_number="",
                )
                & ~Q(state__in=[RecoveryState.DECIDED, RecoveryState.DONE])
                | Q(decided_by__isnull=False, decided_on__isnull=False, decided_at__isnull=False)
                & ~Q(letter_number="")
                & ~Q(state=RecoveryState.DRAWN)
                & ~Q(decided_by=F("made_by")),
                name="a_recovery_is_decided_by_another",
                violation_error_message="拟办人不能决定自己拟办的追回。",
            ),
            models.CheckConstraint(
                condition=Q(state=RecoveryState.DONE, done_at__isnull=False)
                | (~Q(state=RecoveryState.DONE) & Q(done_at__isnull=True)),
                name="a_recovery_is_done_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=RecoveryState.DROPPED, dropped_at__isnull=False, dropped_by__isnull=False)
                & ~Q(dropped_because="")
                | ~Q(state=RecoveryState.DROPPED)
                & Q(dropped_at__isnull=True, dropped_by__isnull=True, dropped_because=""),
                name="a_recovery_is_dropped_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class OfRecovery(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> OfRecovery:
        """Who sees a recovery sees what belongs to it."""
        return self.filter(recovery__in=Recovery.objects.visible_to(user))


class Instalment(models.Model):
    """What is to come back until a day. One of them where it comes back at once, none where it is set off."""

    recovery = models.ForeignKey(
        Recovery, models.PROTECT, related_name="instalments", verbose_name="追回", db_index=False
    )
    position = models.PositiveSmallIntegerField("期次")
    due_on = models.DateField("退回期限")
    amount = models.BigIntegerField("金额（分）")

    database_rights = "append_only"

    objects = OfRecovery.as_manager()

    class Meta:
        ordering = ["recovery", "position"]
        verbose_name = verbose_name_plural = "退回期次"
        constraints = [
            models.UniqueConstraint(fields=["recovery", "position"], name="one_instalment_of_a_position"),
            models.UniqueConstraint(fields=["recovery", "due_on"], name="one_instalment_of_a_day"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_instalment_is_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class Heard(models.TextChoices):
    """What came of asking the person."""

    SAID = "said", "已陈述申辩"
    HEARING = "hearing", "已举行听证"
    SILENT = "silent", "逾期未提出"
    WAIVED = "waived", "书面表示放弃"


class RecoveryHearing(models.Model):
    """The person was told what would be decided, and what they said to it, and what the office made of that."""

    recovery = models.OneToOneField(Recovery, models.PROTECT, related_name="hearing", verbose_name="追回")
    told_on = models.DateField("事先告知日期")
    heard = models.CharField("当事人意见", max_length=8, choices=Heard)
    # Of the statement or hearing; where there was none, the day until which it could be made.
    heard_on = models.DateField("陈述申辩、听证日期或者期满日期")
    said = models.CharField("陈述申辩内容", max_length=1000, blank=True)
    answer = models.CharField("采纳情况和理由", max_length=500, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    database_rights = "append_only"

    objects = OfRecovery.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "追回前听取意见"
        constraints = [
            models.CheckConstraint(
                condition=Q(heard_on__gte=F("told_on")), name="somebody_is_told_before_they_are_heard"
            ),
            models.CheckConstraint(
                condition=Q(heard__in=[Heard.SAID, Heard.HEARING]) & ~Q(said="") & ~Q(answer="")
                | Q(heard__in=[Heard.SILENT, Heard.WAIVED], said="", answer=""),
                name="what_was_said_is_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id}: {self.get_heard_display()}"
