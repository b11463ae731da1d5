"""Who is away from when until when, and who sees to their cases meanwhile."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.accounts.models import RoleAssignment

# Holders of this note the absence of others, and hand their cases over.
DISTRIBUTE = "case.distribute"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, user: Any) -> AbsenceQuerySet:
        """One's own, those in which one is the deputy, and those of the people whose work one distributes."""
        if not user.is_authenticated:
            return self.none()
        concerned = Q(person=user) | Q(deputy=user)
        where = scope(user, DISTRIBUTE)
        if where.whole:
            return self.all()
        if not where.empty:
            inside = Q(region_id__in=sorted(where.banners))
            for league in sorted(where.leagues):
                inside |= Q(region__code__startswith=league[:4])
            roles = RoleAssignment.objects.in_force().filter(inside, user=OuterRef("person"))
            concerned |= Q(Exists(roles))
        return self.filter(concerned)

    def not_ended(self) -> AbsenceQuerySet:
        return self.filter(ended_at__isnull=True)

    def on(self, day: date) -> AbsenceQuerySet:
        """In which somebody is away on that day."""
        return self.not_ended().filter(since__lte=day, until__gte=day)

    def of_concern_to(self, user: Any) -> AbsenceQuerySet:
        """Of the user, or with the user as the deputy."""
        return self.filter(Q(person=user) | Q(deputy=user))


class Absence(models.Model):
    """Somebody is away for some days: nothing is assigned to them, their deputy sees what is theirs."""

    person = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="absences", verbose_name="缺勤人员"
    )
    deputy = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="代办人员")
    since = models.DateField("自")
    until = models.DateField("至")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("登记时间", default=timezone.now)
    ended_at = models.DateTimeField("提前结束时间", null=True)
    ended_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "缺勤"
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="an_absence_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                condition=~Q(person=F("deputy")),
                name="nobody_is_their_own_deputy",
                violation_error_message="代办人员须为另一人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.since} {self.until}"
