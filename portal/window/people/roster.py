"""Rosters: give one in, see what came of every row, fetch the rows that came back, decide on names that
differ.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, When
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.accounts.access import Refused, can
from portal.accounts.polling import STOP_POLLING, polled
from portal.pages.access import staff
from portal.pages.view_log import record_shown
from portal.paging import counts_of, page_asked
from portal.reasons import ReasonField
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.template import template_csv, template_xlsx
from portal.templatetags.portal import progress_context
from portal.upload_fields import SpreadsheetField
from portal.window.people.roster_preview import show_preview
from portal.workforce.models import NameConflict, NameDecision, RecordChange, RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster import actions, mending, receiving, undoing
from portal.workforce.roster.columns import ROSTER
from portal.workforce.roster.jobs import UNDO_KIND

_TONES = {
    Phase.DONE: "good",
    Phase.FAILED: "bad",
    Phase.PREVIEWED: "warn",
    Phase.DISCARDED: "plain",
    Phase.UNDONE: "plain",
}
_MOST_OF_UNITS = 30
_TEMPLATES = {
    "xlsx": (template_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (template_csv, "text/csv; charset=utf-8"),
}


class RosterForm(forms.Form):
    file = SpreadsheetField(
        label="花名册文件",
        most=settings.UPLOAD_MAX_BYTES,
        as_kept=True,
        help_text="可以直接使用单位现有的表格：先预览，确认后才读入。",
        error_messages={"required": "请选择花名册文件。", "empty": "文件是空的，请选择已填写的花名册。"},
    )


@staff("roster.import", "GET", "HEAD", "POST")
def roster(request: HttpRequest) -> HttpResponse:
    """The form, and one's own imports, the latest first."""
    form = RosterForm(request.POST, request.FILES) if request.method == "POST" else RosterForm()
    if request.method == "POST" and form.is_valid():
        try:
            record = receiving.receive(form.cleaned_data["file"], by=request.user)
        except (FileRefused, Refused) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("window:roster_import", record.pk)
    seen = RosterImport.objects.visible_to(request.user)
    page = page_asked(seen.own_of(request.user), request.GET, order=("-id",), count=True)
    context = {
        "title": "花名册导入",
        "form": form,
        "page": page,
        "columns": ROSTER.columns,
        "rows": [(record, _TONES.get(record.phase, "info")) for record in page.rows],
        "of_units": _of_units(request),
        "conflicts": NameConflict.objects.visible_to(request.user).open().exists(),
        "decides": can(request.user, "worker.conflict.decide"),
    }
    return render(request, "window/roster.html", context, status=400 if form.errors else 200)


def _of_units(request: HttpRequest) -> list[tuple[RosterImport, str]]:
    """Rosters that units have handed in: those that wait first."""
    of_units = RosterImport.objects.visible_to(request.user).filter(unit__isnull=False)
    listed = of_units.select_related("unit").exclude(by_id=request.user.pk)
    waits = Case(When(phase=Phase.HANDED_IN, then=0), default=1)
    rows = listed.order_by(waits, "-id")[:_MOST_OF_UNITS]
    return [(record, _TONES.get(Phase(record.phase), "info")) for record in rows]


@staff("roster.import")
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty roster to fill in."""
    make, content_type = _TEMPLATES[kind]
    response = HttpResponse(make(ROSTER), content_type=content_type)
    response["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''%E8%8A%B1%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.{kind}"
    )
    return response


def _own_import(request: HttpRequest, pk: int) -> RosterImport:
    return get_object_or_404(
        RosterImport.objects.visible_to(request.user).select_related("job", "unit"), pk=pk
    )


def _results(record: RosterImport) -> list[tuple[str, str]]:
    words = "查看预览" if record.phase == Phase.PREVIEWED else "查看导入结果"
    results = [(reverse("window:roster_import", args=[record.pk]), words)]
    if record.has_refused_file:
        results.append(
            (reverse("window:roster_refused", args=[record.pk]), f"下载未通过的{record.refused:,}行")
        )
    return results


@staff("roster.import")
def roster_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What came of one file: how far it is, then the counts and the rows that came back."""
    record = _own_import(request, pk)
    if record.phase in {Phase.PREVIEWED, Phase.HANDED_IN}:
        return show_preview(request, record)
    undone = record.phase == Phase.UNDONE
    done = record.phase == Phase.DONE or undone
    works = record.job is not None and not record.job.finished
    refused_to_undo = done and not undone and record.job is not None and record.job.kind == UNDO_KIND
    context = {
        "title": record.file_name,
        "crumbs": [("花名册导入", reverse("window:roster")), (record.file_name, "")],
        "record": record,
        "done": done,
        "undone": undone,
        "may_mend": record.importer == request.user
        and not mending.why_not(record)
        and len(record.mended) < record.refused,
        "mended_by": RosterImport.objects.visible_to(request.user)
        .filter(mends=record.pk)
        .order_by("-id")[:10],
        "works": works or (record.job is not None and not done),
        "may_undo": done and not works and not undoing.why_not(record, request.user),
        "not_undone": record.job.message if refused_to_undo and not works and record.job else "",
        **_proposals(request, record),
        "poll": reverse("window:roster_progress", args=[pk]),
        "cancel": reverse("window:job_cancel", args=[record.job_id]) if record.job_id else "",
        "counts": [
            {"label": "读取", "value": record.rows_read},
            {"label": "新增", "value": record.added, "tone": "good" if record.added else ""},
            {"label": "更新", "value": record.changed, "tone": "good" if record.changed else ""},
            {"label": "待确认", "value": record.proposed, "tone": "warn" if record.proposed else ""},
            {"label": "无变化", "value": record.unchanged},
            {
                "label": "未通过",
                "value": record.refused,
                "tone": "bad" if record.refused else "",
                "href": reverse("window:roster_refused", args=[pk]) if record.has_refused_file else "",
            },
        ],
    }
    return render(request, "window/roster_import.html", context)


def _proposals(request: HttpRequest, record: RosterImport) -> dict[str, Any]:
    """The changes of what counts that the import has proposed, and how many of them still wait."""
    proposals = RecordChange.objects.visible_to(request.user).filter(roster_import=record.pk)
    waiting, proposed = counts_of([proposals.open(), proposals])
    name = "open" if waiting else "done"
    return {
        "proposed": proposed,
        "waiting": waiting,
        "proposals": f"{reverse('window:changes')}?list={name}&roster={record.pk}",
    }


@polled
@staff("roster.import")
def roster_progress(request: HttpRequest, pk: int) -> HttpResponse:
    record = _own_import(request, pk)
    job = record.job
    if job is None:
        return HttpResponse(status=STOP_POLLING)
    cancel = reverse("window:job_cancel", args=[job.pk])
    context = progress_context(job, cancel=cancel, results=_results(record) if job.finished else [])
    return render(
        request, "components/progress_body.html", context, status=STOP_POLLING if job.finished else 200
    )


@staff("roster.import")
def roster_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that were refused, as the file they came in, with the reason in the column 错误."""
    record = _own_import(request, pk)
    try:
        file = actions.fetch_refused(record, by=request.user)
    except ValidationError as gone:
        messages.warning(request, " ".join(gone.messages))
        return redirect("window:roster_import", pk)
    stem = record.file_name.rsplit(".", 1)[0]
    return FileResponse(file, as_attachment=True, filename=f"{stem}-未通过{record.suffix}")


class DecisionForm(forms.Form):
    decision = forms.ChoiceField(
        label="采用哪个姓名",
        choices=NameDecision.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择采用哪个姓名。"},
    )
    reason = ReasonField(
        label="核对依据",
        max_length=200,
        help_text="例如：已查验居民身份证原件",
        error_messages={"required": "请写明核对依据。"},
    )


@staff("worker.conflict.decide")
def conflicts(request: HttpRequest) -> HttpResponse:
    """Names that wait for a decision, oldest first."""
    waiting = NameConflict.objects.visible_to(request.user).open()
    listed = waiting.select_related("worker__work_region__parent", "raised_by", "roster_import")
    page = page_asked(listed.defer("worker__phone"), request.GET, order=("id",), count=True)
    record_shown([conflict.worker_id for conflict in page.rows], by=request.user, asked=["姓名不一致"])
    context = {
        "title": "姓名不一致",
        "crumbs": [("花名册导入", reverse("window:roster")), ("姓名不一致", "")],
        "page": page,
    }
    return render(request, "window/roster_conflicts.html", context)


@staff("worker.conflict.decide", "GET", "HEAD", "POST")
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """One name: what the register says, what the roster says, and the decision."""
    conflicts = NameConflict.objects.visible_to(request.user).select_related(
        "worker__work_region__parent", "raised_by", "roster_import"
    )
    conflict = get_object_or_404(conflicts, pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decide_name(conflict.pk, by=request.user, **form.cleaned_data)
        except ValidationError as problem:
            form.add_error(None, problem.messages)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request,
                f"已处理：{NameDecision(form.cleaned_data['decision']).label}。原花名册中该行可重新导入。",
            )
            return redirect("window:roster_conflicts")
    crumbs = [
        ("花名册导入", reverse("window:roster")),
        ("姓名不一致", reverse("window:roster_conflicts")),
        (conflict.registered_name, ""),
    ]
    is_own = conflict.raised_by_id == request.user.pk
    context = {
        "title": "核对姓名",
        "crumbs": crumbs,
        "conflict": conflict,
        "form": form,
        "own": is_own,
    }
    return render(request, "window/roster_conflict.html", context, status=400 if form.errors else 200)
