"""Lists of paid subsidies decided by the rules, over the API: one's own, for as long as they are kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import generics, parsers, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.bodies import Body, Choice
from portal.api.doors import ForStaff
from portal.api.errors import BadField
from portal.api.jobs import JobSerializer, own_jobs
from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import RegionCode, read_query_of
from portal.jobs.models import Job, JobState
from portal.pages.view_log import record_shown
from portal.paging import BadCursor, page_within
from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from subsidies.trials.jobs import KIND, PERMISSION, result_kept, start_trial
from subsidies.trials.paid_list import MOST_BYTES
from subsidies.trials.result import Outcome

_BASES = ("stated", "verified")
_GONE = "试算结果已超过保存期限，请重新上传名单。"
_ROWS = 100


class SumSerializer(serializers.Serializer):
    """So many rows, with so much paid; by the rules it would have been so much."""

    rows = serializers.IntegerField()
    paid = serializers.CharField(help_text="已发金额（元）")
    ruled = serializers.CharField(help_text="按规则的金额（元）")


class WhySerializer(SumSerializer):
    outcome = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    note = serializers.CharField(allow_blank=True, help_text="条款，或者从哪里可以得知")


class ResultSerializer(serializers.Serializer):
    total = SumSerializer()
    outcomes = serializers.DictField(
        child=SumSerializer(), help_text="agrees、refuses、otherwise、unknown、unread"
    )
    reasons = WhySerializer(many=True)


class TrialSerializer(serializers.Serializer):
    """How far a trial is, and what came of it."""

    job = JobSerializer()
    result = ResultSerializer(allow_null=True, help_text="完成之前为 null")


class DecidedRowSerializer(serializers.Serializer):
    """One row of the list. Numbers are masked."""

    line = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    number = serializers.CharField(allow_blank=True)
    scheme = serializers.CharField(allow_blank=True)
    occupation = serializers.CharField(allow_blank=True)
    level = serializers.CharField(allow_blank=True)
    certificate = serializers.CharField(allow_blank=True)
    claimed_on = serializers.CharField(allow_blank=True)
    paid = serializers.CharField(allow_blank=True)
    ruled = serializers.CharField(allow_null=True)
    outcome = serializers.CharField()
    why = serializers.ListField(child=serializers.CharField())
    said = serializers.CharField(allow_blank=True)


class TrialBody(Body):
    place = RegionCode(help_text="名单所属地区")
    basis = Choice(_BASES, default="stated", help_text="stated：全部登记信息；verified：只依据已核验的")
    complete = serializers.ListField(
        child=Choice(list(FUNDS)),
        default=list,
        max_length=len(FUNDS),
        help_text="名单包含哪些资金发放的全部补贴",
    )
    file = serializers.FileField(help_text="Excel 或 CSV，列名与模板一致")


class Trials(ForStaff, generics.ListAPIView):
    """One's own trials, the latest first."""

    permission = PERMISSION
    serializer_class = JobSerializer
    pagination_class = ByCursor
    parser_classes = (parsers.MultiPartParser,)
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        read_query_of(self, Query)
        return own_jobs(self.request.user).filter(kind=KIND)

    @extend_schema(operation_id="trials", summary="本人的补贴发放试算，新的在前")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="try_list",
        summary="试算一份已发补贴名单：只试算，不写入",
        request={"multipart/form-data": TrialBody},
        responses={202: TrialSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = TrialBody.read(request)
        if not Region.objects.filter(code=given["place"]).exists():
            raise NotFound(f"没有代码为“{given['place']}”的行政区划。")
        if given["file"].size > MOST_BYTES:
            raise BadField("file", "文件过大。", f"不超过 {MOST_BYTES} 字节")
        job = start_trial(
            given["file"],
            place=given["place"],
            verified=given["basis"] == "verified",
            complete=given["complete"],
            by=request.user,
        )
        shown = TrialSerializer({"job": job, "result": None})
        return Response(shown.data, status=status.HTTP_202_ACCEPTED)


def _trial(request: Request, pk: int) -> Job:
    found: Job = generics.get_object_or_404(own_jobs(request.user).filter(kind=KIND), pk=pk)
    return found


def _result(request: Request, job: Job) -> dict[str, Any] | None:
    """What came of it, once it is done. NotFound when it is kept no longer."""
    if job.state != JobState.DONE:
        return None
    result = result_kept(job, by=request.user)
    if result is None:
        raise NotFound(_GONE)
    return result


class OneTrial(ForStaff):
    permission = PERMISSION

    @extend_schema(
        operation_id="trial",
        summary="一次试算：一致、不予发放、金额不同、不能认定各几笔",
        responses=TrialSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        job = _trial(request, pk)
        return Response(TrialSerializer({"job": job, "result": _result(request, job)}).data)


class RowQuery(Query):
    outcome = serializers.ChoiceField(Outcome.choices, required=False)
    after = serializers.CharField(max_length=200, required=False, help_text="上一次返回的 next 地址中的游标")


class TrialRows(ForStaff):
    """The rows of a trial, each with what came of it and why."""

    permission = PERMISSION

    @extend_schema(
        operation_id="trial_rows",
        summary="一次试算的各行",
        parameters=[RowQuery],
        responses=inline_serializer(
            "TrialRows",
            {
                "next": serializers.CharField(allow_null=True),
                "results": DecidedRowSerializer(many=True),
            },
        ),
    )
    def get(self, request: Request, pk: int) -> Response:
        asked, job = read_query_of(self, RowQuery), _trial(request, pk)  # type: ignore[arg-type]
        result = _result(request, job) or {"rows": [], "reasons": []}
        wanted = asked.get("outcome")
        rows = [row for row in result["rows"] if wanted in (None, row["outcome"])]
        try:
            page = page_within(rows, asked, name=f"trial-{pk}", key=lambda row: (row["line"],), size=_ROWS)
        except BadCursor as unreadable:
            raise BadField("after", str(unreadable)) from unreadable
        record_shown([row["worker"] for row in page.rows], by=request.user, asked=[job.title])
        labels = [one["label"] for one in result["reasons"]]
        shown = [{**row, "why": [labels[number] for number in row["reasons"]]} for row in page.rows]
        further = {key: value for key, value in asked.items() if key != "after"}
        following = page.next_cursor and request.build_absolute_uri(
            f"{request.path}?{urlencode({**further, 'after': page.next_cursor})}"
        )
        return Response({"next": following, "results": DecidedRowSerializer(shown, many=True).data})
