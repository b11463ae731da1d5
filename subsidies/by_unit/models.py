"""A file by which a unit puts claims forward for its people, its rows, and the proposal that came of a good one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal import sealed_files
from portal.accounts.access import scope
from portal.cases.models import Case
from portal.fields import EncryptedTextField
from portal.workforce.models import Employer, SkillCredential, Worker
from portal.workforce.subjects import CERTIFICATE
from subsidies.models.claims import TRAINING, CompletedTraining


class FilePhase(models.TextChoices):
    RECEIVED = "received", "正在核对"
    CHECKED = "checked", "待确认"
    CONFIRMED = "confirmed", "正在提出"
    DONE = "done", "已提出"
    FAILED = "failed", "未完成"


class ClaimFileQuerySet(models.QuerySet["ClaimFile"]):
    def visible_to(self, user: Any) -> ClaimFileQuerySet:
        """The window sees those of the units of its place, an agent those of the units acted for."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "claim.take_in")
        if where.empty:
            return self.filter(unit__in=Employer.objects.acted_for_by(user))
        return self.filter(where.q("unit__region", "unit__league_code"))


class ClaimFile(models.Model):
    """A spreadsheet that a unit, or the window for a unit, gave in."""

    unit = models.ForeignKey(Employer, models.PROTECT, related_name="claim_files", verbose_name="用人单位")
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="提交人")
    file_name = models.CharField("文件", max_length=100)
    suffix = models.CharField(max_length=8)
    fingerprint = models.CharField("SHA-256", max_length=64)
    job = models.ForeignKey("jobs.Job", models.PROTECT, null=True, related_name="+")
    phase = models.CharField("进度", max_length=12, choices=FilePhase, default=FilePhase.RECEIVED)
    message = models.CharField("说明", max_length=600, blank=True)
    rows_read = models.PositiveIntegerField("读取", default=0)
    good = models.PositiveIntegerField("可以提出", default=0)
    # Put forward by the unit before, and not lapsed.
    known = models.PositiveIntegerField("已提出过", default=0)
    refused = models.PositiveIntegerField("未通过", default=0)
    has_refused_file = models.BooleanField(default=False)
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    source_deleted_at = models.DateTimeField(null=True)

    objects = ClaimFileQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "单位批量申请"
        indexes = [models.Index(fields=["unit", "-id"], name="claim_file_of_unit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows_read=F("good") + F("known") + F("refused")), name="claim_file_rows_add_up"
            ),
            models.CheckConstraint(
                condition=~Q(phase__in=["confirmed", "done"]) | Q(confirmed_at__isnull=False),
                name="a_claim_file_is_confirmed_first",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        return sealed_files.path_of(f"claim_files/{self.pk}")

    # As portal.sealed_files calls them, which encrypts them.
    @property
    def source_file(self) -> str:
        return f"claim_files/{self.pk}/source{self.suffix}"

    @property
    def refused_file(self) -> str:
        return f"claim_files/{self.pk}/refused{self.suffix}"


class RowOutcome(models.TextChoices):
    GOOD = "good", "可以提出"
    KNOWN = "known", "已提出过"
    REFUSED = "refused", "未通过"


class ClaimFileRow(models.Model):
    """A row as the unit gave it, the number masked, and what came of it. Nothing of the register is copied here."""

    file = models.ForeignKey(ClaimFile, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField("行")
    name = models.CharField("姓名", max_length=60, blank=True)
    number = models.CharField("证件号码", max_length=20, blank=True)
    certificate = models.CharField("证书", max_length=160, blank=True)
    kind = models.CharField("补贴", max_length=48, blank=True)
    outcome = models.CharField("结果", max_length=8, choices=RowOutcome)
    said = models.CharField("说明", max_length=300, blank=True)
    worker = models.ForeignKey(Worker, models.SET_NULL, null=True, related_name="+")
    credential = models.ForeignKey(SkillCredential, models.SET_NULL, null=True, related_name="+")
    training = models.ForeignKey(CompletedTraining, models.SET_NULL, null=True, related_name="+")
    # What the unit says where the money should go; gone once the person has answered.
    bank = models.CharField("开户银行", max_length=80, blank=True)
    account_number = EncryptedTextField("银行账号", bound_to=("file_id", "line"), null=True)

    class Meta:
        ordering = ["file", "line"]
        verbose_name = verbose_name_plural = "批量申请名单行"
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="one_row_of_a_line")]

    def __str__(self) -> str:
        return f"{self.file_id} {self.line}"

    @property
    def subject(self) -> SkillCredential | CompletedTraining | None:
        """The certificate or the training that is meant, where it was found."""
        return self.credential or self.training


class ClaimProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Any) -> ClaimProposalQuerySet:
        """Whoever sees the case: the person, and the office. The unit sees its file, and the stage of each row."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def waiting(self) -> ClaimProposalQuerySet:
        return self.filter(claim__isnull=True, lapsed=False, case__closed_at__isnull=True)


class Proposal(models.Model):
    """A claim that a unit put forward for somebody, beside its case. It becomes a claim when the person agrees."""

    case = models.OneToOneField(Case, models.PROTECT, primary_key=True, related_name="proposal")
    row = models.OneToOneField(ClaimFileRow, models.PROTECT, related_name="proposal")
    unit = models.ForeignKey(Employer, models.PROTECT, related_name="+", verbose_name="用人单位")
    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="claim_proposals", verbose_name="技术工人"
    )
    credential = models.ForeignKey(
        SkillCredential, models.PROTECT, null=True, related_name="claim_proposals", verbose_name="技能证书"
    )
    training = models.ForeignKey(
        CompletedTraining, models.PROTECT, null=True, related_name="claim_proposals", verbose_name="培训结业"
    )
    kind = models.CharField("补贴", max_length=48)
    consent_until = models.DateField("确认截止日期")
    # Nobody answered in time: it may be put forward again.
    lapsed = models.BooleanField("逾期未确认", default=False)
    claim = models.OneToOneField(
        "subsidies.Claim", models.PROTECT, null=True, related_name="proposal", verbose_name="补贴申请"
    )

    objects = ClaimProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位代为提出的申请"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "credential"], condition=Q(lapsed=False), name="a_unit_proposes_once"
            ),
            models.UniqueConstraint(
                fields=["unit", "training"], condition=Q(lapsed=False), name="a_unit_proposes_a_training_once"
            ),
            models.CheckConstraint(
                condition=Q(credential__isnull=False, training__isnull=True)
                | Q(credential__isnull=True, training__isnull=False),
                name="a_proposal_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(lapsed=False) | Q(claim__isnull=True), name="a_lapsed_proposal_is_no_claim"
            ),
        ]
        indexes = [
            models.Index(
                fields=["consent_until"],
                name="proposal_to_lapse",
                condition=Q(lapsed=False, claim__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return str(self.case)

    @property
    def subject_kind(self) -> str:
        return CERTIFICATE if self.training_id is None else TRAINING

    @property
    def subject_id(self) -> int:
        number = self.credential_id if self.training_id is None else self.training_id
        assert number is not None  # noqa: S101  the database holds it
        return number

    @property
    def subject(self) -> SkillCredential | CompletedTraining:
        """The certificate or the training that was put forward."""
        record = self.credential if self.training_id is None else self.training
        assert record is not None  # noqa: S101  the database holds it
        return record

    @property
    def certificate_words(self) -> str:
        """What it rests on, before the word 证书."""
        return str(self.subject) if self.training_id is None else f"{self.subject}结业"


# Beside a claim that may be seen: who sees it sees which unit put it forward.
OF_A_CLAIM = models.Prefetch("proposal", Proposal.objects.select_related("unit", "case"))
