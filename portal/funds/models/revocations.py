"""That the decision a payable rests on does not stand any more, and what of it is to be recovered."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.funds.models.ledger import Payable
from portal.funds.money import yuan
from portal.funds.moves import Bucket


class RevocationQuerySet(models.QuerySet["Revocation"]):
    def visible_to(self, user: Any) -> RevocationQuerySet:
        """Who sees the payable sees that its decision does not stand."""
        return self.filter(payable__in=Payable.objects.visible_to(user))

    def standing(self) -> RevocationQuerySet:
        return self.filter(lifted_at__isnull=True)

    def to_recover(self) -> RevocationQuerySet:
        """Of these the money was paid, and is to come back: the whole of the payable."""
        return self.standing().filter(payable__bucket=Bucket.PAID)


class Revocation(models.Model):
    """The decision that a payable rests on was taken back, by two, for a reason and by a clause. From then on it is neither
    reserved nor committed nor sent (portal.funds.revocation_guards); what had been paid stays paid and is to be recovered.

    It is lifted when the decision comes to stand again.
    """

    payable = models.ForeignKey(
        Payable, models.PROTECT, related_name="revocations", verbose_name="应付款", db_index=False
    )
    # Where the money was when the decision fell.
    stood_in = models.CharField("撤销时状态", max_length=16, choices=Bucket)
    amount = models.BigIntegerField("金额（分）")
    grounds = models.CharField("事实和理由", max_length=500)
    clause = models.CharField("依据", max_length=300)
    decided_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="拟办人")
    signed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="会签人")
    on = models.DateField("撤销日期")
    at = models.DateTimeField("登记时间", default=timezone.now)
    lifted_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="恢复人"
    )
    lifted_at = models.DateTimeField("恢复时间", null=True)

    objects = RevocationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "付款依据撤销"
        constraints = [
            models.UniqueConstraint(
                fields=["payable"], condition=Q(lifted_at__isnull=True), name="a_payable_is_revoked_once"
            ),
            models.CheckConstraint(
                condition=~Q(grounds="") & ~Q(clause=""), name="a_revocation_says_why_and_by_which_clause"
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("signed_by")), name="a_revocation_is_signed_by_two"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="a_revocation_is_lifted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["payable"], name="revocation_by_payable")]

    def __str__(self) -> str:
        return f"{self.payable_id}: {yuan(self.amount)}"

    @property
    def recovers(self) -> Decimal | None:
        """How much is to come back, in yuan; None while the bank has not answered yet."""
        if self.payable.bucket == Bucket.IN_TRANSIT:
            return None
        return yuan(self.amount if self.payable.bucket == Bucket.PAID else 0)
