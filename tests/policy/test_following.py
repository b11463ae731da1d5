"""What follows, told without asking the executor again, held against the executor that is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.policy import check, validate_facts
from portal.policy.explain import find_verdicts
from portal.policy.fast_answers.json import following_json
from portal.policy.fast_answers.templates import compact_json
from portal.policy.following import Following, amount_if_entitled, concerning, what_follows
from portal.policy.law import law_on
from tests.policy.people import facts_of
from tests.policy.test_executor import DAYS, known_on, property_test

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 22)


def following_of(facts: dict[str, Any], on: dt.date) -> list[Following]:
    return what_follows(find_verdicts(validate_facts(facts, on), on)[0])


def by_the_executor(facts: dict[str, Any], changed: dict[str, Any], on: dt.date) -> tuple[set[Any], set[Any]]:
    """(what is had then and was not so before; what is no longer out of the question, or worth another amount)."""
    gains: set[Any] = set()
    perhaps: set[Any] = set()
    later = {**facts, **changed}
    for before, after in zip(check(facts, on), check(later, on), strict=True):
        what = (after["outcome"], after["amount"], after["gives"])
        if after["outcome"] == "eligible" and what != (before["outcome"], before["amount"], before["gives"]):
            gains.add((after["benefit"], after["amount"], after["gives"]["summary"], tuple(after["caveats"])))
        if after["outcome"] == "undetermined" and before["outcome"] != "eligible":
            amounts = [amount_if_entitled(after["benefit"], known, law_on(on)) for known in (facts, later)]
            if before["outcome"] == "ineligible" or amounts[1] not in (None, amounts[0]):
                perhaps.add((after["benefit"], amounts[1], tuple(after["caveats"])))
    return gains, perhaps


@property_test
@given(facts=facts_of(), on=st.sampled_from(DAYS))
def test_what_follows_is_what_the_executor_says_of_the_changed_facts(
    facts: dict[str, Any], on: dt.date
) -> None:
    known = known_on(facts, on)
    for one in following_of(known, on):
        gains, perhaps = by_the_executor(known, dict(one.step.facts), on)
        assert {(gain.benefit, gain.amount, gain.summary, gain.caveats) for gain in one.gains} == gains
        assert {(gain.benefit, gain.amount, gain.caveats) for gain in one.perhaps} == perhaps
        assert one.gains or one.perhaps


@property_test
@given(facts=facts_of(), on=st.sampled_from(DAYS))
def test_the_text_is_the_data(facts: dict[str, Any], on: dt.date) -> None:
    following = following_of(known_on(facts, on), on)
    assert following_json(following) == compact_json([one.data() for one in following])


def test_of_some_benefits_only_what_concerns_them() -> None:
    facts = {"honours": ["may_day_medal"], "leading_talent": False, "skill_level": "junior"}
    following = following_of(facts, DAY)
    assert [one.step.benefit for one in following] == ["registry.direct-inclusion", None]
    assert list(concerning(following, ["registry.direct-inclusion"])) == following[:1]
    assert list(concerning(following, ["training.skill-upgrade"])) == following[1:]
    assert list(concerning(following, ["leave.annual"])) == []
