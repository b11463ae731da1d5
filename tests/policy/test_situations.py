"""Situations from life, each with what the portal must say. Whoever writes policy reads and extends situations.yaml."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.policy import check
from portal.policy.benefits import CATALOGUE
from portal.policy.rules import IN_FORCE

SITUATIONS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "situations.yaml").read_text(encoding="utf-8"))
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation["name"])
def test_situation(situation: dict[str, Any]) -> None:
    answers = check(situation["facts"], situation["as_of"], list(situation["expect"]))
    assert [answer["benefit"] for answer in answers] == sorted(
        situation["expect"], key=[benefit.code for benefit in CATALOGUE].index
    )
    for answer in answers:
        expected = dict(situation["expect"][answer["benefit"]])
        holds = {condition["code"]: condition["holds"] for condition in answer["conditions"]}
        for code in expected.pop("absent", []):
            assert code not in holds
        fails, unknown = expected.pop("fails", None), expected.pop("unknown", None)
        for codes, value in ((fails, False), (unknown, None)):
            for code in codes or []:
                assert holds[code] is value, code
        gives = expected.pop("gives", {})
        assert {key: answer["gives"][key] for key in gives} == gives
        if "caveated" in expected:
            assert bool(answer["caveats"]) is expected.pop("caveated")
        assert {key: answer[key] for key in expected} == expected


def test_every_condition_is_false_or_missing_in_some_situation() -> None:
    """Every branch of every rule is met by at least one situation that fails it, and every benefit by one that is eligible."""
    failed: set[tuple[str, str]] = set()
    granted = set()
    for situation in SITUATIONS:
        for answer in check(situation["facts"], situation["as_of"]):
            failed |= {(answer["benefit"], c["code"]) for c in answer["conditions"] if c["holds"] is False}
            granted |= {answer["benefit"]} if answer["outcome"] == "eligible" else set()
    conditions = {(benefit.code, need.code) for benefit in CATALOGUE for need in benefit.when.needs()}
    assert not conditions - failed
    assert {(benefit.code, IN_FORCE) for benefit in CATALOGUE} <= failed
    assert granted == {benefit.code for benefit in CATALOGUE}
