"""Two people, or one with a double click, at the same moment: the second one is told, nothing happens twice."""

from __future__ import annotations

import threading
from datetime import date

from django.db import connections

from portal.accounts.models import User
from portal.regions.models import Region
from portal.workforce.actions import (
    AlreadyRegistered,
    NotNow,
    Stale,
    confirm_payee,
    create_worker,
    propose_payee,
    save_record,
    verify_honour,
    version_of,
)
from portal.workforce.models import Honour, PayeeAccount, SkillCredential, Worker
from tests.cast import OTOG, id_number, make_honour, make_worker

ON = date(2026, 11, 23)


def at_once(*works):
    """Run the works in threads that start together; their results or exceptions, in order."""
    start, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place, work):
        try:
            start.wait(10)
            results[place] = work()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def refusals(results, kind):
    return [result for result in results if isinstance(result, kind)]


def test_one_person_is_registered_once(committed, cast):
    clerk, number, region = cast("clerk"), id_number(), Region.objects.get(pk=OTOG)

    def register():
        return create_worker(
            name="王建国",
            id_number=number,
            work_region=region,
            source="窗口登记",
            by=User.objects.get(pk=clerk.pk),
            on=ON,
        )

    results = at_once(register, register, register)
    assert Worker.objects.count() == 1
    assert len(refusals(results, AlreadyRegistered)) == 2


def test_two_changes_on_the_same_version_leave_one(committed, cast):
    clerk, worker = cast("clerk"), make_worker()
    given = {
        "occupation": "焊工",
        "level": 40,
        "number": "1",
        "issued_on": None,
        "verified_how": "roster",
        "source": "花名册",
    }
    record = save_record("credential", worker.pk, given, by=clerk, on=ON)
    seen = version_of(record)

    def change(level):
        return lambda: save_record(
            "credential",
            worker.pk,
            given | {"level": level},
            by=User.objects.get(pk=clerk.pk),
            on=ON,
            record_id=record.pk,
            version=seen,
        )

    results = at_once(change(50), change(60))
    assert len(refusals(results, Stale)) == 1
    worker.refresh_from_db()
    assert worker.skill_level == SkillCredential.objects.get().level


def test_an_honour_is_verified_once(committed, cast):
    honour = make_honour(make_worker(), recorded_by=cast("clerk"))
    reviewers = [cast("reviewer"), cast("second_reviewer")]
    results = at_once(
        *(lambda by=by: verify_honour(honour.pk, by=User.objects.get(pk=by.pk), on=ON) for by in reviewers)
    )
    assert len(refusals(results, NotNow)) == 1
    assert Honour.objects.get().state == "verified"


def test_an_account_is_proposed_and_confirmed_once(committed, cast):
    clerk, worker = cast("clerk"), make_worker()

    def propose():
        return propose_payee(
            worker.pk,
            bank="农行",
            account_number="6228480012345678",
            source="本人填报",
            by=User.objects.get(pk=clerk.pk),
            on=ON,
        )

    assert len(refusals(at_once(propose, propose), NotNow)) == 1
    payee = PayeeAccount.objects.get()
    people = [cast("reviewer"), cast("finance_officer")]
    results = at_once(
        *(lambda by=by: confirm_payee(payee.pk, by=User.objects.get(pk=by.pk), on=ON) for by in people)
    )
    assert len(refusals(results, NotNow)) == 1
