"""Long printed lists as files that everybody may fetch who has their address."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone


class ListFileQuerySet(models.QuerySet["ListFile"]):
    def public(self) -> ListFileQuerySet:
        """Files of published lists are for everybody who has their address."""
        return self.all()

    def current(self) -> ListFileQuerySet:
        """Those that were not cleared away."""
        return self.filter(cleared_at__isnull=True)


def _new_code() -> str:
    return secrets.token_urlsafe(12)


class ListFile(models.Model):
    """A published list under some filters as one long PDF, made in the background. Its progress is that of
    its job.

    `state` is a digest of everything the file depends on: asked for again while that has not changed, it is
    the same file.
    """

    code = models.CharField(max_length=24, unique=True, default=_new_code)
    job = models.OneToOneField("jobs.Job", models.PROTECT, related_name="list_file")
    # Which list it is (portal.lists.files.list_kind), and which of its rows.
    kind = models.CharField("种类", max_length=48)
    filters = models.JSONField(default=dict)
    state = models.CharField(max_length=64)
    on = models.DateField("截至日期")
    rows = models.PositiveIntegerField("条数")
    # Below MEDIA_ROOT; empty until it is made.
    path = models.CharField(max_length=120, blank=True)
    pages = models.PositiveIntegerField("页数", null=True)
    size = models.PositiveBigIntegerField("大小", null=True)
    created_at = models.DateTimeField("申请时间", default=timezone.now)
    # When it was cleared away, or given up after its job failed.
    cleared_at = models.DateTimeField("清理时间", null=True)

    objects = ListFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "名单文件"
        indexes = [
            models.Index(
                fields=["created_at"], name="list_file_to_clear", condition=Q(cleared_at__isnull=True)
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=Q(cleared_at__isnull=True), name="one_file_of_a_list"
            ),
        ]

    def __str__(self) -> str:
        return self.code
