"""A person's own telephone, confirmed at the window: with it they may sign in instead of with the ID number."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.workforce.models.base import OfWorker
from portal.workforce.models.people import Worker


class ConfirmedPhone(models.Model):
    """That a clerk saw the person with this telephone. It counts while it is the number of the record, until it is ended;
    families share telephones, and one number signs in one person.
    """

    worker = models.ForeignKey(
        Worker, models.CASCADE, related_name="confirmed_phones", verbose_name="技术工人"
    )
    # Of the number, as in the record.
    digest = models.BinaryField()
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="确认人")
    confirmed_at = models.DateTimeField("确认时间", default=timezone.now)
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终止人"
    )
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)

    objects = OfWorker["ConfirmedPhone"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "确认的手机号"
        ordering = ["-confirmed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                condition=Q(ended_at__isnull=True),
                name="a_phone_signs_in_one_person",
                violation_error_message="该手机号已确认为他人的登录手机号。",
            ),
            models.UniqueConstraint(
                fields=["worker"],
                condition=Q(ended_at__isnull=True),
                name="one_confirmed_phone_of_a_person",
                violation_error_message="该人员已有确认的手机号。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(ended_by__isnull=True),
                name="who_ended_a_phone_says_when",
            ),
        ]

    def __str__(self) -> str:
        return f"确认的手机号 {self.confirmed_at:%Y-%m-%d}"
