"""What happened to a case, for each of those who should know: what came back to them, what others did to theirs."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.cases.models.life import Case


class NewsKind(models.TextChoices):
    """Why somebody is told; the order is that of the page."""

    CAME_BACK = "came_back", "退回"
    ANSWERED = "answered", "补正已提交"
    ASSIGNED = "assigned", "分派给我"
    HANDED_OVER = "handed_over", "移交给我"
    OBJECTION = "objection", "收到异议"
    PAYMENT_RETURNED = "payment_returned", "付款退回"
    MOVED = "moved", "有新进展"


class NewsQuerySet(models.QuerySet["News"]):
    def visible_to(self, user: Any) -> NewsQuerySet:
        """One's own, of cases that one still sees."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(person=user, case__in=Case.objects.visible_to(user))

    def unseen(self) -> NewsQuerySet:
        return self.filter(seen_at__isnull=True)


class News(models.Model):
    """One thing that somebody is told about a case, until they have looked at it.

    It names nobody but who did it: the case does, to those who may see it.
    """

    # Found by the index of a person's news below.
    person = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="news")
    kind = models.CharField("提醒", max_length=16, choices=NewsKind)
    # What was done, as the workflow calls it; empty where the kind says all.
    label = models.CharField("事项", max_length=40, blank=True)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间", default=timezone.now)
    seen_at = models.DateTimeField("查看时间", null=True)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        indexes = [
            models.Index(fields=["person", "-id"], name="news_of_person"),
            models.Index(fields=["person"], name="news_unseen", condition=Q(seen_at=None)),
            # What was seen long ago is taken away.
            models.Index(fields=["seen_at"], name="news_seen", condition=Q(seen_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case_id}"
