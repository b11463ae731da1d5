"""Days and numbers as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from portal.typed_fields import DayField, NumberField, WholeNumberField, read_day
from portal.workforce.forms import RECORD_FORMS
from talent_registry.selection.nomination_forms import ScoreForm
from talent_registry.selection.scheme import PanelCriterion, points_of

WIDE = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
WAYS = (
    "{y:04}-{m:02}-{d:02}",
    "{y:04}-{m}-{d}",
    "{y:04}.{m}.{d}",
    "{y:04}/{m:02}/{d}",
    "{y:04}{m:02}{d:02}",
    "{y:04}年{m}月{d}日",
)


class Asked(forms.Form):
    day = DayField(required=False)
    whole = WholeNumberField(required=False, min_value=1, max_value=40)
    number = NumberField(required=False, max_digits=4, decimal_places=1)


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)), st.sampled_from(WAYS), st.booleans()
)
def test_every_way_of_writing_names_the_same_day(day: date, way: str, wide: bool) -> None:
    text = way.format(y=day.year, m=day.month, d=day.day)
    assert read_day(text.translate(WIDE) if wide else text) == day
    form = Asked({"day": f" {text.translate(WIDE) if wide else text}　"})
    assert form.is_valid() and form.cleaned_data["day"] == day


@pytest.mark.parametrize(
    "text", ["2027年 2 月 28 日", "２０２７。２。２８", "2027—2—28", "2027.02.28", "2027年2月28号"]
)
def test_what_input_methods_make_of_a_day(text: str) -> None:
    assert read_day(text) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2027-02-29", "没有2027年2月29日这一天"),
        ("20271301", "没有2027年13月1日这一天"),
        ("5月10日", "2026年5月10日"),
        ("10/5/2026", "20260510"),
        ("明天", "2026.5.10"),
        ("202605", "2026-05-10"),
        ("2026-05-10 08:00", "看不懂这个日期"),
    ],
)
def test_what_is_no_day_is_said_with_what_is_understood(text: str, said: str) -> None:
    form = Asked({"day": text})
    assert not form.is_valid() and said in form.errors["day"][0]
    # What was typed is kept.
    assert f'value="{text}"' in str(form["day"])


def test_nothing_is_nothing() -> None:
    form = Asked({"day": "　", "whole": "", "number": ""})
    assert form.is_valid() and set(form.cleaned_data.values()) == {None}


def test_a_day_is_a_text_to_type_in_with_a_calendar_beside_it() -> None:
    shown = str(Asked(initial={"day": date(2026, 5, 10)})["day"])
    assert 'type="text"' in shown and "data-day" in shown and 'value="2026-05-10"' in shown


@pytest.mark.parametrize(("text", "wanted"), [("７", 7), (" 12 ", 12), ("４0", 40), ("１ ２", 12)])
def test_whole_numbers(text: str, wanted: int) -> None:
    form = Asked({"whole": text})
    assert form.is_valid() and form.cleaned_data["whole"] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"), [("7．5", "7.5"), ("１２。５", "12.5"), ("-0.5", "-0.5"), ("１００", "100")]
)
def test_numbers_with_decimals(text: str, wanted: str) -> None:
    form = Asked({"number": text})
    assert form.is_valid() and str(form.cleaned_data["number"]) == wanted


@pytest.mark.parametrize(
    ("name", "text"), [("whole", "七"), ("whole", "1.5"), ("whole", "41"), ("number", "7,5,1")]
)
def test_what_is_no_number_is_refused(name: str, text: str) -> None:
    assert not Asked({name: text}).is_valid()


@pytest.mark.parametrize(("text", "points"), [("7．5", 750), ("６", 600), ("０。２５", 25), ("10", 1000)])
def test_scores_are_numbers_like_others(text: str, points: int) -> None:
    assert points_of(text) == points
    form = ScoreForm({"score-skill": text}, criteria=[PanelCriterion("skill", "技能", 10_00)])
    assert form.is_valid() and form.scores == {"skill": points}


def test_records_are_entered_with_them() -> None:
    fields = {name: field for form in RECORD_FORMS.values() for name, field in form.base_fields.items()}
    assert fields["issued_on"].clean("２０２４年５月１０日") == date(2024, 5, 10)
    assert fields["months"].clean("３６") == 36 and str(fields["worked_years"].clean("７．5")) == "7.5"
