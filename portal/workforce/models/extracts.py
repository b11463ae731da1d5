"""Extracts of official registers, what they cover, and since when claims of a place are decided here."""

# ruff: noqa: S608 - text of triggers is put together from names of columns

from __future__ import annotations

from pathlib import Path
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from portal import sealed_files
from portal.accounts.access import scope
from portal.jobs.models import Job
from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.workforce.models.base import league_of, worker_scope
from portal.workforce.models.credentials import SkillCredential
from portal.workforce.models.people import Worker

PERMISSION = "record.extract"


class Extracted(models.TextChoices):
    """What an extract is about: each has its columns and its way into the records."""

    INSURANCE = "insurance", "失业保险参保缴费"
    CLAIMS = "claims", "以往补贴发放"
    CERTIFICATES = "certificates", "证书全国联网查询结果"


class ExtractPhase(models.TextChoices):
    RECEIVED = "received", "等待核对"
    READING = "reading", "正在核对"
    EXAMINED = "examined", "待确认写入"
    CONFIRMED = "confirmed", "等待写入"
    MERGING = "merging", "正在写入"
    DONE = "done", "已写入"
    FAILED = "failed", "未写入"


class InPlaces(models.QuerySet[models.Model]):
    def visible_to(self, user: Any) -> Any:
        """Those of the places in which the user gives extracts in."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(scope(user, PERMISSION).q("place", "league_code"))


class OfCredential(models.QuerySet["CertificateAnswer"]):
    def visible_to(self, user: Any) -> Any:
        """Answers about a worker's certificates are visible to whoever may see the worker."""
        return self.filter(worker_scope(user, "credential__worker__"))


# What came of it stands; taken back is only that it covers anything, once. What the database draws by itself is not
# there yet.
_BESIDE = "'{withdrawn_at,withdrawn_by_id,withdrawn_for,changed_at,has_refused_file,source_deleted_at,job_id,league_code}'"
_STANDS = f"""
IF TG_OP = 'DELETE' THEN
    IF OLD.merged_at IS NULL THEN RETURN OLD; END IF;
ELSIF OLD.merged_at IS NULL THEN
    IF NEW.phase = 'merging' THEN
        NEW.merging_in := pg_current_xact_id()::text::bigint;
    END IF;
    RETURN NEW;
ELSIF to_jsonb(NEW) - {_BESIDE}::text[] = to_jsonb(OLD) - {_BESIDE}::text[]
    AND (OLD.withdrawn_at IS NULL OR (NEW.withdrawn_at, NEW.withdrawn_by_id, NEW.withdrawn_for)
         IS NOT DISTINCT FROM (OLD.withdrawn_at, OLD.withdrawn_by_id, OLD.withdrawn_for))
THEN
    RETURN NEW;
END IF;
RAISE EXCEPTION 'an extract that was taken in stands as it is' USING ERRCODE = 'check_violation';
"""


class RegisterExtract(models.Model):
    """A file with what an official register says as of a day, and what of the register it covers: a place, of
    claims one fund, from a day until a day.
    """

    kind = models.CharField("类别", max_length=16, choices=Extracted)
    register = models.CharField("登记库名称", max_length=60)
    as_of = models.DateField("摘录日期")
    place = models.ForeignKey(Region, models.PROTECT, verbose_name="覆盖地区", related_name="+")
    league_code = league_of("place_id")
    fund = models.CharField("资金", max_length=32, choices=FUNDS, blank=True)
    covers_from = models.DateField("覆盖起始日")
    covers_until = models.DateField("覆盖截止日")
    file_name = models.CharField("文件名", max_length=100)
    suffix = models.CharField(max_length=5, choices=[(".csv", "CSV"), (".xlsx", "Excel")])
    fingerprint = models.CharField("文件摘要", max_length=64)
    by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="提交人")
    created_at = models.DateTimeField("提交时间", default=timezone.now)
    job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="register_extract")
    phase = models.CharField("阶段", max_length=12, choices=ExtractPhase, default=ExtractPhase.RECEIVED)
    message = models.CharField("说明", max_length=600, blank=True)
    # The first rows as they were understood, for the page on which they are confirmed.
    understood = models.JSONField(default=list, blank=True, db_default=Value([], models.JSONField()))
    rows_read = models.PositiveIntegerField("读取", default=0)
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("相同", default=0)
    refused = models.PositiveIntegerField("未写入", default=0)
    # Of the refused: of nobody whom the register knows, or whom the officer is responsible for. Any other one
    # leaves a gap.
    elsewhere = models.PositiveIntegerField("其中无档案或不在本地区", default=0)
    has_refused_file = models.BooleanField(default=False)
    # The transaction that writes the records, while it does: the database asks for it.
    merging_in = models.BigIntegerField(editable=False, null=True)
    merged_at = models.DateTimeField("写入时间", null=True)
    # Whoever came into the register, or to the place, later is not covered by it.
    people_until = models.DateTimeField(null=True)
    source_deleted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField("撤回覆盖声明时间", null=True)
    withdrawn_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="撤回人"
    )
    withdrawn_for = models.CharField("撤回理由", max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = InPlaces.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "登记库摘录"
        constraints = [
            models.CheckConstraint(
                condition=Q(covers_until__gte=F("covers_from")) & Q(covers_until__lte=F("as_of")),
                name="extract_covers_until_its_day",
                violation_error_message="覆盖截止日不能早于起始日，也不能晚于摘录日期。",
            ),
            models.CheckConstraint(
                condition=(Q(kind=Extracted.CLAIMS) & ~Q(fund="")) | (~Q(kind=Extracted.CLAIMS) & Q(fund="")),
                name="extract_of_claims_names_a_fund",
            ),
            models.CheckConstraint(
                condition=Q(rows_read=F("added") + F("changed") + F("unchanged") + F("refused"))
                & Q(elsewhere__lte=F("refused")),
                name="extract_rows_add_up",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_for="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_for="")),
                name="withdrawn_extract_says_why",
            ),
            models.UniqueConstraint(
                fields=["kind", "fingerprint"],
                # Whose coverage was stated wrongly is given in again with the right one.
                condition=Q(merged_at__isnull=False, withdrawn_at__isnull=True),
                name="an_extract_is_taken_in_once",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_STANDS,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.register}（{self.as_of}）"

    @property
    def covers(self) -> bool:
        """Whether what it covers counts: it is taken in, nothing of it is missing, and nobody took it back."""
        return self.merged_at is not None and self.refused == self.elsewhere and self.withdrawn_at is None

    @property
    def source(self) -> str:
        """What records say of where they come from."""
        return f"登记库摘录：{self.register}（{self.as_of}）"

    @property
    def folder(self) -> Path:
        return sealed_files.path_of(f"extracts/{self.pk}")

    # As portal.sealed_files calls them, which encrypts them.
    @property
    def source_file(self) -> str:
        return f"extracts/{self.pk}/source{self.suffix}"

    @property
    def refused_file(self) -> str:
        return f"extracts/{self.pk}/refused{self.suffix}"


_DECIDING = "'{until,confirmed_by_id,confirmed_at,ended_by_id,changed_at,league_code}'"
_BY_TWO = f"""
IF TG_OP = 'INSERT' THEN
    -- Without people only whoever installs the portal writes it.
    IF (NEW.stated_by_id IS NULL OR NEW.confirmed_by_id IS NOT NULL) AND NOT pg_has_role(
        current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER'
    ) THEN
        RAISE EXCEPTION 'what is decided here is stated by one and confirmed by another'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END IF;
IF TG_OP = 'DELETE' AND OLD.confirmed_at IS NULL THEN
    RETURN OLD;
END IF;
IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - {_DECIDING}::text[] = to_jsonb(OLD) - {_DECIDING}::text[]
   AND (OLD.confirmed_at IS NULL OR (NEW.confirmed_by_id, NEW.confirmed_at)
        IS NOT DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at))
   AND (OLD.until IS NULL OR NEW.until <= OLD.until) THEN
    RETURN NEW;
END IF;
RAISE EXCEPTION 'since when claims are decided here stands as it is' USING ERRCODE = 'check_violation';
"""


class DecidedHere(models.Model):
    """From a day on every claim of a place on a fund is decided in this portal, which so knows them all. Stated
    by one officer, and counts once another one has confirmed it.
    """

    place = models.ForeignKey(Region, models.PROTECT, verbose_name="地区", related_name="+")
    league_code = league_of("place_id")
    fund = models.CharField("资金", max_length=32, choices=FUNDS)
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    basis = models.CharField("依据", max_length=160)
    stated_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="提出人"
    )
    stated_at = models.DateTimeField("提出时间", default=timezone.now)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True)
    ended_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="终止人"
    )
    changed_at = models.DateTimeField(auto_now=True)

    objects = InPlaces.as_manager()

    class Meta:
        ordering = ["place_id", "fund", "since", "id"]
        verbose_name = verbose_name_plural = "本系统办理起始"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="decided_here_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("stated_by")),
                name="decided_here_is_confirmed_by_another",
                violation_error_message="提出人不能确认自己提出的声明。",
            ),
            models.UniqueConstraint(
                fields=["place", "fund"],
                condition=Q(until__isnull=True),
                name="one_open_statement_of_a_place",
                violation_error_message="该地区、该资金已有一项声明。",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="by_two",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_BY_TWO,
            )
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.get_fund_display()} {self.since}"


class Aging(models.TextChoices):
    """What becomes too old to decide by."""

    CLAIMS = "claims", "以往补贴"
    INSURANCE = "insurance", "失业保险信息"
    CERTIFICATES = "certificates", "证书联网查询结果"


class FigureAge(models.Model):
    """How many days old a figure of a register may be, from a day on."""

    what = models.CharField("信息", max_length=16, choices=Aging)
    days = models.PositiveSmallIntegerField("天数")
    since = models.DateField("自")
    source = models.CharField("依据", max_length=160)
    is_sample = models.BooleanField("示例", default=False)
    changed_at = models.DateTimeField("更新时间", auto_now=True)

    class Meta:
        ordering = ["what", "-since"]
        verbose_name = verbose_name_plural = "信息时效"
        constraints = [models.UniqueConstraint(fields=["what", "since"], name="one_age_from_a_day")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} {self.days}天"


class CertificateAnswer(models.Model):
    """What the national query last said of a certificate: that it is there, or is not."""

    credential = models.OneToOneField(
        SkillCredential, models.CASCADE, primary_key=True, related_name="national_answer"
    )
    found = models.BooleanField("查到")
    as_of = models.DateField("查询日期")
    extract = models.ForeignKey(
        RegisterExtract, models.PROTECT, null=True, related_name="+", verbose_name="登记库摘录"
    )

    objects = OfCredential.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "证书联网查询结果"

    def __str__(self) -> str:
        return f"{'查到' if self.found else '未查到'}（{self.as_of}）"


class StatedAnswer(models.Model):
    """What somebody read of a certificate in the national query, with a picture of it; it becomes the answer once another
    person has compared them.
    """

    credential = models.ForeignKey(SkillCredential, models.CASCADE, related_name="stated_answers")
    found = models.BooleanField("查到")
    as_of = models.DateField("查询日期")
    picture = models.ForeignKey(
        "workforce.RecordDocument", models.PROTECT, related_name="+", verbose_name="查询页面截图"
    )
    stated_by = models.ForeignKey("accounts.User", models.PROTECT, related_name="+", verbose_name="登记人")
    stated_at = models.DateTimeField("登记时间", default=timezone.now)
    judged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    judged_at = models.DateTimeField("复核时间", null=True)
    agrees = models.BooleanField("与截图一致", null=True)

    objects = OfCredential.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人工登记的查询结果"
        constraints = [
            models.UniqueConstraint(
                fields=["credential"],
                condition=Q(judged_at__isnull=True),
                name="one_stated_answer_waits",
                violation_error_message="这本证书已有一条查询结果等待复核。",
            ),
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True) | ~Q(judged_by=F("stated_by")),
                name="a_stated_answer_is_judged_by_another",
                violation_error_message="登记人不能复核自己登记的查询结果。",
            ),
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True, judged_at__isnull=True, agrees__isnull=True)
                | Q(judged_by__isnull=False, judged_at__isnull=False, agrees__isnull=False),
                name="a_judged_answer_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{'查到' if self.found else '未查到'}（{self.as_of}）"


class Arrival(models.Model):
    """Since when somebody is where, and who, they are now: extracts that were taken in before said nothing of
    them. The database writes it; who has no row is there since they were registered.
    """

    worker = models.OneToOneField(Worker, models.CASCADE, primary_key=True, related_name="arrival")
    at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "转入时间"

    def __str__(self) -> str:
        return str(self.worker_id)
