"""What was decided and waits for money: a right is never refused for want of it."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.cases.models import Case
from portal.funds.models.funds import Fund, PayeeKind, Use
from portal.funds.models.ledger import Payable
from portal.funds.money import yuan
from portal.workforce.models.base import league_of


class AwaitingMoneyQuerySet(models.QuerySet["AwaitingMoney"]):
    def visible_to(self, user: Any) -> AwaitingMoneyQuerySet:
        """Who sees a case sees what it waits for; who keeps money in its place as well."""
        where = scope(user, "funds.view")
        if where.whole:
            return self.all()
        return self.filter(Q(case__in=Case.objects.visible_to(user)) | where.q())

    def waiting(self) -> AwaitingMoneyQuerySet:
        return self.filter(payable__isnull=True, ended_at__isnull=True)

    def first_come(self) -> AwaitingMoneyQuerySet:
        """In the order in which they draw: of first hand-in, then of their cases."""
        return self.order_by("handed_in_on", "case_id")


class AwaitingMoney(models.Model):
    """A share that was decided and that no line could carry yet: what will be drawn, for whom, and in which order.

    It ends by being drawn (`payable`), or because the decision does not stand any more (`ended_at`). All else stays as
    it was written (portal.funds.waiting_guards).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="awaiting_money", verbose_name="办件")
    share = models.PositiveSmallIntegerField("份额", default=1)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="awaiting", verbose_name="资金")
    use = models.CharField("用途", max_length=24, choices=Use)
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="地区")
    league_code = league_of("region_id")
    payee_kind = models.CharField("收款对象", max_length=24, choices=PayeeKind)
    amount = models.BigIntegerField("金额（分）")
    calculation_digest = models.CharField("计算摘要", max_length=64)
    payee_digest = models.CharField("收款人摘要", max_length=64)
    made_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    approved_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="审批人")
    # The day of the first hand-in: what waits longest draws first.
    handed_in_on = models.DateField("首次提交")
    since = models.DateTimeField("待资金自", default=timezone.now)
    payable = models.OneToOneField(
        Payable, models.PROTECT, null=True, related_name="waited", verbose_name="应付款"
    )
    ended_at = models.DateTimeField("不再等待", null=True)

    objects = AwaitingMoneyQuerySet.as_manager()

    class Meta:
        ordering = ["handed_in_on", "case"]
        verbose_name = verbose_name_plural = "待资金"
        constraints = [
            models.UniqueConstraint(fields=["case", "share"], name="a_share_waits_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="what_waits_is_more_than_nothing"),
            models.CheckConstraint(
                condition=Q(payable__isnull=True) | Q(ended_at__isnull=True),
                name="what_was_drawn_waits_no_more",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("since")),
                name="what_waits_ends_after_it_began",
            ),
            models.CheckConstraint(
                condition=~Q(made_by=F("approved_by")), name="what_waits_was_approved_by_another"
            ),
        ]
        indexes = [
            models.Index(
                fields=["fund", "use", "handed_in_on", "case"],
                name="awaiting_money_in_order",
                condition=Q(payable__isnull=True, ended_at__isnull=True),
            ),
            models.Index(
                fields=["league_code"],
                name="awaiting_money_by_league",
                condition=Q(payable__isnull=True, ended_at__isnull=True),
            ),
            models.Index(
                fields=["case"],
                name="awaiting_money_of_case",
                condition=Q(payable__isnull=True, ended_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.share}: {yuan(self.amount)}"
