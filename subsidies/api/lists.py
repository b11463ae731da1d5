"""A unit's lists over the API: given in, looked at row by row, confirmed or given up; by the same actions as on the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, parsers, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.access import NotNow
from portal.api.bodies import Body, Named
from portal.api.jobs import JobSerializer
from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import read_query_of
from portal.pages.view_log import record_shown
from portal.workforce.models import Employer
from subsidies.by_unit import actions
from subsidies.by_unit.models import ClaimFile, ClaimFileRow, FilePhase, RowOutcome
from subsidies.by_unit.rights import may_act


class ListSerializer(serializers.ModelSerializer):
    """A list, how far it is, and what comes or came of its rows."""

    unit_name = serializers.CharField(source="unit.name", help_text="单位名称")
    by = serializers.CharField(source="by.display_name", help_text="提交人")
    phase = serializers.ChoiceField(FilePhase.choices)
    job = JobSerializer(allow_null=True)

    class Meta:
        model = ClaimFile
        fields = [
            "id",
            "unit",
            "unit_name",
            "by",
            "file_name",
            "created_at",
            "phase",
            "message",
            "rows_read",
            "good",
            "known",
            "refused",
            "has_refused_file",
            "confirmed_at",
            "job",
        ]


class ListRowSerializer(serializers.ModelSerializer):
    """A row as the unit gave it, and the stage of what came of it. The number is masked."""

    outcome = serializers.ChoiceField(RowOutcome.choices)
    proposal = serializers.CharField(
        source="proposal.case.number", default=None, allow_null=True, help_text="办件编号；没有提出为 null"
    )
    stage = serializers.CharField(
        source="proposal.case.state", default=None, allow_null=True, help_text="proposed、consented 等"
    )
    consent_until = serializers.DateField(source="proposal.consent_until", default=None, allow_null=True)

    class Meta:
        model = ClaimFileRow
        fields = [
            "line",
            "name",
            "number",
            "certificate",
            "kind",
            "outcome",
            "said",
            "proposal",
            "stage",
            "consent_until",
        ]


class ListBody(Body):
    unit = Named("[1-9][0-9]{0,8}", called="unit-number", help_text="单位的编号")
    file = serializers.FileField(help_text="Excel 或 CSV，列名与模板一致")


def _seen(user: Any) -> QuerySet[ClaimFile]:
    seen: QuerySet[ClaimFile] = ClaimFile.objects.visible_to(user).select_related("unit", "by", "job")
    return seen


def _shown(request: Request, pk: int) -> dict[str, Any]:
    given = generics.get_object_or_404(_seen(request.user), pk=pk)
    return dict(ListSerializer(given, context={"request": request}).data)


class Lists(generics.ListAPIView):
    """The lists of the units one acts for, the latest first."""

    serializer_class = ListSerializer
    pagination_class = ByCursor
    parser_classes = (parsers.MultiPartParser,)
    queryset = ClaimFile.objects.none()

    def get_queryset(self) -> QuerySet[ClaimFile]:
        read_query_of(self, Query)
        return _seen(self.request.user)

    @extend_schema(operation_id="unit_lists", summary="单位批量申请补贴的名单，新的在前")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="give_unit_list_in",
        summary="提交一份名单：先逐行核对，确认后才通知职工",
        request={"multipart/form-data": ListBody},
        responses={202: ListSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = ListBody.read(request)
        unit = generics.get_object_or_404(Employer.objects.visible_to(request.user), pk=int(given["unit"]))
        if not may_act(unit, request.user):
            raise Http404
        kept = actions.give_in(given["file"], unit.pk, by=request.user)
        return Response(_shown(request, kept.pk), status=status.HTTP_202_ACCEPTED)


class OneList(APIView):
    """One list: what comes or came of it."""

    @extend_schema(
        operation_id="unit_list", summary="一份名单：核对到哪里，提出了多少", responses=ListSerializer
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(request, pk))

    @extend_schema(
        operation_id="give_unit_list_up",
        summary="放弃一份还没有提出的名单，文件随之删除",
        request=None,
        responses={204: None, 409: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        given = generics.get_object_or_404(_seen(request.user), pk=pk)
        actions.give_up(given.pk, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmList(APIView):
    """Put the good rows forward."""

    @extend_schema(
        operation_id="confirm_unit_list",
        summary="核对之后提出：逐人通知，本人同意后才提交申请",
        request=None,
        responses={202: ListSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        given = generics.get_object_or_404(_seen(request.user), pk=pk)
        actions.confirm(given.pk, by=request.user)
        return Response(_shown(request, pk), status=status.HTTP_202_ACCEPTED)


class ByLine(ByCursor):
    ordering = "line"


class RowQuery(Query):
    outcome = serializers.ChoiceField(RowOutcome.choices, required=False)


class ListRows(generics.ListAPIView):
    """The rows of a list, as they stand in it."""

    serializer_class = ListRowSerializer
    pagination_class = ByLine
    queryset = ClaimFileRow.objects.none()

    def get_queryset(self) -> QuerySet[ClaimFileRow]:
        asked = read_query_of(self, RowQuery)
        given = generics.get_object_or_404(_seen(self.request.user), pk=self.kwargs["pk"])
        return ClaimFileRow.objects.filter(file=given, **asked).select_related("proposal__case")

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        page: list[ClaimFileRow] = super().paginate_queryset(queryset) or []
        record_shown([row.worker_id for row in page if row.worker_id], by=self.request.user)
        return page

    @extend_schema(operation_id="unit_list_rows", summary="一份名单的各行和办理进度", parameters=[RowQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class RefusedRows(APIView):
    """The rows that came back, as the file they came in, with the reason of each in its last column."""

    @extend_schema(
        operation_id="unit_list_refused_rows",
        summary="未通过的行和原因，按原文件的格式",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        given = generics.get_object_or_404(_seen(request.user), pk=pk)
        try:
            file = actions.fetch_refused(given, by=request.user)
        except NotNow as gone:
            raise NotFound(str(gone)) from gone
        stem = given.file_name.rsplit(".", 1)[0]
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{stem}-未通过{given.suffix}",
            content_type="application/octet-stream",
        )
