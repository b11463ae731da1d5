"""That a confirmed training does not stand: asked by one officer, agreed to by another."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from subsidies.models.claims import CompletedTraining


class VoidingState(models.TextChoices):
    PROPOSED = "proposed", "待复核"
    AGREED = "agreed", "已作废"
    DECLINED = "declined", "不同意作废"


class TrainingVoidingQuerySet(models.QuerySet["TrainingVoiding"]):
    def visible_to(self, user: Any) -> TrainingVoidingQuerySet:
        """Who sees the training."""
        return self.filter(training__in=CompletedTraining.objects.visible_to(user))

    def proposed(self) -> TrainingVoidingQuerySet:
        return self.filter(state=VoidingState.PROPOSED)


class TrainingVoiding(models.Model):
    """Why a confirmed training is to be taken back, who says so, and what another officer answered.

    The training itself changes once that one agrees (subsidies.voiding_guards).
    """

    training = models.ForeignKey(
        CompletedTraining, models.PROTECT, related_name="voidings", verbose_name="培训结业"
    )
    reason = models.CharField("作废理由", max_length=300)
    state = models.CharField("状态", max_length=10, choices=VoidingState, default=VoidingState.PROPOSED)
    asked_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间", default=timezone.now)
    judged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    judged_at = models.DateTimeField("复核时间", null=True)
    # What the other officer held it against, or why it stands after all.
    verdict = models.CharField("复核意见", max_length=300, blank=True)

    objects = TrainingVoidingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训结业作废"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["training"], condition=Q(state="proposed"), name="a_training_is_asked_back_once"
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", judged_by__isnull=True, judged_at__isnull=True, verdict="")
                | (
                    ~Q(state="proposed")
                    & Q(judged_by__isnull=False, judged_at__isnull=False)
                    & ~Q(verdict="")
                    & ~Q(judged_by=F("asked_by"))
                ),
                name="a_voiding_is_judged_by_another",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_voiding_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.training} {self.get_state_display()}"
