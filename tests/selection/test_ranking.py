"""Who is in and who is out: properties that hold for any nominees, any places, in any order."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from talent_registry.selection.ranking import ORDER, Candidate, Reason, draw, place_key, rank

LEAGUES, INDUSTRIES = ["150600", "150200", "152900"], ["B", "C", "D"]
quotas = (
    st.dictionaries(st.sampled_from(LEAGUES), st.integers(0, 4)),
    st.dictionaries(st.sampled_from(INDUSTRIES), st.integers(0, 4)),
)


@st.composite
def fields(draw_: Any) -> list[Candidate]:
    """Few different scores, so that ties are common."""
    few = st.integers(0, 2)
    return [
        Candidate(
            key=number,
            league=draw_(st.sampled_from(LEAGUES)),
            industry=draw_(st.sampled_from(INDUSTRIES)),
            parts={part: draw_(few) * 100 for part in ORDER},
            draw=draw(2026, number.to_bytes(32, "big")),
            eligible=draw_(st.integers(0, 9)) > 0,
            on_registry=draw_(st.integers(0, 9)) == 0,
            excluded=draw_(st.integers(0, 9)) == 0,
        )
        for number in range(draw_(st.integers(0, 14)))
    ]


@given(fields(), st.integers(0, 8), *quotas, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_the_order_of_rows_leagues_and_industries_changes_nothing(
    field, places, leagues, industries, chance: random.Random
) -> None:
    def turned(given_: dict[str, int]) -> dict[str, int]:
        keys = list(given_)
        chance.shuffle(keys)
        return {key: given_[key] for key in keys}

    shuffled = list(field)
    chance.shuffle(shuffled)
    first = rank(field, places=places, leagues=leagues, industries=industries)
    assert rank(shuffled, places=places, leagues=turned(leagues), industries=turned(industries)) == first


@given(fields(), st.integers(0, 8), *quotas)
@settings(max_examples=100)
def test_quotas_are_never_exceeded_and_everybody_has_one_place(field, places, leagues, industries) -> None:
    placed = rank(field, places=places, leagues=leagues, industries=industries)
    assert [one.position for one in placed] == list(range(1, len(field) + 1))
    selected = [one.candidate for one in placed if one.selected]
    assert len(selected) <= places
    by_league, by_industry = (
        Counter(one.league for one in selected),
        Counter(one.industry for one in selected),
    )
    assert all(by_league[code] <= limit for code, limit in leagues.items())
    assert all(by_industry[code] <= limit for code, limit in industries.items())


@given(fields(), st.integers(0, 8), *quotas)
@settings(max_examples=100)
def test_a_better_score_never_loses_to_a_worse_one_in_the_same_quota(
    field, places, leagues, industries
) -> None:
    placed = [
        one
        for one in rank(field, places=places, leagues=leagues, industries=industries)
        if one.candidate.barred is None
    ]
    for one in placed:
        for other in placed:
            same = (one.candidate.league, one.candidate.industry) == (
                other.candidate.league,
                other.candidate.industry,
            )
            if same and one.total > other.total and other.selected:
                assert one.selected


@given(fields(), st.integers(0, 8), *quotas)
@settings(max_examples=100)
def test_nobody_is_out_while_there_was_a_place(field, places, leagues, industries) -> None:
    placed = rank(field, places=places, leagues=leagues, industries=industries)
    limit = {
        Reason.PLACES_FULL: lambda c: places,
        Reason.LEAGUE_FULL: lambda c: leagues[c.league],
        Reason.INDUSTRY_FULL: lambda c: industries[c.industry],
    }
    same = {
        Reason.PLACES_FULL: lambda c: "",
        Reason.LEAGUE_FULL: lambda c: c.league,
        Reason.INDUSTRY_FULL: lambda c: c.industry,
    }
    for one in placed:
        if one.selected or one.candidate.barred:
            assert one.reason == (one.candidate.barred or Reason.SELECTED)
            continue
        quota = same[one.reason]
        before = [
            o
            for o in placed
            if o.selected and o.position < one.position and quota(o.candidate) == quota(one.candidate)
        ]
        assert len(before) == limit[one.reason](one.candidate) == one.detail["places"]
        assert one.detail["last_total"] == (before[-1].total if before else None)


@given(fields(), st.integers(0, 8), *quotas)
def test_who_is_barred_uses_no_place_and_moves_nobody(field, places, leagues, industries) -> None:
    placed = rank(field, places=places, leagues=leagues, industries=industries)
    without = rank(
        [one for one in field if one.barred is None], places=places, leagues=leagues, industries=industries
    )
    assert placed[: len(without)] == without
    assert not any(one.selected for one in placed[len(without) :])


@given(fields(), st.integers(1, 8))
def test_the_order_is_total_then_skill_contribution_achievement_front_line_panel_then_draw(
    field, places
) -> None:
    ranked = [one.candidate for one in rank(field, places=places) if one.candidate.barred is None]
    for better, worse in zip(ranked, ranked[1:], strict=False):
        keys = [(one.total, *(one.parts[part] for part in ORDER)) for one in (better, worse)]
        assert keys[0] > keys[1] or (keys[0] == keys[1] and better.draw < worse.draw)
    assert ranked == sorted(ranked, key=place_key)


def test_the_draw_depends_on_the_year_and_the_person_alone() -> None:
    assert draw(2026, b"\x01" * 32) == draw(2026, memoryview(b"\x01" * 32))
    assert draw(2026, b"\x01" * 32) != draw(2027, b"\x01" * 32)
    assert draw(2026, b"\x01" * 32) == "051c4668640d8dd7a9b3a822a2781460bfda99851b2a20b24190b7b25aa7143d"
