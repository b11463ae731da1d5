"""What is impossible is refused; what is improbable is kept with a written reason, and somebody else looks into it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from portal import audit
from portal.accounts.access import NotNow, Refused, require
from portal.workforce.actions.locking import reason_given
from portal.workforce.models import ImprobableRecord, ImprobableReview, SkillCredential, Worker
from portal.workforce.placeholders import explains_nothing
from portal.workforce.plausibility.checking import Finding, findings_about, with_number_of

REVIEW = "record.improbable.review"
# The name under which forms and actions take the reason.
EXPLANATION = "explanation"
_NUMBER_OF_ANOTHER = "credential.number-of-another"


class Unexplained(ValidationError):
    """Improbable, and nobody has said why it is so all the same; `findings` are what has to be explained."""

    def __init__(self, findings: Sequence[Finding], said: str = "") -> None:
        self.findings = findings
        wrong = [f"{finding.words}。" for finding in findings]
        if said.strip():
            wrong.append("所填内容没有说明原因。")
        super().__init__({EXPLANATION: wrong})


def explained(kind: str, record: Any, explanation: str, *, on: date) -> list[Finding]:
    """What is improbable in a record and has not been explained before, with a reason now.

    ValidationError beside its field for what is impossible, Unexplained without a reason.
    """
    return with_reason(findings_about(kind, record, on=on), record, explanation)


def with_reason(findings: Iterable[Finding], record: Any, explanation: str) -> list[Finding]:
    """Of these findings about a record, the improbable ones that are new. Raises as `explained` does."""
    findings = list(findings)
    refuse_impossible(findings)
    improbable = [finding for finding in findings if is_new(finding, record)]
    if improbable and explains_nothing(explanation):
        raise Unexplained(improbable, explanation)
    return improbable


def refuse_impossible(findings: Iterable[Finding]) -> None:
    """ValidationError by field for what cannot be."""
    refused: dict[str, list[str]] = {}
    for finding in findings:
        if finding.impossible:
            refused.setdefault(finding.field, []).append(f"{finding.words}。请核对后重新填写。")
    if refused:
        raise ValidationError(refused)


def is_new(finding: Finding, record: Any) -> bool:
    """Whether nobody has explained the same of this record before: the words hold its values."""
    if record.pk is None:
        return True
    return not ImprobableRecord.objects.filter(
        kind=finding.kind, record_id=record.pk, rule=finding.rule.key, words=finding.words
    ).exists()


def note_improbable(findings: Iterable[Finding], record: Any, worker: Any, reason: str, *, by: Any) -> None:
    """Write down for the supervisor what was kept. A number that two people have is written down of each."""
    for finding in findings:
        about = {
            "kind": finding.kind,
            "rule": finding.rule.key,
            "rule_version": finding.rule.version,
            "reason": reason.strip()[:300],
            "recorded_by": by,
        }
        noted = ImprobableRecord.objects.create(
            worker=worker, record_id=record.pk, words=finding.words, **about
        )
        audit.record(
            "record.improbable",
            by=by,
            obj=noted,
            worker=worker,
            region=worker.work_region_id,
            detail={"kind": finding.kind, "rule": finding.rule.key, "reason": noted.reason[:200]},
        )
        if finding.rule.key == _NUMBER_OF_ANOTHER:
            _note_of_the_others(record, about)


def _note_of_the_others(record: SkillCredential, about: dict[str, Any]) -> None:
    words = "同一证书编号后来又登记在另一人名下"
    for other in with_number_of(record):
        ImprobableRecord.objects.create(worker_id=other.worker_id, record_id=other.pk, words=words, **about)


def review_improbable(improbable_id: int, *, note: str, by: Any, on: date) -> ImprobableReview:
    """Say what was found when somebody looked into it. Raises Refused, NotNow."""
    note = reason_given(note, "请写明核查情况。")
    with transaction.atomic():
        improbable = ImprobableRecord.objects.get(pk=improbable_id)
        # The row itself is never changed, so that nobody may lock it: whom it is about stands for it.
        worker = Worker.objects.select_for_update().get(pk=improbable.worker_id)
        require(by, REVIEW, worker.work_region_id)
        if improbable.recorded_by_id == by.pk:
            raise Refused("这条信息由您登记或导入，须由另一人核查。")
        done = ImprobableReview.objects.filter(improbable=improbable).select_related("reviewed_by").first()
        if done is not None:
            raise NotNow(f"该信息已由{done.reviewed_by}核查。")
        review = ImprobableReview.objects.create(improbable=improbable, note=note[:300], reviewed_by=by)
        audit.record(
            "record.improbable.review",
            by=by,
            obj=improbable,
            worker=worker,
            region=worker.work_region_id,
            detail={"rule": improbable.rule, "note": review.note[:200], "on": on.isoformat()},
        )
        return review
