"""Lists of paid subsidies decided by the rules: give one in, see what came of it, take it away."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.accounts.access import WHOLE_REGION, NotNow, Refused, can, scope
from portal.accounts.polling import STOP_POLLING, polled
from portal.jobs.models import Job, JobState
from portal.lists.workbook import CONTENT_TYPE
from portal.pages.access import staff
from portal.pages.filters import region_choices
from portal.pages.view_log import record_shown
from portal.paging import page_asked, page_within
from portal.policy.benefits import FUNDS
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.template import template_csv, template_xlsx
from portal.templatetags.portal import JOB_TONES, progress_context
from portal.upload_fields import SpreadsheetField
from portal.workforce.models.extracts import PERMISSION as EXTRACT
from subsidies.trials.jobs import KIND, PERMISSION, result_kept, start_trial
from subsidies.trials.paid_list import FORM, MOST_BYTES, MOST_LINES
from subsidies.trials.result import TONES, Outcome, Reason
from subsidies.trials.workbook import workbook

_TEMPLATES = {"xlsx": (template_xlsx, CONTENT_TYPE), "csv": (template_csv, "text/csv; charset=utf-8")}
_STATED, _VERIFIED = "stated", "verified"
_GONE = "试算结果已超过保存期限，请重新上传名单。"


class TrialForm(forms.Form):
    file = SpreadsheetField(
        label="已发补贴名单",
        most=MOST_BYTES,
        help_text=f"最多{MOST_LINES:,}行。",
        error_messages={"required": "请选择已发补贴名单。", "empty": "文件是空的，请选择已填写的名单。"},
    )
    place = forms.ChoiceField(label="名单所属地区", help_text="只认定登记在这一地区的人员。")
    basis = forms.ChoiceField(
        label="依据的信息",
        choices=[(_STATED, "全部登记信息，包括尚未核验的"), (_VERIFIED, "只依据已核验的信息")],
        initial=_STATED,
        widget=forms.RadioSelect,
    )
    complete = forms.MultipleChoiceField(
        label="名单是否完整",
        choices=[(fund, f"包含{name}发放的全部补贴") for fund, name in FUNDS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=(
            "自名单最早一笔所在年度的1月1日至最晚一笔，该地区由该资金发放的补贴全部在名单内的，请勾选；"
            "不勾选的，名单以外有没有领过补贴，按以往补贴登记摘录判断。"
        ),
    )

    def __init__(self, *args: Any, user: Any) -> None:
        super().__init__(*args)
        where = scope(user, PERMISSION)
        whole = [(WHOLE_REGION, "全区")] if where.whole else []
        self.fields["place"].choices = [*whole, *region_choices(where)]  # type: ignore[attr-defined]


@staff(PERMISSION, "GET", "HEAD", "POST")
def trials(request: HttpRequest) -> HttpResponse:
    """The form, and one's own trials, the latest first."""
    form = TrialForm(*((request.POST, request.FILES) if request.method == "POST" else ()), user=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            job = start_trial(
                given["file"],
                place=given["place"],
                verified=given["basis"] == _VERIFIED,
                complete=given["complete"],
                by=request.user,
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
        except (NotNow, Refused) as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("subsidies:trial", job.pk)
    page = page_asked(_own(request), request.GET, order=("-id",), count=True)
    context = {
        "title": "补贴发放试算",
        "form": form,
        "page": page,
        "columns": FORM.columns,
        "rows": [(job, JOB_TONES[job.state]) for job in page.rows],
    }
    return render(request, "subsidies/trials.html", context, status=400 if form.errors else 200)


@staff(PERMISSION)
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty list to fill in."""
    if kind not in _TEMPLATES:
        raise Http404
    make, content_type = _TEMPLATES[kind]
    response = HttpResponse(make(FORM), content_type=content_type)
    name = quote(f"已发补贴名单模板.{kind}")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _own(request: HttpRequest) -> Any:
    return Job.objects.visible_to(request.user).filter(kind=KIND, by_id=request.user.pk)


def _own_trial(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(_own(request), pk=pk)


@staff(PERMISSION)
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a trial is, then what came of it."""
    job = _own_trial(request, pk)
    context: dict[str, Any] = {
        "title": job.title,
        "crumbs": [("补贴发放试算", reverse("subsidies:trials")), (job.title, "")],
        "job": job,
        "poll": reverse("subsidies:trial_progress", args=[pk]),
        "cancel": reverse("window:job_cancel", args=[pk]),
        "takes_extracts": can(request.user, EXTRACT),
    }
    if job.state == JobState.DONE:
        result = result_kept(job, by=request.user)
        context |= {"gone": _GONE} if result is None else _shown(request, job, result)
    return render(request, "subsidies/trial.html", context)


def _shown(request: HttpRequest, job: Job, result: dict[str, Any]) -> dict[str, Any]:
    """The counts, and the page of rows that was asked for, which is written to the view log."""
    wanted = request.GET.get("outcome", "")
    reason = _reason_asked(request, result)
    rows = [
        row
        for row in result["rows"]
        if (wanted not in Outcome.values or row["outcome"] == wanted)
        and (reason is None or reason in row["reasons"])
    ]
    page = page_within(rows, request.GET, name=f"trial-{job.pk}", key=lambda row: (row["line"],))
    asked = [job.title, *([str(Outcome(wanted).label)] if wanted in Outcome.values else [])]
    record_shown([row["worker"] for row in page.rows], by=request.user, asked=asked)
    outcomes = [
        {"outcome": outcome, "label": outcome.label, "tone": TONES[outcome], **result["outcomes"][outcome]}
        for outcome in Outcome
    ]
    return {
        "result": result,
        "outcomes": outcomes,
        "reasons": [
            {
                **one,
                "number": number,
                "words": Outcome(one["outcome"]).label,
                "tone": TONES[Outcome(one["outcome"])],
            }
            for number, one in enumerate(result["reasons"])
        ],
        "places": [
            {**place, "counts": [place["outcomes"][outcome] for outcome in list(Outcome)[:4]]}
            for place in result["places"]
        ],
        "tabs": _tabs(result, wanted, reason),
        "reason": None if reason is None else result["reasons"][reason],
        "page": page,
        "rows": [_row(row, result) for row in page.rows],
        "export": reverse("subsidies:trial_export", args=[job.pk]),
        "verified": job.params["verified"],
    }


def _reason_asked(request: HttpRequest, result: dict[str, Any]) -> int | None:
    text = request.GET.get("reason", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else len(result["reasons"])
    return number if number < len(result["reasons"]) else None


def _tabs(result: dict[str, Any], wanted: str, reason: int | None) -> list[dict[str, Any]]:
    everything = wanted not in Outcome.values and reason is None
    tabs: list[dict[str, Any]] = [
        {"label": "全部", "href": "?#rows", "current": everything, "count": result["total"]["rows"]}
    ]
    for outcome in Outcome:
        one = result["outcomes"][outcome]
        if one["rows"]:
            href = f"?outcome={outcome}#rows"
            tabs.append(
                {"label": outcome.label, "href": href, "current": wanted == outcome, "count": one["rows"]}
            )
    return tabs


def _row(row: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    outcome = Outcome(row["outcome"])
    reasons = [result["reasons"][number] for number in row["reasons"]]
    words = [str(Reason(reason["label"], reason["note"])) for reason in reasons]
    return {**row, "label": outcome.label, "tone": TONES[outcome], "why": words}


@polled
@staff(PERMISSION)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes while a trial runs; the page is shown anew once it has finished."""
    job = _own_trial(request, pk)
    context = progress_context(job, cancel=reverse("window:job_cancel", args=[pk]), results=[])
    status = STOP_POLLING if job.finished else 200
    answer = render(request, "components/progress_body.html", context, status=status)
    if job.finished:
        answer["HX-Refresh"] = "true"
    return answer


@staff(PERMISSION)
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everything as a workbook, numbers masked."""
    job = _own_trial(request, pk)
    result = result_kept(job, by=request.user) if job.state == JobState.DONE else None
    if result is None:
        messages.warning(request, _GONE if job.finished else "试算尚未完成。")
        return redirect("subsidies:trial", pk)
    people = {row["worker"] for row in result["rows"] if row["worker"] is not None}
    detail = {"count": len(result["rows"])}
    audit.record(
        "trial.export",
        by=request.user,
        obj=job,
        region=job.params["place"],
        detail=detail,
        people=sorted(people),
    )
    name = f"补贴发放试算-{timezone.localdate():%Y%m%d}.xlsx"
    return FileResponse(workbook(result), as_attachment=True, filename=name, content_type=CONTENT_TYPE)
