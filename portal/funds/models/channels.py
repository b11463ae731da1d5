"""By which way money leaves: channels, the profile of the bank behind each, who signs a sum, and who is shown it first."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from portal.funds.models.funds import Fund, PayeeKind, Use


class BankProfile(models.Model):
    """How a bank wants its files and what it answers with: a definition that stays as it is under its code."""

    code = models.CharField("代码", max_length=32, primary_key=True)
    name = models.CharField("名称", max_length=60)
    source = models.CharField("来源", max_length=200)
    definition = models.JSONField("格式")
    place = models.PositiveSmallIntegerField("顺序")

    database_rights = "read_only"

    class Meta:
        ordering = ["place"]
        verbose_name = verbose_name_plural = "银行文件格式"
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="a_profile_says_where_it_is_from")
        ]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """A way by which money leaves. What it serves is a closed list (ChannelRule)."""

    code = models.CharField("代码", max_length=32, primary_key=True)
    name = models.CharField("名称", max_length=40)
    profile = models.ForeignKey(
        BankProfile, models.PROTECT, related_name="channels", verbose_name="银行文件格式"
    )
    document = models.CharField("依据", max_length=80)
    place = models.PositiveSmallIntegerField("顺序")

    database_rights = "read_only"

    class Meta:
        ordering = ["place"]
        verbose_name = verbose_name_plural = "支付渠道"

    def __str__(self) -> str:
        return self.name


class ChannelRule(models.Model):
    """A fund that a channel pays out, and a kind of payee to whom."""

    channel = models.ForeignKey(Channel, models.PROTECT, related_name="rules", db_index=False)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+", verbose_name="资金")
    payee = models.CharField("收款对象", max_length=24, choices=PayeeKind)

    database_rights = "read_only"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "fund", "payee"], name="one_rule_of_a_channel")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.fund_id} {self.payee}"


class SignatureThreshold(models.Model):
    """How many finance officers sign a batch of a sum, from which day on. A sum of no threshold is signed by nobody."""

    amounts = BigIntegerRangeField("金额（分）")
    days = DateRangeField("施行期")
    signatures = models.PositiveSmallIntegerField("签发人数")
    document = models.CharField("依据", max_length=80)

    database_rights = "read_only"

    class Meta:
        verbose_name = verbose_name_plural = "签发额度"
        constraints = [
            ExclusionConstraint(
                name="one_signature_threshold_for_a_sum",
                expressions=[("amounts", RangeOperators.OVERLAPS), ("days", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(signatures__gte=1, signatures__lte=5), name="one_to_five_sign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amounts}: {self.signatures}"


class NoticeRule(models.Model):
    """Where payments of a use are shown to the public first: for how many working days (0: no more), from a day on, until
    a later rule of the use. Nothing is asked where there is none.
    """

    use = models.CharField("用途", max_length=24, choices=Use)
    since = models.DateField("施行日")
    working_days = models.PositiveSmallIntegerField("公示工作日")
    document = models.CharField("依据", max_length=80)

    database_rights = "read_only"

    class Meta:
        verbose_name = verbose_name_plural = "付款公示规定"
        constraints = [models.UniqueConstraint(fields=["use", "since"], name="one_notice_rule_of_a_day")]

    def __str__(self) -> str:
        return f"{self.use}: {self.working_days}"
