"""What a person's unit may claim for training them: nothing the person asks for, but good to know of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.policy.benefits import UNIT_BENEFITS
from portal.policy.law import DayLaw

_CLAUSE = "九"
# When a unit may claim, with the figures of the law in it; told without them where one has no value.
_TRAINING = {
    "training.apprenticeship": (
        "与新招用或转岗的职工签订{contract}个月以上劳动合同，同院校签协议，培养{least}至{most}个月",
        {
            "contract": "training.apprenticeship.contract-months",
            "least": "training.apprenticeship.least-months",
            "most": "training.apprenticeship.most-months",
        },
        "与新招用或转岗的职工签订劳动合同，同院校签协议共同培养",
    ),
    "training.pre-job": (
        "新录用职工签订{contract}个月以上劳动合同，录用后{after}个月内培训并取得证书",
        {"contract": "training.pre-job.contract-months", "after": "training.pre-job.months-after-hiring"},
        "新录用职工经培训取得证书",
    ),
    "training.upskilling": ("在岗职工经单位组织培训并取得证书", {}, "在岗职工经单位组织培训并取得证书"),
}


@dataclass(frozen=True)
class UnitClaim:
    """One benefit of the unit, and when it may be claimed."""

    title: str
    when: str
    clause_number: str = _CLAUSE


def what_the_unit_can_claim(facts: Mapping[str, Any], law: DayLaw) -> list[UnitClaim]:
    """For people who are employed, and not on the payroll of a public institution; apprenticeship first for
    those who have no certificate yet.
    """
    if facts.get("employment") != "employed" or facts.get("public_institution_payroll") is True:
        return []
    codes = list(_TRAINING)
    if facts.get("skill_level") not in (None, "none", "apprentice"):
        codes = codes[1:]
    return [UnitClaim(UNIT_BENEFITS[code], _when(code, law)) for code in codes]


def _when(code: str, law: DayLaw) -> str:
    text, figures, without = _TRAINING[code]
    values = {name: law.value(figure) for name, figure in figures.items()}
    return without if None in values.values() else text.format(**values)
