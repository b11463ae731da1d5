"""The executor against a second writing of the policy, and its ways of being asked against each other."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.policy import check
from portal.policy.benefits import CATALOGUE
from portal.policy.engine import current_rules
from portal.policy.explain import find_verdicts, open_conditions
from portal.policy.facts import FACTS
from portal.policy.fast_answers.json import all_verdicts, results_json
from portal.policy.fast_answers.templates import compact_json
from portal.policy.intake import validate_facts
from portal.policy.law import law_on
from portal.policy.sets import evaluate, masks
from tests.policy.oracle import months_after, outcomes
from tests.policy.people import UPGRADE, domain, facts_of, relation_of

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 6, 30)
DAYS = [
    dt.date(2016, 12, 31),
    dt.date(2017, 1, 1),
    dt.date(2018, 12, 31),
    dt.date(2019, 1, 1),
    dt.date(2019, 2, 19),
    dt.date(2019, 2, 20),
    dt.date(2023, 12, 31),
    dt.date(2024, 1, 1),
    DAY,
    dt.date(2024, 12, 31),
    dt.date(2025, 1, 1),
    dt.date(2025, 2, 28),
    dt.date(2025, 4, 21),
    dt.date(2025, 4, 22),
    dt.date(2025, 12, 31),
    dt.date(2026, 1, 1),
    dt.date(2026, 11, 22),
]
property_test = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
IN_ORDER = [benefit.code for benefit in CATALOGUE]


def known_on(facts: dict[str, Any], on: dt.date) -> dict[str, Any]:
    """Without a certificate from after the day, which typed-in facts cannot hold."""
    issued = facts.get("certificate_issued_on")
    return {
        k: v
        for k, v in facts.items()
        if k != "certificate_issued_on" or (issued and dt.date.fromisoformat(issued) <= on)
    }


def made_up(number: int, seed: int, share: float) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        {fact: chance.choice(domain(fact)) for fact in FACTS if chance.random() < share}
        for _ in range(number)
    ]


def read_masks(people: list[dict[str, Any]], on: dt.date) -> dict[int, dict[str, str]]:
    """What the masks say of everybody: outcomes by benefit."""
    said = {}
    for row in evaluate(relation_of(people), on=on).rows():
        said[row["subject_id"]] = {
            code: outcome_of(row["eligible"] >> place & 1, row["undetermined"] >> place & 1)
            for place, code in enumerate(IN_ORDER)
        }
    return said


def outcome_of(eligible: int, undetermined: int) -> str:
    if eligible:
        return "eligible"
    return "undetermined" if undetermined else "ineligible"


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_register_is_decided_as_the_policy_says(on: dt.date) -> None:
    """Stored facts, certificates from after the day included: those must fail in the rule."""
    seed = on.toordinal()
    people = made_up(150, seed=seed, share=0.5) + made_up(150, seed=seed, share=0.95)
    said = read_masks(people, on)
    assert [said[number] for number in range(len(people))] == [outcomes(facts, on) for facts in people]


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_masks_and_answers_agree(on: dt.date) -> None:
    people = made_up(30, seed=on.toordinal() + 7, share=0.7)
    said: dict[int, dict[str, str]] = {}
    for row in evaluate(relation_of(people), on=on, form="answers").rows():
        said.setdefault(row["subject_id"], {})[row["benefit"]] = row["outcome"]
    assert said == read_masks(people, on)


def test_a_bit_that_does_not_fit_is_refused() -> None:
    rules = current_rules(["leave.annual"])
    people = relation_of(made_up(200, seed=5, share=0.5))
    highest = masks(rules, people, law_on(DAY), places={"leave.annual": 30})
    found = {(row["eligible"], row["undetermined"]) for row in highest.rows()}
    assert found == {(0, 0), (1 << 30, 0), (0, 1 << 30)}
    with pytest.raises(ValueError, match=r"leave\.annual"):
        masks(rules, people, law_on(DAY), places={"leave.annual": 31})


def test_only_wanted_outcomes_come_out() -> None:
    people = relation_of(made_up(60, seed=3, share=0.9))
    rows = list(
        evaluate(people, on=DAY, form="answers", outcomes=["eligible"], benefits=["leave.annual"]).rows()
    )
    everything = list(evaluate(people, on=DAY, form="answers", benefits=["leave.annual"]).rows())
    assert rows
    assert sorted(row["subject_id"] for row in rows) == sorted(
        row["subject_id"] for row in everything if row["outcome"] == "eligible"
    )


@property_test
@given(facts=facts_of(), on=st.sampled_from(DAYS))
def test_typed_in_and_register_give_the_same_answer(facts: dict[str, Any], on: dt.date) -> None:
    facts = validate_facts(known_on(facts, on), on)
    typed = {answer["benefit"]: answer for answer in check(facts, on)}
    for row in evaluate(relation_of({5: facts}), on=on, form="answers").rows():
        answer = typed[row["benefit"]]
        assert row["digest"] == answer["digest"]
        assert row["outcome"] == answer["outcome"]
        assert (None if row["amount"] is None else f"{row['amount']:.2f}") == answer["amount"]
        assert row["gives"] == {key: value for key, value in answer["gives"].items() if key != "summary"}
        assert [(c["code"], c["clause"], c["holds"]) for c in row["conditions"]] == [
            (c["code"], c["clause"], c["holds"]) for c in answer["conditions"]
        ]


@property_test
@given(facts=facts_of(), data=st.data(), on=st.sampled_from(DAYS))
def test_learning_a_fact_never_unsettles_an_answer(
    facts: dict[str, Any], data: st.DataObject, on: dt.date
) -> None:
    facts = known_on(facts, on)
    unknown = [fact for fact in FACTS if fact not in facts]
    if not unknown:
        return
    fact = data.draw(st.sampled_from(unknown))
    more = known_on({**facts, fact: data.draw(st.sampled_from(domain(fact)))}, on)
    for before, after in zip(check(facts, on), check(more, on), strict=True):
        if before["outcome"] != "undetermined":
            assert after["outcome"] == before["outcome"]


@property_test
@given(facts=facts_of(), data=st.data())
def test_order_of_facts_and_honours_does_not_matter(facts: dict[str, Any], data: st.DataObject) -> None:
    facts = known_on(facts, DAY)
    shuffled = dict(data.draw(st.permutations(list(facts.items()))))
    if "honours" in shuffled:
        shuffled["honours"] = list(reversed(shuffled["honours"])) * 2
    assert check(facts, DAY) == check(shuffled, DAY)


@property_test
@given(
    one=facts_of(), other=facts_of(), days=st.tuples(st.sampled_from(DAYS[-3:]), st.sampled_from(DAYS[-3:]))
)
def test_digests_differ_exactly_when_answers_do(
    one: dict[str, Any], other: dict[str, Any], days: tuple[dt.date, dt.date]
) -> None:
    def content(answer: dict[str, Any], day: dt.date) -> Any:
        observed = {fact: value for c in answer["conditions"] for fact, value in c["observed"].items()}
        asked = [(c["code"], c["holds"]) for c in answer["conditions"]]
        return (
            day,
            sorted(observed.items(), key=str),
            asked,
            answer["outcome"],
            answer["amount"],
            answer["gives"],
        )

    reads = {rule.benefit: current_rules().facts_of(rule) for rule in current_rules().rules}
    one, other = known_on(one, days[0]), known_on(other, days[1])
    for left, right in zip(check(one, days[0]), check(other, days[1]), strict=True):
        used = [
            [validate_facts(facts).get(fact) for fact in reads[left["benefit"]]] for facts in (one, other)
        ]
        same = content(left, days[0]) == content(right, days[1]) and used[0] == used[1]
        assert (left["digest"] == right["digest"]) is same


@property_test
@given(facts=facts_of(), on=st.sampled_from(DAYS))
def test_answers_written_as_text_are_the_answers(facts: dict[str, Any], on: dt.date) -> None:
    """Key for key in the same order: programs are sent the text, pages show the answers."""
    known = validate_facts(known_on(facts, on), on)
    verdicts, _ = find_verdicts(known, on)
    # The walk through the tree, by which missing facts are found, comes to what the query says.
    assert [bool(open_conditions(verdict)) for verdict in verdicts] == [
        verdict.eligible is None for verdict in verdicts
    ]
    answers = check(known, on)
    found = all_verdicts(known, on)
    assert results_json(found).decode() == compact_json(answers)
    some = {"leave.annual", "training.skill-upgrade"}
    wanted = [answer for answer in answers if answer["benefit"] in some]
    assert results_json(found, some).decode() == compact_json(wanted)


BEFORE_2019, BEFORE_2024 = dt.date(2018, 12, 31), dt.date(2023, 12, 31)  # some conditions are absent


@pytest.mark.parametrize(
    ("benefit", "on"),
    [
        *((benefit, DAY) for benefit in IN_ORDER),
        ("training.skill-upgrade", BEFORE_2019),
        ("training.skill-upgrade", BEFORE_2024),
        ("training.skill-upgrade", dt.date(2025, 2, 28)),
        ("training.skill-upgrade", dt.date(2025, 6, 30)),
        ("training.skill-upgrade", dt.date(2026, 11, 22)),
    ],
)
def test_missing_facts_are_all_that_could_change_the_answer(benefit: str, on: dt.date) -> None:
    """Against brute force: every completion of a partial set of facts is decided; a fact that makes any
    difference is asked.
    """
    chance = random.Random(benefit)
    (rule,) = current_rules([benefit]).rules
    names = current_rules([benefit]).facts_of(rule)
    for _ in range(6):
        unknown = set(chance.sample(names, min(len(names), 3)))
        values = {fact: _few(fact, on) for fact in names}
        partial = {fact: _mostly_fitting(chance, fact, on) for fact in names if fact not in unknown}
        completions = [
            {**partial, **dict(zip(unknown, chosen, strict=True))}
            for chosen in itertools.product(*(values[f] for f in unknown))
        ]
        said = [None] * len(completions)
        for row in evaluate(relation_of(completions), on=on, benefits=[benefit], form="answers").rows():
            said[row["subject_id"]] = (row["outcome"], row["amount"], str(row["gives"]))
        differing = {
            fact
            for fact in unknown
            for a, b in itertools.combinations(range(len(completions)), 2)
            if said[a] != said[b] and all(completions[a][f] == completions[b][f] for f in unknown - {fact})
        }
        (answer,) = check(partial, on, [benefit])
        assert differing <= set(answer["missing_facts"]) <= unknown
        assert answer["missing_facts"] == [fact for fact in FACTS if fact in answer["missing_facts"]]
        if answer["outcome"] != "undetermined":
            assert {outcome for outcome, *_ in said} == {answer["outcome"]}


def _few(fact: str, on: dt.date) -> list[Any]:
    values = [value for value in domain(fact) if fact != "certificate_issued_on" or value <= on.isoformat()]
    return values[:6]


def _mostly_fitting(chance: random.Random, fact: str, on: dt.date) -> Any:
    """A value that lets most rules go on to their other conditions, so that something is left to ask."""
    fitting = {
        **UPGRADE,
        "leading_talent": True,
        "for_inner_mongolia": True,
        "in_skilled_post": True,
        "competition_rank": 1,
        "competition_edition": 44,
        "public_institution_payroll": False,
        "continuous_months": 12,
        "certificate_issued_on": (on - dt.timedelta(days=150)).isoformat(),
    }
    return fitting[fact] if fact in fitting and chance.random() < 0.8 else chance.choice(_few(fact, on))


def test_months_run_to_the_corresponding_day_or_the_months_end() -> None:
    """Every certificate of two years against every day of the following two, by the counting of the Civil
    Code.
    """
    first = dt.date(2023, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(790)]
    issued = dict(enumerate(days))
    people = relation_of(
        {number: {**UPGRADE, "certificate_issued_on": day.isoformat()} for number, day in issued.items()}
    )
    ends = [
        dt.date(2024, 2, 28),
        dt.date(2024, 2, 29),
        dt.date(2024, 3, 1),
        dt.date(2025, 2, 28),
        dt.date(2025, 3, 1),
        dt.date(2024, 8, 31),
        dt.date(2024, 9, 30),
        dt.date(2024, 12, 31),
    ]
    for on in ends:
        found = {
            row["subject_id"]
            for row in evaluate(
                people, on=on, benefits=["training.skill-upgrade"], form="answers", outcomes=["eligible"]
            ).rows()
        }
        assert found == {number for number, day in issued.items() if day <= on <= months_after(day, 12)}, on


@pytest.mark.parametrize("months", [1, 6, 12, 13])
def test_other_windows_end_at_month_ends_too(months: int) -> None:
    """A draft of the law with another number of months goes through the same executor."""
    for on in (
        dt.date(2024, 2, 29),
        dt.date(2024, 3, 30),
        dt.date(2024, 3, 31),
        dt.date(2024, 4, 30),
        dt.date(2025, 2, 28),
    ):
        law = law_on(on).with_draft({"training.skill-upgrade.claim-window-months": months})
        days = [on - dt.timedelta(days=n) for n in range(430)]
        people = relation_of([{**UPGRADE, "certificate_issued_on": day.isoformat()} for day in days])
        statement = evaluate(
            people, law=law, benefits=["training.skill-upgrade"], form="answers", outcomes=["eligible"]
        )
        found = {days[row["subject_id"]] for row in statement.rows()}
        assert found == {day for day in days if on <= months_after(day, months)}, on


def test_law_without_a_value_asks_for_nothing_and_is_named() -> None:
    from portal.policy.explain import check as check_under

    law = law_on(DAY).with_draft({"training.skill-upgrade.insured-months": None, "leave.annual.days": None})
    facts = {key: value for key, value in UPGRADE.items() if key != "unemployment_insured_months"}
    answer, leave = check_under(
        {**facts, "continuous_months": 12}, DAY, ["training.skill-upgrade", "leave.annual"], law=law
    )
    assert (answer["outcome"], answer["missing_facts"]) == ("undetermined", [])
    assert answer["missing_law"] == ["training.skill-upgrade.insured-months"]
    assert (leave["outcome"], leave["missing_facts"], leave["missing_law"]) == (
        "eligible",
        [],
        ["leave.annual.days"],
    )


def test_a_new_connection_prepares_its_own_statement() -> None:
    before = check(UPGRADE, DAY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'check_%'")
        assert cursor.fetchone()[0] >= 1
    assert check(UPGRADE, DAY) == before
