"""Proposals for direct inclusion, the entries of the registry, and what became of them."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.utils import timezone

from portal.accounts.access import scope
from portal.cases.models import Case
from portal.names import BETWEEN_PARTS, searched_name
from portal.regions.models import Region
from portal.workforce.models import Honour, HonourType, SkillLevel, Worker
from portal.workforce.models.base import Characters, league_of, own_records
from talent_registry.workflow import State


class Basis(models.TextChoices):
    """What clause 一 includes people for; all but the last are categories of honours, without selection."""

    HONOUR = "honour", "荣誉称号"
    SPECIAL_ALLOWANCE = "special_allowance", "政府特殊津贴"
    SCARCE_TALENT = "scarce_talent", "高精尖缺人才认定"
    SELECTION = "selection", "年度遴选"


class ProposalQuerySet(models.QuerySet["InclusionProposal"]):
    def visible_to(self, user: Any) -> ProposalQuerySet:
        """Staff see the proposals of their regions, a worker their own."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "case.view")
        if where.whole:
            return self.all()
        if where.empty:
            return self.filter(worker__in=own_records(user))
        return self.filter(where.q("case__region", "case__league_code"))

    def unsettled(self) -> ProposalQuerySet:
        return self.filter(settled_on__isnull=True)

    def for_list(self) -> ProposalQuerySet:
        """With everything a row of the list shows, in the same query."""
        return self.select_related("case__region__parent", "worker__employer", "honour__type")


class InclusionProposal(models.Model):
    """One worker to be included for one recognition, in one case.

    It rests on a determination that the benefit `registry.direct-inclusion` holds.
    """

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="inclusion")
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="inclusion_proposals")
    basis = models.CharField("依据类别", max_length=20, choices=Basis)
    honour = models.ForeignKey(
        Honour, models.PROTECT, related_name="inclusion_proposals", verbose_name="依据的荣誉"
    )
    determination = models.ForeignKey(
        "policy.Determination", models.PROTECT, related_name="+", verbose_name="认定记录"
    )
    proposed_on = models.DateField("提出日期")
    is_skilled_worker = models.BooleanField("本人属于技术工人", null=True)
    established_how = models.CharField("如何核实", max_length=200, blank=True)
    settled_on = models.DateField("办结日期", null=True)
    # The final state of the case, so that decided ones are listed by an index of their own.
    outcome = models.CharField("办理结果", max_length=24, choices=State, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "纳入建议"
        indexes = [
            models.Index(fields=["worker", "-case"], name="proposal_of_worker"),
            models.Index(
                fields=["basis", "case"], name="proposal_open_by_basis", condition=Q(settled_on__isnull=True)
            ),
            models.Index(fields=["outcome", "-case"], name="proposal_by_outcome", condition=~Q(outcome="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker"],
                condition=Q(settled_on__isnull=True),
                name="one_open_proposal_a_worker",
                violation_error_message="该人员已有正在办理的纳入建议。",
            ),
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True, outcome="")
                | (Q(settled_on__isnull=False) & ~Q(outcome="")),
                name="settled_proposal_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=Q(is_skilled_worker__isnull=True) | ~Q(established_how=""),
                name="skilled_worker_established_somehow",
                violation_error_message="须写明如何核实本人属于技术工人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} {self.honour}"


class Status(models.TextChoices):
    ACTIVE = "active", "有效"
    SUSPENDED = "suspended", "暂停"
    REMOVED = "removed", "移出"


class CountedFrom(models.TextChoices):
    """The day to count from until inclusion: when the honour was given, or, where unknown, verified."""

    CONFERRED = "conferred", "授予日期"
    VERIFIED = "verified", "核实日期"


_ON_THE_LIST = ~Q(status=Status.REMOVED)
# The order of every list of entries.
NEWEST_FIRST = ("-included_on", "-id")


class EntryQuerySet(models.QuerySet["RegistryEntry"]):
    def public(self, *, removed: bool = False) -> EntryQuerySet:
        """What the published list shows: everybody who has not been removed, newest first.

        With `removed` also those who were: anybody may learn by its number that an entry was removed, and by
        which document.
        """
        entries = self.all() if removed else self.filter(_ON_THE_LIST)
        return entries.newest_first()

    def newest_first(self) -> EntryQuerySet:
        """By the day of inclusion; whoever was entered later that day stands before."""
        return self.order_by(*NEWEST_FIRST)

    def visible_to(self, user: Any) -> EntryQuerySet:
        """Staff see all entries of their regions, a worker their own, others what is published."""
        if not user.is_authenticated:
            return self.public()
        where = scope(user, "case.view")
        if where.whole:
            return self.all()
        if where.empty:
            return self.filter(worker__in=own_records(user))
        return self.filter(where.q("region", "league_code"))

    def for_list(self) -> EntryQuerySet:
        """With everything a row of the list shows, in the same query."""
        return self.select_related("region__parent", "selection").defer("selection__scheme")

    def named(self, part: str) -> EntryQuerySet:
        """Whose published name contains `part`, one or two characters included."""
        part = searched_name(part)
        letters = [letter for letter in part if letter not in BETWEEN_PARTS] or list(part)
        entries = self.alias(name_characters=Characters("name"))
        entries = entries.filter(name_characters__contains=letters)  # type: ignore[misc]
        # As for workers: one character has no order, and asked for twice the planner would guess far too few.
        if len(letters) > 1:
            # What was published stays as it was spelled then: with another dot, or a space.
            between = f"[{re.escape(BETWEEN_PARTS)}]*"
            entries = entries.filter(name__regex=between.join(map(re.escape, letters)))
        return entries


def _indexes_by(size: int) -> list[models.Index]:
    """An index of the published list for every so many of its filters."""
    indexes = []
    for fields in combinations(("year", "league_code", "occupation", "honour_type"), size):
        words = [field.partition("_")[0] for field in fields]
        index = models.Index(
            fields=[*fields, *NEWEST_FIRST],
            condition=_ON_THE_LIST,
            name=f"entry_by_{'_'.join(words)}",
        )
        indexes.append(index)
    return indexes


class RegistryEntry(models.Model):
    """One inclusion, as published: what was decided that day; only the status changes later.

    What was published wrongly of the person is corrected by two people (models/corrections.py). Of the ID number
    only the masked form is kept. The database checks that every entry has a confirmed case behind it, that nothing
    else changes, that every change has its record (guards.py, all_fields_guards.py), and that who stands here, and
    nobody else, is a leading talent in the facts (attestation_guards.py).
    """

    number = models.CharField("名录编号", max_length=24, unique=True)
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="registry_entries")
    case = models.OneToOneField(Case, models.PROTECT, related_name="registry_entry")
    determination = models.ForeignKey(
        "policy.Determination", models.PROTECT, related_name="+", verbose_name="认定记录"
    )
    confirmed_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="确认人")
    included_on = models.DateField("纳入日期")
    year = models.GeneratedField(
        expression=ExtractYear("included_on"),
        output_field=models.SmallIntegerField("年度"),
        db_persist=True,
        verbose_name="年度",
    )
    published_at = models.DateTimeField("公布时间", default=timezone.now)
    # Why: the basis in law, and the recognition as it was then.
    basis = models.CharField("依据类别", max_length=20, choices=Basis)
    policy_number = models.CharField("政策文号", max_length=80)
    clause = models.CharField("条款", max_length=4)
    # Empty for those who were selected: then `selection` says in which year.
    honour = models.ForeignKey(Honour, models.PROTECT, null=True, related_name="registry_entries")
    honour_type = models.ForeignKey(
        HonourType, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="荣誉"
    )
    honour_name = models.CharField("荣誉名称", max_length=60, blank=True)
    honour_year = models.PositiveSmallIntegerField("荣誉年度", null=True)
    honour_document = models.CharField("荣誉文号", max_length=80, blank=True)
    selection = models.ForeignKey(
        "talent_registry.SelectionRound",
        models.PROTECT,
        null=True,
        related_name="entries",
        verbose_name="年度遴选",
    )
    # Who, as published.
    name = models.CharField("姓名", max_length=60)
    id_shown = models.CharField("证件号码（已遮盖）", max_length=18)
    region = models.ForeignKey(
        Region, models.PROTECT, db_index=False, related_name="+", verbose_name="工作地"
    )
    league_code = league_of("region_id")
    employer_name = models.CharField("单位", max_length=120, blank=True)
    occupation = models.CharField("职业（工种）", max_length=60, blank=True)
    skill_level = models.SmallIntegerField("技能等级", choices=SkillLevel, default=SkillLevel.NONE)
    # How long it took, in calendar days.
    counted_from = models.CharField("计算起点", max_length=12, choices=CountedFrom, blank=True)
    counted_from_on = models.DateField("起点日期", null=True)
    days_from_honour = models.PositiveIntegerField("从荣誉到纳入的天数", null=True)
    # From the proposal to the decision: what the office itself took. Empty for those who were selected.
    days_of_handling = models.IntegerField("从提出到确认的天数", null=True)

    status = models.CharField("状态", max_length=12, choices=Status, default=Status.ACTIVE)
    status_since = models.DateField("状态自")
    # How many changes of status there are; each one adds one, and has its record.
    version = models.PositiveSmallIntegerField(default=0)
    # How many times the published row was corrected; each one has its record.
    corrections_made = models.PositiveSmallIntegerField(default=0, db_default=0)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = NEWEST_FIRST
        verbose_name = verbose_name_plural = "名录"
        # The published list is asked for by any combination of four filters, newest first. One index for each
        # filter and each pair, with the order of the list behind it: a third filter then looks at few rows,
        # whichever pair is the rarest.
        indexes = [
            models.Index(fields=NEWEST_FIRST, name="entry_published", condition=_ON_THE_LIST),
            *_indexes_by(1),
            *_indexes_by(2),
            # Few rest on anything but an honour; whatever else is asked of those is looked for among them.
            models.Index(fields=["basis", *NEWEST_FIRST], name="entry_by_basis", condition=_ON_THE_LIST),
            models.Index(fields=NEWEST_FIRST, name="entry_suspended", condition=Q(status=Status.SUSPENDED)),
            models.Index(fields=NEWEST_FIRST, name="entry_removed", condition=Q(status=Status.REMOVED)),
            models.Index(fields=["region", *NEWEST_FIRST], name="entry_of_region"),
            models.Index(fields=["league_code", *NEWEST_FIRST], name="entry_of_league"),
            # Everything the page of days asks for, so that it reads the index alone.
            models.Index(
                fields=["league_code", "counted_from", "days_from_honour", "days_of_handling", "year"],
                name="entry_days",
                condition=~Q(basis=Basis.SELECTION),
            ),
            GinIndex(Characters("name"), name="entry_name_characters", fastupdate=False),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["worker"],
                condition=_ON_THE_LIST,
                name="one_live_entry_a_worker",
                violation_error_message="该人员已在名录中。",
            ),
            models.CheckConstraint(
                condition=Q(days_from_honour__isnull=True, counted_from_on__isnull=True, counted_from="")
                | Q(days_from_honour__gte=0, counted_from_on__lte=F("included_on")) & ~Q(counted_from=""),
                name="days_are_counted_from_a_day",
            ),
            models.CheckConstraint(
                condition=Q(basis="selection", selection__isnull=False, honour__isnull=True)
                | ~Q(basis="selection")
                & Q(selection__isnull=True, honour__isnull=False, honour_year__isnull=False),
                name="entry_rests_on_an_honour_or_a_selection",
            ),
            # Never digits 7 to 14, nor anything but the ending.
            models.CheckConstraint(
                condition=Q(id_shown__regex=r"^\*{14}[0-9]{3}[0-9X]$"), name="id_number_is_masked"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def on_the_list(self) -> bool:
        return self.status != Status.REMOVED

    @property
    def id_tail(self) -> str:
        """The last four characters of the ID number."""
        return self.id_shown[-4:]

    @property
    def ground(self) -> str:
        """What it rests on, for a row of a list: the honour with its year, or the year of the selection."""
        if self.selection:
            return f"{self.selection.year}年度遴选"
        return self.honour_name

    @property
    def law(self) -> str:
        """The basis of inclusion and publication, as a document cites it."""
        return f"{self.policy_number}第（{self.clause}）条"


class StatusChange(models.Model):
    """A change of an entry's status, with the document that orders it.

    Numbered per entry, never changed or removed.
    """

    entry = models.ForeignKey(RegistryEntry, models.PROTECT, related_name="changes")
    position = models.PositiveSmallIntegerField()
    from_status = models.CharField("原状态", max_length=12, choices=Status)
    to_status = models.CharField("现状态", max_length=12, choices=Status)
    document = models.CharField("决定文号", max_length=120)
    reason = models.CharField("理由", max_length=500)
    on = models.DateField("生效日期")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("登记时间", default=timezone.now)

    database_rights = "append_only"

    class Meta:
        ordering = ["entry", "position"]
        verbose_name = verbose_name_plural = "名录状态变更"
        constraints = [
            models.UniqueConstraint(fields=["entry", "position"], name="one_status_change_at_a_position"),
            models.CheckConstraint(
                condition=~Q(document="") & ~Q(reason=""),
                name="status_change_has_its_document",
                violation_error_message="状态变更须有决定文号和理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.get_to_status_display()}"
