"""Batches of payments: what stands in one, each step of its life, and what was taken out of it. Rows are added and never
changed; where a batch and its items are the database keeps beside them (portal.funds.batch_guards).
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.fields import EncryptedTextField
from portal.funds.models.channels import BankProfile, Channel
from portal.funds.models.funds import Fund, OfPlace, PayeeKind
from portal.funds.models.ledger import Payable
from portal.funds.money import yuan
from portal.workforce.models.base import league_of


class BatchState(models.TextChoices):
    DRAFT = "draft", "拟定"
    LOCKED = "locked", "已锁定，待签发"
    SIGNED = "signed", "已签发，待生成文件"
    FILED = "filed", "已生成文件，待发送"
    SENT = "sent", "已发送，待回盘"
    ANSWERING = "answering", "部分回盘"
    ANSWERED = "answered", "全部回盘，待办结"
    CLOSED = "closed", "已办结"
    DROPPED = "dropped", "已作废"


class Step(models.TextChoices):
    LOCK = "lock", "锁定"
    ANNOUNCE = "announce", "公示"
    SIGN = "sign", "签发"
    FILE = "file", "生成文件"
    SEND = "send", "发送"
    CLOSE = "close", "办结"
    DROP = "drop", "作废"


class ItemState(models.TextChoices):
    LISTED = "listed", "待发送"
    WITHDRAWN = "withdrawn", "已撤出"
    SENT = "sent", "已发送"
    PAID = "paid", "已支付"
    RETURNED = "returned", "已退回"


# A payable is in one batch at most that may still pay it, or has.
HOLDING = (ItemState.LISTED, ItemState.SENT, ItemState.PAID)

# Nine of ten are paid: they are found by their place alone, and become paid without an entry in these indexes.
_NOT_PAID = ~Q(state=ItemState.PAID)


class Batch(models.Model):
    """Payments of one fund, by one channel, in one place. `round` grows with whatever is taken out after it was locked:
    signatures and files are of a round. State, round, count and amount are the database's.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="batches", verbose_name="资金")
    channel = models.ForeignKey(Channel, models.PROTECT, related_name="batches", verbose_name="支付渠道")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="地区")
    league_code = league_of("region_id")
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟定人")
    made_at = models.DateTimeField("拟定时间", default=timezone.now)
    state = models.CharField("状态", max_length=12, choices=BatchState, default=BatchState.DRAFT)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    count = models.PositiveIntegerField("笔数", default=0)
    amount = models.BigIntegerField("金额（分）", default=0)
    # The last day of its public notice, where one is asked for.
    shown_until = models.DateField("公示期止", null=True)

    database_rights = "append_only"

    objects = OfPlace.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "付款批次"
        indexes = [
            models.Index(fields=["region", "-id"], name="batch_by_place"),
            models.Index(fields=["league_code", "-id"], name="batch_by_league"),
            models.Index(fields=["state", "-id"], name="batch_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="a_batch_is_not_below_nothing")
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"FK{self.pk:06d}"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class BatchStep(models.Model):
    """One step of a batch's life, by somebody, of the round it was in. The database judges each and moves the batch."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="steps", db_index=False)
    round = models.PositiveSmallIntegerField("轮次")
    step = models.CharField("事项", max_length=12, choices=Step)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间", default=timezone.now)
    note = models.CharField("说明", max_length=200, blank=True)
    until = models.DateField("公示期止", null=True)

    database_rights = "append_only"

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "批次办理记录"
        constraints = [
            models.UniqueConstraint(fields=["batch", "round", "step", "by"], name="a_step_is_taken_once"),
            models.CheckConstraint(
                condition=Q(step="announce", until__isnull=False)
                | (~Q(step="announce") & Q(until__isnull=True)),
                name="a_notice_has_its_last_day",
            ),
            models.CheckConstraint(
                condition=~Q(step="drop", note=""), name="a_batch_is_dropped_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.step}"


class Item(models.Model):
    """A payable in a batch. What the bank is told as our reference is its own and never used again."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveIntegerField("序号")
    payable = models.ForeignKey(Payable, models.PROTECT, related_name="items", verbose_name="应付款")
    reference = models.CharField("业务编号", max_length=24)
    amount = models.BigIntegerField("金额（分）")
    payee_kind = models.CharField("收款对象", max_length=24, choices=PayeeKind)
    # The item of an earlier batch that this one pays again.
    retry_of = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="retried_by", verbose_name="原付款"
    )
    state = models.CharField("状态", max_length=12, choices=ItemState, default=ItemState.LISTED)
    # As of the batch: lists of all payments are asked by them. Each begins an index below; an item is written anew in
    # all of them with each of its states.
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+", verbose_name="资金", db_index=False)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name="支付渠道", db_index=False
    )
    region = models.ForeignKey(
        "regions.Region", models.PROTECT, related_name="+", verbose_name="地区", db_index=False
    )
    league_code = league_of("region_id")

    database_rights = "append_only"

    objects = OfPlace.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "付款"
        indexes = [
            models.Index(fields=["region", "-id"], name="item_by_place"),
            models.Index(fields=["league_code", "-id"], name="item_by_league"),
            models.Index(fields=["state", "-id"], name="item_by_state"),
            models.Index(fields=["region", "state", "-id"], name="item_by_place_state", condition=_NOT_PAID),
            models.Index(
                fields=["league_code", "state", "-id"], name="item_by_league_state", condition=_NOT_PAID
            ),
            models.Index(fields=["fund", "state", "-id"], name="item_by_fund_state"),
            models.Index(fields=["channel", "state", "-id"], name="item_by_channel_state"),
            models.Index(fields=["batch", "state"], name="item_by_batch_state", condition=_NOT_PAID),
        ]
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="one_item_of_a_position"),
            models.UniqueConstraint(fields=["reference"], name="one_item_of_a_reference"),
            models.UniqueConstraint(
                fields=["payable"],
                condition=Q(state__in=[str(state) for state in HOLDING]),
                name="a_payable_is_in_one_open_batch",
                violation_error_message="该笔付款已在另一批次中。",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)


class ItemPayee(models.Model):
    """Who is paid by an item and where, as it stood when the batch was locked: the name as the law knows it, and as the
    bank writes it. By the digests a row of the bank is told from another without reading either.
    """

    item = models.OneToOneField(Item, models.PROTECT, primary_key=True, related_name="payee")
    kind = models.CharField("收款对象", max_length=24, choices=PayeeKind)
    legal_name = EncryptedTextField("户名", bound_to=("item_id",))
    bank_spelling = EncryptedTextField("银行户名写法", bound_to=("item_id",))
    account = EncryptedTextField("账号", bound_to=("item_id",))
    identity_number = EncryptedTextField("证件号码", bound_to=("item_id",))
    bank = models.CharField("开户银行", max_length=80)
    digest = models.CharField("收款人摘要", max_length=64)
    account_digest = models.BinaryField()
    name_digest = models.BinaryField()
    # What of the payee is another than when the payment was approved, or last tried.
    changed = models.CharField("变更", max_length=80, blank=True)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("复核时间")

    database_rights = "append_only"

    class Meta:
        verbose_name = verbose_name_plural = "付款收款人"
        constraints = [
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=True) | ~Q(recorded_by=F("confirmed_by")),
                name="a_payee_of_a_payment_is_confirmed_by_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id}"

    @property
    def name_at_bank(self) -> str:
        """What the bank is told."""
        return str(self.bank_spelling or self.legal_name)

    @property
    def masked_account(self) -> str:
        number = str(self.account)
        return f"{'*' * max(len(number) - 4, 0)}{number[-4:]}"


class Withdrawal(models.Model):
    """An item was taken out of its batch before it was sent, for a reason."""

    item = models.OneToOneField(Item, models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="办理人")
    at = models.DateTimeField("时间", default=timezone.now)

    database_rights = "append_only"

    class Meta:
        verbose_name = verbose_name_plural = "撤出记录"
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="an_item_is_withdrawn_for_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.item_id}"


class PaymentFile(models.Model):
    """A file for the bank: a part of a batch as it stood in a round, under its digests."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="files", db_index=False)
    round = models.PositiveSmallIntegerField("轮次")
    part = models.PositiveSmallIntegerField("第几个文件")
    profile = models.ForeignKey(BankProfile, models.PROTECT, related_name="+", verbose_name="银行文件格式")
    name = models.CharField("文件名", max_length=80)
    rows = models.PositiveIntegerField("笔数")
    amount = models.BigIntegerField("金额（分）")
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="生成人")
    made_at = models.DateTimeField("生成时间", default=timezone.now)

    database_rights = "append_only"

    class Meta:
        ordering = ["batch", "round", "part"]
        verbose_name = verbose_name_plural = "付款文件"
        constraints = [
            models.UniqueConstraint(fields=["batch", "round", "part"], name="one_file_of_a_part"),
            models.CheckConstraint(condition=Q(rows__gt=0, amount__gt=0), name="a_payment_file_pays"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stored_as(self) -> str:
        """The name below MEDIA_ROOT."""
        return f"payments/{self.batch_id}/{self.round}-{self.part}.file"

    @property
    def sum(self) -> Decimal:
        """In yuan."""
        return yuan(self.amount)
