"""What became of a recovery: sums that came, were set off or written off; that the person was reminded; the court."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.funds.models.answers import BankRow
from portal.funds.models.funds import Line
from portal.funds.models.ledger import Payable
from portal.funds.models.recoveries import OfRecovery, Recovery
from portal.funds.money import yuan


class WriteOff(models.Model):
    """What does not come back any more is written off: drawn up by one, decided by another."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="write_offs", verbose_name="追回")
    amount = models.BigIntegerField("核销金额（分）")
    grounds = models.CharField("事实和理由", max_length=500)
    clause = models.CharField("依据", max_length=300)
    document = models.CharField("决定文号", max_length=80)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟办人")
    made_at = models.DateTimeField("拟办时间", default=timezone.now)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定时间", null=True)
    dropped_at = models.DateTimeField("放弃时间", null=True)

    objects = OfRecovery.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "核销决定"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_write_off_is_of_something"),
            models.CheckConstraint(
                condition=~Q(grounds="") & ~Q(clause="") & ~Q(document=""), name="a_write_off_says_why"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, dropped_at__isnull=True)
                & ~Q(decided_by=F("made_by")),
                name="a_write_off_is_decided_by_another",
                violation_error_message="拟办人不能决定自己拟办的核销。",
            ),
            models.UniqueConstraint(
                fields=["recovery"],
                condition=Q(dropped_at__isnull=True),
                name="one_write_off_of_a_recovery",
                violation_error_message="该追回已有核销决定。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class PayableSplit(models.Model):
    """A benefit that is larger than what is left to recover is taken apart: `off` is what was left and is set off, `rest` is
    paid as it was approved. The database posts it with the row; the benefit itself moves no more.
    """

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="splits", verbose_name="追回")
    payable = models.OneToOneField(Payable, models.PROTECT, related_name="split", verbose_name="拆分的待遇")
    off = models.OneToOneField(
        Payable, models.PROTECT, related_name="split_as_off", verbose_name="抵扣的部分"
    )
    rest = models.OneToOneField(
        Payable, models.PROTECT, related_name="split_as_rest", verbose_name="照常支付的部分"
    )
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    database_rights = "append_only"

    objects = OfRecovery.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "拆分的待遇"

    def __str__(self) -> str:
        return f"{self.payable_id}: {self.off_id} + {self.rest_id}"


class ShareKind(models.TextChoices):
    """What a part of a recovery came by."""

    RECEIVED = "received", "到账"
    SET_OFF = "set_off", "抵扣"
    WRITTEN_OFF = "written_off", "核销"


class RecoveryShare(models.Model):
    """A part of a recovery that is settled: of exactly the sum of a row of the bank, of a benefit that it was set off
    from, or of a decision to write it off. The database says on which line it counts and posts it.
    """

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="shares", verbose_name="追回")
    payable = models.ForeignKey(Payable, models.PROTECT, related_name="recovered", verbose_name="原付款")
    kind = models.CharField("种类", max_length=12, choices=ShareKind)
    amount = models.BigIntegerField("金额（分）")
    bank_row = models.OneToOneField(
        BankRow, models.PROTECT, null=True, related_name="recovered", verbose_name="银行回盘"
    )
    settled = models.OneToOneField(
        Payable, models.PROTECT, null=True, related_name="set_off", verbose_name="抵扣的待遇"
    )
    write_off = models.OneToOneField(
        WriteOff, models.PROTECT, null=True, related_name="share", verbose_name="核销决定"
    )
    # Where it counts: the line of the payment, or the one that the decision which closed that line named.
    to_line = models.ForeignKey(
        Line, models.PROTECT, null=True, related_name="+", verbose_name="转入科目", db_index=False
    )
    to_treasury = models.BooleanField("待交回来源", default=False)
    # Of the notice that something was set off, where one was written.
    letter_number = models.CharField("告知书文号", max_length=80, blank=True, default="", db_default="")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    database_rights = "append_only"

    objects = OfRecovery.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "追回款项"
        indexes = [models.Index(fields=["to_line"], name="recovery_share_by_line")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_recovered_share_is_of_something"),
            models.CheckConstraint(
                condition=Q(
                    kind="received", bank_row__isnull=False, settled__isnull=True, write_off__isnull=True
                )
                | Q(kind="set_off", settled__isnull=False, bank_row__isnull=True, write_off__isnull=True)
                | Q(kind="written_off", write_off__isnull=False, bank_row__isnull=True, settled__isnull=True),
                name="a_recovered_share_rests_on_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class Reminder(models.Model):
    """The person was reminded in writing to pay until a day (行政强制法 article 54)."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="reminders", verbose_name="追回")
    on = models.DateField("催告日期")
    pay_by = models.DateField("限期退回")
    letter_number = models.CharField("催告书文号", max_length=80)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    database_rights = "append_only"

    objects = OfRecovery.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "催告"
        constraints = [
            models.CheckConstraint(condition=Q(pay_by__gt=F("on")), name="a_reminder_leaves_time"),
            models.CheckConstraint(condition=~Q(letter_number=""), name="a_reminder_is_in_writing"),
        ]

    def __str__(self) -> str:
        return f"{self.letter_number} {self.on}"


class CourtHandover(models.Model):
    """A court was asked to enforce it (行政强制法 articles 53 and 54): by which document, and on what days that rests."""

    recovery = models.OneToOneField(Recovery, models.PROTECT, related_name="handover", verbose_name="追回")
    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="+", verbose_name="催告")
    reminder_served_on = models.DateField("催告书送达日期")
    # When nobody can turn against the decision any more, as the officer found it.
    final_on = models.DateField("复议、诉讼期限届满日期")
    on = models.DateField("申请日期")
    court = models.CharField("人民法院", max_length=80)
    document = models.CharField("强制执行申请书文号", max_length=80)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    database_rights = "append_only"

    objects = OfRecovery.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申请法院强制执行"
        constraints = [
            models.CheckConstraint(
                condition=~Q(court="") & ~Q(document=""), name="a_handover_names_court_and_document"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.court} {self.document}"
