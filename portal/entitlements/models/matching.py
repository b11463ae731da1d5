"""Who is entitled to what as of the last look over the whole register."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class MatchRun(models.Model):
    """One look over the whole register. `counts` has per benefit how many are entitled, cannot be told,
    gained and lost.
    """

    on = models.DateField("基准日")
    cause = models.CharField("起因", max_length=40)
    policy_version = models.CharField("政策版本", max_length=16)
    people = models.PositiveIntegerField("人数", default=0)
    changed = models.PositiveIntegerField("有变化的人数", default=0)
    offered = models.PositiveIntegerField("新增事项", default=0)
    expired = models.PositiveIntegerField("失效事项", default=0)
    counts = models.JSONField("各项待遇", default=dict)
    # What of the gathered facts it has seen: the next look goes over what came since. Empty in runs of an
    # earlier release.
    facts = models.ForeignKey(
        "workforce.Refresh", models.PROTECT, null=True, related_name="+", verbose_name="事实汇总"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="发起人"
    )
    began_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("完成时间", auto_now_add=True)

    database_rights = "append_only"

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "全库匹配"

    def __str__(self) -> str:
        return f"{self.on} {self.cause}"


class MatchState(models.Model):
    """What holds for a worker, as masks (see portal.entitlements.catalogue); offers come of its changes.

    `subject` is a number for the facts that tell one entitlement to a benefit from the next one (another
    certificate).
    """

    # Drawn from the register in sets: to check every row once more on its own would cost as much as all the
    # rest.
    worker = models.OneToOneField(
        "workforce.Worker", models.CASCADE, primary_key=True, related_name="standing", db_constraint=False
    )
    eligible = models.BigIntegerField()
    undetermined = models.BigIntegerField()
    subject = models.IntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "匹配结果"

    def __str__(self) -> str:
        return f"{self.worker_id}: {self.eligible:b}"
