"""Answers in words: units, clauses, what decides, what is missing, and one reading of them for every room."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from portal.cases.models import ClockRule
from portal.entitlements.check_state import answers_for_facts
from portal.entitlements.groups import group_answers
from portal.entitlements.guides import guidance_for
from portal.entitlements.models import BenefitGuide
from portal.entitlements.wording import (
    ExplainedAnswer,
    Vocabulary,
    alternative_notes,
    canonical_fact_value,
    citation_of,
    condition_rows,
    explain_answers,
    find_deciding,
    observations_in_words,
    value_in_words,
)
from portal.policy.benefits import BY_CODE
from portal.policy.engine import current_rules
from portal.policy.law import law_on
from tests.entitlements.test_questions import ORDINARY

ON = dt.date(2026, 11, 22)
WORDS = Vocabulary({"may_day_medal": "五一劳动奖章"})
TALENT = ORDINARY | {"leading_talent": True, "recruited": "other"}


def said(facts: dict[str, Any], on: dt.date = ON) -> dict[str, ExplainedAnswer]:
    answers = answers_for_facts(facts, on, list(BY_CODE))
    return {one.benefit: one for one in explain_answers(answers, WORDS, on=on)}


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        ("employment", "employed", "在职"),
        ("certificate_level", "senior", "高级工"),
        ("certificate_level", 40, "高级工"),
        ("unemployment_insured_months", 48, "48个月（4年）"),
        ("unemployment_insured_months", 30, "30个月（2年6个月）"),
        ("continuous_months", 7, "7个月"),
        ("worked_years", Decimal("12.50"), "12.5年"),
        ("worked_years", Decimal("12.00"), "12年"),
        ("claims_this_year", 0, "0次"),
        ("competition_rank", 2, "第2名"),
        ("competition_edition", 44, "第44届"),
        ("certificate_issued_on", dt.date(2026, 3, 5), "2026年3月5日"),
        ("leading_talent", False, "否"),
        ("honours", [], "没有已核实的荣誉"),
        ("honours", ["may_day_medal", "league_craftsman"], "五一劳动奖章、league_craftsman"),
        ("highest_level_claimed", 0, "无"),
        ("on", "2026-11-22", "2026年11月22日"),
        ("employment", None, ""),
    ],
)
def test_a_value_is_read_as_people_say_it(fact: str, value: Any, words: str) -> None:
    assert value_in_words(fact, canonical_fact_value(fact, value), WORDS) == words


def test_several_facts_of_one_condition_are_told_apart() -> None:
    both = {"highest_level_claimed": "none", "certificate_level": "senior"}
    assert (
        observations_in_words(both, WORDS) == "同一职业已享受补贴的最高等级：无；申领所依据证书的等级：高级工"
    )
    assert observations_in_words({"employment": "employed"}, WORDS) == "在职"
    assert observations_in_words({"employment": None}, WORDS) == ""


def test_clauses_are_cited_as_each_document_counts_them() -> None:
    assert citation_of({"document": "内党办发〔2019〕6号", "number": "九"}) == "内党办发〔2019〕6号（九）"
    assert citation_of({"document": "职工带薪年休假条例", "number": "第三条"}) == "职工带薪年休假条例第三条"
    assert citation_of({"document": "人社部发〔2017〕40号", "number": None}) == "人社部发〔2017〕40号"


# -- what decides --------------------------------------------------------------------------------------------


def test_only_what_gives_the_no_is_given_as_the_reason(db: None) -> None:
    """Not drawing benefit is no reason for somebody employed and insured: the certificate is too old."""
    late = said(ORDINARY | {"certificate_issued_on": "2025-01-10", "drawing_unemployment_benefit": False})[
        "training.skill-upgrade"
    ]
    assert [one["code"] for one in late.because] == ["in-time"]
    assert late.because[0]["measure"] == "2025年1月10日起12个月内，到2026年1月10日止，已超过316天"
    assert late.because[0]["observed"] == "" and late.because[0]["remedy"]
    facts = {"unemployment_insured_months": 3, "drawing_unemployment_benefit": False}
    neither = said(ORDINARY | facts)["training.skill-upgrade"]
    assert [(one["code"], one["note"]) for one in neither.because] == [("insured", "")]
    relaxed = said(ORDINARY | facts | {"certificate_issued_on": "2025-01-10"}, dt.date(2025, 6, 30))
    because = relaxed["training.skill-upgrade"].because
    assert [one["code"] for one in because] == ["insured", "drawing"]
    assert all(one["note"] for one in because)


@pytest.mark.parametrize("benefit", BY_CODE)
def test_what_decides_is_the_verdict_of_the_tree(db: None, benefit: str) -> None:
    """By the same three-valued logic as the executor, over every pattern of a few values."""
    import itertools

    [rule] = current_rules([benefit]).rules
    codes = [need.code for need in rule.needs]
    for values in itertools.islice(itertools.product([True, False, None], repeat=len(codes)), 0, 3000, 7):
        holds = dict(zip(codes, values, strict=True))
        value, deciding = find_deciding(rule.when, holds)
        assert deciding and all(holds[code] is value for code in deciding)
        # Nothing else was needed: with the rest unknown, a decided value stays.
        if value is not None:
            assert (
                find_deciding(rule.when, {code: holds[code] if code in deciding else None for code in codes})[
                    0
                ]
                is value
            )
    assert set(alternative_notes(rule.when, codes)) <= set(codes)


def test_what_counts_only_together_is_not_said_to_be_enough(db: None) -> None:
    """Employed and insured, or drawing the benefit: the first two are one case, the third another."""
    [rule] = current_rules(["training.skill-upgrade"]).rules
    together = dict.fromkeys(["employed", "paying", "insured"], "与本情形的其他条件同时满足即可")

    def notes(on: str) -> dict[str, str]:
        return alternative_notes(rule.when, [need.code for need in rule.needs if need.present_on(on)])

    assert notes("2024-06-30") == {**together, "drawing": "满足其中一种情形即可"}
    claims = dict.fromkeys(
        ["claims-left", "scarce-occupation", "ordinary-claims-left"], "满足其中一种情形即可"
    )
    assert notes("2025-06-30") == {**together, "drawing": "满足其中一种情形即可", **claims}
    # Without the relaxation nothing is an alternative.
    assert notes("2026-06-30") == {}


def test_who_is_entitled_is_told_what_carries_it_and_no_more(db: None) -> None:
    entry = said(ORDINARY | {"honours": ["may_day_medal"]})["registry.direct-inclusion"]
    assert [(one["code"], one["observed"], one["remedy"]) for one in entry.conditions] == [
        ("inclusion-honour", "五一劳动奖章", "")
    ]
    assert entry.caveats and {question.code for question in entry.questions} == {
        "honour-names",
        "may-day-medal-grade",
    }
    assert entry.clause_number == "一" and entry.force_label == "应当落实" and len(entry.short_digest) == 12


def test_answers_stand_in_the_order_in_which_people_want_to_know(db: None) -> None:
    groups = {
        group.code: [one.benefit for one in group.answers] for group in group_answers(said(TALENT).values())
    }
    assert list(groups) == ["entitled", "may_apply", "encouraged", "undetermined", "ineligible"]
    assert "business.registration" in groups["entitled"] and "household.registration" in groups["may_apply"]
    # 鼓励 is never a right, whatever holds.
    assert groups["encouraged"] == ["housing.support", "title.equivalence"]
    assert "promotion.exceptional" in groups["undetermined"] and "recruited.parity" in groups["ineligible"]


def test_an_amount_without_a_source_is_said_to_be_open(db: None) -> None:
    technician = said(ORDINARY | {"certificate_level": "technician"})["training.technician"]
    assert technician.outcome == "eligible" and technician.lacks_amount
    assert technician.open_figures == ["技师、高级技师培训补贴标准"] and technician.fund == "就业补助资金"
    upgrade = said(ORDINARY)["training.skill-upgrade"]
    assert upgrade.amount == "2000.00" and not upgrade.lacks_amount and upgrade.fund == "失业保险基金"


def test_what_is_missing_has_its_name(db: None) -> None:
    leave = said({"employment": "employed"})["leave.annual"]
    assert leave.missing == [("worked_years", "累计工作年限"), ("continuous_months", "连续工作月数")]
    assert [one["holds"] for one in leave.conditions] == [True, None]
    assert said({})["evaluation.open"].missing == [("in_skilled_post", "是否在技能岗位工作")]


def test_the_wording_of_conditions_is_the_same_wherever_they_are_told() -> None:
    """Without a rule at hand nothing is said about alternatives; clause, observed and remedy read alike."""
    condition = {
        "code": "insured",
        "label": "失业保险累计缴费达到规定月数",
        "clause": {"document": "人社部发〔2017〕40号", "number": None},
        "holds": False,
        "observed": {"unemployment_insured_months": 6},
        "remedy": "再缴6个月。",
    }
    [one] = condition_rows([condition], "ineligible", WORDS)
    assert (one["clause"], one["observed"], one["remedy"], one["note"]) == (
        "人社部发〔2017〕40号",
        "6个月",
        "再缴6个月。",
        "",
    )
    # Whoever is entitled is told what carries it, without a way to meet the rest.
    assert condition_rows([condition], "eligible", WORDS) == []
    assert condition_rows([condition | {"holds": True}], "eligible", WORDS)[0]["remedy"] == ""


# -- what to bring, where, how long --------------------------------------------------------------------------


def guide_to(benefit: str, facts: dict[str, Any] = ORDINARY) -> Any:
    return guidance_for([said(facts)[benefit]], law_on(ON))[benefit]


def test_what_to_bring_follows_from_what_carries_the_answer(db: None) -> None:
    one = guide_to("registry.direct-inclusion", ORDINARY | {"special_allowance": "national"})
    assert one.materials == ["居民身份证原件", "政府特殊津贴证书或批准文件"] and one.for_reference
    upgrade = guide_to("training.skill-upgrade")
    assert upgrade.materials[:2] == ["居民身份证原件", "技能等级证书（职业资格证书）原件"]
    assert len(upgrade.materials) == len(set(upgrade.materials))


def test_how_long_is_law_then_the_office_s_word_then_its_clock_else_open(db: None) -> None:
    upgrade = guide_to("training.skill-upgrade")
    assert (upgrade.time, upgrade.time_source) == (
        "自申请之日起10个工作日内",
        "法定时限：社会保险经办条例第二十四条",
    )
    assert guide_to("evaluation.open").time == ""
    ClockRule.objects.create(kind="evaluation.open", working_days=7, basis="本机关承诺", is_sample=True)
    assert guide_to("evaluation.open").time == "受理后7个工作日内" and guide_to("evaluation.open").sample_time
    BenefitGuide.objects.create(
        benefit="evaluation.open", handling_time="以考评公告为准", materials="身份证\n\n 申报表 "
    )
    told = guide_to("evaluation.open")
    assert (told.time, told.sample_time, told.materials, told.for_reference) == (
        "以考评公告为准",
        False,
        ["身份证", "申报表"],
        False,
    )


def test_what_an_employer_grants_is_asked_of_the_employer(db: None) -> None:
    assert (
        guide_to("leave.annual").handled_by == "所在单位"
        and guide_to("evaluation.open").handled_by == "服务窗口"
    )
