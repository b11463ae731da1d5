"""The page on which an import is taken back: what goes, what rests on it, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.access import NotNow
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action, stopped
from portal.reasons import ReasonField
from portal.workforce.models import RosterImport
from portal.workforce.roster import receiving, undoing


class UndoForm(forms.Form):
    reason = ReasonField(
        label="撤销理由",
        max_length=200,
        help_text="例如：上传了上一年度的花名册；全部人员的工作地填错。",
        error_messages={"required": "请写明撤销的理由。"},
    )


def _require(given: RosterImport, by: Any) -> None:
    """NotNow when the import is not to be taken back; says what rests on it."""
    if words := undoing.why_not(given, by):
        raise NotNow(words)
    if resting := undoing.what_rests(given):
        raise NotNow(f"已有事项以本次导入的内容为依据，不能撤销：{'；'.join(resting)}。有误的，请逐项更正。")


def _consequence(given: RosterImport) -> str:
    """What happens, and of a large import what is looked at first."""
    words = (
        f"新增{given.added:,}行、更新{given.changed:,}行、待确认{given.proposed:,}行的内容全部撤回："
        "新建的档案删除，改动过的恢复原样，提出的变更撤回。撤销后可以重新上传更正后的花名册。"
    )
    if undoing.is_looked_at_at_once(given):
        return words
    return f"{words}提交后先核对是否已有事项以本次导入的内容为依据：有的不撤销，并在导入结果中说明是哪些。"


@staff("roster.import", "GET", "HEAD", "POST")
def roster_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why, then take the import back."""
    given = get_object_or_404(RosterImport.objects.visible_to(request.user), pk=pk)
    here = reverse("window:roster_import", args=[pk])
    if stop := stopped(request, lambda: _require(given, request.user), otherwise=here):
        return stop
    form = UndoForm(posted(request))

    def act(entered: dict[str, Any]) -> Done:
        receiving.begin_to_undo(pk, reason=entered["reason"], by=request.user)
        return Done("正在撤销。", here)

    page = ActionPage(
        title=f"撤销导入：{given.file_name}",
        crumbs=[("花名册导入", reverse("window:roster")), (given.file_name, here), ("撤销", "")],
        heading="撤销本次导入",
        submit="撤销本次导入",
        back=here,
        kind="danger",
        consequence=_consequence(given),
    )
    return act_on(request, form, act) or show_action(request, page, form)
