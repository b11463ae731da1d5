"""Which of the law's open questions are told to somebody: not what makes no difference to them, and not what stands
among the caveats of the answer already (portal.policy.open_readings).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from portal.policy.open_readings import OPEN_READINGS

Touches = Callable[[Mapping[str, Any], dt.date], bool]


def _holds_honour(code: str) -> Touches:
    return lambda facts, on: code in (facts.get("honours") or ())


def _has(fact: str, *values: Any) -> Touches:
    return lambda facts, on: facts.get(fact) in values


def _competes_after_the_44th(facts: Mapping[str, Any], on: dt.date) -> bool:
    edition = facts.get("competition_edition")
    return facts.get("competition") == "worldskills" and (edition is None or edition > 44)


_TOLD_AS_CAVEATS = frozenset(one.code for one in OPEN_READINGS)
# By the code of the question; what is not listed touches everybody.
_TOUCHES: Mapping[str, Touches] = {
    "honour-names": _holds_honour("grassland_talent"),
    "worldskills-later-editions": _competes_after_the_44th,
    "drawing-benefit-since": _has("drawing_unemployment_benefit", True),
    # How the fund is called changes nothing for anybody.
    "unemployment-insurance-fund": lambda facts, on: False,
}


def worth_saying(code: str, facts: Mapping[str, Any], on: dt.date) -> bool:
    if code in _TOLD_AS_CAVEATS:
        return False
    touches = _TOUCHES.get(code)
    return touches is None or touches(facts, on)
