"""Scans of what a court wrote of a recovery: to look at, to keep, and to take away what came by mistake."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.cache import never_cache

from portal.formats import date_iso
from portal.funds import court_documents
from portal.funds.models import CourtDocument
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action, stopped
from portal.pages.case_page import Fact
from portal.pages.files import file_answer
from portal.pages.forms import ReasonForm
from portal.window.funds.pages import crumbs
from portal.window.funds.recoveries import TITLE
from portal.window.funds.recovery_pages import ABOUT, address_of


def _visible(request: HttpRequest, pk: int) -> CourtDocument:
    """A document of a recovery of the user's places; 404 for others, and for what was removed."""
    mine = CourtDocument.objects.visible_to(request.user).not_removed()
    return get_object_or_404(mine.select_related("handover__recovery__payable__case", "uploaded_by"), pk=pk)


@never_cache
@staff("funds.view")
def court_document(request: HttpRequest, pk: int) -> HttpResponse:
    """What is shown of a document, or with `?original` the file as it was handed in; audited."""
    document = _visible(request, pk)
    if "original" in request.GET:
        return file_answer(
            request, partial(court_documents.open_original, document, by=request.user), save=True
        )
    return file_answer(
        request,
        partial(court_documents.open_document, document, by=request.user),
        save="download" in request.GET,
    )


@staff("funds.recover", "GET", "HEAD", "POST")
def court_document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away what one handed in by mistake."""
    document = _visible(request, pk)
    recovery = document.handover.recovery
    back = address_of(recovery)
    form = ReasonForm(posted(request), label="移除原因", longest=200)

    def check() -> None:
        court_documents.require_removable(document, recovery, by=request.user)

    if (refused := stopped(request, check, otherwise=back)) is not None:
        return refused

    def act(said: dict[str, Any]) -> Done:
        court_documents.remove(document.pk, reason=said["reason"], by=request.user)
        return Done("已移除。", back)

    page = ActionPage(
        title="移除法院文书",
        crumbs=crumbs(
            (TITLE, reverse("window:fund_recoveries")), (recovery.number, back), ("移除法院文书", "")
        ),
        submit="移除",
        back=back,
        consequence="扫描件删除，不能恢复；文书种类、文号、上传人和移除原因保留记录。",
        kind="danger",
    )
    facts = [
        Fact("文书", document.get_paper_display()),
        Fact("文号", document.number),
        Fact("文书日期", date_iso(document.issued_on)),
        Fact("扫描件", document.file_name),
    ]
    return act_on(request, form, act) or show_action(
        request, page, form, template=ABOUT, about=f"追回 {recovery.number}", facts=facts
    )
