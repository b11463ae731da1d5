"""What was determined by an earlier version of a rule is derived again by it, and reported where today differs."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from portal.policy import determine, engine
from portal.policy.benefits import BY_CODE
from portal.policy.determine import explain_determination
from portal.policy.law import law_on
from portal.policy.models import Determination, RuleVersion
from portal.policy.replay import parse
from portal.policy.rules import wording
from tests.policy.people import UPGRADE, relation_of

pytestmark = pytest.mark.django_db
DAY, SUBSIDY = dt.date(2024, 6, 30), "training.skill-upgrade"
FIRST = json.loads((Path(__file__).parent / "released" / f"{SUBSIDY}.1.json").read_text(encoding="utf-8"))


@pytest.fixture
def by_version_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A portal of the release that had version 1; undone, it is the present one."""
    rule = parse(FIRST)
    catalogue = {**engine._rules(), SUBSIDY: rule}
    RuleVersion.objects.create(
        benefit=SUBSIDY,
        version=1,
        definition=FIRST,
        wording=wording(BY_CODE[SUBSIDY]),
        digest=rule.digest,
        since=dt.date(2017, 1, 1),
    )
    with monkeypatch.context() as then:
        then.setattr(engine, "_rules", lambda: catalogue)
        engine._rule_set.cache_clear()
        yield then
    engine._rule_set.cache_clear()


def rederived(**options: Any) -> str:
    said = io.StringIO()
    call_command("rederive", stdout=said, **options)
    return said.getvalue()


def test_an_earlier_version_stands_beside_the_present_one(by_version_one: pytest.MonkeyPatch) -> None:
    # given: three people of whom version 1 knew nothing about paying now
    before = {name: value for name, value in UPGRADE.items() if name != "paying_unemployment_insurance"}
    people = {1: before, 2: {**before, "unemployment_insured_months": 3}, 3: {}}
    determine.determine(relation_of(people), DAY, [SUBSIDY])
    assert Determination.objects.get(subject_id=1).outcome == "eligible"
    # when the next release starts
    by_version_one.undo()
    engine._rule_set.cache_clear()
    # then: what was decided stands, in its own conditions, and it is said who would be decided otherwise
    assert "复算 3 条认定，全部一致" in rederived()
    old = explain_determination(Determination.objects.get(subject_id=1))
    assert "paying" not in {condition["code"] for condition in old["conditions"]}
    today = rederived(as_known_today=True)
    assert "1 条结论将有不同" in today and "worker 1 2024-06-30" in today and '"undetermined"' in today
    # and the next decision about the same person is by version 2, and both are derived.
    determine.determine(relation_of({1: UPGRADE}), DAY, [SUBSIDY])
    standing = Determination.objects.about("worker", 1).standing().get(benefit=SUBSIDY)
    assert (standing.rule_version.version, standing.outcome) == (2, "eligible")
    assert "复算 4 条认定，全部一致" in rederived()


def test_a_decision_of_before_a_value_was_confirmed_is_derived_without_it(
    by_version_one: pytest.MonkeyPatch, policy_officer: Any, second_policy_officer: Any
) -> None:
    from tests.policy.test_determinations import confirmed

    on = dt.date(2026, 3, 1)
    facts = {**UPGRADE, "certificate_issued_on": "2025-12-01", "unemployment_insured_months": 40}
    determine.determine(relation_of({1: facts}), on, [SUBSIDY])
    by_version_one.undo()
    engine._rule_set.cache_clear()
    code = f"{SUBSIDY}.insured-months"
    confirmed(code, 48, dt.date(2026, 1, 1), policy_officer, second_policy_officer)
    assert law_on(on).value(code) == 48
    assert "复算 1 条认定，全部一致" in rederived()
    assert "1 条结论将有不同" in rederived(as_known_today=True)
