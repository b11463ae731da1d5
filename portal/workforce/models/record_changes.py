"""A change to what counts, proposed by one person and confirmed by another; until then what counted goes on
counting.

The database holds it (portal.workforce.change_guards): what counts is changed, ended or removed only in the
transaction that confirms a proposal of just that, by somebody who has written none of it.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from portal.accounts.access import scope
from portal.names import searched_name, unit_spelling
from portal.regions.models import Region
from portal.workforce.models.base import Folded, league_of, worker_scope
from portal.workforce.models.people import Employer, Worker
from portal.workforce.models.roster import RosterImport

# What is changed is a record of a worker, called by its kind, or one fact of the worker or of a unit.
OF_WORKER, OF_UNIT = "worker", "unit"


class ChangeWhat(models.TextChoices):
    CHANGE = "change", "更改"
    END = "end", "终止"
    REMOVE = "remove", "撤销"


class ChangeState(models.TextChoices):
    PROPOSED = "proposed", "待他人确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "未通过"
    WITHDRAWN = "withdrawn", "已撤回"


class RecordChangeQuerySet(models.QuerySet["RecordChange"]):
    def visible_to(self, user: Any) -> RecordChangeQuerySet:
        """Staff see those about the people and units of their regions, and those that hand somebody over to them."""
        where = scope(user, "worker.view")
        if where.empty:
            return self.none()
        return self.filter(
            worker_scope(user, "worker__")
            | where.q("unit__region", "unit__league_code")
            | where.q("to_region", "to_league_code")
        )

    def open(self) -> RecordChangeQuerySet:
        return self.filter(state=ChangeState.PROPOSED)

    def named(self, part: str) -> RecordChangeQuerySet:
        """About people, or units, whose name contains `part`."""
        unit = Folded(Value(unit_spelling(part)))
        return self.filter(
            Q(worker__name__contains=searched_name(part)) | Q(unit__folded_name__contains=unit)
        )


class RecordChange(models.Model):
    """What one person wants a record to say from now on, beside what it says; nothing of it is in force before
    another confirms it.
    """

    worker = models.ForeignKey(
        Worker, models.PROTECT, null=True, related_name="record_changes", verbose_name="人员"
    )
    unit = models.ForeignKey(
        Employer, models.PROTECT, null=True, related_name="record_changes", verbose_name="用人单位"
    )
    kind = models.CharField("信息类别", max_length=20)
    record_id = models.BigIntegerField("记录")
    what = models.CharField("事项", max_length=8, choices=ChangeWhat)
    # Columns and what they hold: as they were when it was proposed, and, of a change or an end, as they shall be.
    before = models.JSONField("原内容")
    after = models.JSONField("新内容", null=True)
    # The record that begins when this one ends: work in another unit, as a roster tells of it.
    follows = models.JSONField("随后登记", null=True)
    # Where somebody is handed over to: who works there takes them over.
    to_region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="转往")
    to_league_code = league_of("to_region_id")
    reason = models.CharField("理由", max_length=500)
    # The import that proposed it; of those proposed before that was noted, none.
    roster_import = models.ForeignKey(
        RosterImport, models.PROTECT, null=True, related_name="proposals", verbose_name="花名册"
    )
    state = models.CharField("状态", max_length=10, choices=ChangeState, default=ChangeState.PROPOSED)
    # None when the system itself imported a roster.
    proposed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间", default=timezone.now)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    decided_at = models.DateTimeField("确认时间", null=True)
    decided_on = models.DateField("确认日期", null=True)
    # What was seen by whoever confirmed it; of a refused one, why.
    verdict = models.CharField("确认依据或未通过的理由", max_length=500, blank=True)
    # The transaction that confirmed it, which is the one that may carry it out: the database keeps it.
    decided_in = models.BigIntegerField(null=True, editable=False)

    objects = RecordChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "信息变更"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record_id"],
                condition=Q(state="proposed"),
                name="one_open_change_of_a_record",
                violation_error_message="该信息已有一项变更待他人确认。",
            ),
            models.CheckConstraint(
                condition=Q(kind=OF_UNIT, unit__isnull=False, worker__isnull=True)
                | (~Q(kind=OF_UNIT) & Q(unit__isnull=True, worker__isnull=False)),
                name="record_change_is_about_one",
            ),
            models.CheckConstraint(
                condition=Q(what__in=["change", "end"], after__isnull=False)
                | Q(what="remove", after__isnull=True, follows__isnull=True),
                name="record_change_says_what",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="proposed",
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    decided_on__isnull=True,
                )
                | (
                    ~Q(state="proposed")
                    & Q(decided_by__isnull=False, decided_at__isnull=False, decided_on__isnull=False)
                ),
                name="record_change_is_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "refused"]) | ~Q(decided_by=F("proposed_by")),
                name="record_change_by_two",
                violation_error_message="提出人不能确认自己提出的变更。",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(decided_by=F("proposed_by")),
                name="record_change_withdrawn_by_its_author",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & (~Q(state__in=["confirmed", "refused"]) | ~Q(verdict="")),
                name="record_change_says_why",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="record_change_open", condition=Q(state="proposed"))]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.kind} {self.record_id}"
