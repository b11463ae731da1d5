"""Writing down a person, correcting what is known of them, and showing a number that is masked everywhere."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from portal import audit
from portal.accounts.access import require
from portal.names import InvalidName, checked_person_name
from portal.workforce.actions.changing import propose_change
from portal.workforce.actions.locking import (
    change_of,
    changed_fields,
    check,
    check_version,
    derive,
    stored_values,
    written_by,
)
from portal.workforce.actions.plausibility import Unexplained, is_new, note_improbable, with_reason
from portal.workforce.actions.taken_numbers import refuse_registered, tries_noted
from portal.workforce.events import person_saved
from portal.workforce.identity import InvalidNumber, check_id_number, check_phone
from portal.workforce.merged import counts_for_anything
from portal.workforce.models import ChangeWhat, Worker
from portal.workforce.models.record_changes import OF_WORKER
from portal.workforce.placeholders import explains_nothing
from portal.workforce.plausibility.checking import (
    Finding,
    findings_about_all_records,
    findings_about_person,
)


def clean_name(text: str) -> str:
    """A name in its normal form; ValidationError for what is no name. Names of several words and 名·姓 are
    names.
    """
    try:
        return checked_person_name(text)
    except InvalidName as error:
        raise ValidationError(
            f"请填写身份证上的姓名，不含数字和符号（少数民族姓名可含“·”）：{error}。"
        ) from error


def _checked_number(text: str, check_number: Any, field: str) -> str:
    try:
        return check_number(text)
    except InvalidNumber as error:
        raise ValidationError({field: str(error)}) from error


@tries_noted
def create_worker(**person: Any) -> Worker:
    """Put a person into the register: `write_down`, of a number that is taken the try is noted."""
    return write_down(**person)


def write_down(
    *,
    name: str,
    id_number: str,
    work_region: Any,
    source: str,
    by: Any,
    on: date,
    phone: str = "",
    household_region: Any = None,
    explanation: str = "",
) -> Worker:
    """Write a person down, inside an action that notes its tries. What is improbable needs an `explanation`.

    Raises Refused, ValidationError, AlreadyRegistered.
    """
    require(by, "worker.edit", work_region.pk)
    number = _checked_number(id_number, check_id_number, "id_number")
    worker = Worker(
        name=clean_name(name), work_region=work_region, household_region=household_region, source=source
    )
    worker.set_id_number(number)
    worker.set_phone(_checked_number(phone, check_phone, "phone") if phone else None)
    with written_by(by):
        refuse_registered(number, by)
        check(worker, on=on)
        improbable = with_reason(findings_about_person(worker, on=on), worker, explanation)
        try:
            with transaction.atomic():
                worker.save(force_insert=True)
        except IntegrityError:
            # Two windows at once: the other one was first.
            refuse_registered(number, by)
            raise
        note_improbable(improbable, worker, worker, explanation, by=by)
        audit.record("worker.create", by=by, obj=worker, worker=worker, region=worker.work_region_id)
        person_saved([worker.pk])
    return worker


@tries_noted
def correct_worker(
    worker_id: int,
    *,
    version: str,
    name: str,
    id_number: str,
    work_region: Any,
    household_region: Any,
    source: str,
    by: Any,
    on: date,
    phone: str = "",
    explanation: str = "",
) -> Worker:
    """Correct a person's own data. An empty `id_number` or `phone` leaves the number as it is; phone "-"
    takes it away.

    Whoever has the worker may hand them over to another region; they then see them no longer. Of whom anything
    counts the handing over is proposed: whoever works there confirms it.
    Raises Refused, Stale, ValidationError, AlreadyRegistered.
    """
    with change_of(worker_id, "worker.edit", by=by) as worker:
        check_version(worker, version)
        before = stored_values(worker)
        _take_numbers(worker, id_number, phone, by)
        worker.name = clean_name(name)
        worker.household_region = household_region
        proposes = work_region.pk != worker.work_region_id and counts_for_anything(worker)
        if proposes:
            _propose_handing_over(worker, work_region, source, by)
        else:
            worker.work_region = work_region
        if not proposes or changed_fields(worker, before):
            # What is proposed alone has its source with the proposal.
            worker.source = source
        check(worker, on=on)
        changed = sorted(changed_fields(worker, before))
        if not changed:
            return worker
        is_born_otherwise = worker.birth_on != before["birth_on"]
        improbable = _improbable_at_that_age(worker, explanation, on) if is_born_otherwise else []
        try:
            with transaction.atomic():
                worker.save()
        except IntegrityError:
            refuse_registered(str(worker.id_number), by)
            raise
        for record, finding in improbable:
            note_improbable([finding], record, worker, explanation, by=by)
        derive([worker.pk])
        audit.record(
            "worker.correct",
            by=by,
            obj=worker,
            worker=worker,
            region=worker.work_region_id,
            detail={"fields": changed, "from_region": before["work_region_id"]},
        )
        return worker


def _take_numbers(worker: Worker, id_number: str, phone: str, by: Any) -> None:
    if id_number:
        number = _checked_number(id_number, check_id_number, "id_number")
        if number != worker.id_number:
            refuse_registered(number, by)
            worker.set_id_number(number)
    if phone == "-":
        worker.set_phone(None)
    elif phone:
        worker.set_phone(_checked_number(phone, check_phone, "phone"))


def _propose_handing_over(worker: Worker, to_region: Any, source: str, by: Any) -> None:
    entered = {"work_region": to_region}
    propose_change(OF_WORKER, worker, ChangeWhat.CHANGE, reason=source, by=by, entered=entered)


def _improbable_at_that_age(worker: Worker, explanation: str, on: date) -> list[tuple[Any, Finding]]:
    """What becomes improbable, of the person and of every record, with another date of birth.

    ValidationError for what cannot be at that age, Unexplained without a reason.
    """
    found = [(worker, finding) for finding in findings_about_person(worker, on=on)]
    found += findings_about_all_records(worker, on=on)
    impossible = [finding.words for _, finding in found if finding.impossible]
    if impossible:
        raise ValidationError({"id_number": [f"{words}。" for words in impossible]})
    new = [(record, finding) for record, finding in found if is_new(finding, record)]
    if new and explains_nothing(explanation):
        raise Unexplained([finding for _, finding in new], explanation)
    return new
