"""What banks answer: the files they send back, what came of each of their rows, and what their words mean."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.fields import EncryptedTextField
from portal.funds.models.batches import Item
from portal.funds.models.channels import BankProfile, Channel
from portal.funds.models.funds import OfPlace
from portal.funds.money import yuan
from portal.jobs.models import Job
from portal.workforce.models.base import league_of


class AnswerPhase(models.TextChoices):
    RECEIVED = "received", "等待处理"
    READING = "reading", "正在处理"
    DONE = "done", "已处理"
    FAILED = "failed", "未处理"


class Outcome(models.TextChoices):
    """What a row of the bank comes to. Only the first three move money."""

    PAID = "paid", "已支付"
    RETURNED = "returned", "已退回"
    RECOVERED = "recovered", "追回到账"
    UNKNOWN = "unknown", "无法识别"
    AMOUNT_DIFFERS = "amount_differs", "金额不符"
    PAYEE_DIFFERS = "payee_differs", "收款人不符"
    DUPLICATE = "duplicate", "重复"
    NOT_IN_TRANSIT = "not_in_transit", "不在途"


class Cause(models.TextChoices):
    """Why a payment came back, as a worker is told."""

    ACCOUNT_UNKNOWN = "account_unknown", "账号不存在或有误"
    NAME_DIFFERS = "name_differs", "户名与账号不符"
    ACCOUNT_CLOSED = "account_closed", "账户已销户"
    ACCOUNT_FROZEN = "account_frozen", "账户被冻结或止付"
    ACCOUNT_DORMANT = "account_dormant", "账户长期未用，须到开户银行激活"
    ACCOUNT_LIMIT = "account_limit", "账户类别受限，不能收款或超过限额"
    BANK_FAULT = "bank_fault", "银行系统原因，未办理成功"


class Answer(models.Model):
    """A file that a bank sent back, about payments of one channel in one place and below it."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="answers", verbose_name="支付渠道")
    # By which it is read: that of the channel when it was given in.
    profile = models.ForeignKey(BankProfile, models.PROTECT, related_name="+", verbose_name="银行文件格式")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="地区")
    league_code = league_of("region_id")
    file_name = models.CharField("文件名", max_length=100)
    suffix = models.CharField(max_length=5)
    sha256 = models.CharField("SHA-256", max_length=64)
    sm3 = models.CharField("SM3", max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="提交人")
    given_at = models.DateTimeField("提交时间", default=timezone.now)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="bank_answer")
    phase = models.CharField("阶段", max_length=12, choices=AnswerPhase, default=AnswerPhase.RECEIVED)
    message = models.CharField("说明", max_length=600, blank=True)
    done_at = models.DateTimeField("处理时间", null=True)

    objects = OfPlace.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "银行回盘"
        indexes = [
            models.Index(fields=["region", "-id"], name="answer_by_place"),
            models.Index(fields=["league_code", "-id"], name="answer_by_league"),
        ]
        constraints = [
            # One that failed took nothing in and may be given in again.
            models.UniqueConstraint(
                fields=["sha256"],
                condition=~Q(phase="failed"),
                name="an_answer_is_taken_in_once",
                violation_error_message="这份回盘文件已提交。",
            ),
            models.CheckConstraint(
                condition=Q(phase="done", done_at__isnull=False)
                | (~Q(phase="done") & Q(done_at__isnull=True)),
                name="an_answer_is_done_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def stored_as(self) -> str:
        """The name below MEDIA_ROOT."""
        return f"bank_answers/{self.pk}/source{self.suffix}"


class OfAnswer(models.QuerySet["BankRow"]):
    def visible_to(self, user: Any) -> OfAnswer:
        """Who sees an answer sees its rows."""
        return self.filter(answer__in=Answer.objects.visible_to(user))


class BankRow(models.Model):
    """A row of an answer, raw, and what came of it. Money moves on it once; a row never changes."""

    # Answer and payment are looked for over all rows of a statement (portal.funds.posting_guards).
    answer = models.ForeignKey(
        Answer, models.PROTECT, related_name="rows", db_index=False, db_constraint=False
    )
    line = models.PositiveIntegerField("行号")
    raw = EncryptedTextField("原文", bound_to=("answer_id", "line"))
    outcome = models.CharField("结果", max_length=16, choices=Outcome)
    # The payment it is about, where its reference is one of ours.
    item = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        related_name="bank_rows",
        verbose_name="付款",
        db_constraint=False,
    )
    # What is to come back, where the reference is the number of that.
    recovery = models.ForeignKey(
        "funds.Recovery",
        models.PROTECT,
        null=True,
        related_name="bank_rows",
        verbose_name="追回",
        db_index=False,
    )
    # As the row says them: by these the database sees for itself that it is about that payment.
    reference = models.CharField("业务编号", max_length=40, blank=True)
    amount = models.BigIntegerField("金额（分）", null=True)
    account_digest = models.BinaryField(null=True)
    name_digest = models.BinaryField(null=True)
    # What the bank calls the row; given twice it is the same one.
    bank_number = models.CharField("银行流水号", max_length=40, blank=True)
    # Why it came back, in the bank's words, without numbers; what they mean says CauseText.
    words = models.CharField("银行说明", max_length=120, blank=True)
    # Why the row could not be taken as it stands.
    remark = models.CharField("处理说明", max_length=120, blank=True)

    database_rights = "append_only"

    objects = OfAnswer.as_manager()

    class Meta:
        ordering = ["answer", "line"]
        verbose_name = verbose_name_plural = "回盘明细"
        indexes = [
            models.Index(fields=["answer", "outcome", "line"], name="bank_row_by_outcome"),
            models.Index(fields=["bank_number"], name="bank_row_by_number", condition=~Q(bank_number="")),
            models.Index(fields=["words"], name="bank_row_by_words", condition=~Q(words="")),
            models.Index(
                fields=["recovery"], name="bank_row_by_recovery", condition=Q(recovery__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["answer", "line"], name="one_bank_row_of_a_line"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["paid", "returned"]) | Q(item__isnull=False, amount__isnull=False),
                name="a_row_that_moves_money_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="recovered")
                | Q(recovery__isnull=False, amount__isnull=False, item__isnull=True) & ~Q(bank_number=""),
                name="a_row_that_brings_back_names_it",
            ),
            # The same row of a bank brings nothing back twice, in whatever file it comes.
            models.UniqueConstraint(
                fields=["recovery", "bank_number"],
                condition=Q(outcome="recovered"),
                name="a_row_brings_back_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}/{self.line}"

    @property
    def sum(self) -> Any:
        """In yuan."""
        return None if self.amount is None else yuan(self.amount)


class CauseText(models.Model):
    """What a bank's words mean: said by one officer, in force once another has confirmed it."""

    words = models.CharField("银行说明", max_length=120)
    cause = models.CharField("退回原因", max_length=24, choices=Cause)
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        ordering = ["words"]
        verbose_name = verbose_name_plural = "退回原因对照"
        constraints = [
            models.UniqueConstraint(
                fields=["words"], name="one_meaning_of_words", violation_error_message="该说明已有对照。"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="words_are_some"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirmed_by=F("recorded_by"))
                ),
                name="a_meaning_is_confirmed_by_another",
                violation_error_message="登记人不能确认自己登记的对照。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.words}: {self.get_cause_display()}"
