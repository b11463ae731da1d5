"""That somebody of the office spoke with a person: when, how, about what. Kept for a dated time, and part of what the person
takes away of themselves.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.workforce.models.base import OfWorker
from portal.workforce.models.people import Worker


class ContactChannel(models.TextChoices):
    WINDOW = "window", "窗口"
    PHONE = "phone", "电话"
    VISIT = "visit", "上门"
    WRITING = "writing", "书面"


class Contact(models.Model):
    """One time that the office and a person spoke. It stays as it was written, until its day of erasure."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="contacts", verbose_name="技术工人")
    channel = models.CharField("方式", max_length=8, choices=ContactChannel)
    said = models.CharField("内容", max_length=500)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="记录人")
    at = models.DateTimeField("记录时间", default=timezone.now)
    # The last day on which it is kept.
    kept_until = models.DateField("保存至", db_index=True)

    objects = OfWorker["Contact"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系记录"
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(said=""), name="a_contact_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.said[:40]}"
