"""A person with two certificates gets two answers: each is decided about by its own facts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from portal.policy.models import Determination
from portal.policy.rederive import replay
from portal.policy.subjects import determine_subjects, foresee_subject
from portal.workforce import models as m
from portal.workforce.fact_table import refresh
from portal.workforce.facts import relation
from portal.workforce.gathered import certificates_gathered
from portal.workforce.record_kinds import CREDENTIAL, EMPLOYMENT, INSURANCE
from portal.workforce.subjects import CERTIFICATE, gather_certificates
from tests.cast import make_worker
from tests.workforce.merging import merged

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)
UPGRADE = "training.skill-upgrade"


def certificate(worker: Any, occupation: str, level: int, issued_on: date, **fields: Any) -> Any:
    return m.SkillCredential.objects.create(
        worker=worker, occupation=occupation, level=level, issued_on=issued_on, source="窗口登记", **fields
    )


def confirm(records: Any, verifier: Any) -> None:
    """As another person does who holds them against the documents."""
    records.update(
        verification="confirmed", verified_by=verifier, verified_at=timezone.now(), verified_from="原件"
    )


@pytest.fixture
def welder(cast: Any) -> Any:
    """In work and paying for 40 months; a welder of the intermediate level, a fitter of the senior one."""
    worker = make_worker()
    given = {"worker": worker, "source": "窗口登记"}
    m.Employment.objects.create(**given, status="employed")
    m.UnemploymentInsurance.objects.create(**given, months=40, paying=True, as_of=ON)
    certificate(worker, "焊工", 30, date(2026, 3, 2), number="S000015000001")
    certificate(worker, "钳工", 40, date(2026, 9, 1), number="S000015000002")
    for model in (m.Employment, m.UnemploymentInsurance, m.SkillCredential):
        confirm(model.objects.filter(worker=worker), cast("reviewer"))
    return worker


def rows(worker: Any, on: date = ON) -> dict[int, dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(relation(on, workers=[worker.pk], each_certificate=True))
        names = [column.name for column in cursor.description]
        drawn = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {row["certificate_id"]: row for row in drawn}


def test_each_certificate_has_its_own_answer(welder: Any) -> None:
    first, second = m.SkillCredential.objects.filter(worker=welder).order_by("issued_on")
    decided = determine_subjects(CERTIFICATE, [first.pk, second.pk], on=ON, benefits=[UPGRADE])
    amounts = {number: determination.amount for (number, _), determination in decided.items()}
    assert amounts == {first.pk: 1500, second.pk: 2000}
    kept = Determination.objects.about(CERTIFICATE, first.pk).get()
    assert kept.facts["certificate_level"] == "intermediate"
    assert kept.fact_sources["certificate_level"].startswith("技能证书，窗口登记，")
    assert kept.fact_sources["unemployment_insured_months"].startswith("失业保险，窗口登记，")
    assert list(replay()) == []


def test_what_was_drawn_for_one_bars_that_one_alone(welder: Any) -> None:
    first, second = m.SkillCredential.objects.filter(worker=welder).order_by("issued_on")
    m.BenefitClaim.objects.create(
        worker=welder,
        kind="skill_upgrade",
        occupation="焊 工",
        level=30,
        claimed_on=date(2026, 4, 1),
        source="合成",
    )
    decided = determine_subjects(CERTIFICATE, [first.pk, second.pk], on=ON, benefits=[UPGRADE])
    assert decided[first.pk, UPGRADE].outcome == "ineligible"
    assert decided[second.pk, UPGRADE].outcome == "eligible"
    drawn = rows(welder)
    assert [drawn[one.pk]["highest_level_claimed"] for one in (first, second)] == [30, 0]
    assert {row["claims_this_year"] for row in drawn.values()} == {1}, (
        "a year's claims are those of the person"
    )
    assert {row["skill_level"] for row in drawn.values()} == {40}


def test_one_issued_later_is_not_there_yet(welder: Any) -> None:
    first, second = m.SkillCredential.objects.filter(worker=welder).order_by("issued_on")
    assert rows(welder, date(2026, 8, 31)).keys() == {first.pk}
    assert determine_subjects(CERTIFICATE, [second.pk], on=date(2026, 8, 31), benefits=[UPGRADE]) == {}


def test_an_unconfirmed_one_counts_as_stated_alone(welder: Any) -> None:
    third = certificate(welder, "电工", 30, date(2026, 10, 1))
    assert determine_subjects(CERTIFICATE, [third.pk], on=ON, benefits=[UPGRADE]) == {}
    assert (
        foresee_subject(CERTIFICATE, third.pk, on=ON, benefit=UPGRADE, verified=False).outcome == "eligible"
    )


def test_whoever_has_none_is_not_there() -> None:
    assert rows(make_worker()) == {}


def test_the_newest_is_what_the_person_is_asked_about(welder: Any) -> None:
    """Both relations agree where they speak of the same certificate."""
    with connection.cursor() as cursor:
        cursor.execute(relation(ON, workers=[welder.pk]))
        names = [column.name for column in cursor.description]
        [row] = cursor.fetchall()
    person = dict(zip(names, row, strict=True))
    newest = rows(welder)[m.SkillCredential.objects.filter(worker=welder).latest("issued_on").pk]
    assert {name: newest[name] for name in person} == person


def test_a_certificate_of_a_merged_record_is_decided_by_the_facts_of_the_person(
    welder: Any, cast: Any
) -> None:
    other = make_worker("王建国")
    theirs = certificate(other, "电工", 30, date(2026, 5, 4))
    confirm(m.SkillCredential.objects.filter(pk=theirs.pk), cast("reviewer"))
    before = determine_subjects(CERTIFICATE, [theirs.pk], on=ON, benefits=[UPGRADE])
    assert before[theirs.pk, UPGRADE].outcome == "undetermined"
    merged(cast, other, welder)
    after = determine_subjects(CERTIFICATE, [theirs.pk], on=ON, benefits=[UPGRADE])
    assert after[theirs.pk, UPGRADE].outcome == "eligible"
    assert after[theirs.pk, UPGRADE].fact_sources["employment"].startswith("就业信息，")
    assert rows(welder).keys() == set(m.SkillCredential.objects.values_list("pk", flat=True))


def test_what_is_put_together_for_many_is_what_is_gathered_for_each(welder: Any, cast: Any) -> None:
    """People of whom all is confirmed, of whom some is not, who drew something, and whose records were merged."""
    others = [make_worker(name) for name in ("李强", "张伟", "赵敏")]
    for number, worker in enumerate(others):
        m.Employment.objects.create(worker=worker, source="窗口登记", status="employed")
        m.UnemploymentInsurance.objects.create(
            worker=worker, source="窗口登记", months=40, paying=True, as_of=ON
        )
        for place, trade in enumerate(("电工", "焊工")):
            certificate(worker, trade, 30 + 10 * place, date(2026, 5, 1 + place), number=f"N{number}{place}")
        for model in (m.Employment, m.UnemploymentInsurance, m.SkillCredential):
            confirm(model.objects.filter(worker=worker), cast("reviewer"))
    stated, drew, part = others
    certificate(stated, "车工", 50, date(2026, 10, 1), number="N9")
    m.AttestedFact.objects.create(
        worker=stated, code="superb_skill", value=True, since=date(2026, 1, 1), source="窗口登记"
    )
    m.BenefitClaim.objects.create(
        worker=drew,
        kind="skill_upgrade",
        occupation="电工",
        level=30,
        claimed_on=date(2026, 6, 1),
        source="合成",
    )
    merged(cast, part, welder)
    refresh(ON, whole=True)
    credentials = m.SkillCredential.objects.filter(verification="confirmed")
    standing = {part.pk: welder.pk}
    pairs = [(one.pk, standing.get(one.worker_id, one.worker_id)) for one in credentials]
    listed = ", ".join(f"({number}::bigint, {worker}::bigint)" for number, worker in pairs)
    asked = f"SELECT * FROM (VALUES {listed}) AS pairs(subject_id, worker_id)"
    together = _drawn(certificates_gathered(ON, asked).sql)
    people = sorted({worker for _, worker in pairs})
    each = _drawn(relation(ON, workers=people, verified=True, each_certificate=True))
    assert len(together) == len(pairs) and together == each


def _drawn(sql: str) -> dict[int, dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        return {
            row["certificate_id"]: row
            for row in (dict(zip(names, values, strict=True)) for values in cursor.fetchall())
        }


def test_the_records_of_everybody_are_not_read_for_one(welder: Any) -> None:
    """Wherever an index can be asked for a person's records, it is: what the plan reads whole has no other way."""
    ids = welder.credentials.values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {gather_certificates(ids, ON, True).sql}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    for kind in (CREDENTIAL, EMPLOYMENT, INSURANCE):
        assert kind.table in plan and f"Seq Scan on {kind.table}" not in plan
