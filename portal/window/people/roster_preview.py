"""A roster before it is read in, at the window: read otherwise, confirmed, given up; of a unit: taken in or given back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import NotNow, Refused
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_at_once, act_on, posted, show_action
from portal.pages.roster_preview import LayoutForm, chosen_in, form_of, preview_context
from portal.reasons import ReasonField
from portal.sealed_files import Unreadable
from portal.spreadsheets.header import FileRefused
from portal.workforce.models import RosterImport
from portal.workforce.models.roster import Phase
from portal.workforce.roster import receiving

GONE = "上传的文件已超过保存期限，请重新上传。"


def show_preview(request: HttpRequest, record: RosterImport, form: LayoutForm | None = None) -> HttpResponse:
    """What was recognised of a file that waits to be confirmed."""
    context = {
        "base": "base_staff.html",
        "title": record.file_name,
        "crumbs": [("花名册导入", reverse("window:roster")), (record.file_name, "")],
        "record": record,
        "is_handed_in": record.phase == Phase.HANDED_IN,
        "what_to_do": _what_to_do(record),
        "addresses": {
            name: reverse(f"window:roster_{name}", args=[record.pk])
            for name in ("layout", "sheet", "give_up", "take_in", "send_back")
        },
    }
    try:
        context |= preview_context(record, form)
    except Unreadable:
        messages.warning(request, GONE)
        return redirect("window:roster")
    return render(request, "window/roster_preview.html", context, status=400 if form else 200)


def _what_to_do(record: RosterImport) -> str:
    """What the page asks for."""
    if record.handed_in_at is None:
        return "核对无误后读入；识别有误的，更正后再看。"
    when = timezone.localtime(record.handed_in_at).strftime("%Y-%m-%d %H:%M")
    return f"由{record.unit}的经办人{record.by}于{when}报送，请核对后确认读入，或者退回。"


def _waiting(request: HttpRequest, pk: int) -> RosterImport:
    own = RosterImport.objects.visible_to(request.user).own_of(request.user)
    return get_object_or_404(own.filter(phase=Phase.PREVIEWED), pk=pk)


@staff("roster.import", "POST")
def roster_layout(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the preview in another way, or confirm that the roster is read in as it was shown."""
    here = redirect("window:roster_import", pk)
    record = RosterImport.objects.visible_to(request.user).own_of(request.user).filter(pk=pk).first()
    if record is not None and record.phase != Phase.PREVIEWED:
        # A second click.
        return here
    record = _waiting(request, pk)
    only_look = request.POST.get("step") == "look"
    try:
        form = form_of(record, request.POST)
    except Unreadable:
        messages.warning(request, GONE)
        return redirect("window:roster")
    layout = chosen_in(form, only_look=only_look)
    if layout is not None:
        try:
            if only_look:
                receiving.choose_layout(pk, layout, by=request.user)
                messages.info(request, "已按您的选择重新识别，尚未读入。")
            else:
                receiving.confirm(pk, by=request.user, layout=layout)
        except (NotNow, Refused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return here
    return show_preview(request, record, form)


@staff("roster.import", "POST")
def roster_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at another sheet of the workbook."""
    record = _waiting(request, pk)
    try:
        receiving.choose_sheet(pk, request.POST.get("sheet", "")[:60], by=request.user)
    except (FileRefused, NotNow, Refused) as refusal:
        messages.error(request, str(refusal))
    return redirect("window:roster_import", record.pk)


@staff("roster.import", "POST")
def roster_give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """A roster that was not read in goes."""
    _waiting(request, pk)

    def act() -> Done:
        receiving.give_up(pk, by=request.user)
        return Done("没有读入，文件已删除。", reverse("window:roster"))

    return act_at_once(request, act, otherwise=reverse("window:roster_import", args=[pk]))


def _handed_in(request: HttpRequest, pk: int) -> RosterImport:
    return get_object_or_404(RosterImport.objects.visible_to(request.user).filter(unit__isnull=False), pk=pk)


@staff("roster.import", "POST")
def roster_take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit's roster is read in."""
    _handed_in(request, pk)
    here = reverse("window:roster_import", args=[pk])

    def act() -> Done:
        receiving.take_in(pk, by=request.user)
        return Done("已确认，正在读入。", here)

    return act_at_once(request, act, otherwise=here)


class SendBackForm(forms.Form):
    reason = ReasonField(
        label="退回理由",
        max_length=300,
        help_text="单位经办人会看到。例如：缺少证书编号；人员不是本单位职工。",
        error_messages={"required": "请写明退回的理由。"},
    )


@staff("roster.import", "GET", "HEAD", "POST")
def roster_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit's roster goes back with the reason."""
    record = _handed_in(request, pk)
    here = reverse("window:roster_import", args=[pk])
    form = SendBackForm(posted(request))

    def act(entered: dict[str, Any]) -> Done:
        receiving.send_back(pk, reason=entered["reason"], by=request.user)
        return Done("已退回。", reverse("window:roster"))

    page = ActionPage(
        title=f"退回花名册：{record.file_name}",
        crumbs=[("花名册导入", reverse("window:roster")), (record.file_name, here), ("退回", "")],
        heading=f"退回{record.unit}的花名册",
        submit="退回",
        back=here,
        consequence="没有读入任何内容，文件删除；单位更正后可以重新报送。",
    )
    return act_on(request, form, act) or show_action(request, page, form)
