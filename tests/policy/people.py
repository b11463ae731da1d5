"""Made-up facts for policy tests, and a way to put many people's facts into one relation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import strategies as st

from portal.policy import compile as compiler
from portal.policy.compile import quoted
from portal.policy.engine import stored_form
from portal.policy.facts import FACTS, choices_of
from portal.policy.sets import Relation

UPGRADE = {
    "employment": "employed",
    "certificate_level": "senior",
    "certificate_issued_on": "2024-01-25",
    "unemployment_insured_months": 36,
    "paying_unemployment_insurance": True,
    "drawing_unemployment_benefit": False,
    "claims_this_year": 0,
    "claimed_same_occupation_level": False,
    "highest_level_claimed": "none",
    "training_subsidy_for_same_certificate": False,
}

# Values on both sides of every line a rule draws.
DOMAIN: dict[str, list[Any]] = {
    "birth_on": ["1985-06-15"],
    "work_region": ["150624"],
    "household_region": ["150600"],
    "front_line_years": [0, 12.5],
    "certificate_occupation": ["焊工", "a'b\"%s\\"],
    "certificate_issued_on": [
        "2016-12-31",
        "2017-06-30",
        "2018-01-31",
        "2023-06-29",
        "2023-06-30",
        "2024-02-29",
        "2024-06-30",
        "2025-04-22",
        "2025-12-31",
    ],
    "unemployment_insured_months": [0, 11, 12, 35, 36],
    "claims_this_year": [0, 1, 2, 3],
    "scarce_claims_this_year": [0, 1, 2],
    "honours": [[], ["banner_model_worker"], ["may_day_medal", "banner_model_worker"]],
    "competition_edition": [43, 44, 47],
    "competition_rank": [1, 3, 4],
    "worked_years": [0, 9.99, 10, 20, 20.5],
    "continuous_months": [11, 12],
}


def domain(fact: str) -> list[Any]:
    if fact in DOMAIN:
        return DOMAIN[fact]
    return list(choices_of(fact)) or [True, False]


def facts_of(names: Iterable[str] = tuple(FACTS)) -> st.SearchStrategy[dict[str, Any]]:
    """Any selection of the named facts, with values from their domains."""
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(domain(name)) for name in names})


def relation_of(people: Mapping[int, Mapping[str, Any]] | list[Mapping[str, Any]]) -> Relation:
    """A relation of canonical facts; the subject's number is the key, or the place in the list."""
    numbered = people if isinstance(people, Mapping) else dict(enumerate(people))
    rows = json.dumps([{"worker_id": number, **stored_form(facts)} for number, facts in numbered.items()])
    columns = ", ".join(f"{quoted(name)} {compiler.column_type(field)}" for name, field in FACTS.items())
    return Relation(
        f"SELECT * FROM jsonb_to_recordset(%s::jsonb) AS people(worker_id bigint, {columns})", (rows,)
    )
