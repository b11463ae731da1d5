"""Until when an entitlement can be claimed, as the night keeps it: whom it warned, and what ended unclaimed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from portal.accounts.access import scope
from portal.entitlements.models import Offer
from portal.regions.models import Region
from portal.workforce.models import SkillCredential, Worker
from portal.workforce.models.base import league_of


class LastDayQuerySet(models.QuerySet["LastDay"]):
    def visible_to(self, user: Any) -> LastDayQuerySet:
        """Officers see those of their places."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "claim.shares")
        return self.none() if where.empty else self.filter(where.q("region", "league_code"))

    def missed(self) -> LastDayQuerySet:
        """Ended though the person was entitled, and unclaimed."""
        return self.filter(missed_on__isnull=False)


class LastDay(models.Model):
    """The last day on which an entitlement that was found for somebody can be claimed, by the certificate it rests on.

    Written by the night for what ends within two months; that somebody was warned, and that it ended unclaimed, is
    written once.
    """

    offer = models.OneToOneField(Offer, models.CASCADE, primary_key=True, related_name="last_day")
    worker = models.ForeignKey(Worker, models.CASCADE, related_name="+", verbose_name="技术工人")
    credential = models.ForeignKey(SkillCredential, models.CASCADE, related_name="+", verbose_name="技能证书")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="工作地")
    league_code = league_of("region_id")
    day = models.DateField("最后一天")
    # The last night on which the person was entitled.
    seen_on = models.DateField("最近一次符合日期")
    warned_60_on = models.DateField("提前60天提醒日期", null=True)
    warned_14_on = models.DateField("提前14天提醒日期", null=True)
    missed_on = models.DateField("逾期未申领认定日期", null=True)

    objects = LastDayQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申领期限"
        constraints = [
            models.CheckConstraint(
                condition=Q(missed_on__isnull=True) | Q(missed_on__gt=F("day")),
                name="what_is_missed_has_ended",
            )
        ]
        indexes = [
            models.Index(fields=["day"], name="last_day_to_come", condition=Q(missed_on__isnull=True)),
            models.Index(
                fields=["league_code", "day"], name="missed_by_league", condition=Q(missed_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.day}"
