"""The ledger: orders and payables, who approved them, and every move of money. Rows are added and never changed; what
is kept beside them (balances, where a payable is) the database alone writes (portal.funds.guards).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cases.models import Case
from portal.funds.models.funds import AuthorisingDocument, Line, PayeeKind, Use
from portal.funds.money import yuan
from portal.funds.moves import Bucket, MoveCode


class LedgerMove(models.Model):
    """The moves there are, as the database knows them. The owner writes them when the application is installed."""

    code = models.CharField(max_length=16, primary_key=True, choices=MoveCode)
    from_bucket = models.CharField(max_length=16, choices=Bucket)
    to_bucket = models.CharField(max_length=16, choices=Bucket)
    within_line = models.BooleanField()
    of_payable = models.BooleanField()
    of_recovery = models.BooleanField(default=False)
    needs_approval = models.BooleanField()
    needs_bank_row = models.BooleanField()
    spends = models.BooleanField()

    database_rights = "read_only"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "from_bucket", "to_bucket", "within_line"], name="a_move_goes_one_way"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.from_bucket} → {self.to_bucket}"


class Balance(models.Model):
    """What is in a bucket of a line, in fen; never below its floor. Only the ledger writes it."""

    line = models.ForeignKey(Line, models.PROTECT, related_name="balances", db_index=False)
    bucket = models.CharField("科目余额", max_length=16, choices=Bucket)
    amount = models.BigIntegerField("金额（分）", default=0)
    floor = models.BigIntegerField(null=True)

    database_rights = "read_only"

    class Meta:
        verbose_name = verbose_name_plural = "余额"
        constraints = [
            models.UniqueConstraint(fields=["line", "bucket"], name="one_balance_of_a_bucket"),
            models.CheckConstraint(
                condition=Q(floor__isnull=True) | Q(amount__gte=F("floor")),
                name="a_balance_keeps_its_floor",
                violation_error_message="余额不足。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.bucket}: {yuan(self.amount)}"


class Threshold(models.Model):
    """How many people approve a sum, from which day on. A sum of no threshold is approved by nobody."""

    amounts = BigIntegerRangeField("金额（分）")
    days = DateRangeField("施行期")
    approvals = models.PositiveSmallIntegerField("审批人数")
    document = models.CharField("依据", max_length=80)

    database_rights = "read_only"

    class Meta:
        verbose_name = verbose_name_plural = "审批额度"
        constraints = [
            ExclusionConstraint(
                name="one_threshold_for_a_sum",
                expressions=[("amounts", RangeOperators.OVERLAPS), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(approvals__gte=1, approvals__lte=5), name="one_to_five_approve"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amounts}: {self.approvals}"


class PayableQuerySet(models.QuerySet["Payable"]):
    def visible_to(self, user: Any) -> PayableQuerySet:
        """Who sees a case sees what is paid on it; who keeps a line sees what is drawn on it."""
        return self.filter(
            Q(case__in=Case.objects.visible_to(user)) | Q(line__in=Line.objects.visible_to(user))
        )


class Payable(models.Model):
    """A share of one decision, drawn on one line: it is paid whole. `moves` counts its moves so far, `bucket` says where
    it is; both are the database's.
    """

    # Both are found by the indexes below.
    case = models.ForeignKey(
        "cases.Case", models.PROTECT, related_name="payables", verbose_name="办件", db_index=False
    )
    share = models.PositiveSmallIntegerField("份额", default=1)
    line = models.ForeignKey(
        Line, models.PROTECT, related_name="payables", verbose_name="资金科目", db_index=False
    )
    use = models.CharField("用途", max_length=24, choices=Use)
    payee_kind = models.CharField("收款对象", max_length=24, choices=PayeeKind)
    amount = models.BigIntegerField("金额（分）")
    calculation_digest = models.CharField("计算摘要", max_length=64)
    payee_digest = models.CharField("收款人摘要", max_length=64)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    made_at = models.DateTimeField("登记时间", default=timezone.now)
    bucket = models.CharField("状态", max_length=16, choices=Bucket, default=Bucket.AVAILABLE)
    moves = models.PositiveSmallIntegerField("已办步数", default=0)

    database_rights = "append_only"

    objects = PayableQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "应付款"
        indexes = [models.Index(fields=["line", "bucket"], name="payable_by_line")]
        constraints = [
            models.UniqueConstraint(fields=["case", "share"], name="one_payable_of_a_share"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_payable_is_more_than_nothing"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.share}: {yuan(self.amount)}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class Approval(models.Model):
    """Somebody approved the next move of a payable, as it stood after so many moves."""

    payable = models.ForeignKey(Payable, models.PROTECT, related_name="approvals", db_index=False)
    at_moves = models.PositiveSmallIntegerField()
    move = models.CharField("事项", max_length=16, choices=MoveCode)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="审批人")
    at = models.DateTimeField(default=timezone.now)

    database_rights = "append_only"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payable", "at_moves", "move", "by"], name="one_approval_of_a_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.payable_id} {self.move} {self.by_id}"


class AboutLines(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> AboutLines:
        """Who keeps a line sees what comes to it and goes from it."""
        mine = Line.objects.visible_to(user)
        return self.filter(Q(from_line__in=mine) | Q(to_line__in=mine))

    def about(self, line: Line) -> AboutLines:
        return self.filter(Q(from_line=line) | Q(to_line=line))


class Order(models.Model):
    """An order that moves money of a line: it was given out, taken back, or moved to another line of the fund."""

    move = models.CharField("事项", max_length=16, choices=MoveCode)
    from_line = models.ForeignKey(Line, models.PROTECT, related_name="orders_from", verbose_name="转出科目")
    to_line = models.ForeignKey(Line, models.PROTECT, related_name="orders_to", verbose_name="转入科目")
    amount = models.BigIntegerField("金额（分）")
    document = models.ForeignKey(
        AuthorisingDocument, models.PROTECT, null=True, related_name="orders", verbose_name="依据文件"
    )
    reason = models.CharField("事由", max_length=200)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    made_at = models.DateTimeField("提出时间", default=timezone.now)

    database_rights = "append_only"

    objects = AboutLines.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "资金指令"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="an_order_is_about_something"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_order_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {yuan(self.amount)}"


class OrderApproval(models.Model):
    """Somebody approved an order."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="approvals", db_index=False)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="审批人")
    at = models.DateTimeField(default=timezone.now)

    database_rights = "append_only"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "by"], name="one_approval_of_an_order")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.by_id}"


class Transfer(models.Model):
    """One move of money from a bucket of a line to a bucket of a line. Written once."""

    move = models.CharField("事项", max_length=16, choices=MoveCode)
    from_line = models.ForeignKey(Line, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    from_bucket = models.CharField(max_length=16, choices=Bucket)
    to_line = models.ForeignKey(Line, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    to_bucket = models.CharField(max_length=16, choices=Bucket)
    within_line = models.GeneratedField(
        expression=models.Case(
            models.When(from_line=F("to_line"), then=models.Value(True)), default=models.Value(False)
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    amount = models.BigIntegerField("金额（分）")
    # A payable and a row of the bank are looked for over all transfers of a statement (portal.funds.posting_guards).
    payable = models.ForeignKey(
        Payable,
        models.PROTECT,
        null=True,
        related_name="transfers",
        verbose_name="应付款",
        db_index=False,
        db_constraint=False,
    )
    order = models.OneToOneField(
        Order, models.PROTECT, null=True, related_name="transfer", verbose_name="资金指令"
    )
    # What came back of a payment. The database posts it with the share itself.
    recovery_share = models.ForeignKey(
        "funds.RecoveryShare",
        models.PROTECT,
        null=True,
        related_name="transfers",
        verbose_name="追回款项",
        db_index=False,
    )
    # What a move rests on that says what the bank did.
    bank_row = models.OneToOneField(
        "funds.BankRow",
        models.PROTECT,
        null=True,
        related_name="transfer",
        verbose_name="银行回盘",
        db_constraint=False,
    )
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="记账人")
    at = models.DateTimeField("记账时间", default=timezone.now)

    database_rights = "append_only"

    objects = AboutLines.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "资金流水"
        indexes = [
            models.Index(
                fields=["payable", "id"], name="transfer_by_payable", condition=Q(payable__isnull=False)
            ),
            # What a month's statement counts.
            models.Index(fields=["move", "at"], name="transfer_by_move"),
            # The transfers of a day are sealed.
            models.Index(fields=["at"], name="transfer_by_moment"),
            models.Index(fields=["from_line", "from_bucket"], name="transfer_by_source"),
            models.Index(fields=["to_line", "to_bucket"], name="transfer_by_target"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_transfer_moves_something"),
            models.CheckConstraint(
                condition=Q(payable__isnull=False, order__isnull=True, recovery_share__isnull=True)
                | Q(payable__isnull=True, order__isnull=False, recovery_share__isnull=True)
                | Q(order__isnull=True, recovery_share__isnull=False),
                name="a_transfer_is_of_a_payable_or_an_order",
            ),
            models.UniqueConstraint(
                fields=["recovery_share", "move"],
                condition=Q(recovery_share__isnull=False),
                name="a_recovered_share_is_posted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.move} {yuan(self.amount)}"
