"""The facts of stored workers as the rules read them: every fact of the catalogue has a home, and stored,
typed-in and bulk agree.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.policy import check
from portal.policy.benefits import CATALOGUE
from portal.policy.facts import FACTS, SkillLevel
from portal.policy.sets import Relation, evaluate
from portal.workforce import models as m
from portal.workforce.facts import relation
from portal.workforce.models.scarce import fold_occupation
from portal.workforce.sources import sources_of
from tests.cast import make_honour, make_worker
from tests.listed import listed

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)
LEVELS = {"skill_level", "certificate_level", "highest_level_claimed"}


def facts_of(worker: Any, on: date = ON) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(relation(on, workers=[worker.pk]))
        [row] = cursor.fetchall()
        return dict(zip([column.name for column in cursor.description], row, strict=True))


def as_typed(facts: dict[str, Any]) -> dict[str, Any]:
    """The same facts as a person would send them to the check."""
    typed = {}
    for name, value in facts.items():
        if name == "worker_id" or value is None:
            continue
        if name in LEVELS:
            value = SkillLevel(value).name.lower()
        elif isinstance(value, date):
            value = value.isoformat()
        elif hasattr(value, "as_tuple"):
            value = str(value)
        typed[name] = value
    return typed


def scarce_list(
    occupation: str, region: str, since: date = date(2026, 1, 1), until: date | None = None
) -> Any:
    return m.ScarceOccupation.objects.create(
        region_id=region,
        occupation=occupation,
        folded=fold_occupation(occupation),
        since=since,
        until=until,
        document="合成文号〔2026〕1号",
    )


def furnish(worker: Any, clerk: Any, reviewer: Any) -> None:
    given = {"worker": worker, "source": "窗口登记", "recorded_by": clerk}
    unit = m.Employer.objects.create(
        name="鄂托克旗机械厂", kind="state_owned", region_id=worker.work_region_id, source="窗口登记"
    )
    m.Employment.objects.create(
        **given,
        employer=unit,
        status="employed",
        on_front_line=True,
        front_line_years="12.5",
        in_skilled_post=True,
        public_institution_payroll=False,
        worked_years="15",
        continuous_months=80,
    )
    m.SkillCredential.objects.create(
        **given, occupation="焊工", level=60, number="S1", issued_on=date(2019, 5, 1)
    )
    m.SkillCredential.objects.create(
        **given, occupation="钳工", level=40, number="S2", issued_on=date(2026, 6, 30)
    )
    m.UnemploymentInsurance.objects.create(**given, months=120, paying=True, drawing_benefit=False, as_of=ON)
    m.BenefitClaim.objects.create(
        **given, kind="skill_upgrade", occupation="钳工", level=20, claimed_on=date(2026, 2, 1)
    )
    m.TechnicalSchooling.objects.create(**given, graduated_from="senior", school="某技师学院")
    m.CompetitionResult.objects.create(
        **given,
        competition="worldskills",
        name="世界技能大赛",
        edition=44,
        rank=1,
        prize="gold",
        role="coach",
        for_inner_mongolia=True,
    )
    for code in (
        "liaison_expert",
        "solved_major_technical_problem",
        "outstanding_mentor",
        "superb_skill",
        "outstanding_contribution",
        "attended_senior_technician_upskilling",
        "jobless_willing_spouse_or_child",
        "hard_to_employ_family_member",
        "child_in_compulsory_education",
        "regional_innovation_award",
    ):
        m.AttestedFact.objects.create(**given, code=code, value=True, since=date(2026, 1, 1))
    listed(worker, since=date(2026, 1, 1))
    m.AttestedFact.objects.create(**given, code="recruited", value="by_region", since=date(2026, 1, 1))
    m.AttestedFact.objects.create(**given, code="engineering_title", value="engineer", since=date(2026, 1, 1))
    worker.household_region_id = "150600"
    worker.save()
    scarce_list("钳工", worker.work_region_id)
    make_honour(worker, recorded_by=clerk, verified_by=reviewer, type="special_allowance_national")
    make_honour(worker, recorded_by=clerk, type="northern_border_craftsman")


def test_every_fact_of_the_catalogue_has_a_home(worker, clerk, reviewer) -> None:
    furnish(worker, clerk, reviewer)
    facts = facts_of(worker)
    assert set(facts) == {"worker_id", *FACTS}
    assert {name for name in FACTS if facts[name] is None} == set()


def test_what_is_not_known_stays_unknown(worker) -> None:
    facts = facts_of(worker)
    known = {name for name in FACTS if facts[name] is not None}
    # Of the register itself: it knows the person, and that it holds no verified recognition and no earlier
    # claim.
    assert known == {
        "birth_on",
        "sex",
        "work_region",
        "honours",
        "special_allowance",
        "recognised_scarce_talent",
        "leading_talent",
        "claims_this_year",
        "scarce_claims_this_year",
        "claimed_same_occupation_level",
        "highest_level_claimed",
        "training_subsidy_for_same_certificate",
    }


def test_the_values_are_those_of_the_records(worker, clerk, reviewer) -> None:
    furnish(worker, clerk, reviewer)
    facts = facts_of(worker)
    assert facts["skill_level"] == 60
    assert (facts["certificate_level"], facts["certificate_occupation"], facts["certificate_issued_on"]) == (
        40,
        "钳工",
        date(2026, 6, 30),
    )
    assert facts["honours"] == ["national_technical_expert"]
    assert (facts["special_allowance"], facts["recognised_scarce_talent"]) == ("national", False)
    assert (
        facts["claims_this_year"],
        facts["claimed_same_occupation_level"],
        facts["highest_level_claimed"],
    ) == (1, False, 20)
    assert (facts["employer_kind"], facts["recruited"]) == ("state_owned", "by_region")


def test_an_earlier_day_sees_only_what_was_there(worker, clerk, reviewer) -> None:
    furnish(worker, clerk, reviewer)
    facts = facts_of(worker, date(2018, 1, 1))
    assert (facts["skill_level"], facts["honours"], facts["liaison_expert"], facts["claims_this_year"]) == (
        None,
        [],
        None,
        0,
    )


@pytest.mark.parametrize("furnished", [True, False])
def test_stored_and_typed_in_answers_agree_on_every_benefit(worker, clerk, reviewer, furnished) -> None:
    if furnished:
        furnish(worker, clerk, reviewer)
    typed = {one["benefit"]: (one["outcome"], one["digest"]) for one in check(as_typed(facts_of(worker)), ON)}
    codes = [benefit.code for benefit in CATALOGUE]
    rows = evaluate(Relation(relation(ON, workers=[worker.pk])), on=ON, benefits=codes, form="answers").rows()
    stored = {row["benefit"]: (row["outcome"], row["digest"]) for row in rows}
    assert stored == typed
    assert len(stored) == 22


def test_the_relation_of_many_is_the_relation_of_each(clerk, reviewer) -> None:
    people = [make_worker(f"工人{n}") for n in range(4)]
    for one in people[::2]:
        furnish_only_insurance(one, clerk)
    with connection.cursor() as cursor:
        cursor.execute(relation(ON))
        columns = [column.name for column in cursor.description]
        together = {row[0]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
    assert together == {one.pk: facts_of(one) for one in people}


def furnish_only_insurance(worker: Any, clerk: Any) -> None:
    m.UnemploymentInsurance.objects.create(
        worker=worker, months=12, as_of=timezone.localdate(), source="窗口登记", recorded_by=clerk
    )


def test_each_known_fact_names_its_source(worker, clerk, reviewer) -> None:
    furnish(worker, clerk, reviewer)
    facts, sources = facts_of(worker), sources_of(worker)
    derived = {"claims_this_year", "recognised_scarce_talent"}
    silent = {
        name for name in FACTS if facts[name] not in (None, False, [], "none") and name not in sources
    } - derived
    assert silent == set()
    assert all(said["source"] and said["recorded_at"] for said in sources.values())


@pytest.mark.parametrize(
    ("written", "certified"),
    [
        ("焊 工", "焊工"),
        ("起重工（叉车）", "起重工(叉车)"),
        ("ＣＮＣ操作工", "cnc操作工"),
        ("焊工", "焊\u3000工"),
    ],
)
@pytest.mark.parametrize("kind", ["skill_upgrade", "training_subsidy"])
def test_an_earlier_claim_is_found_however_its_occupation_was_written(
    worker: Any, kind: str, written: str, certified: str
) -> None:
    m.SkillCredential.objects.create(
        worker=worker, occupation=certified, level=40, number="S1", issued_on=date(2026, 5, 10), source="试"
    )
    m.BenefitClaim.objects.create(
        worker=worker, kind=kind, occupation=written, level=40, claimed_on=date(2026, 6, 1), source="试"
    )
    facts = facts_of(worker)
    if kind == "skill_upgrade":
        assert (facts["claimed_same_occupation_level"], facts["highest_level_claimed"]) == (True, 40)
    else:
        assert facts["training_subsidy_for_same_certificate"] is True


def test_each_fact_is_traced_to_the_record_that_it_rests_on(worker: Any, clerk: Any, reviewer: Any) -> None:
    """The level to the highest certificate, a claim's certificate to the newest one; a fact with a last day to come
    is no fact by silence.
    """
    today = timezone.localdate()
    for level, day, source in ((50, date(2018, 5, 1), "高等级"), (40, date(2026, 3, 1), "新近")):
        m.SkillCredential.objects.create(
            worker=worker, occupation="焊工", level=level, number=source, issued_on=day, source=source
        )
    m.AttestedFact.objects.create(
        worker=worker,
        code="child_in_compulsory_education",
        value=True,
        since=date(2026, 1, 1),
        until=date(today.year + 1, 7, 1),
        source="学校证明",
    )
    sources = {fact: source["source"] for fact, source in sources_of(worker).items()}
    assert (sources["skill_level"], sources["certificate_level"]) == ("高等级", "新近")
    assert sources["child_in_compulsory_education"] == "学校证明"
