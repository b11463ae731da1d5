"""Imports of rosters, and names that a roster gives differently from the register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from portal import sealed_files
from portal.accounts.access import scope
from portal.jobs.models import Job
from portal.workforce.models.people import Employer, Worker


class Phase(models.TextChoices):
    LOOKING = "looking", "打开文件"
    PREVIEWED = "previewed", "待核对"
    HANDED_IN = "handed_in", "待窗口确认"
    RECEIVED = "received", "等待处理"
    READING = "reading", "逐行核对"
    MERGING = "merging", "写入档案"
    DONE = "done", "已完成"
    FAILED = "failed", "未导入"
    DISCARDED = "discarded", "已放弃"
    UNDONE = "undone", "已撤销"
    RETURNED = "returned", "已退回"


# What the window sees of a unit's roster begins when it was handed in.
_WITH_THE_UNIT = (Phase.LOOKING, Phase.PREVIEWED, Phase.DISCARDED)


class RosterImportQuerySet(models.QuerySet["RosterImport"]):
    def visible_to(self, user: Any) -> RosterImportQuerySet:
        """One's own, of who still imports; those of a unit for its agents, and for the window of its place once they
        were handed in: the file and its refused rows are personal data of many.
        """
        if not user.is_authenticated:
            return self.none()
        seen = Q(unit__in=Employer.objects.acted_for_by(user).values("pk"))
        where = scope(user, "roster.import")
        if not where.empty:
            handed_in = Q(unit__isnull=False) & ~Q(phase__in=_WITH_THE_UNIT)
            seen |= Q(by=user, unit=None) | (handed_in & where.q("unit__region", "unit__league_code"))
        return self.filter(seen)

    def own_of(self, user: Any) -> RosterImportQuerySet:
        """What the account itself imports, of no unit's handing in."""
        return self.filter(by=user, unit=None)

    def handed_in(self) -> RosterImportQuerySet:
        """Of units, waiting for the window."""
        return self.filter(phase=Phase.HANDED_IN)


class RosterImport(models.Model):
    """One file given in. Each row read ends in exactly one of the five counts below."""

    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="roster_import")
    by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="导入人"
    )
    # Given in by an agent of this unit; the window of its place confirms that it is read in.
    unit = models.ForeignKey(
        Employer, models.PROTECT, null=True, related_name="roster_imports", verbose_name="报送单位"
    )
    handed_in_at = models.DateTimeField("报送时间", null=True)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    file_name = models.CharField("文件名", max_length=100)
    suffix = models.CharField(max_length=5, choices=[(".csv", "CSV"), (".xlsx", "Excel")])
    # SHA-256 of the file: a second click on "upload" finds the first one.
    fingerprint = models.CharField(max_length=64)
    phase = models.CharField("阶段", max_length=12, choices=Phase, default=Phase.RECEIVED)
    message = models.CharField("说明", max_length=600, blank=True)
    # How it is to be read, as portal.spreadsheets.layout.Layout writes it.
    layout = models.JSONField("读取方式", default=dict, db_default=Value({}, models.JSONField()))
    rows_read = models.PositiveIntegerField("读取", default=0)
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    # Nothing was written of them, and something was proposed (portal.workforce.roster.proposals).
    proposed = models.PositiveIntegerField("待确认", default=0, db_default=0)
    unchanged = models.PositiveIntegerField("无变化", default=0)
    refused = models.PositiveIntegerField("未通过", default=0)
    # Of the refused: held until somebody decides on the name.
    held = models.PositiveIntegerField("姓名待核对", default=0)
    # Occupations that stand in no line of the catalogue, each with its rows: taken, and said.
    unlisted = models.JSONField("未列入职业目录", default=list, db_default=Value([], models.JSONField()))
    has_refused_file = models.BooleanField(default=False)
    # Of rows that were put right on a page: the import that had refused them.
    mends = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="mended_by", verbose_name="更正的导入"
    )
    # Lines of the file of refused rows that were put right on a page.
    mended = models.JSONField("已更正的行", default=list, db_default=Value([], models.JSONField()))
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    # Set in the transaction that writes the people: a repeated job sees that nothing is left to do.
    merged_at = models.DateTimeField("写入时间", null=True)
    source_deleted_at = models.DateTimeField(null=True)
    # The moment of that transaction, which every record and every history that it wrote carries.
    written_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="撤销人"
    )
    undo_reason = models.CharField("撤销理由", max_length=200, blank=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "花名册导入"
        indexes = [
            models.Index(fields=["by", "-id"], name="roster_import_by_person"),
            models.Index(
                fields=["created_at"],
                name="roster_file_to_delete",
                condition=Q(source_deleted_at__isnull=True),
            ),
            models.Index(fields=["unit", "-id"], name="roster_handed_in", condition=Q(phase="handed_in")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rows_read=F("added") + F("changed") + F("proposed") + F("unchanged") + F("refused"),
                    held__lte=F("refused"),
                ),
                name="roster_rows_add_up",
            ),
            models.CheckConstraint(
                condition=(~Q(phase="undone") & Q(undone_at__isnull=True, undone_by__isnull=True))
                | (Q(phase="undone", undone_at__isnull=False, undone_by__isnull=False) & ~Q(undo_reason="")),
                name="undone_roster_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def importer(self) -> Any:
        """In whose name it is read in, and within whose reach: the window's, of what a unit gave in."""
        return self.confirmed_by if self.unit_id is not None else self.by

    @property
    def source(self) -> str:
        """What records say of where they come from."""
        return f"花名册 {self.file_name}"

    @property
    def folder(self) -> Path:
        return sealed_files.path_of(f"roster/{self.pk}")

    # As portal.sealed_files calls them, which encrypts them.
    @property
    def source_file(self) -> str:
        return f"roster/{self.pk}/source{self.suffix}"

    @property
    def preview_file(self) -> str:
        return f"roster/{self.pk}/preview.json"

    @property
    def refused_file(self) -> str:
        return f"roster/{self.pk}/refused{self.suffix}"

    @property
    def source_path(self) -> Path:
        return sealed_files.path_of(self.source_file)

    @property
    def refused_path(self) -> Path:
        return sealed_files.path_of(self.refused_file)


class RosterColumns(models.Model):
    """What the tables of a unit, or those that an office is brought, call the columns of a roster."""

    unit = models.OneToOneField(
        "workforce.Employer", models.CASCADE, null=True, related_name="roster_columns", verbose_name="单位"
    )
    office = models.OneToOneField(
        "regions.Region", models.CASCADE, null=True, related_name="roster_columns", verbose_name="地区"
    )
    # {label: key of a column, or "" for one that is not read}
    names = models.JSONField("列名", default=dict)
    updated_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField("更新时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "花名册列名"
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, office__isnull=True)
                | Q(unit__isnull=True, office__isnull=False),
                name="columns_of_a_unit_or_an_office",
            )
        ]

    def __str__(self) -> str:
        return str(self.unit or self.office)


class NameDecision(models.TextChoices):
    KEEP = "keep", "保留登记姓名"
    REPLACE = "replace", "改为花名册姓名"


class NameConflictQuerySet(models.QuerySet["NameConflict"]):
    def visible_to(self, user: Any) -> NameConflictQuerySet:
        """Whoever decides upon names where the worker is registered."""
        where = scope(user, "worker.conflict.decide") if user.is_authenticated else None
        if where is None or where.empty:
            return self.none()
        return self.filter(where.q("worker__work_region", "worker__league_code"))

    def open(self) -> NameConflictQuerySet:
        return self.filter(decision="")


class NameConflict(models.Model):
    """A roster names somebody differently than the register. The register stays as it is until somebody has
    decided.
    """

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="name_conflicts")
    roster_import = models.ForeignKey(RosterImport, models.PROTECT, related_name="name_conflicts", null=True)
    registered_name = models.CharField("登记姓名", max_length=60)
    roster_name = models.CharField("花名册姓名", max_length=60)
    raised_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="导入人"
    )
    raised_at = models.DateTimeField("提出时间", default=timezone.now)
    decision = models.CharField("处理结果", max_length=8, choices=NameDecision, blank=True)
    reason = models.CharField("依据", max_length=200, blank=True)
    decided_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="处理人"
    )
    decided_at = models.DateTimeField("处理时间", null=True)

    objects = NameConflictQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "姓名不一致"
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "roster_name"], condition=Q(decision=""), name="one_open_name_conflict"
            ),
            models.CheckConstraint(
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(decision="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="decided_name_has_a_person",
            ),
            models.CheckConstraint(
                condition=Q(raised_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(decided_by=F("raised_by")),
                name="name_decided_by_another",
                violation_error_message="导入人不能处理自己导入的姓名差异。",
            ),
        ]
        indexes = [
            models.Index(fields=["worker", "id"], name="open_name_conflicts", condition=Q(decision=""))
        ]

    def __str__(self) -> str:
        return f"{self.registered_name} / {self.roster_name}"
