"""The API of the shared ground: regions, law, letters, workers. Programmes add theirs beside it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse as django_reverse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    extend_schema,
    extend_schema_field,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from portal import audit
from portal.accounts.access import can
from portal.api.errors import BadField, error
from portal.api.pagination import ByCode, ByCursor
from portal.api.public import PublicData
from portal.api.queries import Day, Query
from portal.api.serializers import (
    LEVELS,
    ClauseSerializer,
    ParameterSerializer,
    RegionSerializer,
    WorkerSerializer,
)
from portal.policy.models import Clause, Parameter
from portal.programmes import programmes
from portal.regions.models import Region, Tier
from portal.workforce.identity import InvalidNumber, check_id_number
from portal.workforce.models import Worker
from portal.workforce.occupations import Catalogue


def read_query_of(view: generics.GenericAPIView, query: type[Query]) -> dict[str, Any]:
    """The checked parameters of a request; none while the schema is drawn."""
    return {} if getattr(view, "swagger_fake_view", False) else query.read(view.request)


class Root(PublicData):
    """The addresses of the API."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT}, operation_id="root")
    def get(self, request: Request) -> Response:
        names = [
            "schema",
            "docs",
            "regions",
            "clauses",
            "parameters",
            "benefits",
            "honours",
            "notices",
            "windows",
            "eligibility-checks",
            # The first endpoint of a programme is called as its address.
            *(programme.address for programme in programmes() if programme.has("api")),
            "workers",
            "messages",
            "extracts",
            "coverage",
            "funds",
            "fund-batches",
            "bank-answers",
            "recoveries",
        ]
        return Response({name: reverse(f"api:{name}", request=request) for name in names})


@extend_schema_field({"type": "string", "format": "region-code", "pattern": "^[0-9]{6}$"})
class RegionCode(serializers.RegexField):
    """Six digits; whether there is such a division is asked of the list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[0-9]{6}\Z", **kwargs)


@extend_schema_field({"type": "string", "format": "id-number", "pattern": "^[0-9]{17}[0-9X]$"})
class IdNumber(serializers.CharField):
    """A number whose check digit and day of birth are right."""


class RegionQuery(Query):
    tier = serializers.ChoiceField(Tier.choices, required=False)
    parent = RegionCode(required=False, help_text="上级区划代码")


@extend_schema(parameters=[RegionQuery])
class Regions(PublicData, generics.ListAPIView):
    """Divisions by GB/T 2260 with their service windows."""

    serializer_class = RegionSerializer
    pagination_class = ByCode
    queryset = Region.objects.select_related("window")

    def get_queryset(self) -> QuerySet[Region]:
        query = read_query_of(self, RegionQuery)
        regions = super().get_queryset()
        if "tier" in query:
            regions = regions.filter(tier=query["tier"])
        if "parent" in query:
            if not Region.objects.filter(code=query["parent"]).exists():
                raise BadField(
                    "parent", f"没有代码为“{query['parent']}”的行政区划。", "区划代码，见本接口返回的 code"
                )
            regions = regions.filter(parent_id=query["parent"])
        return regions


@extend_schema_view(get=extend_schema(operation_id="region"))
class OneRegion(PublicData, generics.RetrieveAPIView):
    serializer_class = RegionSerializer
    queryset = Region.objects.select_related("window")
    lookup_field = "code"


class Clauses(PublicData, generics.ListAPIView):
    """The clauses of the policy: our own summary, the departments with the lead first."""

    serializer_class = ClauseSerializer
    pagination_class = None
    queryset = Clause.objects.all()

    def get_queryset(self) -> QuerySet[Clause]:
        read_query_of(self, Query)
        return Clause.objects.with_departments()


class DayQuery(Query):
    on = Day(required=False, help_text="查询日，默认为今天")


@extend_schema(parameters=[DayQuery])
class Parameters(PublicData, generics.ListAPIView):
    """The figures of the law in force on a day, each with its source; without a source there is no value."""

    serializer_class = ParameterSerializer
    pagination_class = None
    queryset = Parameter.objects.all()

    def get_queryset(self) -> QuerySet[Parameter]:
        day = read_query_of(self, DayQuery).get("on") or timezone.localdate()
        return Parameter.objects.with_values_on(day)


class MaySeeWorkers(BasePermission):
    """Staff with a place, and a worker for themselves."""

    message = "查询技术工人档案须由经办、审核等工作人员或本人登录。"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return can(request.user, "worker.view") or hasattr(request.user, "worker")


class WorkerQuery(Query):
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")
    level = serializers.ChoiceField(sorted(LEVELS, key=LEVELS.__getitem__), required=False)
    occupation = serializers.CharField(max_length=60, required=False)
    name = serializers.CharField(max_length=30, required=False, help_text="姓名中的一个或几个字")


class NumberSerializer(serializers.Serializer):
    id_number = IdNumber(max_length=18, help_text="18位证件号码，完整")

    def validate_id_number(self, value: str) -> str:
        try:
            return check_id_number(value)
        except InvalidNumber as wrong:
            raise serializers.ValidationError(str(wrong)) from wrong


def _record_seen(request: Request, workers: list[Worker], action: str) -> None:
    """Who saw whose data stands in the audit trail, for the API as for the pages."""
    audit.record_many(
        action, by=request.user, about=[(worker, worker, worker.work_region_id, None) for worker in workers]
    )


@extend_schema(parameters=[WorkerQuery])
class Workers(generics.ListAPIView):
    """Workers the caller may see, mquery."""

    permission_classes = [MaySeeWorkers]
    serializer_class = WorkerSerializer
    pagination_class = ByCursor
    queryset = Worker.objects.none()

    def get_queryset(self) -> QuerySet[Worker]:
        query = read_query_of(self, WorkerQuery)
        workers = Worker.objects.visible_to(self.request.user).select_related("employer")
        if region := query.get("region"):
            if not Region.objects.filter(code=region).exists():
                raise BadField("region", f"没有代码为“{region}”的行政区划。", "见 /api/regions/")
            if region.endswith("00") and not region.endswith("0000"):
                workers = workers.filter(league_code=region)
            elif not region.endswith("0000"):
                workers = workers.filter(work_region_id=region)
        if "level" in query:
            workers = workers.filter(skill_level=LEVELS[query["level"]])
        if "occupation" in query:
            workers = workers.filter(occupation=query["occupation"])
        if "name" in query:
            workers = workers.named(query["name"])
        return workers

    def paginate_queryset(self, queryset: QuerySet[Worker]) -> list[Worker] | None:
        page = super().paginate_queryset(queryset)
        _record_seen(self.request, page or [], "worker.list")
        self.catalogue = Catalogue(worker.occupation for worker in page or [])
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "catalogue": getattr(self, "catalogue", None)}


class WorkersByNumber(APIView):
    """The worker with an ID number, if the caller may see them. The number is sent, so that it stands in no address."""

    permission_classes = [MaySeeWorkers]

    @extend_schema(
        request=NumberSerializer,
        responses={200: inline_serializer("WorkersByNumber", {"results": WorkerSerializer(many=True)})},
        operation_id="workers_by_number",
    )
    def post(self, request: Request) -> Response:
        asked = NumberSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        visible = Worker.objects.visible_to(request.user).select_related("employer")
        found = list(visible.with_id_number(asked.validated_data["id_number"]))
        worker = found[0] if found else None
        audit.record(
            "worker.search",
            by=request.user,
            obj=worker,
            worker=worker,
            region=worker.work_region_id if worker else None,
            detail={"by": "id_number", "found": worker is not None},
        )
        catalogue = Catalogue(one.occupation for one in found)
        shown = WorkerSerializer(found, many=True, context={"request": request, "catalogue": catalogue})
        return Response({"results": shown.data})


@extend_schema_view(get=extend_schema(operation_id="worker"))
class OneWorker(generics.RetrieveAPIView):
    """One worker the caller may see, mquery."""

    permission_classes = [MaySeeWorkers]
    serializer_class = WorkerSerializer
    queryset = Worker.objects.none()

    def get_queryset(self) -> QuerySet[Worker]:
        return Worker.objects.visible_to(self.request.user).select_related("employer")

    def get_object(self) -> Worker:
        worker = super().get_object()
        _record_seen(self.request, [worker], "worker.view")
        self.catalogue = Catalogue([worker.occupation])
        return worker

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "catalogue": getattr(self, "catalogue", None)}


class Tokens(APIView):
    """Where tokens were given for a name and a password, before they were issued on a page."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        where = request.build_absolute_uri(django_reverse("accounts:tokens"))
        problem = error(None, "令牌不再用用户名和密码换取，请登录后在网页上领取。", where)
        return Response({"errors": [problem]}, status=status.HTTP_410_GONE)
