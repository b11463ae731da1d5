"""Batches of payments over the API: what stands, and the steps of the pages, by the same actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.batch_shapes import (
    BatchSerializer,
    DueForBatchSerializer,
    OneBatchSerializer,
    PayeesSerializer,
    PaymentSerializer,
)
from portal.api.bodies import Body, Choice, Text
from portal.api.doors import ForStaff
from portal.api.errors import BadField
from portal.api.funds import SEES, require_known
from portal.api.pagination import ByCursor
from portal.api.parsing import JSONParser
from portal.api.queries import Day, Query
from portal.api.views import RegionCode, read_query_of
from portal.funds import batches, locking, payment_files
from portal.funds.batches import Selection
from portal.funds.models import Batch, BatchState, Channel, Fund, Item, ItemState, PaymentFile, Use
from portal.pages.filters import in_region

_DRAWS_UP, _SIGNS, _POSTS = "funds.batch", "funds.sign", "funds.post"
_MOST_TAKEN_OUT = 1000


# -- the list, and drawing up --------------------------------------------------------------------------------
class BatchQuery(Query):
    fund = serializers.CharField(max_length=40, required=False, help_text="资金的代码")
    state = serializers.ChoiceField(BatchState.choices, required=False)
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")


class SelectionQuery(Query):
    """Which payables come into a batch."""

    fund = serializers.CharField(max_length=40, help_text="资金的代码")
    channel = serializers.CharField(max_length=40, help_text="支付渠道的代码")
    region = RegionCode(help_text="地区的区划代码")
    use = serializers.ChoiceField(Use.choices, required=False, help_text="用途，默认全部")
    until = Day(required=False, help_text="登记至哪一天，默认全部")


class DrawUpBatchBody(Body):
    """The same, and the digest of what was looked at."""

    fund = Text(most=40, help_text="资金的代码")
    channel = Text(most=40, help_text="支付渠道的代码")
    region = RegionCode(help_text="地区的区划代码")
    use = Choice(Use.choices, required=False, help_text="用途，默认全部")
    until = Day(required=False, help_text="登记至哪一天，默认全部")
    digest = Text(most=32, allow_blank=True, help_text="拟定前查看所得的摘要；符合条件的已有变化的不拟定")


def selection_of(given: dict[str, Any]) -> Selection:
    """Which payables come into a batch. Raises BadField for what there is not, and for a channel that does not pay the fund."""
    require_known(given)
    fund = Fund.objects.get(pk=given["fund"])
    channel = known_channel(given["channel"])
    if not channel.rules.filter(fund=fund).exists():
        serving = Channel.objects.filter(rules__fund=fund).distinct().values_list("pk", flat=True)
        raise BadField("channel", f"“{channel}”不发放{fund}。", list(serving))
    return Selection(fund, channel, given["region"], given.get("use", ""), given.get("until"))


def known_channel(code: str) -> Channel:
    """Raises BadField for one that there is not."""
    channel = Channel.objects.filter(pk=code).first()
    if channel is None:
        allowed = list(Channel.objects.values_list("pk", flat=True))
        raise BadField("channel", f"没有代码为“{code}”的支付渠道。", allowed)
    return channel


class Batches(ForStaff, generics.ListAPIView):
    """The batches of one's places, the last first."""

    permission = SEES
    serializer_class = BatchSerializer
    pagination_class = ByCursor
    parser_classes = (JSONParser,)
    queryset = Batch.objects.none()

    def get_queryset(self) -> QuerySet[Batch]:
        asked = read_query_of(self, BatchQuery)
        require_known(asked)
        found: QuerySet[Batch] = Batch.objects.visible_to(self.request.user).select_related("made_by")
        for name in ("fund", "state"):
            if name in asked:
                found = found.filter(**{name: asked[name]})
        return found.filter(in_region(asked["region"])) if "region" in asked else found

    @extend_schema(operation_id="fund_batches", summary="付款批次，新的在前", parameters=[BatchQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="draw_batch_up",
        summary="拟定付款批次：先查看，再按所见的摘要拟定",
        request=DrawUpBatchBody,
        responses={201: OneBatchSerializer, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = DrawUpBatchBody.read(request)
        selection = selection_of(given)
        found = batches.look(selection, on=timezone.localdate())
        made = batches.draw_up(selection, confirmed=found.as_shown(given["digest"]), by=request.user)
        return Response(_shown(request, made.pk), status.HTTP_201_CREATED)


class Preview(ForStaff):
    """What a batch would hold now; nothing is written."""

    permission = _DRAWS_UP

    @extend_schema(
        operation_id="look_for_batch",
        summary="拟定前查看：符合条件的笔数、金额和摘要",
        parameters=[SelectionQuery],
        responses=DueForBatchSerializer,
    )
    def get(self, request: Request) -> Response:
        selection = selection_of(SelectionQuery.read(request))
        return Response(DueForBatchSerializer(batches.look(selection, on=timezone.localdate())).data)


# -- one of them ---------------------------------------------------------------------------------------------
def _visible(request: Request, pk: int) -> Batch:
    """A batch of the user's places; 404 for others."""
    seen = Batch.objects.visible_to(request.user)
    found: Batch = generics.get_object_or_404(
        seen.select_related("made_by").prefetch_related("steps__by", "files"), pk=pk
    )
    return found


def _shown(request: Request, pk: int) -> dict[str, Any]:
    return dict(OneBatchSerializer(_visible(request, pk)).data)


class OneBatch(ForStaff):
    """One batch: what it is, its steps and its files."""

    permission = SEES

    @extend_schema(operation_id="fund_batch", summary="一个付款批次", responses=OneBatchSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(request, pk))


class Payees(ForStaff):
    """Who is paid by each item, asked afresh: what changed is named, and whom nobody can pay yet."""

    permission = _DRAWS_UP

    @extend_schema(
        operation_id="fund_batch_payees",
        summary="锁定前核对收款人：有变更的、曾被退回的、不能支付的",
        responses=PayeesSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        batch = _visible(request, pk)
        looked = locking.look_at(batch)
        batches.note(batch, "funds.payee.view", by=request.user)
        return Response(PayeesSerializer(looked).data)


class PaymentQuery(Query):
    state = serializers.ChoiceField(ItemState.choices, required=False)


class Payments(ForStaff, generics.ListAPIView):
    """The payments of a batch, the last first."""

    permission = SEES
    serializer_class = PaymentSerializer
    pagination_class = ByCursor
    queryset = Item.objects.none()

    def get_queryset(self) -> QuerySet[Item]:
        asked = read_query_of(self, PaymentQuery)
        mine: QuerySet[Item] = Item.objects.visible_to(self.request.user)
        listed = mine.filter(batch=_visible(self.request, self.kwargs["pk"]), **asked)
        return listed.select_related("payable__case", "payee", "withdrawal")

    @extend_schema(
        operation_id="fund_batch_payments", summary="付款批次中的付款，后列的在前", parameters=[PaymentQuery]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneFile(ForStaff):
    """A file for the bank, for whoever hands it over."""

    permission = _POSTS

    @extend_schema(
        operation_id="fund_payment_file",
        summary="下载付款文件，交给银行",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 409: None},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        mine = PaymentFile.objects.filter(batch__in=Batch.objects.visible_to(request.user))
        file = generics.get_object_or_404(mine.select_related("batch"), pk=pk)
        content = payment_files.fetch(file, by=request.user)
        return FileResponse(
            content, as_attachment=True, filename=file.name, content_type="application/octet-stream"
        )


# -- its steps -----------------------------------------------------------------------------------------------
class SeenPayeesBody(Body):
    seen = Text(most=64, help_text="核对收款人所得的 seen")


class SeenBatchBody(Body):
    seen = Text(most=80, help_text="所见批次的 seen")


class WhereBody(Body):
    where = Text(most=200, help_text="公示地点或者网址")


class BecauseBody(Body):
    reason = Text(most=200, help_text="原因")


class WithdrawBody(Body):
    payments = serializers.ListField(
        child=Text(most=24), min_length=1, max_length=_MOST_TAKEN_OUT, help_text="撤出的付款的业务编号"
    )
    reason = Text(most=200, help_text="原因")


def _withdraw(pk: int, *, payments: list[str], reason: str, by: Any) -> Batch:
    of_batch = Item.objects.visible_to(by).filter(batch=pk, reference__in=payments)
    found = dict(of_batch.values_list("reference", "pk"))
    if missing := [reference for reference in payments if reference not in found]:
        raise BadField("payments", f"批次中没有业务编号为“{missing[0]}”的付款。", "批次中付款的业务编号")
    return batches.withdraw(list(found.values()), reason=reason, by=by)


def _announce(pk: int, *, where: str, by: Any) -> Batch:
    return batches.announce(pk, where=where, on=timezone.localdate(), by=by)


def _lock(pk: int, *, seen: str, by: Any) -> Batch:
    return locking.lock(pk, confirmed=seen, by=by)


@dataclass(frozen=True)
class BatchMove:
    """One action: its word in the address, what it is for, whose it is, what it takes, and what is done."""

    word: str
    summary: str
    permission: str
    takes: type[Body] | None
    act: Callable[..., Batch]


MOVES = (
    BatchMove("lock", "锁定：收款人和金额不再变动", _DRAWS_UP, SeenPayeesBody, _lock),
    BatchMove("announce", "登记公示，公示期满后签发", _DRAWS_UP, WhereBody, _announce),
    BatchMove("sign", "签发", _SIGNS, SeenBatchBody, batches.sign),
    BatchMove("file", "生成付款文件", _DRAWS_UP, None, payment_files.make),
    BatchMove("send", "登记已发送，资金在途", _POSTS, None, batches.send),
    BatchMove("close", "办结：每笔都已有银行回盘", _POSTS, None, batches.close),
    BatchMove("withdraw", "撤出付款：已签发的须重新签发", _DRAWS_UP, WithdrawBody, _withdraw),
    BatchMove("drop", "作废：付款全部撤出", _DRAWS_UP, BecauseBody, batches.drop),
)


class TakeBatchStep(ForStaff):
    """Take one action on a batch; it answers with the batch as it stands then."""

    parser_classes = (JSONParser,)
    move: BatchMove

    def take(self, request: Request, pk: int) -> Response:
        _visible(request, pk)
        given = self.move.takes.read(request) if self.move.takes else {}
        self.move.act(pk, **given, by=request.user)
        return Response(_shown(request, pk))


def _view_of(move: BatchMove) -> Any:
    called = f"fund_batch_{move.word}"

    @extend_schema(
        operation_id=called,
        summary=move.summary,
        request=move.takes,
        responses={200: OneBatchSerializer, 409: None},
    )
    def post(self: TakeBatchStep, request: Request, pk: int) -> Response:
        return self.take(request, pk)

    made = {"move": move, "permission": move.permission, "post": post}
    view: type[TakeBatchStep] = type(called.title().replace("_", ""), (TakeBatchStep,), made)
    return view.as_view()


def addresses() -> list[URLPattern]:
    """The list, one of them, and an address for each step."""
    return [
        path("funds/batches/", Batches.as_view(), name="fund-batches"),
        path("funds/batches/preview/", Preview.as_view(), name="fund-batch-preview"),
        path("funds/batches/<int:pk>/", OneBatch.as_view(), name="fund-batch"),
        path("funds/batches/<int:pk>/payees/", Payees.as_view(), name="fund-batch-payees"),
        path("funds/batches/<int:pk>/payments/", Payments.as_view(), name="fund-batch-payments"),
        path("funds/payment-files/<int:pk>/", OneFile.as_view(), name="fund-payment-file"),
        *(
            path(f"funds/batches/<int:pk>/{move.word}/", _view_of(move), name=f"fund-batch-{move.word}")
            for move in MOVES
        ),
    ]
