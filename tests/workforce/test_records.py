"""Every kind of record: written down, changed, ended, taken back, by whom it may be and on the version that
was seen.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from portal.accounts.access import NotNow, Refused
from portal.audit.models import Entry
from portal.workforce.actions import (
    Stale,
    derive,
    end_record,
    remove_record,
    save_record,
    version_of,
)
from portal.workforce.models import Employer, SkillCredential, Worker
from portal.workforce.record_kinds import KINDS
from tests.cast import OTOG, make_worker

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)
S = {"source": "窗口登记"}
GIVEN = {
    "employment": S
    | {
        "status": "employed",
        "employer": None,
        "occupation": "焊工",
        "on_front_line": True,
        "front_line_years": Decimal("3.5"),
        "in_skilled_post": True,
        "public_institution_payroll": False,
        "worked_years": None,
        "continuous_months": None,
        "started_on": date(2020, 1, 1),
        "ended_on": None,
    },
    "credential": S
    | {
        "occupation": "焊工",
        "level": 40,
        "number": "1501",
        "issued_on": date(2020, 1, 1),
        "verified_how": "original_seen",
    },
    "insurance": S | {"months": 36, "paying": True, "drawing_benefit": False, "as_of": date(2026, 10, 31)},
    "attested": S
    | {
        "code": "outstanding_mentor",
        "value": True,
        "since": date(2024, 1, 1),
        "until": None,
        "document": "纪要",
    },
    "schooling": S
    | {"graduated_from": "senior", "school": "鄂尔多斯技师学院", "graduated_on": date(2010, 7, 1)},
    "competition": S
    | {
        "competition": "regional",
        "name": "自治区焊接大赛",
        "edition": 3,
        "rank": 1,
        "prize": "gold",
        "role": "competitor",
        "for_inner_mongolia": None,
        "held_on": date(2021, 9, 1),
        "document": "",
    },
    "claim": S
    | {
        "kind": "skill_upgrade",
        "occupation": "焊工",
        "level": 30,
        "certificate_number": "",
        "claimed_on": date(2019, 1, 1),
    },
}
CHANGE = {
    "employment": {"front_line_years": Decimal("4.5")},
    "credential": {"level": 50},
    "insurance": {"months": 37},
    "attested": {"document": "另一份纪要"},
    "schooling": {"school": "包头技师学院"},
    "competition": {"rank": 2},
    "claim": {"level": 40},
}


def add(kind, worker, by, **given):
    return save_record(kind, worker.pk, GIVEN[kind] | given, by=by, on=ON)


def test_the_table_covers_every_fact_of_a_worker():
    assert set(KINDS) == set(GIVEN) == set(CHANGE)


# What counts from when it is written down is changed by two: test_changes_by_two.
NOT_YET = [kind for kind in GIVEN if kind != "claim"]


@pytest.mark.parametrize("kind", NOT_YET)
def test_a_record_is_written_down_and_changed(kind, cast, worker):
    clerk = cast("clerk")
    record = add(kind, worker, clerk)
    assert (record.recorded_by, record.source) == (clerk, "窗口登记")
    changed = save_record(
        kind,
        worker.pk,
        GIVEN[kind] | CHANGE[kind],
        by=clerk,
        on=ON,
        record_id=record.pk,
        version=version_of(record),
    )
    changed.refresh_from_db()
    for name, value in CHANGE[kind].items():
        assert getattr(changed, name) == value
    assert changed.events.count() == 1
    actions = list(Entry.objects.filter(worker_ref=worker.pk).order_by("id").values_list("action", flat=True))
    assert actions == [f"{kind}.add", f"{kind}.change"]


@pytest.mark.parametrize("kind", GIVEN)
def test_saving_the_same_changes_nothing(kind, cast, worker):
    record = add(kind, worker, cast("clerk"))
    save_record(
        kind, worker.pk, GIVEN[kind], by=cast("clerk"), on=ON, record_id=record.pk, version=version_of(record)
    )
    assert not record.events.exists()


@pytest.mark.parametrize("kind", GIVEN)
@pytest.mark.parametrize("who", ["reviewer", "registry_officer", "auditor", "baotou_clerk"])
def test_only_a_clerk_of_the_region_writes(kind, who, cast, worker):
    with pytest.raises(Refused):
        add(kind, worker, cast(who))
    record = add(kind, worker, cast("clerk"))
    for attempt in (
        lambda: save_record(
            kind, worker.pk, GIVEN[kind], by=cast(who), on=ON, record_id=record.pk, version=version_of(record)
        ),
        lambda: remove_record(
            kind, worker.pk, record.pk, reason="误登", version=version_of(record), by=cast(who), on=ON
        ),
    ):
        with pytest.raises(Refused):
            attempt()


@pytest.mark.parametrize("kind", GIVEN)
def test_a_change_on_an_old_version_is_refused(kind, cast, worker):
    record = add(kind, worker, cast("clerk"))
    with pytest.raises(Stale):
        save_record(
            kind,
            worker.pk,
            GIVEN[kind] | CHANGE[kind],
            by=cast("clerk"),
            on=ON,
            record_id=record.pk,
            version="old",
        )
    with pytest.raises(Stale):
        remove_record(kind, worker.pk, record.pk, reason="误登", version="old", by=cast("clerk"), on=ON)


@pytest.mark.parametrize("kind", NOT_YET)
def test_a_record_taken_back_stays_in_the_history(kind, cast, worker):
    record = add(kind, worker, cast("clerk"))
    pk, events = record.pk, type(record).events.rel.related_model
    with pytest.raises(NotNow, match="理由"):
        remove_record(kind, worker.pk, pk, reason=" ", version=version_of(record), by=cast("clerk"), on=ON)
    remove_record(kind, worker.pk, pk, reason="重复登记", version=version_of(record), by=cast("clerk"), on=ON)
    assert not type(record).objects.filter(pk=pk).exists()
    assert events.objects.get(pgh_obj_id=pk).pgh_label == "delete"
    assert Entry.objects.get(action=f"{kind}.remove").detail["reason"] == "重复登记"


@pytest.mark.parametrize("kind", GIVEN)
def test_a_record_of_somebody_else_cannot_be_reached_through_this_worker(kind, cast, worker):
    record = add(kind, make_worker("李强"), cast("clerk"))
    with pytest.raises(NotNow):
        remove_record(
            kind, worker.pk, record.pk, reason="误登", version=version_of(record), by=cast("clerk"), on=ON
        )


@pytest.mark.parametrize("kind", [kind for kind, row in KINDS.items() if row.past])
def test_a_date_that_lies_ahead_is_refused(kind, cast, worker):
    name = KINDS[kind].past[0]
    with pytest.raises(ValidationError) as refused:
        add(kind, worker, cast("clerk"), **{name: ON + timedelta(days=1)})
    assert refused.value.message_dict[name] == ["日期不能晚于今天。"]


@pytest.mark.parametrize("kind", ["employment", "attested"])
def test_what_lasts_is_ended(kind, cast, worker):
    record = add(kind, worker, cast("clerk"))
    ended = end_record(
        kind, worker.pk, record.pk, ended_on=ON, version=version_of(record), by=cast("clerk"), on=ON
    )
    assert getattr(ended, KINDS[kind].ends_with) == ON
    with pytest.raises(NotNow, match="已经终止"):
        end_record(
            kind, worker.pk, record.pk, ended_on=ON, version=version_of(ended), by=cast("clerk"), on=ON
        )


def test_it_does_not_end_before_it_began(cast, worker):
    record = add("employment", worker, cast("clerk"))
    with pytest.raises(ValidationError, match="终止日期不能早于起始日期"):
        end_record(
            "employment",
            worker.pk,
            record.pk,
            ended_on=date(2019, 1, 1),
            version=version_of(record),
            by=cast("clerk"),
            on=ON,
        )


def test_a_certificate_does_not_end(cast, worker):
    record = add("credential", worker, cast("clerk"))
    with pytest.raises(NotNow, match="撤销"):
        end_record(
            "credential",
            worker.pk,
            record.pk,
            ended_on=ON,
            version=version_of(record),
            by=cast("clerk"),
            on=ON,
        )


def test_one_open_employment_at_a_time(cast, worker):
    add("employment", worker, cast("clerk"))
    with pytest.raises(ValidationError, match="尚未终止"):
        add("employment", worker, cast("clerk"))
    add("employment", worker, cast("clerk"), started_on=date(2010, 1, 1), ended_on=date(2015, 1, 1))
    assert worker.employments.count() == 2


def test_a_certificate_is_recorded_once(cast, worker):
    add("credential", worker, cast("clerk"))
    with pytest.raises(ValidationError, match="该证书已登记"):
        add("credential", worker, cast("clerk"))


@pytest.mark.parametrize(
    ("code", "value", "fine"),
    [
        ("recruited", "by_region", True),
        ("recruited", True, False),
        ("recruited", "elsewhere", False),
        ("superb_skill", False, True),
        ("superb_skill", "by_region", False),
        ("superb_skill", 1, False),
    ],
)
def test_an_attestation_has_a_value_of_its_kind(code, value, fine, cast, worker):
    if fine:
        assert add("attested", worker, cast("clerk"), code=code, value=value).value == value
    else:
        with pytest.raises(ValidationError) as refused:
            add("attested", worker, cast("clerk"), code=code, value=value)
        assert "value" in refused.value.message_dict


def test_one_open_attestation_of_a_kind(cast, worker):
    add("attested", worker, cast("clerk"))
    with pytest.raises(ValidationError, match="请先终止原记录"):
        add("attested", worker, cast("clerk"))


def test_the_drawn_columns_follow_the_records(cast, worker):
    clerk = cast("clerk")
    unit = Employer.objects.create(name="机械厂", region_id=OTOG, source="窗口登记")
    employment = add("employment", worker, clerk, employer=unit, occupation="钳工")
    worker.refresh_from_db()
    assert (worker.employer, worker.skill_level, worker.occupation) == (unit, 0, "钳工")
    add("credential", worker, clerk, level=40, occupation="焊工")
    higher = add("credential", worker, clerk, level=60, occupation="电工", issued_on=date(2015, 1, 1))
    worker.refresh_from_db()
    assert (worker.skill_level, worker.occupation) == (60, "电工")
    remove_record(
        "credential", worker.pk, higher.pk, reason="误登", version=version_of(higher), by=clerk, on=ON
    )
    end_record(
        "employment", worker.pk, employment.pk, ended_on=ON, version=version_of(employment), by=clerk, on=ON
    )
    worker.refresh_from_db()
    assert (worker.employer, worker.skill_level, worker.occupation) == (None, 40, "焊工")


def test_drawing_again_changes_nothing_and_takes_one_statement(worker, django_assert_num_queries):
    others = [make_worker(f"工人{c}") for c in "甲乙丙"]
    SkillCredential.objects.bulk_create(
        [SkillCredential(worker=w, occupation="焊工", level=30, source="花名册") for w in [worker, *others]]
    )
    with django_assert_num_queries(1):
        assert derive([w.pk for w in [worker, *others]]) == 4
    assert derive(None) == 0 and derive([]) == 0
    assert set(Worker.objects.values_list("skill_level", flat=True)) == {30}


def test_of_equal_certificates_the_newest_names_the_occupation(worker):
    for occupation, issued in (("焊工", date(2018, 1, 1)), ("电工", date(2022, 1, 1)), ("钳工", None)):
        SkillCredential.objects.create(
            worker=worker, occupation=occupation, level=50, issued_on=issued, source="花名册"
        )
    derive([worker.pk])
    worker.refresh_from_db()
    assert worker.occupation == "电工"
