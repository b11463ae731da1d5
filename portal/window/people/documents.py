"""The documents of a record: the page where they are handed in, and one of them to look at."""

from __future__ import annotations

from functools import partial
from typing import Any

from csp.decorators import csp_replace
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from portal.file_inspection import ACCEPT, ACCEPTED, FileRefused
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, show_action
from portal.pages.files import file_answer
from portal.upload_fields import UploadField
from portal.window.people.sections import section_of
from portal.window.people.workers import crumbs
from portal.workforce.actions import (
    attach_document,
    documents_of,
    may_hand_in,
    open_document,
    open_original_document,
    remove_document,
)
from portal.workforce.models import RecordDocument
from portal.workforce.record_kinds import ALL_KINDS, PAYEE, RecordKind

_KINDS = {kind.code: kind for kind in ALL_KINDS}


class DocumentForm(forms.Form):
    """One file, and what it is."""

    label = forms.CharField(
        label="材料名称", max_length=80, help_text="例如：技能等级证书、劳动合同、社保缴费证明"
    )
    file = UploadField(
        label="照片或PDF",
        takes=ACCEPTED,
        accept=ACCEPT,
        most=settings.EVIDENCE_MAX_BYTES,
        help_text=f"一条信息最多{settings.EVIDENCE_MAX_FILES}个。证书请拍全四角，字迹清楚。",
    )


def _record(request: HttpRequest, kind: str, record_id: int) -> tuple[RecordKind, Any]:
    row = _KINDS.get(kind)
    if row is None:
        raise Http404
    records: Any = row.model._default_manager
    related = ("worker__work_region__parent", "recorded_by", *section_of(kind).joins)
    return row, get_object_or_404(records.visible_to(request.user).select_related(*related), pk=record_id)


@staff("worker.view", "GET", "HEAD", "POST")
def record_documents(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """What the record rests on; whoever writes such records down or confirms them hands in more."""
    row, record = _record(request, kind, record_id)
    form = DocumentForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    here = reverse("window:record_documents", args=[kind, record.pk])

    def act(given: dict[str, Any]) -> Done | None:
        try:
            document = attach_document(
                kind, record.pk, given["file"], label=given["label"], by=request.user, on=timezone.localdate()
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        return Done(f"已上传“{document.label}”。", here)

    title = f"{row.title}的材料"
    page = ActionPage(
        title=title,
        crumbs=crumbs(record.worker, (title, "")),
        consequence="上传后加密保存，仅本人和有权查看该人员的工作人员可以查看，每次查看都有记录。",
        heading="上传材料",
        submit="上传",
        back=f"{reverse('window:worker', args=[record.worker_id])}#{kind}",
    )
    shown = {
        "record": record,
        "worker": record.worker,
        "cells": [{"label": label, "value": cell(record)} for label, cell in section_of(kind).columns],
        "documents": documents_of(kind, record),
        "may_hand_in": may_hand_in(kind, record.worker, request.user),
    }
    answer = act_on(request, form, act) if request.method == "POST" else None
    return answer or show_action(request, page, form, template="window/record_documents.html", **shown)


def _page_of(document: RecordDocument) -> str:
    """Where the document is shown among the others of its record."""
    if document.kind == PAYEE.code:
        return reverse("window:payee", args=[document.record_id])
    return reverse("window:record_documents", args=[document.kind, document.record_id])


@staff("worker.view", "POST")
def record_document_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away what one handed in oneself."""
    document = get_object_or_404(RecordDocument.objects.visible_to(request.user).not_removed(), pk=pk)
    here = _page_of(document)

    def act() -> Done:
        remove_document(document.pk, by=request.user, on=timezone.localdate())
        return Done(f"已移除“{document.label}”。", here)

    return act_at_once(request, act, otherwise=here)


# A PDF stands in a frame beside the facts, on a page of ours and nowhere else.
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type]
@never_cache
@login_required
@require_safe
def record_document(request: HttpRequest, pk: int) -> HttpResponse:
    """What is shown of a document, to look at or (`?download`) to keep. Whoever may not see it learns nothing of it
    (404); opening is audited.
    """
    opening = partial(open_document, _document(request, pk), by=request.user)
    return file_answer(request, opening, save="download" in request.GET)


@never_cache
@login_required
@require_safe
def record_document_original(request: HttpRequest, pk: int) -> HttpResponse:
    """The document as it was handed in, to be saved, for who reviews or audits; audited."""
    opening = partial(open_original_document, _document(request, pk), by=request.user)
    return file_answer(request, opening, save=True)


def _document(request: HttpRequest, pk: int) -> RecordDocument:
    documents: Any = RecordDocument.objects
    return get_object_or_404(documents.visible_to(request.user).not_removed().select_related("worker"), pk=pk)
