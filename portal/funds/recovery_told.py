"""What happened to recoveries of a payment, among what whoever waits for its money reads (portal.funds.course)."""

from __future__ import annotations

from collections.abc import Collection

from portal.formats import date_cn
from portal.formats import yuan as in_words
from portal.funds.course import Step
from portal.funds.models import (
    CourtDocument,
    CourtHandover,
    CourtPaper,
    PayableSplit,
    PlanChange,
    Recovery,
    RecoveryShare,
    Reminder,
    ShareKind,
)

_CAME = {
    ShareKind.RECEIVED: ("收到退还的{amount}", "good"),
    ShareKind.SET_OFF: ("从批准的待遇中抵扣{amount}", "good"),
    ShareKind.WRITTEN_OFF: ("经批准核销{amount}，不再追回", ""),
}


def recovery_steps(payable_ids: Collection[int]) -> dict[int, list[Step]]:
    """By payable: decided, its plan changed, reminded, what came, the court, dropped."""
    told: dict[int, list[Step]] = {}
    decided = Recovery.objects.filter(payable__in=payable_ids, decided_on__isnull=False)
    for recovery in decided:
        steps = told.setdefault(recovery.payable_id, [])
        assert recovery.decided_at is not None  # noqa: S101  as asked
        steps.append(Step(recovery.decided_at, f"决定追回{in_words(recovery.sum)}", "bad"))
        if recovery.dropped_at is not None:
            steps.append(Step(recovery.dropped_at, "追回决定已撤回"))
    changed = PlanChange.objects.filter(recovery__in=decided, decided_at__isnull=False)
    for change in changed.select_related("recovery"):
        assert change.decided_at is not None  # noqa: S101  as asked
        told[change.recovery.payable_id].append(Step(change.decided_at, "退还期限已变更"))
    for reminder in Reminder.objects.filter(recovery__in=decided).select_related("recovery"):
        said = f"已书面催告，限{date_cn(reminder.pay_by)}前退还"
        told[reminder.recovery.payable_id].append(Step(reminder.at, said, "warn"))
    for handed in CourtHandover.objects.filter(recovery__in=decided).select_related("recovery"):
        told[handed.recovery.payable_id].append(Step(handed.at, f"已申请{handed.court}强制执行", "bad"))
    written = CourtDocument.objects.not_removed().filter(handover__recovery__in=decided)
    for document in written.exclude(paper=CourtPaper.APPLICATION).select_related("handover__recovery"):
        said = f"收到{document}"
        told[document.handover.recovery.payable_id].append(Step(document.uploaded_at, said))
    for share in RecoveryShare.objects.filter(payable__in=payable_ids):
        words, tone = _CAME[ShareKind(share.kind)]
        told[share.payable_id].append(Step(share.at, words.format(amount=in_words(share.sum)), tone))
    return told


def split_steps(payable_ids: Collection[int]) -> dict[int, list[Step]]:
    """By payable: that it was taken apart, with both sums."""
    splits = PayableSplit.objects.filter(payable__in=payable_ids).select_related("payable", "off", "rest")
    return {
        one.payable_id: [
            Step(
                one.at,
                f"{in_words(one.payable.sum)}中{in_words(one.off.sum)}用于抵扣应当退还的款项，"
                f"其余{in_words(one.rest.sum)}照常支付",
            )
        ]
        for one in splits
    }
