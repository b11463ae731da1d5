"""Conditions for a time: they may hold in several intervals, and are absent outside; a tree of them as well."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import pytest
from django.db.models import F, Q

from portal.policy.answer_frames import answer_frame
from portal.policy.benefits import BY_CODE
from portal.policy.day_change import date_dependent_sql
from portal.policy.engine import RuleSet
from portal.policy.explain import find_missing, open_conditions, verdict_from_row
from portal.policy.law import law_on
from portal.policy.replay import parse
from portal.policy.rules import RuleError, all_of, any_of, definition, need
from portal.policy.sets import answers, masks
from portal.policy.terms import Fact, together, whole
from tests.policy.people import relation_of

DURING = (("2021-03-01", "2021-05-31"), ("2022-01-01", None))
IN, OUT = (
    ["2021-03-01", "2021-05-31", "2022-01-01", "2030-01-01"],
    ["2021-02-28", "2021-06-01", "2021-12-31"],
)
LIMIT, MONTHS = "training.skill-upgrade.claims-per-year", "leave.annual.months"
POST = need("post", Q(in_skilled_post=True), "", "")
SKILL = need("skill", Q(superb_skill=True), "", "", during=DURING)
CONTRIBUTION = need("contribution", Q(outstanding_contribution=True), "", "", during=DURING)


def rule_of(when: Any) -> RuleSet:
    """A rule as the executor runs it: read back from its data."""
    benefit = dataclasses.replace(BY_CODE["evaluation.open"], when=when)
    return RuleSet([parse(json.loads(json.dumps(definition(benefit))))])


def decided(rules: RuleSet, facts: dict[str, Any], on: str) -> Any:
    """The verdict over typed-in facts, which the same rule over a register gives too."""
    (rule,) = rules.rules
    law = law_on(dt.date.fromisoformat(on))
    verdict = verdict_from_row(rules, rule, rules.decide(facts, law), facts, law)
    (row,) = answers(rules, relation_of({0: facts}), law).rows()
    assert {part["code"]: part["holds"] for part in row["conditions"]} == verdict.holds
    assert row["digest"] == verdict.digest
    (mask,) = masks(rules, relation_of({0: facts}), law).rows()
    assert (mask["eligible"], mask["undetermined"]) == (verdict.eligible is True, verdict.eligible is None)
    # The walk through the tree comes to what the query says.
    assert bool(open_conditions(verdict)) == (verdict.eligible is None)
    return verdict


@pytest.mark.django_db
@pytest.mark.parametrize("on", [*IN, *OUT])
def test_a_condition_counts_in_its_intervals_alone(on: str) -> None:
    there = on in IN
    together_with = decided(rule_of(all_of(POST, SKILL)), {"in_skilled_post": True}, on)
    assert ("skill" in together_with.holds) is there
    assert together_with.eligible is (None if there else True)
    failing = {"in_skilled_post": True, "superb_skill": False}
    assert decided(rule_of(all_of(POST, SKILL)), failing, on).eligible is not there
    alternative = {"in_skilled_post": False, "superb_skill": True}
    assert decided(rule_of(any_of(POST, SKILL)), alternative, on).eligible is there


@pytest.mark.django_db
@pytest.mark.parametrize("on", [*IN, *OUT])
def test_alternatives_that_are_all_absent_are_absent_together(on: str) -> None:
    rules = rule_of(all_of(POST, any_of(SKILL, all_of(CONTRIBUTION))))
    neither = {"in_skilled_post": True, "superb_skill": False, "outstanding_contribution": False}
    assert decided(rules, neither, on).eligible is (on not in IN)
    verdict = decided(rules, {"in_skilled_post": True}, on)
    missing, _ = find_missing(verdict, answer_frame(verdict.rule, verdict.law))
    assert missing == (["superb_skill", "outstanding_contribution"] if on in IN else [])


def test_intervals_are_in_the_data_of_who_uses_them_and_nowhere_else() -> None:
    assert "during" not in POST.data()
    assert SKILL.data()["during"] == [["2021-03-01", "2021-05-31"], ["2022-01-01", None]]


@pytest.mark.parametrize(
    "during",
    [
        (("2021-03-01", "2021-02-01"),),
        (("2021-03-01", None), ("2022-01-01", None)),
        (("2021-03-01", "2021-05-31"), ("2021-05-31", None)),
        (("2022-01-01", "2022-05-31"), ("2021-01-01", "2021-05-31")),
    ],
)
def test_intervals_out_of_order_are_refused(during: Any) -> None:
    with pytest.raises(RuleError):
        need("odd", Q(superb_skill=True), "", "", during=during)
    with pytest.raises(RuleError):
        need("odd", Q(superb_skill=True), "", "", since="2021-01-01", during=DURING)
    stored = json.loads(json.dumps(definition(dataclasses.replace(BY_CODE["evaluation.open"], when=SKILL))))
    stored["when"]["all_of"][1]["during"] = during
    with pytest.raises(RuleError):
        parse(stored)


@pytest.mark.django_db
def test_a_night_on_which_an_interval_begins_or_ends_may_be_anybodys_answer() -> None:
    rules = rule_of(all_of(POST, SKILL))
    nights = {
        ("2021-02-28", "2021-03-01"): None,
        ("2021-03-01", "2021-03-02"): "false",
        ("2021-05-31", "2021-06-01"): None,
        ("2021-06-01", "2021-06-02"): "false",
        ("2021-12-31", "2022-01-01"): None,
        ("2021-06-01", "2021-05-31"): None,
        ("2025-12-31", "2026-01-01"): "false",
    }
    for (before, on), touched in nights.items():
        laws = [law_on(dt.date.fromisoformat(day)) for day in (before, on)]
        assert date_dependent_sql(rules, *laws) == touched, (before, on)


@pytest.mark.django_db
def test_figures_and_facts_may_be_added_up() -> None:
    limit, more = whole(LIMIT), Fact("competition_rank")
    rules = rule_of(need("left", Q(claims_this_year__lt=together(limit, more)), "", ""))
    facts = {"competition_rank": 2}
    said = {claims: decided(rules, {**facts, "claims_this_year": claims}, "2024-06-30") for claims in (4, 5)}
    assert {claims: verdict.eligible for claims, verdict in said.items()} == {4: True, 5: False}
    unknown = decided(rules, {"claims_this_year": 1}, "2024-06-30")
    frame = answer_frame(unknown.rule, unknown.law)
    assert find_missing(unknown, frame) == (["competition_rank"], [])
    without = decided(rules, {"claims_this_year": 1}, "2023-06-30")
    assert find_missing(without, answer_frame(without.rule, without.law)) == ([], [LIMIT])
    figures = rule_of(need("left", Q(claims_this_year__lt=together(limit, whole(MONTHS))), "", ""))
    assert decided(figures, {"claims_this_year": 14}, "2024-06-30").eligible is True
    assert decided(figures, {"claims_this_year": 15}, "2024-06-30").eligible is False


@pytest.mark.django_db
def test_a_sum_may_be_larger_than_a_figure() -> None:
    (rule,) = rule_of(
        need("left", Q(claims_this_year__lt=together(whole(LIMIT), whole(MONTHS))), "", "")
    ).rules
    rules = RuleSet([rule])
    law = law_on(dt.date(2024, 6, 30)).with_draft({LIMIT: 2**31 - 1})
    row = rules.decide({"claims_this_year": 1}, law)
    assert row[rules.verdict_column(rule)] is True


def test_a_sum_names_facts_that_there_are() -> None:
    with pytest.raises(RuleError):
        need("odd", Q(claims_this_year__lt=together(whole(LIMIT), Fact("no_such_fact"))), "", "")
    with pytest.raises(RuleError):
        need("odd", Q(claims_this_year__lt=F("no_such_fact")), "", "")
