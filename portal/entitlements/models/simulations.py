"""What a change of the law would do, over the whole register. Nothing real reads it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from portal.accounts.access import WHOLE_REGION, can


class SimulationQuerySet(models.QuerySet["Simulation"]):
    def visible_to(self, user: Any) -> SimulationQuerySet:
        """Everybody who may simulate sees all: a draft of law is discussed, and no row is about a person."""
        if user.is_authenticated and can(user, "policy.simulate", WHOLE_REGION):
            return self.all()
        return self.none()


class Simulation(models.Model):
    """Some figures as a draft would set them, on a day, and what comes of it.

    `draft` is {parameter code: value, or null for none}; `inputs` what else the result rests on: policy
    version, rule digests, how many people and a digest over their facts. The same inputs give the same
    `result` and `digest`.
    """

    title = models.CharField("名称", max_length=80)
    on = models.DateField("基准日")
    draft = models.JSONField("草案取值")
    # A value that was entered and waits for its confirmation, when the draft is that one.
    value = models.ForeignKey("policy.ParameterValue", models.SET_NULL, null=True, related_name="simulations")
    job = models.OneToOneField("jobs.Job", models.PROTECT, null=True, related_name="simulation")
    inputs = models.JSONField("依据", default=dict)
    result = models.JSONField("结果", null=True)
    digest = models.CharField("摘要", max_length=64, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="测算人")
    created_at = models.DateTimeField("测算时间", auto_now_add=True)

    objects = SimulationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "政策测算"

    def __str__(self) -> str:
        return self.title
