"""How claims are handled, over the API: settings that one officer enters and another confirms."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.access import WHOLE_REGION, require
from portal.api.bodies import Body, Money, Text, Whole, YesNo
from portal.api.doors import ForStaff
from portal.api.errors import BadField
from portal.api.pagination import ByCursor
from portal.api.queries import Day, Query
from portal.api.views import RegionCode, read_query_of
from portal.regions.models import Region
from subsidies import courses
from subsidies.api.claims import JSON
from subsidies.models import Course


class CourseSerializer(serializers.ModelSerializer):
    """How claims are handled that are handed in from a day on."""

    league = serializers.CharField(
        source="league_id", allow_null=True, help_text="盟市区划代码；没有单独设置的盟市为 null"
    )
    entered_by = serializers.SerializerMethodField(help_text="录入人；示例为 null")
    confirmed_by = serializers.SerializerMethodField(help_text="复核人；尚未复核为 null")
    in_use = serializers.SerializerMethodField(help_text="经复核的，或者随系统提供的示例")

    class Meta:
        model = Course
        fields = [
            "id",
            "kind",
            "league",
            "since",
            "second_review_from",
            "region_decides_from",
            "working_days",
            "notice_days",
            "notice_stops_clock",
            "ask_again_days",
            "answer_again_days",
            "basis",
            "is_sample",
            "in_use",
            "entered_by",
            "confirmed_by",
            "confirmed_at",
        ]

    def get_entered_by(self, course: Course) -> str | None:
        return str(course.entered_by) if course.entered_by else None

    def get_confirmed_by(self, course: Course) -> str | None:
        return str(course.confirmed_by) if course.confirmed_by else None

    def get_in_use(self, course: Course) -> bool:
        return course.is_sample or course.confirmed_at is not None


class EnterSerializer(Body):
    kind = Text(most=48, help_text="、".join(courses.TITLES))
    league = RegionCode(required=False, help_text="盟市区划代码；不写为全区")
    since = Day(help_text="开始执行日期，晚于今天")
    working_days = Whole(min_value=1, max_value=60, help_text="办理时限（工作日）")
    notice_days = Whole(
        required=False, min_value=1, max_value=30, help_text="批准前公示多少个工作日；不写不公示"
    )
    notice_stops_clock = YesNo(required=False, default=False, help_text="公示期间不计入办理时限")
    ask_again_days = Whole(
        required=False, min_value=1, max_value=365, help_text="送达后多少日内可以申请复核；不写不复核"
    )
    answer_again_days = Whole(required=False, min_value=1, max_value=60, help_text="复核在多少个工作日内答复")
    second_review_from = Money(required=False, help_text="复核起点金额；0.00 为一律复核，不写为不复核")
    region_decides_from = Money(required=False, help_text="自治区审批起点金额；不写由盟市审批")
    basis = Text(most=160, help_text="文号或者会议纪要")


class Courses(ForStaff, generics.ListAPIView):
    """Every setting, the last entered first."""

    permission = "window.use"
    serializer_class = CourseSerializer
    pagination_class = ByCursor
    parser_classes = JSON
    queryset = Course.objects.select_related("entered_by", "confirmed_by")

    def get_queryset(self) -> QuerySet[Course]:
        read_query_of(self, Query)
        return super().get_queryset()

    @extend_schema(operation_id="courses", summary="补贴办理流程设置，新录入的在前")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="enter_course",
        summary="录入办理流程设置，由另一人复核后生效",
        request=EnterSerializer,
        responses={201: CourseSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        require(request.user, courses.SET, WHOLE_REGION)
        given = EnterSerializer.read(request)
        if given["kind"] not in courses.TITLES:
            raise BadField("kind", f"“{given['kind']}”不是有效值。", list(courses.TITLES))
        if code := given.pop("league", None):
            given["league"] = Region.objects.leagues().filter(code=code).first()
            if given["league"] is None:
                raise NotFound(f"没有代码为“{code}”的盟市。")
        course = courses.enter(given, by=request.user, on=timezone.localdate())
        return Response(CourseSerializer(course).data, status=status.HTTP_201_CREATED)


class ConfirmCourse(ForStaff):
    """Another officer agrees."""

    permission = courses.CONFIRM

    @extend_schema(
        operation_id="confirm_course",
        summary="复核办理流程设置",
        request=None,
        responses={200: CourseSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        course = generics.get_object_or_404(Course.objects.all(), pk=pk)
        courses.confirm(course.pk, by=request.user, on=timezone.localdate())
        course.refresh_from_db()
        return Response(CourseSerializer(course).data)
