"""Who may establish a fact: what one person wrote down counts for money only when another has confirmed it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, connection, transaction

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.cases.actions import NotNow
from portal.entitlements.known_facts import register_facts_of
from portal.entitlements.matching import match
from portal.entitlements.models import Offer
from portal.pages.waiting import records_to_confirm
from portal.workforce.actions import (
    confirm_record,
    end_record,
    refute_record,
    remove_record,
    save_record,
    version_of,
)
from portal.workforce.fact_table import refresh
from portal.workforce.facts import relation
from portal.workforce.models import AttestedFact, SkillCredential
from portal.workforce.record_kinds import CREDENTIAL, KINDS
from tests.cast import make_worker
from tests.listed import listed
from tests.workforce import changing
from tests.workforce.changing import EMPLOYED, ON
from tests.workforce.gathered import verified_rows

pytestmark = pytest.mark.django_db
LISTED = {
    "code": "leading_talent",
    "value": True,
    "since": date(2026, 1, 1),
    "until": None,
    "document": "",
    "source": "窗口登记",
}
CERTIFICATE = changing.CERTIFICATE | {"level": 40, "number": "1515000000400001"}
INSURED = {
    "months": 60,
    "paying": True,
    "drawing_benefit": False,
    "as_of": date(2026, 10, 31),
    "source": "社保查询",
}


def facts_of(worker: Any, *, verified: bool) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(relation(ON, workers=[worker.pk], verified=verified))
        return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def refused_by_database(sql: str, *params: Any) -> str:
    with pytest.raises((IntegrityError, InternalError)) as refused, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
    return str(refused.value)


# -- what the portal writes itself ---------------------------------------------------------------------------


def test_a_window_cannot_make_anybody_a_leading_talent(worker: Any, clerk: Any) -> None:
    with pytest.raises(ValidationError, match="系统根据办理结果自动写入"):
        save_record("attested", worker.pk, LISTED, by=clerk, on=ON)
    assert not AttestedFact.objects.exists()


def test_nor_take_it_away_from_who_is_one(worker: Any, clerk: Any) -> None:
    listed(worker, since=ON)
    fact = AttestedFact.objects.get(worker=worker)
    given = {"version": version_of(fact), "by": clerk, "on": ON}
    with pytest.raises(NotNow, match="自动写入"):
        end_record("attested", worker.pk, fact.pk, ended_on=ON, **given)
    with pytest.raises(NotNow, match="自动写入"):
        remove_record("attested", worker.pk, fact.pk, reason="登记有误", **given)
    with pytest.raises(NotNow, match="自动写入"):
        save_record("attested", worker.pk, LISTED | {"value": False}, record_id=fact.pk, **given)
    assert register_facts_of(worker.pk, ON)["leading_talent"] is True


def test_the_database_knows_who_writes_such_a_fact(worker: Any, clerk: Any) -> None:
    said = refused_by_database(
        "INSERT INTO workforce_attestedfact (worker_id, code, value, since, document, source, recorded_by_id,"
        " recorded_at) VALUES (%s, 'leading_talent', 'true', '2026-01-01', '', '窗口登记', %s, now())",
        worker.pk,
        clerk.pk,
    )
    assert "portal_facts_have_no_author" in said


# -- nobody confirms what they wrote, whoever changed it afterwards ------------------------------------------


def _changed_by_another(worker: Any, clerk: Any, second_clerk: Any, **values: Any) -> Any:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    record.refresh_from_db()
    given = {"record_id": record.pk, "version": version_of(record), "by": second_clerk, "on": ON}
    return save_record("credential", worker.pk, CERTIFICATE | values, **given)


def test_who_wrote_what_a_colleague_then_changed_does_not_confirm_it(
    worker: Any, clerk: Any, second_clerk: Any, reviewer: Any
) -> None:
    record = _changed_by_another(worker, clerk, second_clerk, source="复印件")
    for author in (clerk, second_clerk):
        with pytest.raises(Refused, match="由您登记、导入或更改过"):
            confirm_record("credential", record.pk, seen="证书原件", by=author, on=ON)
        with pytest.raises(Refused, match="由您登记、导入或更改过"):
            refute_record("credential", record.pk, reason="不符", by=author, on=ON)
        assert record not in records_to_confirm(author, CREDENTIAL)
    assert record in records_to_confirm(reviewer, CREDENTIAL)
    confirm_record("credential", record.pk, seen="证书原件", by=reviewer, on=ON)


def test_the_database_knows_who_wrote_what_a_colleague_then_changed(
    worker: Any, clerk: Any, second_clerk: Any
) -> None:
    record = _changed_by_another(worker, clerk, second_clerk, number="1515000000400002")
    said = refused_by_database(
        "UPDATE workforce_skillcredential SET verification = 'confirmed', verified_by_id = %s,"
        " verified_at = now(), verified_from = '原件' WHERE id = %s",
        clerk.pk,
        record.pk,
    )
    assert "who wrote any of a record does not judge it" in said


# -- stated and verified -------------------------------------------------------------------------------------


def test_what_one_person_wrote_is_stated_and_what_another_confirmed_is_verified(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    assert facts_of(worker, verified=False)["skill_level"] == 40
    assert facts_of(worker, verified=True)["skill_level"] is None
    confirm_record("credential", record.pk, seen="证书原件", by=reviewer, on=ON)
    assert facts_of(worker, verified=True)["skill_level"] == 40
    record.refresh_from_db()
    assert (record.verification, record.verified_by, record.verified_from) == (
        "confirmed",
        reviewer,
        "证书原件",
    )
    entry = Entry.objects.get(action="record.confirm")
    assert (entry.worker_ref, entry.detail["kind"], entry.detail["seen"]) == (
        worker.pk,
        "credential",
        "证书原件",
    )


def test_a_second_clerk_of_the_banner_or_the_league_may_and_a_stranger_may_not(
    worker: Any, clerk: Any, second_clerk: Any, baotou_reviewer: Any
) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    with pytest.raises(Refused):
        confirm_record("credential", record.pk, seen="证书原件", by=baotou_reviewer, on=ON)
    confirm_record("credential", record.pk, seen="证书原件", by=second_clerk, on=ON)
    with pytest.raises(NotNow, match="已由图雅核验"):
        confirm_record("credential", record.pk, seen="证书原件", by=second_clerk, on=ON)


def test_nobody_confirms_what_they_wrote_down(worker: Any, clerk: Any) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    with pytest.raises(Refused, match="另一人"):
        confirm_record("credential", record.pk, seen="证书原件", by=clerk, on=ON)
    said = refused_by_database(
        "UPDATE workforce_skillcredential SET verification = 'confirmed', verified_by_id = %s,"
        " verified_at = now(), verified_from = '原件' WHERE id = %s",
        clerk.pk,
        record.pk,
    )
    assert "credential_verified_by_another" in said


def test_a_document_is_named(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    with pytest.raises(NotNow, match="核验依据"):
        confirm_record("credential", record.pk, seen="  ", by=reviewer, on=ON)


def test_whatever_is_changed_of_a_refuted_record_is_to_be_confirmed_anew(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    refute_record("credential", record.pk, reason="等级不符", by=reviewer, on=ON)
    record.refresh_from_db()
    changed = CERTIFICATE | {"level": 50, "source": "窗口登记（补换证书）"}
    save_record(
        "credential", worker.pk, changed, by=clerk, on=ON, record_id=record.pk, version=version_of(record)
    )
    record.refresh_from_db()
    assert (record.verification, record.verified_by, record.verified_from) == ("stated", None, "")
    assert facts_of(worker, verified=True)["skill_level"] is None


def test_the_same_in_another_writing_is_no_change(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE | {"number": "S1501"}, by=clerk, on=ON)
    confirm_record("credential", record.pk, seen="证书原件", by=reviewer, on=ON)
    record.refresh_from_db()
    again = CERTIFICATE | {"number": "ｓ 1501"}
    save_record(
        "credential", worker.pk, again, by=clerk, on=ON, record_id=record.pk, version=version_of(record)
    )
    record.refresh_from_db()
    assert (record.verification, record.number) == ("confirmed", "S1501")


@pytest.mark.parametrize("kind", [kind.code for kind in KINDS.values() if kind.verified])
def test_the_database_lets_nobody_change_or_remove_what_is_confirmed(
    kind: str, worker: Any, clerk: Any, reviewer: Any
) -> None:
    """Of every kind of record, by whatever way; and none comes in confirmed."""
    samples: dict[str, tuple[dict[str, Any], str]] = {
        "employment": (EMPLOYED, "occupation = '钳工'"),
        "credential": (CERTIFICATE, "number = 'S2'"),
        "insurance": (INSURED, "months = 61"),
        "attested": (LISTED | {"code": "superb_skill"}, "value = 'false'"),
        "schooling": (
            {
                "graduated_from": "senior",
                "school": "鄂尔多斯技师学院",
                "graduated_on": date(2008, 7, 1),
                "source": "毕业证书",
            },
            "graduated_from = 'pre_technician'",
        ),
        "competition": (
            {
                "competition": "regional",
                "name": "自治区焊接大赛",
                "edition": None,
                "rank": 2,
                "prize": "",
                "role": "competitor",
                "for_inner_mongolia": None,
                "held_on": date(2021, 9, 1),
                "document": "",
                "source": "获奖证书",
            },
            "rank = 1",
        ),
    }
    entered, change = samples[kind]
    record = save_record(kind, worker.pk, entered, by=clerk, on=ON)
    confirm_record(kind, record.pk, seen="原件", by=reviewer, on=ON)
    record.refresh_from_db()
    table = KINDS[kind].table
    for sql in (
        f"UPDATE {table} SET {change} WHERE id = %s",
        f"UPDATE {table} SET source = '另一来源' WHERE id = %s",
        f"UPDATE {table} SET recorded_by_id = NULL WHERE id = %s",
        f"DELETE FROM {table} WHERE id = %s",
    ):
        assert "what counts is changed by two" in refused_by_database(sql, record.pk)
    columns = [
        field.column for field in record._meta.concrete_fields if field.column not in ("id", "verification")
    ]
    said = refused_by_database(
        f"INSERT INTO {table} ({', '.join(columns)}, verification)"
        f" SELECT {', '.join(columns)}, 'confirmed' FROM {table} WHERE id = %s",
        record.pk,
    )
    assert "after it was written down" in said


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS.values() if kind.verified], ids=lambda kind: kind.code
)
def test_every_column_that_says_something_is_watched(kind: Any) -> None:
    """A column that is added later and not watched could be changed under a verdict of wrong. Of what is confirmed
    every column is held.
    """
    (trigger,) = (one for one in kind.model._meta.triggers if one.name == "change_is_unconfirmed")
    about_the_record = {
        "id",
        "twin",
        "source",
        "recorded_by_id",
        "recorded_at",
        "verified_how",
        # Changed by what an extract says, which confirms it: tests/workforce/test_extracts_of_registers.py.
        "extract_id",
        kind.ends_with,
    }
    about_the_verdict = {"verification", "verified_by_id", "verified_at", "verified_from"}
    columns = {field.column for field in kind.model._meta.concrete_fields}
    watched = set(re.findall(r"OLD\.(\w+)", str(trigger.func).partition("THEN")[0]))
    assert columns - about_the_record - about_the_verdict == watched


def test_what_was_found_wrong_counts_for_nothing(worker: Any, clerk: Any, reviewer: Any) -> None:
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    with pytest.raises(NotNow, match="核验不符的情况"):
        refute_record("credential", record.pk, reason="", by=reviewer, on=ON)
    refute_record("credential", record.pk, reason="证书编号查询不到", by=reviewer, on=ON)
    for verified in (False, True):
        assert facts_of(worker, verified=verified)["skill_level"] is None
    worker.refresh_from_db()
    assert (worker.skill_level, worker.occupation) == (0, "")


def test_the_gathered_table_is_what_is_verified(worker: Any, clerk: Any, reviewer: Any) -> None:
    other = make_worker("李静")
    SkillCredential.objects.create(worker=other, occupation="焊工", level=60, number="N1", source="花名册")
    refresh(ON)
    assert verified_rows("skill_level") == []
    record = save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)
    confirm_record("credential", record.pk, seen="证书原件", by=reviewer, on=ON)
    refresh(ON)
    assert verified_rows("skill_level") == [(worker.pk, 40)]
    refute_record("credential", record.pk, reason="证书系伪造", by=reviewer, on=ON)
    refresh(ON)
    assert verified_rows("skill_level") == []
    refresh(ON, whole=True)
    assert verified_rows("skill_level") == []


def test_money_is_offered_once_everything_it_rests_on_is_verified(
    worker: Any, clerk: Any, reviewer: Any
) -> None:
    records = [
        ("employment", save_record("employment", worker.pk, EMPLOYED, by=clerk, on=ON)),
        ("credential", save_record("credential", worker.pk, CERTIFICATE, by=clerk, on=ON)),
        ("insurance", save_record("insurance", worker.pk, INSURED, by=clerk, on=ON)),
    ]
    subsidy = Offer.objects.filter(worker=worker, benefit="training.skill-upgrade")
    review = Offer.objects.filter(worker=worker, benefit="title.engineering-review")
    match(ON, cause="试")
    # what names no money is told from what is recorded
    assert review.exists() and not subsidy.exists()
    for kind, record in records:
        assert not subsidy.exists()
        confirm_record(kind, record.pk, seen="原件", by=reviewer, on=ON)
        match(ON, cause="试")
    assert subsidy.get().state == "matched"
    # and falls when one of them is doubted
    refute_record("insurance", records[2][1].pk, reason="社保查询为6个月", by=reviewer, on=ON)
    match(ON, cause="试")
    assert subsidy.get().state == "expired"
