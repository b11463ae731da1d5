"""Where the money of a case is: told from what exists, in the words of whoever waits for it.

`courses_of` is the one place that says it. Whatever moves money later (a batch, a bank's answer) shows up here by the moves
that it posts; what else it wants to say it adds with `register_steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from portal.formats import yuan as in_words
from portal.funds.asked_back import AskedBack, asked_back
from portal.funds.models import AwaitingMoney, Payable, Recovery, Revocation, Transfer
from portal.funds.money import yuan
from portal.funds.moves import Bucket, MoveCode
from portal.funds.revoking import paid_back

# Decided, and no line carries it yet: no bucket of the ledger.
WAITING = "waiting"


class Stage(models.TextChoices):
    """Where the money of a decision is, as lists are asked for it."""

    WAITING = WAITING, "待资金"
    RESERVED = Bucket.RESERVED.value, "已预留资金"
    COMMITTED = Bucket.COMMITTED.value, "待支付"
    IN_TRANSIT = Bucket.IN_TRANSIT.value, "支付中"
    PAID = Bucket.PAID.value, "已支付"
    RECOVERABLE = Bucket.RECOVERABLE.value, "待追回"


TONES: dict[str, str] = {
    Stage.WAITING: "warn",
    Stage.RESERVED: "info",
    Stage.COMMITTED: "info",
    Stage.IN_TRANSIT: "info",
    Stage.PAID: "good",
    Stage.RECOVERABLE: "bad",
}
# Who has it now.
_WITH: dict[str, str] = {
    Stage.WAITING: "等待财政部门下达资金，由财务人员跟进；资金到位后按首次提交的先后自动预留，不需要再申请",
    Stage.RESERVED: "财务人员，核对后记账",
    Stage.COMMITTED: "财务人员，提交银行支付",
    Stage.IN_TRANSIT: "银行",
    Stage.PAID: "已付到收款账户",
    Stage.RECOVERABLE: "经办机构，办理追回",
}
# Each move as the person reads it.
_MOVED: dict[str, str] = {
    MoveCode.RESERVE: "资金已预留",
    MoveCode.RELEASE: "预留的资金已释放",
    MoveCode.COMMIT: "财务已记账，待支付",
    MoveCode.CANCEL: "已撤销付款",
    MoveCode.SEND: "已提交银行",
    MoveCode.SETTLE: "银行确认到账",
    MoveCode.BOUNCE: "银行退回，更正后重新支付",
    MoveCode.LATE_RETURN: "到账后被银行退回，更正后重新支付",
    MoveCode.CLAIM_BACK: "列入追回",
    MoveCode.RECOVERED: "已追回",
    MoveCode.WRITE_OFF: "已核销",
    MoveCode.PAID_BY_SET_OFF: "{amount}已抵扣应当退还的款项，不再付到账户",
}
# Of what is set off in part the split says it once.
_SAID_BY_THE_SPLIT = frozenset({MoveCode.SPLIT, MoveCode.SPLIT_PART})

_FALLEN: dict[str, str] = {
    Bucket.AVAILABLE: "{amount}没有付出，已退回资金科目",
    Bucket.COMMITTED: "{amount}没有付出，已停止支付，由财务人员撤销付款",
    Bucket.IN_TRANSIT: "{amount}已提交银行，银行答复后确定：到账的应当退还，退回的不再支付",
    Bucket.PAID: "已支付的{amount}应当退还，由经办机构书面通知后办理",
    Bucket.RECOVERABLE: "已支付的{amount}正在追回",
}


@dataclass(frozen=True)
class Step:
    """Something that happened to the money."""

    at: datetime
    title: str
    tone: str = ""


@dataclass
class Course:
    """The way of the money of a case so far. `stage` is None where nothing of it is with anybody (any more)."""

    stage: Stage | None
    steps: list[Step] = field(default_factory=list)
    payable: Payable | None = None
    waits: AwaitingMoney | None = None
    revocations: list[Revocation] = field(default_factory=list)
    # What of it was decided to come back.
    asked_back: list[AskedBack] = field(default_factory=list)

    @property
    def fell(self) -> str:
        """What becomes of the money because the decision does not stand any more; empty while it does. Of one that was
        taken apart each part is told.
        """
        if not self.is_revoked:
            return ""
        return "；".join(filter(None, (self._fell(one.payable) for one in self.revocations)))

    @property
    def is_revoked(self) -> bool:
        """Whether the decision of the last payable does not stand any more."""
        return any(self.payable is not None and one.payable_id == self.payable.pk for one in self.revocations)

    def _fell(self, payable: Payable) -> str:
        amount = in_words(payable.sum)
        if payable.bucket == Bucket.PAID and any(
            one.recovery.payable_id == payable.pk for one in self.asked_back
        ):
            return f"已支付的{amount}应当退还"
        return _FALLEN.get(payable.bucket, "").format(amount=amount)

    @property
    def who_has_it(self) -> str:
        return _WITH[self.stage] if self.stage else ""

    @property
    def tone(self) -> str:
        return TONES[self.stage] if self.stage else ""


# Says further steps by payable; programmes of payment add themselves when the application starts.
MoreSteps = Callable[[Collection[int]], Mapping[int, list[Step]]]
_MORE: list[MoreSteps] = []


def register_steps(more: MoreSteps) -> None:
    """Something besides the ledger's moves that whoever waits for money wants to read, by payable."""
    if more not in _MORE:
        _MORE.append(more)


def courses_of(case_ids: Collection[int]) -> dict[int, Course]:
    """By case the way of its money, first to last; not among them: cases that money was never decided for."""
    courses: dict[int, Course] = {}
    for waits in AwaitingMoney.objects.filter(case__in=case_ids).order_by("share"):
        course = courses.setdefault(waits.case_id, Course(None))
        course.steps.append(Step(waits.since, "已批准，待资金", "warn"))
        if waits.ended_at is not None:
            course.steps.append(Step(waits.ended_at, "批准已撤销，不再等待资金"))
        elif waits.payable_id is None:
            course.stage, course.waits = Stage.WAITING, waits
    drawn = Payable.objects.filter(case__in=case_ids).select_related("case", "line__fund")
    payables = list(drawn.order_by("share"))
    asked = asked_back([payable.pk for payable in payables])
    case_of = {payable.pk: payable.case_id for payable in payables}
    for payable in payables:
        course = courses.setdefault(payable.case_id, Course(None))
        course.payable = payable
        if course.waits is None:
            course.stage = _stage(payable, asked.get(payable.pk, []))
        course.asked_back.extend(asked.get(payable.pk, []))
    revoked = Revocation.objects.standing().filter(payable__in=payables)
    for revocation in revoked.select_related("payable__split_as_off").order_by("payable_id"):
        course = courses[case_of[revocation.payable_id]]
        is_last = course.payable is not None and course.payable.pk == revocation.payable_id
        # Of what was taken apart: the part that was set off fell with the rest.
        if is_last or hasattr(revocation.payable, "split_as_off"):
            course.revocations.append(revocation)
    moved = Transfer.objects.filter(payable__in=payables).exclude(move__in=_SAID_BY_THE_SPLIT)
    for transfer in moved.order_by("pk"):
        assert transfer.payable_id is not None  # noqa: S101  as asked
        words = _MOVED[transfer.move].format(amount=in_words(yuan(transfer.amount)))
        told = Step(transfer.at, words, "good" if transfer.move == MoveCode.SETTLE else "")
        courses[case_of[transfer.payable_id]].steps.append(told)
    for more in _MORE:
        for payable_id, steps in more(case_of).items():
            courses[case_of[payable_id]].steps.extend(steps)
    for course in courses.values():
        course.steps.sort(key=lambda step: step.at)
    return courses


def _stage(payable: Payable, asked: list[AskedBack]) -> Stage | None:
    """Where its money is; what is to come back of it goes before that it was paid."""
    if payable.bucket == Bucket.PAID and any(one.under_way for one in asked):
        return Stage.RECOVERABLE
    if payable.bucket == Bucket.PAID and sum(one.come for one in asked) == payable.amount:
        return None
    return Stage(payable.bucket) if payable.bucket in Stage.values else None


def with_whom(stage: str) -> str:
    """Who has the money in a stage now, and what they do with it."""
    return _WITH[stage]


# -- in lists ------------------------------------------------------------------------------------------------
def stage_of(case: str) -> Any:
    """The stage as an expression of a row, `case` being the way to the number of its case; empty where there is none."""
    waits = AwaitingMoney.objects.waiting().filter(case=OuterRef(case))
    under_way = Recovery.objects.under_way().filter(payable=OuterRef("pk"))
    shown = models.Case(
        models.When(Exists(under_way), bucket=Bucket.PAID, then=Value(str(Stage.RECOVERABLE))),
        models.When(paid_back(), then=Value("")),
        default=F("bucket"),
        output_field=models.CharField(),
    )
    last = Payable.objects.filter(case=OuterRef(case)).order_by("-share").values(shown=shown)[:1]
    return models.Case(
        models.When(Exists(waits), then=Value(WAITING)),
        default=Coalesce(Subquery(last), Value("")),
        output_field=models.CharField(),
    )


def in_stage(rows: Any, stage: str, case: str) -> Any:
    """Those of the rows whose money is in a stage."""
    if stage == Stage.WAITING:
        return rows.filter(Exists(AwaitingMoney.objects.waiting().filter(case=OuterRef(case))))
    # What of a benefit was set off says nothing of the rest.
    payables = Payable.objects.filter(case=OuterRef(case), split_as_off__isnull=True)
    under_way = Recovery.objects.under_way().filter(payable=OuterRef("pk"))
    if stage == Stage.RECOVERABLE:
        return rows.filter(Exists(payables.filter(Q(bucket=stage) | Exists(under_way))))
    if stage == Stage.PAID:
        payables = payables.exclude(Exists(under_way)).exclude(paid_back())
    return rows.filter(Exists(payables.filter(bucket=stage)))
