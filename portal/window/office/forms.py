"""Forms of the office's own data."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.regions.models import ServiceWindow
from portal.typed_fields import WholeNumberField
from portal.upload_fields import UploadField
from portal.window.office.actions import MOST_BYTES, WINDOW_FIELDS


class WindowFilter(forms.Form):
    q = forms.CharField(label="地区或窗口名称", max_length=40, required=False)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), ("complete", "已填写完整"), ("missing", "有待公布项"), ("sample", "示例数据")],
    )


class WindowForm(forms.ModelForm):
    """What may stay empty is everything: an empty field is shown as 待公布."""

    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = ServiceWindow
        fields = WINDOW_FIELDS
        help_texts = {
            "name": "不填则显示为“（地区）技术工人服务窗口”",
            "address": "到门牌号、楼层",
            "hours": "如：工作日 9:00—12:00，14:30—17:30",
            "phone": "带区号；可填多个，用顿号分开",
            "materials": "每行一项",
            "handling_time": "如：受理后5个工作日",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A window's moment to the microsecond: what is compared on saving.
        self.initial["seen_at"] = self.instance.updated_at.isoformat()


class CalendarForm(forms.Form):
    file = UploadField(
        label="日历文件",
        takes="CSV",
        accept=".csv,text/csv",
        most=MOST_BYTES,
        too_large="请检查是否选错了文件。",
        help_text="须含一整年的放假和调休安排。",
        error_messages={"required": "请选择要上传的文件。", "empty": "文件是空的。"},
    )


class ClockForm(forms.Form):
    working_days = WholeNumberField(
        label="办理时限（工作日）",
        min_value=1,
        max_value=365,
        help_text="受理当日不计，从次日起算",
        error_messages={"required": "请填写工作日数。", "invalid": "请填写整数。"},
    )
    basis = forms.CharField(
        label="依据",
        max_length=160,
        help_text="文件名称、文号和条款",
        error_messages={"required": "请填写依据。"},
    )
