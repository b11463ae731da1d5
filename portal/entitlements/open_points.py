"""Which of the law's open questions touch somebody: what makes no difference to a person is not told to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from portal.policy.facts import LEVEL_BY_CODE

Touches = Callable[[Mapping[str, Any], dt.date], bool]


def _holds_honour(code: str) -> Touches:
    return lambda facts, on: code in (facts.get("honours") or ())


def _within(first: str, last: str) -> Touches:
    return lambda facts, on: first <= on.isoformat() <= last


def _has(fact: str, *values: Any) -> Touches:
    return lambda facts, on: facts.get(fact) in values


def _holds_a_higher_level(facts: Mapping[str, Any], on: dt.date) -> bool:
    held, claimed = facts.get("skill_level"), facts.get("certificate_level")
    return bool(held and claimed and LEVEL_BY_CODE[held] > LEVEL_BY_CODE[claimed])


def _has_claimed_in_2025(facts: Mapping[str, Any], on: dt.date) -> bool:
    claimed = facts.get("claims_this_year") or facts.get("scarce_claims_this_year")
    return on.year == 2025 and bool(claimed)


def _competes_after_the_44th(facts: Mapping[str, Any], on: dt.date) -> bool:
    edition = facts.get("competition_edition")
    return facts.get("competition") == "worldskills" and (edition is None or edition > 44)


# By the code of the question; what is not listed touches everybody.
_TOUCHES: Mapping[str, Touches] = {
    "may-day-medal-grade": _holds_honour("may_day_medal"),
    "honour-names": _holds_honour("grassland_talent"),
    "worldskills-staff-award": _has("competition_role", "technical_expert", "coach", "interpreter"),
    "worldskills-later-editions": _competes_after_the_44th,
    "drawing-benefit-since": _has("drawing_unemployment_benefit", True),
    "mixed-claims": _has_claimed_in_2025,
    "relaxation-backdating": _within("2025-01-01", "2025-04-21"),
    "higher-level-held": _holds_a_higher_level,
    # How the fund is called changes nothing for anybody.
    "unemployment-insurance-fund": lambda facts, on: False,
}


def worth_saying(code: str, facts: Mapping[str, Any], on: dt.date) -> bool:
    touches = _TOUCHES.get(code)
    return touches is None or touches(facts, on)
