"""Scans of what a court wrote of a recovery, over the API: handed in, had, and taken away when by mistake."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, parsers, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.access import NotNow
from portal.api.bodies import Body, Choice, Text
from portal.api.doors import ForStaff
from portal.api.funds import SEES
from portal.api.parsing import JSONParser
from portal.api.queries import Day
from portal.api.recovery_shapes import CourtDocumentSerializer
from portal.funds import court_documents
from portal.funds.court_documents import Paper
from portal.funds.models import CourtDocument, CourtPaper, Recovery
from portal.opened_files import NotShown

_RECORDS = "funds.recover"


class CourtDocumentBody(Body):
    """A scan, and what it is."""

    paper = Choice(CourtPaper.choices, help_text="文书种类")
    number = Text(most=80, help_text="文号")
    issued_on = Day(help_text="文书日期")
    file = serializers.FileField(help_text="扫描件：PDF、照片或者OFD")


class RemoveBody(Body):
    reason = Text(most=200, help_text="移除原因")


def _visible(request: Request, pk: int) -> CourtDocument:
    """A document of a recovery of the user's places; 404 for others, and for what was removed."""
    mine = CourtDocument.objects.visible_to(request.user).not_removed()
    found: CourtDocument = generics.get_object_or_404(
        mine.select_related("handover__recovery__payable__case"), pk=pk
    )
    return found


class AttachCourtDocument(ForStaff):
    """Hand in the scan of a document of a recovery that a court was asked to enforce."""

    permission = _RECORDS
    parser_classes = (parsers.MultiPartParser,)

    @extend_schema(
        operation_id="attach_court_document",
        summary="登记法院文书，上传扫描件",
        request={"multipart/form-data": CourtDocumentBody},
        responses={201: CourtDocumentSerializer, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        seen = Recovery.objects.visible_to(request.user)
        recovery = generics.get_object_or_404(seen, pk=pk)
        given = CourtDocumentBody.read(request)
        upload = given.pop("file")
        made = court_documents.attach(recovery.pk, upload, Paper(**given), by=request.user)
        return Response(CourtDocumentSerializer(made).data, status.HTTP_201_CREATED)


class OneCourtDocument(ForStaff):
    """What is shown of a document; every opening is in the audit."""

    permission = SEES

    @extend_schema(
        operation_id="court_document",
        summary="法院文书的扫描件",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 409: None},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        document = _visible(request, pk)
        try:
            opened = court_documents.open_document(document, by=request.user)
        except NotShown as why:
            raise NotNow(str(why)) from why
        answer = HttpResponse(opened.content, content_type="application/octet-stream")
        answer["Content-Disposition"] = content_disposition_header(True, opened.name) or "attachment"
        return answer


class RemoveCourtDocument(ForStaff):
    """Take away what one handed in by mistake."""

    permission = _RECORDS
    parser_classes = (JSONParser,)

    @extend_schema(
        operation_id="remove_court_document",
        summary="移除上传有误的法院文书",
        request=RemoveBody,
        responses={204: None, 409: None},
    )
    def post(self, request: Request, pk: int) -> Response:
        document = _visible(request, pk)
        given = RemoveBody.read(request)
        court_documents.remove(document.pk, reason=given["reason"], by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def addresses() -> list[URLPattern]:
    """Where it is handed in, had, and taken away."""
    return [
        path(
            "funds/recoveries/<int:pk>/court-documents/",
            AttachCourtDocument.as_view(),
            name="attach-court-document",
        ),
        path("funds/court-documents/<int:pk>/", OneCourtDocument.as_view(), name="court-document"),
        path(
            "funds/court-documents/<int:pk>/remove/",
            RemoveCourtDocument.as_view(),
            name="remove-court-document",
        ),
    ]
