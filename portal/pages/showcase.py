"""/components/ shows every component of the design system in both houses, for those who build and check
pages.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.accounts.access import require
from portal.typed_fields import DayField, NumberField
from portal.upload_fields import SpreadsheetField

NINE = datetime(2026, 11, 20, 1, 5, tzinfo=UTC)


class SpecimenForm(forms.Form):
    """One field of each sort."""

    name = forms.CharField(label="姓名", help_text="与身份证一致")
    amount = NumberField(label="金额（元）", required=False)
    level = forms.ChoiceField(
        label="技能等级", choices=[("", "请选择"), ("senior", "高级工"), ("technician", "技师")]
    )
    on = DayField(
        label="发证日期",
    )
    kind = forms.ChoiceField(
        label="单位性质", choices=[("a", "国有企业"), ("b", "非公有制企业")], widget=forms.RadioSelect
    )
    facts = forms.MultipleChoiceField(
        label="已核对",
        choices=[("id", "身份证"), ("certificate", "证书")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 2}), required=False)
    sure = forms.BooleanField(label="我已核对以上内容")


class SpecimenFilter(forms.Form):
    q = forms.CharField(label="姓名", required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "全部"), ("open", "在办")], required=False)
    since = DayField(label="发起日期起", required=False)


class SpecimenUpload(forms.Form):
    file = SpreadsheetField(label="花名册", most=200 * 1024 * 1024, help_text="请使用下载的模板填写。")


def _job(**fields: Any) -> SimpleNamespace:
    given = {
        "total": 650_000,
        "done": 182_340,
        "refused": 12,
        "finished": False,
        "message": "",
        "started_at": NINE,
    }
    return SimpleNamespace(
        **given | {"finished_at": None, "state": "running", "get_state_display": "进行中"} | fields
    )


@login_required
@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Staff only. `?house=public` shows the same in the public house, `?part=table` one dense list at full
    height.
    """
    require(request.user, "window.use")
    house = "public" if request.GET.get("house") == "public" else "staff"
    here = reverse("public:components")
    rows = _rows()
    context = {
        "title": "组件一览",
        "base": f"base_{house}.html",
        "crumbs": [("首页", "/"), ("组件一览", "")],
        "rows": rows if request.GET.get("part") == "table" else rows[:3],
        "part": request.GET.get("part", ""),
        "tones": [
            ("草稿", "plain"),
            ("审核中", "info"),
            ("已纳入", "good"),
            ("待补正", "warn"),
            ("已移出", "bad"),
        ],
        **_forms(),
        **_record(here),
        **_list(here),
        **_jobs(here),
    }
    return render(request, "components/showcase.html", context)


def _rows() -> list[dict[str, Any]]:
    """A list of people."""
    people = [("王建国", "神华准格尔能源有限责任公司", "电工", "高级技师", 24 - n) for n in range(24)]
    return [
        {
            "number": f"DI-2026-{n + 1:06d}",
            "name": name,
            "unit": unit,
            "job": job,
            "level": level,
            "days": days,
        }
        for n, (name, unit, job, level, days) in enumerate(people)
    ]


def _forms() -> dict[str, Any]:
    """A form to fill in, the same with errors, a filter, and an upload."""
    return {
        "form": SpecimenForm(),
        "wrong": SpecimenForm({"name": "", "kind": ""}, prefix="wrong"),
        "filter": SpecimenFilter(),
        "upload": SpecimenUpload(),
    }


def _record(here: str) -> dict[str, Any]:
    """What the page of a case is made of."""
    return {
        "facts": [
            {"label": "姓名", "value": "王建国", "source": "2026年11月20日身份证核验"},
            {
                "label": "技能等级",
                "value": "高级技师",
                "source": "证书，联网核验",
                "href": here,
                "action": "更正",
            },
            {"label": "手机号", "value": ""},
        ],
        "events": [
            {"at": NINE, "title": "确认纳入名录", "by": "高娃", "tone": "good"},
            {"at": NINE, "title": "告知补正", "by": "乌兰", "text": "荣誉证书第二页不清晰", "tone": "warn"},
            {"at": NINE, "title": "提出建议", "by": "系统"},
        ],
        "conditions": [
            {
                "holds": True,
                "label": "获得可直接纳入名录的荣誉",
                "clause": "第一条",
                "observed": "全国技术能手（2024年）",
            },
            {
                "holds": False,
                "label": "在生产服务一线岗位工作",
                "clause": "第一条",
                "remedy": "请由单位出具岗位证明",
            },
            {"holds": None, "label": "属于技术工人", "clause": "第一条", "remedy": "由名录管理员核实"},
        ],
        "actions": [
            {"label": "确认纳入", "href": here, "consequence": "写入公开名录，生成纳入通知书和证书。"},
            {
                "label": "不予纳入",
                "href": here,
                "kind": "secondary",
                "consequence": "须写明理由，生成告知书并送达。",
            },
        ],
        "refused": [{"label": "核实荣誉", "reason": "荣誉由您登记，须由另一名盟市审核员核实。"}],
    }


def _list(here: str) -> dict[str, Any]:
    """What stands around a list."""
    return {
        "counts": [
            {"label": "待我办理", "value": 12, "href": here},
            {"label": "已超期", "value": 3, "href": here, "tone": "bad", "note": "最早超期2天"},
            {"label": "补正退回", "value": 1, "href": here, "tone": "warn"},
            {"label": "本地区在办", "value": 1286, "href": here},
        ],
        "tabs": [
            {"label": "待办", "href": here, "current": True, "count": 12},
            {"label": "全部", "href": here, "current": False, "count": 1286},
        ],
        "bulk": [{"label": "批量核实", "name": "action", "value": "verify"}],
        "page": SimpleNamespace(previous_cursor=None, next_cursor="24", total=650_000, shown=50),
        "day": date(2026, 11, 22),
        "export": [(here, "导出 Excel")],
    }


def _jobs(here: str) -> dict[str, Any]:
    """Long work under way, and the same when it is done."""
    return {
        "running": _job(title="导入花名册"),
        "finished": _job(
            title="导入花名册",
            done=650_000,
            finished=True,
            state="done",
            get_state_display="已完成",
            finished_at=datetime(2026, 11, 20, 1, 12, 9, tzinfo=UTC),
            message="新增 649,988 人，12 行未通过，请下载后更正。",
        ),
        "results": [(here, "下载未通过的行"), (here, "查看导入结果")],
    }
