"""What if: a policy officer drafts figures, sees over the whole register who gains and loses and what it
costs. Nothing real changes.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
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
from portal.policy.models import Parameter, ParameterValue
from portal.templatetags.portal import progress_context
from portal.window.law.history import names_of_codes
from portal.window.law.simulation_drafting import readable_figures
from portal.window.law.simulation_drafts import drafted_figures, earlier_computation
from portal.window.law.simulation_pages import (
    ALL,
    MAY,
    crumbs_of_simulations,
    find_simulation,
    page_of,
)
from portal.window.law.simulation_words import (
    benefit_title,
    chart_series,
    headline,
    league_names,
    lines_by_benefit,
    lines_by_league,
    lines_by_level,
    sentence,
    state_words,
    total_line,
)


# -- the list ------------------------------------------------------------------------------------------------
@staff(MAY)
def simulations(request: HttpRequest) -> HttpResponse:
    """All drafts and results, newest first."""
    page = page_asked(_summaries(request.user), request.GET, order=("-id",), count=True)
    codes = {code for simulation in page.rows for code in simulation.draft}
    labels = dict(Parameter.objects.filter(code__in=codes).values_list("code", "label"))
    rows = []
    for simulation in page.rows:
        words, tone = state_words(simulation)
        rows.append(
            {
                "simulation": simulation,
                "state": words,
                "tone": tone,
                "figures": [labels.get(code, code) for code in sorted(simulation.draft)],
                "headline": headline(simulation.people, simulation.benefits) if simulation.digest else "",
            }
        )
    return render(
        request,
        "window/simulations.html",
        {
            "title": ALL,
            "crumbs": crumbs_of_simulations(),
            "page": page,
            "rows": rows,
        },
    )


def effects_of(value: ParameterValue, user: Any) -> list[dict[str, str]]:
    """What a value that waits would do, as far as it was simulated, for window/law_effect.html."""
    effects = []
    for simulation in _summaries(user).filter(value=value):
        if simulation.digest:
            outcome = headline(simulation.people, simulation.benefits)
        else:
            outcome, _tone = state_words(simulation)
        made = f"{simulation.by} {timezone.localtime(simulation.created_at):%Y-%m-%d %H:%M}"
        text = f"{outcome}　基准日{date_cn(simulation.on)}，{made}"
        effects.append({"label": simulation.title, "href": page_of(simulation), "text": text})
    return effects


def _summaries(user: Any) -> QuerySet[Any]:
    """The simulations this person may see, with the totals of the result and without its rows."""
    visible = Simulation.objects.visible_to(user).select_related("by", "job").defer("inputs", "result")
    return visible.annotate(people=F("result__people"), benefits=F("result__benefits"))


# -- one simulation ------------------------------------------------------------------------------------------
@staff(MAY)
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft to work on, a computation under way, or its result."""
    simulation = find_simulation(request, pk)
    words, tone = state_words(simulation)
    context = {
        "title": simulation.title,
        "crumbs": crumbs_of_simulations((simulation.title, "")),
        "simulation": simulation,
        "state": words,
        "tone": tone,
        "drafted": drafted_figures(simulation, names_of_codes()),
        "parameters": len(simulation.draft),
    }
    if simulation.digest:
        return render(
            request, "window/simulation_result.html", context | _result_context(request, simulation)
        )
    if simulation.job is None:
        return render(
            request, "window/simulation_draft.html", context | {"readable": readable_figures(simulation)}
        )
    poll = reverse("window:simulation_progress", args=[pk])
    return render(
        request,
        "window/simulation_progress.html",
        context
        | {
            "poll": poll,
            "cancel": _cancel_address(request, simulation),
        },
    )


# -- computing -----------------------------------------------------------------------------------------------
@staff(MAY, "POST")
def simulation_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Start; a second click finds it started and leads to the progress."""
    simulation = find_simulation(request, pk)
    try:
        actions.run(pk, by=request.user)
    except NotNow as refusal:
        if simulation.draft:
            messages.info(request, "测算已经开始。")
        else:
            messages.warning(request, str(refusal))
    return redirect(page_of(simulation))


@staff(MAY, "POST")
def simulation_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same draft once more: computed at once, or (`copy`) to be changed first."""
    simulation, copy = find_simulation(request, pk), "copy" in request.POST
    try:
        made = actions.repeat(simulation.pk, by=request.user, begin=not copy)
    except NotNow as refusal:
        messages.warning(request, str(refusal))
        return redirect(page_of(simulation))
    if copy:
        messages.success(request, "已复制为新草案，可以修改后再测算。")
    return redirect(page_of(made))


@polled
@staff(MAY)
def simulation_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What changes while it is computed; with the result the page loads itself again."""
    simulation = find_simulation(request, pk)
    if simulation.digest:
        return HttpResponse(headers={"HX-Refresh": "true"})
    if simulation.job is None:
        return HttpResponse(status=STOP_POLLING)
    context = progress_context(
        simulation.job,
        cancel=_cancel_address(request, simulation),
        results=[(page_of(simulation), "返回测算")],
    )
    return render(
        request,
        "components/progress_body.html",
        context,
        status=STOP_POLLING if simulation.job.finished else 200,
    )


def _cancel_address(request: HttpRequest, simulation: Simulation) -> str:
    """Only who started it may stop it."""
    if simulation.job is None or simulation.job.by_id != request.user.pk:
        return ""
    return reverse("window:simulation_cancel", args=[simulation.pk])


@staff(MAY, "POST")
def simulation_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    simulation = find_simulation(request, pk)
    if simulation.job is None or simulation.job.by_id != request.user.pk:
        raise Refused("只有发起人可以停止这项测算。")
    found = cancel_job(simulation.job.pk, by=request.user)
    messages.info(request, found.message or "测算已经结束。")
    return redirect(page_of(simulation))


# -- the result ----------------------------------------------------------------------------------------------
def _result_context(request: HttpRequest, simulation: Simulation) -> dict[str, Any]:
    result: Any = simulation.result
    benefits, chosen = result["benefits"], request.GET.get("benefit", "")
    shown = [row for row in benefits if row["benefit"] == chosen] or benefits
    codes = {row["benefit"] for row in shown}
    rows = [row for row in result["rows"] if row["benefit"] in codes]
    total = total_line(shown)
    leagues = lines_by_league(rows, total.paid, league_names())
    levels = lines_by_level(rows, total.paid)
    visible = Simulation.objects.visible_to(request.user).select_related("by")
    return {
        "sentence": sentence(simulation),
        "benefits": lines_by_benefit(benefits),
        "all": total_line(benefits),
        "total": total,
        "leagues": leagues,
        "levels": levels,
        "tabs": _benefit_tabs(benefits, codes),
        "charts": chart_series(leagues, levels, total.paid),
        "several": len(shown) > 1,
        "earlier": earlier_computation(simulation, visible),
        "basis": _basis_rows(simulation),
        "rules": [(benefit_title(code), digest) for code, digest in simulation.inputs["rules"].items()],
        "exports": _export_links(simulation),
    }


def _benefit_tabs(benefits: list[dict[str, Any]], shown: set[str]) -> list[dict[str, Any]]:
    """One tab for all and one for each benefit; none where there is only one."""
    if len(benefits) < 2:
        return []
    tabs = [{"label": "全部待遇", "href": "?", "current": len(shown) > 1}]
    for row in benefits:
        code = row["benefit"]
        tabs.append({"label": benefit_title(code), "href": f"?benefit={code}", "current": shown == {code}})
    return tabs


_EXPORTS = (("xlsx", "导出 Excel"), ("csv", "导出 CSV"))


def _export_links(simulation: Simulation) -> list[tuple[str, str]]:
    links = []
    for kind, words in _EXPORTS:
        links.append((reverse("window:simulation_export", args=[simulation.pk, kind]), words))
    return links


def _basis_rows(simulation: Simulation) -> list[dict[str, Any]]:
    """What the result rests on, as a summary list."""
    inputs = simulation.inputs
    job: Any = simulation.job
    duration = "—"
    if job and job.finished_at and job.started_at:
        duration = f"{(job.finished_at - job.started_at).total_seconds():.1f}秒"
    return [
        {"label": "基准日", "value": date_cn(simulation.on)},
        {"label": "人员信息口径", "value": actions.FACTS_READ},
        {"label": "在册人数", "value": f"{inputs['people']:,}人"},
        {"label": "人员信息汇总至", "value": inputs["facts_on"]},
        {"label": "政策版本", "value": inputs["policy_version"]},
        {
            "label": "测算人",
            "value": f"{simulation.by}　{timezone.localtime(simulation.created_at):%Y-%m-%d %H:%M}",
        },
        {"label": "用时", "value": duration},
        {"label": "结果摘要", "value": simulation.digest[:16]},
        {"label": "摘要涵盖", "value": actions.DIGEST_COVERS},
    ]


@staff(MAY)
def simulation_export(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """All rows of a result with what it rests on. Before there is a result the draft is shown instead."""
    from portal.window.law.simulation_exports import export_file

    simulation = find_simulation(request, pk)
    if not simulation.digest:
        messages.warning(request, "测算完成后才能导出。")
        return redirect(page_of(simulation))
    return export_file(simulation, kind, by=request.user)
