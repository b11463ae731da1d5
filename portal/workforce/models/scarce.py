"""Occupations that a place has published as scarce, from a day until a day."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from django.db import models
from django.db.models import F, Q

from portal.regions.models import Region

_BRACKETS = str.maketrans("[{〔【〖〘]}〕】〗〙", "(((((())))))")
# A level that stands in brackets behind the occupation, as some certificates print it: the record says it itself.
_LEVEL_BEHIND = re.compile(
    r"(.)\(([一二三四五1-5]级/?)?((初|中|高)级工?|(高级|特级|首席)?技师|学徒工?)?(/?[一二三四五1-5]级)?\)$"
)


def fold_occupation(name: str) -> str:
    """An occupation as it is compared: full-width characters as plain ones, one kind of brackets, small letters, no
    blanks, no level behind it. As `workforce_occupation_folded` of the database does it.
    """
    plain = unicodedata.normalize("NFKC", name).translate(_BRACKETS)
    return _LEVEL_BEHIND.sub(r"\1", "".join(plain.split()).lower())


class ScarceOccupationQuerySet(models.QuerySet["ScarceOccupation"]):
    def in_place(self, region: str) -> ScarceOccupationQuerySet:
        """Lines that count in a division: its own, those of its league, those of the region."""
        return self.filter(region_id__in=[region, f"{region[:4]}00", f"{region[:2]}0000"])


class ScarceOccupation(models.Model):
    """A line of a published list (急需紧缺职业（工种）目录). The list of a league or of the region counts in
    every banner below it. Lines are ended, never removed.
    """

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+", db_index=False)
    occupation = models.CharField("职业（工种）", max_length=60)
    folded = models.CharField(max_length=80)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    document = models.CharField("文件", max_length=160)
    changed_at = models.DateTimeField("更新时间", auto_now=True, db_index=True)

    objects = ScarceOccupationQuerySet.as_manager()

    class Meta:
        ordering = ["region_id", "since", "occupation"]
        verbose_name = verbose_name_plural = "急需紧缺职业（工种）"
        constraints = [
            models.UniqueConstraint(fields=["region", "folded", "since"], name="one_line_of_a_scarce_list"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="scarce_list_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.occupation}"

    @property
    def source(self) -> str:
        return self.document

    @property
    def recorded_at(self) -> datetime:
        return self.changed_at
