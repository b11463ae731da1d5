"""Every rule of plausibility: what is refused, what is asked about, and what passes."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from portal.audit.models import Entry
from portal.workforce.actions import (
    Unexplained,
)
from portal.workforce.models import Honour, ImprobableRecord
from portal.workforce.plausibility.limits import NO_ARTICLE
from portal.workforce.plausibility.ruleset import RULES, rules_on
from portal.workforce.record_kinds import ALL_KINDS
from tests.workforce.plausible import ON, REASON, aged, save

pytestmark = pytest.mark.django_db
# Born in 1985 unless it says otherwise: (rule, kind, what is entered, when born).
BORN = date(1985, 6, 15)
OLD = date(1955, 3, 1)
IMPOSSIBLE = [
    ("employment.before-fourteen", "employment", {"started_on": date(1999, 6, 14)}, BORN),
    ("employment.worked.longer-than-life", "employment", {"worked_years": Decimal(29)}, BORN),
    ("employment.front-line.longer-than-life", "employment", {"front_line_years": Decimal(45)}, BORN),
    ("employment.continuous.longer-than-life", "employment", {"continuous_months": 12 * 30}, BORN),
    (
        "employment.front-line-longer-than-work",
        "employment",
        {"front_line_years": Decimal(45), "worked_years": Decimal(2)},
        OLD,
    ),
    (
        "employment.continuous-longer-than-work",
        "employment",
        {"continuous_months": 60, "worked_years": Decimal(4)},
        BORN,
    ),
    (
        "employment.post-without-work",
        "employment",
        {"status": "unemployed", "on_front_line": True},
        BORN,
    ),
    ("credential.before-fourteen", "credential", {"issued_on": date(1998, 6, 1)}, BORN),
    ("credential.before-fourteen", "credential", {"level": 60, "issued_on": date(1991, 6, 15)}, BORN),
    ("credential.before-fourteen", "credential", {"issued_on": date(1970, 1, 1)}, BORN),
    ("insurance.longer-than-life", "insurance", {"months": 12 * 28}, BORN),
    ("insurance.paying-and-drawing", "insurance", {"paying": True, "drawing_benefit": True}, BORN),
    ("honour.before-fourteen", "honour", {"year": 1998}, BORN),
    ("honour.year-out-of-range", "honour", {"year": 2027}, BORN),
    ("honour.year-out-of-range", "honour", {"year": 1948}, OLD),
    ("honour.conferred-in-another-year", "honour", {"conferred_on": date(2023, 1, 1)}, BORN),
    ("competition.before-fourteen", "competition", {"held_on": date(1995, 9, 1)}, BORN),
    ("schooling.before-fourteen", "schooling", {"graduated_on": date(1996, 7, 1)}, BORN),
    ("attested.before-fourteen", "attested", {"since": date(1984, 1, 1)}, BORN),
    ("claim.before-fourteen", "claim", {"claimed_on": date(1999, 1, 1)}, BORN),
]
IMPROBABLE = [
    ("employment.before-sixteen", "employment", {"started_on": date(2000, 9, 1)}, BORN),
    ("employment.worked.from-before-sixteen", "employment", {"worked_years": Decimal(27)}, BORN),
    ("employment.front-line.from-before-sixteen", "employment", {"front_line_years": Decimal(27)}, BORN),
    ("employment.continuous.from-before-sixteen", "employment", {"continuous_months": 325}, BORN),
    (
        "employment.less-work-than-since-start",
        "employment",
        {"worked_years": Decimal(2), "started_on": date(2010, 1, 1)},
        BORN,
    ),
    (
        "employment.very-long-front-line",
        "employment",
        {"front_line_years": Decimal(50), "status": "retired"},
        OLD,
    ),
    ("employment.very-long-work", "employment", {"worked_years": Decimal(51), "status": "retired"}, OLD),
    ("employment.post-in-retirement", "employment", {"status": "retired", "in_skilled_post": True}, OLD),
    ("employment.retired-young", "employment", {"status": "retired"}, BORN),
    ("employment.working-after-sixty-five", "employment", {"status": "employed"}, OLD),
    ("credential.before-sixteen", "credential", {"level": 20, "issued_on": date(2000, 7, 1)}, BORN),
    ("credential.young-for-level", "credential", {"level": 60, "issued_on": date(2005, 7, 1)}, BORN),
    ("insurance.from-before-sixteen", "insurance", {"months": 12 * 27}, BORN),
    ("insurance.longer-than-insurance", "insurance", {"months": 12 * 45}, OLD),
    ("honour.before-sixteen", "honour", {"year": 2000}, BORN),
    ("competition.before-sixteen", "competition", {"held_on": date(2000, 9, 1)}, BORN),
    (
        "competition.old-for-worldskills",
        "competition",
        {"competition": "worldskills", "held_on": date(2019, 8, 22)},
        BORN,
    ),
    (
        "competition.another-edition",
        "competition",
        {"competition": "worldskills", "edition": 44, "held_on": date(2015, 8, 11)},
        date(1994, 1, 1),
    ),
    ("competition.another-prize", "competition", {"rank": 1, "prize": "bronze"}, BORN),
    ("schooling.before-sixteen", "schooling", {"graduated_on": date(2001, 1, 1)}, BORN),
    ("schooling.young-for-class", "schooling", {"graduated_on": date(2002, 7, 1)}, BORN),
    ("attested.before-sixteen", "attested", {"since": date(2001, 1, 1)}, BORN),
    (
        "attested.young-parent",
        "attested",
        {"code": "child_in_compulsory_education", "since": date(2005, 9, 1)},
        BORN,
    ),
    ("claim.before-sixteen", "claim", {"kind": "training_subsidy", "claimed_on": date(2000, 9, 1)}, BORN),
    ("claim.before-the-subsidy", "claim", {"claimed_on": date(2016, 12, 31)}, BORN),
]
# Unusual at a glance and right: none of these is asked about.
FINE = [
    ("employment", {"front_line_years": Decimal(38), "worked_years": Decimal(40), "status": "retired"}, OLD),
    ("employment", {"started_on": date(2001, 6, 15), "worked_years": Decimal("25.4")}, BORN),
    ("employment", {"worked_years": Decimal(0), "front_line_years": Decimal(0)}, date(2009, 1, 1)),
    ("employment", {"status": "retired", "started_on": date(2005, 4, 1)}, OLD),
    ("credential", {"level": 20, "issued_on": date(2001, 6, 15)}, BORN),
    ("credential", {"level": 60, "issued_on": date(2010, 1, 1)}, BORN),
    ("insurance", {"months": 12 * 24, "paying": False, "drawing_benefit": True}, BORN),
    ("insurance", {"months": None, "paying": None, "drawing_benefit": None}, BORN),
    ("honour", {"year": 2001}, BORN),
    ("honour", {"year": 2025, "conferred_on": date(2026, 1, 20)}, BORN),
    (
        "competition",
        {
            "competition": "worldskills",
            "edition": 47,
            "held_on": date(2024, 9, 10),
            "rank": 1,
            "prize": "gold",
        },
        date(2003, 1, 1),
    ),
    (
        "competition",
        {"competition": "worldskills", "role": "coach", "held_on": date(2019, 8, 22)},
        BORN,
    ),
    ("schooling", {"graduated_from": "intermediate", "graduated_on": date(2001, 7, 1)}, BORN),
    ("schooling", {"graduated_on": None}, BORN),
    ("attested", {"code": "child_in_compulsory_education", "since": date(2012, 9, 1)}, BORN),
    ("claim", {"claimed_on": date(2017, 1, 1)}, BORN),
]


def test_every_rule_has_its_words_its_source_and_its_example() -> None:
    """A rule that is added is tried, here or below."""
    tried = {key for key, *_ in IMPOSSIBLE + IMPROBABLE}
    of_several_records = {
        "credential.higher-level-first",
        "credential.levels-within-a-year",
        "credential.number-of-another",
        "insurance.longer-than-work",
        "insurance.drawing-at-work",
        "insurance.paying-in-retirement",
        "claim.before-the-certificate",
    }
    of_the_person = {"person.under-fourteen", "person.under-sixteen", "person.over-ninety"}
    assert {rule.key for rule in RULES} == tried | of_several_records | of_the_person
    assert all(rule.words and rule.source and rule.when for rule in RULES)
    assert len({(rule.key, rule.version) for rule in RULES}) == len(RULES)


def test_a_rule_that_rests_on_a_document_cites_its_article_or_says_that_there_is_none() -> None:
    """What is refused rests on no document without one; ages by level and of competitors are only asked about."""
    without = {rule.key for rule in RULES if NO_ARTICLE in rule.source}
    for rule in RULES:
        names_document = any(word in rule.source for word in ("《", "〔", "标准“"))
        # The day from which a document is in force is its own.
        cites = re.search("第[一二三四五六七八九十]+条|起施行", rule.source)
        assert not names_document or cites or rule.key in without
        assert not (rule.impossible and rule.key in without)
    assert {"credential.young-for-level", "competition.old-for-worldskills"} <= without


def test_every_rule_is_told_beside_a_field_that_the_form_has() -> None:
    fields = {kind.code: set(kind.fields) for kind in ALL_KINDS} | {"worker": {"id_number"}}
    for rule in RULES:
        for kind, field in rule.fields.items():
            assert field in fields[kind], rule.key


def test_rules_are_dated() -> None:
    assert rules_on(date(2025, 12, 31)) == []
    assert len(rules_on(ON)) == len(RULES)


@pytest.mark.parametrize(("rule", "kind", "entered", "born"), IMPOSSIBLE)
def test_the_impossible_is_refused_beside_its_field(
    rule: str, kind: str, entered: dict[str, Any], born: date, clerk: Any, reviewer: Any
) -> None:
    worker = aged(born)
    with pytest.raises(ValidationError) as refused:
        save(kind, worker, reviewer if kind == "honour" else clerk, **entered, explanation=REASON)
    assert not isinstance(refused.value, Unexplained)
    field = next(one for one in RULES if one.key == rule).fields[kind]
    assert "请核对" in "".join(refused.value.message_dict[field])
    assert not Honour.objects.exists() and not ImprobableRecord.objects.exists()


@pytest.mark.parametrize(("rule", "kind", "entered", "born"), IMPROBABLE)
def test_the_improbable_is_kept_with_a_reason(
    rule: str, kind: str, entered: dict[str, Any], born: date, clerk: Any
) -> None:
    worker = aged(born)
    with pytest.raises(Unexplained) as asked:
        save(kind, worker, clerk, **entered)
    assert rule in [finding.rule.key for finding in asked.value.findings]
    with pytest.raises(Unexplained):
        save(kind, worker, clerk, **entered, explanation="   ")
    record = save(kind, worker, clerk, **entered, explanation=REASON)
    noted = ImprobableRecord.objects.get(rule=rule)
    assert (noted.worker, noted.kind, noted.record_id) == (worker, kind, record.pk)
    assert (noted.reason, noted.recorded_by, noted.rule_version) == (REASON, clerk, 1)
    entry = Entry.objects.filter(action="record.improbable").first()
    assert entry and entry.worker_ref == worker.pk


@pytest.mark.parametrize(("kind", "entered", "born"), FINE)
def test_what_is_only_unusual_passes(kind: str, entered: dict[str, Any], born: date, clerk: Any) -> None:
    assert save(kind, aged(born), clerk, **entered).pk
    assert not ImprobableRecord.objects.exists()
