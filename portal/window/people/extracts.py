"""An extract of an official register given in: what it confirms is confirmed by a job."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, show_action
from portal.spreadsheets.header import FileRefused
from portal.typed_fields import DayField
from portal.upload_fields import SpreadsheetField
from portal.workforce.extracts import EXTRACT, MOST_BYTES, MOST_LINES, PERMISSION, start_extract

_COLUMNS = "、".join(column.label for column in EXTRACT.columns)


class ExtractForm(forms.Form):
    register = forms.CharField(
        label="登记库名称",
        max_length=60,
        help_text="例如：技能人才评价证书全国联网查询系统、国家职业资格证书全国联网查询系统",
    )
    as_of = DayField(label="摘录日期", help_text="从登记库导出的日期")
    file = SpreadsheetField(
        label="摘录文件",
        most=MOST_BYTES,
        help_text=f"第一行为表头：{_COLUMNS}。最多{MOST_LINES:,}行。",
    )

    def clean_as_of(self) -> date:
        as_of: date = self.cleaned_data["as_of"]
        if as_of > timezone.localdate():
            raise forms.ValidationError("摘录日期不能晚于今天。")
        return as_of


@staff(PERMISSION, "GET", "HEAD", "POST")
def extract(request: HttpRequest) -> HttpResponse:
    """Give one in; the job tells line by line what came of it."""
    form = ExtractForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

    def act(given: dict[str, Any]) -> Done | None:
        try:
            job = start_extract(
                given["file"], register=given["register"], as_of=given["as_of"], by=request.user
            )
        except FileRefused as refused:
            form.add_error("file", str(refused))
            return None
        words = f"已开始核对{job.total:,}条。与登记内容完全一致的予以核验，不一致的逐条列出。"
        return Done(words, reverse("window:job", args=[job.pk]))

    back = f"{reverse('window:records')}?kind=credential"
    page = ActionPage(
        title="按登记库摘录核验",
        crumbs=[("信息核验", back), ("按登记库摘录核验", "")],
        consequence=(
            "职业（工种）、等级、证书编号和发证日期与登记内容完全一致的，记为已核验，核验人记为您；"
            "不一致的不作改动，逐条列出。您本人登记或导入的证书须由他人核验。"
        ),
        submit="上传并核对",
        back=back,
    )
    answer = act_on(request, form, act) if request.method == "POST" else None
    return answer or show_action(request, page, form)
