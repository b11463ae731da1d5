"""Honours: typed, called by changing names, dated, and unverified until a reviewer has seen the document."""

from __future__ import annotations

import re

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from portal.workforce.models.base import OfWorker, Sourced, by_day_index, keep_history
from portal.workforce.models.people import Worker, WorkerQuerySet
from portal.workforce.models.verification import judged_by_no_author


class HonourCategory(models.TextChoices):
    HONOUR = "honour", "荣誉称号"
    SPECIAL_ALLOWANCE = "special_allowance", "政府特殊津贴"
    SCARCE_TALENT = "scarce_talent", "高精尖缺人才认定"


class HonourType(models.Model):
    """A kind of honour. Whether it includes directly is law (parameter `registry.inclusion-honours`), not a
    field here.
    """

    code = models.SlugField("代码", max_length=60, primary_key=True)
    name = models.CharField("名称", max_length=60, unique=True)
    category = models.CharField("类别", max_length=20, choices=HonourCategory, default=HonourCategory.HONOUR)
    grade = models.CharField(
        "级别",
        max_length=20,
        choices=[("national", "国家级"), ("autonomous_region", "自治区级"), ("other", "其他")],
    )
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        ordering = ["category", "code"]
        verbose_name = verbose_name_plural = "荣誉类型"

    def __str__(self) -> str:
        return self.name

    @property
    def called(self) -> str:
        """The name with the others it goes by: 草原英才（也称：英才兴蒙）. Reads the aliases."""
        names: dict[str, None] = {}
        for alias in self.aliases.all():
            if alias.since is None or alias.since <= timezone.localdate():
                names[_without_marks(alias.name)] = None
        others = [name for name in names if name != _without_marks(self.name)]
        return f"{self.name}（也称：{'、'.join(others)}）" if others else self.name


def _without_marks(name: str) -> str:
    """A name without quotation marks: with or without them it is the same."""
    return re.sub(r"[“”‘’\"'\s]", "", name)


class HonourAlias(models.Model):
    """Another name the same honour is or was called by."""

    type = models.ForeignKey(HonourType, models.CASCADE, related_name="aliases")
    name = models.CharField("别名", max_length=60)
    since = models.DateField("自", null=True, blank=True)
    until = models.DateField("至", null=True, blank=True)

    class Meta:
        ordering = ["type", "name"]
        constraints = [models.UniqueConstraint(fields=["name"], name="one_honour_of_a_name")]

    def __str__(self) -> str:
        return self.name


class HonourState(models.TextChoices):
    UNVERIFIED = "unverified", "待核实"
    VERIFIED = "verified", "已核实"
    REFUTED = "refuted", "核实不符"


class HonourQuerySet(OfWorker["Honour"]):
    def unverified(self) -> HonourQuerySet:
        return self.filter(state=HonourState.UNVERIFIED)

    def verified(self) -> HonourQuerySet:
        return self.filter(state=HonourState.VERIFIED)


@keep_history()
class Honour(Sourced):
    """An honour of a worker, with the document that confers it. Who wrote it down cannot verify it."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="honours", db_index=False)
    type = models.ForeignKey(HonourType, models.PROTECT, related_name="honours", verbose_name="荣誉")
    named_as = models.CharField("原文名称", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    conferred_on = models.DateField("授予日期", null=True, blank=True)
    document = models.CharField("文号", max_length=80, blank=True)
    state = models.CharField("核实状态", max_length=12, choices=HonourState, default=HonourState.UNVERIFIED)
    verified_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )
    verified_at = models.DateTimeField("核实时间", null=True)
    verdict = models.CharField("核实意见", max_length=200, blank=True)

    objects = HonourQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = verbose_name_plural = "荣誉"
        indexes = [
            models.Index(fields=["state", "id"], name="honour_to_verify", condition=Q(state="unverified")),
            models.Index(fields=["type", "state", "worker"], name="honour_by_type"),
            by_day_index("honour", "conferred_on"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "type", "year"],
                name="one_honour_a_year",
                violation_error_message="该荣誉已登记。",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True)
                | Q(recorded_by__isnull=True)
                | ~Q(verified_by=F("recorded_by")),
                name="honour_verified_by_another",
                violation_error_message="登记人不能核实自己登记的荣誉。",
            ),
            models.CheckConstraint(
                condition=Q(state="unverified", verified_by__isnull=True, verified_at__isnull=True)
                | (~Q(state="unverified") & Q(verified_by__isnull=False, verified_at__isnull=False)),
                name="verified_honour_has_a_person",
            ),
        ]
        triggers = [judged_by_no_author()]

    def __str__(self) -> str:
        return f"{self.year}年 {self.named_as}"


def having_honour(workers: WorkerQuerySet, state: str) -> WorkerQuerySet:
    """Those of the workers who have an honour in that state."""
    return workers.filter(Exists(Honour.objects.filter(worker=OuterRef("pk"), state=state)))
