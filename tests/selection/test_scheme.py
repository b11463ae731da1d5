"""The scheme: what is one and what is not, how it is typed in, and how a score adds up by it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talent_registry.selection.scheme import (
    COMPETITIONS,
    CONTRIBUTIONS,
    CRITERIA,
    LEVELS,
    MOST,
    SAMPLE,
    PanelCriterion,
    Scheme,
    SchemeRefused,
    points_of,
    points_text,
    read,
)
from talent_registry.selection.scheme_form import from_form
from talent_registry.selection.scoring import Facts, breakdown, parts

HONOURS = {code: f"荣誉{code}" for code in SAMPLE.honours}
points = st.integers(0, MOST)


@st.composite
def schemes(draw: Any) -> Scheme:
    panel = [
        PanelCriterion(f"c-{n}", f"项目{n}", draw(st.integers(1, 50_00)))
        for n in range(draw(st.integers(0, 4)))
    ]
    tables = [
        draw(st.dictionaries(st.sampled_from(sorted(codes)), points))
        for codes in (LEVELS, HONOURS, COMPETITIONS, CONTRIBUTIONS)
    ]
    most = {code: draw(points) for code in CRITERIA} | {"panel": sum(one.most for one in panel)}
    return Scheme(most, *tables, draw(st.integers(0, 5_00)), tuple(panel))


@given(schemes())
def test_a_scheme_is_read_back_from_its_json_whatever_the_order_of_its_keys(scheme) -> None:
    def turned(value: Any) -> Any:
        return {key: turned(value[key]) for key in reversed(value)} if isinstance(value, dict) else value

    stored = turned(json.loads(json.dumps(scheme.data())))
    assert read(stored, HONOURS) == scheme
    assert read(stored).digest() == scheme.digest()


@given(points)
def test_points_are_written_and_read_without_loss(value) -> None:
    assert points_of(points_text(value)) == value


@pytest.mark.parametrize("text", ["", "-1", "1.234", "一", "1e3", "1001", "١", ".5", "5.", "nan"])
def test_what_is_no_number_of_points_is_none(text) -> None:
    assert points_of(text) is None


def test_the_sample_adds_up_to_a_hundred_and_its_digest_is_known() -> None:
    assert SAMPLE.total == 100_00
    assert read(SAMPLE.data(), SAMPLE.honours) == SAMPLE
    assert SAMPLE.digest() == "5c3264a0bd9471943da7bb865c3acd5010ffdfac60c7c0cde722623515e064ca"


def test_words_are_no_part_of_the_digest_and_points_are() -> None:
    renamed = replace(SAMPLE, panel=tuple(replace(one, label="别的名称") for one in SAMPLE.panel))
    assert renamed.digest() == SAMPLE.digest()
    assert replace(SAMPLE, front_line_year=51).digest() != SAMPLE.digest()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"most": {**SAMPLE.most, "skill": 12.5}}, "most.skill"),
        ({"most": {**SAMPLE.most, "skill": True}}, "most.skill"),
        ({"most": {**SAMPLE.most, "skill": -1}}, "most.skill"),
        ({"most": {code: 0 for code in CRITERIA if code != "panel"}}, "most.panel"),
        ({"most": {**SAMPLE.most, "talent": 1}}, "most.talent"),
        ({"levels": {"master": 1}}, "levels.master"),
        ({"levels": {"none": 1}}, "levels.none"),
        ({"levels": []}, "levels"),
        ({"honours": {"nobel_prize": 1}}, "honours.nobel_prize"),
        ({"competitions": {"regional-tenth": 1}}, "competitions.regional-tenth"),
        ({"contributions": {"leading_talent": 1}}, "contributions.leading_talent"),
        ({"front_line_year": "50"}, "front_line_year"),
        ({"front_line_year": MOST + 1}, "front_line_year"),
        ({"panel": [{"code": "a", "label": "甲", "most": 1}]}, "panel"),
        ({"panel": [{"code": "A b", "label": "甲", "most": 20_00}]}, "panel.0.code"),
        ({"panel": [{"code": "a", "label": " ", "most": 20_00}]}, "panel.0.label"),
        ({"panel": [{"code": "a", "label": "甲", "most": 0}]}, "panel.0.most"),
        ({"panel": "x"}, "panel"),
        ({"bonus": {}}, "bonus"),
    ],
)
def test_what_is_no_scheme_is_refused_by_its_field(change, field) -> None:
    with pytest.raises(SchemeRefused) as refused:
        read({**SAMPLE.data(), **change}, HONOURS)
    assert field in [name for name, _, _ in refused.value.problems]
    assert all(problem and allowed for _, problem, allowed in refused.value.problems)


@pytest.mark.parametrize("nothing", [None, [], "{}", 5])
def test_what_is_no_object_is_refused(nothing) -> None:
    with pytest.raises(SchemeRefused):
        read(nothing)


@given(schemes())
def test_the_form_gives_back_the_scheme_it_showed(scheme) -> None:
    values = {one.name: one.text for one in scheme.fields(HONOURS)}
    again = from_form(values, [(one.label, points_text(one.most)) for one in scheme.panel], HONOURS)
    # What is worth nothing is left out; criteria of the panel are numbered.
    tables = ("levels", "honours", "competitions", "contributions")
    assert [getattr(again, name) for name in tables] == [
        {c: p for c, p in getattr(scheme, name).items() if p} for name in tables
    ]
    assert (again.most, again.front_line_year) == (scheme.most, scheme.front_line_year)
    assert [(one.label, one.most) for one in again.panel] == [(one.label, one.most) for one in scheme.panel]


def test_the_form_names_what_is_no_number() -> None:
    values = {one.name: one.text for one in SAMPLE.fields(HONOURS)} | {
        "levels.senior": "十分",
        "most.skill": "25.001",
    }
    with pytest.raises(SchemeRefused) as refused:
        from_form(values, [], HONOURS)
    assert [name for name, _, _ in refused.value.problems] == ["most.skill", "levels.senior"]


# -- a score -------------------------------------------------------------------------------------------------
FACTS = Facts(
    60,
    True,
    125,
    ("northern_border_craftsman", "regional_technical_expert"),
    ("outstanding_mentor", "regional-second"),
    False,
)


def test_a_score_adds_up_by_full_years_and_each_honour_once() -> None:
    assert parts(FACTS, SAMPLE) == {
        "skill": 20_00,
        "achievement": 25_00,
        "contribution": 4_00,
        "front_line": 6_00,
        "panel": 0,
    }
    assert parts(FACTS, SAMPLE, 17_35)["panel"] == 17_35
    assert parts(replace(FACTS, front_line_tenths=129), SAMPLE)["front_line"] == 6_00
    assert parts(replace(FACTS, front_line_tenths=130), SAMPLE)["front_line"] == 6_50


def test_more_than_the_most_counts_as_the_most_and_is_said() -> None:
    facts = replace(FACTS, honours=(*FACTS.honours, "national_model_worker"))
    achievement = breakdown(facts, SAMPLE, HONOURS)[1]
    assert achievement.points == 25_00 and achievement.capped
    assert (
        achievement.sum_in_words.endswith("按最高分25分计")
        and "荣誉national_model_worker20分" in achievement.sum_in_words
    )


def test_nothing_known_is_worth_nothing() -> None:
    nobody = Facts(None, None, None, (), (), False)
    assert set(parts(nobody, SAMPLE).values()) == {0}
    assert [part.sum_in_words for part in breakdown(nobody, SAMPLE, {})] == ["没有计分事项"] * 4
