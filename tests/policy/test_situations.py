"""Situations from life, each with what the portal must say. Whoever writes policy reads and extends
situations.yaml.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.policy import check
from portal.policy.benefits import CATALOGUE
from tests.policy.coverage import branches, met

SITUATIONS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "situations.yaml").read_text(encoding="utf-8")
)
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


def test_every_branch_of_every_rule_has_a_situation() -> None:
    """Each condition true, false and unknown; each alternative alone; each amount, title and number of days;
    each first day.
    """
    missing = branches() - met(SITUATIONS)
    assert not missing, "write a situation for: " + ", ".join(sorted(" ".join(branch) for branch in missing))


def test_a_branch_without_its_situation_is_missed() -> None:
    """The test above can fail."""
    kept = [situation for situation in SITUATIONS if "44" not in situation["name"]]
    assert ("award.worldskills", "amount", "300000.00") in branches() - met(kept)


def test_no_two_situations_have_one_name() -> None:
    names = [situation["name"] for situation in SITUATIONS]
    assert len(names) == len(set(names))
