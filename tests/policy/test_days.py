"""Whom the passing of days may decide otherwise: nobody else's answer changes, and hardly anybody is one of
them.
"""

from __future__ import annotations

import datetime as dt

import pytest

from portal.policy.day_change import date_dependent_sql
from portal.policy.engine import current_rules
from portal.policy.law import law_on
from portal.policy.sets import Relation, evaluate
from tests.policy.people import UPGRADE, relation_of

pytestmark = pytest.mark.django_db
CERTIFICATES = [dt.date(2023, 1, 1) + dt.timedelta(days=n) for n in range(800)]
NIGHTS = [
    (dt.date(2024, 2, 28), dt.date(2024, 2, 29)),
    (dt.date(2024, 2, 29), dt.date(2024, 3, 1)),
    (dt.date(2024, 3, 30), dt.date(2024, 3, 31)),
    (dt.date(2022, 12, 31), dt.date(2023, 1, 1)),
    (dt.date(2024, 2, 27), dt.date(2024, 3, 2)),
    (dt.date(2024, 3, 1), dt.date(2024, 2, 28)),
]


def _people() -> Relation:
    return relation_of([{**UPGRADE, "certificate_issued_on": day.isoformat()} for day in CERTIFICATES])


@pytest.mark.parametrize(("before", "on"), NIGHTS, ids=str)
@pytest.mark.parametrize("months", [1, 12])
def test_whose_answer_differs_is_among_them(before: dt.date, on: dt.date, months: int) -> None:
    # given: a certificate of every day, and the law with a window of so many months
    was, law = (
        law_on(day).with_draft({"training.skill-upgrade.claim-window-months": months}) for day in (before, on)
    )
    people = _people()
    answers = [{row["subject_id"]: row for row in evaluate(people, law=each).rows()} for each in (was, law)]
    differing = {number for number, row in answers[0].items() if row != answers[1][number]}
    # when
    condition = date_dependent_sql(current_rules(), was, law)
    among = {
        row["subject_id"]
        for row in evaluate(
            Relation(f"SELECT * FROM ({people.sql}) AS p WHERE {condition}", people.params), law=law
        ).rows()
    }
    # then
    assert differing
    assert differing <= among
    assert len(among) <= 4 * (abs((on - before).days) + 1)


def test_the_same_day_touches_hardly_anybody() -> None:
    law = law_on(dt.date(2024, 6, 30))
    people = _people()
    condition = date_dependent_sql(current_rules(), law, law)
    assert (
        len(
            list(
                evaluate(
                    Relation(f"SELECT * FROM ({people.sql}) AS p WHERE {condition}", people.params), law=law
                ).rows()
            )
        )
        <= 2
    )


def test_another_figure_may_be_anybodys_answer() -> None:
    law = law_on(dt.date(2024, 6, 30))
    assert (
        date_dependent_sql(current_rules(), law.with_draft({"training.skill-upgrade.insured-months": 6}), law)
        is None
    )
    # A figure that these rules do not read touches nobody.
    assert (
        date_dependent_sql(
            current_rules(["family.employment"]),
            law.with_draft({"training.skill-upgrade.insured-months": 6}),
            law,
        )
        == "false"
    )


def test_a_condition_that_begins_may_be_anybodys_answer() -> None:
    before, on = law_on(dt.date(2019, 2, 19)), law_on(dt.date(2019, 2, 20))
    rules = current_rules(["family.employment"])  # in force from 2019-02-20
    assert date_dependent_sql(rules, before, on) is None
    assert date_dependent_sql(rules, on, before) is None
    assert date_dependent_sql(rules, on, law_on(dt.date(2019, 2, 21))) == "false"


@pytest.mark.parametrize(
    ("before", "on"),
    [
        (dt.date(2024, 12, 31), dt.date(2025, 1, 1)),
        (dt.date(2025, 4, 21), dt.date(2025, 4, 22)),
        (dt.date(2025, 12, 31), dt.date(2026, 1, 1)),
    ],
    ids=str,
)
def test_a_relaxation_that_begins_or_ends_may_be_anybodys_answer(before: dt.date, on: dt.date) -> None:
    rules = current_rules(["training.skill-upgrade"])
    assert date_dependent_sql(rules, law_on(before), law_on(on)) is None
    # By the conditions alone too, whatever the figures are.
    law = law_on(on)
    same = law_on(before).with_draft({code: law.value(code) for code in rules.laws})
    assert date_dependent_sql(rules, same, law) is None


def test_a_window_without_a_length_touches_only_whose_certificate_is_of_the_day() -> None:
    was, law = (
        law_on(day).with_draft({"training.skill-upgrade.claim-window-months": None})
        for day in (dt.date(2024, 6, 29), dt.date(2024, 6, 30))
    )
    assert date_dependent_sql(current_rules(["training.skill-upgrade"]), was, law) == (
        """"certificate_issued_on" BETWEEN DATE '2024-06-29' AND DATE '2024-06-30'"""
    )
