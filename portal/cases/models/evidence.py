"""What somebody hands in to prove something: files of a case, encrypted, seen only by who may see
the case.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cases.evidence.rules import read_beyond_the_case
from portal.cases.models.life import Case
from portal.file_formats import OFD, named_after


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def visible_to(self, user: Any) -> EvidenceQuerySet:
        """Whoever sees the case, and those to whom the programme opens its files
        (portal.cases.evidence.rules).
        """
        if not user.is_authenticated:
            return self.none()
        return self.filter(
            Q(case__in=Case.objects.visible_to(user).values("pk")) | read_beyond_the_case(user)
        )

    def not_removed(self) -> EvidenceQuerySet:
        return self.filter(removed_at__isnull=True)


class Evidence(models.Model):
    """One file. What lies on the disk is encrypted (SM4-GCM) under a random name, outside the web root."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence")
    label = models.CharField("材料名称", max_length=80)
    file_name = models.CharField("文件名", max_length=160)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField("大小（字节）")
    # SHA-256 of the content as handed in: the same file twice is noticed, a changed one too.
    digest = models.CharField(max_length=64)
    stored_as = models.UUIDField(unique=True)
    uploaded_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="提交人"
    )
    uploaded_at = models.DateTimeField("提交时间", default=timezone.now)
    removed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = verbose_name_plural = "佐证材料"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "digest"],
                condition=Q(removed_at__isnull=True),
                name="one_evidence_of_a_content",
                violation_error_message="该文件已提交过。",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_only_saved(self) -> bool:
        """Of a kind that no browser shows."""
        return self.content_type == OFD

    @property
    def download_name(self) -> str:
        """The name under which it is saved: with the ending of what it is, whatever it was called when it came."""
        return named_after(self.content_type, self.file_name)
