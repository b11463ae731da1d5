"""Closing lines of a year by decision: the list, drawing one up, its page, confirming or dropping it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from portal.accounts.access import can
from portal.formats import yuan as in_words
from portal.funds import closing as closings_of
from portal.funds.closing import Said
from portal.funds.models import Closing, Fund, Line, LineClosing
from portal.funds.money import yuan
from portal.pages.access import staff
from portal.pages.action_page import ActionPage, Done, act_on, posted, show_action
from portal.pages.case_page import Fact
from portal.pages.filters import FilterForm
from portal.pages.forms import NothingForm
from portal.typed_fields import DayField, WholeNumberField
from portal.window.funds.forms import places
from portal.window.funds.pages import crumbs
from portal.window.funds.steps import doing

TITLE = "科目关闭"
_TREASURY = "交回来源"


class WhichForm(FilterForm):
    """Of which fund and year lines are closed."""

    fund = forms.ModelChoiceField(
        label="资金", queryset=Fund.objects.all(), required=False, empty_label="请选择"
    )
    year = WholeNumberField(label="年度", min_value=2019, max_value=2100, required=False)


class ClosingForm(forms.Form):
    """The document of the decision, and for each line that it closes where the money goes."""

    number = forms.CharField(label="决定文号", max_length=80)
    title = forms.CharField(label="标题", max_length=120)
    day = DayField(label="关闭日期", help_text="到这一天，由另一人确认后关闭。")
    region = forms.ChoiceField(label="作出决定的地区", choices=[])

    def __init__(self, data: Any, *, lines: list[Line], others: list[Line], user: Any) -> None:
        super().__init__(data)
        regions: Any = self.fields["region"]
        regions.choices = places(user, "funds.record")
        self._lines, self._others = lines, {str(one.pk): one for one in others}
        goals = [(str(one.pk), str(one)) for one in others]
        for line in lines:
            later = [(str(one.pk), str(one)) for one in others if one.year == line.year + 1]
            self.fields[f"close_{line.pk}"] = forms.BooleanField(label=f"关闭：{line}", required=False)
            self.fields[f"rest_{line.pk}"] = forms.ChoiceField(
                label=f"{line}：结余", choices=[("", _TREASURY), *later], required=False
            )
            self.fields[f"returns_{line.pk}"] = forms.ChoiceField(
                label=f"{line}：以后退回、追回的款项", choices=[("", _TREASURY), *goals], required=False
            )

    @property
    def said(self) -> list[Said]:
        given = self.cleaned_data
        found = []
        for line in self._lines:
            if given.get(f"close_{line.pk}"):
                rest = self._others.get(given.get(f"rest_{line.pk}") or "")
                returns = self._others.get(given.get(f"returns_{line.pk}") or "")
                found.append(Said(line, rest, returns))
        return found


@staff("funds.view")
def closings(request: HttpRequest) -> HttpResponse:
    """Decisions on closing lines, newest first."""
    mine = Closing.objects.visible_to(request.user)
    context = {
        "title": TITLE,
        "crumbs": crumbs((TITLE, "")),
        "rows": mine.select_related("fund", "region", "made_by", "confirmed_by")[:200],
        "may_draw_up": can(request.user, "funds.record"),
    }
    return render(request, "window/funds/closings.html", context)


@staff("funds.record", "GET", "HEAD", "POST")
def closing_new(request: HttpRequest) -> HttpResponse:
    """Draw up a decision: first fund and year, then the lines."""
    which = WhichForm(request.GET, user=request.user)
    fund, year = which.value("fund"), which.value("year")
    back = reverse("window:fund_closings")
    page = ActionPage(
        title="拟办科目关闭决定",
        crumbs=crumbs((TITLE, back), ("拟办", "")),
        heading="决定内容",
        submit="提交确认",
        back=back,
        consequence="由另一人对照原件确认后关闭。关闭的科目不再使用；结余按决定转入下年度或者交回来源。",
    )
    open_lines = Line.objects.visible_to(request.user).exclude(closings__closed_at__isnull=False)
    same = open_lines.filter(fund=fund).select_related("fund", "region").order_by("region", "pk")
    lines = list(same.filter(year=year)) if fund and year else []
    others = list(same.filter(year__gt=year)) if lines else []
    form = ClosingForm(posted(request) if lines else None, lines=lines, others=others, user=request.user)

    def act(given: dict[str, Any]) -> Done:
        made = doing(
            lambda: closings_of.draw_up(
                fund,
                form.said,
                number=given["number"],
                title=given["title"],
                day=given["day"],
                region=given["region"],
                by=request.user,
            )
        )
        return Done("已拟办，由另一人确认后关闭。", reverse("window:fund_closing", args=[made.pk]))

    return act_on(request, form, act) or show_action(
        request, page, form, template="window/funds/closing_new.html", which=which, lines=lines
    )


@staff("funds.view")
def closing(request: HttpRequest, pk: int) -> HttpResponse:
    """A decision: its lines, where their money goes, and what stands in the way."""
    shown = _closing(request, pk)
    is_open = not (shown.confirmed_at or shown.dropped_at)
    context = {
        "title": str(shown),
        "crumbs": crumbs((TITLE, reverse("window:fund_closings")), (shown.number, "")),
        "closing": shown,
        "facts": _facts(shown),
        "rows": _lines(request, shown),
        "may_confirm": is_open
        and can(request.user, "funds.approve", shown.region_id)
        and shown.made_by_id != request.user.pk,
        "may_drop": is_open and can(request.user, "funds.record", shown.region_id),
    }
    return render(request, "window/funds/closing.html", context)


def _closing(request: HttpRequest, pk: int) -> Closing:
    mine = Closing.objects.visible_to(request.user)
    return get_object_or_404(mine.select_related("fund", "region__parent", "made_by", "confirmed_by"), pk=pk)


def _facts(closing: Closing) -> list[Fact]:
    facts = [
        Fact("决定", str(closing)),
        Fact("资金", closing.fund.name),
        Fact("关闭日期", f"{closing.day:%Y-%m-%d}"),
        Fact("拟办人", str(closing.made_by)),
    ]
    if closing.confirmed_by:
        facts.append(Fact("确认人", str(closing.confirmed_by)))
    return facts


def _lines(request: HttpRequest, closing: Closing) -> list[dict[str, Any]]:
    parts = LineClosing.objects.visible_to(request.user).filter(closing=closing).order_by("line_id")
    beside = [f"{name}__{part}" for name in ("line", "rest_to", "returns_to") for part in ("fund", "region")]
    in_the_way = {} if closing.confirmed_at else closings_of.hindrances(closing)
    return [
        {
            "part": part,
            "rest": in_words(yuan(part.rest)) if part.rest is not None else "",
            "rest_to": str(part.rest_to or _TREASURY),
            "returns_to": str(part.returns_to or _TREASURY),
            "hindrance": in_the_way.get(part.line_id, ""),
        }
        for part in parts.select_related(*beside)
    ]


@staff("funds.approve", "GET", "HEAD", "POST")
def closing_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person confirms it: the lines are closed."""
    words = "确认后列出的科目全部关闭，不能恢复；结余的指令随即提出，由财务人员执行。"
    return _step(request, pk, "确认关闭科目", "与原件一致，关闭", words, closings_of.confirm, "科目已关闭。")


@staff("funds.record", "GET", "HEAD", "POST")
def closing_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """It is not taken."""
    words = "放弃后不能恢复，需要时另行拟办。"
    return _step(request, pk, "放弃关闭决定", "放弃", words, closings_of.drop, "已放弃。")


def _step(
    request: HttpRequest, pk: int, title: str, submit: str, consequence: str, step: Any, done: str
) -> HttpResponse:
    shown = _closing(request, pk)
    form = NothingForm(posted(request))
    back = reverse("window:fund_closing", args=[shown.pk])

    def act(given: dict[str, Any]) -> Done:
        doing(lambda: step(shown.pk, by=request.user))
        return Done(done, back)

    page = ActionPage(
        title=title,
        crumbs=crumbs((TITLE, reverse("window:fund_closings")), (shown.number, back), (title, "")),
        submit=submit,
        back=back,
        consequence=consequence,
        kind="danger",
    )
    return act_on(request, form, act) or show_action(
        request,
        page,
        form,
        template="window/funds/step.html",
        about="决定内容",
        facts=[*_facts(shown), *(_of_line(row) for row in _lines(request, shown))],
    )


def _of_line(row: dict[str, Any]) -> Fact:
    """A line that the decision closes, with where its money goes and what stands in the way."""
    part = row["part"]
    rest, returns = (f"转入{line}" if line else _TREASURY for line in (part.rest_to, part.returns_to))
    goes = f"{part.line}：结余{rest}；以后退回、追回的款项{returns}"
    hindrance = f"。须先办结：{row['hindrance']}" if row["hindrance"] else ""
    return Fact("关闭的科目", f"{goes}{hindrance}")
