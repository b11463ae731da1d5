"""A claim of a worker to a training subsidy, and what it keeps others from claiming again; trainings that were completed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.cases.models import Application, Case
from portal.funds.course import TONES, Stage, stage_of
from portal.policy.models import Determination
from portal.regions.models import Region
from portal.workforce.models import BenefitClaim, PayeeAccount, SkillCredential, SkillLevel, Worker
from portal.workforce.models.base import FoldedOccupation, OfWorker
from portal.workforce.subjects import CERTIFICATE

# What a claim is about: one certificate (portal.workforce.subjects), or one completed training.
TRAINING = "training"


class CourseQuerySet(models.QuerySet["Course"]):
    def in_use(self) -> CourseQuerySet:
        """What a second officer has confirmed, and the samples that were shipped."""
        return self.filter(Q(confirmed_at__isnull=False) | Q(is_sample=True))


class Course(models.Model):
    """How claims of a kind are handled from a day on, in a league or everywhere: who reviews above which amount, who
    decides, and within how many working days. One officer enters it, another confirms it.
    """

    kind = models.CharField("事项", max_length=48)
    # None: everywhere where a league has none of its own.
    league = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="盟市")
    since = models.DateField("开始执行日期")
    # From this amount on a second review; 0: always; none: never.
    second_review_from = models.DecimalField(
        "复核起点金额（元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    # From this amount on an approver of the autonomous region decides; below one of the league.
    region_decides_from = models.DecimalField(
        "自治区审批起点金额（元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    working_days = models.PositiveSmallIntegerField("办理时限（工作日）")
    # For how many working days a claim is announced before it is approved; none: it is not. And whether the time for
    # the claim stands still meanwhile.
    notice_days = models.PositiveSmallIntegerField("公示期（工作日）", null=True, blank=True)
    notice_stops_clock = models.BooleanField("公示期间不计入办理时限", default=False)
    # Within how many days of being served a decision against it the worker may ask the office to look again, and in
    # how many working days that is answered; none: the office does not look again.
    ask_again_days = models.PositiveSmallIntegerField("申请复核期限（日）", null=True, blank=True)
    answer_again_days = models.PositiveSmallIntegerField("复核办理时限（工作日）", null=True, blank=True)
    basis = models.CharField("依据", max_length=160)
    is_sample = models.BooleanField("示例", default=False)
    entered_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间", default=timezone.now)
    confirmed_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField("复核时间", null=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理流程设置"
        ordering = ["kind", "-since", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "league", "since"],
                nulls_distinct=False,
                name="one_course_from_a_day",
                violation_error_message="该日期已有一条流程设置。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirmed_by=F("entered_by"))
                ),
                name="a_course_is_confirmed_by_another",
                violation_error_message="流程设置须由另一人复核。",
            ),
            models.CheckConstraint(condition=Q(working_days__gte=1), name="a_course_takes_a_day"),
            models.CheckConstraint(
                condition=Q(notice_days__isnull=True, notice_stops_clock=False)
                | Q(notice_days__isnull=False, notice_days__gte=1),
                name="a_course_announces_for_days",
                violation_error_message="不设公示的，不填写公示期间是否计入办理时限。",
            ),
            models.CheckConstraint(
                condition=Q(ask_again_days__isnull=True, answer_again_days__isnull=True)
                | Q(
                    ask_again_days__isnull=False,
                    answer_again_days__isnull=False,
                    ask_again_days__gte=1,
                    answer_again_days__gte=1,
                ),
                name="a_course_asks_and_answers_again",
                violation_error_message="申请复核的期限和复核办理时限须同时填写，或者都不填。",
            ),
            models.CheckConstraint(
                condition=Q(is_sample=False) | Q(entered_by__isnull=True), name="nobody_enters_a_sample"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.since}"

    @property
    def asks_for_amount(self) -> bool:
        """Whether it depends on the amount of a claim if it is reviewed a second time."""
        return bool(self.second_review_from)

    def reviews_twice(self, amount: Decimal | None) -> bool:
        """Whether a claim of this amount is reviewed a second time; one without an amount is."""
        if self.second_review_from is None:
            return False
        return amount is None or amount >= self.second_review_from

    def decided_by_region(self, amount: Decimal | None) -> bool:
        if self.region_decides_from is None:
            return False
        return amount is None or amount >= self.region_decides_from


class TrainingProject(models.TextChoices):
    """What a training is for, and with it the level it belongs to."""

    SENIOR_TECHNICIAN = "senior_technician", "高级技师岗位技能提升培训"
    TECHNICIAN = "technician", "技师岗位技能提升培训"


class TrainingState(models.TextChoices):
    ENTERED = "entered", "待确认"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "不予确认"
    # Confirmed once, and taken back by two (subsidies.models.voiding).
    VOIDED = "voided", "已作废"


# It shows nothing: it may be entered anew.
NO_TRAINING_ANY_MORE = (TrainingState.REFUSED, TrainingState.VOIDED)


class CompletedTraining(models.Model):
    """A training that a worker completed, as its certificate of completion says. One officer enters it; once another
    has confirmed it a claim may rest on it, and it stands (subsidies.training_guards).
    """

    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="completed_trainings", verbose_name="技术工人"
    )
    project = models.CharField("培训项目", max_length=20, choices=TrainingProject)
    occupation = models.CharField("职业（工种）", max_length=60)
    provider = models.CharField("培训机构", max_length=80)
    number = models.CharField("结业证书编号", max_length=40)
    completed_on = models.DateField("结业日期")
    state = models.CharField("状态", max_length=10, choices=TrainingState, default=TrainingState.ENTERED)
    entered_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="登记人"
    )
    entered_at = models.DateTimeField("登记时间", default=timezone.now)
    judged_by = models.ForeignKey(
        "accounts.User", models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    judged_at = models.DateTimeField("确认时间", null=True)
    # What the other officer held it against, or why it was not confirmed.
    verdict = models.CharField("确认依据", max_length=200, blank=True)

    objects = OfWorker["CompletedTraining"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训结业"
        ordering = ["-completed_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                "worker",
                "project",
                FoldedOccupation("occupation"),
                condition=~Q(state__in=["refused", "voided"]),
                name="a_training_is_entered_once",
                violation_error_message="同一职业（工种）的这项培训已经登记。",
            ),
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(judged_by=F("entered_by")),
                name="a_training_is_confirmed_by_another",
                violation_error_message="培训结业须由登记人以外的另一人确认。",
            ),
            models.CheckConstraint(
                condition=Q(state="entered", judged_by__isnull=True, judged_at__isnull=True, verdict="")
                | (
                    ~Q(state="entered") & Q(judged_by__isnull=False, judged_at__isnull=False) & ~Q(verdict="")
                ),
                name="a_judged_training_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["-id"], name="training_to_confirm", condition=Q(state="entered")),
        ]

    def __str__(self) -> str:
        return f"{self.occupation}{self.get_project_display()}"

    @property
    def level(self) -> SkillLevel:
        """The level it belongs to: claimed once for a level, whether by certificate or by training."""
        return SkillLevel[self.project.upper()]

    @property
    def is_confirmed(self) -> bool:
        return self.state == TrainingState.CONFIRMED


class ClaimQuerySet(models.QuerySet["Claim"]):
    def visible_to(self, user: Any) -> ClaimQuerySet:
        """Who sees the case sees the claim."""
        return self.filter(case__in=Case.objects.visible_to(user))

    def with_money(self) -> ClaimQuerySet:
        """Each with where its money is, for lists."""
        return self.annotate(stage_listed=stage_of("case_id"))


class Claim(Application):
    """What a worker claims by one certificate, or for one completed training. Where it stands says its case.

    The day of the first hand-in decides by which law; a correction keeps it.
    """

    # The name that the base gives is that of earlier claims.
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="subsidy_claims", verbose_name="技术工人")
    credential = models.ForeignKey(
        SkillCredential, models.PROTECT, null=True, related_name="subsidy_claims", verbose_name="技能证书"
    )
    training = models.ForeignKey(
        CompletedTraining, models.PROTECT, null=True, related_name="subsidy_claims", verbose_name="培训结业"
    )
    # Whether nothing had to be typed: everything was known when the worker agreed.
    prefilled = models.BooleanField("免填写", default=False)
    account = models.ForeignKey(
        PayeeAccount, models.PROTECT, null=True, related_name="+", verbose_name="收款账户"
    )
    # What was decided when it was handed in, and what when it was approved or rejected.
    determination = models.ForeignKey(
        Determination, models.PROTECT, null=True, related_name="+", verbose_name="提交时的认定"
    )
    decision = models.ForeignKey(
        Determination, models.PROTECT, null=True, related_name="+", verbose_name="审批时的认定"
    )
    # How it is handled, as it was set on the day of the hand-in.
    course = models.ForeignKey(
        Course, models.PROTECT, null=True, related_name="+", verbose_name="办理流程设置"
    )
    amount = models.DecimalField("批准金额", max_digits=12, decimal_places=2, null=True)
    fund = models.CharField("资金来源", max_length=40)
    # An approved claim is the record of an earlier claim.
    record = models.OneToOneField(
        BenefitClaim, models.PROTECT, null=True, related_name="decided_here", verbose_name="以往补贴"
    )

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "补贴申请"
        # A list by channel runs by the cases, and asks each by which channel it came.
        indexes = [models.Index(fields=["case"], include=["channel"], name="claim_by_case")]
        constraints = [
            *Application.Meta.constraints,
            models.CheckConstraint(
                condition=Q(handed_in_on__isnull=True) | Q(determination__isnull=False, course__isnull=False),
                name="what_is_handed_in_was_determined",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | (Q(decision__isnull=False) & Q(amount__gt=0)),
                name="an_amount_rests_on_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(credential__isnull=False, training__isnull=True)
                | Q(credential__isnull=True, training__isnull=False),
                name="a_claim_is_about_one_thing",
            ),
        ]

    @property
    def money_stage(self) -> str:
        """Where its money is (portal.funds.course.Stage); empty where none was decided."""
        listed: str | None = getattr(self, "stage_listed", None)
        if listed is None:
            again: Any = Claim.objects.with_money().only("pk").get(pk=self.pk)
            listed = again.stage_listed
        return listed if listed in Stage.values else ""

    @property
    def money_word(self) -> str:
        return str(Stage(self.money_stage).label) if self.money_stage else ""

    @property
    def money_tone(self) -> str:
        return TONES.get(self.money_stage, "")

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
        """The certificate or the completed training it is about."""
        record = self.credential if self.training_id is None else self.training
        assert record is not None  # noqa: S101  the database holds it
        return record

    @property
    def certificate_words(self) -> str:
        """What it rests on, before the word 证书: 焊工高级技师; 焊工高级技师岗位技能提升培训结业."""
        return str(self.subject) if self.training_id is None else f"{self.subject}结业"


class KeyKind(models.TextChoices):
    CERTIFICATE = "certificate", "证书"
    LEVEL = "level", "职业（工种）和等级"
    PLACE = "place", "次数"


class ClaimKeyQuerySet(models.QuerySet["ClaimKey"]):
    def held(self) -> ClaimKeyQuerySet:
        return self.filter(freed_at__isnull=True)


class ClaimKey(models.Model):
    """What can be claimed once: a certificate, a level of an occupation, a numbered place of the year.

    Taken when the claim is handed in, freed when it is withdrawn, refused, rejected or annulled. Certificate and
    level count across all funds, a place in its own. The person is the one that stands (portal.workforce.merged): the database
    looks at all records of theirs.
    """

    claim = models.ForeignKey(Claim, models.PROTECT, related_name="keys")
    kind = models.CharField("类别", max_length=12, choices=KeyKind)
    person = models.ForeignKey(Worker, models.PROTECT, related_name="+", verbose_name="技术工人")
    certificate = models.CharField("证书", max_length=60, blank=True)
    occupation = models.CharField("职业（工种）", max_length=60, blank=True)
    level = models.SmallIntegerField("等级", choices=[c for c in SkillLevel.choices if c[0]], null=True)
    fund = models.CharField("资金来源", max_length=40, blank=True)
    # 0: in a life.
    year = models.PositiveSmallIntegerField("年度", default=0)
    place = models.PositiveSmallIntegerField("次序", default=0)
    taken_at = models.DateTimeField("占用时间", default=timezone.now)
    freed_at = models.DateTimeField("释放时间", null=True)

    objects = ClaimKeyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申领限制"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "certificate"],
                condition=Q(kind="certificate", freed_at__isnull=True),
                name="a_certificate_is_claimed_once",
            ),
            models.UniqueConstraint(
                fields=["person", "occupation", "level"],
                condition=Q(kind="level", freed_at__isnull=True),
                name="a_level_is_claimed_once",
            ),
            models.UniqueConstraint(
                fields=["person", "fund", "year", "place"],
                condition=Q(kind="place", freed_at__isnull=True),
                name="a_place_is_taken_once",
            ),
            models.CheckConstraint(
                condition=(Q(kind="certificate", level__isnull=True, place=0, fund="") & ~Q(certificate=""))
                | (Q(kind="level", level__isnull=False, place=0, fund="", certificate="") & ~Q(occupation=""))
                | (Q(kind="place", level__isnull=True, place__gt=0, certificate="") & ~Q(fund="")),
                name="a_key_says_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=Q(freed_at__isnull=True) | Q(freed_at__gte=F("taken_at")),
                name="a_key_is_freed_after_it_was_taken",
            ),
        ]
        indexes = [
            models.Index(fields=["claim"], name="claim_key_of_claim"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.certificate or self.occupation or self.place}"
