"""The funds the portal ships with, and what each may pay, with where that is written."""

from __future__ import annotations

from dataclasses import dataclass

from portal.funds.models.funds import DocumentKind, PayeeKind, Use


@dataclass(frozen=True)
class Rule:
    """A use or a payee that a fund may pay, or must never."""

    of: Use | PayeeKind
    permitted: bool
    document: str
    article: str = ""


@dataclass(frozen=True)
class FundDescription:
    code: str
    name: str
    rests_on: DocumentKind
    arrives_by: DocumentKind
    pays_a_right: bool
    rules: tuple[Rule, ...]
    # Where it is written that what was paid wrongly may be kept back from later benefits; nothing: nowhere.
    sets_off_by: str = ""


_POLICY = "内党办发〔2019〕6号"
_INSURANCE_NOTICE = "人社部发〔2017〕40号"
# Replaced by 财社〔2026〕1号 from 2026-01-09, whose text was not read: it stays in force with a caveat.
_SUBSIDY_RULES = "财社〔2023〕181号"

FUNDS: tuple[FundDescription, ...] = (
    FundDescription(
        "unemployment_insurance_fund",
        "失业保险基金",
        DocumentKind.FUND_BUDGET,
        DocumentKind.PAYMENT_ORDER,
        pays_a_right=True,
        sets_off_by="《社会保险经办条例》第四十六条、第五十五条",
        rules=(
            Rule(Use.SKILL_UPGRADE, True, _INSURANCE_NOTICE),
            Rule(PayeeKind.PERSON, True, _INSURANCE_NOTICE),
            # A person on the public payroll who pays contributions has the same right.
            Rule(PayeeKind.PUBLIC_PAYROLL, True, _INSURANCE_NOTICE),
        ),
    ),
    FundDescription(
        "employment_subsidy_fund",
        "就业补助资金",
        DocumentKind.INDICATOR,
        DocumentKind.INDICATOR,
        pays_a_right=False,
        rules=(
            Rule(Use.TRAINING, True, _POLICY, "十"),
            Rule(PayeeKind.PERSON, True, _POLICY, "十"),
            Rule(PayeeKind.UNIT, True, _POLICY, "十"),
            Rule(Use.AWARD, False, _SUBSIDY_RULES, "第十六条"),
            Rule(Use.COMPETITION_COST, False, _SUBSIDY_RULES, "第十六条"),
            Rule(PayeeKind.PUBLIC_PAYROLL, False, _SUBSIDY_RULES, "第十六条"),
        ),
    ),
    FundDescription(
        "facility_budget",
        "高技能人才建设项目资金",
        DocumentKind.INDICATOR,
        DocumentKind.INDICATOR,
        pays_a_right=False,
        rules=(
            Rule(Use.FACILITY_GRANT, True, _POLICY, "十"),
            Rule(PayeeKind.UNIT, True, _POLICY, "十"),
        ),
    ),
    FundDescription(
        "award_budget",
        "技能竞赛奖励资金",
        DocumentKind.INDICATOR,
        DocumentKind.INDICATOR,
        pays_a_right=False,
        rules=(
            Rule(Use.AWARD, True, _POLICY, "十二"),
            Rule(PayeeKind.PERSON, True, _POLICY, "十二"),
            Rule(PayeeKind.PUBLIC_PAYROLL, True, _POLICY, "十二"),
            Rule(PayeeKind.UNIT, True, _POLICY, "十二"),
        ),
    ),
)
