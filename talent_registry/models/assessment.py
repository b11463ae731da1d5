"""What everybody's facts were worth in a round: one pass over the register, a row for everybody who could be on
a list or is nominated, and numbers of all others.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.workforce.models import SkillLevel, Worker
from portal.workforce.models.base import own_records
from talent_registry.models.selection import SelectionRound


class AssessmentRun(models.Model):
    """One pass over the whole register, with the rules, figures and scheme it was made by."""

    round = models.ForeignKey(SelectionRound, models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()
    # A trial shows officers who should be nominated while nominations are still taken; it decides nothing.
    is_trial = models.BooleanField("试评")
    as_of = models.DateField("事实截止日")
    rule_version = models.ForeignKey("policy.RuleVersion", models.PROTECT, related_name="+")
    law = models.JSONField("政策参数")
    # Bit n of `failed` and `unknown` is the nth of these: {"code", "label", "clause"}.
    conditions = models.JSONField("条件")
    # Bit n of `honour_bits` and of `achievement_bits` is the nth of these:
    # {"honours": […], "achievements": […]}.
    codes = models.JSONField("代码")
    scheme = models.JSONField("评分办法")
    assessed = models.PositiveIntegerField("评价人数", default=0)
    eligible = models.PositiveIntegerField("符合条件", default=0)
    # How many came to what: [{"outcome", "failed", "unknown", "on_registry", "people"}]; empty of runs before this
    # was kept.
    outcomes = models.JSONField("结论分布", default=list)
    by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    database_rights = "append_only"

    class Meta:
        ordering = ["round", "number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="one_assessment_run")]

    def __str__(self) -> str:
        return f"{self.round.year} 第{self.number}次"

    @property
    def listed(self) -> int | None:
        """How many of the eligible are on the registry already; unknown of runs before this was kept."""
        if not self.outcomes:
            return None
        return sum(
            group["people"]
            for group in self.outcomes
            if group["outcome"] == Outcome.ELIGIBLE and group["on_registry"]
        )

    @property
    def unmet(self) -> list[dict[str, Any]]:
        """Of each condition that somebody does not meet, how many do not, and of how many it cannot be told."""
        rows = []
        for place, condition in enumerate(self.conditions):
            failed = self._people_with("failed", place)
            unknown = self._people_with("unknown", place)
            if failed or unknown:
                rows.append({"label": condition["label"], "failed": failed, "unknown": unknown})
        return rows

    def _people_with(self, mask: str, place: int) -> int:
        return sum(group["people"] for group in self.outcomes if group[mask] >> place & 1)

    def named(self, kind: str, bits: int) -> list[str]:
        """The codes of the bits that are set, in their order; `kind` is honours or achievements."""
        return [code for place, code in enumerate(self.codes[kind]) if bits >> place & 1]


class Outcome(models.TextChoices):
    ELIGIBLE = "eligible", "符合条件"
    INELIGIBLE = "ineligible", "不符合条件"
    UNDETERMINED = "undetermined", "信息不足"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: Any) -> AssessmentQuerySet:
        """Staff see those of their regions, a worker their own."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "worker.view")
        if where.whole:
            return self.all()
        if where.empty:
            return self.filter(worker__in=own_records(user))
        return self.filter(
            Q(league_code__in=sorted(where.leagues)) | Q(region_code__in=sorted(where.banners))
        )


class Assessment(models.Model):
    """What one worker's facts were as of the day, which conditions failed, and how the score adds up.

    One row a worker and round, of who meets the conditions or is nominated; a later run replaces the rows of an
    earlier one until the round is ranked. The facts are kept beside the result, so that it can be computed again
    from here.

    All rows are written at once: that round, run and worker exist is checked for all of them in one
    go (selection.guards), not by a foreign key three times a row.
    """

    round = models.ForeignKey(
        SelectionRound, models.PROTECT, related_name="assessments", db_index=False, db_constraint=False
    )
    run = models.ForeignKey(
        AssessmentRun, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # Served by the index of the constraint below.
    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="assessments", db_index=False, db_constraint=False
    )
    region_code = models.CharField(max_length=6)
    league_code = models.CharField(max_length=6)
    # -- the facts
    skill_level = models.SmallIntegerField("技能等级", choices=SkillLevel, null=True)
    on_front_line = models.BooleanField("在一线岗位", null=True)
    front_line_tenths = models.SmallIntegerField("一线年限（十分之一年）", null=True)
    # What the bits mean is kept with the run: lists of codes in each row would take half as long again to
    # write.
    honour_bits = models.BigIntegerField("荣誉", default=0)
    achievement_bits = models.BigIntegerField("业绩和贡献", default=0)
    on_registry = models.BooleanField("已在名录")
    # -- the result
    outcome = models.CharField("结论", max_length=12, choices=Outcome)
    failed = models.SmallIntegerField(default=0)
    unknown = models.SmallIntegerField(default=0)
    skill = models.IntegerField("技能水平", default=0)
    achievement = models.IntegerField("业绩成果", default=0)
    contribution = models.IntegerField("突出贡献", default=0)
    front_line = models.IntegerField("一线年限", default=0)
    score = models.IntegerField("得分", default=0)
    # Place among the eligible of the league who are not on the registry; empty for all others.
    place = models.PositiveIntegerField("盟市内位次", null=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度评价"
        indexes = [
            models.Index(
                fields=["round", "league_code", "place"],
                name="assessment_by_place",
                condition=Q(place__isnull=False),
            ),
            models.Index(
                fields=["round", "region_code", "place"],
                name="assessment_by_region",
                condition=Q(place__isnull=False),
            ),
            models.Index(
                fields=["round", "place", "id"],
                name="assessment_best_first",
                condition=Q(place__isnull=False),
            ),
        ]
        constraints = [models.UniqueConstraint(fields=["worker", "round"], name="one_assessment_a_round")]

    def __str__(self) -> str:
        return f"{self.worker_id} {self.get_outcome_display()} {self.score}"

    @property
    def honours(self) -> list[str]:
        """Codes of the kinds of honours; reads the run."""
        return self.run.named("honours", self.honour_bits)

    @property
    def achievements(self) -> list[str]:
        """Codes of competition results, awards, breakthroughs and apprentices; reads the run."""
        return self.run.named("achievements", self.achievement_bits)
