"""A finished case as one file over the API: laid out by a job, then had as a zip."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.access import NotNow
from portal.api.doors import ForStaff
from portal.api.jobs import JobSerializer
from portal.cases.models import Case
from portal.letters import case_files
from portal.pages.case_archives import kept_pdf, zip_answer

_IN_PATH = OpenApiParameter(
    "number", {"type": "string", "format": "case-number"}, OpenApiParameter.PATH, description="办件编号"
)


class CaseFile(ForStaff):
    """For who may see everything of the case."""

    permission = "case.view"

    def _case(self, request: Request, number: str) -> Case:
        case: Case = generics.get_object_or_404(Case.objects.visible_to(request.user), number=number)
        case_files.require_all(case, request.user)
        return case

    @extend_schema(
        operation_id="case_file",
        summary="已办结办件的案卷（ZIP）：案卷PDF、材料原件、信函和清单",
        parameters=[_IN_PATH],
        responses={(200, "application/zip"): OpenApiTypes.BINARY, 409: None},
    )
    def get(self, request: Request, number: str) -> HttpResponseBase:
        case = self._case(request, number)
        pdf = kept_pdf(case)
        if pdf is None:
            raise NotNow("案卷尚未生成，请先用POST生成。")
        return zip_answer(case, pdf, by=request.user)

    @extend_schema(
        operation_id="lay_out_case_file",
        summary="生成已办结办件的案卷",
        parameters=[_IN_PATH],
        request=None,
        responses={202: JobSerializer},
    )
    def post(self, request: Request, number: str) -> Response:
        job = case_files.lay_out(self._case(request, number), by=request.user)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
