"""Dated figures of the law, each with the document it comes from and the moment it was confirmed."""

from __future__ import annotations

import datetime as dt

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q
from django.utils import timezone

from portal.policy.models.shelf import Clause

# Held exclusively while a value is confirmed and shared while a determination reads the law, so that
# "confirmed before this decision" has one answer for ever.
LAW_LOCK = 710_820_190_6


class Kind(models.TextChoices):
    INTEGER = "integer", "整数"
    NUMBER = "number", "数字"
    MONEY = "money", "金额（元）"
    TABLE = "table", "对照表"
    CODES = "codes", "代码清单"
    STEPS = "steps", "分段数值"
    # Who or what it is in each place, by the code of its region.
    PLACES = "places", "分地区名称"


class ParameterQuerySet(models.QuerySet["Parameter"]):
    def with_values_on(self, day: dt.date | None = None) -> ParameterQuerySet:
        """Parameters with `in_force_list` (none or one value in force on `day`, today by default) and all
        `values`.
        """
        in_force = ParameterValue.objects.in_force(day or timezone.localdate())
        return self.select_related("clause__document").prefetch_related(
            models.Prefetch("values", in_force, to_attr="in_force_list"), "values"
        )

    def in_order(self) -> ParameterQuerySet:
        """By clause as the document has them; what belongs to no clause comes last."""
        return self.order_by("clause__order", "code")


class Parameter(models.Model):
    """A figure by name. Without a confirmed value that covers a day it has no value on that day: never a
    guess.
    """

    code = models.CharField("代码", max_length=80, unique=True)
    label = models.CharField("名称", max_length=120)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    unit = models.CharField("单位", max_length=20, blank=True)
    description = models.TextField("说明", blank=True)
    clause = models.ForeignKey(Clause, models.PROTECT, null=True, blank=True, related_name="parameters")
    # What a table asks for: {row: [columns] or null}, "*" for rows that are numbers (editions of a
    # competition); the codes a list of codes may hold. Empty for every other kind, and for a list whose codes
    # are kept elsewhere.
    cells = models.JSONField("表格项目", default=dict, blank=True)

    database_rights = "read_only"
    objects = ParameterQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "政策参数"

    def __str__(self) -> str:
        return self.label

    @property
    def in_force(self) -> ParameterValue | None:
        """The value found by `with_values_on`."""
        found: list[ParameterValue] = getattr(self, "in_force_list", [])
        return found[0] if found else None


class ParameterValueQuerySet(models.QuerySet["ParameterValue"]):
    def confirmed(self) -> ParameterValueQuerySet:
        return self.filter(confirmed_at__isnull=False)

    def with_people(self) -> ParameterValueQuerySet:
        return self.select_related("entered_by", "confirmed_by")

    def waiting(self) -> ParameterValueQuerySet:
        """Entered, not yet confirmed by a second person."""
        return self.filter(confirmed_at__isnull=True)

    def in_force(self, day: dt.date) -> ParameterValueQuerySet:
        """The values in force on `day`: of each parameter the latest begun, and of those the latest
        confirmed.

        One that has ended, or that says "no value", is not followed by what stood before it, unless it names
        the value it gives way to.
        """
        latest = (
            ParameterValue.objects.confirmed()
            .filter(since__lte=day)
            .order_by("parameter_id", "-since", "-confirmed_at", "-id")
            .distinct("parameter_id")
            .values("id")
        )
        lapsed = ParameterValue.objects.filter(id__in=latest, until__lt=day, gives_way_to__isnull=False)
        base = (
            ParameterValue.objects.confirmed()
            .filter(parameter=OuterRef("parameter"), since__lte=OuterRef("gives_way_to"))
            .order_by("-since", "-confirmed_at", "-id")
            .values("id")[:1]
        )
        resumed = lapsed.annotate(base=models.Subquery(base)).values("base")
        return self.filter(Q(id__in=latest) | Q(id__in=resumed), value__isnull=False).filter(
            Q(until__isnull=True) | Q(until__gte=day)
        )


# Entering and confirming are the only two writes there are; the moment of confirmation is the database's own.
_RULES_OF_WRITING = f"""
IF TG_OP = 'DELETE' THEN
    IF OLD.confirmed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a confirmed parameter value stays' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END IF;
IF TG_OP = 'UPDATE' THEN
    IF OLD.confirmed_at IS NOT NULL OR NEW.confirmed_at IS NULL
       OR to_jsonb(NEW) - 'confirmed_at' - 'confirmed_by_id' IS DISTINCT FROM to_jsonb(OLD) - 'confirmed_at' - 'confirmed_by_id'
    THEN
        RAISE EXCEPTION 'a parameter value is only ever confirmed: enter a new one beside it'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
END IF;
IF NEW.confirmed_at IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock({LAW_LOCK});
    NEW.confirmed_at := clock_timestamp();
END IF;
RETURN NEW;
"""


class ParameterValue(models.Model):
    """A value from a day, until a day or until replaced. Values stand beside each other and are never
    overwritten.

    `value` NULL says that from `since` on there is no value. A value shipped with the release has neither
    person set.
    """

    parameter = models.ForeignKey(Parameter, models.PROTECT, related_name="values")
    value = models.JSONField("取值", null=True, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    # A relaxation is for a time: the first day of the value that holds again when it has ended.
    gives_way_to = models.DateField("期满后恢复自该日起的取值", null=True, blank=True)
    document = models.CharField("来源文件", max_length=160)
    article = models.CharField("条款", max_length=80, blank=True)
    caveat = models.TextField("提示", blank=True)
    caveat_since = models.DateField("提示自", null=True, blank=True, help_text="空表示自始提示")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_at = models.DateTimeField("录入时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)

    objects = ParameterValueQuerySet.as_manager()

    class Meta:
        ordering = ["parameter", "-since", "-confirmed_at", "-id"]
        verbose_name = verbose_name_plural = "参数取值"
        indexes = [models.Index(fields=["confirmed_at"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="value_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                condition=Q(gives_way_to__isnull=True) | Q(until__isnull=False, gives_way_to__lt=F("since")),
                name="value_with_an_end_gives_way_to_an_earlier_one",
                violation_error_message="写明截止日期的取值，期满后才能恢复更早的取值。",
            ),
            models.CheckConstraint(
                condition=Q(entered_by__isnull=True, confirmed_by__isnull=True)
                | Q(entered_by__isnull=False, confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    Q(entered_by__isnull=False, confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirmed_by=F("entered_by"))
                ),
                name="value_confirmed_by_a_second_person",
                violation_error_message="参数取值须由录入人以外的人员复核。",
            ),
            models.CheckConstraint(
                condition=~Q(document=""),
                name="value_has_a_source",
                violation_error_message="须注明来源文件。",
            ),
            # A double click enters nothing twice, and two people do not confirm past each other.
            models.UniqueConstraint(
                fields=["parameter", "since"],
                condition=Q(confirmed_at__isnull=True),
                name="one_value_waits_for_a_day",
                violation_error_message="自该日起的取值已录入一项，正在等待复核。请先复核或撤回，再录入新的取值。",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="rules_of_writing",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_RULES_OF_WRITING,
            )
        ]

    def __str__(self) -> str:
        return f"{self.parameter_id}: {self.since}"
