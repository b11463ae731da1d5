"""What a court wrote, or was asked with, about a recovery that it was asked to enforce: scans that stay on record."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.file_formats import named_after
from portal.funds.models.recoveries import Recovery
from portal.funds.models.recovery_shares import CourtHandover


class CourtPaper(models.TextChoices):
    """What a document is: from the application to the end (行政强制法 articles 55 to 60)."""

    APPLICATION = "application", "强制执行申请书"
    ACCEPTED = "accepted", "受理通知书"
    NOT_ACCEPTED = "not_accepted", "不予受理裁定书"
    GRANTED = "granted", "准予强制执行裁定书"
    DENIED = "denied", "不予强制执行裁定书"
    SUSPENDED = "suspended", "中止执行裁定书"
    ENDED = "ended", "终结执行裁定书"
    EXECUTED = "executed", "执行结案通知书"
    OTHER = "other", "其他法院文书"


class CourtDocumentQuerySet(models.QuerySet["CourtDocument"]):
    def visible_to(self, user: Any) -> CourtDocumentQuerySet:
        """Who sees a recovery sees what the court wrote of it."""
        return self.filter(handover__recovery__in=Recovery.objects.visible_to(user))

    def not_removed(self) -> CourtDocumentQuerySet:
        return self.filter(removed_at__isnull=True)


class CourtDocument(models.Model):
    """The scan of a document. What lies on the disk is encrypted under a random name. It stays; one that was handed in by
    mistake is taken away for a reason, and the row stays as a trace.
    """

    handover = models.ForeignKey(
        CourtHandover, models.PROTECT, related_name="documents", verbose_name="申请法院强制执行"
    )
    paper = models.CharField("文书种类", max_length=16, choices=CourtPaper)
    number = models.CharField("文号", max_length=80)
    issued_on = models.DateField("文书日期")
    file_name = models.CharField("文件名", max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField("大小（字节）")
    # SHA-256 of the content as handed in.
    digest = models.CharField(max_length=64)
    stored_as = models.UUIDField(unique=True)
    uploaded_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="移除人"
    )
    removed_at = models.DateTimeField("移除时间", null=True)
    removed_because = models.CharField("移除原因", max_length=200, blank=True)

    objects = CourtDocumentQuerySet.as_manager()

    class Meta:
        ordering = ["issued_on", "pk"]
        verbose_name = verbose_name_plural = "法院文书"
        constraints = [
            models.CheckConstraint(condition=~Q(number=""), name="a_court_document_has_its_number"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_by__isnull=True, removed_because="")
                | Q(removed_at__isnull=False, removed_by__isnull=False) & ~Q(removed_because=""),
                name="a_court_document_is_removed_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["handover", "digest"],
                condition=Q(removed_at__isnull=True),
                name="one_court_document_of_a_content",
                violation_error_message="该文件已上传过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_paper_display()}（{self.number}）"

    @property
    def download_name(self) -> str:
        """The name under which it is saved: with the ending of what it is, whatever it was called when it came."""
        return named_after(self.content_type, self.file_name)
