"""What somebody applies for, shared by all programmes: a programme's own table inherits it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from portal.cases.models.life import Case
from portal.workforce.models import Worker


class Channel(models.TextChoices):
    """How an application is filed. A programme may call it otherwise (`choices` of its own field)."""

    EMPLOYER = "employer", "单位代办"
    WINDOW = "window", "窗口代办"
    SELF = "self", "本人申请"


class Application(models.Model):
    """One worker's application. Its case carries the state, and in `case.employer` the unit that filed it.

    The day of the first hand-in is kept: a later correction changes nothing about it, which the database holds
    (portal.cases.application_guards).
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="%(class)s")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="%(class)ss", verbose_name="技术工人")
    channel = models.CharField("申请方式", max_length=12, choices=Channel)
    handed_in_on = models.DateField("首次提交日期", null=True)
    handed_in_at = models.DateTimeField("首次提交时间", null=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(handed_in_on__isnull=True, handed_in_at__isnull=True)
                | Q(handed_in_on__isnull=False, handed_in_at__isnull=False),
                name="%(class)s_is_handed_in_at_a_moment",
            )
        ]

    def __str__(self) -> str:
        return str(self.case)
