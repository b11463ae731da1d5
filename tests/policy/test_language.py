"""The rule language refuses what would not be true in three values; rules live as data; released rules never
change.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection, transaction
from django.db.models import F, Q
from django.db.utils import ProgrammingError

from portal.policy import check, policy_version, validate_facts
from portal.policy.benefits import BY_CODE, CATALOGUE, FORCES, FUNDS, further_benefits
from portal.policy.engine import RuleSet, current_rules
from portal.policy.law import law_on
from portal.policy.models import RuleVersion
from portal.policy.reference import RuleVersionChanged, read, record_rule_versions
from portal.policy.replay import parse
from portal.policy.rules import RuleError, all_of, any_of, definition, digest_of, need
from tests.policy.people import UPGRADE

# Digests of released rules and of answers. A line there never changes: a rule that decides otherwise is a new
# version beside it.
GOLDEN = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8"))
# Rules that a newer version stands beside, as databases hold them.
DATA_OF_RELEASED = {
    f"{data['benefit']} {data['version']}": data
    for data in (
        json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((Path(__file__).parent / "released").glob("*.json"))
    )
}
RELEASED = {(data["benefit"], data["version"]): parse(data) for data in DATA_OF_RELEASED.values()}


@pytest.mark.parametrize(
    "test",
    [
        ~Q(leading_talent=True),
        Q(leading_talent=True) | Q(in_skilled_post=True),
        Q(Q(leading_talent=True), Q(in_skilled_post=True) | Q(superb_skill=True)),
        Q(leading_talent__isnull=True),
        Q(leading_talent=None),
        Q(honours__overlap=[]),
        Q(recruited__in=[]),
        Q(recruited__in="other"),
        Q(recruited="by_luck"),
        Q(skill_level__gte="master"),
        Q(skill_level__gte=40),
        Q(no_such_fact=True),
        Q(highest_level_claimed__lte=F("no_such_fact")),
        Q(certificate_occupation__icontains="工"),
        Q(certificate_occupation__regex="."),
    ],
    ids=str,
)
def test_refused_conditions(test: Q) -> None:
    with pytest.raises(RuleError):
        need("code", test, "label", "remedy")


def test_an_empty_tree_is_refused() -> None:
    for tree in (all_of, any_of):
        with pytest.raises(RuleError):
            tree()


def test_two_conditions_of_one_code_are_refused() -> None:
    one = need("same", Q(leading_talent=True), "", "")
    benefit = dataclasses.replace(BY_CODE["business.registration"], when=all_of(one, one))
    with pytest.raises(RuleError):
        parse(definition(benefit))


@pytest.mark.parametrize("text", ["100%", "a\x00b"])
@pytest.mark.django_db
def test_text_that_cannot_stand_in_prepared_sql_is_refused(text: str) -> None:
    benefit = dataclasses.replace(
        BY_CODE["business.registration"], when=need("odd", Q(certificate_occupation=text), "", "")
    )
    with pytest.raises((RuleError, ValueError)):
        RuleSet([parse(definition(benefit))])


@pytest.mark.parametrize("benefit", CATALOGUE, ids=lambda benefit: benefit.code)
def test_a_rule_survives_as_data(benefit: Any) -> None:
    stored = json.loads(json.dumps(definition(benefit)))
    rule = parse(stored)
    assert rule.digest == digest_of(definition(benefit))
    assert rule.when.data() == stored["when"]
    assert {key: result.data() for key, result in rule.gives.items()} == stored["gives"]
    assert benefit.force in FORCES
    assert benefit.fund is None or benefit.fund in FUNDS


@pytest.mark.django_db
def test_figures_in_rules_have_the_kind_of_their_parameter() -> None:
    kinds = {row["code"]: row["kind"] for row in read("parameters.yaml")}
    assert current_rules().laws == {code: kinds[code] for code in current_rules().laws}


@pytest.mark.parametrize("benefit", CATALOGUE, ids=lambda benefit: benefit.code)
def test_released_rules_never_change(benefit: Any) -> None:
    rule, digest = f"{benefit.code} {benefit.version}", digest_of(definition(benefit))
    assert rule in GOLDEN["rules"], f"a new rule, add to `rules` in golden.yaml:\n  {rule}: {digest}"
    assert digest == GOLDEN["rules"][rule], "a released rule was changed: give the benefit a new version"


def test_every_earlier_version_is_kept_as_it_was_released() -> None:
    """And it is read by the present language into what it was: its data says nothing that it did not say."""
    current = {f"{benefit.code} {benefit.version}" for benefit in CATALOGUE}
    kept = {f"{code} {version}": rule for (code, version), rule in RELEASED.items()}
    assert set(GOLDEN["rules"]) == current | set(kept)
    for line, rule in kept.items():
        assert rule.digest == GOLDEN["rules"][line]
        assert rule.when.data() == DATA_OF_RELEASED[line]["when"]


@pytest.mark.django_db
def test_answers_have_the_digests_they_always_had() -> None:
    """A line that names no version is of version 1; one of an earlier version is derived by that version, under
    the figures that it was derived with (`law`) where they are others now.
    """
    new = []
    versions = {benefit.code: benefit.version for benefit in CATALOGUE}
    for place, golden in enumerate(GOLDEN["answers"], start=1):
        found = {}
        for answer in check(golden["facts"], golden["as_of"]):
            code = answer["benefit"]
            found[code if versions[code] == 1 else f"{code} {versions[code]}"] = answer["digest"]
        for (code, version), rule in RELEASED.items():
            line = code if version == 1 else f"{code} {version}"
            law = law_on(golden["as_of"]).with_draft(golden.get("law", {}).get(line, {}))
            rules = RuleSet([rule])
            row = rules.decide(validate_facts(golden["facts"], golden["as_of"]), law)
            found[line] = row[rules.digest_column(rule)]
        added = {line: found.pop(line) for line in list(found) if line not in golden["digests"]}
        assert found == golden["digests"]
        new += [f"  answer {place}: {line}: {digest}" for line, digest in added.items()]
    assert not new, "a new benefit, add to `digests` of each of the `answers` in golden.yaml:\n" + "\n".join(
        new
    )


@pytest.mark.django_db
def test_words_are_not_part_of_a_rule() -> None:
    benefit = BY_CODE["leave.annual"]
    reworded = dataclasses.replace(benefit, title="年假", summary="休假", caveats=("请咨询",))
    assert digest_of(definition(reworded)) == digest_of(definition(benefit))
    assert record_rule_versions((reworded,)) == 0


@pytest.mark.django_db
def test_catalogue_is_recorded_and_recording_again_changes_nothing() -> None:
    """Of people, and of whatever else a programme decides about."""
    recorded = {(version.benefit, version.digest) for version in RuleVersion.objects.all()}
    of_people = {(rule.benefit, rule.digest) for rule in current_rules().rules}
    of_others = {(benefit.code, digest_of(definition(benefit))) for benefit in further_benefits()}
    assert recorded == of_people | of_others
    assert record_rule_versions() == 0
    for version in RuleVersion.objects.all():
        assert digest_of(version.definition) == version.digest
        assert version.wording["title"]


@pytest.mark.django_db
def test_a_recorded_version_is_never_altered() -> None:
    benefit = BY_CODE["leave.annual"]
    changed = dataclasses.replace(
        benefit, when=need("employed", Q(employment="employed"), "在职", "本项面向在职职工。")
    )
    with pytest.raises(RuleVersionChanged):
        record_rule_versions((changed,))
    assert record_rule_versions((dataclasses.replace(changed, version=2),)) == 1
    assert RuleVersion.objects.filter(benefit="leave.annual").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql", ["UPDATE policy_ruleversion SET version = 9", "DELETE FROM policy_ruleversion"]
)
def test_the_database_keeps_recorded_versions(sql: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_policy_version_is_steady_within_a_day_of_law() -> None:
    assert policy_version(dt.date(2024, 6, 30)) == policy_version(dt.date(2024, 7, 1))
    assert policy_version(dt.date(2023, 6, 30)) != policy_version(dt.date(2024, 6, 30))
    assert check(UPGRADE, dt.date(2024, 6, 30))
