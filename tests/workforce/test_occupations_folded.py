"""An occupation in several spellings is one: in the rules of plausibility, in what may stand once, in a roster."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from portal.workforce.models import BenefitClaim, ImprobableRecord, SkillCredential
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.plausibility.checking import findings_about
from portal.workforce.plausibility.ruleset import source_of
from tests.cast import confirm, make_worker
from tests.policy.test_executor import property_test
from tests.roster.conftest import Office, counts, office, row

pytestmark = pytest.mark.django_db
__all__ = ["office"]
ON = date(2026, 11, 22)
SPELLINGS = [
    "电工",
    "电 工",
    " 电　工",
    "电工（高级）",
    "电工(高级工)",
    "电工〔三级/高级工〕",
    "电工【高级工/三级】",
]
OTHERS = ["电工（矿井）", "电焊工", "维修电工", "电工(高级维修)"]


def by_the_database(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT workforce_occupation_folded(%s)", [name])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_occupation(name: str) -> None:
    assert fold_occupation(name) == by_the_database(name) == "电工"


@pytest.mark.parametrize("name", OTHERS)
def test_another_occupation(name: str) -> None:
    assert fold_occupation(name) == by_the_database(name) != "电工"


@property_test
@given(
    st.text(
        st.sampled_from("电工焊 　Aａ()（）[]【】〔〕初中高级技师学徒特首席一二三四五35/／㈱①"), max_size=14
    )
)
def test_the_database_folds_as_python_does(name: str) -> None:
    assert fold_occupation(name) == by_the_database(name)


def certificate(
    worker: Any, occupation: str, level: int, issued_on: date, number: str = ""
) -> SkillCredential:
    return SkillCredential(
        worker=worker,
        occupation=occupation,
        level=level,
        issued_on=issued_on,
        number=number,
        source="窗口登记",
    )


@pytest.mark.parametrize("spelling", SPELLINGS[1:])
def test_levels_out_of_order_are_found_however_the_occupation_is_spelled(spelling: str) -> None:
    """Given a senior certificate of 2020, when a junior one of 2022 is written down otherwise spelled, then asked."""
    worker = make_worker()
    certificate(worker, "电工", 40, date(2020, 5, 1), "S1").save()
    keys = {
        one.rule.key
        for one in findings_about("credential", certificate(worker, spelling, 20, date(2022, 5, 1)), on=ON)
    }
    assert "credential.higher-level-first" in keys
    other = findings_about("credential", certificate(worker, "电焊工", 20, date(2022, 5, 1)), on=ON)
    assert not [one for one in other if one.rule.key == "credential.higher-level-first"]


def test_a_claim_is_held_against_the_certificate_it_was_given_for() -> None:
    worker = make_worker()
    certificate(worker, "电工（高级工）", 40, date(2020, 5, 1)).save()
    claim = BenefitClaim(
        worker=worker,
        kind="skill_upgrade",
        occupation="电 工",
        level=40,
        claimed_on=date(2019, 1, 1),
        source="窗口登记",
    )
    assert "claim.before-the-certificate" in {one.rule.key for one in findings_about("claim", claim, on=ON)}


@pytest.mark.parametrize("spelling", SPELLINGS[1:])
def test_what_stands_once_stands_once_in_any_spelling(spelling: str) -> None:
    worker = make_worker()
    certificate(worker, "电工", 40, date(2020, 5, 1), "S1").save()
    again = certificate(worker, spelling, 40, date(2020, 5, 1), "S1")
    with pytest.raises(ValidationError, match="该证书已登记"):
        again.full_clean()
    with pytest.raises(IntegrityError, match="one_record_of_a_certificate"), transaction.atomic():
        again.save()
    given_for = {
        "worker": worker,
        "kind": "skill_upgrade",
        "level": 40,
        "claimed_on": ON,
        "source": "窗口登记",
    }
    BenefitClaim.objects.create(occupation="电工", **given_for)
    with pytest.raises(IntegrityError, match="one_claim_of_a_level"), transaction.atomic():
        BenefitClaim.objects.create(occupation=spelling, **given_for)
    certificate(worker, spelling, 40, date(2020, 5, 1), "S2").save()


# -- rosters -------------------------------------------------------------------------------------------------------


def test_a_roster_spells_an_occupation_as_the_register_does(office: Office) -> None:
    given = row(职业工种="电工", 技能等级="高级工", 证书编号="S1")
    assert counts(office.imports(given)) == (1, 0, 0, 0)
    for spelling in SPELLINGS:
        assert counts(office.imports(given | {"职业工种": spelling})) == (0, 0, 1, 0)
    assert [one.occupation for one in SkillCredential.objects.all()] == ["电工"]


def test_a_roster_tells_levels_out_of_order_however_they_are_spelled(office: Office) -> None:
    given = row(职业工种="电工", 技能等级="高级工", 证书编号="S1", 发证日期="2020-05-01")
    office.imports(given)
    lower = given | {
        "职业工种": "电工（初级）",
        "技能等级": "初级工",
        "证书编号": "S2",
        "发证日期": "2022-05-01",
    }
    office.imports(lower)
    assert "较高等级证书发证在前" in office.reasons[0]


def test_within_a_file_the_shortest_spelling_stands_in_whatever_order(office: Office) -> None:
    for order in (1, -1):
        given = row(职业工种="电工(高级工)", 证书编号=f"A{order}")
        rows = [
            given,
            given
            | {"职业工种": "电工", "证书编号": f"B{order}", "发证日期": "2022-06-01", "技能等级": "技师"},
        ]
        assert counts(office.imports(*rows[::order])) == (2, 0, 0, 0)
    assert {one.occupation for one in SkillCredential.objects.all()} == {"电工"}


# -- the upgrade ---------------------------------------------------------------------------------------------------


def test_what_stood_twice_stays_and_is_told(reviewer: Any, as_user: Any) -> None:
    """Given one certificate and one subsidy in two spellings, when upgraded, then nothing is lost and the later
    ones are found among the improbable records; the database takes no third one.
    """
    migration = import_module("portal.workforce.migrations.0017_occupations_folded")
    worker = make_worker()
    with connection.cursor() as cursor:
        kept, twin = (certificate(worker, name, 40, date(2020, 5, 1), "S1") for name in ("电工", "电 工"))
        given_for = {
            "worker": worker,
            "kind": "skill_upgrade",
            "level": 40,
            "claimed_on": ON,
            "source": "窗口登记",
        }
        claims = [BenefitClaim(occupation=name, **given_for) for name in ("电工", "电工（高级工）")]
        # Before the upgrade nothing kept them apart; a number of its own does so here. An earlier subsidy is not
        # changed by one person any more: it has the number that it would be given.
        twin.twin, claims[1].twin = 9, 1
        for record in (kept, twin, *claims):
            record.save()
        confirm(kept)
        for statement in (
            migration.TWIN_CREDENTIALS,
            migration.TWIN_CLAIMS,
            migration.NOTE_CREDENTIALS,
            migration.NOTE_CLAIMS,
            "SET CONSTRAINTS ALL IMMEDIATE",
        ):
            cursor.execute(statement)
    assert list(SkillCredential.objects.order_by("id").values_list("twin", flat=True)) == [0, 1]
    assert list(BenefitClaim.objects.order_by("id").values_list("twin", flat=True)) == [0, 1]
    kept.refresh_from_db()
    assert kept.verification == "confirmed"
    noted = ImprobableRecord.objects.order_by("id")
    assert [(one.kind, one.record_id) for one in noted] == [("credential", twin.pk), ("claim", claims[1].pk)]
    page = as_user(reviewer).get(reverse("window:improbable")).content.decode()
    assert "“电 工”与另一条记录是同一职业（工种）的不同写法" in page
    assert all(source_of(one.rule, one.rule_version) for one in noted)
    with pytest.raises(IntegrityError), transaction.atomic():
        certificate(worker, "电　工", 40, date(2020, 5, 1), "S1").save()
