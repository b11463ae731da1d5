"""Claims over the API: the list, one in full, what somebody can claim, and the beginning of a claim."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import generics, serializers, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.access import require
from portal.address_codes import UnknownCode, number_of
from portal.api.bodies import Body, Choice, Named, Whole, YesNo
from portal.api.errors import BadField
from portal.api.pagination import ByCursor
from portal.api.parsing import JSONParser
from portal.api.queries import Query
from portal.api.views import RegionCode, read_query_of
from portal.cases.models import Case, Channel
from portal.funds.course import Stage
from portal.pages.view_log import name_asked, record_shown
from portal.regions.models import Region
from portal.workforce.merged import records_of
from portal.workforce.models import SkillCredential, Worker
from portal.workforce.models.base import own_records
from portal.workforce.subjects import CERTIFICATE
from subsidies import claiming
from subsidies.api.shapes import AMOUNT, CODES, ClaimSerializer, RowSerializer, SubjectSerializer
from subsidies.finding import DUE, cases_found_by, listed
from subsidies.models import TRAINING, Claim, CompletedTraining
from subsidies.schemes import SCHEMES
from subsidies.views.claim_page import ClaimPage
from subsidies.workflow import ClaimState

# A claim in an address, as the description says it.
IN_PATH = OpenApiParameter(
    "number", {"type": "string", "format": "claim-number"}, OpenApiParameter.PATH, description="办件编号"
)
JSON: tuple[type[BaseParser], ...] = (JSONParser,)
NUMBER = r"[A-Z]{1,4}-?[0-9A-Z-]{4,19}"


class ClaimQuery(Query):
    """The filters of the list, those of its page."""

    kind = serializers.ChoiceField(list(SCHEMES), required=False)
    state = serializers.ChoiceField(ClaimState.choices, required=False)
    region = RegionCode(required=False, help_text="旗县或盟市区划代码")
    channel = serializers.ChoiceField(Channel.choices, required=False)
    money = serializers.ChoiceField(Stage.choices, required=False, help_text="资金所处的阶段")
    due = serializers.ChoiceField(DUE, required=False)
    name = serializers.CharField(max_length=20, required=False, help_text="姓名中的一个或几个字")


def require_region(code: str | None) -> None:
    """Refuse a region that is none."""
    if code and not Region.objects.filter(code=code).exists():
        raise BadField("region", f"没有代码为“{code}”的行政区划。", "见 /api/regions/")


class BeginSerializer(Body):
    """A claim that is begun, and handed in at once when nothing is to be added."""

    about = Choice([CERTIFICATE, TRAINING], default=CERTIFICATE, help_text="凭技能证书，还是凭培训结业")
    subject = Named(r"[a-z2-7]{26}", called="subject-code", help_text="证书或者培训的代码，见可申请的补贴")
    kind = Choice(list(SCHEMES))
    channel = Choice(Channel.choices)
    unit = Whole(required=False, min_value=1, max_value=2**31, help_text="单位代办的，单位的编号")
    hand_in = YesNo(default=False, help_text="是否同时提交")


def shown(request: Request, number: str) -> dict[str, Any]:
    """The claim as it now stands."""
    page = ClaimPage.open(request, number)
    return dict(ClaimSerializer(page, context={"request": request}).data)


class Claims(generics.ListAPIView):
    """Claims that the caller may see, the last opened first."""

    serializer_class = RowSerializer
    pagination_class = ByCursor
    parser_classes = JSON
    queryset = Claim.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        """The cases of the claims: a list is found by their indexes."""
        self.asked = read_query_of(self, ClaimQuery)
        require_region(self.asked.get("region"))
        seen = Case.objects.visible_to(self.request.user)
        return cases_found_by(seen, self.asked, by=self.request.user).only("pk")

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        cases: list[Case] = super().paginate_queryset(queryset) or []
        page = listed(self.request.user, [case.pk for case in cases])
        asked = [f"{name}：{value}" for name, value in self.asked.items() if name != "name"]
        if "name" in self.asked:
            asked.append(name_asked(self.asked["name"]))
        record_shown([claim.worker_id for claim in page], by=self.request.user, asked=asked)
        return page

    @extend_schema(operation_id="claims", summary="本人有权查看的补贴申请，新的在前", parameters=[ClaimQuery])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="begin_claim",
        summary="填写一件补贴申请",
        request=BeginSerializer,
        responses={201: ClaimSerializer, 404: None, 409: None},
    )
    def post(self, request: Request) -> Response:
        given = BeginSerializer.read(request)
        begin = claiming.claim_at_once if given["hand_in"] else claiming.draft
        claim = begin(
            _subject(given["about"], given["subject"], request.user),
            given["kind"],
            channel=given["channel"],
            by=request.user,
            on=timezone.localdate(),
            unit_id=given.get("unit"),
            about=given["about"],
        )
        return Response(shown(request, claim.case.number), status=status.HTTP_201_CREATED)


def _subject(about: str, code: str, user: Any) -> int:
    """The certificate or training of a code, of a person whom the user sees: whether they may claim by it is for the
    action to say.
    """
    seen: QuerySet[Any] = SkillCredential.objects.visible_to(user)
    if about == TRAINING:
        seen = CompletedTraining.objects.visible_to(user)
    try:
        pk = number_of(CODES[about], code)
    except UnknownCode as unknown:
        raise Http404 from unknown
    if not seen.filter(pk=pk).exists():
        raise Http404
    return pk


class OneClaim(APIView):
    """One claim in full."""

    @extend_schema(
        operation_id="claim",
        summary="一件补贴申请：条件、材料、重复情况、办理经过",
        responses=ClaimSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        page = ClaimPage.open(request, number)
        page.record_view()
        return Response(ClaimSerializer(page, context={"request": request}).data)


class ClaimableSerializer(serializers.Serializer):
    """A certificate or a completed training, and what can be claimed by it."""

    subject = SubjectSerializer()
    kind = serializers.CharField(source="scheme.kind")
    title = serializers.CharField(source="scheme.title")
    amount = serializers.DecimalField(**AMOUNT)  # type: ignore[arg-type]
    is_ready = serializers.BooleanField(help_text="条件已全部核验，不需要再填写或者上传")
    stated = serializers.CharField(
        source="stated.outcome", help_text="按登记的信息：eligible 或 undetermined"
    )
    verified = serializers.CharField(
        source="verified.outcome", default=None, allow_null=True, help_text="按已核验的信息"
    )


class Claimable(APIView):
    """What a worker can claim today: asked by themselves, or by the window of their place."""

    @extend_schema(
        operation_id="claimable",
        summary="一名技术工人今天可以申请的补贴",
        responses=inline_serializer("ClaimableList", {"results": ClaimableSerializer(many=True)}),
    )
    def get(self, request: Request, pk: int) -> Response:
        seen = Worker.objects.visible_to(request.user)
        worker = generics.get_object_or_404(seen, pk=pk)
        if worker.pk not in own_records(request.user):
            require(request.user, "claim.take_in", worker.work_region_id)
        standing = seen.filter(pk=records_of(worker.pk)[0]).first() or worker
        found = claiming.claimable(standing, on=timezone.localdate())
        return Response({"results": ClaimableSerializer(found, many=True).data})
