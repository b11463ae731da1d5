"""The catalogue of occupations: which names an occupation or a trade officially has, from a day until a day."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from portal.workforce.models.scarce import fold_occupation


class OccupationQuerySet(models.QuerySet["Occupation"]):
    def in_force(self, on: date) -> OccupationQuerySet:
        return self.filter(Q(until__isnull=True) | Q(until__gte=on), since__lte=on)

    def searched(self, text: str) -> OccupationQuerySet:
        """Whose name, or that of the occupation it belongs to, contains the text, or whose code begins with
        it; what begins with it first, the shortest first.
        """
        folded = fold_occupation(text)
        found = self.filter(
            Q(folded__contains=folded)
            | Q(occupation__contains=text.strip())
            | Q(code__startswith=text.strip())
        )
        begins = models.Case(models.When(folded__startswith=folded, then=0), default=1)
        return found.order_by(begins, Length("name"), "name", "code", "id")


class Occupation(models.Model):
    """A line of the catalogue (职业目录): an occupation, or a trade of one. Lines are ended, never removed."""

    code = models.CharField("职业编码", max_length=20, blank=True)
    # What a certificate calls it; of a trade, `occupation` is what it belongs to.
    name = models.CharField("名称", max_length=60)
    folded = models.CharField(max_length=80)
    occupation = models.CharField("所属职业", max_length=60, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    document = models.CharField("文件", max_length=160)
    changed_at = models.DateTimeField("更新时间", auto_now=True)

    objects = OccupationQuerySet.as_manager()

    class Meta:
        ordering = ["code", "name", "id"]
        verbose_name = verbose_name_plural = "职业目录"
        constraints = [
            models.UniqueConstraint(
                fields=["folded", "code", "since"], name="one_line_of_the_occupation_catalogue"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="occupation_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
