"""What units put forward, over the API: the person answers as on their own page, the window as with the paper brought."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, parsers, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import Body, Choice, Text, Whole, YesNo
from portal.api.errors import BadField
from portal.api.pagination import ByCursor
from portal.api.queries import Query
from portal.api.views import read_query_of
from portal.file_inspection import inspect
from portal.pages.view_log import record_shown
from subsidies.api.claims import JSON, shown
from subsidies.api.shapes import ClaimSerializer, SubjectSerializer
from subsidies.by_unit import consenting
from subsidies.by_unit.models import Proposal
from subsidies.by_unit.workflow import ProposalState
from subsidies.claiming import accounts_of
from subsidies.views.proposals import ProposalPage

_ACCOUNTS = ("later", "unit")
IN_PATH = OpenApiParameter(
    "number",
    {"type": "string", "format": "proposal-number"},
    OpenApiParameter.PATH,
    description="办件编号",
)


class ProposalSerializer(serializers.Serializer):
    """A claim that a unit put forward for somebody, and where it stands."""

    number = serializers.CharField(source="case.number", help_text="办件编号")
    state = serializers.ChoiceField(ProposalState.choices, source="case.state")
    kind = serializers.CharField()
    unit = serializers.CharField(source="unit.name", help_text="提出单位")
    name = serializers.CharField(source="worker.name")
    worker = serializers.IntegerField(source="worker_id")
    subject = SubjectSerializer()
    consent_until = serializers.DateField(help_text="确认截止日期")
    claim = serializers.CharField(
        source="claim.case.number", default=None, allow_null=True, help_text="由此提交的申请；没有为 null"
    )


class ConsentBody(Body):
    account = Whole(
        required=False, min_value=1, max_value=2**31 - 1, help_text="本人的收款账户编号；不填为以后再登记"
    )
    takes_account = YesNo(default=False, help_text="收款账户是否用单位填写的，须核对是本人账户")


class PaperBody(Body):
    paper = serializers.FileField(help_text="本人签字的同意书")
    account = Choice(_ACCOUNTS, default="later", help_text="unit：同意书写明使用单位填写的收款账户")


class DeclineBody(Body):
    reason = Text(
        most=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="原因；窗口代为记录的，写明本人在何时、以何种方式表示不同意",
    )


_BESIDE = ("case", "unit", "worker", "credential", "training", "claim__case")


class Proposals(generics.ListAPIView):
    """Those that the caller may see, the last put forward first."""

    class ByCase(ByCursor):
        ordering = "-case_id"

    serializer_class = ProposalSerializer
    pagination_class = ByCase
    queryset = Proposal.objects.none()

    def get_queryset(self) -> QuerySet[Proposal]:
        read_query_of(self, Query)
        seen = Proposal.objects.visible_to(self.request.user).select_related(*_BESIDE)
        found: QuerySet[Proposal] = seen.defer("worker__id_number", "worker__phone")
        return found

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        page: list[Proposal] = super().paginate_queryset(queryset) or []
        record_shown([proposal.worker_id for proposal in page], by=self.request.user)
        return page

    @extend_schema(operation_id="proposals", summary="单位代为提出、本人有权查看的补贴申请，新的在前")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OneProposal(APIView):
    @extend_schema(
        operation_id="proposal",
        summary="单位代为提出的一件申请",
        parameters=[IN_PATH],
        responses=ProposalSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        page = ProposalPage.open(request, number)
        page.record_view()
        return Response(ProposalSerializer(page.proposal).data)


class Consent(APIView):
    """The person agrees."""

    parser_classes = JSON

    @extend_schema(
        operation_id="consent_to_proposal",
        summary="本人同意：作为本人的补贴申请提交",
        parameters=[IN_PATH],
        request=ConsentBody,
        responses={201: ClaimSerializer, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        page, given = ProposalPage.open(request, number), ConsentBody.read(request)
        account = given.get("account")
        own = accounts_of(page.proposal.worker_id)
        if account is not None and not (page.is_own and own.filter(pk=account).exists()):
            raise BadField("account", "没有这个收款账户。", "本人登记的收款账户的编号")
        claim = consenting.consent(
            page.case.pk,
            account_id=account,
            takes_account=given["takes_account"],
            by=request.user,
            on=timezone.localdate(),
        )
        return Response(shown(request, claim.case.number), status=status.HTTP_201_CREATED)


class ConsentOnPaper(APIView):
    """The window takes in the paper on which the person agreed."""

    parser_classes = (parsers.MultiPartParser,)

    @extend_schema(
        operation_id="consent_to_proposal_on_paper",
        summary="窗口收取本人签字的同意书，提交申请",
        parameters=[IN_PATH],
        request={"multipart/form-data": PaperBody},
        responses={201: ClaimSerializer, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        page, given = ProposalPage.open(request, number), PaperBody.read(request)
        claim = consenting.consent_on_paper(
            page.case.pk,
            inspect(given["paper"]),
            takes_account=given["account"] == "unit",
            by=request.user,
            on=timezone.localdate(),
        )
        return Response(shown(request, claim.case.number), status=status.HTTP_201_CREATED)


class Decline(APIView):
    """The person does not want it."""

    parser_classes = JSON

    @extend_schema(
        operation_id="decline_proposal",
        summary="本人不同意：不提交申请",
        parameters=[IN_PATH],
        request=DeclineBody,
        responses={200: ProposalSerializer, 409: None},
    )
    def post(self, request: Request, number: str) -> Response:
        page, given = ProposalPage.open(request, number), DeclineBody.read(request)
        consenting.decline(page.case.pk, reason=given["reason"], by=request.user, on=timezone.localdate())
        return Response(ProposalSerializer(ProposalPage.open(request, number).proposal).data)
