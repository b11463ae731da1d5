"""Honours: one records, another verifies; the registry is told within the same transaction."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.access import Refused
from portal.audit.models import Entry
from portal.jobs.models import JobState
from portal.jobs.runner import run_job
from portal.pages.waiting import honours_to_verify
from portal.workforce import events, verification
from portal.workforce.actions import (
    NotNow,
    Stale,
    record_honour,
    refute_honour,
    verify_honour,
    version_of,
    withdraw_honour,
)
from portal.workforce.models import Honour, HonourType
from portal.workforce.verification import MOST_AT_ONCE, start_verification
from tests.cast import make_honour, make_worker

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 23)


@pytest.fixture
def told(monkeypatch):
    """Whom those who decide upon recognitions were told of."""
    seen = {"verified": [], "fallen": []}
    monkeypatch.setattr(events, "_recognition_listeners", [lambda ids: seen["verified"].extend(ids)])
    monkeypatch.setattr(events, "_refutation_listeners", [lambda ids: seen["fallen"].extend(ids)])
    return seen


def record(worker, by, **given):
    fields = {
        "type": HonourType.objects.get(pk="national_technical_expert"),
        "year": 2025,
        "source": "窗口登记",
        "document": "人社部发〔2025〕1号",
    } | given
    return record_honour(worker.pk, **fields, by=by, on=ON)


def test_a_recorded_honour_waits_for_another_person(cast, worker, told):
    honour = record(worker, cast("clerk"))
    assert (honour.state, honour.named_as, honour.recorded_by) == (
        "unverified",
        "全国技术能手",
        cast("clerk"),
    )
    assert not told["verified"]


@pytest.mark.parametrize("who", ["registry_officer", "finance_officer", "baotou_clerk", "auditor"])
def test_others_record_no_honours(cast, worker, who):
    with pytest.raises(Refused):
        record(worker, cast(who))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"year": 2027}, "year"),
        ({"year": 1900}, "year"),
        ({"conferred_on": date(2026, 12, 1)}, "conferred_on"),
        ({"conferred_on": date(2023, 5, 1)}, "conferred_on"),
    ],
)
def test_dates_that_cannot_be_are_refused(cast, worker, given, field):
    with pytest.raises(ValidationError) as refused:
        record(worker, cast("clerk"), **given)
    assert field in refused.value.message_dict


def test_an_honour_is_recorded_once_a_year(cast, worker):
    record(worker, cast("clerk"))
    with pytest.raises(ValidationError, match="该荣誉已登记"):
        record(worker, cast("clerk"))
    record(worker, cast("clerk"), year=2024)


def test_a_reviewer_verifies_and_the_registry_is_told(cast, worker, told):
    honour = verify_honour(record(worker, cast("clerk")).pk, by=cast("reviewer"), on=ON, verdict="原件一致")
    honour.refresh_from_db()
    assert (honour.state, honour.verified_by, honour.verdict) == ("verified", cast("reviewer"), "原件一致")
    assert told == {"verified": [worker.pk], "fallen": []}
    assert Entry.objects.get(action="honour.verify").worker_ref == worker.pk


def test_if_telling_fails_nothing_is_verified(cast, worker, monkeypatch):
    def fails(ids):
        raise RuntimeError("the registry is down")

    monkeypatch.setattr(events, "_recognition_listeners", [fails])
    honour = record(worker, cast("clerk"))
    with pytest.raises(RuntimeError), transaction.atomic():
        verify_honour(honour.pk, by=cast("reviewer"), on=ON)
    honour.refresh_from_db()
    assert honour.state == "unverified"


def test_who_recorded_does_not_verify(cast, worker, told):
    honour = record(worker, cast("reviewer"))
    with pytest.raises(Refused, match="另一名审核员"):
        verify_honour(honour.pk, by=cast("reviewer"), on=ON)
    with pytest.raises(Refused):
        refute_honour(honour.pk, reason="不符", by=cast("reviewer"), on=ON)
    assert verify_honour(honour.pk, by=cast("second_reviewer"), on=ON).state == "verified"


def test_the_database_says_so_too(cast, worker):
    honour = record(worker, cast("reviewer"))
    with pytest.raises(IntegrityError, match="honour_verified_by_another"), transaction.atomic():
        Honour.objects.filter(pk=honour.pk).update(
            state="verified", verified_by=cast("reviewer"), verified_at=timezone.now()
        )


@pytest.mark.parametrize(
    "who", ["clerk", "registry_officer", "regional_reviewer", "baotou_reviewer", "supervisor"]
)
def test_others_verify_nothing(cast, worker, who, told):
    honour = make_honour(worker, recorded_by=None)
    with pytest.raises(Refused):
        verify_honour(honour.pk, by=cast(who), on=ON)
    with pytest.raises(Refused):
        refute_honour(honour.pk, reason="不符", by=cast(who), on=ON)
    assert not told["verified"]


def test_an_imported_honour_may_be_verified_by_any_reviewer(cast, worker, told):
    assert (
        verify_honour(make_honour(worker, recorded_by=None).pk, by=cast("reviewer"), on=ON).state
        == "verified"
    )


def test_a_second_verification_is_refused(cast, worker, told):
    honour = record(worker, cast("clerk"))
    verify_honour(honour.pk, by=cast("reviewer"), on=ON)
    with pytest.raises(NotNow, match="已由巴特尔处理"):
        verify_honour(honour.pk, by=cast("second_reviewer"), on=ON)
    assert told["verified"] == [worker.pk]


def test_without_a_document_the_verdict_says_what_was_seen(cast, worker, told):
    honour = record(worker, cast("clerk"), document="")
    with pytest.raises(NotNow, match="没有文号"):
        verify_honour(honour.pk, by=cast("reviewer"), on=ON)
    assert verify_honour(honour.pk, by=cast("reviewer"), on=ON, verdict="查验证书原件").state == "verified"


def test_a_refuted_honour_can_be_corrected_and_verified(cast, worker, told):
    honour = record(worker, cast("clerk"))
    with pytest.raises(NotNow, match="理由"):
        refute_honour(honour.pk, reason=" ", by=cast("reviewer"), on=ON)
    refuted = refute_honour(honour.pk, reason="文号不符", by=cast("reviewer"), on=ON)
    assert (refuted.state, refuted.verdict) == ("refuted", "文号不符")
    assert not told["fallen"]
    refuted.refresh_from_db()
    again = record(
        worker,
        cast("clerk"),
        document="人社部发〔2025〕8号",
        honour_id=honour.pk,
        version=version_of(refuted),
    )
    assert (again.state, again.verified_by, again.verdict) == ("unverified", None, "")
    assert verify_honour(honour.pk, by=cast("reviewer"), on=ON).state == "verified"


def test_refuting_what_was_verified_tells_the_registry(cast, worker, told):
    honour = record(worker, cast("clerk"))
    verify_honour(honour.pk, by=cast("reviewer"), on=ON)
    refute_honour(honour.pk, reason="冒用他人荣誉", by=cast("second_reviewer"), on=ON)
    assert told["fallen"] == [worker.pk]
    with pytest.raises(NotNow):
        refute_honour(honour.pk, reason="再次", by=cast("second_reviewer"), on=ON)


def test_a_verified_honour_is_not_rewritten(cast, worker, told):
    honour = verify_honour(record(worker, cast("clerk")).pk, by=cast("reviewer"), on=ON)
    honour.refresh_from_db()
    with pytest.raises(NotNow, match="已核实"):
        record(worker, cast("clerk"), year=2024, honour_id=honour.pk, version=version_of(honour))
    with pytest.raises(NotNow, match="不能撤销"):
        withdraw_honour(
            worker.pk, honour.pk, reason="误登", version=version_of(honour), by=cast("clerk"), on=ON
        )


def test_an_honour_recorded_by_mistake_is_taken_back(cast, worker):
    honour = record(worker, cast("clerk"))
    honour.refresh_from_db()
    with pytest.raises(Stale):
        withdraw_honour(worker.pk, honour.pk, reason="误登", version="old", by=cast("clerk"), on=ON)
    withdraw_honour(worker.pk, honour.pk, reason="误登", version=version_of(honour), by=cast("clerk"), on=ON)
    assert not Honour.objects.exists()


# -- many at once --------------------------------------------------------------------------------------------
@pytest.fixture
def many(cast):
    clerk = cast("clerk")
    return [make_honour(make_worker(f"工人{n}"), recorded_by=clerk) for n in "甲乙丙丁"]


def test_a_job_takes_each_through_the_same_action(cast, many, told):
    by_reviewer = make_honour(make_worker("工人戊"), recorded_by=cast("reviewer"))
    no_document = make_honour(make_worker("工人己"), recorded_by=cast("clerk"), document="")
    job = start_verification([h.pk for h in [*many, by_reviewer, no_document]], by=cast("reviewer"))
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.refused, job.result) == (
        JobState.DONE,
        6,
        2,
        {"verified": 4, "refused": 2},
    )
    refused = dict(job.items.filter(ok=False).values_list("key", "message"))
    assert "另一名审核员" in refused[str(by_reviewer.pk)] and "没有文号" in refused[str(no_document.pk)]
    assert sorted(told["verified"]) == sorted(h.worker_id for h in many)


def test_a_job_killed_half_way_does_nothing_twice(cast, many, told, monkeypatch):
    class Killed(BaseException):
        pass

    real, calls = verification.verify_honour, []

    def dies_at_the_third(honour_id, **given):
        calls.append(honour_id)
        if len(calls) == 3:
            raise Killed
        return real(honour_id, **given)

    monkeypatch.setattr(verification, "verify_honour", dies_at_the_third)
    job = start_verification([h.pk for h in many], by=cast("reviewer"))
    with pytest.raises(Killed):
        run_job(job.pk)
    type(job).objects.filter(pk=job.pk).update(beat_at=timezone.now() - timezone.timedelta(minutes=5))
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.result) == (JobState.DONE, 4, {"verified": 4, "refused": 0})
    assert len(told["verified"]) == 4 and Entry.objects.filter(action="honour.verify").count() == 4


def test_a_cancelled_job_keeps_what_is_done(cast, many, told, monkeypatch):
    from portal.jobs.runner import cancel

    real = verification.verify_honour

    def cancels_after_the_second(honour_id, **given):
        if honour_id == many[1].pk:
            cancel(job.pk, by=cast("reviewer"))
        return real(honour_id, **given)

    monkeypatch.setattr(verification, "verify_honour", cancels_after_the_second)
    job = start_verification([h.pk for h in many], by=cast("reviewer"))
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert Honour.objects.verified().count() == 2


def test_a_job_has_a_limit(cast):
    with pytest.raises(NotNow):
        start_verification(list(range(MOST_AT_ONCE + 1)), by=cast("reviewer"))
    with pytest.raises(NotNow):
        start_verification([], by=cast("reviewer"))


def test_neither_an_earlier_author_nor_the_honoured_person_judges_it(cast, worker):
    """What a colleague changed afterwards is still what its first author wrote."""
    honour = record(worker, cast("reviewer"))
    changed = record(
        worker,
        cast("clerk"),
        source="复印件",
        honour_id=honour.pk,
        version=version_of(Honour.objects.get(pk=honour.pk)),
    )
    with pytest.raises(Refused, match="由您登记或更改过"):
        verify_honour(changed.pk, by=cast("reviewer"), on=ON)
    with pytest.raises(IntegrityError, match="does not judge it"), transaction.atomic():
        Honour.objects.filter(pk=honour.pk).update(
            state="verified", verified_by=cast("reviewer"), verified_at=timezone.now()
        )
    own = record(worker, cast("clerk"), year=2024)
    worker.account = cast("reviewer")
    worker.save()
    with pytest.raises(Refused, match="您本人的"):
        verify_honour(own.pk, by=cast("reviewer"), on=ON)
    assert not honours_to_verify(cast("reviewer")).exists()
