"""The remaining facts of the check: insurance, schooling, competitions, earlier claims, and what somebody
attests.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from portal.policy.benefits import FUNDS
from portal.workforce.models.base import (
    FoldedOccupation,
    OfWorker,
    Sourced,
    by_day_index,
    from_extract,
    keep_history,
)
from portal.workforce.models.people import SkillLevel, Worker
from portal.workforce.models.verification import (
    Verifiable,
    stated_index,
    verification_constraints,
    verification_triggers,
    verified_by_index,
)


@keep_history()
class UnemploymentInsurance(Verifiable):
    """What the insurance register says on a day."""

    worker = models.OneToOneField(Worker, models.CASCADE, related_name="insurance")
    months = models.PositiveSmallIntegerField("累计缴费月数", null=True, blank=True)
    paying = models.BooleanField("正在正常缴费", null=True, blank=True)
    drawing_benefit = models.BooleanField("正在领取失业保险金", null=True, blank=True)
    as_of = models.DateField("截至日期")
    extract = from_extract()

    objects = OfWorker["UnemploymentInsurance"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "失业保险"
        constraints = verification_constraints("insurance")
        indexes = [verified_by_index("insurance"), stated_index("insurance")]
        triggers = verification_triggers(
            "worker_id", "months", "paying", "drawing_benefit", "as_of", by_extract=True
        )

    def __str__(self) -> str:
        return f"{self.months}个月（截至{self.as_of}）"


class SchoolClass(models.TextChoices):
    INTERMEDIATE = "intermediate", "中级工班"
    SENIOR = "senior", "高级工班"
    PRE_TECHNICIAN = "pre_technician", "预备技师班"


@keep_history()
class TechnicalSchooling(Verifiable):
    """A class of a technical school the worker graduated from."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="schoolings")
    graduated_from = models.CharField("毕业班别", max_length=16, choices=SchoolClass)
    school = models.CharField("院校", max_length=80)
    graduated_on = models.DateField("毕业日期", null=True, blank=True)

    objects = OfWorker["TechnicalSchooling"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "技工院校学历"
        indexes = [
            models.Index(fields=["worker"]),
            verified_by_index("schooling"),
            stated_index("schooling"),
            by_day_index("schooling", "graduated_on"),
        ]
        constraints = verification_constraints("schooling")
        triggers = verification_triggers("worker_id", "graduated_from", "school", "graduated_on")

    def __str__(self) -> str:
        return f"{self.school}{self.get_graduated_from_display()}"


class Competition(models.TextChoices):
    WORLDSKILLS = "worldskills", "世界技能大赛"
    NATIONAL_CLASS_ONE = "national_class_one", "国家级一类大赛"
    NATIONAL_CLASS_TWO = "national_class_two", "国家级二类大赛"
    REGIONAL = "regional", "自治区级大赛"


class Prize(models.TextChoices):
    GOLD = "gold", "金牌"
    SILVER = "silver", "银牌"
    BRONZE = "bronze", "铜牌"
    EXCELLENCE = "excellence", "优胜奖"
    NONE = "none", "无"


class CompetitionRole(models.TextChoices):
    COMPETITOR = "competitor", "选手"
    TECHNICAL_EXPERT = "technical_expert", "技术指导专家"
    COACH = "coach", "教练"
    INTERPRETER = "interpreter", "技术翻译"


@keep_history()
class CompetitionResult(Verifiable):
    """A result; for those who guided or helped it is the competitor's."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="competition_results")
    competition = models.CharField("赛事", max_length=20, choices=Competition)
    name = models.CharField("赛事名称", max_length=120)
    edition = models.PositiveSmallIntegerField("届次", null=True, blank=True)
    rank = models.PositiveSmallIntegerField("名次", null=True, blank=True)
    prize = models.CharField("奖项", max_length=12, choices=Prize, blank=True)
    role = models.CharField(
        "身份", max_length=20, choices=CompetitionRole, default=CompetitionRole.COMPETITOR
    )
    for_inner_mongolia = models.BooleanField("代表内蒙古参赛", null=True, blank=True)
    held_on = models.DateField("比赛日期", null=True, blank=True)
    document = models.CharField("文号", max_length=80, blank=True)

    objects = OfWorker["CompetitionResult"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "竞赛成绩"
        indexes = [
            models.Index(fields=["worker"]),
            verified_by_index("result"),
            stated_index("result"),
            by_day_index("result", "held_on"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rank__isnull=True) | Q(rank__gte=1),
                name="rank_begins_at_one",
                violation_error_message="名次从1开始。",
            ),
            *verification_constraints("result"),
        ]
        triggers = verification_triggers(
            "worker_id",
            "competition",
            "name",
            "edition",
            "rank",
            "prize",
            "role",
            "for_inner_mongolia",
            "held_on",
            "document",
        )

    def __str__(self) -> str:
        return f"{self.name} {self.get_prize_display()}".strip()


class ClaimKind(models.TextChoices):
    SKILL_UPGRADE = "skill_upgrade", "技能提升补贴"
    TRAINING_SUBSIDY = "training_subsidy", "职业培训补贴"


@keep_history(exclude=["twin"])
class BenefitClaim(Sourced):
    """A subsidy drawn earlier, here or elsewhere."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="claims")
    kind = models.CharField("补贴种类", max_length=20, choices=ClaimKind)
    occupation = models.CharField("职业（工种）", max_length=60)
    level = models.SmallIntegerField("等级", choices=[c for c in SkillLevel.choices if c[0]])
    certificate_number = models.CharField("证书编号", max_length=40, blank=True)
    claimed_on = models.DateField("申领日期")
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2, null=True, blank=True)
    fund = models.CharField("资金", max_length=32, choices=FUNDS, blank=True, default="", db_default="")
    extract = from_extract()
    # As with certificates.
    twin = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)

    objects = OfWorker["BenefitClaim"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "以往补贴"
        indexes = [models.Index(fields=["worker", "occupation"]), by_day_index("claim", "claimed_on")]
        constraints = [
            models.UniqueConstraint(
                "worker",
                "kind",
                FoldedOccupation("occupation"),
                "level",
                "twin",
                name="one_claim_of_a_level",
                violation_error_message="该补贴已登记。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.occupation}{self.get_level_display()}"


class Attested(models.TextChoices):
    """Facts that rest on a document somebody has seen; the value is yes/no, or one of the listed words."""

    LEADING_TALENT = "leading_talent", "已列入高技能领军人才名录"
    LIAISON_EXPERT = "liaison_expert", "党委和政府联系专家"
    RECRUITED = "recruited", "引进人才"
    SOLVED_PROBLEM = "solved_major_technical_problem", "解决重大工艺技术难题或重大质量问题"
    INNOVATION_AWARD = "regional_innovation_award", "技术创新成果获自治区级以上奖项"
    MENTOR = "outstanding_mentor", "“师带徒”业绩突出"
    SUPERB_SKILL = "superb_skill", "掌握高超技能"
    CONTRIBUTION = "outstanding_contribution", "作出突出贡献"
    UPSKILLING = "attended_senior_technician_upskilling", "参加高级技师岗位技能提升培训"
    JOBLESS_FAMILY = "jobless_willing_spouse_or_child", "配偶或子女有就业意愿但未就业"
    HARD_TO_EMPLOY = "hard_to_employ_family_member", "家属属于就业困难人员"
    ENGINEERING_TITLE = "engineering_title", "工程系列专业技术职称"
    CHILD_IN_SCHOOL = "child_in_compulsory_education", "子女处于义务教育阶段"


# What follows from a decision of this portal: nobody enters it by hand, and it needs no confirmation.
WRITTEN_BY_PORTAL = (Attested.LEADING_TALENT,)
# The words that may be said of what is not answered by yes or no.
ATTESTED_WORDS: dict[str, dict[str, str]] = {
    Attested.RECRUITED: {"none": "不是引进人才", "by_region": "自治区引进", "other": "其他方式引进"},
    Attested.ENGINEERING_TITLE: {
        "technician_title": "技术员",
        "assistant_engineer": "助理工程师",
        "engineer": "工程师",
        "senior_engineer": "高级工程师",
    },
}


@keep_history()
class AttestedFact(Verifiable):
    """One such fact about a worker, from a day until a day."""

    worker = models.ForeignKey(Worker, models.CASCADE, related_name="attested_facts")
    code = models.CharField("事项", max_length=48, choices=Attested)
    value = models.JSONField("内容")
    since = models.DateField("自")
    until = models.DateField("至", null=True, blank=True)
    document = models.CharField("依据文件", max_length=120, blank=True)

    objects = OfWorker["AttestedFact"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核定事项"
        constraints = [
            models.UniqueConstraint(
                fields=["worker", "code"],
                condition=Q(until__isnull=True),
                name="one_open_attestation",
                violation_error_message="该事项已有有效记录，请先终止原记录。",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")),
                name="attestation_ends_after_it_begins",
                violation_error_message="截止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                condition=~Q(code__in=WRITTEN_BY_PORTAL) | Q(recorded_by__isnull=True),
                name="portal_facts_have_no_author",
                violation_error_message="该事项由系统根据办理结果写入，不能在窗口登记或更改。",
            ),
            *verification_constraints("attested"),
        ]
        indexes = [
            verified_by_index("attested"),
            stated_index("attested"),
            by_day_index("attested", "since"),
            by_day_index("attested", "until"),
        ]
        triggers = verification_triggers("worker_id", "code", "value", "since", "document")

    def __str__(self) -> str:
        return self.get_code_display()
