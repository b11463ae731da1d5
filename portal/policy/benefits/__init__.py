"""The benefits a person can be told about, in the order in which they are shown, and the codes that belong to
units. Programmes add theirs when the application starts, and what is decided about other things than people.
"""

from __future__ import annotations

from portal.policy.benefits import awards, skills, talent
from portal.policy.facts import PERSON
from portal.policy.rules import Benefit

FORCES = {"entitled": "应当落实", "may_apply": "可以申请", "encouraged": "鼓励落实"}
FUNDS = {"unemployment_insurance_fund": "失业保险基金", "employment_subsidy_fund": "就业补助资金"}

# Whole when all programmes have registered theirs, before any app is ready.
CATALOGUE: list[Benefit] = [*talent.BENEFITS, *skills.BENEFITS, *awards.BENEFITS]
BY_CODE: dict[str, Benefit] = {benefit.code: benefit for benefit in CATALOGUE}

# For employers and units: taken in as cases of their own, never answered by a person's check.
UNIT_BENEFITS = {
    "training.pre-job": "岗前技能培训补贴",
    "training.upskilling": "在岗职工技能提升培训补贴",
    "training.apprenticeship": "企业新型学徒制培训补贴",
    "facility.training-base": "高技能人才培训基地建设项目资金",
    "facility.master-studio": "技能大师工作室建设项目资金",
    "facility.competition-base": "职业技能竞赛集训基地资金",
}


_FURTHER: dict[str, Benefit] = {}
_CLAUSES = tuple("一二三四五六七八九十") + ("十一", "十二", "十三", "十四", "十五", "十六")


def register_benefit(benefit: Benefit) -> Benefit:
    """Make a programme's rule known: one about people among those they are told about, behind what the clauses before
    its own give; one about something else (a unit, a course, a result) apart. ValueError for a code that is taken.
    """
    known = _FURTHER.get(benefit.code) or BY_CODE.get(benefit.code, benefit)
    if known is not benefit:
        raise ValueError(f"{benefit.code} is taken")
    if benefit.facts is not PERSON:
        _FURTHER[benefit.code] = benefit
    elif benefit.code not in BY_CODE:
        later = (place for place, one in enumerate(CATALOGUE) if _clause(one) > _clause(benefit))
        CATALOGUE.insert(next(later, len(CATALOGUE)), benefit)
        BY_CODE.clear()
        BY_CODE.update((one.code, one) for one in CATALOGUE)
    return benefit


def _clause(benefit: Benefit) -> int:
    return _CLAUSES.index(benefit.clause.number)


def further_benefits() -> tuple[Benefit, ...]:
    return tuple(_FURTHER.values())
