"""What if: a policy officer drafts figures, sees over the whole register who gains and loses and what it
costs. Nothing real changes.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from portal.accounts.access import Refused
from portal.accounts.polling import STOP_POLLING, polled
from portal.cases.actions import NotNow
from portal.entitlements import simulation as actions
from portal.entitlements.models import Simulation
from portal.formats import date_cn
from portal.jobs.runner import cancel as cancel_job
from portal.pages.access import staff
from portal.paging import page_asked
from portal.policy.law import law_on
from portal.policy.models import Parameter, ParameterValue
from portal.templatetags.portal import progress_context
from portal.window.law.figures import lines
from portal.window.law.forms import FigureForm
from portal.window.law.history import names_of_codes
from portal.window.law.simulation_words import (
    by_benefit,
    by_league,
    by_level,
    charts,
    drafted_figures,
    earlier_of,
    headline,
    league_names,
    sentence,
    state_of,
    title_of,
    total_of,
)

MAY = "policy.simulate"
ALL = "政策测算"


class DraftForm(forms.Form):
    title = forms.CharField(
        label="测算名称",
        max_length=80,
        help_text="写明调整什么，如：失业保险缴费月数放宽至6个月",
        error_messages={"required": "请填写测算名称。"},
    )
    on = forms.DateField(
        label="基准日",
        help_text="按这一天的现行标准与草案比较。人员信息一律取在册人员今天的信息。",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "请填写基准日。", "invalid": "日期不存在，请按“2026-11-22”的样子填写。"},
    )


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("工作台", reverse("window:home")), (ALL, reverse("window:simulations") if more else ""), *more]


def _seen(request: HttpRequest, pk: int) -> Simulation:
    return get_object_or_404(
        Simulation.objects.visible_to(request.user).select_related("job__by", "by", "value__parameter"), pk=pk
    )


def _here(one: Simulation) -> str:
    return reverse("window:simulation", args=[one.pk])


# -- the list ------------------------------------------------------------------------------------------------
@staff(MAY)
def simulations(request: HttpRequest) -> HttpResponse:
    """All drafts and results, newest first."""
    seen = Simulation.objects.visible_to(request.user).select_related("by", "job").defer("inputs", "result")
    page = page_asked(
        seen.annotate(people=F("result__people"), benefits=F("result__benefits")),
        request.GET,
        order=("-id",),
        count=True,
    )
    codes = {code for one in page.rows for code in one.draft}
    labels = dict(Parameter.objects.filter(code__in=codes).values_list("code", "label"))
    rows = []
    for one in page.rows:
        words, tone = state_of(one)
        rows.append(
            {
                "one": one,
                "state": words,
                "tone": tone,
                "figures": [labels.get(code, code) for code in sorted(one.draft)],
                "headline": headline(one.people, one.benefits) if one.digest else "",
            }
        )
    return render(
        request,
        "window/simulations.html",
        {
            "title": ALL,
            "crumbs": _crumbs(),
            "page": page,
            "rows": rows,
        },
    )


def effects_of(value: ParameterValue, user: Any) -> list[dict[str, str]]:
    """What a value that waits would do, as far as it was simulated, for window/law_effect.html: label, href,
    text.
    """
    seen = (
        Simulation.objects.visible_to(user)
        .filter(value=value)
        .select_related("by", "job")
        .defer("inputs", "result")
    )
    found = []
    for one in seen.annotate(people=F("result__people"), benefits=F("result__benefits")):
        said = headline(one.people, one.benefits) if one.digest else state_of(one)[0]
        text = (
            f"{said}　基准日{date_cn(one.on)}，{one.by} {timezone.localtime(one.created_at):%Y-%m-%d %H:%M}"
        )
        found.append({"label": one.title, "href": _here(one), "text": text})
    return found


# -- drafting ------------------------------------------------------------------------------------------------
def _waiting(request: HttpRequest) -> ParameterValue | None:
    """The value that waits for its confirmation and is to be tried out; None, and said so, when it waits no
    longer.
    """
    asked = request.GET.get("value", "")
    if not asked:
        return None
    found = (
        ParameterValue.objects.waiting()
        .select_related("parameter")
        .filter(pk=asked if asked.isdecimal() and len(asked) < 10 else 0)
    )
    value = found.first()
    if value is None:
        messages.warning(request, "这项取值已复核或已撤回，不能再按待复核取值测算。您可以自行起草。")
    return value


@staff(MAY, "GET", "HEAD", "POST")
def simulation_new(request: HttpRequest) -> HttpResponse:
    """A new draft: empty, or with a value that somebody entered and nobody has confirmed."""
    value, today = _waiting(request), timezone.localdate()
    initial: dict[str, Any] = {"on": today}
    if value is not None:
        initial = {"title": f"{value.parameter.label}（待复核取值）"[:80], "on": max(today, value.since)}
    form = DraftForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.draw_up(
                form.cleaned_data["title"], on=form.cleaned_data["on"], by=request.user, value=value
            )
        except ValidationError as refusal:
            for name, texts in refusal.message_dict.items():
                form.add_error(name if name in form.fields else None, texts)
        else:
            return redirect(_here(made))
    context = {
        "title": "新建测算",
        "crumbs": _crumbs(("新建测算", "")),
        "form": form,
        "value": value,
        "today": today,
        "back": reverse("window:simulations"),
        "lines": lines(value.parameter, value, names_of_codes()) if value else [],
    }
    return render(request, "window/simulation_new.html", context)


@staff(MAY)
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft to work on, a computation under way, or its result."""
    one = _seen(request, pk)
    words, tone = state_of(one)
    context = {
        "title": one.title,
        "crumbs": _crumbs((one.title, "")),
        "one": one,
        "state": words,
        "tone": tone,
        "drafted": drafted_figures(one, names_of_codes()),
        "parameters": len(one.draft),
    }
    if one.digest:
        return render(request, "window/simulation_result.html", context | _result(request, one))
    if one.job is None:
        return render(request, "window/simulation_draft.html", context | {"readable": _readable(one)})
    poll = reverse("window:simulation_progress", args=[pk])
    return render(
        request,
        "window/simulation_progress.html",
        context
        | {
            "poll": poll,
            "cancel": _cancel_of(request, one),
        },
    )


def _readable(one: Simulation) -> list[dict[str, Any]]:
    """Figures that some rule reads and that are not in the draft yet, with the value of the day and the
    benefits that read them.
    """
    law, names, found = law_on(one.on), names_of_codes(), []
    codes = [code for code in actions.readable_parameters() if code not in one.draft]
    for parameter in Parameter.objects.filter(code__in=codes).select_related("clause").in_order():
        held = law.value(parameter.code)
        figure = None if held is None else ParameterValue(parameter=parameter, value=held)
        found.append(
            {
                "parameter": parameter,
                "lines": lines(parameter, figure, names) if figure else [],
                "benefits": [title_of(code) for code in actions.benefits_reading([parameter.code])],
            }
        )
    return found


@staff(MAY, "GET", "HEAD", "POST")
def simulation_figure(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Add or change one figure of a draft, in the form that fits its kind."""
    one = _seen(request, pk)
    parameter = get_object_or_404(Parameter.objects.select_related("clause"), code=code)
    if one.job_id is not None:
        messages.warning(request, "该测算已经开始，不能再修改。需要调整的，请复制为新草案。")
        return redirect(_here(one))
    held, names = law_on(one.on).value(code), names_of_codes()
    standing = None if held is None else ParameterValue(parameter=parameter, value=held)
    drafted = (
        ParameterValue(parameter=parameter, value=one.draft[code])
        if one.draft.get(code) is not None
        else None
    )
    form = FigureForm(
        request.POST if request.method == "POST" else None,
        parameter=parameter,
        standing=drafted or standing,
        names=names,
    )
    if code in one.draft:
        form.initial = {
            "nothing": drafted is None,
            **({} if form.begins_filled or drafted is None else {"value": drafted.value}),
        }
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_figure(pk, parameter, form.value, by=request.user)
        except ValidationError as refusal:
            form.refuse(refusal)
        except NotNow as refusal:
            messages.warning(request, str(refusal))
            return redirect(_here(one))
        else:
            messages.success(request, f"草案已写入“{parameter.label}”。")
            return redirect(_here(one))
    context = {
        "title": parameter.label,
        "crumbs": _crumbs((one.title, _here(one)), (parameter.label, "")),
        "one": one,
        "parameter": parameter,
        "form": form,
        "back": _here(one),
        "lines": lines(parameter, standing, names) if standing else [],
        "readable": code in actions.readable_parameters(),
        "benefits": [title_of(benefit) for benefit in actions.benefits_reading([code])],
    }
    return render(request, "window/simulation_figure.html", context)


@staff(MAY, "POST")
def simulation_drop(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    one = _seen(request, pk)
    try:
        actions.remove_figure(pk, code, by=request.user)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
    return redirect(_here(one))


# -- computing -----------------------------------------------------------------------------------------------
@staff(MAY, "POST")
def simulation_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Start; a second click finds it started and leads to the progress."""
    one = _seen(request, pk)
    try:
        actions.run(pk, by=request.user)
    except NotNow as refusal:
        if one.draft:
            messages.info(request, "测算已经开始。")
        else:
            messages.warning(request, str(refusal))
    return redirect(_here(one))


@staff(MAY, "POST")
def simulation_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same draft once more: computed at once, or (`copy`) to be changed first."""
    one, copy = _seen(request, pk), "copy" in request.POST
    try:
        made = actions.again(one.pk, by=request.user, begin=not copy)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
        return redirect(_here(one))
    if copy:
        messages.success(request, "已复制为新草案，可以修改后再测算。")
    return redirect(_here(made))


@polled
@staff(MAY)
def simulation_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes while it is computed. With the result the page loads itself again; otherwise the asking
    ends.
    """
    one = _seen(request, pk)
    if one.digest:
        return HttpResponse(headers={"HX-Refresh": "true"})
    if one.job is None:
        return HttpResponse(status=STOP_POLLING)
    context = progress_context(one.job, cancel=_cancel_of(request, one), results=[(_here(one), "返回测算")])
    return render(
        request, "components/progress_body.html", context, status=STOP_POLLING if one.job.finished else 200
    )


def _cancel_of(request: HttpRequest, one: Simulation) -> str:
    """Only who started it may stop it."""
    return (
        reverse("window:simulation_cancel", args=[one.pk])
        if one.job and one.job.by_id == request.user.pk
        else ""
    )


@staff(MAY, "POST")
def simulation_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    one = _seen(request, pk)
    if one.job is None or one.job.by_id != request.user.pk:
        raise Refused("只有发起人可以停止这项测算。")
    found = cancel_job(one.job.pk, by=request.user)
    messages.info(request, found.message or "测算已经结束。")
    return redirect(_here(one))


# -- the result ----------------------------------------------------------------------------------------------
def _result(request: HttpRequest, one: Simulation) -> dict[str, Any]:
    result: Any = one.result
    benefits, chosen = result["benefits"], request.GET.get("benefit", "")
    shown = [row for row in benefits if row["benefit"] == chosen] or benefits
    codes = {row["benefit"] for row in shown}
    rows = [row for row in result["rows"] if row["benefit"] in codes]
    total = total_of(shown)
    leagues, levels = by_league(rows, total.paid, league_names()), by_level(rows, total.paid)
    tabs = []
    if len(benefits) > 1:
        tabs = [{"label": "全部待遇", "href": "?", "current": len(shown) > 1}]
        tabs += [
            {
                "label": title_of(row["benefit"]),
                "href": f"?benefit={row['benefit']}",
                "current": codes == {row["benefit"]},
            }
            for row in benefits
        ]
    return {
        "sentence": sentence(one),
        "benefits": by_benefit(benefits),
        "all": total_of(benefits),
        "total": total,
        "leagues": leagues,
        "levels": levels,
        "tabs": tabs,
        "charts": charts(leagues, levels, total.paid),
        "several": len(shown) > 1,
        "earlier": earlier_of(one, Simulation.objects.visible_to(request.user).select_related("by")),
        "basis": _basis(one),
        "rules": [(title_of(code), digest) for code, digest in one.inputs["rules"].items()],
        "exports": [
            (reverse("window:simulation_export", args=[one.pk, kind]), words) for kind, words in EXPORTS
        ],
    }


EXPORTS = (("xlsx", "导出 Excel"), ("csv", "导出 CSV"))


def _basis(one: Simulation) -> list[dict[str, Any]]:
    """What the result rests on, as a summary list."""
    inputs = one.inputs
    job: Any = one.job
    seconds = (
        (job.finished_at - job.started_at).total_seconds()
        if job and job.finished_at and job.started_at
        else None
    )
    return [
        {"label": "基准日", "value": date_cn(one.on)},
        {"label": "在册人数", "value": f"{inputs['people']:,}人"},
        {"label": "人员信息汇总至", "value": inputs["facts_on"]},
        {"label": "政策版本", "value": inputs["policy_version"]},
        {"label": "测算人", "value": f"{one.by}　{timezone.localtime(one.created_at):%Y-%m-%d %H:%M}"},
        {"label": "用时", "value": "—" if seconds is None else f"{seconds:.1f}秒"},
        {"label": "结果摘要", "value": one.digest[:16]},
    ]


@staff(MAY)
def simulation_export(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """All rows of a result with what it rests on. Before there is a result the draft is shown instead."""
    from portal.window.law.simulation_exports import exported

    one = _seen(request, pk)
    if not one.digest:
        messages.warning(request, "测算完成后才能导出。")
        return redirect(_here(one))
    return exported(one, kind, by=request.user)
