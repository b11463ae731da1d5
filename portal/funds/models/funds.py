"""Funds and what they may pay; the documents that give them money, and the lines that rest on these."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.workforce.models.base import league_of


class DocumentKind(models.TextChoices):
    """What gives a fund money to spend."""

    INDICATOR = "indicator", "预算指标文件"
    FUND_BUDGET = "fund_budget", "批准的基金预算"
    PAYMENT_ORDER = "payment_order", "用款拨付单"


class Use(models.TextChoices):
    """For what money is paid."""

    SKILL_UPGRADE = "skill_upgrade", "技能提升补贴"
    TRAINING = "training", "培训补贴"
    FACILITY_GRANT = "facility_grant", "工作室、基地建设资金"
    AWARD = "award", "竞赛奖金和奖励"
    COMPETITION_COST = "competition_cost", "竞赛办赛经费"


class PayeeKind(models.TextChoices):
    """To whom it is paid."""

    PERSON = "person", "个人"
    PUBLIC_PAYROLL = "public_payroll", "机关事业单位在编人员"
    UNIT = "unit", "单位"


class Fund(models.Model):
    """A fund. The owner writes funds when the application is installed (portal.funds.reference)."""

    code = models.CharField("代码", max_length=32, primary_key=True)
    name = models.CharField("名称", max_length=40)
    # What its lines rest on, and what each sum that arrives does.
    rests_on = models.CharField("依据", max_length=16, choices=DocumentKind)
    arrives_by = models.CharField("到款依据", max_length=16, choices=DocumentKind)
    # Who has a right to it is never refused for want of money: the claim is decided and waits.
    pays_a_right = models.BooleanField("法定待遇")
    # What was paid wrongly may be kept back from later benefits; where that is written.
    sets_off_by = models.CharField("抵扣依据", max_length=80, blank=True, default="")
    place = models.PositiveSmallIntegerField("顺序")

    database_rights = "read_only"

    class Meta:
        ordering = ["place"]
        verbose_name = verbose_name_plural = "资金"

    def __str__(self) -> str:
        return self.name


class FundRule(models.Model):
    """What a fund may pay or must never pay, with where that is written. What is not listed is not paid."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="rules", verbose_name="资金")
    use = models.CharField("用途", max_length=24, choices=Use, blank=True)
    payee = models.CharField("收款对象", max_length=24, choices=PayeeKind, blank=True)
    permitted = models.BooleanField("允许")
    document = models.CharField("文件", max_length=60)
    article = models.CharField("条款", max_length=40, blank=True)

    database_rights = "read_only"

    class Meta:
        ordering = ["fund", "-permitted", "use", "payee"]
        verbose_name = verbose_name_plural = "资金用途规定"
        constraints = [
            models.UniqueConstraint(fields=["fund", "use", "payee"], name="one_rule_of_a_fund"),
            models.CheckConstraint(
                condition=Q(use="") ^ Q(payee=""), name="a_fund_rule_is_of_a_use_or_a_payee"
            ),
            models.CheckConstraint(condition=~Q(document=""), name="a_fund_rule_has_its_source"),
        ]

    def __str__(self) -> str:
        said = self.get_use_display() or self.get_payee_display()
        return f"{self.fund}{'可以' if self.permitted else '不得'}用于{said}"


class OfPlace(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> OfPlace:
        """What belongs to a place is seen by whoever keeps or looks after money in it, or above it."""
        return self.filter(scope(user, "funds.view").q())


class AuthorisingDocument(models.Model):
    """A document that gives a fund money in a place. It counts once somebody else has held it against the paper."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="documents", verbose_name="资金")
    kind = models.CharField("种类", max_length=16, choices=DocumentKind)
    number = models.CharField("文号", max_length=80)
    title = models.CharField("标题", max_length=120)
    issuer = models.CharField("发文单位", max_length=80)
    issued_on = models.DateField("发文日期")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="使用地")
    league_code = league_of("region_id")
    amount = models.BigIntegerField("金额（分）")
    recorded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)

    objects = OfPlace.as_manager()

    class Meta:
        ordering = ["-issued_on", "-id"]
        verbose_name = verbose_name_plural = "资金文件"
        indexes = [
            models.Index(fields=["region", "-issued_on"], name="document_of_money_by_place"),
            models.Index(fields=["league_code", "-issued_on"], name="document_of_money_by_league"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "kind", "number", "region"],
                name="one_document_of_a_number",
                violation_error_message="该文号已登记。",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="a_document_gives_something"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirmed_by=F("recorded_by"))
                ),
                name="a_document_of_money_is_confirmed_by_another",
                violation_error_message="登记人不能确认自己登记的文件。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Line(models.Model):
    """The finest part of a fund with money of its own: a year, a place, a use, one document it rests on."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="lines", verbose_name="资金")
    year = models.PositiveSmallIntegerField("年度")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="地区")
    league_code = league_of("region_id")
    use = models.CharField("用途", max_length=24, choices=Use)
    document = models.ForeignKey(
        AuthorisingDocument, models.PROTECT, related_name="lines", verbose_name="依据文件"
    )
    # The days on which it may be spent, both included.
    usable_from = models.DateField("使用期起")
    usable_until = models.DateField("使用期止")
    opened_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="设立人")
    opened_at = models.DateTimeField("设立时间", default=timezone.now)

    database_rights = "append_only"

    objects = OfPlace.as_manager()

    class Meta:
        ordering = ["-year", "fund", "region", "use", "id"]
        verbose_name = verbose_name_plural = "资金科目"
        indexes = [
            models.Index(fields=["region", "-year"], name="line_by_place"),
            models.Index(fields=["league_code", "-year"], name="line_by_league"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "year", "region", "use", "document"],
                name="one_line_of_a_document",
                violation_error_message="该文件在该地区、该用途下的科目已设立。",
            ),
            models.CheckConstraint(
                condition=Q(usable_until__gte=F("usable_from")), name="a_line_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.region}{self.fund}·{self.get_use_display()}"
