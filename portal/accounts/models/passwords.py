"""Passwords that an account had."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from portal.accounts.models.accounts import User


class PastPassword(models.Model):
    """The hash of an earlier password, so that it is not taken again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="past_passwords")
    password = models.CharField(max_length=128)
    ended_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-ended_at", "-id"]
        indexes = [models.Index(fields=["user", "-ended_at"])]

    def __str__(self) -> str:
        return f"{self.user} {self.ended_at:%Y-%m-%d}"
