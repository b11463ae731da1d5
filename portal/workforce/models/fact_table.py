"""The facts of everybody, gathered and kept: what matching and what-if read instead of nine tables
each time.
"""

from __future__ import annotations

from django.db import models

from portal.policy.facts import Facts
from portal.workforce.models.people import Worker


class KnownFacts(Facts):
    """A row a worker with a column per fact of the catalogue, as portal.workforce.facts draws them. Only
    `refresh` writes it.

    It is derived: what it says of a worker is never evidence, and a decision about one person reads the
    records themselves.
    """

    # Drawn from the register in sets: to check every row once more on its own would cost as much as drawing
    # it.
    worker = models.OneToOneField(
        Worker, models.CASCADE, primary_key=True, related_name="known", db_constraint=False
    )
    # Whether everything recorded is confirmed: then these are the verified facts as well.
    all_confirmed = models.BooleanField("全部已核验", default=False, db_default=False)
    # The number of the gathering that changed the row last: who reads the table again asks for what came
    # since.
    changed_in = models.BigIntegerField("更新批次", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "事实汇总"
        indexes = [
            models.Index(fields=["changed_in"], name="known_by_change"),
            # The fact that the passing of days decides by.
            models.Index(fields=["certificate_issued_on"], name="known_by_certificate_day"),
        ]

    def __str__(self) -> str:
        return str(self.worker_id)


class VerifiedFacts(Facts):
    """The same of those of whom some records are confirmed and others are not, drawn from what is confirmed
    alone.
    """

    worker = models.OneToOneField(
        Worker, models.CASCADE, primary_key=True, related_name="verified_facts", db_constraint=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "已核验事实汇总"

    def __str__(self) -> str:
        return str(self.worker_id)


class Refresh(models.Model):
    """One gathering of the facts: as of which day, from which moment on changes must be looked at
    next time.
    """

    on = models.DateField("基准日")
    whole = models.BooleanField("全部重建")
    # Changes of transactions that began before this moment are in; of later ones they may not be.
    seen_until = models.DateTimeField("变更截至")
    changed = models.PositiveIntegerField("更新人数")
    # What was gathered, as a digest: with other facts everybody is gathered anew.
    kind_of_facts = models.CharField("事实目录摘要", max_length=16, default="", blank=True)
    finished_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "事实汇总记录"

    def __str__(self) -> str:
        return f"{self.on} {self.changed}"
