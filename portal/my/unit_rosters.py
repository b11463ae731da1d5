"""The pages on which an agent hands in the roster of a unit: given in, looked at, corrected, handed to the window."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from portal.accounts.access import NotNow, Refused
from portal.pages.access import signed_in
from portal.pages.action_page import Done, act_at_once
from portal.pages.roster_preview import LayoutForm, chosen_in, form_of, preview_context
from portal.pages.unit_tabs import unit_tabs
from portal.paging import page_asked
from portal.sealed_files import Unreadable
from portal.spreadsheets.header import FileRefused
from portal.upload_fields import SpreadsheetField
from portal.workforce.models import Employer, RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster import actions, receiving

TITLE = "报送花名册"
_MOST_BYTES = 5 << 20
_TONES = {
    Phase.DONE: "good",
    Phase.FAILED: "bad",
    Phase.PREVIEWED: "warn",
    Phase.RETURNED: "bad",
    Phase.DISCARDED: "plain",
    Phase.UNDONE: "plain",
}


class UnitRosterForm(forms.Form):
    unit = forms.TypedChoiceField(label="单位", coerce=int, error_messages={"required": "请选择单位。"})
    file = SpreadsheetField(
        label="花名册文件",
        most=_MOST_BYTES,
        as_kept=True,
        help_text="可以直接使用单位现有的表格：先预览，核对后报送。",
        error_messages={"required": "请选择花名册文件。", "empty": "文件是空的，请选择已填写的花名册。"},
    )

    def __init__(self, units: list[Employer], *args: Any) -> None:
        super().__init__(*args)
        choices = [(unit.pk, unit.name) for unit in units]
        self.fields["unit"].choices = choices  # type: ignore[attr-defined]
        if len(choices) == 1:
            self.fields["unit"].initial = choices[0][0]


def _units(request: HttpRequest) -> list[Employer]:
    units = list(
        Employer.objects.visible_to(request.user).acted_for_by(request.user).standing().order_by("name", "pk")
    )
    if not units:
        raise Refused(
            "本页供用人单位的经办人使用。您的账号没有登记为单位经办人，请联系单位所在地的服务窗口。"
        )
    return units


def _seen(request: HttpRequest) -> Any:
    agencies = Employer.objects.visible_to(request.user).acted_for_by(request.user).values("pk")
    return RosterImport.objects.visible_to(request.user).filter(unit__in=agencies)


def _own(request: HttpRequest, pk: int) -> RosterImport:
    _units(request)
    return get_object_or_404(_seen(request).select_related("unit", "by"), pk=pk)


@signed_in("GET", "HEAD", "POST")
def unit_rosters(request: HttpRequest) -> HttpResponse:
    """The form, and the rosters that were given in for one's units, the latest first."""
    units = _units(request)
    form = UnitRosterForm(units, *([request.POST, request.FILES] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            record = receiving.receive(given["file"], by=request.user, unit_id=given["unit"])
        except (FileRefused, Refused) as refused:
            form.add_error("file", str(refused))
        else:
            return redirect("my:unit_roster", record.pk)
    page = page_asked(_seen(request).select_related("unit"), request.GET, order=("-id",), size=20)
    context = {
        "title": TITLE,
        "tabs": unit_tabs(request),
        "form": form,
        "page": page,
        "rows": [(record, _TONES.get(Phase(record.phase), "info")) for record in page.rows],
    }
    return render(request, "my/unit_rosters.html", context, status=400 if form.errors else 200)


@signed_in()
def unit_roster(request: HttpRequest, pk: int) -> HttpResponse:
    """What was recognised, as long as it was not handed in; then how far it is and what came of it."""
    record = _own(request, pk)
    if record.phase == Phase.PREVIEWED and record.by_id == request.user.pk:
        return _show_preview(request, record)
    context = {
        "title": record.file_name,
        "crumbs": [
            ("首页", reverse("public:home")),
            (TITLE, reverse("my:unit_rosters")),
            (record.file_name, ""),
        ],
        "record": record,
        "tone": _TONES.get(Phase(record.phase), "info"),
        "counts": [
            {"label": "读取", "value": record.rows_read},
            {"label": "新增", "value": record.added, "tone": "good" if record.added else ""},
            {"label": "更新", "value": record.changed, "tone": "good" if record.changed else ""},
            {"label": "待确认", "value": record.proposed},
            {"label": "无变化", "value": record.unchanged},
            {"label": "未通过", "value": record.refused, "tone": "bad" if record.refused else ""},
        ],
    }
    return render(request, "my/unit_roster.html", context)


def _show_preview(request: HttpRequest, record: RosterImport, form: LayoutForm | None = None) -> HttpResponse:
    context = {
        "base": "base_public.html",
        "title": record.file_name,
        "crumbs": [
            ("首页", reverse("public:home")),
            (TITLE, reverse("my:unit_rosters")),
            (record.file_name, ""),
        ],
        "record": record,
        "of_unit": True,
        "what_to_do": "核对无误后报送，服务窗口确认后读入；识别有误的，更正后再看。",
        "addresses": {
            name: reverse(f"my:unit_roster_{name}", args=[record.pk])
            for name in ("layout", "sheet", "give_up")
        },
    }
    try:
        context |= preview_context(record, form)
    except Unreadable:
        messages.warning(request, "上传的文件已超过保存期限，请重新上传。")
        return redirect("my:unit_rosters")
    return render(request, "window/roster_preview.html", context, status=400 if form else 200)


def _waiting(request: HttpRequest, pk: int) -> RosterImport:
    record = _own(request, pk)
    if record.by_id != request.user.pk or record.phase != Phase.PREVIEWED:
        raise Http404
    return record


@signed_in("POST")
def unit_roster_layout(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the preview in another way, or hand the roster in as it was shown."""
    here = redirect("my:unit_roster", pk)
    if _own(request, pk).phase != Phase.PREVIEWED:
        # A second click.
        return here
    record = _waiting(request, pk)
    only_look = request.POST.get("step") == "look"
    try:
        form = form_of(record, request.POST)
    except Unreadable:
        messages.warning(request, "上传的文件已超过保存期限，请重新上传。")
        return redirect("my:unit_rosters")
    layout = chosen_in(form, only_look=only_look)
    if layout is not None:
        try:
            if only_look:
                receiving.choose_layout(pk, layout, by=request.user)
                messages.info(request, "已按您的选择重新识别，尚未报送。")
            else:
                receiving.confirm(pk, by=request.user, layout=layout)
                messages.success(request, "已报送，等待服务窗口确认。")
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return here
    return _show_preview(request, record, form)


@signed_in("POST")
def unit_roster_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at another sheet of the workbook."""
    _waiting(request, pk)
    try:
        receiving.choose_sheet(pk, request.POST.get("sheet", "")[:60], by=request.user)
    except (FileRefused, NotNow, Refused) as refusal:
        messages.error(request, str(refusal))
    return redirect("my:unit_roster", pk)


@signed_in("POST")
def unit_roster_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """A roster that was not handed in goes."""
    _waiting(request, pk)

    def act() -> Done:
        receiving.give_up(pk, by=request.user)
        return Done("没有报送，文件已删除。", reverse("my:unit_rosters"))

    return act_at_once(request, act, otherwise=reverse("my:unit_roster", args=[pk]))


@signed_in()
def unit_roster_refused(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows that came back, with the reason in the column 错误."""
    record = _own(request, pk)
    try:
        file = actions.fetch_refused(record, by=request.user)
    except ValidationError as gone:
        messages.warning(request, " ".join(gone.messages))
        return redirect("my:unit_roster", pk)
    stem = record.file_name.rsplit(".", 1)[0]
    return FileResponse(file, as_attachment=True, filename=f"{stem}-未通过{record.suffix}")
