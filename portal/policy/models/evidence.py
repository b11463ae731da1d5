"""Rule versions kept as data, and determinations: evidence of what was decided about whom, from which facts
and which law.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class RuleVersion(models.Model):
    """A rule as it was when first recorded. It is replayed from `definition`; a changed rule is a new version
    beside it.
    """

    benefit = models.CharField("事项", max_length=60)
    version = models.PositiveSmallIntegerField("版本")
    definition = models.JSONField("规则")
    wording = models.JSONField("文字")
    digest = models.CharField("摘要", max_length=64, unique=True)
    since = models.DateField("适用自")
    recorded_at = models.DateTimeField("记录时间", auto_now_add=True)

    database_rights = "append_only"

    class Meta:
        ordering = ["benefit", "version"]
        verbose_name = verbose_name_plural = "规则版本"
        constraints = [models.UniqueConstraint(fields=["benefit", "version"], name="one_rule_per_version")]

    def __str__(self) -> str:
        return f"{self.benefit} 第{self.version}版"


class Outcome(models.TextChoices):
    ELIGIBLE = "eligible", "符合条件"
    INELIGIBLE = "ineligible", "不符合条件"
    UNDETERMINED = "undetermined", "尚不能确定"


class DeterminationQuerySet(models.QuerySet["Determination"]):
    def about(self, subject_type: str, subject_id: int) -> DeterminationQuerySet:
        return self.filter(subject_type=subject_type, subject_id=subject_id)

    def standing(self) -> DeterminationQuerySet:
        """Not superseded by a later one."""
        return self.filter(superseded_by__isnull=True)


class Determination(models.Model):
    """What a rule said about a subject on a day, and everything it was derived from. Never updated, only
    superseded.

    `law` holds per parameter value, document, article and the value's id; `conditions` each condition present
    on that day with its clause and whether it holds (null: unknown). `digest` is the one `check` gives for
    the same facts and law.
    """

    benefit = models.CharField("事项", max_length=60)
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="determinations")
    # Whom it is about lies in a layer above this one: a name for the kind of subject and its number.
    subject_type = models.CharField("对象类别", max_length=20)
    subject_id = models.BigIntegerField("对象编号", null=True)
    on = models.DateField("基准日")
    decided_at = models.DateTimeField("认定时间")
    facts = models.JSONField("事实")
    fact_sources = models.JSONField("事实来源", default=dict)
    law = models.JSONField("政策参数")
    conditions = models.JSONField("条件")
    outcome = models.CharField("结论", max_length=12, choices=Outcome)
    amount = models.DecimalField("金额（元）", max_digits=12, decimal_places=2, null=True)
    fund = models.CharField("资金来源", max_length=40, null=True)
    gives = models.JSONField("待遇", default=dict)
    digest = models.CharField("摘要", max_length=64)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    batch = models.UUIDField("批次", null=True)

    database_rights = "append_only"
    objects = DeterminationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "认定记录"
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "benefit", "-id"]),
            models.Index(fields=["batch"]),
            models.Index(fields=["rule_version", "id"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(outcome=Outcome.ELIGIBLE),
                name="amount_only_when_eligible",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")),
                name="determination_follows_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit} {self.on} {self.get_outcome_display()}"
