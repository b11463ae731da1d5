"""The facts a rule may ask about: one model, one nullable column per fact. The model is the fact catalogue.

Names, types, choices and order are those of the fields below; unknown is NULL, never a value. Every source of
facts (typed in, one stored worker, the whole register, a replay) is a relation with these columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.apps.registry import Apps
from django.contrib.postgres.fields import ArrayField
from django.db import models


class SkillLevel(models.IntegerChoices):
    """The skill ladder, lowest to highest (新八级工); compare the numbers, never the names."""

    NONE = 0, "无"
    APPRENTICE = 10, "学徒工"
    JUNIOR = 20, "初级工"
    INTERMEDIATE = 30, "中级工"
    SENIOR = 40, "高级工"
    TECHNICIAN = 50, "技师"
    SENIOR_TECHNICIAN = 60, "高级技师"
    SPECIAL_TECHNICIAN = 70, "特级技师"
    CHIEF_TECHNICIAN = 80, "首席技师"

    @property
    def code(self) -> str:
        """The name used in typed-in facts, evidence and parameter tables: `senior_technician`."""
        return self.name.lower()


LEVEL_BY_CODE: dict[str, SkillLevel] = {level.code: level for level in SkillLevel}


def flag(label: str) -> models.BooleanField:
    return models.BooleanField(label, null=True)


def whole(label: str, least: int, most: int) -> models.IntegerField:
    field = models.IntegerField(label, null=True)
    field.bounds = (least, most)  # type: ignore[attr-defined]
    return field


def years(label: str) -> models.DecimalField:
    field = models.DecimalField(label, null=True, max_digits=6, decimal_places=2)
    field.bounds = (0, 100)  # type: ignore[attr-defined]
    return field


def choice(label: str, **options: str) -> models.TextField:
    return models.TextField(label, null=True, choices=list(options.items()))


def level(label: str, *, none: bool = False) -> models.SmallIntegerField:
    choices = [item for item in SkillLevel.choices if none or item[0] != SkillLevel.NONE]
    return models.SmallIntegerField(label, null=True, choices=choices)


def day(label: str) -> models.DateField:
    return models.DateField(label, null=True)


class Facts(models.Model):
    """Abstract: what may be known about a person. Inherit to store or materialise facts."""

    birth_on = day("出生日期")
    sex = choice("性别", female="女", male="男")
    work_region = models.TextField("工作地区划代码", null=True)
    household_region = models.TextField("户籍地区划代码", null=True)
    employment = choice(
        "就业状态", employed="在职", unemployed="失业", self_employed="灵活就业或自主创业", retired="退休"
    )
    employer_kind = choice(
        "用人单位类型",
        state_owned="国有企业",
        private="非公有制企业",
        public_institution="机关事业单位",
        social_organisation="社会组织",
    )
    public_institution_payroll = flag("机关事业单位在编人员")
    on_front_line = flag("在生产服务一线岗位工作")
    front_line_years = years("一线岗位工作年限")
    in_skilled_post = flag("在技能岗位工作")
    skill_level = level("现有最高技能等级")
    certificate_level = level("申领所依据证书的等级")
    certificate_occupation = models.TextField("证书职业（工种）", null=True)
    certificate_issued_on = day("证书核发日期")
    attended_senior_technician_upskilling = flag("参加过高级技师岗位技能提升培训")
    unemployment_insured_months = whole("失业保险累计缴费月数", 0, 1200)
    paying_unemployment_insurance = flag("正在正常缴纳失业保险费")
    drawing_unemployment_benefit = flag("正在领取失业保险金")
    claims_this_year = whole("本年度已申领技能提升补贴次数", 0, 1000)
    scarce_claims_this_year = whole("本年度以急需紧缺职业（工种）证书申领的次数", 0, 1000)
    certificate_occupation_scarce = flag("证书职业（工种）列入当地急需紧缺目录")
    claimed_same_occupation_level = flag("同一职业同一等级已享受过补贴")
    highest_level_claimed = level("同一职业已享受补贴的最高等级", none=True)
    training_subsidy_for_same_certificate = flag("同一证书已享受职业培训补贴")
    engineering_title = choice(
        "工程系列专业技术职称",
        none="没有",
        technician_title="技术员",
        assistant_engineer="助理工程师",
        engineer="工程师",
        senior_engineer="高级工程师",
    )
    honours = ArrayField(models.TextField(), verbose_name="荣誉", null=True)
    special_allowance = choice(
        "政府特殊津贴", none="未享受", national="国务院政府特殊津贴", autonomous_region="自治区政府特殊津贴"
    )
    recognised_scarce_talent = flag("自治区认定的“高精尖缺”高技能人才")
    leading_talent = flag("已纳入高技能领军人才名录")
    liaison_expert = flag("经遴选纳入党委和政府联系专家范围")
    recruited = choice("引进人才", none="不是", by_region="自治区引进", other="其他方式引进")
    solved_major_technical_problem = flag("解决重大工艺技术难题或重大质量问题")
    regional_innovation_award = flag("技术创新成果获自治区级以上奖项")
    outstanding_mentor = flag("“师带徒”业绩突出")
    superb_skill = flag("掌握高超技能")
    outstanding_contribution = flag("作出突出贡献")
    jobless_willing_spouse_or_child = flag("配偶或子女有就业意愿但未就业")
    hard_to_employ_family_member = flag("该家属符合就业困难人员条件")
    child_in_compulsory_education = flag("随迁子女需在义务教育阶段学校入学")
    technical_school_class = choice(
        "技工院校毕业班别",
        none="不是技工院校毕业生",
        intermediate="中级工班",
        senior="高级工班",
        pre_technician="预备技师班",
    )
    competition = choice(
        "参加的技能竞赛",
        none="未参加",
        worldskills="世界技能大赛",
        national_class_one="国家级一类大赛",
        national_class_two="国家级二类大赛",
        regional="自治区级大赛",
    )
    competition_edition = whole("竞赛届次", 1, 1000)
    competition_rank = whole("竞赛名次", 1, 100_000)
    competition_prize = choice(
        "竞赛奖项", gold="金牌", silver="银牌", bronze="铜牌", excellence="优胜奖", none="未获奖"
    )
    competition_role = choice(
        "竞赛身份", competitor="选手", technical_expert="技术指导专家", coach="教练", interpreter="技术翻译"
    )
    for_inner_mongolia = flag("代表我区参赛")
    worked_years = years("累计工作年限")
    continuous_months = whole("连续工作月数", 0, 1200)

    class Meta:
        abstract = True


class FactRow(Facts):
    """The fact columns as Django compiles conditions against them; any relation may stand in for its table.

    It lives in a registry of its own, so no migration, grant or admin ever takes it for a table.
    """

    class Meta:
        apps = Apps()
        app_label = "policy"
        managed = False
        db_table = "facts"

    def __str__(self) -> str:
        return "facts"


class FactModel:
    """The facts that may be asked of one kind of thing: the fields of an unmanaged model, in their order.

    A name means the same in every fact model, so that a condition can be read without knowing whose it is.
    """

    def __init__(self, code: str, row: type[models.Model]) -> None:
        self.code = code
        self.row = row
        self.fields: dict[str, models.Field[Any, Any]] = {
            field.name: field for field in row._meta.fields if field.name != "id"
        }
        self.order: dict[str, int] = {name: place for place, name in enumerate(self.fields)}

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Fact names in the order of the model."""
        return sorted(names, key=self.order.__getitem__)


_MODELS: dict[str, FactModel] = {}
_FIELDS: dict[str, models.Field[Any, Any]] = {}
# Facts that are skill levels, of whichever model: stored by number, written by code.
LEVEL_FACTS: set[str] = set()


def register_facts(code: str, row: type[models.Model]) -> FactModel:
    """Make a fact model known by its code. ValueError when a name means something else in another one."""
    model = FactModel(code, row)
    for name, field in model.fields.items():
        other = _FIELDS.get(name)
        if other is not None and _meaning(other) != _meaning(field):
            raise ValueError(f"{code}.{name}: another fact model means something else by this name")
    _FIELDS.update(model.fields)
    LEVEL_FACTS.update(
        name for name, field in model.fields.items() if isinstance(field, models.SmallIntegerField)
    )
    _MODELS[code] = model
    return model


def _meaning(field: models.Field[Any, Any]) -> tuple[Any, ...]:
    return type(field), field.verbose_name, field.choices


def facts_model(code: str) -> FactModel:
    """KeyError for a fact model that nobody registered."""
    return _MODELS[code]


def field_of(name: str) -> models.Field[Any, Any]:
    """The field behind the name of a fact, whichever model it belongs to; KeyError when there is none."""
    return _FIELDS[name]


def is_fact(name: str) -> bool:
    return name in _FIELDS


# What rules about people ask for: of a person, and of the one certificate and the one competition in question.
PERSON = register_facts("person", FactRow)
FACTS = PERSON.fields
REGION_FACTS = frozenset({"work_region", "household_region"})
in_order = PERSON.in_order


@cache
def choices_of(name: str) -> Mapping[str, str]:
    """Allowed codes of a fact with their Chinese labels; empty when the fact is not a choice."""
    labels = field_of(name).choices or ()
    if name in LEVEL_FACTS:
        return {SkillLevel(value).code: str(label) for value, label in labels}
    return {str(value): str(label) for value, label in labels}
