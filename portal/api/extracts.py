"""Extracts of registers over the API: given in, looked at, confirmed; and what is covered by them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, inline_serializer
from rest_framework import generics, parsers, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from portal.accounts.access import scope
from portal.api.bodies import Body, Choice, Text
from portal.api.doors import ForStaff
from portal.api.jobs import JobSerializer
from portal.api.pagination import ByCursor
from portal.api.parsing import JSONParser
from portal.api.queries import Day, Query
from portal.api.views import RegionCode, read_query_of
from portal.policy.benefits import FUNDS
from portal.regions.models import Region
from portal.workforce.actions.coverage import withdraw_coverage
from portal.workforce.covered_places import covered_places, last_day
from portal.workforce.extracts import actions
from portal.workforce.extracts.actions import Stated
from portal.workforce.models import Extracted, ExtractPhase, RegisterExtract
from portal.workforce.models.extracts import PERMISSION


class LineSerializer(serializers.Serializer):
    line = serializers.IntegerField()
    cells = serializers.DictField(child=serializers.CharField(allow_blank=True))


class ExtractSerializer(serializers.ModelSerializer):
    """An extract, how far it is, and what comes or came of its rows."""

    about = serializers.CharField(source="kind", help_text="哪一类登记库")
    phase = serializers.ChoiceField(ExtractPhase.choices)
    fund = serializers.CharField(allow_blank=True, help_text="资金；只有以往补贴的摘录有")
    place = serializers.CharField(source="place_id", help_text="覆盖地区的区划代码")
    by = serializers.CharField(source="by.display_name", help_text="提交人")
    covers = serializers.BooleanField(help_text="所称的覆盖范围是否有效")
    elsewhere = serializers.IntegerField(help_text="未写入的行中，无档案或者不在本地区的")
    first = serializers.SerializerMethodField(help_text="读到的前几行，仅供提交人在确认之前核对")
    job = serializers.SerializerMethodField()
    refused_rows = serializers.SerializerMethodField(help_text="未写入的行的文件，仅供提交人")

    class Meta:
        model = RegisterExtract
        fields = [
            "id",
            "about",
            "register",
            "as_of",
            "place",
            "fund",
            "covers_from",
            "covers_until",
            "file_name",
            "by",
            "created_at",
            "phase",
            "message",
            "rows_read",
            "added",
            "changed",
            "unchanged",
            "refused",
            "elsewhere",
            "merged_at",
            "covers",
            "first",
            "job",
            "refused_rows",
        ]

    def _is_own(self, extract: RegisterExtract) -> bool:
        return bool(extract.by_id == self.context["request"].user.pk)

    @extend_schema_field(LineSerializer(many=True))
    def get_first(self, extract: RegisterExtract) -> list[dict[str, Any]]:
        shown = self._is_own(extract) and extract.phase == ExtractPhase.EXAMINED
        return list(extract.understood) if shown else []

    @extend_schema_field(JobSerializer(allow_null=True))
    def get_job(self, extract: RegisterExtract) -> dict[str, Any] | None:
        return dict(JobSerializer(extract.job).data) if extract.job and self._is_own(extract) else None

    def get_refused_rows(self, extract: RegisterExtract) -> str | None:
        if not (self._is_own(extract) and extract.has_refused_file):
            return None
        address: str = reverse(
            "api:extract-refused", kwargs={"pk": extract.pk}, request=self.context["request"]
        )
        return address


class GiveInSerializer(Body):
    """A file with what whoever gives it in says of it."""

    about = Choice(Extracted.choices, help_text="哪一类登记库")
    register = Text(most=60, help_text="登记库名称")
    as_of = Day(help_text="摘录日期")
    place = RegionCode(help_text="摘录包含哪个地区的全部记录")
    fund = Choice(list(FUNDS), required=False, help_text="以往补贴的摘录须写明")
    covers_from = Day(help_text="摘录包含从哪一天起的全部记录")
    covers_until = Day(help_text="到哪一天为止，不晚于摘录日期")
    file = serializers.FileField(help_text="Excel 或 CSV，第一行为表头，列名与模板一致")


class WithdrawSerializer(Body):
    reason = Text(most=200, help_text="撤回覆盖声明的理由")


class ExtractQuery(Query):
    about = serializers.ChoiceField(Extracted.choices, required=False, source="kind")
    phase = serializers.ChoiceField(ExtractPhase.choices, required=False)


def _seen(user: Any) -> QuerySet[RegisterExtract]:
    seen: QuerySet[RegisterExtract] = RegisterExtract.objects.visible_to(user).select_related("by", "job")
    return seen


class Extracts(ForStaff, generics.ListAPIView):
    """What was given in for one's places, the latest first."""

    permission = PERMISSION
    serializer_class = ExtractSerializer
    pagination_class = ByCursor
    parser_classes = (parsers.MultiPartParser,)
    queryset = RegisterExtract.objects.none()

    def get_queryset(self) -> QuerySet[RegisterExtract]:
        return _seen(self.request.user).filter(**read_query_of(self, ExtractQuery))

    @extend_schema(operation_id="extracts", summary="登记库摘录，新的在前", parameters=[ExtractQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="give_extract_in",
        summary="提交一份登记库摘录：先核对，确认后写入",
        request={"multipart/form-data": GiveInSerializer},
        responses={201: ExtractSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = GiveInSerializer.read(request)
        if not Region.objects.filter(code=given["place"]).exists():
            raise NotFound(f"没有代码为“{given['place']}”的行政区划。")
        file, kind = given.pop("file"), given.pop("about")
        extract = actions.give_in(file, Stated(kind=kind, **given), by=request.user, on=timezone.localdate())
        return Response(_shown(request, extract.pk), status=status.HTTP_201_CREATED)


def _shown(request: Request, pk: int) -> dict[str, Any]:
    extract = generics.get_object_or_404(_seen(request.user), pk=pk)
    return dict(ExtractSerializer(extract, context={"request": request}).data)


class OneExtract(ForStaff):
    """One extract: what comes or came of it."""

    permission = PERMISSION

    @extend_schema(
        operation_id="extract",
        summary="一份登记库摘录：将写入什么，写入了什么",
        responses=ExtractSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(_shown(request, pk))

    @extend_schema(
        operation_id="give_extract_up",
        summary="放弃一份还没有写入的摘录，文件随之删除",
        request=None,
        responses={204: None, 409: None},
    )
    def delete(self, request: Request, pk: int) -> Response:
        extract = generics.get_object_or_404(_seen(request.user), pk=pk)
        actions.give_up(extract.pk, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConfirmExtract(ForStaff):
    """Write what was looked at."""

    permission = PERMISSION

    @extend_schema(
        operation_id="confirm_extract",
        summary="核对之后写入",
        request=None,
        responses={202: ExtractSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        extract = generics.get_object_or_404(_seen(request.user), pk=pk)
        actions.confirm(extract.pk, by=request.user)
        return Response(_shown(request, pk), status=status.HTTP_202_ACCEPTED)


class WithdrawExtract(ForStaff):
    """What it was said to cover it does not."""

    permission = PERMISSION
    parser_classes = (JSONParser,)

    @extend_schema(
        operation_id="withdraw_extract",
        summary="撤回一份摘录的覆盖声明",
        request=WithdrawSerializer,
        responses={200: ExtractSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        extract = generics.get_object_or_404(_seen(request.user), pk=pk)
        given = WithdrawSerializer.read(request)
        withdraw_coverage(extract.pk, reason=given["reason"], by=request.user)
        return Response(_shown(request, pk))


class RefusedRows(ForStaff):
    """The rows that are not written, as the file they came in, with the reason of each in its last column."""

    permission = PERMISSION

    @extend_schema(
        operation_id="extract_refused_rows",
        summary="未写入的行和原因，按原文件的格式",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> FileResponse:
        extract = generics.get_object_or_404(_seen(request.user), pk=pk)
        try:
            file = actions.fetch_refused(extract, by=request.user)
        except ValidationError as gone:
            raise NotFound(" ".join(gone.messages)) from gone
        stem = extract.file_name.rsplit(".", 1)[0]
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{stem}-未写入{extract.suffix}",
            content_type="application/octet-stream",
        )


# -- what is covered -----------------------------------------------------------------------------------------
class GapSerializer(serializers.Serializer):
    since = serializers.DateField()
    until = serializers.DateField()


class CoveredSerializer(serializers.Serializer):
    """Of a fund: where something is missing."""

    fund = serializers.CharField()
    gaps = serializers.SerializerMethodField(help_text="没有覆盖的日子")
    until = serializers.DateField(allow_null=True, help_text="没有间断地覆盖到哪一天")
    decided_here = serializers.BooleanField(help_text="是否全部在本系统办理")

    @extend_schema_field(GapSerializer(many=True))
    def get_gaps(self, covered: Any) -> Any:
        return GapSerializer(
            [{"since": since, "until": until} for since, until in covered.gaps], many=True
        ).data


class PlaceCoveredSerializer(serializers.Serializer):
    place = serializers.CharField(source="place.code")
    name = serializers.CharField(source="place.name")
    funds = CoveredSerializer(many=True)


class Coverage(ForStaff):
    """What is known of earlier claims, place by place and fund by fund."""

    permission = PERMISSION

    @extend_schema(
        operation_id="coverage",
        summary="以往补贴的覆盖情况：哪个地区、哪项资金、哪些日子还不知道",
        responses=inline_serializer(
            "Coverage", {"last": serializers.DateField(), "results": PlaceCoveredSerializer(many=True)}
        ),
    )
    def get(self, request: Request) -> Response:
        today, where = timezone.localdate(), scope(request.user, PERMISSION)
        places = Region.objects.leagues() if where.whole else Region.objects.all()
        mine = [place for place in places.select_related("parent") if where.covers(place.code)]
        shown = PlaceCoveredSerializer(covered_places(mine, today), many=True).data
        return Response({"last": last_day(today).isoformat(), "results": shown})
