"""Sheets of consent over the API: those of a unit's list, and that of one person; by the same rules as on the pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.access import Refused
from portal.api.jobs import JobSerializer
from portal.audit.middleware import client_address
from portal.lists.downloads import FILES
from subsidies.api.proposals import IN_PATH
from subsidies.by_unit import consent_sheets
from subsidies.by_unit.models import ClaimFile
from subsidies.views.proposals import ProposalPage

_PDF = {(200, "application/pdf"): OpenApiTypes.BINARY, 409: None}


def _saved(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


class SheetsOfList(APIView):
    """The sheets of all of a list who have not answered, as one file that a job lays out."""

    def _given(self, request: Request, pk: int) -> ClaimFile:
        seen = ClaimFile.objects.visible_to(request.user).select_related("unit")
        given: ClaimFile = generics.get_object_or_404(seen, pk=pk)
        return given

    @extend_schema(
        operation_id="lay_out_consent_sheets",
        summary="生成一份名单中尚未答复者的同意书，进度见返回的后台任务",
        request=None,
        responses={202: JobSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        job = consent_sheets.lay_out(self._given(request, pk), by=request.user)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="consent_sheets",
        summary="已生成的同意书，一人一页；没有生成或者生成后有人答复的，须先生成",
        responses=_PDF,
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        given = self._given(request, pk)
        content = consent_sheets.fetch(given, by=request.user)
        return _saved(content, f"同意书-{given.file_name.rsplit('.', 1)[0]}.pdf")


class SheetOfOne(APIView):
    """The sheet of one person, for the window that gives it out, or for that person."""

    @extend_schema(
        operation_id="consent_sheet",
        summary="一个人的同意书",
        parameters=[IN_PATH],
        responses=_PDF,
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        page = ProposalPage.open(request, number)
        if wait := FILES.wait(client_address(request)):
            raise Throttled(wait)
        if reason := page.reason_against_sheet:
            raise Refused(reason)
        built: Any = consent_sheets.one(page.proposal, by=request.user)
        return _saved(built.pdf, f"同意书-{number}.pdf")
