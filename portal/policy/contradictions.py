"""Facts that cannot both be true, or hardly: whoever typed them in is asked once more, and every answer that
rests on them says so. Nothing is decided otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.facts import LEVEL_BY_CODE

Facts = Mapping[str, Any]
_AT_WORK = frozenset({"employed"})


# Each is one of those below and like no other: found among some without comparing words.
@dataclass(frozen=True, eq=False)
class Contradiction:
    """`applies` is asked only when every one of `facts` is known (canonical values)."""

    facts: tuple[str, ...]
    says: str
    applies: Callable[[Facts], bool]

    def stands_in(self, facts: Facts) -> bool:
        for name in self.facts:
            if facts.get(name) is None:
                return False
        return self.applies(facts)


def _not_at_work(flag: str) -> Callable[[Facts], bool]:
    return lambda facts: facts[flag] is True and facts["employment"] not in _AT_WORK


def _level(facts: Facts, fact: str) -> int:
    return int(LEVEL_BY_CODE[facts[fact]])


# Years are counted in full ones (a person of 2 years may have worked 35 months).
CONTRADICTIONS: tuple[Contradiction, ...] = (
    Contradiction(
        ("worked_years", "continuous_months"),
        "连续工作的时间比累计工作的时间还长",
        lambda facts: facts["continuous_months"] >= (facts["worked_years"] + 1) * 12,
    ),
    Contradiction(
        ("worked_years", "unemployment_insured_months"),
        "失业保险累计缴费的时间比累计工作的时间还长",
        lambda facts: facts["unemployment_insured_months"] >= (facts["worked_years"] + 1) * 12,
    ),
    Contradiction(
        ("worked_years", "front_line_years"),
        "在一线工作的时间比累计工作的时间还长",
        lambda facts: facts["front_line_years"] >= facts["worked_years"] + 1,
    ),
    Contradiction(
        ("employment", "drawing_unemployment_benefit"),
        "在职、灵活就业或已退休，又正在领取失业保险金",
        lambda facts: facts["drawing_unemployment_benefit"] and facts["employment"] != "unemployed",
    ),
    Contradiction(
        ("employment", "paying_unemployment_insurance"),
        "失业或已退休，又正在正常缴纳失业保险费",
        lambda facts: (
            facts["paying_unemployment_insurance"] and facts["employment"] in {"unemployed", "retired"}
        ),
    ),
    Contradiction(
        ("paying_unemployment_insurance", "drawing_unemployment_benefit"),
        "正在正常缴纳失业保险费，又正在领取失业保险金",
        lambda facts: facts["paying_unemployment_insurance"] and facts["drawing_unemployment_benefit"],
    ),
    Contradiction(
        ("employment", "public_institution_payroll"),
        "不在单位上班，又是机关事业单位在编人员",
        _not_at_work("public_institution_payroll"),
    ),
    Contradiction(
        ("employer_kind", "public_institution_payroll"),
        "用人单位不是机关事业单位，本人又是机关事业单位在编人员",
        lambda facts: facts["public_institution_payroll"] and facts["employer_kind"] != "public_institution",
    ),
    Contradiction(
        ("employment", "on_front_line"),
        "失业或已退休，又在生产服务一线岗位工作",
        lambda facts: facts["on_front_line"] and facts["employment"] in {"unemployed", "retired"},
    ),
    Contradiction(
        ("employment", "in_skilled_post"),
        "失业或已退休，又在技能岗位工作",
        lambda facts: facts["in_skilled_post"] and facts["employment"] in {"unemployed", "retired"},
    ),
    Contradiction(
        ("skill_level", "certificate_level"),
        "申领所依据证书的等级比现有最高技能等级还高",
        lambda facts: _level(facts, "certificate_level") > _level(facts, "skill_level"),
    ),
    Contradiction(
        ("skill_level", "highest_level_claimed"),
        "同一工种领过补贴的最高等级比现有最高技能等级还高",
        lambda facts: _level(facts, "highest_level_claimed") > _level(facts, "skill_level"),
    ),
    Contradiction(
        ("jobless_willing_spouse_or_child", "hard_to_employ_family_member"),
        "没有有就业意愿但未就业的配偶或子女，又有属于就业困难人员的家属",
        lambda facts: facts["hard_to_employ_family_member"] and not facts["jobless_willing_spouse_or_child"],
    ),
    Contradiction(
        ("competition", "competition_rank"),
        "没有参加过竞赛，又有竞赛名次",
        lambda facts: facts["competition"] == "none",
    ),
    Contradiction(
        ("competition", "competition_prize"),
        "没有参加过竞赛，又有竞赛奖项",
        lambda facts: facts["competition"] == "none" and facts["competition_prize"] != "none",
    ),
    Contradiction(
        ("claims_this_year", "scarce_claims_this_year"),
        "以急需紧缺职业（工种）证书申领的次数比本年度申领的次数还多",
        lambda facts: facts["scarce_claims_this_year"] > facts["claims_this_year"],
    ),
    Contradiction(
        ("certificate_level", "claimed_same_occupation_level", "highest_level_claimed"),
        "同一等级是否领过，与同一工种领过的最高等级不一致",
        lambda facts: (
            (_level(facts, "highest_level_claimed") < _level(facts, "certificate_level"))
            if facts["claimed_same_occupation_level"]
            else facts["highest_level_claimed"] == facts["certificate_level"]
        ),
    ),
)


def contradictions_among(names: Collection[str]) -> tuple[Contradiction, ...]:
    """Those of which every fact is among the names."""
    return tuple(one for one in CONTRADICTIONS if set(one.facts) <= set(names))


def find_contradictions(
    facts: Facts, among: Collection[Contradiction] = CONTRADICTIONS
) -> list[Contradiction]:
    return [one for one in among if one.stands_in(facts)]
