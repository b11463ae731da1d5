"""Numbers and days of an answer in words, the calendar file, what follows, and what the unit may claim."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from portal.calendar_file import DayEntry, calendar_text
from portal.entitlements.check_state import answers_for_facts
from portal.entitlements.for_units import what_the_unit_can_claim
from portal.entitlements.numbers import AnswerDays, entries_of, measure_in_words
from portal.entitlements.wording import ExplainedAnswer, Vocabulary, explain_answers
from portal.policy.benefits import BY_CODE
from portal.policy.explain import find_verdicts
from portal.policy.following import Following, what_follows
from portal.policy.law import law_on
from tests.entitlements.test_questions import ORDINARY
from tests.entitlements.test_saying import ON, said

UPGRADE = "training.skill-upgrade"
pytestmark = pytest.mark.django_db


def told(facts: dict[str, Any], benefit: str = UPGRADE, on: dt.date = ON) -> ExplainedAnswer:
    answers = answers_for_facts(facts, on, [benefit])
    [one] = explain_answers(answers, Vocabulary(), on=on, facts=facts)
    return one


def measure(fact: str, comparison: str, required: Any, has: Any, **more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(["missing", "left", "reached_on", "until"])
    given = {"fact": fact, "comparison": comparison, "required": required, "has": has, "assumes": ""}
    return {**nothing, **given, **more}


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            measure(
                "unemployment_insured_months",
                "at_least",
                36,
                30,
                missing=6,
                reached_on="2027-05-22",
                assumes="如继续按月缴费",
            ),
            "需要36个月，现有30个月，合2年6个月，还差6个月；如继续按月缴费，2027年5月22日达到",
        ),
        (measure("continuous_months", "at_least", 12, 5, missing=7), "需要12个月，现有5个月，还差7个月"),
        (measure("continuous_months", "at_least", 12, None), "需要12个月"),
        (measure("continuous_months", "at_least", None, 5), ""),
        (
            measure("skill_level", "at_least", "senior", "junior", missing=2),
            "现有初级工，还差2级",
        ),
        (measure("claims_this_year", "below", 3, 1, left=2), "上限3次，已有1次，还可2次"),
        (
            measure("claims_this_year", "below", 1, 1, left=0, reached_on="2027-01-01"),
            "上限1次，已有1次；2027年1月1日起重新计算",
        ),
        (measure("competition_rank", "at_most", 3, 5), "不超过第3名，现有第5名"),
        (
            measure("certificate_issued_on", "within_months", 12, "2026-03-15", until="2027-03-15", left=113),
            "2026年3月15日起12个月内，到2027年3月15日止，还有113天",
        ),
        (
            measure("certificate_issued_on", "within_months", 12, "2025-11-22", until="2026-11-22", left=0),
            "2025年11月22日起12个月内，到2026年11月22日止，今天是最后一天",
        ),
        (None, ""),
    ],
)
def test_a_measure_is_said_with_its_unit(one: dict[str, Any] | None, words: str) -> None:
    assert measure_in_words(one, ON) == words


# -- days ------------------------------------------------------------------------------------------------------


def test_an_end_that_is_close_is_said_in_words_too() -> None:
    """Given thirty days, when the answer is read, then it hurries; on the day before it does not yet."""
    until = dt.date(2027, 3, 15)
    near = AnswerDays(until - dt.timedelta(days=30), end=until)
    assert near.close and near.sentence == "申请期限到2027年3月15日止，还有30天，即将到期，请尽快办理"
    far = AnswerDays(until - dt.timedelta(days=31), end=until)
    assert not far.close and far.sentence == "申请期限到2027年3月15日止，还有31天"
    last = AnswerDays(until, end=until)
    assert last.close and "今天是最后一天" in last.sentence
    over = AnswerDays(until + dt.timedelta(days=1), end=until)
    assert over.over and over.sentence.endswith("已经过期")
    assert AnswerDays(until).sentence == "" and not AnswerDays(until).any


def test_an_answer_knows_its_days() -> None:
    claim = ORDINARY | {"certificate_issued_on": "2026-05-10", "unemployment_insured_months": 33}
    later = told(claim)
    assert later.days.sentence == "如继续按月缴费，预计从2027年2月22日起符合条件，到2027年5月10日止"
    open_still = {fact: value for fact, value in claim.items() if fact != "claims_this_year"}
    perhaps = told(open_still)
    assert perhaps.outcome == "ineligible" and perhaps.days.sentence == (
        "如继续按月缴费，其他条件也符合的，预计从2027年2月22日起符合条件，到2027年5月10日止"
    )
    now = told(claim | {"unemployment_insured_months": 48})
    asked = told({**open_still, "unemployment_insured_months": 48})
    assert asked.outcome == "undetermined"
    assert asked.days.sentence == "如果符合，申请期限到2027年5月10日止，还有169天"
    assert now.days.sentence == "申请期限到2027年5月10日止，还有169天"
    assert now.money_caveats and not now.other_caveats
    leave = told(ORDINARY | {"continuous_months": 40, "worked_years": 9.5}, "leave.annual")
    assert leave.rises == ["满10年后为10天；如继续工作，预计从2027年5月22日起"]


def test_every_stretch_is_said_and_stands_in_the_calendar() -> None:
    """Given a relaxation that ends before the base rule is met, then both times are said, and what they rest on."""
    on = dt.date(2025, 11, 15)
    claim = ORDINARY | {
        "certificate_issued_on": "2025-10-10",
        "unemployment_insured_months": 30,
        "claims_this_year": 0,
    }
    days = told(claim, on=on).days
    assert days.sentence == (
        "申请期限到2025年12月31日止，还有46天；如继续按月缴费，2026年5月15日至2026年10月10日又可以申请"
    )
    entries = entries_of(UPGRADE, "技能提升补贴", days, basis="2025-10-10")
    assert [(entry.title, entry.day.isoformat()) for entry in entries] == [
        ("技能提升补贴：申请截止", "2025-12-31"),
        ("技能提升补贴：又可以申请", "2026-05-15"),
        ("技能提升补贴：申请截止", "2026-10-10"),
    ]
    assert len({entry.key for entry in entries}) == 3
    # Read again when the first one is over.
    [answer] = answers_for_facts(claim, on, [UPGRADE])
    between = AnswerDays.read(answer, dt.date(2026, 2, 1))
    assert between.sentence == "如继续按月缴费，预计从2026年5月15日起符合条件，到2026年10月10日止"
    after = AnswerDays.read(answer, dt.date(2026, 10, 11))
    assert after.over and after.sentence == "申请期限到2026年10月10日止，已经过期"


@pytest.mark.parametrize(
    ("claims", "scarce", "listed", "is_mixed"),
    [
        (1, 0, True, True),
        (1, 1, False, True),
        (2, 1, True, True),
        (1, 1, True, False),
        (1, 0, False, False),
        (0, 0, True, False),
        # What is not known may be of the other kind.
        (1, None, True, True),
        (1, 0, None, True),
        (None, None, None, False),
    ],
)
def test_claims_of_both_kinds_in_a_year_are_said_to_be_an_open_question(
    claims: int | None, scarce: int | None, listed: bool | None, is_mixed: bool
) -> None:
    facts = ORDINARY | {
        "certificate_issued_on": "2025-05-10",
        "unemployment_insured_months": 40,
        "claims_this_year": claims,
        "scarce_claims_this_year": scarce,
        "certificate_occupation_scarce": listed,
    }
    one = told(facts, on=dt.date(2025, 11, 15))
    assert any("怎样计次" in caveat for caveat in one.caveats) is is_mixed
    assert not any(question.code == "mixed-claims" for question in one.questions)
    # Before and after, there was and is one count.
    assert not any(
        "怎样计次" in caveat
        for caveat in told(facts | {"certificate_issued_on": "2024-12-01"}, on=dt.date(2025, 2, 1)).caveats
    )


def test_reasons_for_a_yes_show_no_cross() -> None:
    """Given drawing benefit in 2025, when it entitles, then employment is not listed as failing."""
    on = dt.date(2025, 6, 30)
    facts = ORDINARY | {
        "employment": "unemployed",
        "drawing_unemployment_benefit": True,
        "certificate_issued_on": "2025-05-01",
        "claims_this_year": 0,
    }
    one = told(facts, on=on)
    assert one.outcome == "eligible"
    assert all(condition["holds"] is True for condition in one.conditions)
    assert "drawing" in {condition["code"] for condition in one.conditions}


def test_only_open_questions_that_touch_somebody_are_told() -> None:
    plain = told(ORDINARY | {"honours": ["national_model_worker"]}, "registry.direct-inclusion")
    assert plain.questions == []
    medal = told(ORDINARY | {"honours": ["may_day_medal"]}, "registry.direct-inclusion")
    assert any("五一劳动奖章是否包括自治区级" in caveat for caveat in medal.caveats)
    # Told once.
    assert medal.questions == []
    renamed = told(ORDINARY | {"honours": ["grassland_talent"]}, "registry.direct-inclusion")
    assert [question.code for question in renamed.questions] == ["honour-names"]


def following(facts: dict[str, Any]) -> list[Following]:
    return what_follows(find_verdicts(facts, ON)[0])


# -- what follows ------------------------------------------------------------------------------------------------


def test_an_honour_leads_to_the_registry_and_what_it_gives() -> None:
    facts = ORDINARY | {
        "honours": ["may_day_medal"],
        "leading_talent": False,
        "skill_level": "chief_technician",
    }
    [entry] = following(facts)
    assert entry.step.label == "“直接纳入高技能领军人才名录”办成后"
    opened = {gain.title for gain in (*entry.gains, *entry.perhaps)}
    registry_benefits = {BY_CODE[code].title for code in ("household.registration", "business.registration")}
    assert registry_benefits <= {gain.title for gain in entry.gains}
    assert len(opened) >= 2


def test_unknown_conditions_of_what_follows_are_named_as_such() -> None:
    facts = {"honours": ["may_day_medal"], "leading_talent": False}
    [entry] = following(facts)
    assert len(entry.gains) + len(entry.perhaps) == 9
    assert "专家体检和休假" in {gain.title for gain in entry.perhaps}


def test_the_next_level_brings_its_amount() -> None:
    facts = ORDINARY | {"skill_level": "junior", "certificate_level": "junior"}
    steps = {one.step.label: one for one in following(facts)}
    gains = {gain.benefit: gain.amount for gain in steps["取得中级工证书后"].gains}
    assert gains[UPGRADE] == "1500.00"
    # What is to be confirmed of the amount is said with it.
    assert "放宽政策期满" in steps["取得中级工证书后"].money_caveats[0]
    # Not knowing the rest, the amount is known all the same.
    [first] = following({"skill_level": "apprentice", "certificate_level": "apprentice"})
    assert first.step.label == "取得初级工证书后"
    assert {gain.benefit: gain.amount for gain in first.perhaps}[UPGRADE] == "1000.00"


def test_nothing_follows_for_whom_nothing_can() -> None:
    assert following({}) == []
    assert following({"skill_level": "chief_technician", "leading_talent": True}) == []
    assert following({"employment": "retired", "skill_level": "senior"}) == []


def test_the_unit_of_an_apprentice_may_claim_for_training_one() -> None:
    law = law_on(ON)
    apprentice = what_the_unit_can_claim({"employment": "employed", "skill_level": "apprentice"}, law)
    assert apprentice[0].title == "企业新型学徒制培训补贴" and "12个月以上" in apprentice[0].when
    assert len(what_the_unit_can_claim({"employment": "employed", "skill_level": "senior"}, law)) == 2
    for facts in (
        {"employment": "retired"},
        {},
        {"employment": "employed", "public_institution_payroll": True},
    ):
        assert what_the_unit_can_claim(facts, law) == []


# -- the calendar file -------------------------------------------------------------------------------------------


def test_a_calendar_file_is_folded_escaped_and_whole() -> None:
    """Given long Chinese text with marks, when written, then no line is over 75 octets, none cut in a character,
    and unfolded it is the text again.
    """
    title = "技能提升补贴：申请截止；请带齐,材料\\复印件" * 6
    entry = DayEntry("a", dt.date(2027, 12, 31), title, "第一行\n第二行", "https://example.org/x", 14)
    text = calendar_text([entry], dt.datetime(2026, 11, 22, 1, 2, 3, tzinfo=dt.UTC))
    assert text.endswith("END:VCALENDAR\r\n") and "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    lines = unfolded.split("\r\n")
    assert "DTSTAMP:20261122T010203Z" in lines
    assert "DTSTART;VALUE=DATE:20271231" in lines and "DTEND;VALUE=DATE:20280101" in lines
    assert "DESCRIPTION:第一行\\n第二行" in lines and "X-WR-TIMEZONE:Asia/Shanghai" in lines
    written = next(line for line in lines if line.startswith("SUMMARY:")).removeprefix("SUMMARY:")
    assert written.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\") == title


def test_the_same_day_has_the_same_name_in_every_file() -> None:
    days = AnswerDays(ON, end=dt.date(2027, 3, 15))
    [entry] = entries_of(UPGRADE, "技能提升补贴", days, basis="2026-03-15")
    [again] = entries_of(UPGRADE, "技能提升补贴", days, basis="2026-03-15")
    [other] = entries_of(UPGRADE, "技能提升补贴", days, basis="2026-04-15")
    assert entry.key == again.key != other.key
    assert entry.day == dt.date(2027, 3, 15) and entry.remind_before == 14
    assert entries_of(UPGRADE, "技能提升补贴", AnswerDays(dt.date(2027, 3, 16), end=days.end)) == []


def test_said_answers_have_the_numbers_everywhere(db: None) -> None:
    one = said(ORDINARY)[UPGRADE]
    assert any(condition["measure"] for condition in one.conditions)
