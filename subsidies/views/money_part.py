"""Where the money of an approved claim is: the part of its page that the worker reads first, on a phone as well."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from portal.cases.models import Case, CaseEvent
from portal.entitlements.guides import legal_working_days
from portal.formats import date_cn, yuan
from portal.funds.course import Course, Stage, courses_of
from portal.funds.frozen import shown_as_frozen
from portal.funds.models import Line, Payable
from portal.funds.money import yuan as in_yuan
from portal.pages.case_page import Fact, Happened
from portal.policy.law import law_on
from portal.regions.calendar import add_working_days
from subsidies.models import Claim
from subsidies.schemes import SCHEMES, SKILL_UPGRADE
from subsidies.views.returned import ReturnedShown, returned_payments
from subsidies.workflow import ClaimState

_BEFORE = "批准时本系统尚未登记资金，支付情况请向经办机构查询。"
# What the law says of claims by insurance, and of those by the office's own money.
_INSURANCE_LIMIT = (
    "自申请之日起{days}个工作日内办理，即{day}前（社会保险经办条例第二十四条）；支付未查得另外的期限规定"
)
_INSURANCE_MISSED = "逾期没有支付的，可以依法申请行政复议或者提起行政诉讼（社会保险法第八十三条第二款）"
_NO_LIMIT = "未查得规定支付期限的条文"
_MISSED = "迟迟没有支付的，可以向经办机构询问；认为没有依法支付的，可以依法申请行政复议（行政复议法第十一条）"


def _moment_of(event: CaseEvent) -> datetime:
    """When it was decided: the moment at which that was written down, or the beginning of the day from which it counts where
    that is an earlier one.
    """
    if timezone.localdate(event.at) == event.on:
        return event.at
    return timezone.make_aware(datetime.combine(event.on, time.min))


def _of_payable(payable: Payable, *, has_page: bool) -> Fact:
    """What is to be paid, with the way to the page of its payment for whoever keeps money there."""
    said = f"{yuan(payable.sum)}，{payable.get_bucket_display()}"
    if not has_page:
        return Fact("应付款", said)
    return Fact("应付款", said, href=reverse("window:fund_payment", args=[payable.pk]), action="查看付款")


@dataclass(frozen=True)
class MoneyShown:
    """What is shown of the money: in one word, the way so far, and who has it now."""

    course: Course
    steps: list[Happened]
    facts: list[Fact]

    @property
    def is_waiting(self) -> bool:
        return self.course.stage == Stage.WAITING

    @property
    def word(self) -> str:
        return str(self.course.stage.label) if self.course.stage else ""


class MoneyPart(ABC):
    """Of the page of a claim (subsidies.views.claim_page), which is about a case, a user and a claim."""

    case: Case
    user: Any
    claim: Claim

    @property
    @abstractmethod
    def office(self) -> bool:
        """Whether whoever reads it works on it."""

    @cached_property
    def money(self) -> MoneyShown | None:
        """Of a claim that is or was approved; None before."""
        if self.claim.decision_id is None:
            return None
        course = courses_of([self.case.pk]).get(self.case.pk)
        if course is None:
            return None
        return MoneyShown(course, self._steps(course), self._facts(course))

    @cached_property
    def returned(self) -> list[ReturnedShown]:
        """What the bank returned and is not paid again yet, while the approval stands."""
        if self.money is None or self.money.course.stage != Stage.COMMITTED or self.money.course.fell:
            return []
        return returned_payments([self.claim])

    @property
    def money_unknown(self) -> str:
        """Of a claim that was approved before money was kept here."""
        return _BEFORE if self.case.state == ClaimState.APPROVED and self.money is None else ""

    def _steps(self, course: Course) -> list[Happened]:
        """First to last: decided, then what happened to the money."""
        decided = self.case.events.filter(action="approve").order_by("-position").first()
        steps = [Happened(_moment_of(decided), "已批准", tone="good")] if decided else []
        steps += [Happened(one.at, one.title, tone=one.tone) for one in course.steps]
        return steps

    def _facts(self, course: Course) -> list[Fact]:
        facts = []
        if course.fell:
            facts.append(Fact("批准撤销后", course.fell))
        elif course.stage is not None:
            facts.append(Fact("现在由谁办理", course.who_has_it))
        facts += [Fact("应当退还", one.told) for one in course.asked_back]
        if course.stage not in {None, Stage.PAID, Stage.RECOVERABLE} and not course.fell:
            facts += [Fact("办理期限", self._limit), Fact("逾期怎么办", self._missed)]
        if self.office and course.payable is not None:
            payable = course.payable
            own_lines = self._own_lines(payable)
            facts.append(_of_payable(payable, has_page=bool(own_lines)))
            if why := shown_as_frozen(payable):
                facts.append(Fact("暂停支付", f"{why}。"))
            facts += [Fact("资金科目", str(line)) for line in own_lines]
        if self.office and course.waits is not None:
            facts.append(Fact("待资金金额", yuan(in_yuan(course.waits.amount))))
        return facts

    def _own_lines(self, payable: Payable) -> list[Line]:
        """The line it is drawn on, where the user keeps or looks after it."""
        mine = Line.objects.visible_to(self.user).filter(pk=payable.line_id)
        return list(mine.select_related("fund", "region"))

    @property
    def _limit(self) -> str:
        on = self.claim.handed_in_on
        assert on is not None  # noqa: S101  what was decided was handed in
        days = legal_working_days(SCHEMES[self.case.kind].benefit, law_on(on))
        if self.case.kind != SKILL_UPGRADE or days is None:
            return _NO_LIMIT
        return _INSURANCE_LIMIT.format(days=days, day=date_cn(add_working_days(on, days).on))

    @property
    def _missed(self) -> str:
        return _INSURANCE_MISSED if self.case.kind == SKILL_UPGRADE else _MISSED
