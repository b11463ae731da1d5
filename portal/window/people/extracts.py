"""Extracts of registers: what was given in, how to give one in, what is seen of it before it is written, and what came
of it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import scope
from portal.accounts.polling import STOP_POLLING, polled
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, posted, show_action
from portal.pages.filters import region_choices
from portal.paging import page_asked
from portal.policy.benefits import FUNDS
from portal.reasons import ReasonField
from portal.regions.models import Region, Tier
from portal.spreadsheets.header import FileRefused
from portal.spreadsheets.template import template_csv, template_xlsx
from portal.templatetags.portal import progress_context
from portal.typed_fields import DayField
from portal.upload_fields import SpreadsheetField
from portal.workforce.actions.coverage import withdraw_coverage
from portal.workforce.extracts import actions
from portal.workforce.extracts.actions import Stated
from portal.workforce.extracts.columns import ExtractKind
from portal.workforce.extracts.kinds import KINDS
from portal.workforce.models import ExtractPhase, RegisterExtract
from portal.workforce.models.extracts import PERMISSION

_TONES = {ExtractPhase.DONE: "good", ExtractPhase.FAILED: "bad", ExtractPhase.EXAMINED: "warn"}
_TEMPLATES = {
    "xlsx": (template_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (template_csv, "text/csv; charset=utf-8"),
}


def place_choices(user: Any) -> list[Any]:
    """The places for which the user gives extracts in."""
    where = scope(user, PERMISSION)
    whole = Region.objects.filter(tier=Tier.AUTONOMOUS_REGION) if where.whole else ()
    return [*((region.pk, f"{region.name}（全区）") for region in whole), *region_choices(where)]


class ExtractForm(forms.Form):
    register = forms.CharField(label="登记库名称", max_length=60)
    as_of = DayField(label="摘录日期", help_text="从登记库导出的日期")
    place = forms.ChoiceField(label="覆盖地区", help_text="摘录包含哪个地区的全部记录")
    fund = forms.ChoiceField(label="资金", choices=FUNDS.items())
    covers_from = DayField(label="覆盖起始日", help_text="摘录包含从哪一天起的全部记录")
    covers_until = DayField(label="覆盖截止日", help_text="到哪一天为止，不晚于摘录日期")
    file = SpreadsheetField(
        label="摘录文件", most=settings.UPLOAD_MAX_BYTES, help_text="第一行为表头，列名与模板一致。"
    )

    def __init__(self, *args: Any, kind: ExtractKind, user: Any) -> None:
        super().__init__(*args)
        self.fields["register"].initial = kind.register
        self.fields["place"].choices = place_choices(user)  # type: ignore[attr-defined]
        if not kind.of_fund:
            del self.fields["fund"]


@staff(PERMISSION)
def extracts(request: HttpRequest) -> HttpResponse:
    """What was given in for one's places, the latest first."""
    listed = RegisterExtract.objects.visible_to(request.user).select_related("place__parent", "by")
    page = page_asked(listed, request.GET, order=("-id",), count=True)
    context = {
        "title": "登记库摘录",
        "crumbs": [("信息核验", reverse("window:records")), ("登记库摘录", "")],
        "page": page,
        "rows": [(extract, _TONES.get(extract.phase, "info")) for extract in page.rows],
        "kinds": [(kind.code, kind.form.name) for kind in KINDS.values()],
    }
    return render(request, "window/extracts.html", context)


def _kind(code: str) -> ExtractKind:
    if code not in KINDS:
        raise Http404
    return KINDS[code]


@staff(PERMISSION, "GET", "HEAD", "POST")
def extract_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Give one in: nothing is written before it was seen what would be."""
    of_kind = _kind(kind)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ExtractForm(*given, kind=of_kind, user=request.user)

    def act(said: dict[str, Any]) -> Done | None:
        file = said.pop("file")
        try:
            extract = actions.give_in(
                file, Stated(kind=kind, **said), by=request.user, on=timezone.localdate()
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        except ValidationError as wrong:
            form.add_error(None, wrong)
            return None
        return Done("", reverse("window:extract", args=[extract.pk]))

    page = ActionPage(
        title=f"提交{of_kind.form.name}",
        crumbs=[*_crumbs(), (f"提交{of_kind.form.name}", "")],
        consequence="先核对，不写入；核对后显示新增、更新、相同和未写入的行数，由您确认后写入。写入的信息记为已核验，核验人记为您。",
        submit="上传并核对",
        back=reverse("window:extracts"),
    )
    answer = act_on(request, form, act) if request.method == "POST" else None
    shown = {"columns": of_kind.form.columns, "kind": kind, "notes": of_kind.form.notes}
    return answer or show_action(request, page, form, template="window/extract_new.html", **shown)


def _crumbs() -> list[tuple[str, str]]:
    return [("信息核验", reverse("window:records")), ("登记库摘录", reverse("window:extracts"))]


@staff(PERMISSION)
def extract_template(request: HttpRequest, kind: str, suffix: str) -> HttpResponse:
    """An empty file of the kind to fill in."""
    form = _kind(kind).form
    make, content_type = _TEMPLATES[suffix]
    response = HttpResponse(make(form), content_type=content_type)
    response["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(form.name)}{quote('模板')}.{suffix}"
    )
    return response


def _visible(request: HttpRequest, pk: int) -> RegisterExtract:
    listed = RegisterExtract.objects.visible_to(request.user).select_related("place__parent", "by", "job")
    return get_object_or_404(listed, pk=pk)


@staff(PERMISSION)
def extract(request: HttpRequest, pk: int) -> HttpResponse:
    """How far one is; what would come of it, until that is confirmed; what came of it."""
    given = _visible(request, pk)
    is_own = given.by_id == request.user.pk
    done, examined = given.phase == ExtractPhase.DONE, given.phase == ExtractPhase.EXAMINED
    running = given.job is not None and not given.job.finished
    context = {
        "title": given.get_kind_display(),
        "crumbs": [*_crumbs(), (given.file_name, "")],
        "extract": given,
        "own": is_own,
        "done": done,
        "examined": examined and not running,
        "running": running and is_own,
        "writable": given.added + given.changed + given.unchanged,
        "poll": reverse("window:extract_progress", args=[pk]),
        "cancel": reverse("window:job_cancel", args=[given.job_id]) if given.job_id and is_own else "",
        "counts": _counts(given) if done or examined else [],
        "first": _first(given) if examined and is_own else None,
        "of_fund": KINDS[given.kind].of_fund,
        "gap": given.refused - given.elsewhere,
    }
    return render(request, "window/extract.html", context)


def _counts(given: RegisterExtract) -> list[dict[str, Any]]:
    return [
        {"label": "读取", "value": given.rows_read},
        {"label": "新增", "value": given.added, "tone": "good" if given.added else ""},
        {"label": "更新", "value": given.changed, "tone": "good" if given.changed else ""},
        {"label": "相同", "value": given.unchanged},
        {"label": "不写入", "value": given.refused, "tone": "bad" if given.refused else ""},
    ]


def _first(given: RegisterExtract) -> dict[str, Any]:
    """The first rows as they were understood, in the order of the file's columns."""
    labels = [column.label for column in KINDS[given.kind].form.columns]
    rows = [
        (row["line"], [(label, row["cells"].get(label, "")) for label in labels]) for row in given.understood
    ]
    return {"labels": labels, "rows": rows}


@polled
@staff(PERMISSION)
def extract_progress(request: HttpRequest, pk: int) -> HttpResponse:
    given = _visible(request, pk)
    job = given.job
    if job is None or given.by_id != request.user.pk:
        return HttpResponse(status=STOP_POLLING)
    results = [(reverse("window:extract", args=[pk]), "查看结果")] if job.finished else []
    context = progress_context(job, cancel=reverse("window:job_cancel", args=[job.pk]), results=results)
    status = STOP_POLLING if job.finished else 200
    answer = render(request, "components/progress_body.html", context, status=status)
    if job.finished:
        # What stands around the progress is of before.
        answer["HX-Refresh"] = "true"
    return answer


@staff(PERMISSION, "POST")
def extract_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what was seen."""
    given = _visible(request, pk)

    def act() -> Done:
        actions.confirm(given.pk, by=request.user)
        return Done("已开始写入。", reverse("window:extract", args=[pk]))

    return act_at_once(request, act, otherwise=reverse("window:extract", args=[pk]))


@staff(PERMISSION, "POST")
def extract_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Write nothing of it, and delete the file."""
    given = _visible(request, pk)

    def act() -> Done:
        actions.give_up(given.pk, by=request.user)
        return Done("已放弃，文件已删除，没有写入任何内容。", reverse("window:extracts"))

    return act_at_once(request, act, otherwise=reverse("window:extract", args=[pk]))


@staff(PERMISSION)
def extract_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that are not written, as the file they came in, with the reason in the column 错误."""
    given = _visible(request, pk)
    try:
        file = actions.fetch_refused(given, by=request.user)
    except ValidationError as gone:
        messages.warning(request, " ".join(gone.messages))
        return redirect("window:extract", pk)
    stem = given.file_name.rsplit(".", 1)[0]
    return FileResponse(file, as_attachment=True, filename=f"{stem}-未写入{given.suffix}")


class WithdrawForm(forms.Form):
    reason = ReasonField(label="撤回理由", max_length=200, error_messages={"required": "请写明撤回的理由。"})


@staff(PERMISSION, "GET", "HEAD", "POST")
def extract_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """What it was said to cover it does not."""
    given = _visible(request, pk)
    form = WithdrawForm(posted(request))
    back = reverse("window:extract", args=[pk])

    def act(said: dict[str, Any]) -> Done:
        withdraw_coverage(given.pk, reason=said["reason"], by=request.user)
        return Done("已撤回覆盖声明。已写入的信息保留，可按正确的范围重新提交同一文件。", back)

    page = ActionPage(
        title="撤回覆盖声明",
        crumbs=[*_crumbs(), (given.file_name, back), ("撤回覆盖声明", "")],
        consequence="撤回后，这份摘录不再说明“没有领过补贴”；已写入的信息保留。撤回不能恢复。",
        submit="撤回",
        kind="danger",
        back=back,
    )
    return act_on(request, form, act) or show_action(request, page, form)
