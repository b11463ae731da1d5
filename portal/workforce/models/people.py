"""Workers, employers, and who works where."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.utils import timezone

from portal import crypto
from portal.accounts.access import scope, scope_of_roles
from portal.accounts.roles import Role
from portal.fields import EncryptedTextField
from portal.names import searched_name, unit_spelling
from portal.policy.facts import SkillLevel
from portal.regions.models import Region
from portal.workforce.identity import birth_date, mask_id_number, mask_phone, sex_of
from portal.workforce.models.base import Characters, Folded, OfWorker, keep_history, league_of, worker_scope
from portal.workforce.models.verification import (
    Verifiable,
    stated_index,
    verification_constraints,
    verification_triggers,
    verified_by_index,
)


class Sex(models.TextChoices):
    FEMALE = "female", "女"
    MALE = "male", "男"


class EmployerKind(models.TextChoices):
    STATE_OWNED = "state_owned", "国有企业"
    PRIVATE = "private", "非公有制企业"
    PUBLIC_INSTITUTION = "public_institution", "机关事业单位"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织"


# All records of the units that an account acts for, whichever of them it was appointed with. It acts for a unit
# only where it holds the role: over the place of the unit it was appointed with.
_ACTED_FOR = """
WITH acts AS (
    SELECT a.employer_id FROM workforce_employeragent a JOIN workforce_employer e ON e.id = a.employer_id
    WHERE a.user_id = %s AND (%s OR e.league_code = ANY (%s) OR e.region_id = ANY (%s))
)
SELECT employer_id FROM acts
UNION
SELECT m.target_id FROM acts JOIN workforce_mergedemployer m ON m.source_id = acts.employer_id
WHERE m.target_id IS NOT NULL
UNION
SELECT o.source_id FROM acts
LEFT JOIN workforce_mergedemployer m ON m.source_id = acts.employer_id
JOIN workforce_mergedemployer o
  ON o.target_id = CASE WHEN m.source_id IS NULL THEN acts.employer_id ELSE m.target_id END
"""


class EmployerQuerySet(models.QuerySet["Employer"]):
    def visible_to(self, user: Any, *, merged: bool = False) -> EmployerQuerySet:
        """The units, each once; with `merged` also the records that were merged into another or voided."""
        if not user.is_authenticated:
            return self.none()
        where = scope(user, "worker.view")
        units = self.acted_for_by(user) if where.empty else self.filter(where.q("region", "league_code"))
        return units if merged else units.standing()

    def acted_for_by(self, user: Any) -> EmployerQuerySet:
        """All records of the units that an account acts for, as long as it holds the role of an agent there."""
        where = scope_of_roles(user, [Role.EMPLOYER_AGENT])
        if where.empty:
            return self.none()
        bound = [user.pk, where.whole, sorted(where.leagues), sorted(where.banners)]
        return self.filter(pk__in=RawSQL(_ACTED_FOR, bound))  # noqa: S611  bound

    def standing(self) -> EmployerQuerySet:
        from portal.workforce.models.pointers import MergedEmployer

        return self.filter(~Exists(MergedEmployer.objects.filter(source=OuterRef("pk"))))

    def called(self, name: str) -> EmployerQuerySet:
        """Whose name this is, however it is spelled."""
        return self.filter(folded_name=Folded(Value(unit_spelling(name))))

    def named(self, part: str) -> EmployerQuerySet:
        """Whose name contains `part`, however it is spelled."""
        return self.filter(folded_name__contains=Folded(Value(unit_spelling(part))))


@keep_history(exclude=["league_code", "folded_name", "twin"])
class Employer(models.Model):
    """A unit that employs workers. It is found by its unified social credit code, else by its name in its
    region: shown as the licence spells it, compared folded.
    """

    name = models.CharField("单位名称", max_length=120)
    folded_name = models.GeneratedField(
        expression=Folded("name"), output_field=models.TextField(), db_persist=True
    )
    # 0, but for units of one name that were written down before names were compared folded: these are counted.
    twin = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True, unique=True)
    kind = models.CharField("单位性质", max_length=24, choices=EmployerKind, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="所在地", related_name="+")
    league_code = league_of("region_id")
    source = models.CharField("来源", max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EmployerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = verbose_name_plural = "用人单位"
        indexes = [
            models.Index(fields=["league_code", "name"]),
            models.Index(fields=["folded_name", "region"], name="employer_by_folded_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["folded_name", "region", "twin"],
                condition=Q(credit_code__isnull=True),
                name="one_employer_of_a_name_without_code",
            )
        ]

    def __str__(self) -> str:
        return self.name


@keep_history()
class EmployerAgent(models.Model):
    """An account that acts for an employer, as long as the row stands and the account is in the role. History
    keeps who did.
    """

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="agents", db_index=False)
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="employers", verbose_name="经办人")
    authority = models.CharField("委托文书", max_length=120, blank=True)
    appointed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="任用人"
    )
    appointed_at = models.DateTimeField("任用时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "单位经办人"
        constraints = [models.UniqueConstraint(fields=["employer", "user"], name="one_agency")]

    def __str__(self) -> str:
        return f"{self.user} {self.employer}"


_WHOSE_NUMBER = """
SELECT CASE WHEN m.source_id IS NULL THEN w.id ELSE m.target_id END
FROM workforce_worker w LEFT JOIN workforce_mergedperson m ON m.source_id = w.id
WHERE w.id_digest = %s
"""


class WorkerQuerySet(models.QuerySet["Worker"]):
    def visible_to(self, user: Any, *, merged: bool = False) -> WorkerQuerySet:
        """The people, each once; with `merged` also the records that were merged into another or voided."""
        people = self.filter(worker_scope(user))
        return people if merged else people.standing()

    def standing(self) -> WorkerQuerySet:
        from portal.workforce.models.pointers import MergedPerson

        return self.filter(~Exists(MergedPerson.objects.filter(source=OuterRef("pk"))))

    def with_id_number(self, number: str) -> WorkerQuerySet:
        """The person whose number this is, also where the record with that number was merged into another."""
        digest = crypto.digest(number.upper(), purpose="id")
        return self.filter(pk__in=RawSQL(_WHOSE_NUMBER, [digest]))  # noqa: S611  one digest, bound

    def with_phone(self, phone: str) -> WorkerQuerySet:
        """The people with this phone number, which families share."""
        return self.filter(phone_digest=crypto.digest(phone, purpose="phone"))

    def numbered(self, number: str) -> WorkerQuerySet:
        """The record with that number, whatever it stands for."""
        return self.filter(id_digest=crypto.digest(number.upper(), purpose="id"))

    def named(self, part: str) -> WorkerQuerySet:
        """Whose name contains `part`, one or two characters included, typed in whatever form."""
        part = searched_name(part)
        with_characters = self.alias(name_characters=Characters("name"))
        named = with_characters.filter(name_characters__contains=list(part))  # type: ignore[misc]
        # The order of the characters counts. One has none, and asked for twice the planner would guess far
        # too few.
        return named.filter(name__contains=part) if len(part) > 1 else named


@keep_history(exclude=["league_code", "updated_at"])
class Worker(models.Model):
    """A skilled worker. The ID number is encrypted; the digest beside it finds it."""

    name = models.CharField("姓名", max_length=60)
    id_number = EncryptedTextField("证件号码", bound_to=("id_digest",), digested_as="id")
    id_digest = models.BinaryField(unique=True)
    sex = models.CharField("性别", max_length=6, choices=Sex, blank=True)
    birth_on = models.DateField("出生日期", null=True)
    phone = EncryptedTextField("手机号", null=True, bound_to=("id_digest",))
    phone_digest = models.BinaryField(null=True)
    # The indexes below begin with these keys and serve them: an import of everybody maintains each index row
    # by row.
    work_region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="工作地", related_name="+", db_index=False
    )
    league_code = league_of("work_region_id")
    household_region = models.ForeignKey(
        Region, models.PROTECT, verbose_name="户籍地", null=True, blank=True, related_name="+", db_index=False
    )
    # Drawn from the records below by `derive` whenever these change, so that lists can filter and sort by
    # them.
    employer = models.ForeignKey(
        Employer, models.PROTECT, verbose_name="用人单位", null=True, related_name="workers", db_index=False
    )
    skill_level = models.SmallIntegerField("最高技能等级", choices=SkillLevel, default=SkillLevel.NONE)
    occupation = models.CharField("职业（工种）", max_length=60, blank=True)
    account = models.OneToOneField("accounts.User", models.PROTECT, null=True, related_name="worker")
    source = models.CharField("来源", max_length=120)
    created_at = models.DateTimeField("建档时间", default=timezone.now, db_index=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "技术工人"
        indexes = [
            models.Index(fields=["league_code", "-id"], name="worker_by_league"),
            models.Index(fields=["work_region", "-id"], name="worker_by_region"),
            models.Index(fields=["skill_level", "-id"], name="worker_by_level"),
            models.Index(fields=["occupation", "-id"], name="worker_by_occupation"),
            models.Index(fields=["employer", "-id"], name="worker_by_employer"),
            models.Index(
                fields=["household_region"],
                name="worker_by_household",
                condition=Q(household_region__isnull=False),
            ),
            models.Index(F("phone_digest"), name="worker_by_phone", condition=Q(phone_digest__isnull=False)),
            # New names wait in a list of at most 1 MB, which a search reads along: entering each at once
            # makes an import of everybody take ten seconds longer.
            GinIndex(
                Characters("name"),
                name="worker_name_characters",
                fastupdate=True,
                gin_pending_list_limit=1024,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""

    def set_id_number(self, number: str) -> None:
        """Takes a checked 18-character number (identity.check_id_number) and what it says about the
        person.
        """
        self.id_number = number
        self.id_digest = crypto.digest(number, purpose="id")
        self.birth_on = birth_date(number)
        self.sex = sex_of(number)

    def set_phone(self, phone: str | None) -> None:
        self.phone = phone or None
        self.phone_digest = crypto.digest(phone, purpose="phone") if phone else None


class EmploymentStatus(models.TextChoices):
    EMPLOYED = "employed", "在职"
    UNEMPLOYED = "unemployed", "失业"
    SELF_EMPLOYED = "self_employed", "个体或灵活就业"
    RETIRED = "retired", "退休"


@keep_history()
class Employment(Verifiable):
    """What the worker does now, or did. At most one record is open."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="employments")
    employer = models.ForeignKey(
        Employer, models.PROTECT, null=True, blank=True, related_name="employments", verbose_name="用人单位"
    )
    status = models.CharField(
        "就业状态", max_length=16, choices=EmploymentStatus, default=EmploymentStatus.EMPLOYED
    )
    occupation = models.CharField("职业（工种）", max_length=60, blank=True)
    on_front_line = models.BooleanField("在生产服务一线岗位", null=True, blank=True)
    front_line_years = models.DecimalField("一线年限", max_digits=4, decimal_places=1, null=True, blank=True)
    in_skilled_post = models.BooleanField("在技能岗位工作", null=True, blank=True)
    public_institution_payroll = models.BooleanField("机关事业单位在编", null=True, blank=True)
    worked_years = models.DecimalField("累计工作年限", max_digits=4, decimal_places=1, null=True, blank=True)
    continuous_months = models.PositiveSmallIntegerField("连续工作月数", null=True, blank=True)
    started_on = models.DateField("起始日期", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)

    objects = OfWorker["Employment"].as_manager()

    class Meta:
        ordering = ["-started_on", "-id"]
        verbose_name = verbose_name_plural = "就业信息"
        constraints = [
            models.UniqueConstraint(
                fields=["worker"], condition=Q(ended_on__isnull=True), name="one_open_employment"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(started_on__isnull=True)
                | Q(ended_on__gte=F("started_on")),
                name="employment_ends_after_it_begins",
                violation_error_message="终止日期不能早于起始日期。",
            ),
            *verification_constraints("employment"),
        ]
        indexes = [verified_by_index("employment"), stated_index("employment")]
        triggers = verification_triggers(
            "worker_id",
            "employer_id",
            "status",
            "occupation",
            "on_front_line",
            "front_line_years",
            "in_skilled_post",
            "public_institution_payroll",
            "worked_years",
            "continuous_months",
            "started_on",
        )

    def __str__(self) -> str:
        return f"{self.get_status_display()} {self.employer or ''}".strip()
