"""The page of one verdict: the facts and the form on one side, the documents handed in on the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.pages.action_page import ActionPage, Done, act_on, show_action
from portal.reasons import ReasonField
from portal.window.people.sections import section_of
from portal.workforce.actions import documents_of
from portal.workforce.models import ImprobableRecord, RecordDocument
from portal.workforce.record_kinds import RecordKind

SEEN_HINT = "写明查看的材料，例如：证书原件、劳动合同、社保经办系统查询结果、全国联网查询截图。"


class SeenForm(forms.Form):
    """What document was seen."""

    seen = ReasonField(label="核验依据", max_length=200, help_text=SEEN_HINT)


class ChangesSeenForm(forms.Form):
    """What document was seen of each of many changes."""

    seen = forms.CharField(label="确认依据", max_length=200, help_text=SEEN_HINT)


class SeenOfRecordForm(SeenForm):
    """The same of one record: one of the documents handed in with it, or another."""

    documents = forms.TypedMultipleChoiceField(
        label="已逐项核对的上传材料", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    field_order = ["documents", "seen"]

    def __init__(self, data: Any, documents: Sequence[RecordDocument]) -> None:
        super().__init__(data)
        if not documents:
            del self.fields["documents"]
            return
        choices = [(document.pk, f"{document.label}（{document.file_name}）") for document in documents]
        self.fields["documents"].choices = choices  # type: ignore[attr-defined]
        self.fields["seen"].required = False
        self.fields["seen"].label = "其他核验依据"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if (
            self._must_be_seen
            and not given.get("documents")
            and not given.get("seen")
            and "seen" not in self.errors
        ):
            self.add_error("seen", "请选择已核对的上传材料，或写明核验依据。")
        return given

    # Whether something must have been seen; an honour whose document is published may be verified without.
    _must_be_seen = True


class WrongForm(forms.Form):
    """What does not agree."""

    reason = ReasonField(
        label="不符的情况",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="登记人会看到这里写的内容，并据此更正。例如：证书编号查询不到；发证日期应为2026年5月10日。",
    )


def judge(
    request: HttpRequest,
    page: ActionPage,
    form: forms.Form,
    act: Callable[[dict[str, Any]], Done],
    *,
    kind: RecordKind,
    record: Any,
    judged: str = "",
    wrong: str = "",
) -> HttpResponse:
    """Acts, or shows the record and whose it is over the form; `judged` is the verdict there is, `wrong` leads to
    the other one.
    """
    cells = [{"label": label, "value": cell(record)} for label, cell in section_of(kind.code).columns]
    improbable: Any = ImprobableRecord.objects.visible_to(request.user)
    shown = {
        "record": record,
        "kind": kind,
        "worker": record.worker,
        "cells": cells,
        "judged": judged,
        "wrong": wrong,
        "documents": documents_of(kind.code, record),
        "improbable": improbable.filter(worker=record.worker_id, kind=kind.code, record_id=record.pk),
    }
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form, template="window/record_verdict.html", **shown)


def judged_already(request: HttpRequest, words: str, back: str) -> HttpResponse:
    """Back to the list, for whoever comes to the page of a verdict that was given already."""
    messages.info(request, words)
    return redirect(back)
