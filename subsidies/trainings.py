"""Completed trainings: one officer enters what a certificate of completion says, another one holds it against it.

Only then a claim for the training can be approved; nobody enters or confirms their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.reasons import reason_in
from portal.workforce.identity import certificate_number
from portal.workforce.merged import require_standing
from portal.workforce.models import Worker
from portal.workforce.models.base import records_of_person
from subsidies.models import CompletedTraining, TrainingState

ENTER, CONFIRM, REFUSE = "training.enter", "training.confirm", "training.refuse"


@transaction.atomic
def enter(worker_id: int, values: Mapping[str, Any], *, by: Any, on: date) -> CompletedTraining:
    """Write down a training that a worker completed. Raises Refused, NotNow."""
    worker = Worker.objects.select_for_update().get(pk=worker_id)
    require(by, ENTER, worker.work_region_id)
    require_not_own(worker, by)
    require_standing(worker)
    if values["completed_on"] > on:
        raise NotNow("结业日期不能晚于今天，结业后再登记。")
    number = certificate_number(values["number"])
    training = CompletedTraining(worker=worker, entered_by=by, **{**values, "number": number})
    try:
        training.clean_fields(exclude=["worker", "judged_by", "judged_at", "verdict"])
        training.validate_constraints()
    except ValidationError as error:
        raise NotNow("；".join(error.messages)) from error
    training.save()
    _record(training, ENTER, by)
    return training


def confirm(training_id: int, *, seen: str, by: Any, on: date) -> CompletedTraining:
    """Say that the certificate of completion, or another document, shows it. Raises Refused, NotNow."""
    words = reason_in(seen)
    if not words:
        raise NotNow("请写明确认依据，例如：结业证书原件、培训机构名册。")
    return _judge(training_id, TrainingState.CONFIRMED, words, by=by)


def refuse(training_id: int, *, reason: str, by: Any, on: date) -> CompletedTraining:
    """Say that the documents show something else; it may be entered anew. Raises Refused, NotNow."""
    words = reason_in(reason)
    if not words:
        raise NotNow("请写明不予确认的情况。")
    return _judge(training_id, TrainingState.REFUSED, words, by=by)


def require_may_judge(training: CompletedTraining, by: Any) -> None:
    """Raise Refused, NotNow unless this officer may say now whether the documents show it."""
    require(by, CONFIRM, training.worker.work_region_id)
    require_not_own(training.worker, by)
    if training.state != TrainingState.ENTERED:
        raise NotNow(f"这次培训的登记{training.get_state_display()}，不需要再办理。")
    if training.entered_by_id == by.pk:
        raise Refused("培训结业须由登记人以外的另一人确认。")


@transaction.atomic
def _judge(training_id: int, state: TrainingState, verdict: str, *, by: Any) -> CompletedTraining:
    trainings = CompletedTraining.objects.select_for_update(of=("self",)).select_related("worker")
    training = trainings.get(pk=training_id)
    require_may_judge(training, by)
    training.state, training.verdict = state, verdict[:200]
    training.judged_by, training.judged_at = by, timezone.now()
    training.save(update_fields=["state", "verdict", "judged_by", "judged_at"])
    _record(training, CONFIRM if state == TrainingState.CONFIRMED else REFUSE, by)
    return training


def require_not_own(worker: Worker, by: Any) -> None:
    """Refused in one's own matter."""
    if worker.pk in records_of_person(by):
        raise Refused("这是您本人的信息，须由其他人员办理。")


def _record(training: CompletedTraining, action: str, by: Any) -> None:
    audit.record(
        action,
        by=by,
        obj=training,
        worker=training.worker_id,
        region=training.worker.work_region_id,
        detail={"number": training.number},
    )
