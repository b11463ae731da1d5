"""What is improbable and yet written down: with the reason that was given, and who has looked into it."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.workforce.models.base import OfWorker
from portal.workforce.models.people import Worker
from portal.workforce.models.roster import RosterImport


class ImprobableQuerySet(OfWorker["ImprobableRecord"]):
    def waiting(self) -> Any:
        """Nobody has looked into it yet."""
        return self.filter(review__isnull=True)


class ImprobableRecord(models.Model):
    """A record met a rule of plausibility and was kept for a reason that somebody wrote. Never changed."""

    database_rights = "append_only"

    worker = models.ForeignKey(Worker, models.PROTECT, related_name="improbable_records", db_index=False)
    # A kind of record, or "worker" for what is said of the person; the record may be gone by now.
    kind = models.CharField("类别", max_length=20)
    record_id = models.BigIntegerField(null=True)
    rule = models.CharField("规则", max_length=60)
    rule_version = models.PositiveSmallIntegerField("规则版本", default=1)
    words = models.CharField("异常情况", max_length=300)
    reason = models.CharField("情况说明", max_length=300)
    recorded_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    recorded_at = models.DateTimeField("登记时间", default=timezone.now)
    roster_import = models.ForeignKey(
        RosterImport, models.PROTECT, null=True, related_name="improbable_records", verbose_name="花名册"
    )

    objects = ImprobableQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "异常信息"
        indexes = [models.Index(fields=["worker", "rule"], name="improbable_of_worker")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(words=""),
                name="improbable_has_a_reason",
                violation_error_message="请写明情况说明。",
            )
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.words


_BY_ANOTHER = """
IF EXISTS (
    SELECT FROM workforce_improbablerecord i
    WHERE i.id = NEW.improbable_id AND i.recorded_by_id = NEW.reviewed_by_id
) THEN
    RAISE EXCEPTION 'an improbable record is looked into by another person' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class ImprobableReview(models.Model):
    """Somebody else has looked into it, and what they found. Never changed."""

    database_rights = "append_only"

    improbable = models.OneToOneField(ImprobableRecord, models.PROTECT, related_name="review")
    note = models.CharField("核查情况", max_length=300)
    reviewed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="核查人")
    reviewed_at = models.DateTimeField("核查时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "异常信息核查"
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="improbable_review_has_a_note")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="by_another", when=pgtrigger.Before, operation=pgtrigger.Insert, func=_BY_ANOTHER
            ),
        ]

    def __str__(self) -> str:
        return self.note
