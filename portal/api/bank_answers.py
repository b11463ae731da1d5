"""What banks answered, over the API: a file is given in, taken in by a job, and told row by row."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, parsers, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.batches import known_channel
from portal.api.bodies import Body, Text
from portal.api.doors import ForStaff
from portal.api.funds import SEES, SUM, require_known
from portal.api.jobs import JobSerializer
from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import RegionCode, read_query_of
from portal.funds import answering
from portal.funds.models import Answer, AnswerPhase, BankRow, Outcome

_POSTS = "funds.post"


class AnswerSerializer(serializers.ModelSerializer):
    """A bank's answer, how far it is, and how many rows of each outcome there are."""

    channel = serializers.CharField(source="channel_id", help_text="支付渠道")
    region = serializers.CharField(source="region_id")
    phase = serializers.ChoiceField(AnswerPhase.choices)
    by = serializers.CharField(source="by.display_name", help_text="提交人")
    message = serializers.CharField(allow_blank=True, help_text="说明，或者为什么没有处理")

    class Meta:
        model = Answer
        fields = [
            "id",
            "channel",
            "region",
            "file_name",
            "sha256",
            "sm3",
            "by",
            "given_at",
            "phase",
            "message",
            "done_at",
        ]


class OutcomeSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(Outcome.choices)
    rows = serializers.IntegerField(help_text="行数")


class OneAnswerSerializer(AnswerSerializer):
    """The same of one, with its job for whoever gave it in."""

    outcomes = serializers.SerializerMethodField(help_text="各结果的行数")
    job = serializers.SerializerMethodField(help_text="处理到哪里；仅供提交人")

    class Meta(AnswerSerializer.Meta):
        fields = [*AnswerSerializer.Meta.fields, "outcomes", "job"]

    @extend_schema_field(OutcomeSerializer(many=True))
    def get_outcomes(self, answer: Answer) -> Any:
        counts = answering.counts_of(answer)
        rows = [{"outcome": code, "rows": counts.get(code, 0)} for code in Outcome]
        return OutcomeSerializer(rows, many=True).data

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, answer: Answer) -> dict[str, Any] | None:
        is_own = answer.job is not None and answer.job.by_id == self.context["request"].user.pk
        return dict(JobSerializer(answer.job).data) if is_own else None


class BankRowSerializer(serializers.ModelSerializer):
    """A row of the bank, and what came of it; what it says of the payee is left out."""

    outcome = serializers.ChoiceField(Outcome.choices)
    reference = serializers.CharField(allow_blank=True, help_text="业务编号或者追回编号")
    amount = serializers.DecimalField(source="sum", allow_null=True, **SUM)
    words = serializers.CharField(allow_blank=True, help_text="银行说明")
    remark = serializers.CharField(allow_blank=True, help_text="没有记账的原因")

    class Meta:
        model = BankRow
        fields = ["line", "outcome", "reference", "amount", "bank_number", "words", "remark"]


class GiveAnswerInBody(Body):
    """A file of the bank, of which channel, for which place."""

    channel = Text(most=40, help_text="支付渠道的代码")
    region = RegionCode(help_text="地区的区划代码：该地区及所属旗县的付款")
    file = serializers.FileField(help_text="银行的原始文件：CSV、文本或者 Excel")


def _seen(user: Any) -> QuerySet[Answer]:
    seen: QuerySet[Answer] = Answer.objects.visible_to(user).select_related("by", "job")
    return seen


def _shown(request: Request, pk: int) -> dict[str, Any]:
    answer = generics.get_object_or_404(_seen(request.user), pk=pk)
    return dict(OneAnswerSerializer(answer, context={"request": request}).data)


class Answers(ForStaff, generics.ListAPIView):
    """What was given in for one's places, the last first."""

    permission = SEES
    serializer_class = AnswerSerializer
    pagination_class = ByCursor
    parser_classes = (parsers.MultiPartParser,)
    queryset = Answer.objects.none()

    def get_queryset(self) -> QuerySet[Answer]:
        return _seen(self.request.user)

    @extend_schema(operation_id="bank_answers", summary="银行回盘，新的在前")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="give_bank_answer_in",
        summary="提交银行回盘：逐行核对后记账",
        request={"multipart/form-data": GiveAnswerInBody},
        responses={202: OneAnswerSerializer, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = GiveAnswerInBody.read(request)
        require_known(given)
        channel = known_channel(given["channel"])
        answer = answering.give_in(given["file"], channel, region=given["region"], by=request.user)
        return Response(_shown(request, answer.pk), status.HTTP_202_ACCEPTED)


class OneAnswer(ForStaff):
    """One answer: how far it is, and what came of its rows."""

    permission = SEES

    @extend_schema(operation_id="bank_answer", summary="一份银行回盘", responses=OneAnswerSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(request, pk))


class RowQuery(Query):
    outcome = serializers.ChoiceField(Outcome.choices, required=False)


class Rows(ForStaff, generics.ListAPIView):
    """The rows of an answer, the last first."""

    permission = SEES
    serializer_class = BankRowSerializer
    pagination_class = ByCursor
    queryset = BankRow.objects.none()

    def get_queryset(self) -> QuerySet[BankRow]:
        asked = read_query_of(self, RowQuery)
        answer = generics.get_object_or_404(_seen(self.request.user), pk=self.kwargs["pk"])
        rows: QuerySet[BankRow] = BankRow.objects.visible_to(self.request.user).filter(answer=answer)
        return rows.filter(**asked)

    @extend_schema(
        operation_id="bank_answer_rows", summary="银行回盘的各行和结果，后面的行在前", parameters=[RowQuery]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class GoOn(ForStaff):
    """Begin anew what came to no end."""

    permission = _POSTS

    @extend_schema(
        operation_id="bank_answer_go_on",
        summary="继续处理没有处理完的回盘，处理过的行不重复处理",
        request=None,
        responses={202: OneAnswerSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        answer = generics.get_object_or_404(_seen(request.user), pk=pk)
        answering.go_on(answer.pk, by=request.user)
        return Response(_shown(request, pk), status.HTTP_202_ACCEPTED)


def addresses() -> list[URLPattern]:
    """The list, one of them, its rows, and going on."""
    return [
        path("funds/answers/", Answers.as_view(), name="bank-answers"),
        path("funds/answers/<int:pk>/", OneAnswer.as_view(), name="bank-answer"),
        path("funds/answers/<int:pk>/rows/", Rows.as_view(), name="bank-answer-rows"),
        path("funds/answers/<int:pk>/go-on/", GoOn.as_view(), name="bank-answer-go-on"),
    ]
