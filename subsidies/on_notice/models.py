"""Which claims a public notice (portal.cases.models.PublicNotice) lists."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Q

from portal.cases.models import PublicNotice
from subsidies.models.claims import Claim


class AnnouncedClaimQuerySet(models.QuerySet["AnnouncedClaim"]):
    def standing(self) -> AnnouncedClaimQuerySet:
        """Those that were not taken off their notice: by these a claim is approved."""
        return self.filter(taken_off_on__isnull=True)


class AnnouncedClaim(models.Model):
    """That a claim stands on a notice, by its number; taken off when it goes back or is withdrawn."""

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="announcements", verbose_name="申请")
    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="+", verbose_name="公示")
    taken_off_on = models.DateField("撤下日期", null=True)

    objects = AnnouncedClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示的申请"
        ordering = ["claim", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(taken_off_on__isnull=True), name="a_claim_is_on_one_notice"
            ),
            models.UniqueConstraint(fields=["notice", "claim"], name="a_notice_lists_a_claim_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notice}：{self.claim_id}"

    def is_open(self, day: date) -> bool:
        return self.taken_off_on is None and self.notice.is_open(day)
