"""A walk lives in its address: nothing lost on the way back, nothing readable, nothing to forge, gone after
its time.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.entitlements.check_state import (
    BadCheckState,
    CheckState,
    answers_for_facts,
    facts_to_ask,
    missing_facts_in,
)
from portal.entitlements.questions import next_step, step_asking, steps
from portal.policy.facts import FACTS
from tests.policy.people import facts_of

ON = dt.date(2026, 11, 22)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ASKED = [fact for step in steps() for fact in step.facts]


@SLOW
@given(facts=facts_of(ASKED), skipped=st.sets(st.sampled_from(ASKED)))
def test_the_next_page_always_asks_something_that_is_missing(
    db: None, facts: dict[str, Any], skipped: set[str]
) -> None:
    from portal.policy import validate_facts

    known = validate_facts(facts, ON)
    state = CheckState(known, skipped=frozenset(skipped - known.keys()))
    need = missing_facts_in(answers_for_facts(known, ON, state.benefits))
    step = next_step(need, state.skipped)
    if step is None:
        assert need <= state.skipped
        return
    shown = facts_to_ask(step, state, need, {})
    assert set(shown) & need and all(
        fact in need or fact in state.facts or fact in state.skipped for fact in shown
    )
    # Every page before it has nothing left to ask.
    for earlier in steps()[: steps().index(step)]:
        assert not (set(earlier.facts) & need) - state.skipped


@SLOW
@given(facts=facts_of(ASKED), data=st.data())
def test_changing_an_answer_never_loses_another(facts: dict[str, Any], data: st.DataObject) -> None:
    from portal.policy import validate_facts

    known = validate_facts(facts, ON)
    state = CheckState(known, tuple(step.code for step in steps()), topics=("leave",), banner="150624")
    step = data.draw(st.sampled_from(steps()))
    shown = data.draw(st.sets(st.sampled_from(step.facts), min_size=1))
    moved = state.after_step(step, shown, {})
    assert dict(moved.facts) == {fact: value for fact, value in known.items() if fact not in shown}
    assert moved.skipped == set(shown) and (moved.visited, moved.topics, moved.banner) == (
        state.visited,
        state.topics,
        state.banner,
    )
    again = moved.after_step(step, shown, {fact: known[fact] for fact in shown if fact in known})
    assert dict(again.facts) == known and list(again.facts) == [fact for fact in FACTS if fact in known]


@SLOW
@given(facts=facts_of(ASKED), skipped=st.sets(st.sampled_from(ASKED)))
def test_a_token_gives_the_walk_again_and_stays_short(facts: dict[str, Any], skipped: set[str]) -> None:
    from portal.policy import validate_facts

    known = validate_facts(facts, ON)
    state = CheckState(
        known, tuple(step.code for step in steps()), frozenset(skipped), ("registry", "leave"), "150624"
    )
    token = state.token()
    assert CheckState.read(token, ON) == state and len(token) < 2000
    assert token.isascii() and token.replace("-", "").replace("_", "").isalnum()


def test_nothing_in_a_token_can_be_read() -> None:
    state = CheckState({"employment": "employed", "unemployment_insured_months": 36}, ("employment",))
    token = state.token()
    assert token != state.token()
    import base64

    plain = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    assert b"employ" not in plain and b"36" not in plain[:1]


def test_a_token_that_was_changed_is_refused_wherever_it_was_changed() -> None:
    token = CheckState({"employment": "employed"}, ("employment",)).token()
    for place in range(0, len(token), 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(BadCheckState):
            CheckState.read(token[:place] + other + token[place + 1 :], ON)
    for bad in ("", "x", token[:-4], token + "AAAA", "é" * 20, "a" * 4000, "../../etc"):
        with pytest.raises(BadCheckState):
            CheckState.read(bad, ON)


def test_a_token_is_of_no_use_to_somebody_else() -> None:
    token = CheckState({"employment": "employed"}).token("worker:7")
    assert CheckState.read(token, ON, "worker:7").facts == {"employment": "employed"}
    for other in ("", "worker:8", "desk:7"):
        with pytest.raises(BadCheckState):
            CheckState.read(token, ON, other)


def test_a_token_ends(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CHECK_MINUTES = 120
    token, now = CheckState().token(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 119 * 60)
    assert CheckState.read(token, ON) == CheckState()
    monkeypatch.setattr(time, "time", lambda: now + 121 * 60)
    with pytest.raises(BadCheckState) as ended:
        CheckState.read(token, ON)
    assert ended.value.expired


def test_pages_are_counted_as_they_were_seen() -> None:
    work, standing, leave = (step_asking(fact) for fact in ("employment", "leading_talent", "worked_years"))
    assert work and standing and leave
    state = (
        CheckState()
        .after_step(work, work.facts, {"employment": "employed"})
        .after_step(leave, leave.facts, {})
    )
    assert [state.page_number(step) for step in (work, leave, standing)] == [1, 2, 3]
    assert [state.page_before(step) for step in (work, leave, standing)] == ["", "employment", "leave"]
    assert state.skipped == {"public_institution_payroll", "continuous_months", "worked_years"}
