"""Files by which a unit puts claims forward: given in, checked, confirmed, and how far each proposal is.

The same pages for a unit's agent and for the window; both read what was given, and the stage.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.accounts.access import NotNow, Refused, can
from portal.accounts.polling import STOP_POLLING, polled
from portal.cases.applicants import units_of
from portal.lists.workbook import CONTENT_TYPE
from portal.pages.access import signed_in
from portal.pages.action_page import (
    ActionPage,
    Crumbs,
    Done,
    act_at_once,
    act_on,
    posted,
    show_action,
    stopped,
)
from portal.pages.forms import NothingForm
from portal.pages.unit_tabs import unit_tabs
from portal.pages.view_log import record_shown
from portal.paging import page_asked
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.template import template_csv, template_xlsx
from portal.templatetags.portal import progress_context
from portal.upload_fields import SpreadsheetField
from portal.workforce.models import Employer
from subsidies.by_unit import actions
from subsidies.by_unit.consent_sheets import reason_against
from subsidies.by_unit.form import FORM, MOST_BYTES, MOST_LINES
from subsidies.by_unit.models import ClaimFile, ClaimFileRow, FilePhase, RowOutcome
from subsidies.by_unit.rights import may_act
from subsidies.by_unit.workflow import ProposalState
from subsidies.schemes import SCHEMES
from subsidies.workflow import TAKE_IN

TITLE = "单位批量申请补贴"
_MOST_UNITS = 20
_TEMPLATES = {"xlsx": (template_xlsx, CONTENT_TYPE), "csv": (template_csv, "text/csv; charset=utf-8")}
_PHASES = {FilePhase.DONE: "good", FilePhase.CHECKED: "warn", FilePhase.FAILED: "bad"}
_OUTCOMES = {RowOutcome.KNOWN: "plain", RowOutcome.REFUSED: "bad", RowOutcome.GOOD: "info"}


def base_of(user: Any) -> str:
    """The house in which the pages stand: the window's, or that of units."""
    return "base_staff.html" if can(user, "window.use") else "base_public.html"


def crumbs_of(user: Any, *further: tuple[str, str]) -> Crumbs:
    """The way to a page of units' lists."""
    home = ("工作台", reverse("window:home")) if can(user, "window.use") else ("首页", reverse("public:home"))
    return [home, (TITLE, reverse("subsidies:unit_files") if further else ""), *further]


def _require_some_unit(user: Any) -> None:
    if not can(user, TAKE_IN) and not units_of(user):
        raise Refused(
            "本页供用人单位的经办人和服务窗口使用。您的账号没有登记为单位经办人，请联系单位所在地的服务窗口。"
        )


def _units(request: HttpRequest) -> tuple[list[Employer], str]:
    """The units one may act for: an agent's own; of the window those found by name."""
    name = request.GET.get("name", "").strip()[:60]
    if not can(request.user, TAKE_IN):
        return units_of(request.user), name
    if not name:
        return [], name
    found = Employer.objects.visible_to(request.user).named(name).order_by("name", "pk")[:_MOST_UNITS]
    return [unit for unit in found if may_act(unit, request.user)], name


@signed_in()
def unit_files(request: HttpRequest) -> HttpResponse:
    """The units, and the files that were given in for them, the latest first."""
    _require_some_unit(request.user)
    units, name = _units(request)
    files = ClaimFile.objects.visible_to(request.user).select_related("unit", "by")
    page = page_asked(files, request.GET, order=("-id",), size=20)
    context = {
        "title": TITLE,
        "crumbs": crumbs_of(request.user),
        "base": base_of(request.user),
        "tabs": unit_tabs(request),
        "units": units,
        "name": name,
        "searches": can(request.user, TAKE_IN),
        "page": page,
        "rows": [(given, _PHASES.get(FilePhase(given.phase), "info")) for given in page.rows],
    }
    return render(request, "subsidies/unit_files.html", context)


@signed_in()
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty list to fill in."""
    _require_some_unit(request.user)
    if kind not in _TEMPLATES:
        raise Http404
    make, content_type = _TEMPLATES[kind]
    response = HttpResponse(make(FORM), content_type=content_type)
    name = quote(f"补贴申请名单模板.{kind}")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


class FileForm(forms.Form):
    file = SpreadsheetField(
        label="补贴申请名单",
        most=MOST_BYTES,
        help_text=f"每本证书一行，最多{MOST_LINES:,}行。",
        error_messages={"required": "请选择补贴申请名单。", "empty": "文件是空的，请选择已填写的名单。"},
    )


@signed_in("GET", "HEAD", "POST")
def new_file(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Give a file in for a unit."""
    unit = get_object_or_404(Employer.objects.visible_to(request.user), pk=unit_id)
    if not may_act(unit, request.user):
        raise Http404
    form = FileForm(posted(request), request.FILES or None)

    def give_in(given: dict[str, Any]) -> Done | None:
        try:
            kept = actions.give_in(given["file"], unit.pk, by=request.user)
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        return Done("", reverse("subsidies:unit_file", args=[kept.pk]))

    page = ActionPage(
        title=f"上传名单：{unit.name}",
        crumbs=crumbs_of(request.user, ("上传名单", "")),
        heading="上传名单",
        submit="上传并核对",
        back=reverse("subsidies:unit_files"),
        consequence="先逐行核对，经您确认后才通知职工；每名职工本人同意后才提交申请。",
        base=base_of(request.user),
    )
    answer = act_on(request, form, give_in)
    return answer or show_action(
        request, page, form, template="subsidies/unit_file_new.html", columns=FORM.columns
    )


def _own(request: HttpRequest, pk: int) -> ClaimFile:
    seen = ClaimFile.objects.visible_to(request.user).select_related("unit", "job", "by")
    return get_object_or_404(seen, pk=pk)


@signed_in()
def unit_file(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a file is, what comes of its rows, and the stage of each proposal."""
    given = _own(request, pk)
    works = given.phase in {FilePhase.RECEIVED, FilePhase.CONFIRMED}
    rows = ClaimFileRow.objects.filter(file=given).select_related("proposal__case")
    page = page_asked(rows, request.GET, order=("line",), size=50)
    record_shown([row.worker_id for row in page.rows if row.worker_id], by=request.user)
    context = {
        "title": given.file_name,
        "crumbs": crumbs_of(request.user, (given.file_name, "")),
        "base": base_of(request.user),
        "given": given,
        "phase": (given.get_phase_display(), _PHASES.get(FilePhase(given.phase), "info")),
        "works": works and given.job is not None,
        "poll": reverse("subsidies:unit_file_progress", args=[pk]),
        "counts": _counts(given),
        "stages": _stages(given),
        "sheets": given.phase == FilePhase.DONE and not reason_against(given, request.user),
        "page": page,
        "rows": [_row(row) for row in page.rows],
    }
    return render(request, "subsidies/unit_file.html", context)


def _counts(given: ClaimFile) -> list[dict[str, Any]]:
    return [
        {"label": "读取", "value": given.rows_read},
        {"label": "可以提出", "value": given.good, "tone": "good" if given.good else ""},
        {"label": "已提出过", "value": given.known},
        {"label": "未通过", "value": given.refused, "tone": "bad" if given.refused else ""},
    ]


def _stages(given: ClaimFile) -> list[dict[str, Any]]:
    """How many proposals of the file are at which stage."""
    proposed = ClaimFileRow.objects.filter(file=given, proposal__isnull=False)
    counted = dict(proposed.values_list("proposal__case__state").annotate(Count("pk")).order_by())
    if not counted:
        return []
    return [
        {
            "label": state.label,
            "value": counted.get(state, 0),
            "tone": "good" if state == ProposalState.CONSENTED and counted.get(state) else "",
        }
        for state in ProposalState
    ]


def _row(row: ClaimFileRow) -> dict[str, Any]:
    proposal = getattr(row, "proposal", None)
    if proposal is not None:
        state, tone = proposal.case.state_label, proposal.case.state_tone
    else:
        state, tone = row.get_outcome_display(), _OUTCOMES[RowOutcome(row.outcome)]
    scheme = SCHEMES.get(row.kind)
    return {
        "row": row,
        "scheme": scheme.title if scheme else "",
        "state": state,
        "tone": tone,
        "number": proposal.case.number if proposal else "",
        "until": proposal.consent_until if proposal and not proposal.case.closed_at else None,
    }


@polled
@signed_in()
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes while a file is worked on; the page is shown anew once that is over."""
    given = _own(request, pk)
    if given.job is None:
        return HttpResponse(status=STOP_POLLING)
    context = progress_context(given.job, cancel="", results=[])
    status = STOP_POLLING if given.job.finished else 200
    answer = render(request, "components/progress_body.html", context, status=status)
    if given.job.finished:
        answer["HX-Refresh"] = "true"
    return answer


@signed_in()
def refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that came back, as the file they came in, with the reason in the column 错误."""
    given = _own(request, pk)
    try:
        file = actions.fetch_refused(given, by=request.user)
    except NotNow as gone:
        messages.warning(request, str(gone))
        return redirect("subsidies:unit_file", pk)
    stem = given.file_name.rsplit(".", 1)[0]
    return FileResponse(file, as_attachment=True, filename=f"{stem}-未通过{given.suffix}")


@signed_in("GET", "HEAD", "POST")
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the good rows forward."""
    given = _own(request, pk)
    here = reverse("subsidies:unit_file", args=[pk])
    if stop := stopped(request, partial(actions.require_may_confirm, given, request.user), otherwise=here):
        return stop
    form = NothingForm(posted(request))

    def act(entered: dict[str, Any]) -> Done:
        actions.confirm(pk, by=request.user)
        return Done("已确认，正在逐人提出并通知本人。", here)

    page = ActionPage(
        title=f"确认提出：{given.file_name}",
        crumbs=crumbs_of(request.user, (given.file_name, here), ("确认提出", "")),
        heading=f"为{given.good:,}人提出申请",
        submit="确认提出",
        back=here,
        consequence="逐人建立待本人确认的办件并通知本人；本人同意后才提交申请，逾期没有答复的不提交。",
        base=base_of(request.user),
    )
    answer = act_on(request, form, act)
    return answer or show_action(request, page, form)


@signed_in("POST")
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """A file that was not confirmed goes."""
    _own(request, pk)

    def act() -> Done:
        actions.give_up(pk, by=request.user)
        return Done("已放弃，名单和核对结果都已删除。", reverse("subsidies:unit_files"))

    return act_at_once(request, act, otherwise=reverse("subsidies:unit_file", args=[pk]))
