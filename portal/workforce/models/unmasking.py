"""Who was shown a full number, why, and that somebody looked into it where it was often."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.workforce.models.people import Worker

REPORT = "worker.unmask.report"


class Masked(models.TextChoices):
    """Numbers that are masked everywhere and may be shown, by the name of the field."""

    ID_NUMBER = "id_number", "证件号码"
    PHONE = "phone", "手机号"


class UnmaskedFor(models.TextChoices):
    """What a full number may be needed for; what exactly is written beside it."""

    IDENTITY = "identity", "核对本人身份证件"
    CALLER = "caller", "与来信来电人核对身份"
    LETTER = "letter", "制发信函或证书"
    AUTHORITY = "authority", "与其他部门核对信息"


class UnmaskingQuerySet(models.QuerySet["Unmasking"]):
    def visible_to(self, user: Any) -> UnmaskingQuerySet:
        """Who reports on it sees that of the people of their regions."""
        return self.filter(scope(user, REPORT).q("region", "league_code"))


class Unmasking(models.Model):
    """A full number was shown to somebody, once. Written before it is shown; never changed."""

    database_rights = "append_only"

    by = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="+", verbose_name="查看人", db_index=False
    )
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="+", verbose_name="人员")
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="工作地")
    league_code = models.CharField(max_length=6)
    what = models.CharField("号码", max_length=12, choices=Masked)
    purpose = models.CharField("用途", max_length=12, choices=UnmaskedFor)
    note = models.CharField("具体事由", max_length=120)
    day = models.DateField("日期", default=timezone.localdate)
    at = models.DateTimeField("时间", default=timezone.now)

    objects = UnmaskingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "查看完整号码"
        indexes = [
            models.Index(fields=["by", "day"], name="unmasking_of_a_day"),
            models.Index(fields=["day", "league_code"], name="unmasking_by_day"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="unmasking_has_a_note")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.by} {self.day} {self.get_purpose_display()}"


class AlertQuerySet(models.QuerySet["UnmaskingAlert"]):
    def visible_to(self, user: Any) -> AlertQuerySet:
        """Who reports on it sees that of their regions."""
        return self.filter(scope(user, REPORT).q("region", "league_code"))

    def waiting(self) -> AlertQuerySet:
        """Nobody has looked into it yet."""
        return self.filter(reviewed_at__isnull=True)


# What stands is the person and the day; only that it was looked into is added, once.
_STANDS = """
IF OLD.reviewed_at IS NOT NULL OR
   (NEW.by_id, NEW.day, NEW.region_id) IS DISTINCT FROM (OLD.by_id, OLD.day, OLD.region_id) THEN
    RAISE EXCEPTION 'an alert about unmasking stands as it is' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class UnmaskingAlert(models.Model):
    """Somebody looked at many full numbers in one day: their supervisor says what came of asking."""

    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="查看人")
    day = models.DateField("日期")
    # Where it became too many.
    region = models.ForeignKey("regions.Region", models.PROTECT, related_name="+", verbose_name="工作地")
    league_code = models.CharField(max_length=6)
    raised_at = models.DateTimeField("提醒时间", default=timezone.now)
    note = models.CharField("核查情况", max_length=300, blank=True)
    reviewed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="核查人"
    )
    reviewed_at = models.DateTimeField("核查时间", null=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "查看完整号码提醒"
        constraints = [
            models.UniqueConstraint(fields=["by", "day"], name="one_unmasking_alert_a_day"),
            models.CheckConstraint(
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True, note="")
                | (Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~Q(note="")),
                name="reviewed_unmasking_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("by")),
                name="unmasking_is_reviewed_by_another",
                violation_error_message="须由另一人核查。",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="stays", operation=pgtrigger.Delete),
            pgtrigger.Trigger(name="stands", when=pgtrigger.Before, operation=pgtrigger.Update, func=_STANDS),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.day}"
