"""Taking a confirmed training back: one officer says why, another one agrees or does not.

Claims that rest on it are named to both. One under way cannot be approved any more; one that was approved stays as it is,
and its page says that the training does not stand: annulling it is a decision of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.reasons import reason_in
from subsidies.models import (
    Claim,
    ClaimQuerySet,
    CompletedTraining,
    TrainingState,
    TrainingVoiding,
    VoidingState,
)
from subsidies.trainings import CONFIRM, require_not_own
from subsidies.workflow import ENDED

ASK, AGREE, DECLINE = "training.void", "training.void.agree", "training.void.decline"
_AT_MOST = 300


def resting_on(training: CompletedTraining) -> ClaimQuerySet:
    """The claims that rest on it, those that came to nothing left out."""
    claims = Claim.objects.filter(training=training).exclude(case__state__in=ENDED)
    return claims.select_related("case").order_by("pk")


def require_may_ask(training: CompletedTraining, by: Any) -> None:
    """Raise Refused, NotNow unless this officer may ask for it now."""
    require(by, ASK, training.worker.work_region_id)
    require_not_own(training.worker, by)
    if training.state != TrainingState.CONFIRMED:
        raise NotNow(f"这次培训的登记{training.get_state_display()}，只有已确认的可以作废。")
    if training.voidings.proposed().exists():
        raise NotNow("这次培训的作废已经提出，正待另一人复核。")


def require_may_judge(training: CompletedTraining, by: Any) -> TrainingVoiding:
    """What waits for an answer. Raises Refused, NotNow unless this officer may give it."""
    require(by, CONFIRM, training.worker.work_region_id)
    require_not_own(training.worker, by)
    voiding = training.voidings.proposed().select_related("asked_by").first()
    if voiding is None:
        raise NotNow("这次培训没有待复核的作废。")
    if voiding.asked_by_id == by.pk:
        raise Refused("作废须由提出人以外的另一人复核。")
    return voiding


@transaction.atomic
def ask(training_id: int, *, reason: str, by: Any, on: date) -> TrainingVoiding:
    """Say why a confirmed training does not stand; nothing changes until another officer agrees. Raises Refused, NotNow."""
    training = _locked(training_id)
    require_may_ask(training, by)
    words = _words(reason, "请写明作废的理由。")
    voiding = TrainingVoiding.objects.create(training=training, reason=words, asked_by=by)
    _record(training, ASK, by)
    return voiding


def agree(training_id: int, *, seen: str, by: Any, on: date) -> list[Claim]:
    """Agree to it: the training shows nothing any more, and may be entered anew. Returns the claims that rest on it, so
    that they are named. Raises Refused, NotNow.
    """
    words = _words(seen, "请写明复核依据，例如：培训机构来函、发证登记。")
    with transaction.atomic():
        training = _judge(training_id, VoidingState.AGREED, words, by=by)
        training.state = TrainingState.VOIDED
        training.save(update_fields=["state"])
        _record(training, AGREE, by)
        return list(resting_on(training))


def decline(training_id: int, *, reason: str, by: Any, on: date) -> CompletedTraining:
    """It stands after all. Raises Refused, NotNow."""
    words = _words(reason, "请写明不同意作废的理由。")
    with transaction.atomic():
        training = _judge(training_id, VoidingState.DECLINED, words, by=by)
        _record(training, DECLINE, by)
        return training


def _words(given: str, lacking: str) -> str:
    words = reason_in(given)
    if not words:
        raise NotNow(lacking)
    return words[:_AT_MOST]


def _locked(training_id: int) -> CompletedTraining:
    trainings = CompletedTraining.objects.select_for_update(of=("self",)).select_related("worker")
    return trainings.get(pk=training_id)


def _judge(training_id: int, state: VoidingState, verdict: str, *, by: Any) -> CompletedTraining:
    training = _locked(training_id)
    voiding = require_may_judge(training, by)
    voiding.state, voiding.verdict = state, verdict
    voiding.judged_by, voiding.judged_at = by, timezone.now()
    voiding.save(update_fields=["state", "verdict", "judged_by", "judged_at"])
    return training


def _record(training: CompletedTraining, action: str, by: Any) -> None:
    audit.record(
        action,
        by=by,
        obj=training,
        worker=training.worker_id,
        region=training.worker.work_region_id,
        detail={"number": training.number},
    )
