"""What the office publishes: benefits with their guides, honours, notices with their lists, service windows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from portal.api.pagination import ByCode, ByCursor
from portal.api.public import PublicData
from portal.api.queries import Day, Query
from portal.api.serializers import ServiceWindowSerializer
from portal.api.views import read_query_of
from portal.cases.models import NoticeVersion, PublicNotice
from portal.entitlements.guides import Guidance, guidance_of
from portal.policy.benefits import BY_CODE, CATALOGUE, FORCES, FUNDS
from portal.policy.law import law_on
from portal.policy.rules import Benefit
from portal.regions.models import ServiceWindow
from portal.workforce.models import HonourAlias, HonourType
from portal.workforce.models.honours import HonourCategory

_INCLUDES = "registry.inclusion-honours"


class OnQuery(Query):
    on = Day(required=False, help_text="查询日，默认为今天")


def _day_asked(request: Request) -> date:
    asked: date = OnQuery.read(request).get("on") or timezone.localdate()
    return asked


# -- benefits ------------------------------------------------------------------------------------------------
class GuideSerializer(serializers.Serializer):
    """What to bring, where, and how long it takes. `null` is what nobody has said yet."""

    materials = serializers.ListField(child=serializers.CharField(), help_text="所需材料；待公布的为空")
    materials_are_sample = serializers.BooleanField(help_text="材料是否示例数据")
    handled_by = serializers.CharField(help_text="办理地点")
    handling_time = serializers.CharField(allow_null=True, help_text="办理时限；待公布为 null")
    handling_time_source = serializers.CharField(allow_null=True, help_text="办理时限的依据；没有为 null")
    handling_time_is_sample = serializers.BooleanField(help_text="办理时限是否示例数据")


class ClauseOfSerializer(serializers.Serializer):
    document = serializers.CharField(help_text="文号")
    number = serializers.CharField(help_text="条款")


class BenefitSerializer(serializers.Serializer):
    """A line of the catalogue."""

    code = serializers.CharField(help_text="事项代码")
    title = serializers.CharField()
    summary = serializers.CharField(help_text="是什么待遇")
    clause = ClauseOfSerializer()
    force = serializers.ChoiceField(list(FORCES.items()), help_text="效力")
    fund = serializers.ChoiceField(list(FUNDS.items()), allow_null=True, help_text="资金；没有为 null")
    since = serializers.DateField(help_text="自哪一天起执行")
    guide = GuideSerializer()


def _guide_shown(guide: Guidance) -> dict[str, Any]:
    return {
        "materials": guide.materials,
        "materials_are_sample": guide.sample_materials,
        "handled_by": guide.handled_by,
        "handling_time": guide.time or None,
        "handling_time_source": guide.time_source or None,
        "handling_time_is_sample": guide.sample_time,
    }


def _benefits_shown(benefits: Iterable[Benefit], day: date) -> list[dict[str, Any]]:
    listed = list(benefits)
    guides = guidance_of([benefit.code for benefit in listed], law_on(day))
    return [
        {
            "code": benefit.code,
            "title": benefit.title,
            "summary": benefit.summary,
            "clause": {"document": benefit.clause.document, "number": benefit.clause.number},
            "force": benefit.force,
            "fund": benefit.fund,
            "since": benefit.since,
            "guide": _guide_shown(guides[benefit.code]),
        }
        for benefit in listed
    ]


class Benefits(PublicData):
    @extend_schema(
        operation_id="benefits",
        summary="待遇事项：依据、资金、所需材料、办理地点和时限",
        parameters=[OnQuery],
        responses=BenefitSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        day = _day_asked(request)
        in_force = [benefit for benefit in CATALOGUE if date.fromisoformat(benefit.since) <= day]
        return Response(_benefits_shown(in_force, day))


class OneBenefit(PublicData):
    @extend_schema(
        operation_id="benefit",
        summary="一个待遇事项",
        parameters=[
            OnQuery,
            OpenApiParameter(
                "code",
                {"type": "string", "format": "benefit-code"},
                OpenApiParameter.PATH,
                description="事项代码",
            ),
        ],
        responses=BenefitSerializer,
    )
    def get(self, request: Request, code: str) -> Response:
        day = _day_asked(request)
        if code not in BY_CODE:
            raise Http404
        return Response(_benefits_shown([BY_CODE[code]], day)[0])


# -- honours -------------------------------------------------------------------------------------------------
class HonourSerializer(serializers.Serializer):
    """A kind of honour, the names it goes by on the day, and whether whoever holds it is included directly."""

    code = serializers.CharField()
    name = serializers.CharField()
    also_called = serializers.ListField(child=serializers.CharField(), help_text="当日的其他名称")
    category = serializers.ChoiceField(HonourCategory.choices)
    grade = serializers.ChoiceField(["national", "autonomous_region", "other"], help_text="级别")
    includes_directly = serializers.BooleanField(
        allow_null=True, help_text="获得者是否直接纳入领军人才名录（条款一）；当日没有规定为 null"
    )


class Honours(PublicData):
    @extend_schema(
        operation_id="honours",
        summary="荣誉类型：名称、级别，是否直接纳入名录",
        parameters=[OnQuery],
        responses=HonourSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        day = _day_asked(request)
        figure = law_on(day).figures.get(_INCLUDES)
        names: dict[str, list[str]] = {}
        in_use = (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))
        for kind, name in HonourAlias.objects.filter(in_use).values_list("type_id", "name"):
            names.setdefault(kind, []).append(name)
        return Response(
            [
                {
                    "code": honour.pk,
                    "name": honour.name,
                    "also_called": names.get(honour.pk, []),
                    "category": honour.category,
                    "grade": honour.grade,
                    "includes_directly": None if figure is None else honour.pk in figure.value,
                }
                for honour in HonourType.objects.all()
            ]
        )


# -- notices -------------------------------------------------------------------------------------------------
class NoticeQuery(Query):
    open_on = Day(required=False, help_text="只看这一天仍可提出异议的")


class NoticeSerializer(serializers.ModelSerializer):
    """What is announced and until when. The last day is provisional while the next year's holidays are not published."""

    region = serializers.CharField(source="place", help_text="公示机构所在地的区划代码")
    closes_certain = serializers.BooleanField(help_text="截止日期是否已确定")

    class Meta:
        model = PublicNotice
        fields = [
            "number",
            "title",
            "region",
            "legal_basis",
            "published_on",
            "opens_on",
            "closes_on",
            "closes_certain",
        ]


class VersionSerializer(serializers.ModelSerializer):
    """The list as it was announced: its columns, and each row by its cells."""

    columns = serializers.SerializerMethodField()
    rows = serializers.SerializerMethodField()
    digest = serializers.CharField(help_text="名单摘要：名单有任何改动即不同")
    moved = serializers.ListField(child=serializers.CharField(), help_text="与上一版相比的变动")

    class Meta:
        model = NoticeVersion
        fields = ["position", "published_at", "reason", "moved", "digest", "columns", "rows"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_columns(self, version: NoticeVersion) -> list[str]:
        return [column["label"] for column in version.columns]

    @extend_schema_field(
        serializers.ListField(child=serializers.ListField(child=serializers.CharField(allow_blank=True)))
    )
    def get_rows(self, version: NoticeVersion) -> list[list[str]]:
        return [row["cells"] for row in version.rows]


class NoticeInFullSerializer(NoticeSerializer):
    body = serializers.CharField(help_text="正文")
    version = VersionSerializer(help_text="现行的名单")

    class Meta(NoticeSerializer.Meta):
        fields = [*NoticeSerializer.Meta.fields, "body", "version"]


@extend_schema_view(
    get=extend_schema(operation_id="notices", summary="公示，新的在前", parameters=[NoticeQuery])
)
class Notices(PublicData, generics.ListAPIView):
    """All notices, the last published first."""

    serializer_class = NoticeSerializer
    pagination_class = ByCursor
    queryset = PublicNotice.objects.none()

    def get_queryset(self) -> QuerySet[PublicNotice]:
        asked = read_query_of(self, NoticeQuery)
        found = PublicNotice.objects.select_related("case").defer("body")
        if day := asked.get("open_on"):
            found = found.filter(opens_on__lte=day, closes_on__gte=day)
        return found


class OneNotice(PublicData):
    @extend_schema(
        operation_id="notice",
        summary="一次公示和现行的名单",
        parameters=[
            OpenApiParameter(
                "number",
                {"type": "string", "format": "notice-number"},
                OpenApiParameter.PATH,
                description="公示编号",
            )
        ],
        responses=NoticeInFullSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        Query.read(request)
        notice = generics.get_object_or_404(
            PublicNotice.objects.public().select_related("case"), number=number
        )
        notice.version = notice.versions.order_by("-position").first()  # type: ignore[attr-defined]
        return Response(NoticeInFullSerializer(notice).data)


# -- windows -------------------------------------------------------------------------------------------------
class WindowSerializer(ServiceWindowSerializer):
    """A service window; what is empty the office has not given."""

    region = serializers.CharField(source="region_id", help_text="区划代码")
    region_name = serializers.CharField(source="region.full_name", help_text="地区名称")

    class Meta(ServiceWindowSerializer.Meta):
        fields = ["region", "region_name", *ServiceWindowSerializer.Meta.fields]


@extend_schema_view(get=extend_schema(operation_id="windows", summary="服务窗口：地址、办公时间、咨询电话"))
class Windows(PublicData, generics.ListAPIView):
    """The windows that the office has entered, by division."""

    class ByRegion(ByCode):
        ordering = "region_id"

    serializer_class = WindowSerializer
    pagination_class = ByRegion
    queryset = ServiceWindow.objects.none()

    def get_queryset(self) -> QuerySet[ServiceWindow]:
        read_query_of(self, Query)
        return ServiceWindow.objects.select_related("region__parent")


@extend_schema_view(get=extend_schema(operation_id="window", summary="一个地区的服务窗口"))
class OneWindow(PublicData, generics.RetrieveAPIView):
    serializer_class = WindowSerializer
    queryset = ServiceWindow.objects.select_related("region__parent")
    lookup_field = "region_id"
    lookup_url_kwarg = "code"
