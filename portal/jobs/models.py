"""Long work: how far it is, what came of each item. The state of a job says nothing of a case's state."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.access import WHOLE_REGION, can


class JobState(models.TextChoices):
    WAITING = "waiting", "等待中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"
    CANCELLED = "cancelled", "已取消"


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """Own jobs, of who still works in the office; the system administrator of the whole region sees that others'
        jobs exist and how they fare: their titles name files and units of everywhere.
        """
        if can(user, "job.view_all", WHOLE_REGION):
            return self.all()
        return self.filter(by=user) if can(user, "window.use") else self.none()

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[JobState.WAITING, JobState.RUNNING])


class Job(models.Model):
    """One long piece of work. `kind` names the task that does it; `params` holds ids and choices, never
    personal data.
    """

    kind = models.CharField("种类", max_length=48)
    title = models.CharField("名称", max_length=120)
    state = models.CharField("状态", max_length=12, choices=JobState, default=JobState.WAITING)
    params = models.JSONField(default=dict)
    total = models.PositiveIntegerField("总数", default=0)
    done = models.PositiveIntegerField("已处理", default=0)
    refused = models.PositiveIntegerField("未通过", default=0)
    result = models.JSONField(default=dict)
    message = models.CharField("说明", max_length=300, blank=True)
    file = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, related_name="jobs", verbose_name="发起人", null=True
    )
    created_at = models.DateTimeField("发起时间", default=timezone.now)
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    # Moves while the job lives; the sweeper starts again what has stopped moving.
    beat_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "后台任务"
        indexes = [
            models.Index(fields=["by", "-id"]),
            models.Index(
                fields=["beat_at"], name="job_unfinished", condition=Q(state__in=["waiting", "running"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def finished(self) -> bool:
        return self.state in {JobState.DONE, JobState.FAILED, JobState.CANCELLED}

    @property
    def percent(self) -> int:
        if self.state == JobState.DONE:
            return 100
        return min(99, self.done * 100 // self.total) if self.total else 0


class JobTarget(models.Model):
    """One of the things a job was asked to do, by its number in the database and its version when it was asked for.

    Written with the job, by one statement over what a filter found: what comes to meet the filter later is not done.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="targets")
    key = models.BigIntegerField()
    version = models.PositiveIntegerField()

    database_rights = "append_only"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="one_target_of_a_job")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.key}"


class JobItem(models.Model):
    """What came of one item of a job."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="items")
    key = models.CharField(max_length=64)
    ok = models.BooleanField()
    message = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="one_result_an_item")]

    def __str__(self) -> str:
        return self.key
