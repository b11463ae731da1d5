"""What the yearly selection reads of everybody, gathered and kept: one row a worker instead of joins over seven
tables each time.
"""

from __future__ import annotations

from django.db import models

from portal.workforce.models import Worker


class SelectionFacts(models.Model):
    """The verified facts of one worker that conditions and scores are made of. Only selection.gathering writes
    it.

    It is derived: what somebody reached is what the records say, and an assessment keeps the facts it was
    made from.
    """

    worker = models.OneToOneField(Worker, models.CASCADE, primary_key=True, related_name="+")
    region_code = models.CharField(max_length=6)
    league_code = models.CharField(max_length=6)
    id_digest = models.BinaryField(max_length=32)
    skill_level = models.SmallIntegerField(null=True)
    on_front_line = models.BooleanField(null=True)
    front_line_tenths = models.SmallIntegerField(null=True)
    # What the bits mean is kept with the gathering.
    honour_bits = models.BigIntegerField()
    achievement_bits = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "遴选事实汇总"

    def __str__(self) -> str:
        return str(self.worker_id)


class SelectionGathering(models.Model):
    """One gathering: as of which day, what the bits stand for, and from which moment on changes must be looked
    at next time.
    """

    on = models.DateField("基准日")
    whole = models.BooleanField("全部重建")
    # Changes of transactions that began before this moment are in; of later ones they may not be.
    seen_until = models.DateTimeField("变更截至")
    looked_at = models.PositiveIntegerField("汇总人数")
    # How it was gathered, as a digest: gathered in another way, everybody is gathered anew.
    kind_of_facts = models.CharField("汇总口径摘要", max_length=16)
    finished_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "遴选事实汇总记录"

    def __str__(self) -> str:
        return f"{self.on} {self.looked_at}"
