"""Money that is to come back, over the API: what stands, and the steps of the pages, by the same actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.bodies import Body, Choice, Money, Text, Whole
from portal.api.doors import ForStaff
from portal.api.funds import SEES, require_known
from portal.api.pagination import ByCursor
from portal.api.parsing import JSONParser
from portal.api.queries import Day, Query
from portal.api.recovery_shapes import RecoverySerializer, Standing, told
from portal.api.views import RegionCode, read_query_of
from portal.funds import recovering, recovery_steps, replanning
from portal.funds.models import (
    Heard,
    Payable,
    PlanChange,
    Recovery,
    RecoveryCause,
    RecoveryState,
    Way,
    WriteOff,
)
from portal.funds.money import fen
from portal.funds.recovering import Asked
from portal.pages.filters import in_region

_RECORDS, _DECIDES = "funds.recover", "funds.recover.decide"
_SOME = r"^(0\.(0[1-9]|[1-9][0-9])|[1-9][0-9]{0,9}\.[0-9]{2})$"
_MOST = 2**31 - 1


class Sum(Money):
    """More than nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        set_override(self, "field", {"type": "string", "pattern": _SOME, "maxLength": 13})

    def to_internal_value(self, data: Any) -> Decimal:
        amount = super().to_internal_value(data)
        if not amount:
            self.fail("invalid")
        return amount


class InstalmentBody(Body):
    due_on = Day(help_text="退回期限")
    amount = Sum(help_text="金额（元）")


class DrawUpBody(Body):
    """What is to come back of a payment, why, and how."""

    payable = Whole(min_value=1, max_value=_MOST, help_text="原付款的编号")
    amount = Sum(help_text="追回金额（元）")
    cause = Choice(RecoveryCause.choices)
    grounds = Text(most=500, help_text="事实和理由，写入决定书")
    clause = Text(most=300, help_text="依据，写入决定书")
    way = Choice(Way.choices)
    pay_to = Text(most=200, required=False, allow_blank=True, default="", help_text="退回账户；抵扣的不写")
    plan = InstalmentBody(
        many=True, required=False, default=list, help_text="各期；一次退回的一期，抵扣的不写"
    )


class HearingBody(Body):
    told_on = Day(help_text="事先告知日期")
    heard = Choice(Heard.choices)
    heard_on = Day(help_text="陈述申辩、听证日期或者期满日期")
    said = Text(most=1000, required=False, allow_blank=True, default="", help_text="陈述申辩内容")
    answer = Text(most=500, required=False, allow_blank=True, default="", help_text="采纳情况和理由")


def _by_hand() -> Text:
    return Text(
        most=80, required=False, allow_blank=True, default="", help_text="文书的文号；系统出具文书的不写"
    )


class DecisionBody(Body):
    amount = Sum(help_text="所见的追回金额（元）；已有变化的不决定")
    letter_number = _by_hand()


class NumberBody(Body):
    letter_number = _by_hand()


class ReasonBody(Body):
    reason = Text(most=200, help_text="理由")


class SetOffBody(Body):
    payable = Whole(min_value=1, max_value=_MOST, help_text="抵扣的待遇的编号")
    amount = Sum(
        required=False,
        help_text="所见的抵扣金额（元）：待遇的金额，大于尚未追回金额的为尚未追回的金额；已有变化的不抵扣",
    )
    letter_number = _by_hand()


class ReminderBody(Body):
    pay_by = Day(help_text="限期退回的日期")
    letter_number = _by_hand()


class CourtBody(Body):
    reminder_served_on = Day(help_text="催告书送达日期")
    final_on = Day(help_text="复议、诉讼期限届满日期")
    on = Day(help_text="申请日期")
    court = Text(most=80, help_text="人民法院")
    document = Text(most=80, help_text="强制执行申请书文号")


class WriteOffBody(Body):
    grounds = Text(most=500, help_text="事实和理由")
    clause = Text(most=300, help_text="依据")
    document = Text(most=80, help_text="决定文号")


class PlanBody(Body):
    plan = InstalmentBody(many=True, help_text="变更后的各期，合计为尚未追回的金额")
    reason = Text(most=500, help_text="变更理由，写入决定书")
    clause = Text(most=300, help_text="依据，写入决定书")


def _pairs(plan: list[dict[str, Any]]) -> list[tuple[date, Decimal]]:
    return [(one["due_on"], one["amount"]) for one in plan]


# -- the list, and one ---------------------------------------------------------------------------------------
class RecoveryQuery(Query):
    fund = serializers.CharField(max_length=40, required=False, help_text="资金的代码")
    state = serializers.ChoiceField(RecoveryState.choices, required=False)
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")


class Recoveries(ForStaff, generics.ListAPIView):
    """The recoveries of one's places, the last first."""

    permission = SEES
    serializer_class = RecoverySerializer
    pagination_class = ByCursor
    parser_classes = (JSONParser,)
    queryset = Recovery.objects.none()

    def get_queryset(self) -> QuerySet[Recovery]:
        asked = read_query_of(self, RecoveryQuery)
        require_known(asked)
        found: QuerySet[Recovery] = Recovery.objects.visible_to(self.request.user)
        if "fund" in asked:
            found = found.filter(payable__line__fund=asked["fund"])
        if "state" in asked:
            found = found.filter(state=asked["state"])
        return found.filter(in_region(asked["region"])) if "region" in asked else found

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        return told(super().paginate_queryset(queryset) or [])

    @extend_schema(operation_id="recoveries", summary="追回，新的在前", parameters=[RecoveryQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="draw_recovery_up",
        summary="拟办追回：听取意见后由另一人决定",
        request=DrawUpBody,
        responses={201: RecoverySerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = DrawUpBody.read(request)
        seen = Payable.objects.visible_to(request.user)
        payable = generics.get_object_or_404(seen, pk=given.pop("payable"))
        asked = Asked(**{**given, "plan": _pairs(given["plan"])})
        made = recovering.draw_up(payable.pk, asked, by=request.user)
        return Response(RecoverySerializer(_standing(request, made.pk)).data, status.HTTP_201_CREATED)


def _standing(request: Request, recovery_id: int) -> Standing:
    """A recovery of the user's places as it stands; 404 for others."""
    seen = Recovery.objects.visible_to(request.user)
    return told([generics.get_object_or_404(seen, pk=recovery_id)])[0]


class OneRecovery(ForStaff):
    """One recovery: what is asked and why, the hearing, the plan, what came, and each step."""

    permission = SEES

    @extend_schema(operation_id="recovery", summary="一项追回", responses=RecoverySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(RecoverySerializer(_standing(request, pk)).data)


# -- its steps -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Step:
    """One action: its word in the address, what it is for, whose it is, what it takes, and what is done."""

    word: str
    summary: str
    permission: str
    takes: type[Body] | None
    act: Callable[..., Any]


def _hear(pk: int, *, by: Any, on: date, **said: Any) -> Any:
    return recovering.record_hearing(pk, said, by=by)


def _decide(pk: int, *, amount: Decimal, **more: Any) -> Any:
    return recovering.decide(pk, seen=fen(amount), **more)


def _drop(pk: int, *, reason: str, by: Any, on: date) -> Any:
    return recovering.drop(pk, reason=reason, by=by)


def _set_off(pk: int, *, payable: int, amount: Decimal | None = None, **more: Any) -> Any:
    seen = None if amount is None else fen(amount)
    return recovery_steps.set_off(pk, payable, seen=seen, **more)


def _hand_over(pk: int, *, by: Any, today: date, **said: Any) -> Any:
    return recovery_steps.hand_over(pk, said, by=by)


def _write_off(pk: int, *, by: Any, on: date, **said: Any) -> Any:
    return recovery_steps.draw_up_write_off(pk, by=by, **said)


def _replan(pk: int, *, plan: list[dict[str, Any]], by: Any, on: date, **why: Any) -> Any:
    return replanning.propose(pk, _pairs(plan), by=by, **why)


STEPS = (
    Step("hear", "登记听取意见", _RECORDS, HearingBody, _hear),
    Step("decide", "决定追回", _DECIDES, DecisionBody, _decide),
    Step("drop", "撤回追回", SEES, ReasonBody, _drop),
    Step("set-off", "从待遇中抵扣：大于尚未追回金额的，其余照常支付", _RECORDS, SetOffBody, _set_off),
    Step("remind", "催告", _RECORDS, ReminderBody, recovery_steps.remind),
    Step("court", "登记申请法院强制执行", _RECORDS, CourtBody, _hand_over),
    Step("write-off", "拟办核销，由另一人决定", _RECORDS, WriteOffBody, _write_off),
    Step("plan", "拟办变更退回期限，由另一人决定", _RECORDS, PlanBody, _replan),
)


def _decide_write_off(pk: int, *, by: Any, on: date) -> Any:
    return recovery_steps.decide_write_off(pk, by=by)


def _drop_write_off(pk: int, *, by: Any, on: date) -> Any:
    return recovery_steps.drop_write_off(pk, by=by)


def _drop_change(pk: int, *, by: Any, on: date) -> Any:
    return replanning.drop(pk, by=by)


OF_WRITE_OFFS = (
    Step("decide", "决定核销", _DECIDES, None, _decide_write_off),
    Step("drop", "放弃核销", _RECORDS, None, _drop_write_off),
)
OF_CHANGES = (
    Step("decide", "决定变更退回期限", _DECIDES, NumberBody, replanning.decide),
    Step("drop", "放弃变更退回期限", _RECORDS, None, _drop_change),
)


class TakeStep(ForStaff):
    """Take one action on a recovery, or on what was proposed about one; it answers with the recovery as it stands then."""

    parser_classes = (JSONParser,)
    step: Step
    about: Any = Recovery

    def take(self, request: Request, pk: int) -> Response:
        seen = generics.get_object_or_404(self.about.objects.visible_to(request.user), pk=pk)
        step = self.step
        given = step.takes.read(request) if step.takes else {}
        # The day on which a court was asked is told, and is not that of the entry.
        day = "today" if "on" in given else "on"
        step.act(pk, **given, by=request.user, **{day: timezone.localdate()})
        recovery_id = pk if self.about is Recovery else seen.recovery_id
        return Response(RecoverySerializer(_standing(request, recovery_id)).data)


def _view_of(step: Step, about: Any, called: str) -> Any:
    @extend_schema(
        operation_id=called,
        summary=step.summary,
        request=step.takes,
        responses={200: RecoverySerializer, 409: None},
    )
    def post(self: TakeStep, request: Request, pk: int) -> Response:
        return self.take(request, pk)

    made = {"step": step, "about": about, "permission": step.permission, "post": post}
    view: type[TakeStep] = type(called.title().replace("_", ""), (TakeStep,), made)
    return view.as_view()


def addresses() -> list[URLPattern]:
    """An address for each step."""
    found = []
    for below, about, steps in (
        ("recoveries", Recovery, STEPS),
        ("write-offs", WriteOff, OF_WRITE_OFFS),
        ("plan-changes", PlanChange, OF_CHANGES),
    ):
        name = {"recoveries": "recovery", "write-offs": "write_off", "plan-changes": "plan_change"}[below]
        for step in steps:
            called = f"{name}_{step.word.replace('-', '_')}"
            view = _view_of(step, about, called)
            found.append(path(f"funds/{below}/<int:pk>/{step.word}/", view, name=called))
    return found
