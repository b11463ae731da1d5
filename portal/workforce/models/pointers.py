"""One person entered twice, a unit entered twice, somebody entered by mistake: a pointer says so, nothing is
rewritten.

A pointer is proposed by one person and decided by another, dated, and undone by a second pointer. Where every
record leads to now is kept by the database beside them (pointer_guards.py): whoever asks joins `MergedPerson` or
`MergedEmployer`, which hold only those that stand for nobody of their own.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.accounts.access import scope
from portal.workforce.models.people import Employer, Worker


class PointerState(models.TextChoices):
    PROPOSED = "proposed", "待复核"
    CONFIRMED = "confirmed", "已生效"
    REFUSED = "refused", "未通过"


class PointerQuerySet(models.QuerySet[Any]):
    def open(self) -> Any:
        return self.filter(state=PointerState.PROPOSED)


class PersonPointerQuerySet(PointerQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Staff see the pointers of the people of their regions."""
        where = scope(user, "worker.view")
        return self.filter(where.q("source__work_region", "source__league_code"))


class EmployerPointerQuerySet(PointerQuerySet):
    def visible_to(self, user: Any) -> Any:
        """Staff see the pointers of the units of their regions."""
        where = scope(user, "worker.view")
        return self.filter(where.q("source__region", "source__league_code"))


class Pointer(models.Model):
    """From a record to the one that stands for the same; to nothing when it was entered by mistake."""

    state = models.CharField("状态", max_length=10, choices=PointerState, default=PointerState.PROPOSED)
    reason = models.CharField("理由", max_length=500)
    # What was shown of both when it was proposed, for whoever decides and whoever asks later.
    collisions = models.JSONField("需要核对的事项", default=list)
    proposed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", default=timezone.now)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    decided_on = models.DateField("生效日期", null=True)
    verdict = models.CharField("未通过的理由", max_length=500, blank=True)
    # Confirmed and not undone: the database keeps it.
    stands = models.BooleanField(default=False)

    class Meta:
        abstract = True
        ordering = ["-id"]

    @property
    def title(self) -> str:
        """What it does, in words."""
        if self.undoes_id:  # type: ignore[attr-defined]
            return "撤销作废" if self.target_id is None else "撤销并入"  # type: ignore[attr-defined]
        return "作废" if self.target_id is None else "并入"  # type: ignore[attr-defined]


def _constraints(name: str) -> list[models.BaseConstraint]:
    """What the pointers of people and of units have in common; `name` begins the names."""
    decided = Q(decided_by__isnull=False, decided_at__isnull=False, decided_on__isnull=False)
    return [
        models.UniqueConstraint(
            fields=["source"], condition=Q(stands=True), name=f"{name}_one_standing_pointer"
        ),
        models.UniqueConstraint(
            fields=["source"],
            condition=Q(state="proposed"),
            name=f"{name}_one_open_pointer",
            violation_error_message="该档案已有待复核的并入或者作废。",
        ),
        models.CheckConstraint(
            condition=Q(target__isnull=True) | ~Q(target=F("source")), name=f"{name}_points_to_another"
        ),
        models.CheckConstraint(
            condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
            | (Q(state__in=["confirmed", "refused"]) & decided),
            name=f"{name}_pointer_is_decided",
        ),
        models.CheckConstraint(
            condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
            name=f"{name}_pointer_by_two",
            violation_error_message="提出人不能复核自己提出的并入或者作废。",
        ),
        models.CheckConstraint(
            condition=Q(stands=False) | Q(state="confirmed", undoes__isnull=True),
            name=f"{name}_only_confirmed_stand",
        ),
        models.CheckConstraint(
            condition=~Q(reason="") & (~Q(state="refused") | ~Q(verdict="")),
            name=f"{name}_pointer_says_why",
        ),
    ]


class PersonPointer(Pointer):
    """From a worker's record to the record of the same person."""

    source = models.ForeignKey(
        Worker, models.PROTECT, related_name="pointers", verbose_name="并入或者作废的档案"
    )
    target = models.ForeignKey(
        Worker, models.PROTECT, null=True, related_name="pointed_to", verbose_name="保留的档案"
    )
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name="所撤销的"
    )

    objects = PersonPointerQuerySet.as_manager()

    class Meta(Pointer.Meta):
        verbose_name = verbose_name_plural = "人员档案并入"
        constraints = _constraints("person")
        indexes = [
            models.Index(
                fields=["decided_at"], name="person_pointer_decided", condition=Q(decided_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.source}"


class EmployerPointer(Pointer):
    """From a unit's record to the record of the same unit."""

    source = models.ForeignKey(
        Employer, models.PROTECT, related_name="pointers", verbose_name="并入或者作废的单位"
    )
    target = models.ForeignKey(
        Employer, models.PROTECT, null=True, related_name="pointed_to", verbose_name="保留的单位"
    )
    undoes = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="undone_by", verbose_name="所撤销的"
    )

    objects = EmployerPointerQuerySet.as_manager()

    class Meta(Pointer.Meta):
        verbose_name = verbose_name_plural = "单位档案并入"
        constraints = _constraints("employer")
        indexes = [
            models.Index(
                fields=["decided_at"], name="unit_pointer_decided", condition=Q(decided_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.source}"


class MergedPerson(models.Model):
    """A worker's record that is no person of its own: whose it is now, through every pointer; nobody's when it
    was entered by mistake. The database keeps these rows.
    """

    source = models.OneToOneField(Worker, models.CASCADE, primary_key=True, related_name="merged")
    target = models.ForeignKey(Worker, models.CASCADE, null=True, related_name="merged_here")

    class Meta:
        verbose_name = verbose_name_plural = "已并入人员"

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id or ''}"


class MergedEmployer(models.Model):
    """The same of a unit's record."""

    source = models.OneToOneField(Employer, models.CASCADE, primary_key=True, related_name="merged")
    target = models.ForeignKey(Employer, models.CASCADE, null=True, related_name="merged_here")

    class Meta:
        verbose_name = verbose_name_plural = "已并入单位"

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id or ''}"


class FindingQuerySet(models.QuerySet["MergeFinding"]):
    def visible_to(self, user: Any) -> FindingQuerySet:
        """Staff see those of the people and units of their regions."""
        where = scope(user, "worker.view")
        return self.filter(
            where.q("person__source__work_region", "person__source__league_code")
            | where.q("unit__source__region", "unit__source__league_code")
        )

    def open(self) -> FindingQuerySet:
        return self.filter(settled_on__isnull=True)


class MergeFinding(models.Model):
    """What a merge brought together and somebody has to settle: two claims of one right, two entries, two
    accounts for the money.
    """

    person = models.ForeignKey(PersonPointer, models.PROTECT, null=True, related_name="findings")
    unit = models.ForeignKey(EmployerPointer, models.PROTECT, null=True, related_name="findings")
    kind = models.CharField("事项", max_length=40)
    text = models.CharField("内容", max_length=300)
    settled_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="处理人"
    )
    settled_on = models.DateField("处理日期", null=True)
    how = models.CharField("如何处理", max_length=300, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "并入后待处理事项"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, unit__isnull=True)
                | Q(person__isnull=True, unit__isnull=False),
                name="finding_of_one_pointer",
            ),
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True, how="") | (Q(settled_on__isnull=False) & ~Q(how="")),
                name="finding_settled_somehow",
            ),
        ]
        indexes = [models.Index(fields=["id"], name="finding_open", condition=Q(settled_on__isnull=True))]

    def __str__(self) -> str:
        return self.text
