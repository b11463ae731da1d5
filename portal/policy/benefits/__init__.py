"""The benefits a person can be told about, in the order in which they are shown, and the codes that belong to
units. What is decided about other things than people, programmes add when the application starts.
"""

from __future__ import annotations

from portal.policy.benefits import awards, skills, talent
from portal.policy.rules import Benefit

FORCES = {"entitled": "应当落实", "may_apply": "可以申请", "encouraged": "鼓励落实"}
FUNDS = {"unemployment_insurance_fund": "失业保险基金", "employment_subsidy_fund": "就业补助资金"}

CATALOGUE: tuple[Benefit, ...] = (*talent.BENEFITS, *skills.BENEFITS, *awards.BENEFITS)
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


def register_benefit(benefit: Benefit) -> Benefit:
    """Make a rule about something else than a person known: a unit, a course, a result. ValueError for a code that
    is taken.
    """
    known = _FURTHER.get(benefit.code, benefit)
    if benefit.code in BY_CODE or known is not benefit:
        raise ValueError(f"{benefit.code} is taken")
    _FURTHER[benefit.code] = benefit
    return benefit


def further_benefits() -> tuple[Benefit, ...]:
    return tuple(_FURTHER.values())
