"""What stands beside a case of the tiny programme."""

from __future__ import annotations

from typing import Any

from django.db import models

from portal.cases.models import Case


class AllowanceQuerySet(models.QuerySet["Allowance"]):
    def visible_to(self, user: Any) -> AllowanceQuerySet:
        """Who sees the case sees the allowance."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def public(self) -> AllowanceQuerySet:
        """What was granted is published."""
        return self.filter(case__state="granted")


class Allowance(models.Model):
    case = models.OneToOneField(Case, models.PROTECT, related_name="allowance")
    tools = models.CharField("工具", max_length=80)

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工具补助"

    def __str__(self) -> str:
        return self.tools
