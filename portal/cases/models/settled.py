"""What is settled for all cases: numbers given so far, the office's time limits, moves and duties as the database knows them."""

from __future__ import annotations

from django.db import models

from portal.cases.workflow import Duty


class CaseSeries(models.Model):
    """The last number given in a series; taken under a row lock, so numbers have no gaps."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "year"], name="one_case_series")]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"


class ClockRule(models.Model):
    """How many working days the office gives itself for a kind of case, and on what basis. Without a row no
    deadline is set.
    """

    kind = models.CharField("事项", max_length=48, primary_key=True)
    working_days = models.PositiveSmallIntegerField("办理时限（工作日）")
    basis = models.CharField("依据", max_length=160)
    is_sample = models.BooleanField("示例", default=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.working_days}"


class AllowedMove(models.Model):
    """The workflow tables as the database knows them.

    Written by the owner when the application is installed.
    """

    kind = models.CharField(max_length=48)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24)

    database_rights = "read_only"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "from_state", "to_state"], name="one_allowed_move")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.from_state} → {self.to_state}"


class DutyPair(models.Model):
    """Two duties that nobody combines in a case of a kind, besides those that exclude each other in every case.

    Written by the owner when the application is installed.
    """

    kind = models.CharField(max_length=48)
    one = models.CharField(max_length=16, choices=Duty)
    other = models.CharField(max_length=16, choices=Duty)

    database_rights = "read_only"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "one", "other"], name="one_duty_pair")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.one} ≠ {self.other}"
