"""Rules about employment and unemployment insurance, each by itself and one beside the other."""

from __future__ import annotations

from portal.workforce.plausibility.limits import SAME_RECORD, longer_than_life, too_young
from portal.workforce.plausibility.rules import Rule, age, before_age, plain

_INSURANCE_BEGAN = "《国营企业职工待业保险暂行规定》（国发〔1986〕77号），自1986年10月1日起施行"
_WORKED_UNTIL = "coalesce(ended_on, today)"
# The worked years as they must be by now, when they were written down earlier than the rest.
_WORKED_BY_NOW = "(worked_years + greatest(today - worked_as_of, 0) / 365.25)"
EMPLOYMENT = [
    *too_young("employment", "started_on", "started_on", "起始日期"),
    *longer_than_life(
        "employment.worked",
        {"employment": "worked_years"},
        "worked_years",
        _WORKED_UNTIL,
        f"累计工作{{{plain('worked_years')}}}年",
    ),
    *longer_than_life(
        "employment.front-line",
        {"employment": "front_line_years"},
        "front_line_years",
        _WORKED_UNTIL,
        f"一线年限{{{plain('front_line_years')}}}年",
        cell="years",
    ),
    *longer_than_life(
        "employment.continuous",
        {"employment": "continuous_months"},
        "continuous_months / 12.0",
        _WORKED_UNTIL,
        "连续工作{continuous_months}个月",
    ),
    Rule(
        key="employment.front-line-longer-than-work",
        impossible=True,
        fields={"employment": "front_line_years"},
        when=(f"front_line_years > {_WORKED_BY_NOW} + CASE WHEN today > worked_as_of THEN 1 ELSE 0 END"),
        words=(f"一线年限{{{plain('front_line_years')}}}年，比累计工作年限{{{plain('worked_years')}}}年还长"),
        source="一线年限是累计工作年限的一部分",
        cell="years",
    ),
    Rule(
        key="employment.continuous-longer-than-work",
        impossible=True,
        fields={"employment": "continuous_months"},
        when="continuous_months >= (worked_years + 1) * 12",
        words=f"连续工作{{continuous_months}}个月，比累计工作年限{{{plain('worked_years')}}}年还长",
        source="连续工作的时间是累计工作年限的一部分",
    ),
    Rule(
        key="employment.less-work-than-since-start",
        impossible=False,
        fields={"employment": "worked_years"},
        when=(
            f"(status IN ('employed', 'self_employed') "
            f"AND worked_years + 1 < ({_WORKED_UNTIL} - started_on) / 365.25)"
        ),
        words=f"自{{started_on}}起一直在职，累计工作年限只有{{{plain('worked_years')}}}年",
        source="在职期间计入累计工作年限",
    ),
    Rule(
        key="employment.very-long-front-line",
        impossible=False,
        fields={"employment": "front_line_years"},
        when="front_line_years > 45",
        words=f"一线年限{{{plain('front_line_years')}}}年，超过45年",
        source="从16周岁到法定退休年龄不足45年的居多",
        cell="years",
    ),
    Rule(
        key="employment.very-long-work",
        impossible=False,
        fields={"employment": "worked_years"},
        when="worked_years > 50",
        words=f"累计工作{{{plain('worked_years')}}}年，超过50年",
        source="从16周岁到法定退休年龄不足50年",
    ),
    Rule(
        key="employment.post-without-work",
        impossible=True,
        fields={"employment": "status"},
        when="(status = 'unemployed' AND (on_front_line OR in_skilled_post OR public_payroll))",
        words="就业状态为“失业”，不能同时在一线岗位、技能岗位工作或机关事业单位在编",
        source=SAME_RECORD,
    ),
    Rule(
        key="employment.post-in-retirement",
        impossible=False,
        fields={"employment": "status"},
        when="(status = 'retired' AND (on_front_line OR in_skilled_post OR public_payroll))",
        words="就业状态为“退休”，同时登记为在岗或在编",
        source="退休后返聘的，应写明情况",
    ),
    Rule(
        key="employment.retired-young",
        impossible=False,
        fields={"employment": "status"},
        when=f"(status = 'retired' AND {before_age('coalesce(started_on, today)', 45)})",
        words="就业状态为“退休”，本人{birth_on}出生，退休时未满45周岁",
        source="《国务院关于工人退休、退职的暂行办法》（国发〔1978〕104号）第一条第二项：特殊工种女年满45周岁",
    ),
    Rule(
        key="employment.working-after-sixty-five",
        impossible=False,
        fields={"employment": "status"},
        when="(status = 'employed' AND ended_on IS NULL AND today >= birth_on + interval '65 years')",
        words=f"就业状态为“在职”，本人{{birth_on}}出生，现{{{age('today')}}}周岁",
        source="《国务院关于渐进式延迟法定退休年龄的办法》第一条：男职工法定退休年龄最高63周岁",
        cell="employer",
    ),
]

_INSURED_YEARS = "insured_months / 12.0"
INSURANCE = [
    *longer_than_life(
        "insurance",
        {"insurance": "months"},
        _INSURED_YEARS,
        "insured_as_of",
        "失业保险累计缴费{insured_months}个月",
        cell="months",
    ),
    Rule(
        key="insurance.paying-and-drawing",
        impossible=True,
        fields={"insurance": "paying"},
        when="(paying AND drawing)",
        words="“正在正常缴费”与“正在领取失业保险金”不能同时为“是”",
        source=SAME_RECORD,
    ),
    Rule(
        key="insurance.longer-than-insurance",
        impossible=False,
        fields={"insurance": "months"},
        when="insured_months > greatest((insured_as_of - date '1986-10-01') / 30.4, 0) + 1",
        words="失业保险累计缴费{insured_months}个月，比失业保险制度施行以来的时间还长",
        source=_INSURANCE_BEGAN,
        cell="months",
    ),
    Rule(
        key="insurance.longer-than-work",
        impossible=False,
        fields={"insurance": "months", "employment": "worked_years"},
        when=f"insured_months > ({_WORKED_BY_NOW} + 1) * 12",
        words=f"失业保险累计缴费{{insured_months}}个月，比累计工作年限{{{plain('worked_years')}}}年还长",
        source="工作期间缴纳失业保险费",
        cell="months",
    ),
    Rule(
        key="insurance.drawing-at-work",
        impossible=False,
        fields={"insurance": "drawing_benefit", "employment": "status"},
        when="(drawing AND status = 'employed' AND ended_on IS NULL)",
        words="登记为“在职”，同时登记为“正在领取失业保险金”",
        source="《失业保险条例》第十五条：重新就业的停止领取失业保险金",
    ),
    Rule(
        key="insurance.paying-in-retirement",
        impossible=False,
        fields={"insurance": "paying", "employment": "status"},
        when="(paying AND status = 'retired' AND ended_on IS NULL)",
        words="登记为“退休”，同时登记为“正在正常缴费”",
        source="退休后不再缴纳失业保险费",
    ),
]
